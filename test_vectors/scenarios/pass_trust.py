"""Passes and the trust list: what is in force, whose key, what it may sign (specs/credential.md, steps 3, 5 and 6)."""

from collections.abc import Iterator
from typing import Final

from scenarios.bundles import OLD_RU_SIGNS_UNTIL, OTHER_ZONES, ROOT_EXPIRES_FIRST_AT
from scenarios.cbor import encode
from scenarios.cose import sign1
from scenarios.passes import BODY, EXP, IAT, STATUS, Made, PassCase, claims, from_claims, from_token, granting
from scenarios.scenario import Scenario
from scenarios.seeds import (
    BOTH_RU,
    COMPROMISED_BA_44,
    LIST_EXPIRES_AT,
    NEXT_BA,
    NEXT_UPDATE_AT,
    NOW,
    OLD_RU,
    PASS_BA_44,
    PASS_KAM,
    RETIRED_BA,
    SIGN_FROM,
    SIGN_UNTIL,
    STATUS_BA,
    STRANGER,
    STRANGER_44,
    VOUCHER_BA,
)

TRUST_EXPIRED, UNKNOWN_ISSUER, KEY_COMPROMISED, OUT_OF_SCOPE = (
    "trust_expired",
    "unknown_issuer",
    "key_compromised",
    "out_of_scope",
)
UNSUPPORTED: Final = "unsupported"
TRUST_AGEING: Final = "trust_ageing"
_ALL_TIME: Final = from_claims(claims(body={STATUS: (2, 100)}))  # its status list outlives the trust list


def _in_force() -> Iterator[PassCase]:
    """Step 3: expiry, and the warning before it."""
    for name, comment, now, warnings in (
        (
            "trust_next_update_minus_1",
            "Section 6, warnings: the second before the trust list's next update.",
            NEXT_UPDATE_AT - 1,
            (),
        ),
        (
            "trust_at_next_update",
            "Section 6, warnings: the trust list's next update itself; the list is ageing.",
            NEXT_UPDATE_AT,
            (TRUST_AGEING,),
        ),
        ("trust_exp_minus_1", "Step 3: now < exp of the list; the last second.", LIST_EXPIRES_AT - 1, (TRUST_AGEING,)),
    ):
        yield PassCase(name, comment, made=_ALL_TIME, now=now, status=("long_lived",), warnings=warnings)
    comment = "Step 3: now < exp of the list; exp itself is the first second that no longer counts."
    yield PassCase("trust_at_exp", comment, TRUST_EXPIRED, _ALL_TIME, now=LIST_EXPIRES_AT, status=("long_lived",))
    comment = "Section 6, policy: with on_stale = warn an expired trust list does not stop the decision; expired replaces ageing."
    warned = (TRUST_EXPIRED,)
    yield PassCase(
        "trust_at_exp_warned", comment, made=_ALL_TIME, now=LIST_EXPIRES_AT, status=("long_lived",), warn=True, warnings=warned
    )
    comment = "Step 3: a list that expired before the pass was signed."
    yield PassCase("trust_long_expired", comment, TRUST_EXPIRED, trust="expired_list")
    yield PassCase(
        "trust_long_expired_warned",
        "Section 6, policy: with on_stale = warn it only warns.",
        trust="expired_list",
        warn=True,
        warnings=warned,
    )
    comment = "Step 3: now < exp of the newest root; the last second."
    before = ROOT_EXPIRES_FIRST_AT - 1
    world, lists = "root_expires_first", ("long_lived",)
    yield PassCase("root_exp_minus_1", comment, made=_ALL_TIME, now=before, trust=world, status=lists, warnings=(TRUST_AGEING,))
    comment = "Step 3: now < exp of the newest root; at its exp the list is not in force, although its own exp is later."
    yield PassCase("root_at_exp", comment, TRUST_EXPIRED, _ALL_TIME, now=ROOT_EXPIRES_FIRST_AT, trust=world, status=lists)
    comment = "Section 6, policy: with on_stale = warn a trust list that is not in force does not stop the decision."
    at = ROOT_EXPIRES_FIRST_AT
    yield PassCase("root_at_exp_warned", comment, made=_ALL_TIME, now=at, trust=world, status=lists, warn=True, warnings=warned)


def _keys() -> Iterator[PassCase]:
    """Steps 3 and 6: who signed."""
    world = "compromised_and_retired"
    comment = "Step 3: no key of the list has the key id. Amber: it is about what the till knows, not about the pass."
    yield PassCase("key_unknown", comment, UNKNOWN_ISSUER, from_claims(claims(), STRANGER))
    comment = "Step 3: the key belongs to an issuer that is not in this trust list."
    yield PassCase("key_of_issuer_not_listed", comment, UNKNOWN_ISSUER, from_claims(claims(), PASS_KAM))
    comment = "Step 3: a compromised key refuses everything it ever signed, because whoever stole it chooses the iat."
    yield PassCase("key_compromised", comment, KEY_COMPROMISED, from_claims(claims()), trust=world)
    comment = "specs/trust.md, section 1: an active and a retired key verify alike."
    yield PassCase("key_retired", comment, made=from_claims(claims(), RETIRED_BA), trust=world)
    comment = "A good key beside a compromised one of the same issuer."
    yield PassCase("key_beside_compromised", comment, made=from_claims(claims(), NEXT_BA), trust=world)
    for name, key, trust in (("key_for_status_lists", STATUS_BA, "one_issuer"), ("key_for_vouchers", VOUCHER_BA, world)):
        comment = "Step 6: the key may sign passes (use 1); this one may not."
        yield PassCase(name, comment, OUT_OF_SCOPE, from_claims(claims(), key), trust=trust)
    comment = "Step 6: a key may have several uses."
    made = from_claims(claims(), BOTH_RU)
    yield PassCase("key_for_passes_and_lists", comment, made=made, trust="several_issuers", status=("ru",), issuer="RU")


def _later_keys() -> Iterator[PassCase]:
    """Steps 2 to 4: passes by keys of an algorithm that the verifier does not know."""
    world = "key_ml_dsa_44"
    comment = "Step 2: a pass that is well signed with ML-DSA-44, by a key that the trust list has. Amber: an update may know it."
    later = sign1(PASS_BA_44, encode(claims()))
    yield PassCase("algorithm_ml_dsa_44", comment, UNSUPPORTED, from_token(later.encode()), trust=world)
    comment = "Step 2 before step 3: another algorithm, and a key that the trust list does not have."
    made = from_token(sign1(STRANGER_44, encode(claims())).encode())
    yield PassCase("order_algorithm_before_unknown_issuer", comment, UNSUPPORTED, made)
    comment = "Step 4: the id is that of a key whose algorithm the verifier does not know, and no other key with it has signed."
    named = from_token(sign1(STRANGER, encode(claims()), header={4: PASS_BA_44.kid}).encode())
    yield PassCase("key_id_of_an_unknown_type", comment, UNSUPPORTED, named, trust=world)
    comment = "Step 3: a compromised key refuses everything, of whatever algorithm it is."
    named = from_token(sign1(STRANGER, encode(claims()), header={4: COMPROMISED_BA_44.kid}).encode())
    yield PassCase("key_id_of_an_unknown_type_compromised", comment, KEY_COMPROMISED, named, trust=world)
    comment = "A pass by our key counts beside keys of an algorithm that the verifier does not know."
    yield PassCase("key_beside_unknown_type", comment, trust=world)


def _windows() -> Iterator[PassCase]:
    """Step 6: sign from <= iat < sign until."""
    comment = "Step 6: sign from <= iat; sign from itself."
    yield PassCase("iat_at_sign_from", comment, made=from_claims(claims({IAT: SIGN_FROM})))
    comment = "Step 6: sign from <= iat; the second before."
    yield PassCase("iat_before_sign_from", comment, OUT_OF_SCOPE, from_claims(claims({IAT: SIGN_FROM - 1})))
    several, lists = "several_issuers", ("ru",)
    comment = "Step 6: iat < sign until; the last second of a key that was retired since."
    made = from_claims(claims({IAT: OLD_RU_SIGNS_UNTIL - 1}), OLD_RU)
    yield PassCase("iat_before_sign_until", comment, made=made, trust=several, status=lists, issuer="RU")
    comment = "Step 6: iat < sign until; sign until itself is the first second that is no longer covered."
    made = from_claims(claims({IAT: OLD_RU_SIGNS_UNTIL}), OLD_RU)
    yield PassCase("iat_at_sign_until", comment, OUT_OF_SCOPE, made, trust=several, status=lists)
    comment = "Step 6 before step 8: an iat far ahead that the key's window does not cover is out of scope, not early."
    made = from_claims(claims({IAT: SIGN_UNTIL}))
    yield PassCase("order_window_before_iat", comment, OUT_OF_SCOPE, made)


def _scopes() -> Iterator[PassCase]:
    """Step 6: every category lies in the issuer's scope, here [1, 999] and [2000, 2999]."""
    bounds = {1: "first of the first range", 999: "last of the first", 2000: "first of the second", 2999: "last of the second"}
    for category, place in bounds.items():
        comment = f"Step 6: category {category} is the {place} in the issuer's scope."
        yield PassCase(f"category_{category}", comment, made=from_claims(granting((category, None))), counts=(category,))
    for category in (1000, 1999, 3000):
        comment = f"Step 6: category {category} lies just outside the issuer's scope of 1 to 999 and 2000 to 2999."
        yield PassCase(f"category_{category}", comment, OUT_OF_SCOPE, from_claims(granting((category, None))))
    comment = "Step 6: every category lies in the scope, not just one of them."
    yield PassCase(
        "category_of_another_region_among_good_ones", comment, OUT_OF_SCOPE, from_claims(granting((2545, None), (77001, None)))
    )
    comment = "Step 6: a category out of scope refuses the pass even where its days are over."
    yield PassCase("category_out_of_scope_and_over", comment, OUT_OF_SCOPE, from_claims(granting((2545, None), (77001, 0))))
    comment = "Section 3: 999999 is the last category that can be."
    made: Made = from_claims(granting((999999, None)), BOTH_RU)
    yield PassCase("category_999999", comment, made=made, trust="several_issuers", status=("ru",), issuer="RU", counts=(999999,))


def _zones() -> Iterator[PassCase]:
    comment = "Section 6: a time zone that the program does not know makes the pass unsupported at step 5."
    worlds = ("unknown_time_zone", "time_zone_of_a_folder", "time_zone_with_leading_slash", "time_zone_of_another_file")
    other = tuple(f"time_zone_{name}" for name, _ in OTHER_ZONES)
    for world in (*worlds, *other):
        yield PassCase(world, comment, "unsupported", trust=world)


def _orders() -> Iterator[PassCase]:
    """Two rules broken at once: the earlier step names the verdict."""
    comment = "Step 3 before step 5: nothing inside of a pass by an unknown key is looked at."
    yield PassCase("order_unknown_issuer_before_claims", comment, UNKNOWN_ISSUER, from_claims(claims({BODY: None}), STRANGER))
    comment = "Step 3 before step 8: a compromised key, and the pass has expired too."
    made = from_claims(claims({EXP: NOW}))
    yield PassCase("order_compromised_before_expired", comment, KEY_COMPROMISED, made, trust="compromised_and_retired")
    comment = "Step 6 before step 8: a category out of scope, and the pass has expired too."
    made = from_claims(granting((3000, None), changes={EXP: NOW}))
    yield PassCase("order_scope_before_expired", comment, OUT_OF_SCOPE, made)


def scenarios() -> list[Scenario]:
    """Return the scenarios of this module."""
    return [case.scenario() for maker in (_in_force, _keys, _later_keys, _windows, _scopes, _zones, _orders) for case in maker()]
