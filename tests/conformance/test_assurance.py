"""docs/assurance.md: its counts are those of the tree, or floors that the tree is above."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

from planted.faults import FAULTS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "assurance.md").read_text(encoding="utf-8")
FOREIGN = ROOT / "tests" / "foreign"


def floor(of: str) -> int:
    """Return the number that the page says is exceeded."""
    found = re.search(rf"more than ([\d,]+) {of}", TEXT)
    assert found, of
    return int(found[1].replace(",", ""))


def test_floors_are_exceeded() -> None:
    # given
    vectors = [path for path in (ROOT / "test_vectors").glob("*/*.json") if "expect" in path.read_text(encoding="ascii")]
    properties = [
        node
        for path in (ROOT / "tests" / "properties").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and any("given" in ast.dump(decorator) for decorator in node.decorator_list)
    ]

    # then
    assert len(vectors) > floor("test vectors")
    assert len(FAULTS) > floor("faults")
    assert len(properties) > floor("properties")


def test_the_readers_that_are_fed_are_counted() -> None:
    # given the table, read and not imported: it makes keys and folders
    tree = ast.parse((ROOT / "fuzz" / "readers.py").read_text(encoding="utf-8"))
    tables = [node.value for node in tree.body if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "READERS"]

    # then
    assert isinstance(tables[0], ast.Dict)
    assert f"| {len(tables[0].keys)} readers fed " in TEXT


def test_suites_of_others_are_counted() -> None:
    rows = {"wycheproof_ed25519": "Wycheproof, Ed25519 (2026-10)", "speccheck": '"Taming the many EdDSAs", table 5'}
    for suite, row in rows.items():
        count = len(json.loads((FOREIGN / f"{suite}.json").read_text(encoding="utf-8"))["tests"])
        assert f"| {row} | {count} |" in TEXT
    dcbor = json.loads((FOREIGN / "dcbor.json").read_text(encoding="utf-8"))
    assert f"{len(dcbor['invalid'])} invalid, {len(dcbor['valid'])} valid" in TEXT


def test_every_command_and_path_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", TEXT)) <= targets
    for path in re.findall(r"`((?:tests|scripts|src|fuzz|interop|test_vectors|requirements)/[\w/.]*)`", TEXT):
        assert (ROOT / path).exists(), path
