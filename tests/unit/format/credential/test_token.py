"""A pass as a whole, specs/credential.md sections 2, 5 and 7."""

import pytest

import world
from said import refused
from socpass_vc.errors import ClaimsError, Incomplete, Malformed, Misread, NotAPass, Unsupported
from socpass_vc.format import armor, cbor, cose
from socpass_vc.format.credential.claims import Document, Entitlement
from socpass_vc.format.credential.proof import sign_proof
from socpass_vc.format.credential.token import read_frame, read_pass, sign_pass, write_pass, write_presentation

TOKEN = sign_pass(world.claims(), world.key("pass"))
PROOF = sign_proof(TOKEN, world.key("holder"), now=world.NOW)


def test_a_pass_is_signed_written_and_read_again() -> None:
    # when
    unverified = read_pass(write_pass(TOKEN))

    # then
    assert unverified.token == TOKEN
    assert unverified.proof is None
    assert unverified.claims() == world.claims()
    unverified.signed.check(world.key("pass").public_key)


def test_the_same_claims_give_the_same_text() -> None:
    assert write_pass(sign_pass(world.claims(), world.key("pass"))) == write_pass(TOKEN)


def test_an_agency_may_put_its_own_page_in_front() -> None:
    # when
    text = write_pass(TOKEN, prefix="HTTPS://PASS.EXAMPLE.RU/P#")

    # then
    assert text.startswith("HTTPS://PASS.EXAMPLE.RU/P#")
    assert read_pass(text).token == TOKEN


def test_a_presentation_carries_the_pass_and_the_proof() -> None:
    # when
    unverified = read_pass(write_presentation(TOKEN, PROOF))

    # then
    assert (unverified.token, unverified.proof) == (TOKEN, PROOF)


def test_a_pass_that_would_be_larger_than_4096_bytes_is_not_signed() -> None:
    # given
    many = tuple(Entitlement(category=number, document=Document(kind=1, number="я" * 40)) for number in range(1, 33))
    photo = b"RIFF" + bytes(4) + b"WEBP" + bytes(3488)

    # then
    with refused(ClaimsError, "token_too_large", longest=4_096):
        sign_pass(world.claims(entitlements=many, photo=photo), world.key("pass"))


def test_a_token_of_4096_bytes_is_signed_and_read() -> None:
    # given a photo and a name that leave no byte
    claims = world.claims(photo=b"RIFF" + bytes(4) + b"WEBP" + bytes(3488), name="a")
    spare = 4096 - len(sign_pass(claims, world.key("pass")))
    documents = tuple(Entitlement(category=number, document=Document(kind=1, number="a" * 40)) for number in range(24, 32))
    claims = world.claims(photo=claims.photo, name="a", entitlements=documents)
    spare = 4096 - len(sign_pass(claims, world.key("pass")))

    # when
    token = sign_pass(world.claims(photo=claims.photo, name="a" + "b" * (spare - 1), entitlements=documents), world.key("pass"))

    # then
    assert len(token) == 4096
    assert read_pass(write_pass(token)).token == token


def test_a_text_that_carries_no_pass_says_why() -> None:
    for text, error in (
        ("https://shop.example/p/1", NotAPass),
        (write_pass(TOKEN)[:-1], Misread),
        (armor.write_armor(armor.split_frame(b"\x01" + TOKEN, count=2)[0]), Incomplete),
        (world.text_of_token(TOKEN[1:]), Malformed),
    ):
        with pytest.raises(error):
            read_pass(text)


def test_a_frame_of_another_kind_is_malformed() -> None:
    # given what parts may join to
    for frame in (b"", b"\x02" + TOKEN, b"\x00" + TOKEN):
        with refused(Malformed, "neither_pass_nor_presentation"):
            read_frame(frame)


def test_a_token_of_more_than_4096_bytes_is_malformed_however_it_came() -> None:
    # given
    large = cose.sign1(bytes(4096), world.key("pass"))

    # then
    with refused(Malformed, "too_many_bytes", longest=4_096):
        read_frame(b"\x01" + large)
    with refused(Malformed, "too_many_bytes", longest=4_096):
        read_frame(b"\x03" + cbor.encode([large, PROOF]))


@pytest.mark.parametrize(
    "presentation",
    [[TOKEN], [TOKEN, PROOF, b""], [TOKEN, None], [None, PROOF], [TOKEN, "proof"], {1: TOKEN, 2: PROOF}],
    ids=["no proof", "three parts", "a null proof", "a null token", "a proof of text", "a map"],
)
def test_a_presentation_is_two_byte_strings_and_nothing_else(presentation: cbor.Value) -> None:
    with refused(Malformed, "presentation_shape"):
        read_frame(b"\x03" + cbor.encode(presentation))


def test_claims_of_an_unverified_pass_are_read_whoever_signed_it() -> None:
    # given
    text = write_pass(sign_pass(world.claims(), world.key("stranger")))

    # then
    assert read_pass(text).claims() == world.claims()
    with pytest.raises(Unsupported):
        read_pass(world.text_of_payload(cbor.encode({1: 0}))).claims()
