"""Passes that count only with their holder's proof (specs/credential.md, step 11 and section 7)."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from scenarios.cbor import ABSENT, NO_CHANGE, Entries, Item, Raw, Tagged, changed, encode, in_order
from scenarios.cose import sign1
from scenarios.edwards import plus_order
from scenarios.pass_shape import LONGEST_TOKEN, sized
from scenarios.passes import CNF, EXP, STATUS, Made, PassCase, claims, from_claims, from_presentation
from scenarios.scenario import ACCEPTED, Scenario
from scenarios.seeds import DAY, HOLDER, LEEWAY, NOW, OTHER_HOLDER, PASS_BA, Key

MISSING, BAD, MALFORMED, FORGED = "holder_proof_missing", "holder_proof_bad", "malformed", "forged"
PROOF_TYPE: Final = "application/socpass-proof+cbor"
DIGEST: Final = -65538
LONGEST_PROOF: Final = 512  # bytes, section 7

_CNF: Final[Entries] = {CNF: {1: {1: 1, -1: 6, -2: HOLDER.public}}}
_PAYLOAD: Final = encode(claims(_CNF))
_TOKEN: Final = sign1(PASS_BA, _PAYLOAD).encode()


def _proof_claims(token: bytes = _TOKEN, *, iat: Item = NOW, changes: Entries = NO_CHANGE) -> dict[int | str, Item]:
    return changed({6: iat, DIGEST: hashlib.sha256(token).digest()}, changes)


def _proof(item: Item, key: Key = HOLDER, header: Entries = NO_CHANGE) -> bytes:
    return sign1(key, encode(item), header=changed({16: PROOF_TYPE}, header)).encode()


_GOOD: Final = _proof(_proof_claims())


def _presented(proof: Item, token: bytes = _TOKEN, payload: bytes = _PAYLOAD) -> Made:
    return from_presentation(encode((token, proof)), token, payload)


def _presences() -> Iterator[PassCase]:
    yield PassCase("holder_proof", "Step 11: a pass with cnf, and a fresh proof by that key.", made=_presented(_GOOD))
    comment = "Step 11: a pass with cnf and no proof is a copied picture."
    yield PassCase("holder_proof_missing", comment, MISSING, from_claims(claims(_CNF)))
    plain = encode(claims())
    token = sign1(PASS_BA, plain).encode()
    comment = "Step 11: where there is no cnf, no proof is there."
    yield PassCase("holder_proof_without_cnf", comment, BAD, _presented(_proof(_proof_claims(token)), token, plain))


def _sizes() -> Iterator[PassCase]:
    made = sized(LONGEST_TOKEN + 1)
    comment = "Step 2: a token is at most 4,096 bytes, in a presentation too; here it is 4,097."
    presentation = encode((made.cose, b"\x00"))
    yield PassCase("holder_proof_beside_4097", comment, MALFORMED, from_presentation(presentation, made.cose, made.claims))


def _ages() -> Iterator[PassCase]:
    for name, expect, comment, iat in (
        ("holder_proof_300_old", ACCEPTED, "iat within LEEWAY of now, here 300 s before.", NOW - LEEWAY),
        ("holder_proof_301_old", BAD, "iat within LEEWAY of now, here 301 s before.", NOW - LEEWAY - 1),
        ("holder_proof_300_ahead", ACCEPTED, "iat within LEEWAY of now, to either side, here 300 s after.", NOW + LEEWAY),
        ("holder_proof_301_ahead", BAD, "iat within LEEWAY of now, to either side, here 301 s after.", NOW + LEEWAY + 1),
        ("holder_proof_of_yesterday", BAD, "iat within LEEWAY of now; a recorded proof is worth nothing.", NOW - DAY),
    ):
        yield PassCase(name, f"Section 7: {comment}", expect, _presented(_proof(_proof_claims(iat=iat))))


def _proofs() -> Iterator[PassCase]:
    """A presentation of good shape around a bad proof."""
    payload = encode(_proof_claims())
    good = sign1(HOLDER, payload, header={16: PROOF_TYPE})
    signature = good.signature if isinstance(good.signature, bytes) else b""
    other = sign1(PASS_BA, encode(claims(_CNF, {STATUS: (0, 123458)}))).encode()
    header: Entries = {1: -19, 4: HOLDER.kid, 16: PROOF_TYPE}
    chunked = b"\xd2\x9f" + _GOOD[2:] + b"\xff"
    no_tag = _GOOD[1:]
    longest = _proof(_proof_claims(changes={64: bytes(LONGEST_PROOF)}))
    for name, comment, proof in (
        ("of_another_token", "the digest is that of the token.", _proof(_proof_claims(other))),
        ("by_another_key", "the signature is by the key in cnf.", _proof(_proof_claims(), OTHER_HOLDER)),
        ("by_another_key_under_this_kid", "the signature is by the key in cnf; the key id alone proves nothing.", _by_other()),
        ("with_another_kid", "the key id is that of the key in cnf.", _proof(_proof_claims(), HOLDER, {4: OTHER_HOLDER.kid})),
        ("by_the_issuer", "the signature is by the key in cnf, not by the issuer's.", _proof(_proof_claims(), PASS_BA)),
        (
            "signature_bit",
            "one bit of the signature differs.",
            replace(good, signature=signature[:-1] + bytes([signature[-1] ^ 1])).encode(),
        ),
        ("signature_plus_l", "S + L in place of S.", replace(good, signature=plus_order(signature)).encode()),
        ("signature_of_63_bytes", "a signature has 64 bytes.", replace(good, signature=signature[:63]).encode()),
        (
            "wrong_typ",
            "typ is application/socpass-proof+cbor.",
            _proof(_proof_claims(), HOLDER, {16: "application/socpass-proof"}),
        ),
        ("without_typ", "typ is there.", _proof(_proof_claims(), HOLDER, {16: ABSENT})),
        ("algorithm_eddsa", "the algorithm is -19.", _proof(_proof_claims(), HOLDER, {1: -8})),
        ("crit", "the protected header holds three entries and no other.", _proof(_proof_claims(), HOLDER, {2: [16]})),
        (
            "header_unsorted",
            "byte for byte of the deterministic encoding.",
            sign1(HOLDER, payload, protected=encode(in_order(header, 16, 1, 4))).encode(),
        ),
        ("unprotected", "nothing unsigned is read.", replace(good, unprotected={4: HOLDER.kid}).encode()),
        ("untagged", "the tag 18 stands in front.", no_tag),
        ("tag_98", "the tag is 18.", encode(Tagged(98, good.parts()))),
        ("indefinite", "byte for byte of the deterministic encoding.", chunked),
        ("trailing_byte", "nothing stands after the proof.", _GOOD + b"\0"),
        ("empty", "the proof has a shape.", b""),
        ("of_random_bytes", "the proof has a shape.", hashlib.sha512(b"no proof").digest()),
        ("iat_missing", "iat and the digest are there.", _proof(_proof_claims(iat=ABSENT))),
        ("iat_text", "iat is a time.", _proof(_proof_claims(iat="now"))),
        (
            "iat_not_shortest",
            "byte for byte of the deterministic encoding.",
            _proof(_proof_claims(iat=Raw(b"\x1b" + NOW.to_bytes(8, "big")))),
        ),
        ("digest_missing", "iat and the digest are there.", _proof(_proof_claims(changes={DIGEST: ABSENT}))),
        (
            "digest_of_31_bytes",
            "a digest has 32 bytes.",
            _proof(_proof_claims(changes={DIGEST: hashlib.sha256(_TOKEN).digest()[:31]})),
        ),
        ("with_another_claim", "iat and the digest, and no other.", _proof(_proof_claims(changes={64: "till 7"}))),
        ("too_long", "a proof is at most 512 bytes, and has no room for more.", longest),
        ("is_the_pass", "a pass is no proof of itself.", _TOKEN),
    ):
        yield PassCase(f"holder_proof_{name}", f"Section 7: {comment}", BAD, _presented(proof))


def _by_other() -> bytes:
    return _proof(_proof_claims(), OTHER_HOLDER, {4: HOLDER.kid})


def _presentations() -> Iterator[PassCase]:
    """Step 2: the presentation itself, an array of two byte strings."""
    good = encode((_TOKEN, _GOOD))
    for name, comment, broken in (
        ("presentation_of_one", "an array of two byte strings.", encode([_TOKEN])),
        ("presentation_of_three", "an array of two byte strings.", encode((_TOKEN, _GOOD, b""))),
        ("presentation_map", "an array of two byte strings.", encode({0: _TOKEN, 1: _GOOD})),
        ("presentation_of_text", "an array of two byte strings.", encode((_TOKEN, _GOOD.hex()))),
        ("presentation_not_wrapped", "two byte strings, not the messages themselves.", encode((Raw(_TOKEN), Raw(_GOOD)))),
        ("presentation_proof_null", "an array of two byte strings.", encode((_TOKEN, None))),
        ("presentation_trailing_byte", "nothing stands after the presentation.", good + b"\0"),
        ("presentation_indefinite", "definite lengths only.", b"\x9f" + good[1:] + b"\xff"),
        ("presentation_not_shortest", "shortest heads.", b"\x98\x02" + good[1:]),
        ("presentation_tagged", "a tag stands in front of a COSE message only.", encode(Tagged(18, Raw(good)))),
    ):
        yield PassCase(name, f"Step 2: {comment}", MALFORMED, from_presentation(broken))
    untagged = _TOKEN[1:]
    comment = "Step 2: the token inside of a presentation has the same shape as one alone."
    yield PassCase("presentation_of_untagged_token", comment, MALFORMED, from_presentation(encode((untagged, _GOOD)), untagged))


def _orders() -> Iterator[PassCase]:
    late = claims({**_CNF, EXP: NOW})
    payload = encode(late)
    token = sign1(PASS_BA, payload).encode()
    comment = "Step 8 before step 11: an expired pass with a bad proof."
    yield PassCase("order_expired_before_proof", comment, "expired", _presented(_GOOD, token, payload))
    comment = "Step 9 before step 11: a revoked pass without its proof."
    yield PassCase("order_revoked_before_proof", comment, "revoked", from_claims(claims(_CNF, {STATUS: (0, 5)})))
    forged = replace(sign1(PASS_BA, _PAYLOAD), signature=bytes(64)).encode()
    comment = "Step 4 before step 11: a good proof around a forged pass."
    yield PassCase("order_forged_before_proof", comment, FORGED, _presented(_proof(_proof_claims(forged)), forged))


def scenarios() -> list[Scenario]:
    """Return the scenarios of this module."""
    return [case.scenario() for maker in (_presences, _sizes, _ages, _proofs, _presentations, _orders) for case in maker()]
