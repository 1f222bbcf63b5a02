"""What hypothesis draws: values, names, days, passes, lists; and bytes that are nearly right."""

from datetime import UTC, date, datetime, timedelta
from unicodedata import category, normalize

from hypothesis import strategies as st

import world
from socpass_vc.format import cbor
from socpass_vc.format.catalogue.measures import Benefit, BenefitKind, Measure
from socpass_vc.format.catalogue.names import NamesPage
from socpass_vc.format.catalogue.signed_catalogue import Catalogue
from socpass_vc.format.credential.claims import Claims, Document, Entitlement, StatusReference
from socpass_vc.format.fields import MAX_SECONDS
from socpass_vc.format.keys import PublicKey, SecretKey
from socpass_vc.format.status.status_list import StatusList
from socpass_vc.format.trust.issuers import Issuer, IssuerKey, KeyState, TrustList
from unicode_kinds import is_seen

UINT64 = 2**64 - 1


# --- CBOR ---------------------------------------------------------------------------------------------------

integers = st.one_of(
    st.integers(-(2**64), UINT64),
    st.sampled_from([0, 23, 24, 255, 256, 65535, 65536, 2**32 - 1, 2**32, UINT64]).flatmap(
        lambda edge: st.sampled_from([edge, -1 - edge])
    ),
    st.integers(-25, 25),
)
scalars: st.SearchStrategy[cbor.Value] = st.one_of(
    st.none(), st.booleans(), integers, st.text(max_size=30), st.binary(max_size=30)
)
map_keys = integers | st.text(max_size=5)


def nested(inner: st.SearchStrategy[cbor.Value]) -> st.SearchStrategy[cbor.Value]:
    """Return arrays and maps around *inner*."""
    return st.lists(inner, max_size=4) | st.dictionaries(map_keys, inner, max_size=4)


def _values() -> st.SearchStrategy[cbor.Value]:
    shallow = scalars
    for _ in range(3):
        shallow = scalars | nested(shallow)

    def deepen(value: cbor.Value, levels: list[bool]) -> cbor.Value:
        for in_map in levels:
            value = {-1: value} if in_map else [value]
        return value

    return st.builds(deepen, shallow, st.lists(st.booleans(), max_size=4))


values = _values()
"""Any value that the format has, up to its depth of 8: at most four levels around at most four."""


@st.composite
def mutated(draw: st.DrawFn, originals: st.SearchStrategy[bytes]) -> bytes:
    """Draw bytes with up to four small wounds: a bit, a byte, a cut, something put in, something twice."""
    wounded = bytearray(draw(originals))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(wounded)))
        end = min(len(wounded), start + draw(st.integers(0, 9)))
        wound = draw(st.sampled_from(["bit", "byte", "cut", "insert", "twice", "end"]))
        if wound == "bit" and start < len(wounded):
            wounded[start] ^= 1 << draw(st.integers(0, 7))
        elif wound == "byte" and start < len(wounded):
            wounded[start] = draw(st.integers(0, 255))
        elif wound == "cut":
            del wounded[start:end]
        elif wound == "insert":
            wounded[start:start] = draw(st.binary(min_size=1, max_size=9))
        elif wound == "twice":
            wounded[start:start] = wounded[start:end]
        elif wound == "end":
            del wounded[start:]
    return bytes(wounded)


@st.composite
def altered(draw: st.DrawFn, original: cbor.Value) -> cbor.Value:
    """Draw *original* with something, at any depth, in place of something else, beside it or gone."""
    act = draw(st.sampled_from(["inside", "inside", "inside", "replace", "add", "drop"]))
    if act == "replace" or not original or isinstance(original, bool):
        return draw(values)
    if isinstance(original, dict):
        return _altered_map(draw, original, act)
    if isinstance(original, list):
        return _altered_array(draw, original, act)
    if isinstance(original, int):
        return max(-(2**64), min(UINT64, original + draw(st.sampled_from([-1, 1, -86400, 86400, 2**32]))))
    return draw(values)


def _altered_map(draw: st.DrawFn, original: dict[int | str, cbor.Value], act: str) -> cbor.Value:
    chosen = draw(st.sampled_from(sorted(original, key=repr)))
    if act == "add":
        return {**original, draw(map_keys): draw(values)}
    rest = {key: item for key, item in original.items() if key != chosen}
    return rest if act == "drop" else {**rest, chosen: draw(altered(original[chosen]))}


def _altered_array(draw: st.DrawFn, original: list[cbor.Value], act: str) -> cbor.Value:
    at = draw(st.integers(0, len(original) - 1))
    if act == "add":
        return [*original[:at], draw(values), *original[at:]]
    return original[:at] + ([] if act == "drop" else [draw(altered(original[at]))]) + original[at + 1 :]


# --- Fields -------------------------------------------------------------------------------------------------

moments = st.integers(0, MAX_SECONDS).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
days = st.dates(min_value=date(1800, 1, 1))
_characters = st.characters(exclude_categories=["C", "Zl", "Zp"]).filter(is_seen) | st.sampled_from("Ёёйщъь -.'ԥҚ")


def texts(longest: int) -> st.SearchStrategy[str]:
    """Return text as specs/credential.md, section 1, has it: NFC, trimmed, 1 to *longest* characters, one of them seen."""
    return _with_one_of("LNPS", longest)


def called(longest: int) -> st.SearchStrategy[str]:
    """Return names: text with a letter."""
    return _with_one_of("L", longest)


def _with_one_of(categories: str, longest: int) -> st.SearchStrategy[str]:
    def with_one(text: str) -> str:
        return text if any(category(character)[0] in categories for character in text) else f"{text[:-1]}я"

    drawn = st.text(_characters, min_size=1, max_size=longest).map(lambda text: with_one(normalize("NFC", text).strip()))
    return drawn.filter(lambda text: len(text) <= longest)


KEY_NAMES = ("pass", "status", "holder", "other", "root", "root b")
secrets = st.sampled_from(KEY_NAMES).map(world.key)
public_keys = secrets.map(lambda secret: secret.public_key)


# --- Passes -------------------------------------------------------------------------------------------------

documents = st.builds(Document, kind=st.integers(1, 65535), number=texts(40), issued_on=st.none() | days)


@st.composite
def entitlements(draw: st.DrawFn, category: int) -> Entitlement:
    """Draw an entitlement of one category."""
    ends = sorted(draw(st.lists(days, min_size=2, max_size=2)))
    return Entitlement(
        category=category,
        first=draw(st.sampled_from([None, ends[0]])),
        last=draw(st.sampled_from([None, ends[1]])),
        document=draw(st.none() | documents),
    )


references = st.builds(StatusReference, list_number=st.integers(0, 2**32 - 1), index=st.integers(0, 2**25 - 1))
photos = st.binary(max_size=60).flatmap(
    lambda rest: st.sampled_from([b"RIFF" + bytes(4) + b"WEBP" + rest, bytes(4) + b"ftypavif" + rest])
)


@st.composite
def claims(draw: st.DrawFn) -> Claims:
    """Draw all that a pass may say."""
    categories = sorted(draw(st.sets(st.integers(1, 999_999), min_size=1, max_size=6)))
    issued, expires = sorted(draw(st.lists(moments, min_size=2, max_size=2, unique=True)))
    born = draw(st.sampled_from(["on", "in", "unknown"]))
    return Claims(
        name=draw(called(120)),
        entitlements=tuple(draw(entitlements(category)) for category in categories),
        status=draw(references),
        issued_at=issued,
        expires_at=expires,
        born_on=draw(days) if born == "on" else None,
        born_in=draw(st.integers(1800, 9999)) if born == "in" else None,
        latin_name=draw(st.none() | called(120)),
        photo=draw(st.none() | photos),
        holder_key=draw(st.none() | public_keys),
    )


@st.composite
def acceptable_claims(draw: st.DrawFn) -> Claims:
    """Draw claims that the made-up world's till accepts at its NOW, given the holder's proof where they are bound to a key."""
    categories = sorted(draw(st.sets(st.integers(1, 999) | st.integers(2000, 2999), min_size=1, max_size=4)))
    return Claims(
        name=draw(called(120)),
        entitlements=tuple(
            Entitlement(
                category=category,
                first=draw(st.none() | st.dates(date(1800, 1, 1), date(2025, 12, 31))),
                last=draw(st.none() | st.dates(date(2026, 1, 2), date(9999, 12, 31))),
                document=draw(st.none() | documents),
            )
            for category in categories
        ),
        status=StatusReference(list_number=0, index=draw(st.integers(0, world.ENTRIES - 1))),
        issued_at=world.SIGN_FROM + draw(st.integers(0, 31 * 86400)) * world.SECOND,
        expires_at=world.NOW + draw(st.integers(1, 10**9)) * world.SECOND,
        born_on=draw(st.none() | days),
        latin_name=draw(st.none() | called(120)),
    )


# --- Status lists and trust lists ---------------------------------------------------------------------------


@st.composite
def status_lists(draw: st.DrawFn) -> StatusList:
    """Draw a status list of any width."""
    issued, expires = sorted(draw(st.lists(moments, min_size=2, max_size=2, unique=True)))
    return StatusList(
        uri=draw(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=300)),
        issued_at=issued,
        expires_at=expires,
        ttl=timedelta(seconds=draw(st.integers(1, 2**31 - 1))),
        bits=draw(st.sampled_from([1, 2, 4, 8])),
        raw=draw(st.binary(min_size=1, max_size=300)),
    )


names = st.dictionaries(st.text("abru", min_size=2, max_size=3), called(60), min_size=1, max_size=3)
places = st.text("abz_19", min_size=1, max_size=32).map(lambda text: "p" + text[1:])
benefits = st.one_of(
    st.sampled_from([BenefitKind.FREE, BenefitKind.PRIORITY, BenefitKind.SERVICE]).map(lambda kind: Benefit(kind=kind)),
    st.integers(1, 100).map(lambda percent: Benefit(kind=BenefitKind.DISCOUNT, percent=percent)),
    st.integers(1, 10**12).map(lambda amount: Benefit(kind=BenefitKind.MONEY, amount=amount, currency="RUB")),
)


@st.composite
def measures(draw: st.DrawFn) -> Measure:
    """Draw a measure."""
    first, last = sorted(draw(st.tuples(days, days)))
    return Measure(
        id=draw(st.text("abz-19", min_size=1, max_size=64).map(lambda text: "m" + text[1:])),
        names=draw(names),
        categories=tuple(sorted(draw(st.sets(st.integers(1, 999_999), min_size=1, max_size=5)))),
        places=tuple(sorted(draw(st.sets(places, min_size=1, max_size=5)))),
        benefit=draw(benefits),
        companions=draw(st.integers(0, 99)),
        region=draw(st.none() | st.integers(0, 999)),
        notes=draw(st.just({}) | names),
        first=draw(st.sampled_from([None, first])),
        last=draw(st.sampled_from([None, last])),
    )


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    """Draw a catalogue."""
    issued, expires = sorted(draw(st.lists(moments, min_size=2, max_size=2, unique=True)))
    page = NamesPage(
        categories=draw(st.dictionaries(st.integers(1, 999_999), names, max_size=3)),
        document_kinds=draw(st.dictionaries(st.integers(1, 65_535), names, max_size=3)),
        places=draw(st.dictionaries(places, names, max_size=3)),
    )
    granted = draw(st.lists(measures(), max_size=4, unique_by=lambda measure: measure.id))
    return Catalogue.of(page, granted, uri="https://pass.example.ru/status/catalogue", issued_at=issued, expires_at=expires)


@st.composite
def issuers(draw: st.DrawFn, number: int) -> Issuer:
    """Draw an issuer that shares neither keys nor base with those of another number."""
    numbers = draw(st.sets(st.integers(0, 99), min_size=1, max_size=2))
    keys = [SecretKey(bytes([number, at]) * 16).public_key for at in numbers]
    bounds = sorted(draw(st.sets(st.integers(1, 999_999), min_size=2, max_size=4)))
    return Issuer(
        id=f"RU-{number:03}",
        names=draw(
            st.dictionaries(
                st.sampled_from(["ru", "en", "ba", "tat", "zz", "aaa"]), called(40) | st.just("я" * 200), min_size=1, max_size=2
            )
        ),
        time_zone=draw(st.sampled_from(["Europe/Moscow", "Asia/Kamchatka", "Etc/GMT+12"])),
        keys=tuple(draw(issuer_keys(public)) for public in sorted(keys, key=lambda key: key.raw)),
        scopes=tuple((bounds[at], bounds[at + 1]) for at in range(0, len(bounds) - 1, 2)),
        status_base=f"https://example.ru/{number}/",
        documents_url=draw(st.sampled_from([None, "https://example.ru/documents/{list}/{index}"])),
    )


@st.composite
def issuer_keys(draw: st.DrawFn, public: PublicKey) -> IssuerKey:
    """Draw an issuer's key."""
    start, end = sorted(draw(st.lists(moments, min_size=2, max_size=2, unique=True)))
    return IssuerKey(
        public_key=public,
        uses=tuple(sorted(draw(st.sets(st.integers(1, 63), min_size=1, max_size=4)))),
        sign_from=start,
        sign_until=end,
        state=draw(st.sampled_from(KeyState)),
    )


@st.composite
def trust_lists(draw: st.DrawFn) -> TrustList:
    """Draw a trust list of one or two issuers."""
    issued, update, expires = sorted(draw(st.lists(moments, min_size=3, max_size=3, unique=True)))
    numbers = sorted(draw(st.sets(st.integers(0, 255), min_size=1, max_size=2)))
    return TrustList(
        version=draw(st.integers(1, 2**32 - 1)),
        issued_at=issued,
        next_update_at=update,
        expires_at=expires,
        issuers=tuple(draw(issuers(number)) for number in numbers),
    )
