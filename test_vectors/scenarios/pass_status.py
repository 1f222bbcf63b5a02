"""Passes and status lists: at hand, fresh, in range, and what the value says (specs/credential.md, step 9)."""

from collections.abc import Iterator
from typing import Final

from scenarios.passes import EXP, STATUS, Made, PassCase, claims, from_claims, granting
from scenarios.scenario import Scenario
from scenarios.seeds import DAY, ISSUED_AT, NOW, PASS_KAM, STATUS_EXPIRES_AT
from scenarios.status_lists import LAST_LIST, LONGEST, RESERVED_INDEX, REVOKED_INDEX, SUSPENDED_INDEX, USUAL_LENGTH

UNKNOWN, STALE, REVOKED, SUSPENDED = "status_unknown", "status_stale", "revoked", "suspended"
AGEING, STATUS_EXPIRED = "status_ageing", "status_expired"
_REFERENCE: Final = "Step 9: "


def _at(number: int, index: int) -> Made:
    """Return the worked example with another place in the status lists."""
    return from_claims(claims(body={STATUS: (number, index)}))


def _at_hand() -> Iterator[PassCase]:
    lists = ("fresh", "list_1", "longest", "last_list_number")
    for name, comment, made in (
        ("status_index_0", "the first index of a list.", _at(0, 0)),
        ("status_index_length_minus_1", "the last index of a list of 2^20 entries.", _at(0, USUAL_LENGTH - 1)),
        ("status_index_2_to_the_25_minus_1", "the last index of the longest list.", _at(7, LONGEST - 1)),
        ("status_number_2_to_the_32_minus_1", "the last list number there is.", _at(LAST_LIST, 100)),
        (
            "status_neighbour_of_revoked",
            "the pass before is revoked; bits are counted from the least significant one.",
            _at(0, REVOKED_INDEX - 1),
        ),
        ("status_after_reserved", "the pass before has a value without a meaning.", _at(0, RESERVED_INDEX + 1)),
    ):
        yield PassCase(name, _REFERENCE + comment, made=made, status=lists)
    for name, comment, made, status in (
        ("status_none_at_hand", "no status list is at hand.", _at(0, 123456), ()),
        ("status_of_another_number", "the list of another number is at hand.", _at(0, 123456), ("list_1", "long_lived")),
        ("status_index_at_length", "an index beyond the list is an error, not a zero.", _at(0, USUAL_LENGTH), ("fresh",)),
        ("status_index_far_beyond", "an index beyond a short list.", _at(1, 4096), lists),
        ("status_value_3", "3 and above have no meaning yet.", _at(0, RESERVED_INDEX), ("fresh",)),
        ("status_value_15", "3 and above have no meaning yet; 15 is a value of four bits.", _at(0, 62), ("four_bits",)),
        ("status_value_255", "3 and above have no meaning yet; 255 is a value of eight bits.", _at(0, 63), ("eight_bits",)),
    ):
        yield PassCase(name, _REFERENCE + comment, UNKNOWN, made, status=status)
    comment = "Step 9: the list of this issuer is asked for; another issuer's list of the same number says nothing."
    yield PassCase("status_of_another_issuer", comment, UNKNOWN, trust="several_issuers", status=("ru_kam", "ru_kgd", "ru"))
    comment = "Step 9: two issuers have a list 0; the index is revoked in the other issuer's list, and good in its own."
    made = from_claims(granting((82, None), body={STATUS: (0, REVOKED_INDEX)}), PASS_KAM)
    several = ("ru_ba", "ru_kam", "ru_kgd", "ru")
    yield PassCase(
        "status_lists_of_several_issuers",
        comment,
        made=made,
        trust="several_issuers",
        status=several,
        issuer="RU-KAM",
        counts=(82,),
    )


def _values() -> Iterator[PassCase]:
    yield PassCase("revoked", "Step 9: the value is 1 (INVALID).", REVOKED, _at(0, REVOKED_INDEX))
    yield PassCase("suspended", "Step 9: the value is 2 (SUSPENDED).", SUSPENDED, _at(0, SUSPENDED_INDEX))
    comment = "Step 9: the right neighbour of the worked example's index is revoked."
    yield PassCase("revoked_neighbour", comment, REVOKED, _at(0, 123457))
    for name, expect, index, status in (
        ("one_bit_revoked", REVOKED, 13, "one_bit"),
        ("one_bit_valid", "accepted", 14, "one_bit"),
        ("two_bits_revoked", REVOKED, 8, "two_bits"),
        ("two_bits_suspended", SUSPENDED, 9, "two_bits"),
        ("two_bits_reserved", UNKNOWN, 10, "two_bits"),
        ("two_bits_valid", "accepted", 6, "two_bits"),
        ("four_bits_revoked", REVOKED, 1, "four_bits"),
        ("four_bits_suspended", SUSPENDED, 2, "four_bits"),
        ("four_bits_valid", "accepted", 63, "four_bits"),
        ("eight_bits_suspended", SUSPENDED, 2, "eight_bits"),
        ("eight_bits_valid", "accepted", 62, "eight_bits"),
    ):
        comment = f"specs/status-list.md, section 1, rules 3 and 4: entry {index} of status/{status}."
        yield PassCase(f"status_{name}", comment, expect, _at(0, index), status=(status,))


def _ages() -> Iterator[PassCase]:
    made = from_claims(claims(body={STATUS: (0, 123456)}))
    ttl_over = ISSUED_AT + DAY
    for name, comment, now, warnings in (
        ("status_before_ttl", "the second before iat + ttl.", ttl_over - 1, ()),
        (
            "status_at_ttl",
            "iat + ttl itself: from here a newer list is worth having (specs/status-list.md, section 1).",
            ttl_over,
            (AGEING,),
        ),
        ("status_exp_minus_1", "now < exp of the list; the last second.", STATUS_EXPIRES_AT - 1, (AGEING,)),
    ):
        yield PassCase(name, _REFERENCE + comment, made=made, now=now, warnings=warnings)
    at = STATUS_EXPIRES_AT
    yield PassCase(
        "status_at_exp",
        "Step 9: now < exp of the list; exp itself is the first second that no longer counts.",
        STALE,
        made,
        now=at,
    )
    comment = (
        "Section 6, policy: with on_stale = warn an expired status list does not stop the decision; expired replaces ageing."
    )
    yield PassCase("status_at_exp_warned", comment, made=made, now=at, warn=True, warnings=(STATUS_EXPIRED,))
    for name, expect, comment, index, warn in (
        ("revoked_in_stale_list", REVOKED, "a revocation is final and counts in a list of any age.", REVOKED_INDEX, False),
        ("revoked_in_stale_list_warned", REVOKED, "a revocation is final, whatever the policy.", REVOKED_INDEX, True),
        (
            "suspended_in_stale_list",
            STALE,
            "a suspension in a stale list refuses nothing: it may be over.",
            SUSPENDED_INDEX,
            False,
        ),
        (
            "suspended_in_stale_list_warned",
            STALE,
            "even with on_stale = warn: only a fresh list can tell.",
            SUSPENDED_INDEX,
            True,
        ),
        ("reserved_in_stale_list", STALE, "the list's age comes before a value without a meaning.", RESERVED_INDEX, False),
        (
            "reserved_in_stale_list_warned",
            UNKNOWN,
            "with on_stale = warn the value is looked at, and has no meaning.",
            RESERVED_INDEX,
            True,
        ),
    ):
        yield PassCase(name, _REFERENCE + comment, expect, _at(0, index), now=at, warn=warn)
    comment = "Step 9: a list that expired before the pass was signed still knows who is revoked."
    yield PassCase("revoked_in_long_expired_list", comment, REVOKED, _at(0, REVOKED_INDEX), status=("expired",))
    comment = "Section 6, policy: both the trust list and the status list have expired, and the policy says to warn."
    both = ("trust_expired", STATUS_EXPIRED)
    yield PassCase(
        "both_expired_warned", comment, made=_at(0, 100), trust="expired_list", status=("expired",), warn=True, warnings=both
    )
    comment = "Step 9: an index beyond a stale list is unknown, not stale: the list is there, and the index not in it."
    yield PassCase("status_index_beyond_stale_list", comment, UNKNOWN, _at(0, USUAL_LENGTH), now=at)


def _orders() -> Iterator[PassCase]:
    comment = "Step 9 before step 10: a revoked pass whose benefits are over too."
    made = from_claims(granting((2545, 0), body={STATUS: (0, REVOKED_INDEX)}))
    yield PassCase("order_revoked_before_no_entitlement", comment, REVOKED, made)
    comment = "Step 8 before step 9: an expired pass of which no status is known."
    yield PassCase("order_expired_before_status_unknown", comment, "expired", from_claims(claims({EXP: NOW})), status=())


def scenarios() -> list[Scenario]:
    """Return the scenarios of this module."""
    return [case.scenario() for maker in (_at_hand, _values, _ages, _orders) for case in maker()]
