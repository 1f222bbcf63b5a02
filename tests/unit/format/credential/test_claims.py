"""What a pass says, specs/credential.md section 3: writing, reading, and what neither lets through."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

import world
from said import refused
from socpass_vc.errors import ClaimsError, Malformed, Unsupported
from socpass_vc.format import cbor
from socpass_vc.format.cbor import Value
from socpass_vc.format.credential.claims import Claims, Document, Entitlement, StatusReference, check_categories
from socpass_vc.format.credential.claims_reader import read_claims

EXP, IAT, CNF, BODY = 4, 6, 8, -65537
WEBP = b"RIFF" + bytes(4) + b"WEBP" + b"\x01"
AVIF = bytes(4) + b"ftypavif" + b"\x01"


def written(changes: dict[int | str, Any] | None = None, body: dict[int | str, Any] | None = None) -> bytes:
    """Return the payload of a good pass with other entries; an entry that is ... is left out."""
    inside: dict[int | str, Any] = {1: "Иванова Мария", 4: [[2545, None]], 5: [0, 7], **(body or {})}
    outside: dict[int | str, Any] = {EXP: 2_000_000_000, IAT: 1_767_225_600, BODY: without_gaps(inside), **(changes or {})}
    return cbor.encode(without_gaps(outside))


def without_gaps(entries: dict[int | str, Any]) -> dict[int | str, Value]:
    return {key: item for key, item in entries.items() if item is not ...}


# --- Both ways ----------------------------------------------------------------------------------------------


def test_the_smallest_pass_is_written_as_the_specification_shows() -> None:
    # given
    claims = Claims(
        name="Иванова Мария Петровна",
        entitlements=(Entitlement(category=545),),
        status=StatusReference(list_number=0, index=123456),
        issued_at=datetime(2026, 1, 1, tzinfo=UTC),
        expires_at=datetime(2028, 1, 1, tzinfo=UTC),
    )

    # when
    payload = claims.encode()

    # then
    assert cbor.decode(payload) == {
        4: 1830297600,
        6: 1767225600,
        -65537: {1: "Иванова Мария Петровна", 4: [[545, None]], 5: [0, 123456]},
    }
    assert payload == cbor.encode(cbor.decode(payload))
    assert read_claims(payload) == claims


def test_a_pass_with_everything_is_written_and_read_back() -> None:
    # given
    day = date(2026, 1, 1)
    full = world.claims(
        latin_name="IVANOVA MARIIA",
        photo=WEBP,
        holder_key=world.key("holder").public_key,
        entitlements=(
            Entitlement(category=1, first=day),
            Entitlement(category=2, last=day),
            Entitlement(category=3, first=day, last=day),
            Entitlement(category=4, document=Document(kind=1, number="…1234")),
            Entitlement(category=999_999, first=day, document=Document(kind=65535, number="AB", issued_on=day)),
        ),
    )

    # when
    payload = full.encode()

    # then
    assert read_claims(payload) == full
    said = cbor.decode(payload)
    assert isinstance(said, dict)
    body = said[BODY]
    assert isinstance(body, dict)
    assert body[4] == [
        [1, None, 20454],
        [2, 20454],
        [3, 20454, 20454],
        [4, None, None, [1, "…1234"]],
        [999_999, None, 20454, [65535, "AB", 20454]],
    ]
    assert body[2] == -4311
    assert payload == cbor.encode(said)


@pytest.mark.parametrize("photo", [WEBP, AVIF, WEBP[:12] + bytes(3488)], ids=["webp", "avif", "3,500 bytes"])
def test_a_photo_is_webp_or_avif(photo: bytes) -> None:
    assert read_claims(world.claims(photo=photo).encode()).photo == photo


@pytest.mark.parametrize("year", [1800, 1958, 9999])
def test_a_year_of_birth_stands_alone(year: int) -> None:
    # given
    claims = world.claims(born_on=None, born_in=year)

    # then
    assert read_claims(claims.encode()) == claims


@pytest.mark.parametrize("day", [date(1800, 1, 1), date(1969, 12, 31), date(1970, 1, 1), date(9999, 12, 31)])
def test_days_from_1800_to_9999_can_be_written(day: date) -> None:
    # given
    claims = world.claims(born_on=day)

    # then
    assert read_claims(claims.encode()).born_on == day


@pytest.mark.parametrize("name", ["я" * 120, "A  B", "Мари\u0301я", "\u10d0", "5 Я", "Ҡаһарманов", "Łukasz Żółć"])
def test_a_name_may_hold_whatever_is_seen_and_spaces_inside(name: str) -> None:
    # given many letters, two spaces, a combining mark, a Georgian letter, a digit in front, and letters of two more alphabets
    claims = world.claims(name=name)

    # then
    assert read_claims(claims.encode()) == claims


def test_keys_from_64_on_are_ignored_whatever_they_hold() -> None:
    # given
    payload = written(body={64: {"a": [None, True, -1, b"x"]}, 2**64 - 1: 1})

    # then
    assert read_claims(payload) == read_claims(written())


# --- What cannot be made ------------------------------------------------------------------------------------


IMPOSSIBLE: dict[str, dict[str, Any]] = {
    "no name": {"name": ""},
    "a name of 121 characters": {"name": "я" * 121},
    "a name with a space in front": {"name": " Мария"},
    "a name with a space behind": {"name": "Мария "},
    "a decomposed name": {"name": "e\u0301"},
    "a name with a line end": {"name": "A\nB"},
    "a name with a zero byte": {"name": "A\0"},
    "a name with a C1 control": {"name": "A\x85B"},
    "a name with a line separator": {"name": "A\u2028B"},
    "a name that turns round": {"name": "A\u202eB"},
    "a name with an isolate": {"name": "A\u2066B"},
    "a name with an Arabic mark": {"name": "A\u061cB"},
    "a name with a left-to-right mark": {"name": "A\u200eB"},
    "a name with half a character": {"name": "A\ud83d"},
    "a name with a joiner": {"name": "A\u200dB"},
    "a name with a soft hyphen": {"name": "co\u00adop"},
    "a name with a mark of byte order": {"name": "A\ufeffB"},
    "a name with a character that Unicode has not given away": {"name": "A\u0378"},
    "a name of blanks": {"name": "\u3164"},
    "a name of digits": {"name": "12"},
    "a Latin name of digits": {"latin_name": "12"},
    "no Latin name": {"latin_name": ""},
    "a date and a year of birth": {"born_in": 1958},
    "a year of birth before 1800": {"born_on": None, "born_in": 1799},
    "a year of birth after 9999": {"born_on": None, "born_in": 10000},
    "no entitlements": {"entitlements": ()},
    "33 entitlements": {"entitlements": tuple(Entitlement(category=number) for number in range(1, 34))},
    "a category twice": {"entitlements": (Entitlement(category=1), Entitlement(category=1))},
    "categories out of order": {"entitlements": (Entitlement(category=2), Entitlement(category=1))},
    "an empty photo": {"photo": b""},
    "a photo of another kind": {"photo": b"\x89PNG\r\n\x1a\n" + bytes(100)},
    "a photo that is a sound": {"photo": b"RIFF" + bytes(4) + b"WAVE"},
    "a photo of 3,501 bytes": {"photo": WEBP[:12] + bytes(3489)},
    "issued when it expires": {"issued_at": world.PASS_EXPIRES_AT},
}


@pytest.mark.parametrize("changes", IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_claims_that_contradict_the_specification_cannot_be_made(changes: dict[str, Any]) -> None:
    with pytest.raises(ClaimsError):
        world.claims(**changes)


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        (Entitlement, {"category": 0}),
        (Entitlement, {"category": 1_000_000}),
        (Entitlement, {"category": 1, "first": date(2026, 1, 2), "last": date(2026, 1, 1)}),
        (Document, {"kind": 0, "number": "1"}),
        (Document, {"kind": 65536, "number": "1"}),
        (Document, {"kind": 1, "number": ""}),
        (Document, {"kind": 1, "number": "1" * 41}),
        (StatusReference, {"list_number": -1, "index": 0}),
        (StatusReference, {"list_number": 2**32, "index": 0}),
        (StatusReference, {"list_number": 0, "index": -1}),
        (StatusReference, {"list_number": 0, "index": 2**25}),
    ],
)
def test_parts_of_claims_that_are_out_of_range_cannot_be_made(kind: type, arguments: dict[str, Any]) -> None:
    with pytest.raises(ClaimsError):
        kind(**arguments)


@pytest.mark.parametrize(
    "changes",
    [
        {"issued_at": world.ISSUED_AT + timedelta(milliseconds=1)},
        {"expires_at": world.PASS_EXPIRES_AT + timedelta(microseconds=1)},
        {"expires_at": datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)},
        {"expires_at": datetime(9999, 12, 31, 23, 59, 58, 1, tzinfo=UTC)},
        {"issued_at": world.BEGINNING - world.SECOND},
        {"expires_at": datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=-1)))},
        {"issued_at": datetime(2026, 1, 1), "expires_at": datetime(2027, 1, 1)},  # noqa: DTZ001 -- the point of the case
        {"born_on": date(1799, 12, 31)},
        {"entitlements": (Entitlement(category=1, last=date(1799, 12, 31)),)},
        {"entitlements": (Entitlement(category=1, document=Document(kind=1, number="1", issued_on=date(1799, 12, 31))),)},
    ],
    ids=[
        "iat with milliseconds",
        "exp with a microsecond",
        "exp in the last second's last microsecond",
        "exp with a microsecond, so far away that a float loses it",
        "iat before 1970",
        "exp after 9999",
        "times without a zone",
        "born before 1800",
        "a last day before 1800",
        "a document before 1800",
    ],
)
def test_times_and_days_that_have_no_encoding_are_refused_when_the_claims_are_written(changes: dict[str, Any]) -> None:
    with pytest.raises(ClaimsError):
        world.claims(**changes).encode()


def test_times_in_another_zone_are_the_same_instants() -> None:
    # given
    moscow = timezone(timedelta(hours=3))
    claims = world.claims(issued_at=world.ISSUED_AT.astimezone(moscow))

    # then
    assert claims.encode() == world.claims().encode()


@pytest.mark.parametrize(
    ("first", "last", "covered"),
    [
        (None, None, (True, True, True, True)),
        (2, None, (False, True, True, True)),
        (None, 3, (True, True, True, False)),
        (2, 3, (False, True, True, False)),
        (2, 2, (False, True, False, False)),
    ],
)
def test_both_ends_of_a_period_are_included(first: int | None, last: int | None, covered: tuple[bool, ...]) -> None:
    # given
    start, end = (None if day is None else date(2026, 1, day) for day in (first, last))
    entitlement = Entitlement(category=1, first=start, last=end)

    # then
    assert tuple(entitlement.covers(date(2026, 1, day)) for day in (1, 2, 3, 4)) == covered


# --- What is refused when read ------------------------------------------------------------------------------


HOLDER = world.key("holder").public_key.raw
MALFORMED: dict[str, bytes] = {
    "not CBOR": b"\xff",
    "nothing": b"",
    "an array": cbor.encode([1]),
    "a body that says to have a field more": written().replace(b"\xa3\x01", b"\xa4\x01"),
    "a body that says to have a field less": written().replace(b"\xa3\x01", b"\xa2\x01"),
    "claims that say to be one more": b"\xa4" + written()[1:],
    "cut off in the name": written()[:25],
    "cut off in the photo": written(body={6: WEBP})[:-1],
    "a name alone": written(body={4: ..., 5: ...}),
    "no exp": written({EXP: ...}),
    "no iat": written({IAT: ...}),
    "no body": written({BODY: ...}),
    "exp is null": written({EXP: None}),
    "exp is true": written({EXP: True}),
    "exp is text": written({EXP: "2030"}),
    "exp is negative": written({EXP: -1}),
    "exp after 9999": written({EXP: 253402300800}),
    "exp is iat": written({EXP: 1_767_225_600}),
    "the body is an array": written({BODY: [1]}),
    "the body is null": written({BODY: None}),
    "a negative key": written(body={-1: 0}),
    "a text key": written(body={"name": 0}),
    "a negative key beside a newer one": written(body={-1: 0, 8: 0}),
    "no name": written(body={1: ...}),
    "a name in bytes": written(body={1: b"A"}),
    "an empty name": written(body={1: ""}),
    "a name of 121": written(body={1: "A" * 121}),
    "a decomposed name": written(body={1: "и\u0306"}),
    "a date of birth that is null": written(body={2: None}),
    "a date of birth before 1800": written(body={2: -62092}),
    "a date of birth after 9999": written(body={2: 2932897}),
    "a date and a year of birth": written(body={2: 0, 3: 1970}),
    "a year of birth that is null": written(body={3: None}),
    "a year of birth of 1799": written(body={3: 1799}),
    "no entitlements": written(body={4: ...}),
    "an empty array of entitlements": written(body={4: []}),
    "33 entitlements": written(body={4: [[number, None] for number in range(1, 34)]}),
    "entitlements as a map": written(body={4: {1: None}}),
    "an entitlement that is a number": written(body={4: [2545]}),
    "an entitlement of one": written(body={4: [[2545]]}),
    "an entitlement of five": written(body={4: [[2545, None, 1, [1, "1"], 1]]}),
    "an entitlement that ends with null": written(body={4: [[2545, None, None]]}),
    "an entitlement with a null document": written(body={4: [[2545, None, 1, None]]}),
    "a category of 0": written(body={4: [[0, None]]}),
    "a category of 1,000,000": written(body={4: [[1_000_000, None]]}),
    "a category that is true": written(body={4: [[True, None]]}),
    "a last day in bytes": written(body={4: [[2545, b""]]}),
    "a last day before the first": written(body={4: [[2545, 0, 1]]}),
    "categories that descend": written(body={4: [[2, None], [1, None]]}),
    "a document of one": written(body={4: [[2545, None, None, [1]]]}),
    "a document of four": written(body={4: [[2545, None, None, [1, "1", 0, 0]]]}),
    "a document of kind 0": written(body={4: [[2545, None, None, [0, "1"]]]}),
    "a document without a number": written(body={4: [[2545, None, None, [1, ""]]]}),
    "a document whose day is null": written(body={4: [[2545, None, None, [1, "1", None]]]}),
    "no status": written(body={5: ...}),
    "a status of one": written(body={5: [0]}),
    "a status of three": written(body={5: [0, 0, 0]}),
    "a list number of 2^32": written(body={5: [2**32, 0]}),
    "an index of 2^25": written(body={5: [0, 2**25]}),
    "a negative index": written(body={5: [0, -1]}),
    "an empty photo": written(body={6: b""}),
    "a photo of 3,501 bytes": written(body={6: WEBP + bytes(3500)}),
    "a photo of another kind": written(body={6: b"GIF89a"}),
    "a Latin name that is null": written(body={7: None}),
    "cnf is null": written({CNF: None}),
    "cnf is empty": written({CNF: {}}),
    "cnf by key id": written({CNF: {3: b"12345678"}}),
    "cnf of another curve": written({CNF: {1: {1: 1, -1: 4, -2: HOLDER}}}),
    "cnf with a further entry": written({CNF: {1: {1: 1, 3: -19, -1: 6, -2: HOLDER}}}),
    "cnf with a further member": written({CNF: {1: {1: 1, -1: 6, -2: HOLDER}, 2: 0}}),
    "cnf with a type of true": written({CNF: {1: {1: True, -1: 6, -2: HOLDER}}}),
    "cnf of small order": written({CNF: {1: {1: 1, -1: 6, -2: bytes(32)}}}),
    "cnf of 31 bytes": written({CNF: {1: {1: 1, -1: 6, -2: HOLDER[1:]}}}),
}


@pytest.mark.parametrize("payload", MALFORMED.values(), ids=MALFORMED.keys())
def test_claims_that_are_not_of_the_shape_are_malformed(payload: bytes) -> None:
    with pytest.raises(Malformed):
        read_claims(payload)


UNSUPPORTED: dict[str, bytes] = {
    "iss": written({1: "RU-BA"}),
    "nbf": written({5: 0}),
    "a claim of 100": written({100: 0}),
    "a negative claim": written({-1: 0}),
    "a text claim": written({"iss": 0}),
    "a body key of 0": written(body={0: 0}),
    "a body key of 8": written(body={8: 0}),
    "a body key of 63": written(body={63: 0}),
    "a newer field beside a name that is out of range": written(body={8: 0, 1: ""}),
    "a newer claim beside an exp that is out of range": written({1: 0, EXP: -1}),
}


@pytest.mark.parametrize("payload", UNSUPPORTED.values(), ids=UNSUPPORTED.keys())
def test_claims_that_are_newer_than_the_program_are_unsupported_before_anything_else_is_looked_at(payload: bytes) -> None:
    with refused(Unsupported, "newer_field"):
        read_claims(payload)


@pytest.mark.parametrize("categories", [(), (30, 30), (2545, 30), tuple(range(1, 34))])
def test_an_issuer_who_asks_for_the_rules_hears_what_the_records_say(categories: tuple[int, ...]) -> None:
    # when
    with pytest.raises(ClaimsError) as asked:
        check_categories(categories)

    # then
    with pytest.raises(ClaimsError) as made:
        world.claims(entitlements=tuple(Entitlement(category=category) for category in categories))
    assert (asked.value.reason, asked.value.facts) == (made.value.reason, made.value.facts)


def test_categories_that_a_pass_may_hold_are_let_through() -> None:
    check_categories((30,))
    check_categories(tuple(range(1, 33)))
