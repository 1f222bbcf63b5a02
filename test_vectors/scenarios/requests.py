"""Signing requests: the good ones and those that break one rule (specs/signing-request.md)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from scenarios.bundles import (
    LIST_TYPE,
    PASS,
    ROOT_TYPE,
    RU_BA,
    RU_KAM,
    STATUS,
    Root,
    by_public_key,
    key_entry,
    list_claims,
    root_claims,
    whole,
)
from scenarios.cbor import Entries, Item, Raw, changed, encode
from scenarios.cose import Endorsement, endorse, endorsed
from scenarios.edwards import sign_with_nonce
from scenarios.scenario import ACCEPTED, JsonValue, Scenario, octets
from scenarios.seeds import (
    OTHER_ROOT_44,
    PASS_BA,
    PASS_BA_44,
    ROOT_44,
    ROOT_A,
    ROOT_B,
    ROOT_C,
    ROOT_D,
    STATUS_BA,
    STRANGER,
    STRANGER_44,
    Key,
)

MAGIC: Final = "socpass-signing-request"
MALFORMED, UNSUPPORTED, UNTRUSTED = "malformed", "unsupported", "untrusted_root"
FORGED, NOT_MET, ROLLED_BACK = "forged", "threshold_not_met", "rolled_back"

_FIRST_CLAIMS: Final = root_claims([ROOT_A, ROOT_B], threshold=2)
_FIRST: Final = Root(claims=_FIRST_CLAIMS, signers=[ROOT_A, ROOT_B])
_SECOND_CLAIMS: Final = root_claims([ROOT_B, ROOT_C, ROOT_D], version=2, threshold=2)
_SECOND: Final = Root(claims=_SECOND_CLAIMS, signers=[ROOT_A, ROOT_B, ROOT_C])
_IN_FORCE: Final = whole(RU_BA, signers=[ROOT_A, ROOT_B])
_NEXT: Final = list_claims(RU_BA, RU_KAM, version=2)


def draft(type_name: str, claims: Item, signers: Sequence[Key] = ()) -> Item:
    """Return a payload and the signatures on it so far, in their order."""
    body, payload = encode({16: type_name}), encode(claims)
    return payload, [endorse(key, body, payload).parts() for key in sorted(signers, key=lambda key: key.kid)]


def root_draft(claims: Item, *signers: Key) -> Item:
    """Return the draft of a root."""
    return draft(ROOT_TYPE, claims, signers)


def list_draft(claims: Item, *signers: Key) -> Item:
    """Return the draft of a list."""
    return draft(LIST_TYPE, claims, signers)


_NEXT_DRAFT: Final = list_draft(_NEXT)


@dataclass(frozen=True, slots=True)
class RequestCase:
    """A scenario of request/ in the making: by default a list that is to follow the one in force, signed by nobody yet."""

    name: str
    comment: str
    expect: str = ACCEPTED
    roots: Item = (_FIRST.encode(),)
    in_force: Item = _IN_FORCE
    root: Item = None
    trust_list: Item = _NEXT_DRAFT
    request: bytes | None = None
    missing: tuple[int, ...] = (2,)
    root_version: int | None = None
    list_version: int | None = 2

    def scenario(self) -> Scenario:
        """Return the scenario."""
        whole_request = encode((MAGIC, self.roots, self.in_force, self.root, self.trust_list))
        fields: dict[str, JsonValue] = {"request": octets(whole_request if self.request is None else self.request)}
        if self.expect == ACCEPTED:
            fields |= {
                "root_version": self.root_version,
                "list_version": self.list_version,
                "missing": [*self.missing],
            }
        return Scenario(f"request/{self.name}", self.comment, self.expect, fields)


def _good() -> Iterator[RequestCase]:
    yield RequestCase("list", "A list that is to follow the one in force; two of two keys are asked, and none has signed.")
    yield RequestCase("list_half_signed", "One of the two keys has signed.", trust_list=list_draft(_NEXT, ROOT_B), missing=(1,))
    yield RequestCase(
        "list_signed", "Both have signed: it is enough.", trust_list=list_draft(_NEXT, ROOT_A, ROOT_B), missing=(0,)
    )
    yield RequestCase("first_list", "No list is in force yet.", in_force=None)
    yield RequestCase(
        "first_list_of_any_version",
        "Section 2, step 5: with no list in force, the version is free.",
        in_force=None,
        trust_list=list_draft(list_claims(RU_BA, version=7)),
        list_version=7,
    )
    first = RequestCase(
        "first_root",
        "Before the first root there are none; its own keys sign it.",
        roots=(),
        in_force=None,
        root=root_draft(_FIRST_CLAIMS),
        trust_list=None,
        missing=(2,),
        root_version=1,
        list_version=None,
    )
    yield first
    yield replace(
        first,
        name="first_root_half_signed",
        comment="Section 4, the worked example.",
        root=root_draft(_FIRST_CLAIMS, ROOT_A),
        missing=(1,),
    )
    yield replace(
        first,
        name="first_root_and_list",
        comment="The first root and the first list in one request.",
        trust_list=list_draft(list_claims(RU_BA), ROOT_A),
        missing=(2, 1),
        list_version=1,
    )
    yield replace(_rotation(), missing=(2, 2, 2))
    yield replace(
        _rotation(ROOT_A),
        name="rotation_signed_by_a_key_that_leaves",
        comment="A key of the old root alone signs the new root, and not the list: the old threshold lacks one, the new one two.",
        missing=(1, 2, 2),
    )
    yield replace(
        _rotation(ROOT_A, ROOT_B, ROOT_C, list_signers=[ROOT_B, ROOT_D]),
        name="rotation_signed",
        comment="Two of the old keys and two of the new ones have signed the root, a key of both counting for both.",
        missing=(0, 0, 0),
    )
    yield replace(
        _rotation(),
        name="rotation_without_a_list",
        comment="A root alone, such as before there is an issuer.",
        in_force=None,
        trust_list=None,
        missing=(2, 2),
        list_version=None,
    )
    yield RequestCase(
        "list_under_the_second_root",
        "The list in force and the next one are under the newest of two roots.",
        roots=(_FIRST.encode(), _SECOND.encode()),
        in_force=whole(RU_BA, signers=[ROOT_C, ROOT_D]),
        trust_list=list_draft(_NEXT, ROOT_B),
        missing=(1,),
    )


def _rotation(*root_signers: Key, list_signers: Sequence[Key] = ()) -> RequestCase:
    return RequestCase(
        "rotation",
        "Root 2 is to follow root 1, with a list under it.",
        root=root_draft(_SECOND_CLAIMS, *root_signers),
        trust_list=list_draft(_NEXT, *list_signers),
        root_version=2,
    )


def _shapes() -> Iterator[RequestCase]:
    """Step 1: what is not of the format."""
    good = encode((MAGIC, [_FIRST.encode()], _IN_FORCE, None, list_draft(_NEXT)))
    for name, comment, request in (
        ("empty_file", "No bytes at all.", b""),
        ("trailing_byte", "A byte after the request.", good + b"\0"),
        (
            "other_name",
            "The first element is the name.",
            encode(("socpass-trust", [_FIRST.encode()], None, None, _NEXT_DRAFT)),
        ),
        ("four_elements", "The draft of a list is missing.", encode((MAGIC, [_FIRST.encode()], None, None))),
        (
            "six_elements",
            "An element after the draft of a list.",
            encode((MAGIC, [_FIRST.encode()], None, None, _NEXT_DRAFT, None)),
        ),
        ("bundle", "A trust bundle is no request.", encode(("socpass-trust", [_FIRST.encode()], _IN_FORCE))),
    ):
        yield RequestCase(name, f"Step 1: {comment}", MALFORMED, request=request)
    comment = "Section 1: a list's draft has a root to be under."
    yield RequestCase("list_without_a_root", comment, MALFORMED, roots=(), in_force=None)
    yield RequestCase("nothing_asked", "Section 1: there is a draft.", MALFORMED, trust_list=None)
    yield RequestCase(
        "list_in_force_without_a_root",
        "Section 1: a list in force has a root.",
        MALFORMED,
        roots=(),
        root=root_draft(_FIRST_CLAIMS),
    )
    yield RequestCase("roots_null", "Step 1: the roots are an array.", MALFORMED, roots=None)
    yield RequestCase("root_not_in_a_byte_string", "Step 1: a root is a byte string.", MALFORMED, roots=(Raw(_FIRST.encode()),))
    yield RequestCase("list_as_root", "Step 1: the typ of a root is checked.", MALFORMED, roots=(_IN_FORCE,))
    yield RequestCase("root_as_list_in_force", "Step 1: the typ of a list is checked.", MALFORMED, in_force=_FIRST.encode())
    yield RequestCase("list_in_force_text", "Step 1: the list in force is a byte string, or null.", MALFORMED, in_force="list")
    payload = encode(_NEXT)
    a = endorse(ROOT_A, encode({16: LIST_TYPE}), payload).parts()
    b = endorse(ROOT_B, encode({16: LIST_TYPE}), payload).parts()
    descending = sorted((a, b), key=lambda parts: encode(parts[0]), reverse=True)
    for name, comment, drafted in (
        ("draft_bare", "a draft is a payload and signatures.", payload),
        ("draft_without_signatures", "the array of signatures is there, if empty.", (payload,)),
        ("draft_of_three", "nothing follows the signatures.", (payload, [], [])),
        ("draft_payload_not_in_a_byte_string", "the payload is a byte string.", (Raw(payload), [])),
        ("draft_signatures_null", "the signatures are an array.", (payload, None)),
        ("draft_signature_twice", "signatures ascend strictly.", (payload, [a, a])),
        ("draft_signatures_descending", "signatures ascend.", (payload, descending)),
        ("draft_signature_of_63_bytes", "a signature has 64 bytes.", (payload, [(a[0], {}, bytes(63))])),
        ("draft_of_129_signatures", "at most 128 signatures.", (payload, [a] * 129)),
        ("draft_of_a_root_as_a_list", "the payload is that of a list.", root_draft(_SECOND_CLAIMS)),
        ("draft_list_without_issuers", "the payload is one that trust.md allows.", list_draft(list_claims(version=2))),
    ):
        yield RequestCase(name, f"Step 1: {comment}", MALFORMED, trust_list=drafted)
    yield RequestCase(
        "draft_root_threshold_too_high",
        "Step 1: the threshold is at most the number of keys.",
        MALFORMED,
        root=root_draft(root_claims([ROOT_B], version=2, threshold=2)),
    )
    newer: Entries = {6: 0}
    yield RequestCase(
        "draft_list_newer",
        "Step 1: a field below 64 that is not known was written for a later version.",
        UNSUPPORTED,
        trust_list=list_draft(changed(_NEXT, newer)),
    )
    yield RequestCase(
        "draft_root_newer",
        "Step 1: likewise in a root.",
        UNSUPPORTED,
        root=root_draft(changed(_SECOND_CLAIMS, {5: 0})),
    )
    hidden: Entries = {64: "later"}
    keys = by_public_key(changed(key_entry(PASS_BA, PASS), hidden), key_entry(STATUS_BA, STATUS))
    for name, where, claims in (
        ("list", "the list", changed(_NEXT, hidden)),
        ("issuer", "an issuer", list_claims(changed(RU_BA, hidden), version=2)),
        ("key", "a key", list_claims(changed(RU_BA, {4: keys}), version=2)),
    ):
        yield RequestCase(
            f"draft_{name}_not_shown",
            f"Step 1: a field of {where} that tills ignore is not signed unseen.",
            UNSUPPORTED,
            trust_list=list_draft(claims),
        )
    yield replace(
        _rotation(),
        name="draft_root_not_shown",
        comment="Step 1: a field of a root that tills ignore is not signed unseen.",
        expect=UNSUPPORTED,
        root=root_draft(changed(_SECOND_CLAIMS, hidden)),
    )
    yield RequestCase(
        "list_in_force_with_an_ignored_field",
        "Step 1: what is in force is signed already, and is read as tills read it.",
        in_force=whole(RU_BA, changes=hidden, signers=[ROOT_A, ROOT_B]),
    )


def _chains() -> Iterator[RequestCase]:
    """Steps 2 to 5: what it says is in force, and the versions that follow."""
    below = Root(claims=_FIRST_CLAIMS, signers=[ROOT_A])
    yield RequestCase("root_below_threshold", "Step 2: the first root lacks a signature.", NOT_MET, roots=(below.encode(),))
    stray = Root(claims=_FIRST_CLAIMS, signers=[ROOT_A, ROOT_B, STRANGER])
    yield RequestCase("root_with_stray_signature", "Step 2: a stray signature on a root.", FORGED, roots=(stray.encode(),))
    gap = Root(claims={**_SECOND_CLAIMS, 1: 3}, signers=[ROOT_A, ROOT_B, ROOT_C])
    yield RequestCase(
        "root_version_gap", "Step 2: root 3 does not follow root 1.", UNTRUSTED, roots=(_FIRST.encode(), gap.encode())
    )
    yield RequestCase(
        "list_in_force_forged",
        "Step 3: the list in force is signed by a stranger.",
        FORGED,
        in_force=whole(RU_BA, signers=[STRANGER]),
    )
    yield RequestCase(
        "list_in_force_below_threshold",
        "Step 3: the list in force lacks a signature.",
        NOT_MET,
        in_force=whole(RU_BA, signers=[ROOT_A]),
    )
    yield RequestCase(
        "list_in_force_of_an_old_root",
        "Step 3: the list in force is signed by root 1, and root 2 follows.",
        FORGED,
        roots=(_FIRST.encode(), _SECOND.encode()),
    )
    for name, comment, version in (
        ("draft_root_version_gap", "Step 4: root 3 does not follow root 1.", 3),
        ("draft_root_version_repeated", "Step 4: root 1 does not follow root 1.", 1),
    ):
        yield replace(_rotation(), name=name, comment=comment, expect=UNTRUSTED, root=root_draft({**_SECOND_CLAIMS, 1: version}))
    yield RequestCase(
        "first_root_of_version_2",
        "Step 4: the first root has version 1.",
        UNTRUSTED,
        roots=(),
        in_force=None,
        root=root_draft({**_FIRST_CLAIMS, 1: 2}),
        trust_list=None,
    )
    for name, comment, version in (
        ("draft_list_version_repeated", "Step 5: the version of the list in force, again.", 2),
        ("draft_list_version_lower", "Step 5: a version below that of the list in force.", 1),
    ):
        in_force = whole(RU_BA, changes={1: 2}, signers=[ROOT_A, ROOT_B])
        yield RequestCase(name, comment, ROLLED_BACK, in_force=in_force, trust_list=list_draft({**_NEXT, 1: version}))


def _signatures() -> Iterator[RequestCase]:
    """Step 6: signatures that do not belong."""
    yield RequestCase(
        "list_signed_by_a_stranger", "Step 6: by a key that is not asked.", FORGED, trust_list=list_draft(_NEXT, STRANGER)
    )
    yield RequestCase(
        "list_signed_by_a_stranger_too",
        "Step 6: a stray signature beside a good one.",
        FORGED,
        trust_list=list_draft(_NEXT, ROOT_A, STRANGER),
    )
    yield replace(
        _rotation(list_signers=[ROOT_A]),
        name="list_signed_by_a_key_that_leaves",
        comment="Step 6: the list is under the new root, of which the old key is none.",
        expect=FORGED,
    )
    yield replace(
        _rotation(STRANGER), name="root_signed_by_a_stranger", comment="Step 6: by a key of neither root.", expect=FORGED
    )
    payload = encode(_NEXT)
    body = encode({16: LIST_TYPE})
    good = endorse(ROOT_A, body, payload)
    signature = good.signature if isinstance(good.signature, bytes) else b""
    damaged = replace(good, signature=bytes([signature[0] ^ 1]) + signature[1:])
    yield RequestCase(
        "signature_bit", "Step 6: one bit of the signature differs.", FORGED, trust_list=(payload, [damaged.parts()])
    )
    altered = encode({**_NEXT, 1: 3})
    yield RequestCase(
        "changed_after_signing",
        "Step 6: the list was changed after the first had signed.",
        FORGED,
        trust_list=(altered, [good.parts()]),
    )
    own = encode({1: -19, 4: ROOT_A.kid})
    again = Endorsement(
        protected=own,
        unprotected={},
        signature=sign_with_nonce(ROOT_A.seed, ROOT_A.public, endorsed(body, own, payload), nonce=2026),
    )
    twice = sorted((good, again), key=lambda one: encode(one.signature))
    yield RequestCase(
        "signed_twice_by_one_key",
        "Step 6: two different good signatures by one key.",
        FORGED,
        trust_list=(payload, [one.parts() for one in twice]),
    )
    root_payload = encode(_SECOND_CLAIMS)
    as_list = endorse(ROOT_B, body, root_payload)
    yield replace(
        _rotation(),
        name="root_signed_as_a_list",
        comment="Step 6: a signature over the root's payload under the list's typ.",
        expect=FORGED,
        root=(root_payload, [as_list.parts()]),
    )


def _later() -> Iterator[RequestCase]:
    """Keys and signatures of an algorithm that the reader does not know: shown, carried on, and counted unchecked."""
    with_later = by_public_key(key_entry(PASS_BA, PASS), key_entry(STATUS_BA, STATUS), key_entry(PASS_BA_44, PASS))
    yield RequestCase(
        "draft_list_with_ml_dsa_44",
        "Section 1: a key of an algorithm that the reader does not know is shown and signed like any other.",
        trust_list=list_draft(list_claims(changed(RU_BA, {4: with_later}), RU_KAM, version=2)),
    )
    both = root_claims([ROOT_B, ROOT_C, ROOT_44, OTHER_ROOT_44], version=2, threshold=2)
    rotation = replace(
        _rotation(),
        name="rotation_to_both",
        comment="Section 2: each algorithm of the new root that has as many keys as its threshold counts for itself.",
        root=root_draft(both),
        missing=(2, 2, 2, 2, 2),
    )
    yield rotation
    yield replace(
        rotation,
        name="rotation_to_both_half_signed",
        comment="Section 2: signatures that the reader cannot check count here as they stand, by the key that they name.",
        root=root_draft(both, ROOT_A, ROOT_B, ROOT_44, OTHER_ROOT_44),
        trust_list=list_draft(_NEXT, ROOT_B, ROOT_44),
        missing=(0, 1, 0, 1, 1),
    )
    yield replace(
        rotation,
        name="root_signed_by_a_stranger_of_ml_dsa_44",
        comment="Step 6: a signature that the reader cannot check names a key that is asked, or it is a stray.",
        expect=FORGED,
        root=root_draft(both, STRANGER_44),
    )
    beyond = root_claims([ROOT_B, ROOT_44, OTHER_ROOT_44], version=2, threshold=2)
    yield replace(
        rotation,
        name="rotation_to_ml_dsa_44",
        comment="Section 2, step 6: the keys of the new root that this reader knows cannot meet its threshold.",
        expect=UNSUPPORTED,
        root=root_draft(beyond),
    )


def scenarios() -> list[Scenario]:
    """Return the scenarios of this module."""
    return [case.scenario() for maker in (_good, _shapes, _chains, _signatures, _later) for case in maker()]
