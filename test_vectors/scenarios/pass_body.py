"""Names, entitlements, documents and photos of a pass at and beyond their bounds (specs/credential.md, step 5 and section 3)."""

from collections.abc import Iterator
from typing import Final

from scenarios.cbor import ABSENT, Entries, Value, float64
from scenarios.edwards import (
    IDENTITY,
    IDENTITY_NEGATIVE,
    IDENTITY_NON_CANONICAL,
    NON_CANONICAL,
    NOT_ON_CURVE,
    SMALL_ORDER_2,
    SMALL_ORDER_4,
    SMALL_ORDER_8,
    mixed_order,
)
from scenarios.passes import CNF, ENTITLEMENTS, LATIN_NAME, NAME, PHOTO, PassCase, claims, from_claims, granting
from scenarios.scenario import ACCEPTED, Scenario
from scenarios.seeds import HOLDER, day

MALFORMED: Final = "malformed"
FIRST_DAY, LAST_DAY = -62091, 2932896
_MARIA, _IVANOVA, _ANDREI = "Мария", "Иванова", "Андреи"
_TODAY: Final = day("2026-01-01")
_WEBP: Final = b"RIFF\x1a\x00\x00\x00WEBP"
_AVIF: Final = b"\x00\x00\x00\x1cftypavif"


def _names() -> Iterator[PassCase]:
    for name, expect, comment, text in (
        ("name_of_1", ACCEPTED, "a name has 1 to 120 characters.", "Я"),
        ("name_of_120", ACCEPTED, "a name has 1 to 120 characters.", "Я" * 120),
        ("name_of_121", MALFORMED, "a name has 1 to 120 characters.", "Я" * 121),
        (
            "name_of_120_beyond_16_bits",
            ACCEPTED,
            "lengths are in Unicode code points, not in UTF-16 units or bytes.",
            "\U00020000" * 120,
        ),
        ("name_empty", MALFORMED, "text has 1 character at least.", ""),
        ("name_missing", MALFORMED, "a name is required.", ABSENT),
        ("name_number", MALFORMED, "a name is text.", 5),
        ("name_bytes", MALFORMED, "a name is text.", "Иванова".encode()),
        ("name_null", MALFORMED, "a name is text.", None),
        ("name_array", MALFORMED, "a name is text.", ["Иванова", "Мария"]),
        ("name_not_nfc", MALFORMED, "text is NFC: this one has U+0439 as two characters.", f"{_ANDREI}\u0306"),
        ("name_leading_space", MALFORMED, "text has no space at either end.", " Мария"),
        ("name_trailing_space", MALFORMED, "text has no space at either end.", "Мария "),
        ("name_space", MALFORMED, "text has no space at either end.", " "),
        ("name_line_feed", MALFORMED, "text holds no control character.", f"{_MARIA}\n{_IVANOVA}"),
        ("name_nul", MALFORMED, "text holds no control character.", f"{_MARIA}\0"),
        ("name_escape", MALFORMED, "text holds no control character: this one would colour a terminal.", f"\u001b[32m{_MARIA}"),
        ("name_delete", MALFORMED, "text holds no control character, U+007F included.", f"{_MARIA}\u007f"),
        ("name_next_line", MALFORMED, "text holds no control character, U+0085 included.", f"{_MARIA}\u0085{_IVANOVA}"),
        ("name_line_separator", MALFORMED, "text holds no line separator.", f"{_MARIA}\u2028{_IVANOVA}"),
        ("name_paragraph_separator", MALFORMED, "text holds no paragraph separator.", f"{_MARIA}\u2029{_IVANOVA}"),
        (
            "name_bidi_override",
            MALFORMED,
            "text holds no bidirectional formatting: a name must read the same on every screen.",
            f"{_MARIA} \u202e{_IVANOVA[::-1]}",
        ),
        ("name_bidi_isolate", MALFORMED, "text holds no bidirectional formatting, U+2069 included.", f"{_MARIA}\u2069{_IVANOVA}"),
        ("name_bidi_mark", MALFORMED, "text holds no bidirectional formatting, U+200F included.", f"{_MARIA}\u200f{_IVANOVA}"),
        ("name_arabic_mark", MALFORMED, "text holds no bidirectional formatting, U+061C included.", f"{_MARIA}\u061c{_IVANOVA}"),
        ("name_with_joiner", MALFORMED, "text holds no format character, not even U+200D between letters.", "A\u200dB"),
        ("name_zero_width_space", MALFORMED, "text holds no format character: nobody sees U+200B.", f"{_MARIA}\u200b{_IVANOVA}"),
        ("name_soft_hyphen", MALFORMED, "text holds no format character, U+00AD included.", f"{_MARIA}\u00ad{_IVANOVA}"),
        ("name_beside_soft_hyphen", ACCEPTED, "U+00AC and U+00AE, beside it, may stand.", "A\u00acB\u00ae"),
        ("name_byte_order_mark", MALFORMED, "text holds no format character, U+FEFF included.", f"{_MARIA}\ufeff"),
        ("name_tag", MALFORMED, "text holds no format character, tags included.", f"{_MARIA}\U000e0041"),
        ("name_private_use", MALFORMED, "text holds no character of private use: each font shows another.", f"{_MARIA}\ue000"),
        ("name_private_use_plane_16", MALFORMED, "text holds no character of private use.", f"{_MARIA}\U0010fffd"),
        ("name_unassigned", MALFORMED, "text holds no character that Unicode 14.0 does not assign.", f"{_MARIA}\u0378"),
        ("name_noncharacter", MALFORMED, "text holds no noncharacter.", f"{_MARIA}\uffff"),
        (
            "name_assigned_later",
            MALFORMED,
            "U+1C89 is a Cyrillic letter since Unicode 16.0; in 14.0 it is unassigned, and 14.0 counts.",
            f"{_MARIA}\u1c89",
        ),
        ("name_assigned_last", ACCEPTED, "U+1C88, beside it, is a letter in 14.0.", f"{_MARIA}\u1c88"),
        (
            "name_composed_later",
            MALFORMED,
            "U+16121 and U+1611F are a letter in two characters since Unicode 16.0; in 14.0 both are unassigned.",
            f"{_MARIA}\U00016121\U0001611f",
        ),
        (
            "name_hangul_filler",
            MALFORMED,
            "text holds nothing that is ignorable by default: U+3164 is a blank.",
            f"{_MARIA}\u3164",
        ),
        ("name_of_hangul_fillers", MALFORMED, "U+3164 is a letter by its category, and nobody sees it.", "\u3164\u3164"),
        ("name_beside_hangul_filler", ACCEPTED, "U+3163 and U+3165, beside it, may stand.", "\u3163\u3165"),
        (
            "name_halfwidth_filler",
            MALFORMED,
            "text holds nothing that is ignorable by default, U+FFA0 included.",
            f"{_MARIA}\uffa0",
        ),
        (
            "name_choseong_filler",
            MALFORMED,
            "text holds nothing that is ignorable by default, U+115F included.",
            f"{_MARIA}\u115f",
        ),
        ("name_grapheme_joiner", MALFORMED, "a combining mark that nobody sees: U+034F.", f"{_MARIA}\u034f"),
        ("name_variation_selector", MALFORMED, "a combining mark that nobody sees: U+FE0F.", f"{_MARIA}\ufe0f"),
        ("name_variation_selector_256", MALFORMED, "a combining mark that nobody sees: U+E01EF.", f"{_MARIA}\U000e01ef"),
        ("name_braille_blank", MALFORMED, "text holds no U+2800, a symbol that is blank.", f"{_MARIA}\u2800"),
        ("name_braille_dot", ACCEPTED, "U+2801, beside it, has a dot.", f"{_MARIA}\u2801"),
        ("name_combining_mark", ACCEPTED, "combining marks stay: a stress.", "Мари\u0301я"),
        ("name_of_marks", MALFORMED, "a name has a letter; combining marks alone are none.", "\u0483\u0301"),
        ("name_of_digits", MALFORMED, "a name has a letter.", "12 34"),
        ("name_of_symbols", MALFORMED, "a name has a letter.", "\u2014 \u2116 *"),
        ("name_of_one_letter", ACCEPTED, "a name has a letter, and one will do.", "\u042f"),
        ("name_letter_at_end", ACCEPTED, "the letter stands anywhere.", "5 \u2116 \u042f"),
        ("name_letter_of_another_script", ACCEPTED, "a letter of any script.", "\u10d0"),
        ("name_no_break_space_outside", MALFORMED, "text has no space at either end, U+00A0 included.", f"\u00a0{_MARIA}"),
        (
            "name_no_break_space_inside",
            ACCEPTED,
            "spaces inside are the holder's own, U+00A0 included.",
            f"{_MARIA}\u00a0{_IVANOVA}",
        ),
        ("name_two_spaces_inside", ACCEPTED, "spaces inside are the holder's own.", "Мария  Иванова"),
    ):
        yield PassCase(name, f"Sections 1 and 3: {comment}", expect, from_claims(claims(body={NAME: text})))
    for name, expect, comment, latin in (
        ("latin_name", ACCEPTED, "a name in Latin letters is optional.", "Ivanova Mariia Petrovna"),
        ("latin_name_of_120", ACCEPTED, "it has 1 to 120 characters.", "a" * 120),
        ("latin_name_of_121", MALFORMED, "it has 1 to 120 characters.", "a" * 121),
        ("latin_name_of_digits", MALFORMED, "it is a name, which has a letter.", "1234"),
        ("latin_name_zero_width_space", MALFORMED, "it is text as in section 1.", "Ivanova\u200b"),
        ("latin_name_number", MALFORMED, "it is text.", 7),
        ("latin_name_null", MALFORMED, "an entry that is not there is left out.", None),
    ):
        yield PassCase(name, f"Section 3: {comment}", expect, from_claims(claims(body={LATIN_NAME: latin})))


def _entitlements() -> Iterator[PassCase]:
    many = [(number, None) for number in range(2500, 2532)]
    yield PassCase(
        "entitlements_32", "Section 3: 1 to 32 entitlements.", made=from_claims(granting(*many)), counts=tuple(range(2500, 2532))
    )
    lists: tuple[Value, ...] = (
        ("entitlements_33", "1 to 32 entitlements.", [*many, (2600, None)]),
        ("entitlements_empty", "1 to 32 entitlements.", []),
        ("entitlements_missing", "entitlements are required.", ABSENT),
        ("entitlements_map", "entitlements are an array.", {2545: None}),
        ("entitlements_not_in_order", "categories are strictly ascending.", [(2545, None), (82, None)]),
        ("entitlements_twice", "each category stands at most once.", [(2545, None), (2545, _TODAY)]),
        ("entitlement_number", "an entitlement is an array.", [2545]),
        ("entitlement_empty", "an entitlement is [category, until, ?from, ?document].", [[]]),
        ("entitlement_without_until", "until is required; null stands for one without an end.", [[2545]]),
        ("entitlement_of_five", "an entitlement has at most four elements.", [(2545, None, 0, (1, "1"), 5)]),
        ("category_0", "a category is 1 to 999999.", [(0, None)]),
        ("category_1000000", "a category is 1 to 999999.", [(1000000, None)]),
        ("category_negative", "a category is unsigned.", [(-30, None)]),
        ("category_true", "true is no number.", [(True, None)]),
        ("category_text", "a category is a number.", [("02-545", None)]),
        ("until_text", "until is a day or null.", [(2545, "2027-06-30")]),
        ("until_float", "until is a day or null.", [(2545, float64(20634.0))]),
        ("until_false", "until is a day or null.", [(2545, False)]),
        ("until_after_9999", "days are to 2932896.", [(2545, LAST_DAY + 1)]),
        ("until_before_1800", "days are from -62091.", [(2545, FIRST_DAY - 1)]),
        ("from_before_1800", "days are from -62091.", [(2545, None, FIRST_DAY - 1)]),
        (
            "from_null_without_document",
            "null as from stands only where a document follows: [545, null], never [545, null, null].",
            [(2545, None, None)],
        ),
        ("from_after_until", "from is not after until.", [(2545, _TODAY, _TODAY + 1)]),
        ("from_text", "from is a day.", [(2545, None, "2026-01-01")]),
        ("document_in_place_of_from", "a document is the fourth element.", [(2545, None, (1, "AB 123456"))]),
        ("document_null", "an entry that would be an absent last element is left out.", [(2545, None, 0, None)]),
        ("document_null_after_null", "an entry that would be an absent last element is left out.", [(2545, None, None, None)]),
    )
    for name, comment, items in lists:
        yield PassCase(name, f"Section 3: {comment}", MALFORMED, from_claims(claims(body={ENTITLEMENTS: items})))
    for name, comment, item in (
        ("until_at_end_of_9999", "days are to 2932896.", (2545, LAST_DAY)),
        ("from_at_1800", "days are from -62091.", (2545, None, FIRST_DAY)),
        ("from_at_until", "from is not after until: a benefit of one day.", (2545, _TODAY, _TODAY)),
    ):
        yield PassCase(name, f"Section 3: {comment}", made=from_claims(granting(item)), counts=(2545,))
    comment = "Section 3: the earliest last day there is; the other category counts."
    yield PassCase("until_at_1800", comment, made=from_claims(granting((2521, FIRST_DAY), (2545, None))), counts=(2545,))


def _documents() -> Iterator[PassCase]:
    for name, expect, comment, document in (
        ("document", ACCEPTED, "[kind, number, issued on].", (1, "№ 123456", day("2019-05-20"))),
        ("document_without_day", ACCEPTED, "issued on is optional.", (1, "AB 123456")),
        ("document_kind_65535", ACCEPTED, "a kind is 1 to 65535.", (65535, "1")),
        ("document_kind_65536", MALFORMED, "a kind is 1 to 65535.", (65536, "1")),
        ("document_kind_0", MALFORMED, "a kind is 1 to 65535.", (0, "1")),
        ("document_number_of_40", ACCEPTED, "a number has 1 to 40 characters.", (1, "№" * 40)),
        ("document_number_of_41", MALFORMED, "a number has 1 to 40 characters.", (1, "№" * 41)),
        ("document_number_empty", MALFORMED, "a number has 1 to 40 characters.", (1, "")),
        ("document_number_integer", MALFORMED, "a number is text: leading zeros count.", (1, 123456)),
        ("document_number_with_bidi", MALFORMED, "a number is text as in section 1.", (1, "12\u202e34")),
        ("document_number_masked", ACCEPTED, "a number needs no letter.", (1, "*3456")),
        ("document_number_with_filler", MALFORMED, "a number is text as in section 1.", (1, "12\u316434")),
        ("document_number_of_marks", MALFORMED, "of a text something is seen; a combining mark alone is not.", (1, "\u0301")),
        ("document_number_mark_first", ACCEPTED, "a combining mark may stand first where something is seen.", (1, "\u048312")),
        ("document_of_one", MALFORMED, "kind and number are required.", [1]),
        ("document_of_four", MALFORMED, "a document has at most three elements.", (1, "1", 0, 0)),
        ("document_trailing_null", MALFORMED, "an absent last element is left out.", (1, "1", None)),
        ("document_day_before_1800", MALFORMED, "days are from -62091.", (1, "1", FIRST_DAY - 1)),
    ):
        counts = (2545,)
        made = from_claims(granting((2545, None, None, document)))
        yield PassCase(name, f"Section 3: a document: {comment}", expect, made, counts=counts)
    item = (2545, day("2030-12-31"), day("2013-03-14"), (1, "AB 123456"))
    yield PassCase("entitlement_of_four", "Section 3: every element is there.", made=from_claims(granting(item)), counts=(2545,))


def _photos() -> Iterator[PassCase]:
    for name, expect, comment, photo in (
        ("photo_webp", ACCEPTED, "WebP: RIFF....WEBP.", _WEBP + bytes(22)),
        ("photo_avif", ACCEPTED, "AVIF: ....ftypavif.", _AVIF + bytes(16)),
        ("photo_of_3500", ACCEPTED, "1 to 3,500 bytes.", _WEBP + bytes(3488)),
        ("photo_of_3501", MALFORMED, "1 to 3,500 bytes.", _WEBP + bytes(3489)),
        ("photo_empty", MALFORMED, "1 to 3,500 bytes.", b""),
        ("photo_jpeg", MALFORMED, "WebP or AVIF only.", b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(24)),
        ("photo_wav", MALFORMED, "RIFF is not enough: this one is sound.", b"RIFF\x1a\x00\x00\x00WAVE" + bytes(22)),
        ("photo_heic", MALFORMED, "ftyp is not enough: this brand is heic.", b"\x00\x00\x00\x1cftypheic" + bytes(16)),
        ("photo_magic_later", MALFORMED, "the signature stands at the beginning.", b"\0" + _WEBP + bytes(22)),
        ("photo_short", MALFORMED, "fewer bytes than the signature has.", _WEBP[:8]),
        ("photo_text", MALFORMED, "a photo is a byte string.", "RIFF....WEBP"),
        ("photo_null", MALFORMED, "an entry that is not there is left out.", None),
    ):
        yield PassCase(name, f"Section 3: a photo: {comment}", expect, from_claims(claims(body={PHOTO: photo})))


def _holder_keys() -> Iterator[PassCase]:
    """Encodings of 32 bytes that are no public keys."""
    for name, public in (
        ("identity", IDENTITY),
        ("identity_non_canonical", IDENTITY_NON_CANONICAL),
        ("identity_negative", IDENTITY_NEGATIVE),
        ("small_order_2", SMALL_ORDER_2),
        ("small_order_4", SMALL_ORDER_4),
        ("small_order_8", SMALL_ORDER_8),
        ("non_canonical", NON_CANONICAL),
        ("mixed_order", mixed_order(HOLDER.public)),
        ("not_on_curve", NOT_ON_CURVE),
    ):
        key: Entries = {1: 1, -1: 6, -2: public}
        comment = (
            "Section 2: small-order, mixed-order and non-canonical points are refused when a key is read; and what is no point."
        )
        yield PassCase(f"cnf_key_{name}", comment, MALFORMED, from_claims(claims({CNF: {1: key}})))


def scenarios() -> list[Scenario]:
    """Return the scenarios of this module."""
    makers = (_names, _entitlements, _documents, _photos, _holder_keys)
    return [case.scenario() for maker in makers for case in maker()]
