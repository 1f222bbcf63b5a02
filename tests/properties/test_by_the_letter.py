"""The claims reader, which is tuned for speed, against the tables of specs/credential.md, section 3, written a second time."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

import strategies
import world
from socpass_vc.errors import Malformed, Unsupported
from socpass_vc.format import cbor
from socpass_vc.format.credential.claims import Claims, Document, Entitlement, StatusReference
from socpass_vc.format.credential.claims_reader import read_claims
from unicode_kinds import category, is_seen


def number(lowest: int, highest: int) -> Callable[[Any], bool]:
    """Return whether a value is an integer within bounds."""
    return lambda value: type(value) is int and lowest <= value <= highest


instant, day = number(0, 253402300799), number(-62091, 2932896)


def text(longest: int, of: str = "LNPS") -> Callable[[Any], bool]:
    """Return whether a value is text as section 1 has it, with a character *of* these categories."""

    def fits(value: Any) -> bool:
        return (
            isinstance(value, str)
            and 1 <= len(value) <= longest
            and normalize("NFC", value) == value
            and all(map(is_seen, value))
            and "Zs" not in (category(value[0]), category(value[-1]))
            and any(category(character)[0] in of for character in value)
        )

    return fits


def document(value: Any) -> bool:
    """Tell whether a value is a document."""
    checks = [number(1, 65535), text(40), day]
    return (
        isinstance(value, list) and len(value) in (2, 3) and all(check(item) for check, item in zip(checks, value, strict=False))
    )


def entitlement(value: Any) -> bool:
    """Tell whether a value is an entitlement."""
    if not isinstance(value, list) or not 2 <= len(value) <= 4 or not number(1, 999_999)(value[0]):
        return False
    until, since = value[1], value[2] if len(value) > 2 else None
    return (
        (until is None or day(until))
        and (since is None or day(since))
        and (until is None or since is None or since <= until)
        and not (len(value) == 3 and since is None)
        and (len(value) < 4 or document(value[3]))
    )


def entitlements(value: Any) -> bool:
    """Tell whether a value is the array of entitlements."""
    if not isinstance(value, list) or not 1 <= len(value) <= 32 or not all(map(entitlement, value)):
        return False
    categories = [item[0] for item in value]
    return categories == sorted(set(categories))


def photo(value: Any) -> bool:
    """Tell whether a value is a photo."""
    if not isinstance(value, bytes) or not 1 <= len(value) <= 3500:
        return False
    return (value[:4] == b"RIFF" and value[8:12] == b"WEBP") or value[4:12] == b"ftypavif"


HOLDERS = [cbor.encode({1: {1: 1, -1: 6, -2: world.key(name).public_key.raw}}) for name in strategies.KEY_NAMES]


def confirmation(value: Any) -> bool:
    """Tell whether a value is the key of one of the made-up world's holders."""
    return cbor.encode(value) in HOLDERS


FIELDS: dict[int, Callable[[Any], bool]] = {
    1: text(120, "L"),
    2: day,
    3: number(1800, 9999),
    4: entitlements,
    5: lambda value: (
        isinstance(value, list) and len(value) == 2 and number(0, 2**32 - 1)(value[0]) and number(0, 2**25 - 1)(value[1])
    ),
    6: photo,
    7: text(120, "L"),
}
CLAIMS: dict[int, Callable[[Any], bool]] = {4: instant, 6: instant, 8: confirmation}


def by_the_letter(payload: bytes) -> str:
    """Return what section 3 and step 5 of section 6 say of a payload."""
    try:
        return by_the_tables(cbor.decode(payload))
    except Malformed:
        return "malformed"


def by_the_tables(claims: Any) -> str:
    """Return what they say of a payload that is deterministic CBOR."""
    if not isinstance(claims, dict):
        return "malformed"
    if not {4, 6, 8, -65537}.issuperset(claims):
        return "unsupported"
    body = claims.get(-65537)
    if not isinstance(body, dict):
        return "malformed"
    strange = set(body) - set(FIELDS)
    if any(not isinstance(key, int) or key < 0 for key in strange):
        return "malformed"
    if any(isinstance(key, int) and key < 64 for key in strange):
        return "unsupported"
    fits = (
        {4, 6} <= set(claims)
        and {1, 4, 5} <= set(body)
        and not {2, 3} <= set(body)
        and all(check(claims[key]) for key, check in CLAIMS.items() if key in claims)
        and all(check(body[key]) for key, check in FIELDS.items() if key in body)
        and claims[6] < claims[4]
    )
    return "accepted" if fits else "malformed"


def verdict(payload: bytes) -> str:
    """Return what the reader says."""
    try:
        read_claims(payload)
    except (Malformed, Unsupported) as refusal:
        return refusal.code
    return "accepted"


# --- What stands in each field: edges, and what is just beyond them -----------------------------------------

oddities = st.sampled_from([None, True, False, -1, "", b"", [], {}, 2**64 - 1, -(2**64), "text", b"bytes", [0], {0: 0}])
instants = st.sampled_from([0, 1, 1_767_225_600, 1_830_297_600, 253402300799, 253402300800]) | oddities
days = st.sampled_from([-62092, -62091, -1, 0, 23, 24, 255, 256, 20454, 65536, 2932896, 2932897, None]) | oddities
names = (
    st.sampled_from(
        [
            "A",
            "Я" * 120,
            "Я" * 121,
            " A",
            "A ",
            "\u00a0A",
            "A\u3000",
            "e\u0301",
            "A\nB",
            "A\u202eB",
            "A\u200dB",
            "\u00ad",
            "A\ufeff",
            "\u0378",
        ]
    )
    | strategies.texts(120)
    | st.text(max_size=8)
    | oddities
)
kinds = st.sampled_from([0, 1, 65535, 65536]) | oddities
documents = st.lists(st.one_of(kinds, names, days), max_size=4) | st.tuples(kinds, names, days).flatmap(
    lambda parts: st.sampled_from([list(parts), list(parts[:2])])
)
categories = st.sampled_from([0, 1, 23, 24, 2545, 999_999, 1_000_000]) | oddities
one_entitlement = st.tuples(categories, days, days, documents | oddities).flatmap(
    lambda parts: st.integers(1, 5).map(lambda length: [*parts, 0][:length])
)
good_entitlements = st.lists(st.integers(1, 999_999), min_size=1, max_size=33, unique=True).map(
    lambda drawn: [[number, None] for number in sorted(drawn)]
)
key = {1: {1: 1, -1: 6, -2: world.key("holder").public_key.raw}}
confirmations = (
    st.sampled_from([key, {1: {1: 1, -1: 6, -2: bytes(32)}}, {**key, 2: 0}, {1: {1: True, -1: 6, -2: key[1][-2]}}]) | oddities
)
photos = (
    st.sampled_from([b"RIFF1234WEBP", b"RIFF1234WAVE", b"1234ftypavif", b"1234ftypheic", b"RIFF1234WEBP" + bytes(3488)])
    | oddities
)
menu: dict[int, st.SearchStrategy[Any]] = {
    1: names,
    2: days,
    3: st.sampled_from([1799, 1800, 9999, 10000]) | oddities,
    4: good_entitlements | st.lists(one_entitlement, max_size=3) | oddities,
    5: st.lists(st.sampled_from([0, 1, 2**25 - 1, 2**25, 2**32 - 1, 2**32, -1, None]), max_size=3) | oddities,
    6: photos,
    7: names,
}
unknown = st.dictionaries(st.sampled_from([0, 8, 63, 64, 1000, 2**64 - 1, -1, "a"]), oddities, max_size=2)


@st.composite
def composed(draw: st.DrawFn) -> bytes:
    """Draw a payload of good and bad fields: mostly one bad among good ones, so that each is the reason now and then."""
    bad = draw(st.sets(st.sampled_from([1, 2, 3, 4, 5, 6, 7, 104, 106, 108, "body", "claims"]), max_size=2))
    body: dict[Any, Any] = {1: "A", 4: [[2545, None]], 5: [0, 7]}
    claims: dict[Any, Any] = {4: 1_830_297_600, 6: 1_767_225_600}
    for field, drawn in menu.items():
        if field in bad:
            body[field] = draw(drawn)
    for claim, drawn in ((4, instants), (6, instants), (8, confirmations)):
        if 100 + claim in bad:
            claims[claim] = draw(drawn)
    if "body" in bad:
        body |= draw(unknown)
        body.pop(draw(st.sampled_from([0, 1, 4, 5])), None)
    if "claims" in bad:
        claims |= draw(st.dictionaries(st.sampled_from([1, 5, 64, -1, "iss"]), oddities, max_size=1))
        claims.pop(draw(st.sampled_from([0, 4, 6])), None)
    return cbor.encode({**claims, -65537: body})


@given(composed())
def test_claims_are_judged_by_the_letter_of_the_tables(payload: bytes) -> None:
    assert verdict(payload) == by_the_letter(payload), payload.hex()


@given(st.data())
def test_claims_that_were_altered_anywhere_are_judged_by_the_letter_of_the_tables(data: st.DataObject) -> None:
    # given
    original = cbor.decode(data.draw(strategies.claims()).encode())
    value = data.draw(strategies.altered(original) | strategies.altered(original).flatmap(strategies.altered))
    try:
        payload = cbor.encode(value)
    except ValueError:
        return  # nested too deep to be written

    # then
    assert verdict(payload) == by_the_letter(payload), payload.hex()


# --- Every single change, of bytes that the general reader of CBOR may refuse ----------------------------------------


def longer_heads(payload: bytes) -> Iterator[bytes]:
    """Yield *payload* with each number and length in each form that is longer than it needs to be, one at a time."""
    at = 0
    while at < len(payload):
        major, form = payload[at] & 0xE0, payload[at] & 0x1F
        size = 0 if form < 24 else 1 << form - 24
        argument = int.from_bytes(payload[at + 1 : at + 1 + size], "big") if size else form
        if major != 0xE0:  # null
            for power in range(4):
                if 1 << power > size:
                    longer = bytes((major | 24 + power,)) + argument.to_bytes(1 << power, "big")
                    yield payload[:at] + longer + payload[at + 1 + size :]
        at += 1 + size + (argument if major in (0x40, 0x60) else 0)


def flipped(payload: bytes) -> Iterator[bytes]:
    """Yield *payload* with each of its bits flipped, one at a time."""
    for position in range(len(payload) * 8):
        at, bit = divmod(position, 8)
        yield payload[:at] + bytes((payload[at] ^ 1 << bit,)) + payload[at + 1 :]


def cut(payload: bytes) -> Iterator[bytes]:
    """Yield all beginnings of *payload*."""
    for end in range(len(payload)):
        yield payload[:end]


DAY = date(2026, 1, 1)
ALL_FORMS = {
    "the usual": world.claims(
        born_on=date(1950, 1, 1), entitlements=(Entitlement(category=30), Entitlement(category=2521, last=DAY))
    ),
    "small numbers": world.claims(
        born_on=date(1970, 1, 2),
        issued_at=world.BEGINNING + world.SECOND,
        expires_at=world.BEGINNING + 100_000 * world.SECOND,
        entitlements=(Entitlement(category=3, first=date(1970, 3, 1), last=date(1971, 1, 1)),),
        status=StatusReference(list_number=300, index=24),
    ),
    "everything": world.claims(
        born_on=None,
        born_in=1958,
        expires_at=world.END_OF_TIME,
        entitlements=(
            Entitlement(category=1, document=Document(kind=300, number="12", issued_on=date(1969, 12, 31))),
            Entitlement(category=999_999, first=DAY, document=Document(kind=1, number="AB")),
        ),
        status=StatusReference(list_number=2**32 - 1, index=2**25 - 1),
        photo=b"RIFF1234WEBP" + bytes(244),
        latin_name="Mariya",
    ),
}


@pytest.mark.parametrize("change", [longer_heads, flipped, cut])
@pytest.mark.parametrize("claims", ALL_FORMS.values(), ids=ALL_FORMS.keys())
def test_claims_with_any_one_change_are_judged_by_the_letter_of_the_tables(
    claims: Claims, change: Callable[[bytes], Iterator[bytes]]
) -> None:
    # given
    payload = claims.encode()
    assert read_claims(payload) == claims

    # then
    assert [changed.hex() for changed in change(payload) if verdict(changed) != by_the_letter(changed)] == []


@pytest.mark.parametrize("claims", ALL_FORMS.values(), ids=ALL_FORMS.keys())
def test_no_number_and_no_length_of_claims_may_take_more_bytes_than_it_needs(claims: Claims) -> None:
    assert {verdict(longer) for longer in longer_heads(claims.encode())} == {"malformed"}
