"""Catalogues: the pieces, and the good ones that scenarios of pass/ read (specs/catalogue.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from scenarios.bundles import RU_BA, RU_KAM
from scenarios.cbor import NO_CHANGE, Entries, Item, changed, encode
from scenarios.cose import sign1
from scenarios.scenario import ACCEPTED, JsonValue, Scenario, octets
from scenarios.seeds import (
    CATALOGUE_BA,
    DAY,
    ISSUED_AT,
    SIGN_FROM,
    SIGN_UNTIL,
    STATUS_EXPIRES_AT,
    STATUS_KAM,
    Key,
    day,
    instant,
)

TYPE: Final = "application/socpass-catalogue+cbor"
NAMES, MEASURES = -65539, -65540  # claims
TRUST: Final = "trust/with_catalogue"
FREE, DISCOUNT, MONEY, PRIORITY, SERVICE = range(1, 6)  # kinds of benefit
DISABLED, LABOUR_VETERAN, PENSIONER = 82, 2521, 2545
TODAY: Final = day("2026-01-01")


def base(issuer: Entries) -> str:
    """Return the status base of an issuer."""
    return str(issuer[6])


def names_page(categories: Entries = NO_CHANGE, kinds: Entries = NO_CHANGE, places: Entries = NO_CHANGE) -> dict[int | str, Item]:
    """Return the page of names, not yet encoded."""
    return {1: categories, 2: kinds, 3: places}


def measure(
    measure_id: str, categories: Sequence[int], places: Sequence[str], benefit: Sequence[int | str] = (FREE,), **more: Item
) -> dict[int | str, Item]:
    """Return one measure; *more* are companions, region, note, first, last."""
    numbers = {"companions": 6, "region": 7, "note": 8, "first": 9, "last": 10}
    entry: dict[int | str, Item] = {
        1: measure_id,
        2: {"en": measure_id.replace("-", " "), "ru": "мера поддержки"},
        3: categories,
        4: places,
        5: benefit,
    }
    return entry | {numbers[name]: value for name, value in more.items()}


def catalogue_claims(uri: str, names: Item, measures: Item) -> dict[int | str, Item]:
    """Return the claims of a catalogue."""
    return {2: uri, 4: STATUS_EXPIRES_AT, 6: ISSUED_AT, NAMES: encode(names), MEASURES: encode(measures)}


def catalogue_token(key: Key, claims: Item, *, header: Entries = NO_CHANGE) -> bytes:
    """Return the signed catalogue."""
    return sign1(key, encode(claims), header=changed({16: TYPE}, header)).encode()


_EXAMPLE_NAMES: Final = names_page({PENSIONER: {"en": "Pensioner", "ru": "Пенсионер"}}, places={"museum": {"ru": "музей"}})
_EXAMPLE_MEASURES: Final[tuple[Entries, ...]] = (
    {1: "museum-free", 2: {"ru": "Музеи"}, 3: [PENSIONER], 4: ["museum"], 5: [FREE], 6: 1},
)
MANY: Final = (
    measure("clinic-queue", [30, DISABLED], ["clinic"], [PRIORITY]),
    measure("museum-free", [DISABLED, PENSIONER], ["museum"], companions=1, region=2),
    measure("museum-half", [LABOUR_VETERAN], ["museum", "theatre"], [DISCOUNT, 50], note={"ru": "По будням"}),
    measure("museum-queue", [30], ["museum"], [PRIORITY]),
    measure("park-ended", [PENSIONER], ["park"], last=TODAY - 1),
    measure("park-to-come", [PENSIONER], ["park"], first=TODAY + 1),
    measure("shop-money", [PENSIONER], ["shop"], [MONEY, 50050, "RUB"], region=0, first=TODAY, last=TODAY),
    measure("transport-service", [30, 2580], ["transport"], [SERVICE], companions=99, region=999),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodCatalogue:
    """A catalogue that is admitted, and whose pages can be read."""

    name: str
    comment: str
    issuer: Entries = field(default_factory=lambda: RU_BA)
    key: Key = CATALOGUE_BA
    names: Entries = field(default_factory=names_page)
    measures: Sequence[Entries] = MANY
    changes: Entries = field(default_factory=dict)

    def scenario(self) -> Scenario:
        """Return the scenario."""
        uri = base(self.issuer) + "catalogue"
        token = catalogue_token(self.key, changed(catalogue_claims(uri, self.names, self.measures), self.changes))
        fields: dict[str, JsonValue] = {
            "cose": octets(token),
            "trust": TRUST,
            "uri": uri,
            "names": {title: _shown(self.names[key]) for title, key in (("categories", 1), ("document_kinds", 2), ("places", 3))},
            "measures": [_shown({key: value for key, value in entry.items() if key in _KNOWN}) for entry in self.measures],
        }
        return Scenario(f"catalogue/{self.name}", self.comment, ACCEPTED, fields)


_KNOWN: Final = frozenset(range(1, 11))


def _shown(item: Item) -> JsonValue:
    """Return an item as JSON; keys that are numbers in decimal."""
    if isinstance(item, Mapping):
        return {str(key): _shown(value) for key, value in item.items()}
    if isinstance(item, Sequence) and not isinstance(item, str | bytes):
        return [_shown(member) for member in item]
    if item is None or isinstance(item, int | str):
        return item
    raise TypeError(type(item))


_LONG_LIVED: Final = instant("2027-01-01T00:00:00+00:00")
_LONGEST_TEXT: Final = "\u044f" * 200

GOOD: Final = (
    GoodCatalogue(
        name="worked_example",
        comment="Section 7, the worked example: a category, a place and a measure, free entry with one companion.",
        names=_EXAMPLE_NAMES,
        measures=_EXAMPLE_MEASURES,
    ),
    GoodCatalogue(
        name="several",
        comment="Section 2: all five kinds of benefit, companions, regions, a note, days.",
        names=names_page(
            {
                PENSIONER: {"ru": "Пенсионер"},
                LABOUR_VETERAN: {"ru": "Ветеран труда", "en": "Labour veteran", "ba": "Хеҙмәт ветераны"},
            },
            {1: {"ru": "удостоверение"}, 65535: {"en": "the last kind"}},
            {"museum": {"ru": "музей"}, "zoo_2": {"ru": "зоопарк", "en": "zoo"}},
        ),
    ),
    GoodCatalogue(name="empty", comment="Section 2: the maps and the array may be empty.", measures=()),
    GoodCatalogue(
        name="edges",
        comment="Section 2: the longest texts and words, the highest numbers, and a field of 64, which is ignored.",
        names={**names_page({999999: {"abc": _LONGEST_TEXT}}, places={"a" * 32: {"ru": "a"}}), 64: "later"},
        measures=(
            {
                1: "a" * 64,
                2: {f"a{letter}": "a" for letter in "abcdefghijklmnop"},
                3: [1, 999999],
                4: ["a" * 32, "b"],
                5: [MONEY, 10**12, "XXX"],
                8: {"ru": "я" * 500},
                9: -62091,
                10: 2932896,
                64: [],
            },
            measure("b", [1], ["a"], [DISCOUNT, 100]),
            {**measure("b-1", [1], ["a"], [MONEY, 1, "RUB"]), 8: {"ru": "50 %"}},
            measure("c", [1], ["a"], [DISCOUNT, 1], first=0, last=0),
        ),
    ),
    GoodCatalogue(
        name="kam", comment="Another issuer's catalogue, by a key for status lists too.", issuer=RU_KAM, key=STATUS_KAM
    ),
    GoodCatalogue(
        name="expired",
        comment="Section 3: an expired catalogue is admitted; its names still help.",
        changes={4: ISSUED_AT - DAY, 6: SIGN_FROM},
    ),
    GoodCatalogue(
        name="sign_until_minus_1",
        comment="Step 6: iat < sign until; the last second that the key covers.",
        changes={6: SIGN_UNTIL - 1, 4: _LONG_LIVED},
    ),
)
