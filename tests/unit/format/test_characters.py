"""What a text may hold, specs/credential.md section 1: by the table of Unicode 14.0, and for common characters without it."""

import subprocess
import sys
import unicodedata
from itertools import product
from pathlib import Path

import pytest

from socpass_vc.catalogue.names import builtin
from socpass_vc.format import unicode_table
from socpass_vc.format.characters import check_name, check_text
from socpass_vc.format.fields import FieldError
from unicode_kinds import BLANK, KINDS, is_seen

SCRIPT = Path(__file__).parents[3] / "scripts" / "unicode_table.py"
COMMON = [*map(chr, (*range(0x20, 0x7F), *range(0xC0, 0x300), *range(0x400, 0x500))), "\u2116"]


def reason(text: str, *, is_name: bool = False) -> str | None:
    """Return why a text or a name is refused."""
    try:
        (check_name if is_name else check_text)(text, 40)
    except FieldError as error:
        return error.reason
    return None


def test_each_code_point_may_stand_in_a_text_or_not_as_its_category_says() -> None:
    for point in range(sys.maxunicode + 1):
        character = chr(point)
        expected = None if is_seen(character) else "text_character"
        if unicodedata.is_normalized("NFC", f"A{character}B"):  # of those that are not, the fault is another
            assert reason(f"A{character}B") == expected, f"U+{point:04X}"


def test_what_is_common_says_the_same_as_the_table() -> None:
    for character in COMMON:
        kind = KINDS[ord(character)]
        assert reason(character) == {"s": "text_outer_space", "m": "text_invisible"}.get(kind)
        assert reason(character, is_name=True) == {
            "s": "text_outer_space",
            "m": "text_invisible",
            "v": "name_without_letter",
        }.get(kind)
        assert reason(f"A{character}B") is None


def test_nothing_common_composes() -> None:
    assert all(unicodedata.is_normalized("NFC", one + other) for one, other in product(COMMON, repeat=2))


def test_a_text_is_judged_by_its_first_reason() -> None:
    assert reason("") == "text_length"
    assert reason("я" * 41, is_name=True) == "text_length"
    assert reason("e\u0301 ") == "text_not_nfc"
    assert reason("\u10d0 ") == "text_outer_space"
    assert reason("\u3000\u10d0") == "text_outer_space"
    assert reason("\u0301\u00a0\u0302") == "text_invisible"
    assert reason("\u0301") == "text_invisible"
    assert reason("12", is_name=True) == "name_without_letter"
    assert reason("\u0660\u0661", is_name=True) == "name_without_letter"


def test_a_character_that_is_refused_is_named_with_its_place() -> None:
    with pytest.raises(FieldError) as refusal:
        check_text("Ия\u3164", 40)
    assert refusal.value.facts == {"character": "U+3164", "position": 3}


def test_the_table_is_what_its_script_writes_where_the_interpreter_knows_the_same_unicode() -> None:
    done = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert (done.stdout == "") == (unicodedata.unidata_version == unicode_table.VERSION)
    assert sum(kind == "x" for kind in KINDS) > len(BLANK)


def test_every_built_in_name_is_a_name() -> None:
    for section in builtin():
        for names in section.values():
            for name in names.values():
                check_name(name, 200)
