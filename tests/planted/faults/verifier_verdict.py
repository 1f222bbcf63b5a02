"""Faults of verifier verdict: one wrong line each, and what it breaks."""

from planted.fault import Fault

_CODES, _TILL, _VERDICT = (f"verifier/verdict/{name}.py" for name in ("codes", "till", "verdict"))
_CODES_TESTS = "unit/verifier/verdict/test_codes.py::"
_POLICY_TESTS = "unit/verifier/test_policy.py::"
_TILL_TESTS = "unit/verifier/verdict/test_till.py::"
_VERDICT_TESTS = "unit/verifier/verdict/test_verdict.py::"

FAULTS = (
    Fault(
        breaks="what a malformed pass holds is said as what a picture shows",
        file="verifier/verdict/json_object.py",
        old="    if not isinstance(error, NoCodeFound | NotAPass):",
        new="    if error is None:",
        noticed_by="unit/verifier/verdict/test_json_object.py::test_what_was_seen_of_a_picture_is_said_of_pictures_alone",
    ),
    Fault(
        breaks="a payment code beside a pass makes the picture unreadable too",
        file=_CODES,
        old="        return found._replace(errors=[])\n",
        new="        return found\n",
        noticed_by=f"{_CODES_TESTS}test_a_code_that_is_no_pass_is_set_aside_beside_one",
    ),
    Fault(
        breaks="a misread pass beside a payment code is called a payment code",
        file=_CODES,
        old="if not isinstance(error, NotAPass)] or found.errors",
        new="if isinstance(error, NotAPass)] or found.errors",
        noticed_by=f"{_CODES_TESTS}test_where_there_is_no_pass_one_reason_says_why_and_the_most_telling_one",
    ),
    Fault(
        breaks="lines of a list that hold no pass are passed over in silence",
        file=_CODES,
        old="    if is_list:\n        return found\n",
        new="",
        noticed_by=f"{_CODES_TESTS}test_in_a_list_every_line_counts",
    ),
    Fault(
        breaks="parts of two passes are joined into neither",
        file=_CODES,
        old="parts.setdefault(part.digest, [])",
        new='parts.setdefault(b"", [])',
        noticed_by=f"{_CODES_TESTS}test_parts_of_two_passes_are_told_apart_and_a_missing_one_is_named",
    ),
    Fault(
        breaks="one code of several waits for ever",
        file=_CODES,
        old=" if at_seconds - at < self._keep_seconds}",
        new=" if at_seconds - at >= 0}",
        noticed_by=f"{_CODES_TESTS}test_a_code_that_waited_too_long_is_forgotten",
    ),
    Fault(
        breaks="codes that were scanned before come back beside any pass",
        file=_CODES,
        old=" if _digest_of_whole(text) in digests)",
        new=")",
        noticed_by=f"{_CODES_TESTS}test_parts_of_another_pass_are_not_handed_out",
    ),
    Fault(
        breaks="several passes are called by the best of them",
        file=_VERDICT,
        old='("rejected", "undecided", "unreadable", "accepted")',
        new='("accepted", "rejected", "undecided", "unreadable")',
        noticed_by=f"{_VERDICT_TESTS}test_the_worst_of_several_is_the_one_to_act_on",
    ),
    Fault(
        breaks="a till's owner who wants expired lists refused, or let through, is not asked",
        file=_TILL,
        old="            self._on_stale = self.store.settings.on_stale\n",
        new="            self._on_stale = self._policy.on_stale\n",
        noticed_by=f"{_TILL_TESTS}test_the_owner_s_choice_counts_unless_another_is_given",
    ),
    Fault(
        breaks='a category that is written "02-545" makes every pass red',
        file="verifier/decide.py",
        old="if not isinstance(category, int) or isinstance(category, bool):",
        new="if isinstance(category, bool):",
        noticed_by=f"{_POLICY_TESTS}test_a_category_that_is_no_number_is_refused_with_what_to_write",
    ),
    Fault(
        breaks='expired lists that are to "refuse" let passes through',
        file="verifier/decide.py",
        old="if not isinstance(self.on_stale, OnStale):",
        new="if not isinstance(self.on_stale, str):",
        noticed_by=f"{_POLICY_TESTS}test_a_choice_by_its_name_is_refused_because_it_would_let_expired_lists_pass",
    ),
)
