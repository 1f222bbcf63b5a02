"""socpass and PyPI's ``cwt`` read, and refuse, each other's tokens; ``make interop`` runs this.

The peer is a process of its own, started with the interpreter that SOCPASS_INTEROP_PYTHON names (interop/peer.py).
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import cbor2
import pytest

import socpass_vc
from interop import agency
from interop.agency import HOLDER_KEY, NOW, PASS_KEY, PASSES, STATUS_KEY
from interop.appendix_a import ACCEPTED, REFUSED
from interop.notation import Json, to_json
from socpass_vc import Claims, SecretKey, SocpassError, Verified
from socpass_vc.errors import Malformed, Revoked, Unsupported
from socpass_vc.format import cbor
from socpass_vc.format.credential.claims_reader import read_claims
from socpass_vc.format.status import status_list

ROOT = Path(__file__).parent.parent
VECTORS = ROOT / "test_vectors"
TYP = "application/statuslist+cwt"
ALL_VALID, REVOKED = b"\x00", b"\x40"  # four entries of two bits; the last one is that of every pass

every_pass = pytest.mark.parametrize("claims", PASSES.values(), ids=PASSES)


def ask(*requests: dict[str, Json]) -> list[dict[str, Json]]:
    """Return the peer's answers to *requests*."""
    interpreter = os.environ.get("SOCPASS_INTEROP_PYTHON")
    if interpreter is None:
        pytest.fail("SOCPASS_INTEROP_PYTHON names no interpreter that has the peer; run 'make interop'")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    peer = subprocess.run(
        [interpreter, "-m", "interop.peer"],
        input=json.dumps(requests),
        capture_output=True,
        check=False,
        cwd=ROOT,
        env=environment,
        encoding="utf-8",
    )
    assert peer.returncode == 0, peer.stderr
    answers: list[dict[str, Json]] = json.loads(peer.stdout)
    assert len(answers) == len(requests)
    return answers


def public(key: SecretKey) -> str:
    return cbor.encode({1: 1, -1: 6, -2: key.public_key.raw}).hex()


def to_verify(token: bytes, key: SecretKey) -> dict[str, Json]:
    return {"do": "verify", "token": token.hex(), "cose_key": public(key)}


def to_sign(claims: dict[object, object], key: SecretKey, *, header: dict[object, object], alg: int = -19) -> dict[str, Json]:
    backwards = dict(reversed(claims.items()))  # so that the peer has to put them in order
    return {
        "do": "sign",
        "claims": to_json(backwards),
        "alg": alg,
        "header": to_json(header),
        "cose_key": public(key),
        "seed": key.seed.hex(),
    }


def token_of(answer: dict[str, Json]) -> bytes:
    match answer:
        case {"token": str(token)}:
            return bytes.fromhex(token)
        case _:
            pytest.fail(f"the peer signed nothing: {answer}")


def sign_as_the_peer(claims: Claims) -> bytes:
    return token_of(ask(to_sign(agency.expected_pass(claims), PASS_KEY, header={}))[0])


def sign_list_as_the_peer(raw: bytes) -> bytes:
    content = agency.status_list(raw)
    ours = cbor.decode(status_list.read_status_list(socpass_vc.sign_status_list(content, STATUS_KEY)).signed.payload)
    match ours:
        case {65533: {"lst": bytes(stream)}}:
            claims = agency.expected_status_list(content, stream)
            return token_of(ask(to_sign(claims, STATUS_KEY, header={16: TYP}))[0])
        case _:
            pytest.fail("our own status list holds no stream")


def decide(pass_token: bytes, list_token: bytes) -> Verified:
    text = socpass_vc.write_pass(pass_token)
    if socpass_vc.read_pass(text).claims().holder_key is not None:
        text = socpass_vc.present(text, HOLDER_KEY, now=NOW)
    trust = agency.trust()
    admitted = socpass_vc.admit(list_token, trust=trust)
    return socpass_vc.verify(text, trust=trust, status={admitted.content.uri: admitted}, now=NOW)


def headers(key: SecretKey, further: dict[int, str]) -> dict[str, Json]:
    return {"protected": to_json({1: -19, 4: key.public_key.key_id, **further}), "unprotected": to_json({})}


@every_pass
def test_the_peer_verifies_our_pass_by_its_public_key_alone_and_reads_every_claim(claims: Claims) -> None:
    token = socpass_vc.sign_pass(claims, PASS_KEY)

    [answer] = ask(to_verify(token, PASS_KEY))

    assert answer == {**headers(PASS_KEY, {}), "claims": to_json(agency.expected_pass(claims))}


@every_pass
def test_we_read_from_our_pass_what_the_peer_reads(claims: Claims) -> None:
    token = socpass_vc.sign_pass(claims, PASS_KEY)

    [answer] = ask(to_verify(token, PASS_KEY))

    ours = decide(token, socpass_vc.sign_status_list(agency.status_list(ALL_VALID), STATUS_KEY)).claims
    assert ours == claims
    assert to_json(agency.expected_pass(ours)) == answer["claims"]


def test_the_peer_verifies_our_status_list_and_reads_every_claim() -> None:
    content = agency.status_list(REVOKED)
    token = socpass_vc.sign_status_list(content, STATUS_KEY)

    [answer] = ask(to_verify(token, STATUS_KEY))

    match answer.pop("claims"):
        case {"map": [*_, [65533, {"map": [["lst", {"bytes": str(stream)}], _]}], _]} as claims:
            assert status_list.inflate(bytes.fromhex(stream), len(REVOKED)) == REVOKED
            assert claims == to_json(agency.expected_status_list(content, bytes.fromhex(stream)))
        case other:
            pytest.fail(f"not the claims of a status list: {other}")
    assert answer == headers(STATUS_KEY, {16: TYP})


@every_pass
def test_we_accept_a_pass_and_a_status_list_that_the_peer_signed(claims: Claims) -> None:
    pass_token, list_token = sign_as_the_peer(claims), sign_list_as_the_peer(ALL_VALID)

    verified = decide(pass_token, list_token)

    assert verified.claims == claims
    assert verified.issuer == agency.ISSUER
    assert verified.key.public_key == PASS_KEY.public_key


def test_a_pass_that_the_peer_revokes_is_revoked() -> None:
    pass_token, list_token = sign_as_the_peer(PASSES["three categories"]), sign_list_as_the_peer(REVOKED)

    with pytest.raises(Revoked):
        decide(pass_token, list_token)


@every_pass
def test_the_peer_writes_a_pass_byte_for_byte_as_we_do(claims: Claims) -> None:
    assert sign_as_the_peer(claims) == socpass_vc.sign_pass(claims, PASS_KEY)


def test_the_peer_writes_a_status_list_byte_for_byte_as_we_do() -> None:
    assert sign_list_as_the_peer(REVOKED) == socpass_vc.sign_status_list(agency.status_list(REVOKED), STATUS_KEY)


def flips(token: bytes) -> Sequence[bytes]:
    return [token[:at] + bytes((token[at] ^ 1 << bit,)) + token[at + 1 :] for at, bit in product(range(len(token)), range(8))]


def test_both_refuse_a_pass_with_any_bit_flipped() -> None:
    token = socpass_vc.sign_pass(PASSES["three categories"], PASS_KEY)
    list_token = socpass_vc.sign_status_list(agency.status_list(ALL_VALID), STATUS_KEY)
    tampered = flips(token)

    untouched, *answers = ask(to_verify(token, PASS_KEY), *(to_verify(flipped, PASS_KEY) for flipped in tampered))

    assert "refused" not in untouched
    assert decide(token, list_token)
    for flipped, answer in zip(tampered, answers, strict=True):
        assert "refused" in answer, flipped.hex()
        with pytest.raises(SocpassError):
            decide(flipped, list_token)


def test_both_refuse_a_status_list_with_any_bit_flipped() -> None:
    token = socpass_vc.sign_status_list(agency.status_list(ALL_VALID), STATUS_KEY)
    trust = agency.trust()
    tampered = flips(token)

    untouched, *answers = ask(to_verify(token, STATUS_KEY), *(to_verify(flipped, STATUS_KEY) for flipped in tampered))

    assert "refused" not in untouched
    assert socpass_vc.admit(token, trust=trust)
    for flipped, answer in zip(tampered, answers, strict=True):
        assert "refused" in answer, flipped.hex()
        with pytest.raises(SocpassError):
            socpass_vc.admit(flipped, trust=trust)


def test_both_refuse_a_token_under_another_key() -> None:
    token = socpass_vc.sign_pass(PASSES["the least"], STATUS_KEY)

    [answer] = ask(to_verify(token, PASS_KEY))

    assert "refused" in answer
    with pytest.raises(SocpassError):
        decide(token, socpass_vc.sign_status_list(agency.status_list(ALL_VALID), STATUS_KEY))


def test_the_older_name_of_the_algorithm_is_the_one_thing_that_parts_a_token_of_the_peer_from_a_pass() -> None:
    claims = agency.expected_pass(PASSES["the least"])

    ed25519, eddsa = ask(*(to_sign(claims, PASS_KEY, header={}, alg=alg) for alg in (-19, -8)))

    assert socpass_vc.read_pass(socpass_vc.write_pass(token_of(ed25519)))
    with pytest.raises(Unsupported, match="the algorithm -8"):
        socpass_vc.read_pass(socpass_vc.write_pass(token_of(eddsa)))


def test_what_the_peer_writes_when_told_nothing_has_its_key_id_unsigned_and_is_no_pass() -> None:
    claims = to_json(agency.expected_pass(PASSES["the least"]))
    secret: dict[str, Json] = {"cose_key": public(PASS_KEY), "seed": PASS_KEY.seed.hex()}

    [answer] = ask({"do": "sign_by_default", "claims": claims, "alg": -19, **secret})

    with pytest.raises(Malformed, match="unprotected"):
        socpass_vc.read_pass(socpass_vc.write_pass(token_of(answer)))


def test_openssl_verifies_what_the_vectors_sign_with_ml_dsa_44() -> None:
    # given a pass, and a trust list beside our signature; their keys are published
    keys = {entry["key_id"]: entry["public_key"] for entry in json.loads((VECTORS / "seeds.json").read_text())["keys"].values()}
    token = cbor2_of("pass/algorithm_ml_dsa_44", "cose")
    listed = cbor2.loads(cbor2_of("trust/signed_twice", "bundle")[2])
    signed = [(token.value[0], ["Signature1", token.value[0], b"", token.value[2]], token.value[3])]
    body, _, payload, signatures = listed.value
    signed += [(own, ["Signature", body, own, b"", payload], value) for own, _, value in signatures if len(value) != 64]
    assert len(signed) == 2
    requests: list[dict[str, Json]] = [
        {
            "do": "verify_ml_dsa_44",
            "public": keys[cbor2.loads(protected)[4].hex()],
            "message": cbor2.dumps(structure).hex(),
            "signature": value.hex(),
        }
        for protected, structure, value in signed
    ]

    # then
    assert ask(*requests) == [{}, {}]
    assert all("refused" in answer for answer in ask(*({**request, "message": "00"} for request in requests)))


def cbor2_of(vector_id: str, field: str) -> Any:
    """Return what stands in a field of a vector, as another library reads it."""
    return cbor2.loads(bytes.fromhex(json.loads((VECTORS / f"{vector_id}.json").read_text())[field]))


def test_ours_and_the_peers_cbor_read_the_examples_of_rfc_8949_as_the_same_values() -> None:
    requests: list[dict[str, Json]] = [{"do": "decode", "cbor": example} for example in ACCEPTED]

    answers = ask(*requests)

    for example, answer in zip(ACCEPTED, answers, strict=True):
        value = cbor.decode(bytes.fromhex(example))
        assert cbor.encode(value).hex() == example
        assert json.dumps({"value": to_json(value)}) == json.dumps(answer)  # as text, because True == 1


@pytest.mark.parametrize(
    "example",
    [pytest.param(example, id=f"{why}-{example}") for why, examples in REFUSED.items() for example in examples],
)
def test_ours_refuses_the_examples_of_rfc_8949_that_no_pass_may_hold(example: str) -> None:
    with pytest.raises(Malformed):
        cbor.decode(bytes.fromhex(example))
    with pytest.raises(Malformed):
        read_claims(bytes.fromhex(example))
