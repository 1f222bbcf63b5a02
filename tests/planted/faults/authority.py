"""Faults of authority: one wrong line each, and what it breaks."""

from planted.fault import Fault

_SOUNDNESS_TESTS = "unit/authority/test_trust_list_lint.py::"
_CEREMONY_TESTS = "unit/authority/test_signing_ceremony.py::"

FAULTS = (
    Fault(
        breaks="a compromised key counts again",
        file="authority/trust_list_lint.py",
        old="elif where != issuer.id or state is not KeyState.COMPROMISED:",
        new="elif where != issuer.id:",
        noticed_by=_SOUNDNESS_TESTS + "test_a_compromised_key_may_neither_count_again_nor_move_nor_go",
    ),
    Fault(
        breaks="a tombstone goes with its issuer",
        file="authority/trust_list_lint.py",
        old="            if where is None:",
        new="            if where is None and any(known.id == issuer.id for known in proposed.issuers):",
        noticed_by=_SOUNDNESS_TESTS + "test_a_compromised_key_may_neither_count_again_nor_move_nor_go",
    ),
    Fault(
        breaks="an overlap of scopes that grows is taken for the old one",
        file="authority/trust_list_lint.py",
        old="            if (first, last) not in known:",
        new="            if not known:",
        noticed_by=_SOUNDNESS_TESTS + "test_an_overlap_that_grows_is_questioned_again",
    ),
    Fault(
        breaks="a list may outlive its root",
        file="authority/trust_list_lint.py",
        old="if proposed.expires_at > root.expires_at:",
        new="if proposed.expires_at > root.expires_at + timedelta(days=1):",
        noticed_by=_SOUNDNESS_TESTS + "test_a_list_ends_with_its_root_at_the_latest_and_not_before_now",
    ),
    Fault(
        breaks="a request from an older copy of the folder takes the place of a later list",
        file="authority/signing_ceremony.py",
        old="        check_goes_on_from(request, known)\n        return",
        new="        return",
        noticed_by=_CEREMONY_TESTS + "test_a_request_that_does_not_go_on_from_what_is_in_force_is_not_carried_out",
    ),
    Fault(
        breaks="the version of a withdrawn list is used again",
        file="authority/signing_ceremony.py",
        old="max(before, 0 if in_force is None else in_force.version) + 1",
        new="(0 if in_force is None else in_force.version) + 1",
        noticed_by=_CEREMONY_TESTS + "test_one_request_is_open_at_a_time_and_a_withdrawn_version_is_not_used_again",
    ),
)
