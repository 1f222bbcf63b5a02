"""No change of what was signed is ever accepted, whichever bit or digit it is."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

import strategies
import vectors
import world
from socpass_vc.errors import SocpassError
from socpass_vc.format import armor, cbor
from socpass_vc.format.credential.claims import Claims
from socpass_vc.format.credential.token import read_pass, sign_pass, write_pass
from socpass_vc.format.status.status_list import StatusList, sign_status_list
from socpass_vc.format.trust.bundle import Trust, read_bundle
from socpass_vc.format.trust.issuers import TrustList
from socpass_vc.holder.present import present
from socpass_vc.verifier.admit import admit, admit_catalogue

TRUST = world.trust()
STATUS = world.status()
HOLDER = world.key("holder")


def accepted(attempt: Callable[[], object]) -> bool:
    """Tell whether nothing was raised; anything but a refusal of ours fails the test."""
    try:
        attempt()
    except SocpassError:
        return False
    return True


def verifies(text: str) -> bool:
    """Tell whether the till accepts a text."""
    return accepted(lambda: world.verify(text, under=TRUST, lists=STATUS))


def flips(original: bytes) -> Iterator[bytes]:
    """Yield *original* with each of its bits flipped, one at a time."""
    for position in range(len(original) * 8):
        at, bit = divmod(position, 8)
        yield original[:at] + bytes((original[at] ^ 1 << bit,)) + original[at + 1 :]


def checked(encoded: bytes, anchor: bytes) -> Trust:
    """Return what a till trusts."""
    return read_bundle(encoded).check(anchor)


def as_text(frame: bytes) -> str:
    """Return the text of a frame, whatever its first byte."""
    return armor.write_armor(frame)


# --- Everything there is of one -----------------------------------------------------------------------------


def test_no_bit_of_a_pass_can_be_flipped() -> None:
    # given
    frame = armor.read_armor(world.text())
    assert verifies(as_text(frame))

    # then
    assert [changed.hex() for changed in flips(frame) if verifies(as_text(changed))] == []


def test_no_bit_of_a_presentation_can_be_flipped() -> None:
    # given
    bound = world.text(world.claims(holder_key=HOLDER.public_key))
    frame = armor.read_armor(present(bound, HOLDER, now=world.NOW))
    assert verifies(as_text(frame))

    # then
    assert [changed.hex() for changed in flips(frame) if verifies(as_text(changed))] == []


def test_no_digit_of_a_text_can_be_changed_dropped_doubled_or_swapped_with_its_neighbour() -> None:
    # given
    digits = world.text().removeprefix("SOCPASS:")
    assert verifies(digits)

    for at, digit in enumerate(digits):
        before, after = digits[:at], digits[at + 1 :]
        changed = {before + other + after for other in "0123456789"} | {before + after, before + digit * 2 + after}
        changed.add(before + after[:1] + digit + after[1:])

        # then
        assert [text for text in changed - {digits} if verifies(text)] == []


def test_no_bit_of_a_status_list_can_be_flipped() -> None:
    # given
    token = world.status_token()
    assert accepted(lambda: admit(token, trust=TRUST))

    # then
    assert [changed.hex() for changed in flips(token) if accepted(partial(admit, changed, trust=TRUST))] == []


def test_no_bit_of_a_catalogue_can_be_flipped() -> None:
    # given
    token, under = world.catalogue_token(), world.trust_with_catalogues()
    assert accepted(lambda: admit_catalogue(token, trust=under))

    # then
    assert [changed.hex() for changed in flips(token) if accepted(partial(admit_catalogue, changed, trust=under))] == []


def test_no_bit_of_a_trust_bundle_can_be_flipped() -> None:
    # given
    encoded, anchor = world.bundle(), world.root().encode()
    assert accepted(partial(checked, encoded, anchor))

    # then
    assert [changed.hex() for changed in flips(encoded) if accepted(partial(checked, changed, anchor))] == []


def test_no_bit_of_a_trust_bundle_can_be_flipped_but_those_of_signatures_that_nobody_here_can_check() -> None:
    # given a bundle whose root and list are signed with ML-DSA-44 too
    vector = vectors.load("trust/signed_twice")
    encoded, anchor = bytes.fromhex(vector["bundle"]), bytes.fromhex(vector["anchor"])
    of_ml_dsa_44 = b"\x59\x09\x74"  # a byte string of 2,420
    starts = [at + len(of_ml_dsa_44) for at in range(len(encoded)) if encoded.startswith(of_ml_dsa_44, at)]
    free = {at for start in starts for at in range(start, start + 2420)}
    assert len(free) == 2 * 2420
    said = checked(encoded, anchor)

    # then
    for at in range(len(encoded)):
        for bit in range(8) if at not in free else (at % 8,):
            changed = encoded[:at] + bytes((encoded[at] ^ 1 << bit,)) + encoded[at + 1 :]
            assert accepted(partial(checked, changed, anchor)) is (at in free), f"byte {at}, bit {bit}"
    other = checked(encoded[: min(free)] + bytes(2420) + encoded[min(free) + 2420 :], anchor)
    assert (other.root, other.list) == (said.root, said.list)


@pytest.mark.parametrize("confirmed", [0, 1], ids=["the first root", "the second root"])
def test_no_byte_of_a_chain_of_roots_can_be_changed_whichever_of_them_a_till_trusts(confirmed: int) -> None:
    # given two signatures on the first root, three on the second and two on the list
    chain = world.root("a", "b", threshold=2), world.root("b", "c", version=2)
    encoded = world.bundle(roots=[world.root_token(chain[0], "ab"), world.root_token(chain[1], "abc")], signers="bc")
    anchor = chain[confirmed].encode()
    assert accepted(partial(checked, encoded, anchor))

    for at, byte in enumerate(encoded):
        changed = encoded[:at] + bytes((byte ^ 1 << at % 8,)) + encoded[at + 1 :]

        # then
        assert not accepted(partial(checked, changed, anchor)), f"byte {at}"


# --- Anything at all ----------------------------------------------------------------------------------------


@given(strategies.acceptable_claims(), st.integers(0), st.integers(0, 7))
def test_flipping_any_bit_of_any_pass_makes_it_unacceptable(claims: Claims, position: int, bit: int) -> None:
    # given
    token = bytearray(sign_pass(claims, world.key("pass")))
    assert verifies(write_pass(bytes(token)))

    # when
    token[position % len(token)] ^= 1 << bit

    # then
    assert not verifies(write_pass(bytes(token)))


@given(strategies.acceptable_claims(), st.data())
def test_any_other_bytes_than_those_that_were_signed_are_unacceptable(claims: Claims, data: st.DataObject) -> None:
    # given
    token = sign_pass(claims, world.key("pass"))
    changed = data.draw(strategies.mutated(st.just(token)))

    # then
    assert verifies(world.text_of_token(changed)) is (changed == token)


@given(strategies.acceptable_claims(), st.data())
def test_any_other_digits_than_those_that_were_written_are_unacceptable(claims: Claims, data: st.DataObject) -> None:
    # given
    digits = write_pass(sign_pass(claims, world.key("pass"))).removeprefix("SOCPASS:")
    edits = st.tuples(st.integers(0, len(digits)), st.integers(0, 4), st.text("0123456789", max_size=4))
    changed = digits
    for at, cut, put in data.draw(st.lists(edits, min_size=1, max_size=3)):
        changed = changed[:at] + put + changed[at + cut :]

    # then
    assert verifies(changed) is (changed == digits)


@given(strategies.acceptable_claims(), st.data())
def test_any_other_presentation_than_the_holders_is_unacceptable(claims: Claims, data: st.DataObject) -> None:
    # given
    bound = write_pass(sign_pass(replace(claims, holder_key=HOLDER.public_key), world.key("pass")))
    frame = armor.read_armor(present(bound, HOLDER, now=world.NOW))
    assert verifies(as_text(frame))
    changed = data.draw(strategies.mutated(st.just(frame)))

    # then
    assert verifies(as_text(changed or b"\x00")) is (changed.lstrip(b"\x00") == frame)  # a number has no zeros in front


@given(strategies.acceptable_claims(), strategies.acceptable_claims())
def test_a_proof_for_one_pass_is_none_for_another(first: Claims, second: Claims) -> None:
    # given two passes of one holder
    passes = [sign_pass(replace(claims, holder_key=HOLDER.public_key), world.key("pass")) for claims in (first, second)]
    proofs = [read_pass(present(write_pass(token), HOLDER, now=world.NOW)).proof for token in passes]

    # then
    crossed = world.text_of_token(cbor.encode([passes[0], proofs[1]]), kind=armor.PRESENTATION)
    assert verifies(crossed) is (passes[0] == passes[1])


@given(strategies.status_lists(), st.data())
def test_any_other_bytes_of_a_status_list_are_not_admitted(listed: StatusList, data: st.DataObject) -> None:
    # given
    fitting = replace(listed, uri=world.STATUS_URI, issued_at=world.ISSUED_AT, expires_at=world.STATUS_EXPIRES_AT)
    token = sign_status_list(fitting, world.key("status"))
    assert accepted(lambda: admit(token, trust=TRUST))
    changed = data.draw(strategies.mutated(st.just(token)))

    # then
    assert accepted(lambda: admit(changed, trust=TRUST)) is (changed == token)


@given(strategies.trust_lists(), st.data())
def test_any_other_bytes_of_a_trust_bundle_are_not_trusted(listed: TrustList, data: st.DataObject) -> None:
    # given
    encoded = world.bundle(listed)
    anchor = world.root().encode()
    assert accepted(partial(checked, encoded, anchor))
    changed = data.draw(strategies.mutated(st.just(encoded)))

    # then
    assert accepted(partial(checked, changed, anchor)) is (changed == encoded)
