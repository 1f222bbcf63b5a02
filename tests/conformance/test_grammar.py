"""specs/socpass.cddl against the accepted vectors: what is accepted is of the grammar, layer by layer."""

from functools import lru_cache

import cbor2
import pycddl
import pytest

import vectors
from socpass_vc.format.keys import ALGORITHM, SIGNATURE_BYTES
from vectors import ACCEPTED, FOLDER, Vector

GRAMMAR = (FOLDER.parent / "specs" / "socpass.cddl").read_text(encoding="utf-8")


@lru_cache
def schema(rule: str) -> pycddl.Schema:
    """Return a validator that starts with one rule."""
    return pycddl.Schema(f"wanted = {rule}\n{GRAMMAR}")


def check(rule: str, encoded: bytes) -> None:
    """Raise ValidationError if *encoded* is not of the rule."""
    schema(rule).validate_cbor(encoded)


def accepted(folder: str) -> list[str]:
    """Return the accepted scenarios of a folder."""
    found = (f"{folder}/{path.stem}" for path in vectors.paths(folder))
    return [vector_id for vector_id in found if vectors.load(vector_id)["expect"] == ACCEPTED]


def check_sign1(token: bytes, rule: str, protected_rule: str, payload_rule: str) -> None:
    """Check a COSE_Sign1 and the two byte strings of CBOR in it."""
    check(rule, token)
    protected, _, payload, _ = cbor2.loads(token).value
    check(protected_rule, protected)
    check(payload_rule, payload)


def check_sign(token: bytes, name: str) -> None:
    """Check a COSE_Sign of the bundle, and the byte strings of CBOR in it."""
    check(name, token)
    protected, _, payload, signatures = cbor2.loads(token).value
    check(f"{name}-typ", protected)
    check(f"{name}-claims", payload)
    check_signatures(signatures)


def check_signatures(signatures: list[list[bytes]]) -> None:
    """Check the signatures of a COSE_Sign, ours and those of other algorithms."""
    for protected, _, value in signatures:
        is_ours = cbor2.loads(protected)[1] == ALGORITHM
        check("token-protected" if is_ours else "other-protected", protected)
        assert len(value) == SIGNATURE_BYTES or not is_ours


@pytest.mark.parametrize("vector_id", accepted("pass"))
def test_an_accepted_pass_is_of_the_grammar(vector_id: str) -> None:
    # given
    vector: Vector = vectors.load(vector_id)
    frame, token = bytes.fromhex(vector["frame"]), bytes.fromhex(vector["cose"])

    # then
    check_sign1(token, "token", "token-protected", "claims")
    assert frame[1:] == token or frame[0] == 3
    if frame[0] == 3:
        check("presentation", frame[1:])
        check_sign1(cbor2.loads(frame[1:])[1], "proof", "proof-protected", "proof-claims")


@pytest.mark.parametrize("vector_id", accepted("status"))
def test_an_accepted_status_list_is_of_the_grammar(vector_id: str) -> None:
    # given
    token = bytes.fromhex(vectors.load(vector_id)["cose"])

    # then
    check_sign1(token, "status-list-token", "status-protected", "status-claims")


@pytest.mark.parametrize("vector_id", accepted("delta"))
def test_an_accepted_status_delta_is_of_the_grammar(vector_id: str) -> None:
    # given
    token = bytes.fromhex(vectors.load(vector_id)["cose"])

    # then
    check_sign1(token, "status-delta-token", "delta-protected", "delta-claims")


@pytest.mark.parametrize("vector_id", accepted("catalogue"))
def test_an_accepted_catalogue_is_of_the_grammar(vector_id: str) -> None:
    # given
    token = bytes.fromhex(vectors.load(vector_id)["cose"])

    # then
    check_sign1(token, "catalogue-token", "catalogue-protected", "catalogue-claims")
    claims = cbor2.loads(cbor2.loads(token).value[2])
    check("names-page", claims[-65539])
    check("measures-page", claims[-65540])


@pytest.mark.parametrize("vector_id", accepted("trust"))
def test_an_accepted_bundle_is_of_the_grammar(vector_id: str) -> None:
    # given
    vector = vectors.load(vector_id)
    encoded = bytes.fromhex(vector["bundle"])

    # then
    check("bundle", encoded)
    check("root-claims", bytes.fromhex(vector["anchor"]))
    _, roots, listed = cbor2.loads(encoded)
    for root in roots:
        check_sign(root, "root")
    check_sign(listed, "list")


@pytest.mark.parametrize("vector_id", accepted("request"))
def test_an_accepted_request_is_of_the_grammar(vector_id: str) -> None:
    # given
    encoded = bytes.fromhex(vectors.load(vector_id)["request"])

    # then
    _, roots, in_force, *drafts = cbor2.loads(encoded)
    check(f"request-for-{'both' if None not in drafts else 'root' if drafts[1] is None else 'list'}", encoded)
    for root in roots:
        check_sign(root, "root")
    if in_force is not None:
        check_sign(in_force, "list")
    for name, draft in zip(("root", "list"), drafts, strict=True):
        if draft is not None:
            check(f"{name}-claims", draft[0])
            check_signatures(draft[1])


def test_the_first_rule_stands_for_a_whole_file() -> None:
    # given
    whole = pycddl.Schema(GRAMMAR)

    # then
    for vector_id, field in (
        ("pass/accepted", "cose"),
        ("status/two_bits", "cose"),
        ("catalogue/several", "cose"),
        ("trust/one_issuer", "bundle"),
        ("request/rotation", "request"),
    ):
        whole.validate_cbor(bytes.fromhex(vectors.load(vector_id)[field]))


@pytest.mark.parametrize(
    ("vector_id", "field", "rule"),
    [
        ("pass/exp_missing", "claims_cbor", "claims"),
        ("pass/claim_iss", "claims_cbor", "claims"),
        ("pass/body_key_text", "claims_cbor", "body"),
        ("pass/untagged", "cose", "token"),
        ("pass/signature_of_63_bytes", "cose", "token"),
    ],
)
def test_the_grammar_refuses_what_it_can_say(vector_id: str, field: str, rule: str) -> None:
    # given
    vector = vectors.load(vector_id)

    # then
    with pytest.raises(pycddl.ValidationError):
        check(rule, bytes.fromhex(vector[field] or "00"))
