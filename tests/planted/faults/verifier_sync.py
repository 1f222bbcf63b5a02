"""Faults of verifier sync: one wrong line each, and what it breaks."""

from planted.fault import Fault

_REMOTE_TESTS = "unit/verifier/sync/test_client.py::"

FAULTS = (
    Fault(
        breaks="a site sends a till on to a host that nobody named",
        file="verifier/sync/client.py",
        old="if not at.is_host_of(to) and not",
        new="if not at.host and not",
        noticed_by=f"{_REMOTE_TESTS}test_a_redirect_to_another_host_is_refused_unless_that_host_is_named",
    ),
    Fault(
        breaks="a site sends a till on from https to http",
        file="verifier/sync/client.py",
        old='(at.scheme, to.scheme) == ("https", "http")',
        new='(at.scheme, to.scheme) == ("http", "gopher")',
        noticed_by=f"{_REMOTE_TESTS}test_a_redirect_from_https_to_http_is_refused",
    ),
    Fault(
        breaks="a file is a byte longer than it may be",
        file="verifier/sync/client.py",
        old="if len(content) > longest:",
        new="if len(content) > longest + 1:",
        noticed_by=f"{_REMOTE_TESTS}test_no_more_is_read_than_a_file_may_have",
    ),
    Fault(
        breaks="a packed answer is taken",
        file="verifier/sync/client.py",
        old='if packed != "identity":',
        new='if packed == "identity" and not headers:',
        noticed_by=f"{_REMOTE_TESTS}test_what_nobody_asked_to_be_packed_is_not_unpacked",
    ),
    Fault(
        breaks="an answer that was cut off at its time is taken for whole",
        file="verifier/sync/client.py",
        old="if self._connections.watch.is_over:",
        new="if self._connections.watch.is_over and not content:",
        noticed_by=f"{_REMOTE_TESTS}test_an_answer_without_a_length_that_is_cut_off_is_not_taken_for_whole",
    ),
    Fault(
        breaks="certificates are not looked at",
        file="verifier/sync/connections.py",
        old="return ssl.create_default_context()",
        new="return ssl._create_unverified_context()",
        noticed_by=f"{_REMOTE_TESTS}test_a_certificate_that_is_not_good_is_named_with_what_to_do",
    ),
    Fault(
        breaks="a password in a URL is sent, and stays on the command line",
        file="verifier/sync/address.py",
        old='if "@" in parts.netloc:',
        new='if "@" in parts.scheme:',
        noticed_by="unit/verifier/sync/test_address.py::test_a_password_in_a_good_url_is_said_to_be_what_is_wrong",
    ),
    Fault(
        breaks="a till without a list is told that it has not changed",
        file="verifier/sync/validators.py",
        old="if note is not None and note.version == version else None",
        new="if note is not None else None",
        noticed_by="unit/verifier/sync/test_published_site.py::test_a_list_that_is_lost_comes_again_whatever_is_remembered",
    ),
    Fault(
        breaks="a list under the name of another is taken",
        file="verifier/sync/issuer_files.py",
        old="if found != expected:",
        new="if not found:",
        noticed_by="unit/verifier/sync/test_published_site.py::test_lists_under_each_others_names_are_refused_and_the_rest_is_kept",
    ),
    Fault(
        breaks="what was published after the last delta is not looked for",
        file="verifier/sync/issuer_files.py",
        old='_issued_at(reply.content or b"", have.uri) == have.issued_at',
        new="reply.content is not None",
        noticed_by="unit/verifier/sync/test_published_site.py::test_what_was_published_after_the_last_delta_comes_as_a_list",
    ),
)
