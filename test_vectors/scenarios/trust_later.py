"""Keys, signatures and uses of later versions beside ours, and what a till of today makes of them (specs/trust.md)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from scenarios.bundles import (
    COMPROMISED,
    LIST_TYPE,
    PASS,
    RU_BA,
    STATUS,
    Root,
    TrustCase,
    by_public_key,
    issuer_changed,
    key_entry,
    keys_of_issuer,
    list_claims,
    root_claims,
    whole,
)
from scenarios.cbor import Item, Raw, encode
from scenarios.cose import Endorsement, endorse, sign
from scenarios.scenario import ACCEPTED, Scenario
from scenarios.seeds import (
    COMPROMISED_BA_44,
    NEXT_BA,
    OTHER_ROOT_44,
    PASS_BA,
    PASS_BA_44,
    ROOT_44,
    ROOT_A,
    ROOT_B,
    ROOT_C,
    STATUS_BA,
    STRANGER_44,
    Key,
)

MALFORMED, UNSUPPORTED, FORGED, NOT_MET = "malformed", "unsupported", "forged", "threshold_not_met"
LONGEST_KEY: Final = 4096
LONGEST_SIGNATURE: Final = 8192
_NO_KEY: Final[Item] = (-48, b"")
_BODY: Final = encode({16: LIST_TYPE})
_PAYLOAD: Final = encode(list_claims(RU_BA))
_OURS: Final = (key_entry(PASS_BA, PASS), key_entry(STATUS_BA, STATUS))

# What scenarios of other folders build on.
WITH_ML_DSA_44: Final = TrustCase(
    "key_ml_dsa_44",
    "Section 1: keys of an algorithm that the reader does not know stand beside ours, and are kept and skipped.",
    trust_list=keys_of_issuer(*_OURS, key_entry(PASS_BA_44, PASS), key_entry(COMPROMISED_BA_44, PASS, state=COMPROMISED)),
)


def _keys() -> Iterator[TrustCase]:
    """Keys of an issuer, of types that nobody knows."""
    comment = "Section 1: a key of an algorithm that the reader does not know refuses nothing, whatever its bytes."
    cases: tuple[tuple[str, str, str, Item], ...] = (
        ("of_1_byte", comment, ACCEPTED, (-48, b"\0")),
        ("of_4096", "Section 1: such a key has 1 to 4,096 bytes.", ACCEPTED, (-48, bytes(LONGEST_KEY))),
        ("of_4097", "Section 1: such a key has 1 to 4,096 bytes.", MALFORMED, (-48, bytes(LONGEST_KEY + 1))),
        ("empty", "Section 1: such a key has 1 to 4,096 bytes.", MALFORMED, _NO_KEY),
        ("eddsa", "Section 1: -8 (EdDSA) is another algorithm than -19, whatever its keys.", ACCEPTED, (-8, NEXT_BA.public)),
        ("of_our_bytes", "Step 2: the same bytes under another algorithm are another key.", ACCEPTED, (-48, PASS_BA.public)),
        ("positive", "Section 1: the number of an algorithm may be positive.", ACCEPTED, (5, bytes(32))),
        ("least", "Section 1: the number of an algorithm is any integer.", ACCEPTED, (-(1 << 64), bytes(32))),
        ("text", "Section 1: an algorithm is a number.", MALFORMED, ("Ed25519", NEXT_BA.public)),
        ("true", "Section 1: an algorithm is a number.", MALFORMED, (Raw(b"\xf5"), NEXT_BA.public)),
        ("float", "credential.md, section 1: no floating-point number.", MALFORMED, (Raw(b"\xf9\xcc\xc0"), NEXT_BA.public)),
        ("bytes_text", "Section 1: a key is bytes.", MALFORMED, (-48, "key")),
        ("alone", "Section 1: a key is a pair.", MALFORMED, (-19,)),
        ("triple", "Section 1: a key is a pair.", MALFORMED, (-19, NEXT_BA.public, None)),
        ("cose_key", "Section 1: a key is a pair, not a COSE_Key.", MALFORMED, {1: 1, -1: 6, -2: NEXT_BA.public}),
        ("without_type", "Section 1: a key without its type, as it stood in earlier drafts.", MALFORMED, NEXT_BA.public),
    )
    for name, rule, expect, key in cases:
        yield TrustCase(f"key_{name}", rule, expect, trust_list=keys_of_issuer(*_OURS, key_entry(key, PASS)))
    twice = (key_entry(PASS_BA_44, PASS), key_entry(PASS_BA_44, STATUS))
    comment = "Step 2: no public key stands twice, of whichever algorithm."
    yield TrustCase("key_ml_dsa_44_twice", comment, MALFORMED, trust_list=issuer_changed({4: [*by_public_key(*_OURS), *twice]}))
    first = [key_entry(PASS_BA_44, PASS), *by_public_key(*_OURS)]
    comment = "Section 1: keys ascend as they are encoded, -19 before -48."
    yield TrustCase("key_ml_dsa_44_first", comment, MALFORMED, trust_list=issuer_changed({4: first}))
    comment = "Section 1: an issuer may have keys that nobody knows alone; none of its passes can be checked."
    alone = keys_of_issuer(key_entry(PASS_BA_44, PASS, STATUS))
    yield TrustCase("key_ml_dsa_44_alone", comment, trust_list=alone)
    for use in (5, 6, 7):
        comment = f"Section 1: a key of use {use} is kept; none of the uses of this document is checked against it."
        yield TrustCase(f"key_use_{use}", comment, trust_list=keys_of_issuer(*_OURS, key_entry(NEXT_BA, use)))


def _case(
    name: str,
    comment: str,
    expect: str = ACCEPTED,
    *,
    keys: Sequence[Key],
    threshold: int = 1,
    root_by: Sequence[Key],
    list_by: Sequence[Key | Endorsement],
) -> TrustCase:
    """Return a bundle of one root, with a list that keys or signatures of any kind sign."""
    root = Root(claims=root_claims(keys, threshold=threshold), signers=root_by)
    signatures = [each if isinstance(each, Endorsement) else endorse(each, _BODY, _PAYLOAD) for each in list_by]
    ordered = sorted(signatures, key=lambda one: (_kid(one), encode(one.signature)))
    content = sign(_BODY, _PAYLOAD, ordered)
    return TrustCase(name, comment, expect, roots=[root.encode()], anchor=root.anchor(), trust_list=content)


def _kid(one: Endorsement) -> bytes:
    return one.protected[-8:] if isinstance(one.protected, bytes) else b""


def _signature(key: Key, value: bytes, *, algorithm: int | None = None) -> Endorsement:
    """Return a signature that names *key* and is any bytes."""
    own = encode({1: key.algorithm if algorithm is None else algorithm, 4: key.kid})
    return Endorsement(protected=own, unprotected={}, signature=value)


def _signatures() -> Iterator[TrustCase]:
    """Signatures of a root of both algorithms."""
    both = (ROOT_A, ROOT_44)
    comment = "Section 1: root and list are signed twice, with Ed25519 and with ML-DSA-44; a till of today checks the first."
    yield _case("signed_twice", comment, keys=both, root_by=both, list_by=both)
    comment = "Section 2: signatures of an algorithm that the reader does not know are skipped, so a damaged one is not noticed."
    damaged = _signature(ROOT_44, bytes(2420))
    yield _case("signature_ml_dsa_44_damaged", comment, keys=both, root_by=both, list_by=[ROOT_A, damaged])
    comment = "Section 1: a signature of another algorithm has 1 to 8,192 bytes."
    for size, expect in ((0, MALFORMED), (1, ACCEPTED), (LONGEST_SIGNATURE, ACCEPTED), (LONGEST_SIGNATURE + 1, MALFORMED)):
        sized = _signature(ROOT_44, bytes(size))
        yield _case(f"signature_ml_dsa_44_of_{size}", comment, expect, keys=both, root_by=both, list_by=[ROOT_A, sized])
    comment = "Step 5: a signature of an algorithm that the reader does not know names a key of the root too, or it is a stray."
    yield _case("signature_ml_dsa_44_stray", comment, FORGED, keys=both, root_by=both, list_by=[ROOT_A, STRANGER_44])
    stray = _signature(ROOT_44, bytes(64), algorithm=-49)
    yield _case("signature_of_no_such_algorithm", comment, FORGED, keys=both, root_by=both, list_by=[ROOT_A, stray])
    stray = _signature(ROOT_A, bytes(64), algorithm=-8)
    comment = "Step 5: the root has no key of -8 (EdDSA), although one has this key id."
    yield _case("signature_eddsa", comment, FORGED, keys=[ROOT_A], root_by=[ROOT_A], list_by=[ROOT_A, stray])
    comment = "Step 5: of one key there is one signature, whether the reader knows its algorithm or not."
    pair = [_signature(ROOT_44, bytes((number,)) * 2420) for number in (1, 2)]
    yield _case("signature_ml_dsa_44_twice", comment, FORGED, keys=both, root_by=both, list_by=[ROOT_A, *pair])
    comment = "Step 5: a signature of -19 under the id of an ML-DSA-44 key is by none of the root's keys."
    crossed = _signature(ROOT_44, ROOT_A.sign(b""), algorithm=-19)
    yield _case("signature_by_an_id_of_another_type", comment, FORGED, keys=both, root_by=both, list_by=[ROOT_A, crossed])


def _thresholds() -> Iterator[TrustCase]:
    """How signatures that nobody checks count: not at all."""
    two_and_two = (ROOT_A, ROOT_B, ROOT_44, OTHER_ROOT_44)
    comment = "Section 1: each algorithm that has as many keys as the threshold signs by itself; here two keys of each."
    yield _case("threshold_of_each", comment, keys=two_and_two, threshold=2, root_by=two_and_two, list_by=two_and_two)
    comment = "Section 2: a reader that does not know an algorithm does not ask whether its keys have met the threshold."
    ours = (ROOT_A, ROOT_B)
    yield _case("threshold_of_ours_alone", comment, keys=two_and_two, threshold=2, root_by=ours, list_by=ours)
    comment = "Section 2: signatures of an algorithm that the reader does not know count for nothing: one of two is missing."
    mixed = (ROOT_A, ROOT_44, OTHER_ROOT_44)
    yield _case("threshold_filled_up", comment, NOT_MET, keys=two_and_two, threshold=2, root_by=two_and_two, list_by=mixed)
    comment = "Step 4: two keys of ML-DSA-44 and one of ours, of which two must sign: this reader cannot tell whether they have."
    yield _case("threshold_of_unknown_keys", comment, UNSUPPORTED, keys=mixed, threshold=2, root_by=mixed, list_by=mixed)
    comment = (
        "Step 4: what can be checked is checked first: a stray signature is forged, although the threshold is beyond the reader."
    )
    strays = (*mixed, ROOT_C)
    yield _case("order_forged_before_threshold", comment, FORGED, keys=mixed, threshold=2, root_by=strays, list_by=mixed)
    comment = "Section 1: a threshold is at most the number of keys of one algorithm; it is counted for each by itself."
    pair = (ROOT_A, ROOT_44)
    yield _case("threshold_of_no_algorithm", comment, MALFORMED, keys=pair, threshold=2, root_by=pair, list_by=pair)
    yield _later_root()


def _later_root() -> TrustCase:
    """A chain whose newest root has keys of ML-DSA-44 alone."""
    first = Root(claims=root_claims([ROOT_A, ROOT_44]), signers=[ROOT_A, ROOT_44])
    second = Root(claims=root_claims([OTHER_ROOT_44], version=2), signers=[ROOT_A, ROOT_44, OTHER_ROOT_44])
    case = TrustCase(
        "root_of_unknown_keys",
        "Step 4: the newest root has keys of ML-DSA-44 alone; a till of today goes on with what it has.",
        UNSUPPORTED,
        roots=[first.encode(), second.encode()],
        anchor=first.anchor(),
    )
    return replace(case, trust_list=whole(RU_BA, signers=[OTHER_ROOT_44]))


def scenarios() -> list[Scenario]:
    """Return the scenarios of this module."""
    return [case.scenario() for maker in (_keys, _signatures, _thresholds) for case in maker()]
