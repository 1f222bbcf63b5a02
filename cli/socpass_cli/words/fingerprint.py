"""Fingerprints for people: to copy, and to read aloud over a telephone without mistaking one letter for another.

It knows hexadecimal digits and how they are said. There is one fingerprint, not two: what is spoken is what is written
(specs/decisions/0011-root-ceremonies.md).
"""

from __future__ import annotations

from socpass_cli.app.language import tr

_LETTERS = "abcdef"
"""Letters among the digits, each said as a word: of ICAO's spelling alphabet, or a first name that Russians spell with."""
_GROUPS_PER_LINE = 4


def grouped(digits: str) -> str:
    """Return hexadecimal digits in groups of four."""
    plain = digits.replace(" ", "")
    return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))


def fingerprint_lines(digits: str) -> list[str]:
    """Return a fingerprint as it is copied, and below it as it is read aloud, in numbered lines of four groups.

    Args:
        digits: hexadecimal, with spaces or without.
    """
    groups = grouped(digits).split(" ")
    spoken = [
        f"      {number}. {', '.join(map(_say, groups[at : at + _GROUPS_PER_LINE]))}"
        for number, at in enumerate(range(0, len(groups), _GROUPS_PER_LINE), start=1)
    ]
    return [f"    {' '.join(groups)}", f"    {tr('cli.fingerprint.aloud')}:", *spoken]


def _say(group: str) -> str:
    return " ".join(tr(f"cli.fingerprint.letter.{digit}") if digit in _LETTERS else digit for digit in group)
