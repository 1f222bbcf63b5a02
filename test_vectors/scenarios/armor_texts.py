"""Texts and the frames that they carry, or do not; parts and the wholes that they join to (specs/credential.md, section 5)."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final

from scenarios.armor import DELTA, PART, PRESENTATION, WHOLE, armor, decimal, parts, with_check_digits
from scenarios.cbor import encode
from scenarios.cose import sign1
from scenarios.passes import claims
from scenarios.scenario import ACCEPTED, Scenario, octets
from scenarios.seeds import PASS_BA_44

NOT_A_PASS, MISREAD, INCOMPLETE = "not_a_pass", "misread", "incomplete"
LONGEST_TOKEN, LONGEST_PRESENTATION, LONGEST_DELTA, LONGEST_TEXT = 4096, 4608, 65535, 12000
SHORTEST_RUN: Final = 157  # digits


def _filler(name: str, size: int) -> bytes:
    """Return *size* bytes that look like nothing."""
    blocks = (hashlib.sha256(f"socpass test vector: {name} {number}".encode()).digest() for number in range(size // 32 + 1))
    return b"".join(blocks)[:size]


_FRAME: Final = WHOLE + _filler("armor", 180)
_TEXT: Final = armor(_FRAME)
_DIGITS: Final = _TEXT.partition(":")[2]


def _good() -> Iterator[tuple[str, str, str, bytes]]:
    shortest = WHOLE + _filler("shortest", 64)
    yield from (
        ("whole", "Rule 1: the frame's bytes as one big-endian number.", _TEXT, _FRAME),
        ("digits_only", "Rule 3: a reader ignores the prefix, and its absence.", _DIGITS, _FRAME),
        (
            "prefix_of_an_agency",
            "Rule 3: a prefix may be the agency's own address.",
            armor(_FRAME, "HTTPS://PASS.EXAMPLE.RU/P#"),
            _FRAME,
        ),
        (
            "prefix_with_digits",
            "Rule 3: the last run of digits counts.",
            armor(_FRAME, "HTTPS://PASS2026.EXAMPLE.RU/47/P#"),
            _FRAME,
        ),
        ("prefix_in_lower_case", "Rule 3: whatever stands before.", armor(_FRAME, "socpass:"), _FRAME),
        (
            "prefix_cyrillic",
            "Rule 3: whatever stands before, as a scanner types it under a Russian layout.",
            armor(_FRAME, "ЫЩСЗФЫЫЖ"),
            _FRAME,
        ),
        ("text_before_and_after", "Rule 3: whatever stands before and after.", f"Скан 1: {_TEXT} Enter\r\n", _FRAME),
        ("line_end_after", "Rule 3: a scanner types a line end after the digits.", _TEXT + "\n", _FRAME),
        ("arabic_digits_after", "Rule 3: digits are 0 to 9; others only stand around them.", _TEXT + " \u0660\u0661", _FRAME),
        (
            "two_passes",
            "Rule 3: the last run counts, here after another whole pass.",
            armor(WHOLE + _filler("first", 180)) + " " + _TEXT,
            _FRAME,
        ),
        ("delta", "Rule 4: a status delta, frame byte 4.", armor(DELTA + _FRAME[1:]), DELTA + _FRAME[1:]),
        ("157_digits", "Rule 4: 157 digits can hold a signature.", armor(shortest), shortest),
        (
            "zeros_inside",
            "Rule 1: the frame byte is never zero, so no byte is lost.",
            armor(WHOLE + bytes(80)),
            WHOLE + bytes(80),
        ),
        ("token_of_4096", "Rule 4: at most 4,096 bytes of a token.", *_both(WHOLE + _filler("token", LONGEST_TOKEN))),
        ("presentation", "A pass with its holder's proof.", *_both(PRESENTATION + _filler("presentation", 340))),
        (
            "presentation_of_4608",
            "Rule 4: at most 4,608 bytes of a presentation.",
            *_both(PRESENTATION + _filler("long", LONGEST_PRESENTATION)),
        ),
        ("text_of_12000", "Rule 4: a text of 12,000 characters.", "#" * (LONGEST_TEXT - len(_DIGITS)) + _DIGITS, _FRAME),
    )


def _both(frame: bytes) -> tuple[str, bytes]:
    return armor(frame), frame


def _refused() -> Iterator[tuple[str, str, str, str]]:
    yield from _no_passes()
    yield from _misread()
    for first, second in (("97", "00"), ("98", "01"), ("02", "99")):
        texts = (armor(WHOLE + _filler(f"check digits {number}", 64)) for number in range(2000))
        text = next(text for text in texts if text.endswith(first))
        comment = f"Rule 2: check digits are 02 to 98; {second} leaves the same remainder as {first}."
        yield f"check_digits_{second}", MISREAD, comment, text[:-2] + second
    head = bytes([0, 2]) + bytes(8)
    yield "part_alone", INCOMPLETE, "Rule 5: a part alone is incomplete.", armor(parts(_FRAME, 2)[0])
    yield "last_part_alone", INCOMPLETE, "Rule 5: a part alone is incomplete, the last one too.", armor(parts(_FRAME, 2)[1])
    yield "part_of_64_bytes", INCOMPLETE, "Rule 5: a part is at least 64 bytes.", armor(PART + head + _filler("part", 64))
    yield (
        "part_254_of_255",
        INCOMPLETE,
        "Rule 5: count is 2 to 255.",
        armor(PART + bytes([254, 255]) + bytes(8) + _filler("part", 64)),
    )
    yield (
        "part_of_4096",
        INCOMPLETE,
        "Rule 4: at most 4,096 bytes after a part's head.",
        armor(PART + head + _filler("part", LONGEST_TOKEN)),
    )
    for name, comment, frame in (
        ("part_of_63_bytes", "Rule 5: a shorter part than 64 bytes is misread.", head + _filler("part", 63)),
        ("part_of_4097", "Rule 4: more than 4,096 bytes after a part's head.", head + _filler("part", LONGEST_TOKEN + 1)),
        ("part_0_of_1", "Rule 5: count is 2 to 255.", bytes([0, 1]) + bytes(8) + _filler("part", 64)),
        ("part_0_of_0", "Rule 5: count is 2 to 255.", bytes([0, 0]) + bytes(8) + _filler("part", 64)),
        ("part_2_of_2", "Rule 5: index counts from 0 and is below count.", bytes([2, 2]) + bytes(8) + _filler("part", 64)),
    ):
        yield name, MISREAD, comment, armor(PART + frame)


def _no_passes() -> Iterator[tuple[str, str, str, str]]:
    arabic, wide = _DIGITS.translate(_shift("\u0660")), _DIGITS.translate(_shift("\uff10"))
    for name, comment, text in (
        ("empty", "Rule 4: there is no run of digits.", ""),
        ("no_digits", "Rule 4: there is no run of digits.", "SOCPASS:"),
        ("article_number", "Rule 4: a run of fewer than 157 digits cannot hold a signature.", "4601234567893"),
        ("155_digits", "Rule 4: fewer than 157 digits, although the check digits hold.", armor(WHOLE + _filler("short", 63))),
        (
            "156_digits",
            "Rule 4: fewer than 157 digits, although the check digits hold.",
            "SOCPASS:" + with_check_digits("7" * 154),
        ),
        (
            "digits_in_groups",
            "Rule 3: one run counts; digits in groups are many.",
            " ".join(_DIGITS[i : i + 4] for i in range(0, len(_DIGITS), 4)),
        ),
        ("short_run_after", "Rule 3: the last run counts, here a date.", _TEXT + " 2026"),
        ("arabic_indic_digits", "Rule 3: digits are 0 to 9; these are Arabic-Indic.", "SOCPASS:" + arabic),
        ("full_width_digits", "Rule 3: digits are 0 to 9; these are full-width.", "SOCPASS:" + wide),
        (
            "superscript_inside",
            "Rule 3: digits are 0 to 9; a superscript two ends the run.",
            _DIGITS[:100] + "\u00b2" + _DIGITS[101:200],
        ),
        ("letter_inside", "Rule 3: a letter in the middle splits the run.", f"SOCPASS:{_DIGITS[:100]}O{_DIGITS[101:200]}"),
        ("text_of_12001", "Rule 4: a text longer than 12,000 characters.", "#" * (LONGEST_TEXT + 1 - len(_DIGITS)) + _DIGITS),
        ("digits_of_12001", "Rule 4: a text longer than 12,000 characters, all of them digits.", "9" * (LONGEST_TEXT + 1)),
    ):
        yield name, NOT_A_PASS, comment, text


def _shift(zero: str) -> dict[int, int]:
    return {ord("0") + value: ord(zero) + value for value in range(10)}


def _misread() -> Iterator[tuple[str, str, str, str]]:
    swap = next(i for i in range(100, 200) if _DIGITS[i] != _DIGITS[i + 1])
    swapped = _DIGITS[:swap] + _DIGITS[swap + 1] + _DIGITS[swap] + _DIGITS[swap + 2 :]
    for name, comment, digits in (
        ("check_digit_changed", "Rule 2: every single wrong digit shows, a check digit too.", _DIGITS[:-1] + _other(_DIGITS[-1])),
        ("first_digit_changed", "Rule 2: every single wrong digit shows.", _nonzero(_DIGITS[0]) + _DIGITS[1:]),
        ("middle_digit_changed", "Rule 2: every single wrong digit shows.", _DIGITS[:200] + _other(_DIGITS[200]) + _DIGITS[201:]),
        ("digit_dropped", "Rule 2: a digit was lost on the way.", _DIGITS[:200] + _DIGITS[201:]),
        ("last_digit_dropped", "Rule 2: a digit was lost on the way.", _DIGITS[:-1]),
        ("digit_doubled", "Rule 2: a digit was read twice.", _DIGITS[:200] + _DIGITS[199:]),
        ("digits_swapped", "Rule 2: every swap of neighbours shows.", swapped),
        ("leading_zero", "Rule 4: a run that starts with 0; it has the same number, and its check digits hold.", "0" + _DIGITS),
        ("all_zeros", "Rule 4: a run that starts with 0.", "0" * 200),
        ("without_check_digits", "Rule 2: there are two check digits.", _DIGITS[:-2]),
        ("frame_byte_5", "Rule 4: another frame byte.", _after(b"\x05" + _FRAME[1:])),
        ("frame_byte_210", "Rule 4: another frame byte; here the token stands without one.", _after(b"\xd2" + _FRAME[1:])),
        ("frame_byte_255", "Rule 4: another frame byte.", _after(b"\xff" + _FRAME[1:])),
        ("token_of_4097", "Rule 4: more than 4,096 bytes of a token.", _after(WHOLE + _filler("token", LONGEST_TOKEN + 1))),
        (
            "presentation_of_4609",
            "Rule 4: more than 4,608 bytes of a presentation.",
            _after(PRESENTATION + _filler("long", LONGEST_PRESENTATION + 1)),
        ),
        (
            "digits_of_12000",
            "Rule 4: 12,000 digits hold more bytes than the limits allow.",
            with_check_digits("9" * (LONGEST_TEXT - 2)),
        ),
    ):
        yield name, MISREAD, comment, digits


def _after(frame: bytes) -> str:
    return with_check_digits(decimal(int.from_bytes(frame, "big")))


def _other(digit: str) -> str:
    return str((int(digit) + 1) % 10)


def _nonzero(digit: str) -> str:
    return str(int(digit) % 9 + 1)


def _joins() -> Iterator[tuple[str, str, bytes | str, Sequence[bytes]]]:
    """Frames of parts, and what they join to."""
    whole = WHOLE + _filler("parts", 700)
    other = WHOLE + _filler("other parts", 700)
    two, three, ten = parts(whole, 2), parts(whole, 3), parts(whole, 10)
    yield "two", "two parts in their order.", whole, two
    yield "three_backwards", "parts in any order; 701 bytes in parts of 234, 234 and 233.", whole, three[::-1]
    yield "ten", "ten parts.", whole, ten
    yield "one_twice", "a part that was scanned twice.", whole, [two[0], two[0], two[1]]
    presentation = PRESENTATION + _filler("parts", 700)
    yield (
        "of_a_presentation",
        "the whole is a frame byte and what follows it, here a presentation.",
        presentation,
        parts(presentation, 4),
    )
    delta = DELTA + _filler("delta", LONGEST_DELTA)
    yield "of_a_delta", "a status delta may have 65,535 bytes.", delta, parts(delta, 20)
    longer = DELTA + _filler("delta", LONGEST_DELTA + 1)
    yield "of_a_delta_too_long", "a status delta may have 65,535 bytes; this one has one more.", MISREAD, parts(longer, 20)
    later = WHOLE + sign1(PASS_BA_44, encode(claims())).encode()
    yield "of_ml_dsa_44", "a pass that is signed with ML-DSA-44 has 2,537 bytes; four codes carry them.", later, parts(later, 4)
    yield "one_missing", "parts join when all are there.", INCOMPLETE, [*ten[:4], *ten[5:]]
    yield (
        "of_two_passes",
        "parts of two passes have different digests; neither of them is complete.",
        INCOMPLETE,
        [two[0], parts(other, 2)[1]],
    )


def scenarios() -> list[Scenario]:
    """Return the scenarios of this module."""
    good = [
        Scenario(f"armor/{name}", comment, ACCEPTED, {"text": text, "frame": octets(frame)})
        for name, comment, text, frame in _good()
    ]
    refused = [Scenario(f"armor/{name}", comment, expect, {"text": text}) for name, expect, comment, text in _refused()]
    joined = []
    for name, comment, result, frames in _joins():
        texts = [armor(frame) for frame in frames]
        rule = f"Rule 5: {comment}"
        if isinstance(result, bytes):
            joined.append(Scenario(f"parts/{name}", rule, ACCEPTED, {"texts": [*texts], "frame": octets(result)}))
        else:
            joined.append(Scenario(f"parts/{name}", rule, result, {"texts": [*texts]}))
    return [*good, *refused, *joined]
