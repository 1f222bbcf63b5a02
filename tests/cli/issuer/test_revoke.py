"""``socpass issuer revoke|suspend|reinstate``: whose passes, why, and from a file; all of it or nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sql

import town
from command import Shell
from said import text
from socpass_vc.format.credential.claims import StatusReference
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.register.event_log import read_events
from socpass_vc.issuer.register.schema import credentials
from socpass_vc.issuer.revocation.revocation_file import COLUMNS


@pytest.fixture
def agency(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Agency:  # noqa: ARG001 -- it clears the environment
    made = town.agency(tmp_path)
    monkeypatch.setenv("SOCPASS_AGENCY", str(made.folder))
    return made


@pytest.fixture
def places(agency: Agency) -> dict[str, StatusReference]:
    with agency.register() as register:
        town.take(register, agency, town.ANNA, town.RUSTEM)
        return {issued.ref: issued.status for issued in town.issue(register, agency.settings)}


def statuses(agency: Agency) -> list[tuple[int, str | None]]:
    with agency.register() as register, register.transaction() as connection:
        found = connection.execute(sql.select(credentials.c.status, credentials.c.reason).order_by(credentials.c.resident_id))
        return [(row.status, row.reason) for row in found]


def test_a_file_revokes_residents_and_single_passes(shell: Shell, agency: Agency, places: dict[str, StatusReference]) -> None:
    # given
    place = places["1002"]
    Path("lost.csv").write_bytes(
        f"ref;credential;reason;note\n1001;;deceased;справка № 12\n;{place.list_number}/{place.index};Stolen;\n".encode("cp1251")
    )

    # when
    said = shell("issuer", "revoke", "--file", "lost.csv", "--lang", "en")

    # then
    assert (said.code, said.out.splitlines()[0]) == (0, text("cli.revoke.done.revoke", who="lost.csv", count=2))
    assert statuses(agency) == [(1, "deceased"), (1, "stolen")]
    with agency.register() as register, register.transaction() as connection:
        events = list(read_events(connection))[-2:]
    assert [(event.act, event.ref, event.reason) for event in events] == [
        ("revoke", "1001", "deceased: справка № 12"),
        ("revoke", "1002", "stolen"),
    ]


@pytest.mark.usefixtures("places")
def test_of_a_file_with_faults_nothing_is_done_and_each_is_said(shell: Shell, agency: Agency) -> None:
    # given
    rows = [
        {"ref": "1001", "reason": "lost"},
        {"ref": "1001", "credential": "0/1"},
        {"credential": "zero"},
        {"ref": "nobody"},
        {"ref": "1002", "reason": "because"},
        {},
    ]
    Path("orders.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    before = statuses(agency)

    # when
    said = shell("issuer", "suspend", "--file", "orders.jsonl", "--reason", "checking", "--lang", "en")

    # then
    assert said.code == 1
    whose = text("row.whose")
    lines = said.err.splitlines()
    for line, told in zip(
        lines,
        (
            f"{text('at.line', line=2)}: {whose}",
            f"{text('at.column', line=3, column='credential')}: {text('row.no_place', cell='zero')}",
            f"{text('at.column', line=5, column='reason')}: ",
            f"{text('at.line', line=6)}: {whose}",
        ),
        strict=False,
    ):
        assert line.startswith(f"orders.jsonl: {told}"), line
    assert text("row_file.bad_rows", count=4, good=2) in lines[4]
    assert statuses(agency) == before

    # when
    said = shell("issuer", "suspend", "--file", "orders.jsonl", "--reason", "checking", "--skip-bad", "--lang", "ru")

    # then
    assert (said.code, statuses(agency)[0]) == (0, (2, "lost"))
    assert text("cli.import.rows_skipped", "ru", count=5) in said.out
    assert f"{text('at.line', 'ru', line=4)}: {text('register.no_such_resident', 'ru', ref='nobody')}" in said.err


@pytest.mark.usefixtures("places")
def test_an_order_that_cannot_be_carried_out_stops_the_whole_file(shell: Shell, agency: Agency) -> None:
    Path("orders.csv").write_text("ref\n1001\nnobody\n", encoding="utf-8")
    said = shell("issuer", "revoke", "--file", "orders.csv", "--reason", "lost")
    refused = f"orders.csv: {text('at.line', line=3)}: {text('register.no_such_resident', ref='nobody')}"
    assert (said.code, refused in said.err) == (1, True)
    assert f"orders.csv: {text('row_file.bad_rows', count=1, good=1)}; {text('cli.next.row_file.bad_rows')}" in said.err
    assert statuses(agency) == [(0, None), (0, None)]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("ref;why\n1;2\n", text("row_file.columns_unknown", names="why", possible=COLUMNS)),
        (
            "reason\nlost\n",
            text(
                "row_file.columns_missing", names=text("row_file.either_column", one="ref", other="credential"), possible=COLUMNS
            ),
        ),
        ("ref\n1001\n", text("row_file.columns_missing", names="reason", possible=COLUMNS)),
        ("", f"{text('at.line', line=1)}: {text('row_file.empty')}"),
    ],
)
def test_a_file_without_the_columns_is_refused(shell: Shell, agency: Agency, content: str, told: str) -> None:  # noqa: ARG001 -- it is there
    Path("orders.csv").write_text(content, encoding="utf-8")
    said = shell("issuer", "revoke", "--file", "orders.csv", "--lang", "en")
    assert (said.code, "[bad_rows]" in said.err, told in said.err) == (1, True, True), said.err


@pytest.mark.parametrize(
    "arguments",
    [("revoke", "--reason", "lost"), ("revoke", "1001"), ("revoke", "1001", "--file", "x.csv", "--reason", "lost")],
)
def test_neither_whose_nor_why_is_guessed(shell: Shell, agency: Agency, arguments: tuple[str, ...]) -> None:  # noqa: ARG001 -- it is there
    Path("x.csv").write_text("ref;reason\n", encoding="utf-8")
    assert shell("issuer", *arguments).code == 2
