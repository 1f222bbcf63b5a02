"""The catalogue's token, specs/catalogue.md section 1."""

from datetime import timedelta
from typing import Any

import pytest

import world
from said import refused
from socpass_vc.errors import ClaimsError, Malformed, Unsupported
from socpass_vc.format import cbor, cose
from socpass_vc.format.catalogue.signed_catalogue import (
    MAX_TOKEN_BYTES,
    TYP,
    Catalogue,
    read_catalogue,
    sign_catalogue,
)

CATEGORIES, MEASURES = 91, 300


def payload(**changes: Any) -> bytes:
    """Return the claims of the catalogue, some of them changed; None takes one away."""
    claims = cbor.decode(read_catalogue(world.catalogue_token()).signed.payload)
    assert isinstance(claims, dict)
    merged = claims | {int(name.removeprefix("n").replace("_", "-")): value for name, value in changes.items()}
    return cbor.encode({key: value for key, value in merged.items() if value is not None})


def test_a_catalogue_comes_back_and_is_the_same_token_each_time() -> None:
    # given
    token = world.catalogue_token()

    # when
    read = read_catalogue(token).content

    # then
    assert read == world.catalogue()
    assert (read.names(), read.measures()) == (world.names_page(), (world.measure(),))
    assert sign_catalogue(read, world.key("catalogue")) == token


def test_91_categories_and_300_measures_fit_in_a_tenth_of_what_is_possible() -> None:
    # given
    names = world.names_page(
        categories={
            2000 + code: {"ru": f"Категория получателей {code}", "en": f"Category of recipients {code}"}
            for code in range(CATEGORIES)
        }
    )
    measures = [
        world.measure(
            id=f"measure-{number}",
            names={"ru": f"Мера социальной поддержки номер {number}", "en": f"Measure of social support number {number}"},
            categories=tuple(sorted({2000 + number * step % CATEGORIES for step in range(1, 9)})),
            notes={"ru": "По будням, при предъявлении документа", "en": "On weekdays, with a document"},
        )
        for number in range(MEASURES)
    ]
    big = Catalogue.of(names, measures, uri=world.CATALOGUE_URI, issued_at=world.ISSUED_AT, expires_at=world.STATUS_EXPIRES_AT)

    # when
    token = world.catalogue_token(big)

    # then
    assert len(token) < MAX_TOKEN_BYTES // 8
    read = read_catalogue(token).content
    assert len(read.names().categories) == CATEGORIES
    assert [measure.id for measure in read.measures()] == sorted(measure.id for measure in measures)


@pytest.mark.parametrize(
    "changes",
    [
        {"expires_at": world.ISSUED_AT},
        {"uri": ""},
        {"uri": "https://пример/"},
        {"uri": "a" * 301},
        {"uri": "a\n"},
    ],
    ids=str,
)
def test_a_catalogue_cannot_be_made_wrong(changes: dict[str, Any]) -> None:
    with pytest.raises(ClaimsError):
        world.catalogue(**changes)


def test_a_fraction_of_a_second_or_too_many_bytes_are_not_signed() -> None:
    with refused(ClaimsError, "no_whole_second"):
        world.catalogue_token(world.catalogue(issued_at=world.ISSUED_AT + timedelta(microseconds=1)))
    with refused(ClaimsError, "too_many_bytes", longest=1_048_576):
        world.catalogue_token(world.catalogue(names_page=bytes(MAX_TOKEN_BYTES)))


def test_a_token_of_too_many_bytes_is_not_read() -> None:
    # given the longest that may be, and one byte more
    around = len(world.catalogue_token(world.catalogue(names_page=bytes(MAX_TOKEN_BYTES // 2)))) - MAX_TOKEN_BYTES // 2
    longest = world.catalogue_token(world.catalogue(names_page=bytes(MAX_TOKEN_BYTES - around)))

    # then
    assert len(longest) == MAX_TOKEN_BYTES
    read_catalogue(longest)
    with refused(Malformed, "too_many_bytes", given=1_048_577):
        read_catalogue(longest + b"\0")


@pytest.mark.parametrize("claim", ["n2", "n4", "n6", "n_65539", "n_65540"])
def test_every_claim_is_required(claim: str) -> None:
    with pytest.raises(Malformed):
        read_catalogue(cose.sign1(payload(**{claim: None}), world.key("catalogue"), typ=TYP))


@pytest.mark.parametrize(
    ("changes", "error"),
    [({"n2": b"a"}, Malformed), ({"n4": 0}, Malformed), ({"n_65539": b""}, Malformed), ({"n1": "a"}, Unsupported)],
    ids=str,
)
def test_a_claim_that_is_wrong_or_new_is_refused(changes: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        read_catalogue(cose.sign1(payload(**changes), world.key("catalogue"), typ=TYP))


def test_a_page_that_is_not_asked_for_is_not_read() -> None:
    # given
    half = world.catalogue(measures_page=b"\xff")

    # then
    assert half.names() == world.names_page()
    with pytest.raises(Malformed):
        half.measures()
