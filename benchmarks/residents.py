"""An agency's export of made-up residents, 1.8 entitlements each: the same bytes for the same count and seed.

It knows what such a file looks like as a spreadsheet saves it. The names and numbers are nobody's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

HEADER = "ref;name;born;category;from;until;document_kind;document_number;document_issued\r\n"
LINES_A_WRITE = 10_000

_ENTITLEMENTS = (1, 2, 1, 3, 2, 1, 2, 1, 2, 3)
"""Of ten residents in turn: 1.8 each."""
_REF_PRIME = 99_999_989
_REF_FACTOR = 48_271
"""References look strewn, as those of an agency that counts cases: the factor times the number, modulo a prime."""

_WOMEN = (
    ("Иванова", "Галиуллина", "Константинопольская", "Ким", "Ахметшина", "Щербакова", "Ёлкина", "Мухаметзянова", "Салаватова"),
    ("Мария", "Гульназ", "Александра", "Ия", "Екатерина", "Флюра", "Любовь", "Светлана", "Анна-Мария", "Зульфия"),
    ("Петровна", "Ильдаровна", "Константиновна", "Львовна", "Рашитовна", "Юрьевна", "Фёдоровна", "Ильинична", "Маратовна"),
)
_MEN = (
    (
        "Иванов",
        "Галиуллин",
        "Преображенский",
        "Ким",
        "Ахметшин",
        "Щербаков",
        "Ёлкин",
        "Мухаметзянов",
        "Салаватов",
        "Римский-Корсаков",
    ),
    ("Пётр", "Ильдар", "Александр", "Лев", "Рустем", "Юрий", "Фёдор", "Илья", "Салават", "Константин"),
    ("Петрович", "Ильдарович", "Константинович", "Львович", "Рашитович", "Юрьевич", "Фёдорович", "Ильич", "Маратович"),
)
# Category, kind of its document, whether it ends some day.
_CATEGORIES = (
    ("02-545", 3, False),
    ("02-521", 1, False),
    ("02-580", 4, True),
    ("00-030", 1, False),
    ("02-613", 1, False),
    ("00-082", 2, True),
    ("02-531", 1, False),
    ("02-620", None, True),
)
_SERIES = ("БА", "УД", "МСЭ-2019", "Г")
_FIRST_BIRTH = date(1926, 1, 1).toordinal()
_LAST_BIRTH = date(1998, 12, 31).toordinal()
_NO_BIRTH_SHARE = 0.01
_YEAR_ALONE_SHARE = 0.04


def write_residents(path: Path, count: int, seed: int = 1) -> int:
    """Write a CSV file of *count* residents, and return how many rows that are: 1.8 times as many, if 10 divides the count.

    Args:
        path: the file, which is written over.
        count: of residents.
        seed: another one gives other people with the same references.
    """
    rows = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        file.write(HEADER)
        lines: list[str] = []
        for line in _lines(count, Random(seed)):  # noqa: S311 -- the same people in each run
            lines.append(line)
            if len(lines) == LINES_A_WRITE:
                rows += len(lines)
                file.write("".join(lines))
                lines.clear()
        rows += len(lines)
        file.write("".join(lines))
    return rows


def _lines(count: int, random: Random) -> Iterator[str]:
    for number in range(1, count + 1):
        ref = f"{number * _REF_FACTOR % _REF_PRIME:08d}"
        name = " ".join(random.choice(parts) for parts in (_WOMEN if random.random() < 0.6 else _MEN))  # noqa: PLR2004 -- women live longer
        person = f"{ref};{name};{_birth(random)}"
        first = random.randrange(len(_CATEGORIES))
        for at in range(_ENTITLEMENTS[number % len(_ENTITLEMENTS)]):
            category, kind, ends = _CATEGORIES[(first + at) % len(_CATEGORIES)]
            issued = date(1995, 1, 1) + timedelta(days=random.randrange(11_000))
            until = f"31.12.{random.randrange(2027, 2036)}" if ends else ""
            document = f"{kind};{_document_number(random)};{issued:%d.%m.%Y}" if kind else ";;"
            yield f"{person};{category};{issued if ends else ''};{until};{document}\r\n"


def _birth(random: Random) -> str:
    drawn = random.random()
    if drawn < _NO_BIRTH_SHARE:
        return ""
    born = date.fromordinal(random.randint(_FIRST_BIRTH, _LAST_BIRTH))
    return str(born.year) if drawn < _YEAR_ALONE_SHARE else f"{born:%d.%m.%Y}"


def _document_number(random: Random) -> str:
    digits = f"{random.randrange(10**7):07d}"
    return digits if random.random() < 0.5 else f"{random.choice(_SERIES)} № {digits}"  # noqa: PLR2004 -- half of them have a series
