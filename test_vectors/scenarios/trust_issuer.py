"""The entries of one issuer at and beyond their bounds (specs/trust.md, section 1)."""

from typing import Final

from scenarios.bundles import TrustCase, issuer_changed
from scenarios.cbor import ABSENT, Entries
from scenarios.scenario import ACCEPTED, Scenario

MALFORMED, UNSUPPORTED = "malformed", "unsupported"
_BASE: Final = "https://pass.example.ru/"
_PATH: Final = "x" * (255 - len(_BASE) - 1) + "/"
_LANGUAGES: Final = ("ba", "be", "bg", "cs", "cv", "de", "en", "es", "fr", "it", "kk", "lt", "pl", "ru", "tt", "uk", "uzb")

_CASES: Final[tuple[tuple[str, str, str, Entries], ...]] = (
    ("id_of_32", ACCEPTED, "An id has 1 to 32 characters.", {1: "RU-" + "A" * 29}),
    ("id_of_33", MALFORMED, "An id has 1 to 32 characters.", {1: "RU-" + "A" * 30}),
    ("id_empty", MALFORMED, "An id has 1 to 32 characters.", {1: ""}),
    ("id_lower_case", MALFORMED, "An id is made of A-Z, 0-9 and the hyphen.", {1: "ru-ba"}),
    (
        "id_cyrillic",
        MALFORMED,
        "An id is made of A-Z, 0-9 and the hyphen; these letters look like RU-BA and are Cyrillic.",
        {1: "\u0420\u0423-\u0412\u0410"},
    ),
    ("id_with_line_end", MALFORMED, "An id is made of A-Z, 0-9 and the hyphen, to its very end.", {1: "RU-BA\n"}),
    ("names_16", ACCEPTED, "An issuer has names in 1 to 16 languages.", {2: dict.fromkeys(_LANGUAGES[:16], "Name")}),
    ("names_17", MALFORMED, "An issuer has names in 1 to 16 languages.", {2: dict.fromkeys(_LANGUAGES, "Name")}),
    ("names_empty", MALFORMED, "An issuer has names in 1 to 16 languages.", {2: {}}),
    ("name_of_200", ACCEPTED, "A name has 1 to 200 characters.", {2: {"ru": "\u0430" * 200}}),
    ("name_of_201", MALFORMED, "A name has 1 to 200 characters.", {2: {"ru": "\u0430" * 201}}),
    (
        "name_with_bidi",
        MALFORMED,
        "A name is text as in credential.md, section 1: no bidirectional formatting.",
        {2: {"ru": "a\u202eb"}},
    ),
    (
        "name_with_zero_width_space",
        MALFORMED,
        "A name is text as in credential.md, section 1: nothing in it that nobody sees.",
        {2: {"ru": "a\u200bb"}},
    ),
    (
        "name_of_blanks",
        MALFORMED,
        "A name has a letter, and U+3164, which is none that anybody sees, is refused.",
        {2: {"ru": "\u3164"}},
    ),
    ("name_without_letter", MALFORMED, "A name has a letter.", {2: {"ru": "02"}}),
    ("language_of_three", ACCEPTED, "A language is two or three letters a-z.", {2: {"sah": "Name"}}),
    ("language_of_four", MALFORMED, "A language is two or three letters a-z.", {2: {"ruru": "Name"}}),
    ("language_upper_case", MALFORMED, "A language is two or three letters a-z.", {2: {"RU": "Name"}}),
    ("language_number", MALFORMED, "A language is text.", {2: {1: "Name"}}),
    ("time_zone_of_64", ACCEPTED, "A time zone has 1 to 64 characters.", {3: "A" * 64}),
    ("time_zone_of_65", MALFORMED, "A time zone has 1 to 64 characters.", {3: "A" * 65}),
    ("time_zone_empty", MALFORMED, "A time zone has 1 to 64 characters.", {3: ""}),
    (
        "time_zone_with_dots",
        MALFORMED,
        "A time zone holds letters, digits and / _ + - only, so it names no file elsewhere.",
        {3: "../etc/localtime"},
    ),
    ("time_zone_etc", ACCEPTED, "A time zone holds letters, digits and / _ + -.", {3: "Etc/GMT+3"}),
    ("keys_empty", MALFORMED, "An issuer has 1 to 64 keys.", {4: []}),
    ("scope_empty", MALFORMED, "A scope has 1 to 64 ranges.", {5: []}),
    ("scope_of_64_ranges", ACCEPTED, "A scope has 1 to 64 ranges.", {5: [(n * 10 + 1, n * 10 + 5) for n in range(64)]}),
    ("scope_of_65_ranges", MALFORMED, "A scope has 1 to 64 ranges.", {5: [(n * 10 + 1, n * 10 + 5) for n in range(65)]}),
    ("scope_of_one_category", ACCEPTED, "First and last category are both included, so they may be equal.", {5: [(2545, 2545)]}),
    ("scope_backwards", MALFORMED, "The first category is not after the last.", {5: [(2999, 2000)]}),
    ("scope_not_in_order", MALFORMED, "Ranges are ascending.", {5: [(2000, 2999), (1, 999)]}),
    ("scope_overlapping", MALFORMED, "Ranges share no number.", {5: [(1, 999), (999, 2999)]}),
    (
        "scope_adjacent",
        ACCEPTED,
        "Ranges share no number; the next may begin where the last ended plus 1.",
        {5: [(1, 999), (1000, 2999)]},
    ),
    ("scope_from_0", MALFORMED, "Categories are 1 to 999999.", {5: [(0, 999)]}),
    ("scope_to_999999", ACCEPTED, "Categories are 1 to 999999.", {5: [(1, 999999)]}),
    ("scope_to_1000000", MALFORMED, "Categories are 1 to 999999.", {5: [(1, 1000000)]}),
    ("scope_triple", MALFORMED, "A range is a pair.", {5: [(1, 999, 1)]}),
    (
        "status_base_http",
        ACCEPTED,
        "A status base begins with https:// or http://: what it serves is signed.",
        {6: "http://pass.example.ru/"},
    ),
    ("status_base_of_255", ACCEPTED, "A status base has at most 255 characters.", {6: _BASE + _PATH}),
    ("status_base_of_256", MALFORMED, "A status base has at most 255 characters.", {6: _BASE + "x" + _PATH}),
    ("status_base_ftp", MALFORMED, "A status base begins with https:// or http://.", {6: "ftp://pass.example.ru/"}),
    ("status_base_without_slash", MALFORMED, "A status base ends with a slash.", {6: "https://pass.example.ru"}),
    (
        "status_base_with_space",
        MALFORMED,
        "A status base is printable ASCII without a space.",
        {6: "https://pass.example.ru/a b/"},
    ),
    (
        "status_base_cyrillic",
        MALFORMED,
        "A status base is printable ASCII.",
        {6: "https://\u043f\u0430\u0441\u043f\u043e\u0440\u0442.\u0440\u0444/"},
    ),
    ("status_base_missing", MALFORMED, "A status base is required.", {6: ABSENT}),
    (
        "documents_url",
        ACCEPTED,
        "A documents URL is optional and begins with https://.",
        {7: "https://pass.example.ru/d/{list}/{index}"},
    ),
    ("documents_url_http", MALFORMED, "A documents URL begins with https://.", {7: "http://pass.example.ru/d"}),
    ("documents_url_null", MALFORMED, "An entry that is not there is left out.", {7: None}),
    ("unknown_key_8", UNSUPPORTED, "An unknown key below 64 is newer than this document.", {8: "later"}),
    ("unknown_key_63", UNSUPPORTED, "63 is the last key that is not ignored.", {63: "later"}),
    ("unknown_key_64", ACCEPTED, "An unknown key of 64 and above is ignored.", {64: "later"}),
    ("unknown_key_negative", MALFORMED, "An unknown key that is negative is malformed.", {-1: "later"}),
    ("unknown_key_text", MALFORMED, "An unknown key that is text is malformed.", {"8": "later"}),
)


def scenarios() -> list[Scenario]:
    """Return the scenarios of this module."""
    return [
        TrustCase(
            f"issuer_{name}",
            f"Section 1: {comment[0].lower()}{comment[1:]}",
            expect,
            trust_list=issuer_changed(changes),
            issuers=(str({1: "RU-BA", **changes}[1]),),
        ).scenario()
        for name, expect, comment, changes in _CASES
    ]
