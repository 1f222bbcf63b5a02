"""specs/threat-model.md: every test that it names as proof exists, and every attacker has at least one."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
TEXT = (TESTS.parent / "specs" / "threat-model.md").read_text(encoding="utf-8")
ATTACKERS = (
    "forger",
    "copier of a screenshot",
    "thief of an issuer's key",
    "thief of a root key",
    "malicious mirror",
    "dishonest till",
    "stale till",
    "clock tamperer",
    "curious cashier",
)
NAMED = sorted(set(re.findall(r"`([\w/.-]+\.py)::(\w+)`", TEXT)))


def functions_of(path: Path) -> set[str]:
    """Return the names of the functions in a file."""
    return {node.name for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[name for _, name in NAMED])
def test_a_test_that_is_named_as_a_proof_exists(file: str, name: str) -> None:
    assert name.startswith("test_")
    assert name in functions_of(TESTS / file)


def test_nothing_that_looks_like_a_test_is_named_in_another_way() -> None:
    without = re.sub(r"`[\w/.-]+\.py::\w+`", "", TEXT)
    assert re.findall(r"test_\w+|\w+\.py", without) == []


@pytest.mark.parametrize("attacker", ATTACKERS)
def test_every_attacker_has_a_section_with_proofs_and_what_is_left_to_it(attacker: str) -> None:
    # given
    sections = {section.splitlines()[0].lower(): section for section in TEXT.split("\n## ")}

    # when
    (section,) = [section for title, section in sections.items() if attacker in title]

    # then
    assert re.search(r"`[\w/.-]+\.py::test_\w+`", section)
    assert "Can" in section
    assert "Cannot" in section


def test_every_attack_that_tuf_names_is_tested_or_said_not_to_apply() -> None:
    tests = "\n".join(functions_of(TESTS / "unit" / "verifier" / "test_tuf_attacks.py"))
    for attack in (
        "arbitrary_list",
        "endless_data",
        "fast_forward",
        "indefinite_freeze",
        "mirror_that_prevents_updates",
        "mix_and_match",
        "rollback",
        "wrong_key_threshold",
        "key_counted_twice",
        "key_compromise",
    ):
        assert attack in tests, attack
    assert "Slow retrieval, extraneous dependencies" in TEXT
