"""Chains of roots, thresholds, and signatures that do not belong (specs/trust.md, steps 3 to 6)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from scenarios.bundles import FIRST_ROOT, LIST_TYPE, RU_BA, Root, TrustCase, list_claims, root_claims, whole
from scenarios.cbor import Item, encode
from scenarios.cose import Endorsement, endorse, endorsed, sign
from scenarios.edwards import plus_order, sign_with_nonce
from scenarios.scenario import Scenario
from scenarios.seeds import ROOT_A, ROOT_B, ROOT_C, ROOT_D, ROOT_E, STRANGER, Key

UNTRUSTED, NOT_MET, FORGED = "untrusted_root", "threshold_not_met", "forged"

_THREE: Final = root_claims([ROOT_A, ROOT_B, ROOT_C], threshold=2)
_BODY: Final = encode({16: LIST_TYPE})
_PAYLOAD: Final = encode(list_claims(RU_BA))

# A chain in which the first key leaves and a new one comes, twice. Every signature on the second root is by a key of both.
_FIRST: Final = Root(claims=root_claims([ROOT_A, ROOT_B, ROOT_C], threshold=2), signers=[ROOT_A, ROOT_B])
_SECOND: Final = Root(claims=root_claims([ROOT_B, ROOT_C, ROOT_D], version=2, threshold=2), signers=[ROOT_B, ROOT_C])
_THIRD: Final = Root(claims=root_claims([ROOT_D, ROOT_E], version=3, threshold=1), signers=[ROOT_C, ROOT_D])
_NEW_LIST: Final = whole(RU_BA, signers=[ROOT_E])
_CHAIN: Final = (_FIRST.encode(), _SECOND.encode(), _THIRD.encode())


def _two_of_three(signers: Sequence[Key] = (ROOT_A, ROOT_B), *, root_signers: Sequence[Key] = (ROOT_A, ROOT_C)) -> TrustCase:
    root = Root(claims=_THREE, signers=root_signers)
    return TrustCase("two_of_three", "", roots=[root.encode()], anchor=root.anchor(), trust_list=whole(RU_BA, signers=signers))


def _thresholds() -> Iterator[TrustCase]:
    comment = "Step 5: the list is signed by the threshold of the newest root; here two of three keys sign."
    yield replace(_two_of_three(), comment=comment)
    comment = "Step 5: more signatures than the threshold asks for are fine if all of them are good."
    yield replace(_two_of_three([ROOT_A, ROOT_B, ROOT_C]), name="three_of_three", comment=comment)
    comment = "Step 5: one signature where two are needed."
    yield replace(_two_of_three([ROOT_B]), name="list_below_threshold", comment=comment, expect=NOT_MET)
    comment = "Step 4: the anchor is signed by its own threshold; one of two is not enough."
    yield replace(_two_of_three(root_signers=[ROOT_A]), name="anchor_below_threshold", comment=comment, expect=NOT_MET)
    once = endorse(ROOT_A, _BODY, _PAYLOAD)
    again = _second_signature(ROOT_A)
    twice = sorted([once, again], key=lambda one: encode(one.signature))
    comment = "Distinct public keys count: two different good signatures by one key are forged, and no threshold of two."
    yield replace(_two_of_three(), name="same_key_twice", comment=comment, expect=FORGED, trust_list=sign(_BODY, _PAYLOAD, twice))
    comment = "Section 1: signatures stand strictly ascending, so none stands twice."
    copied = sign(_BODY, _PAYLOAD, [once, once])
    yield replace(_two_of_three(), name="same_signature_twice", comment=comment, expect="malformed", trust_list=copied)
    met = sorted([once, again, endorse(ROOT_B, _BODY, _PAYLOAD)], key=lambda one: encode((one.protected, one.signature)))
    comment = "The same key twice is forged, even where the threshold is met without it."
    yield replace(
        _two_of_three(),
        name="same_key_twice_beside_another",
        comment=comment,
        expect=FORGED,
        trust_list=sign(_BODY, _PAYLOAD, met),
    )


def _second_signature(key: Key) -> Endorsement:
    own = encode({1: -19, 4: key.kid})
    signature = sign_with_nonce(key.seed, key.public, endorsed(_BODY, own, _PAYLOAD), nonce=2026)
    return Endorsement(protected=own, unprotected={}, signature=signature)


def _strays() -> Iterator[TrustCase]:
    good = endorse(ROOT_A, _BODY, _PAYLOAD)
    signature = good.signature if isinstance(good.signature, bytes) else b""
    yield TrustCase(
        "list_signed_by_stranger",
        "Step 5: no key of the root made this signature.",
        FORGED,
        trust_list=whole(RU_BA, signers=[STRANGER]),
    )
    comment = "Step 5: a stray signature beside a good one; nobody may add a bit to an accepted file."
    yield TrustCase("stray_signature", comment, FORGED, trust_list=whole(RU_BA, signers=[ROOT_A, STRANGER]))
    comment = "Step 4: a stray signature on the anchor."
    yield TrustCase(
        "stray_signature_on_anchor", comment, FORGED, roots=[replace(FIRST_ROOT, signers=[ROOT_A, STRANGER]).encode()]
    )
    for name, comment, damaged in (
        ("list_signature_bit", "Step 5: one bit of the signature differs.", bytes([signature[0] ^ 1]) + signature[1:]),
        ("list_signature_plus_l", "Step 5: S + L in place of S (RFC 8032, section 5.1.7).", plus_order(signature)),
    ):
        yield TrustCase(name, comment, FORGED, trust_list=sign(_BODY, _PAYLOAD, [replace(good, signature=damaged)]))
    altered = encode(list_claims(RU_BA, version=2))
    yield TrustCase(
        "list_changed_after_signing",
        "Step 5: the version was raised after signing.",
        FORGED,
        trust_list=sign(_BODY, altered, [good]),
    )
    own_of_b = encode({1: -19, 4: ROOT_B.kid})
    claimed = Endorsement(protected=own_of_b, unprotected={}, signature=ROOT_A.sign(endorsed(_BODY, own_of_b, _PAYLOAD)))
    root = Root(claims=root_claims([ROOT_A, ROOT_B]), signers=[ROOT_A])
    yield TrustCase(
        "list_kid_of_another_key",
        "Step 5: the key id names one key of the root and another key of it signed; only the keys that share the id are tried.",
        FORGED,
        roots=[root.encode()],
        anchor=root.anchor(),
        trust_list=sign(_BODY, _PAYLOAD, [claimed]),
    )
    bare = Endorsement(protected=good.protected, unprotected={}, signature=ROOT_A.sign(_PAYLOAD))
    comment = "Step 5: a signature over the bare payload instead of the Sig_structure."
    yield TrustCase("list_bare_signature", comment, FORGED, trust_list=sign(_BODY, _PAYLOAD, [bare]))


def _chains() -> Iterator[TrustCase]:
    grown = TrustCase("root_chain", "", roots=_CHAIN, anchor=_FIRST.anchor(), trust_list=_NEW_LIST, root_version=3)
    yield replace(
        grown, comment="Steps 4 and 5: three roots from an anchor of version 1; the newest signs the list with a new key."
    )
    comment = "Step 3: the anchor is in the middle; the root before it lends it no trust."
    yield replace(grown, name="root_chain_from_the_middle", comment=comment, anchor=_SECOND.anchor())
    broken = Root(claims=_FIRST.claims, signers=[STRANGER])
    roots: tuple[bytes, ...] = (broken.encode(), *_CHAIN[1:])
    comment = "Step 4: root by root from the first of the bundle; a root before the anchor is checked like any other."
    yield replace(
        grown, name="root_chain_bad_before_anchor", comment=comment, expect=FORGED, roots=roots, anchor=_SECOND.anchor()
    )
    comment = "Step 4: the first root of a bundle is signed by its own keys alone; without root 1, root 2 carries strays."
    later = Root(claims=_SECOND.claims, signers=[ROOT_A, ROOT_B, ROOT_C])
    yield replace(
        grown,
        name="root_chain_without_the_first",
        comment=comment,
        expect=FORGED,
        roots=(later.encode(), _CHAIN[2]),
        anchor=later.anchor(),
    )
    comment = "Step 3: none of the roots has the anchor's payload."
    yield replace(grown, name="anchor_not_in_chain", comment=comment, expect=UNTRUSTED, anchor=encode(_THREE | {2: 2000000000}))
    comment = "Step 3: an anchor is a payload, byte for byte; the same keys under another version are another root."
    yield replace(grown, name="anchor_of_another_version", comment=comment, expect=UNTRUSTED, anchor=encode({**_THREE, 1: 4}))


def _rotations() -> Iterator[TrustCase]:
    """Two roots, the second of them signed or numbered wrongly."""
    old, new = root_claims([ROOT_A]), root_claims([ROOT_B], version=2)
    first = Root(claims=old, signers=[ROOT_A])
    trust_list = whole(RU_BA, signers=[ROOT_B])

    def rotated(name: str, comment: str, expect: str, claims: Item, signers: Sequence[Key]) -> TrustCase:
        roots = [first.encode(), Root(claims=claims, signers=signers).encode()]
        return TrustCase(name, comment, expect, roots=roots, trust_list=trust_list, root_version=2)

    comment = "Step 4: the next root is signed by the old key and by the new one."
    yield rotated("root_rotated", comment, "accepted", new, [ROOT_A, ROOT_B])
    newest = Root(claims=new, signers=[ROOT_A, ROOT_B])
    comment = "Step 4: the anchor is root 2, all of whose keys are new; it carries the old key's signature, which is no stray."
    yield TrustCase(
        "root_rotated_anchor_is_new",
        comment,
        roots=[first.encode(), newest.encode()],
        anchor=newest.anchor(),
        trust_list=trust_list,
        root_version=2,
    )
    comment = "Step 4: whoever has only new keys cannot take over."
    yield rotated("root_signed_by_new_keys_only", comment, NOT_MET, new, [ROOT_B])
    comment = "Step 4: the new keys prove that somebody holds them."
    yield rotated("root_signed_by_old_keys_only", comment, NOT_MET, new, [ROOT_A])
    comment = "Step 4: a stray signature on a later root."
    yield rotated("root_with_stray_signature", comment, FORGED, new, [ROOT_A, ROOT_B, STRANGER])
    comment = "Step 4: a signature that fits no key is forged before the count is looked at."
    yield rotated("root_signed_by_stranger", comment, FORGED, new, [ROOT_A, STRANGER])
    for name, comment, version in (
        ("root_version_gap", "Step 4: the version of the one before plus 1; 3 does not follow 1.", 3),
        ("root_version_repeated", "Step 4: the version of the one before plus 1; 1 does not follow 1.", 1),
    ):
        yield rotated(name, comment, UNTRUSTED, {**new, 1: version}, [ROOT_A, ROOT_B])
    second = Root(claims=new, signers=[ROOT_A, ROOT_B])
    yield TrustCase(
        "list_signed_by_old_root",
        "Step 5: the list is signed with the old root's key, from which it may come no more.",
        FORGED,
        roots=[first.encode(), second.encode()],
        trust_list=whole(RU_BA, signers=[ROOT_A]),
    )
    yield TrustCase(
        "roots_not_in_order",
        "Step 4: the roots stand in ascending order; the second one comes first, and after the anchor nothing signs the list.",
        FORGED,
        roots=[second.encode(), first.encode()],
        trust_list=trust_list,
    )


def scenarios() -> list[Scenario]:
    """Return the scenarios of this module."""
    return [case.scenario() for maker in (_thresholds, _strays, _chains, _rotations) for case in maker()]
