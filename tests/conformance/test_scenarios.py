"""Every committed test vector, run through the library."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

import vectors
from socpass_vc import errors
from vectors import FOLDER, Vector

SPECS = FOLDER.parent / "specs"
FOLDERS = sorted(vectors.RUNNERS)


def ids(folder: str) -> list[str]:
    """Return the scenarios of a folder."""
    return [f"{folder}/{path.stem}" for path in vectors.paths(folder)]


def check(vector_id: str) -> None:
    """Fail with the difference, if there is one."""
    difference = vectors.difference(vectors.load(vector_id))
    assert difference is None, difference


@pytest.mark.parametrize("vector_id", ids("armor"))
def test_armor(vector_id: str) -> None:
    check(vector_id)


@pytest.mark.parametrize("vector_id", ids("catalogue"))
def test_catalogue(vector_id: str) -> None:
    check(vector_id)


@pytest.mark.parametrize("vector_id", ids("cbor"))
def test_cbor(vector_id: str) -> None:
    check(vector_id)


@pytest.mark.parametrize("vector_id", ids("delta"))
def test_delta(vector_id: str) -> None:
    check(vector_id)


@pytest.mark.parametrize("vector_id", ids("log"))
def test_log(vector_id: str) -> None:
    check(vector_id)


@pytest.mark.parametrize("vector_id", ids("merkle"))
def test_merkle(vector_id: str) -> None:
    check(vector_id)


@pytest.mark.parametrize("vector_id", ids("parts"))
def test_parts(vector_id: str) -> None:
    check(vector_id)


@pytest.mark.parametrize("vector_id", ids("pass"))
def test_pass(vector_id: str) -> None:
    check(vector_id)


@pytest.mark.parametrize("vector_id", ids("request"))
def test_request(vector_id: str) -> None:
    check(vector_id)


@pytest.mark.parametrize("vector_id", ids("status"))
def test_status(vector_id: str) -> None:
    check(vector_id)


@pytest.mark.parametrize("vector_id", ids("trust"))
def test_trust(vector_id: str) -> None:
    check(vector_id)


def test_the_layers_of_a_pass_are_what_its_text_holds() -> None:
    for vector_id in ids("pass"):
        # given
        vector = vectors.load(vector_id)

        # then
        for layer, found in vectors.layers(vector).items():
            assert found == vector[layer], f"{vector_id}: {layer}"


# --- That nothing is forgotten ------------------------------------------------------------------------------


def test_every_folder_holds_vectors_and_every_folder_of_vectors_has_a_runner() -> None:
    # given
    holding = {path.parent.name for path in FOLDER.glob("*/*.json")}

    # then
    assert holding == set(FOLDERS)


def test_the_id_of_a_vector_is_its_path() -> None:
    for folder in FOLDERS:
        for vector_id in ids(folder):
            assert vectors.load(vector_id)["id"] == vector_id


def test_the_command_line_runner_agrees() -> None:
    assert vectors.main() == 0


def test_every_vector_and_the_seeds_are_of_the_published_schema() -> None:
    # given
    schema = json.loads((FOLDER / "schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)

    # then
    for folder in FOLDERS:
        for vector_id in ids(folder):
            assert validator.is_valid(vectors.load(vector_id)), f"{vector_id} is not of test_vectors/schema.json"
    assert not validator.is_valid({"id": "pass/a", "comment": "a", "expect": "accepted"})


def refusals(spec: str) -> set[str]:
    """Return the codes in the tables of a specification that have a column "refusal"."""
    found: set[str] = set()
    in_table = False
    for line in (SPECS / spec).read_text(encoding="utf-8").splitlines():
        if not line.startswith("|"):
            in_table = False
        elif line.rstrip("| ").endswith("refusal"):
            in_table = True
        elif in_table:
            found.update(re.findall("`([a-z_]+)`", line.rstrip("| ").rpartition("|")[2]))
    return found


@pytest.mark.parametrize(
    ("spec", "folder"),
    [
        ("credential.md", "pass"),
        ("status-list.md", "status"),
        ("status-delta.md", "delta"),
        ("catalogue.md", "catalogue"),
        ("trust.md", "trust"),
        ("signing-request.md", "request"),
        ("log.md", "log"),
    ],
    ids=lambda name: name,
)
def test_every_code_of_a_specification_has_a_vector_and_every_verdict_of_a_vector_stands_in_it(spec: str, folder: str) -> None:
    # given
    codes = refusals(spec)

    # when
    verdicts = {vectors.load(vector_id)["expect"] for vector_id in ids(folder)}

    # then
    assert len(codes) >= 5
    assert verdicts == codes | {"accepted"}


def test_the_codes_of_the_specification_are_those_of_the_errors_by_family() -> None:
    # given the paragraph of credential.md, section 6, that names red, amber and grey
    said = re.sub(r"\s+", " ", (SPECS / "credential.md").read_text(encoding="utf-8"))

    for family, kind in (("Rejected", errors.Rejected), ("Undecided", errors.Undecided), ("Unreadable", errors.Unreadable)):
        # when
        listed = re.search(f"`{family}` \\([a-z]+\\): ([a-z_, ]+)\\.", said)

        # then
        assert listed, family
        codes = set(listed[1].split(", "))
        have = {error.code for error in vars(errors).values() if isinstance(error, type) and issubclass(error, kind)}
        # A till without its store, or without a library to trust, cannot decide either.
        assert codes == have - {kind.code, errors.StoreError.code, errors.LaxLibrary.code}, family


# --- The examples in the specifications ---------------------------------------------------------------------

_MARKER = re.compile(r"<!-- vector: ([a-z0-9_/]+) -->\n+(```[a-z]*\n(.*?)```)?", re.DOTALL)


def examples() -> list[tuple[str, str, str | None]]:
    """Return the file, the vector and the block of every worked example."""
    return [
        (path.name, found[1], found[3])
        for path in sorted(SPECS.glob("**/*.md"))
        for found in _MARKER.finditer(path.read_text(encoding="utf-8") + "\n")
    ]


def fields(block: str) -> dict[str, str]:
    """Return the lines "name = value" of a block; a line that begins with a space goes on with the value."""
    found: dict[str, str] = {}
    name = ""
    for line in block.splitlines():
        named = re.match("([a-z_]+) = ?(.*)", line)
        if named:
            name = named[1]
            found[name] = named[2].strip()
        elif name:
            found[name] += line.strip()
    return found


@pytest.mark.parametrize(("spec", "vector_id", "block"), examples(), ids=lambda part: part if part and len(part) < 40 else "")
def test_an_example_in_a_specification_is_its_vector_to_the_byte(spec: str, vector_id: str, block: str | None) -> None:
    # given
    vector: Vector = vectors.load(vector_id)
    assert block, f'specs/{spec}: after <!-- vector: {vector_id} --> a fenced block of lines "name = value" is missing'

    # when
    said = fields(block)

    # then
    assert said, f"specs/{spec}: the example {vector_id} names no field"
    assert said == {name: vector.get(name) for name in said}, f"specs/{spec}: the example {vector_id}"


def test_every_specification_of_bytes_has_a_worked_example() -> None:
    specs = {spec for spec, _, _ in examples()}
    assert specs >= {"credential.md", "status-list.md", "status-delta.md", "catalogue.md", "trust.md", "log.md"}


def test_the_marker_of_an_example_is_found_with_and_without_a_block(tmp_path: Path) -> None:
    # given
    written = tmp_path / "a.md"
    written.write_text("<!-- vector: pass/accepted -->\n\n```\ntext = 12\n  34\ncose = ab\n```\n\n<!-- vector: status/a -->\n")

    # when
    found = [(match[1], match[3]) for match in _MARKER.finditer(written.read_text())]

    # then
    assert found == [("pass/accepted", "text = 12\n  34\ncose = ab\n"), ("status/a", None)]
    assert fields(found[0][1]) == {"text": "1234", "cose": "ab"}
