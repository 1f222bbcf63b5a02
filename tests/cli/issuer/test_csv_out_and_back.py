"""Each CSV file that the command writes and reads again: whatever a cell holds, it comes back as it was, and computes nothing."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

import town
from command import Shell
from named_passes import add_resident
from said import text
from socpass_cli.commands.issuer.people.applications import COLUMNS, cells_of
from socpass_cli.handout.qr_folder import TABLE_NAME, CodeRendering, PassFolder
from socpass_vc.format.credential.claims import StatusReference
from socpass_vc.format.trust.issuers import Issuer
from socpass_vc.issuer.imports.columns import RowKind
from socpass_vc.issuer.imports.parsers import parse_ref
from socpass_vc.issuer.imports.readers import open_records
from socpass_vc.issuer.imports.row_errors import WrongCellError
from socpass_vc.issuer.imports.row_validation import ImportedPerson, RowReader
from socpass_vc.issuer.imports.text_file import survey
from socpass_vc.issuer.register.applications import Application
from socpass_vc.issuer.register.person import IssuedPass
from socpass_vc.issuer.register.schema import applications
from socpass_vc.issuer.reports.csv_export import LINE_END, csv_line
from socpass_vc.issuer.revocation.revocation_file import COLUMNS as ORDER_COLUMNS
from socpass_vc.issuer.revocation.revocation_file import read_orders
from strategies import texts

FORMULAS = "=+-@\uff1d\uff0b\uff0d\uff20"
ODD_REFS = (
    *("-1004", "=1+1", "+7", "@x", "\tx", "\rx", "\nx", "\r\n=1", "x", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201"),
    *("'", "'x", "'-1004", "''=1", "x;y", "x,=1+1", 'x"=1', "x,y", '"', "\t'=1"),
)
TODAY = date(2026, 6, 1)
told = st.text(st.sampled_from(f"{FORMULAS}'\";, x1я"), min_size=1, max_size=8).map(str.strip).filter(bool) | texts(40)
"""What a register may hold, often with what a spreadsheet would compute."""
refs = st.builds(str.__add__, st.sampled_from(["", "", "\t", "\r", "\n", "\t\r"]), told)


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return town.agency(tmp_path_factory.mktemp("csv")).issuer


def written(folder: str, *rows: tuple[object, ...]) -> Path:
    """Write a file as the command does."""
    path = Path(folder) / "a.csv"
    path.write_bytes("".join(csv_line(row) + LINE_END for row in rows).encode())
    return path


def is_a_reference(ref: str) -> bool:
    try:
        parse_ref(ref.lstrip("\t\r\n"))
    except WrongCellError:
        return False
    return True


def test_a_list_of_applications_is_filled_in_and_decided_whatever_the_references_are(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    agency = town.agency(tmp_path)
    monkeypatch.setenv("SOCPASS_AGENCY", str(agency.folder))
    row = {"subject": "2545", "submitted_on": date(2026, 1, 10), "status": "in_progress"}
    with agency.register() as register, register.transaction() as connection:
        for ref in ODD_REFS:
            connection.execute(applications.insert().values(resident_id=add_resident(connection, ref), **row))

    # when the list is filled in, as in a spreadsheet: all but the decision as it was
    listed = shell("issuer", "applications", "list", "--csv").out
    filled = listed.replace(";in_progress;;", ";in_progress;grant;")
    assert filled.count(";grant;") == len(ODD_REFS)
    (tmp_path / "filled.csv").write_bytes(filled.encode("utf-8-sig"))
    said = shell("issuer", "applications", "decide", "--file", "filled.csv")

    # then
    assert (said.code, said.err) == (0, "")
    assert said.out == text("cli.applications.done", granted=len(ODD_REFS), refused=0, unchanged=0) + "\n"
    granted = [json.loads(line) for line in shell("issuer", "applications", "list", "--json").out.splitlines()]
    assert [(entry["ref"], entry["status"]) for entry in granted] == [(ref, "granted") for ref in ODD_REFS]


@given(ref=refs, name=told, reason=st.none() | told)
@example(ref="\t=1", name="'=1", reason="no;, -1")
def test_a_line_of_the_list_is_read_as_the_application_that_it_is(
    issuer: Issuer, ref: str, name: str, reason: str | None
) -> None:
    assume(is_a_reference(ref))
    first, submitted = date(2026, 1, 1), date(2026, 1, 10)
    application = Application(1, ref, name, "2545", submitted, "refused", reason, None, first, None)
    cells = dict(zip(COLUMNS, cells_of(application), strict=True)) | {"decision": "grant"}
    with TemporaryDirectory() as folder:
        records = open_records(survey(written(folder, COLUMNS, tuple(cells.values()))))
        (row,) = RowReader(records, RowKind.DECISIONS, issuer, today=TODAY)
    person = ImportedPerson(ref, "", None, None, None)
    assert row == (person, 2, [2545, "2545", "2026-01-10", "granted", reason, "2026-01-01", None, None, None, None])


@given(ref=told, number=told)
def test_a_guarded_file_of_entitlements_is_imported_as_what_it_guards(issuer: Issuer, ref: str, number: str) -> None:
    assume(is_a_reference(ref))
    header = ("ref", "name", "category", "document_kind", "document_number")
    with TemporaryDirectory() as folder:
        records = open_records(survey(written(folder, header, (ref, "Ия", 2545, 3, number))))
        (row,) = RowReader(records, RowKind.ENTITLEMENTS, issuer, today=TODAY)
    assert row == (ImportedPerson(ref, "Ия", None, None, None), 2, [2545, None, None, 3, number, None])


@given(ref=refs, note=told)
def test_a_file_of_orders_is_read_as_it_was_written(ref: str, note: str) -> None:
    assume(is_a_reference(ref))
    with TemporaryDirectory() as folder:
        (order,), faults = read_orders(written(folder, ORDER_COLUMNS, (ref, None, "lost", note)))
    assert (order.who, order.note, bool(faults)) == (ref, note, False)


@given(st.lists(refs, min_size=1, max_size=4))
def test_a_table_of_passes_is_continued_whoever_stands_in_it(found: list[str]) -> None:
    passes = [
        IssuedPass(ref, StatusReference(list_number=0, index=index), town.NOW, town.NOW, b"", "SOCPASS:")
        for index, ref in enumerate(found)
    ]
    rendering = CodeRendering("png")
    with TemporaryDirectory() as home:
        folder = Path(home) / "qr"
        with PassFolder(folder, rendering) as first:
            for name in first.drawing.files(passes):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).touch()
            first.note(passes, [])
        table = (folder / TABLE_NAME).read_bytes()
        with PassFolder(folder, rendering) as second:
            assert all(map(second.has, passes))
            second.note(passes, [])
        assert (folder / TABLE_NAME).read_bytes() == table
