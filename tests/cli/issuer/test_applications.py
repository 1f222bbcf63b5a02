"""``socpass issuer applications``: what was applied for, listed and decided, one by one and from a file."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import town
from command import Said, Shell
from said import text
from socpass_vc.issuer.imports.columns import RowKind

APPLIED = """ref;name;category;measure;submitted;status;reason;from;until;document_kind;document_number;document_issued
1;Иванова Ия;02-545;;2026-01-10;;;;;3;0123456789;2006-04-01
1;Иванова Ия;02-521;;2026-01-11;granted;;;;;;
2;Ким Ян;;bus-pass;12.01.2026;в работе;;;;;;
2;Ким Ян;00-030;;2026-01-13;refused;no document;;;;;
"""


@pytest.fixture
def office(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Give the shell of an agency that has four applications."""
    monkeypatch.setenv("SOCPASS_AGENCY", str(town.agency(tmp_path).folder))
    (tmp_path / "passphrase.txt").write_text(f"{town.PASSPHRASE}\n", encoding="utf-8")
    monkeypatch.setenv("SOCPASS_PASSPHRASE_FILE", str(tmp_path / "passphrase.txt"))
    (tmp_path / "applied.csv").write_text(APPLIED, encoding="utf-8")
    said = shell("issuer", "import", "applied.csv")
    assert said.out == imported(residents=2, entitlements=1, applications=4)
    return shell


def imported(*, unchanged: int = 0, **new: int) -> str:
    """Return what is said of an import that changed nothing that was there."""
    parts = "; ".join(text(f"cli.import.{name}", new=count, changed=0) for name, count in new.items())
    return f"{parts}, {text('cli.import.unchanged', count=unchanged)}\n"


def done(language: str = "en", *, granted: int = 0, refused: int = 0, unchanged: int = 0) -> str:
    """Return what is said of decisions."""
    return text("cli.applications.done", language, granted=granted, refused=refused, unchanged=unchanged) + "\n"


def decide(office: Shell, *arguments: object) -> Said:
    return office("issuer", "applications", "decide", *arguments)


def statuses(office: Shell) -> list[tuple[str, str | None]]:
    lines = office("issuer", "applications", "list", "--json").out.splitlines()
    return [(json.loads(line)["status"], json.loads(line)["reason"]) for line in lines]


def test_applications_are_listed_the_oldest_first_for_people_and_for_programs(office: Shell) -> None:
    said = office("issuer", "applications", "list")
    assert said.out.splitlines() == [
        f"2026-01-10  1  02-545  {text('application_status.in_progress')}",
        f"2026-01-11  1  02-521  {text('application_status.granted')}",
        f"2026-01-12  2  bus-pass  {text('application_status.in_progress')}",
        f"2026-01-13  2  00-030  {text('application_status.refused')} (no document)",
    ]
    said = office("issuer", "applications", "list", "--status", "in_progress", "--for", "02-545", "--json")
    assert json.loads(said.out) == {
        "ref": "1",
        "name": "Иванова Ия",
        "category": "02-545",
        "measure": None,
        "submitted": "2026-01-10",
        "status": "in_progress",
        "reason": None,
        "decided_at": None,
        "from": None,
        "until": None,
    }
    assert office("issuer", "applications", "list", "--for", "bus-pass", "--ref", "2").out.count("\n") == 1
    assert office("issuer", "applications", "list", "--older-than", "36500").out == ""
    assert office("issuer", "applications", "list", "--older-than", "0").out.count("\n") == 4
    assert "01-12" not in office("issuer", "applications", "list", "--lang", "ru").out


def test_granting_makes_the_entitlement_and_a_pass_follows(office: Shell) -> None:
    said = decide(office, "1", "02-545", "grant", "--until", "31.12.2050")
    assert (said.code, said.out) == (0, done(granted=1))
    (granted,) = office("issuer", "applications", "list", "--for", "2545", "--json").out.splitlines()
    assert (json.loads(granted)["status"], json.loads(granted)["until"]) == ("granted", "2050-12-31")
    office("issuer", "issue", "--qr", "passes")
    shown = [office("show", path, "--json").out for path in sorted(Path("passes").rglob("*.png"))]
    (hers,) = [json.loads(text)["pass"]["entitlements"] for text in shown]
    assert [(entry["code"], entry["until"]) for entry in hers] == [("02-521", None), ("02-545", "2050-12-31")]
    assert hers[1]["document"]["number"] == "*6789"


def test_a_refusal_keeps_its_reason_and_grants_nothing(office: Shell) -> None:
    assert decide(office, "2", "bus-pass", "refuse").code == 2
    assert decide(office, "2", "bus-pass", "refuse", "--reason", "lives elsewhere").out == done(refused=1)
    assert statuses(office)[2] == ("refused", "lives elsewhere")


def test_granting_a_measure_marks_it_and_makes_no_entitlement(office: Shell) -> None:
    assert decide(office, "2", "bus-pass", "grant").code == 0
    assert statuses(office)[2] == ("granted", None)
    assert office("issuer", "issue").code == 0
    assert json.loads(office("issuer", "report", "--json").out)["passes"]["live"] == 1


def test_what_is_decided_is_decided_otherwise_only_on_demand(office: Shell) -> None:
    said = decide(office, "2", "00-030", "grant")
    decided = text("row.decided", status=text("application_status.refused"))
    assert (said.code, f"[bad_register]: 2: {decided}; {text('cli.next.row.decided')}" in said.err) == (1, True)
    assert decide(office, "2", "00-030", "grant", "--again").out == done(granted=1)
    assert statuses(office)[3] == ("granted", None)
    said = decide(office, "2", "00-030", "refuse", "--reason", "x", "--again")
    assert (said.code, f"2: {text('row.granted_already')}" in said.err) == (1, True)
    assert decide(office, "2", "00-030", "grant", "--until", "2050-01-01").out == done(unchanged=1)
    again = decide(office, "2", "00-030", "grant", "--until", "2050-01-01", "--again")
    assert again.out == done(granted=1)
    office("issuer", "issue", "--qr", "passes")
    shown = [office("show", path, "--json").out for path in sorted(Path("passes").rglob("*.png"))]
    assert {json.loads(text)["pass"]["entitlements"][0]["until"] for text in shown} == {None, "2050-01-01"}


@pytest.mark.parametrize(
    ("arguments", "said_part"),
    [
        (("3", "02-545", "grant"), text("cli.applications.none_such", ref="3", subject="02-545")),
        (("1", "bus-pass", "grant"), text("cli.applications.none_such", ref="1", subject="bus-pass")),
        (
            ("1", "02-545", "grant", "--submitted", "2026-01-09"),
            text("cli.applications.none_such", ref="1", subject="02-545"),
        ),
        (
            ("1", "02-545", "grant", "--from", "2026-02-01", "--until", "2026-01-01"),
            f"1: {text('row.until_before_from', first='2026-02-01', last='2026-01-01')}",
        ),
        (("--file", "empty.csv"), f"[bad_rows]: empty.csv: {text('at.line', line=1)}: {text('row_file.empty')}"),
        (
            ("--file", "applied.csv"),
            text(
                "row_file.columns_unknown",
                names=["document_kind", "document_number", "document_issued"],
                possible=RowKind.DECISIONS.columns,
            ),
        ),
    ],
)
def test_a_mistake_is_named(office: Shell, tmp_path: Path, arguments: tuple[str, ...], said_part: str) -> None:
    (tmp_path / "empty.csv").touch()
    said = decide(office, *arguments)
    assert (said.code, said_part in said.err) == (1, True), said.err


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("1",),
        ("1", "02-545"),
        ("1", "0-0", "grant"),
        ("1", "02-545", "perhaps"),
        ("1", "02-545", "grant", "--file", "applied.csv"),
        ("--file", "applied.csv", "--reason", "x"),
        ("--file", "."),
    ],
)
def test_wrong_usage_exits_with_2(office: Shell, arguments: tuple[str, ...]) -> None:
    assert decide(office, *arguments).code == 2
    assert office("issuer", "applications", "list", "--csv", "--json").code == 2


def test_a_measure_must_stand_in_the_agencys_catalogue_if_there_is_one(office: Shell, tmp_path: Path) -> None:
    lines = ("ref;name;measure;submitted", "1;Иванова Ия;no-such;2026-03-01", "2;Ким Ян;bus-pass;2026-03-01")
    (tmp_path / "more.csv").write_text("\n".join(lines), encoding="utf-8")
    later = '{"ref": "1", "name": "Иванова Ия", "category": 2545, "submitted": "2026-03-02"}\n'
    later += '{"ref": "1", "name": "Иванова Ия", "measure": "no-such", "submitted": "2026-03-02"}\n'
    (tmp_path / "more.jsonl").write_text(later, encoding="utf-8")
    catalogue = Path(os.environ["SOCPASS_AGENCY"]) / "catalogue.toml"
    catalogue.write_text(
        'format = 1\n[[measures]]\nid = "bus-pass"\nnames.ru = "Проездной"\ncategories = ["02-545"]\n'
        'places = ["transport"]\nbenefit = "free"\n',
        encoding="utf-8",
    )
    assert office("issuer", "catalogue", "check").code == 0

    said = office("issuer", "import", "more.csv")

    wrong = f"more.csv: {text('at.column', line=2, column='measure')}: {text('row.unknown_measure', cell='no-such')}"
    refusal = text("row_file.bad_rows", count=1, good=1)
    assert (said.code, wrong in said.err, f"more.csv: {refusal}" in said.err) == (1, True, True), said.err
    said = office("issuer", "import", "more.jsonl", "--lang", "ru")
    where = text("at.column", "ru", line=2, column="measure")
    assert f"{where}: {text('row.unknown_measure', 'ru', cell='no-such')}" in said.err
    catalogue.write_text("format = 2\n", encoding="utf-8")
    assert "[bad_catalogue]" in office("issuer", "import", "more.csv").err
    (tmp_path / "people.csv").write_text("ref;name\n7;Ия Ким\n", encoding="utf-8")
    assert office("issuer", "import", "people.csv").code == 0
    catalogue.unlink()
    assert office("issuer", "import", "more.csv").code == 0


def test_of_several_applications_the_day_says_which(office: Shell, tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text(
        "ref;name;category;submitted\n1;Иванова Ия;02-545;2026-02-10\n=1+1;Ян;30;2026-02-10\n", encoding="utf-8"
    )
    assert office("issuer", "import", "more.csv").code == 0
    said = decide(office, "1", "02-545", "grant")
    days = ["2026-01-10", "2026-02-10"]
    assert (said.code, text("cli.applications.several_such", ref="1", subject="02-545", days=days) in said.err) == (1, True)
    assert decide(office, "1", "02-545", "grant", "--submitted", "10.02.2026").code == 0
    assert decide(office, "1", "02-545", "refuse", "--reason", "twice").code == 0
    assert "\n'=1+1;Ян;00-030;;2026-02-10;in_progress;;;;" in office("issuer", "applications", "list", "--csv").out


def test_the_list_is_filled_in_and_read_again(office: Shell, tmp_path: Path) -> None:
    listed = office("issuer", "applications", "list", "--csv").out
    assert listed.splitlines()[:2] == [
        "ref;name;category;measure;submitted;status;decision;reason;from;until",
        "1;Иванова Ия;02-545;;2026-01-10;in_progress;;;;",
    ]
    filled = listed.replace("2026-01-12;in_progress;;", "2026-01-12;in_progress;refuse;too late")
    (tmp_path / "decided.csv").write_text(filled, encoding="utf-8-sig")
    said = decide(office, "--file", "decided.csv")
    assert (said.code, said.out) == (0, done(refused=1, unchanged=3))
    assert statuses(office)[2] == ("refused", "too late")
    assert decide(office, "--file", "decided.csv").out == done(unchanged=4)


def test_a_file_of_decisions_is_taken_whole_or_not_at_all(office: Shell, tmp_path: Path) -> None:
    (tmp_path / "decided.jsonl").write_text(
        '{"ref": "1", "category": "02-545", "submitted": "2026-01-10", "decision": "grant"}\n'
        '{"ref": "1", "category": "02-521", "submitted": "2026-01-11", "decision": "refuse", "reason": "x"}\n'
        '{"ref": "2", "measure": "bus-pass", "submitted": "2026-01-12", "decision": "refuse"}\n'
        '{"ref": "9", "measure": "bus-pass", "submitted": "2026-01-12", "decision": "Назначить"}\n',
        encoding="utf-8",
    )
    said = decide(office, "--file", "decided.jsonl")
    assert said.code == 1
    decided = text("row.decided", status=text("application_status.granted"))
    lines = said.err.splitlines()
    assert lines[:3] == [
        f"decided.jsonl: {text('at.column', line=2, column='status')}: {decided}; {text('cli.next.row.decided')}",
        f"decided.jsonl: {text('at.column', line=3, column='reason')}: {text('row.no_reason')}",
        f"decided.jsonl: {text('at.line', line=4)}: {text('row.no_application', subject='bus-pass')}",
    ]
    assert f"{text('row_file.bad_rows', count=3, good=1)}; {text('cli.next.row_file.bad_rows', count=3)}" in lines[3]
    assert statuses(office)[0] == ("in_progress", None)
    assert decide(office, "--file", "decided.jsonl", "--again").code == 1
    said = decide(office, "--file", "decided.jsonl", "--skip-bad", "--lang", "ru")
    assert said.out == done("ru", granted=1) + text("cli.import.rows_skipped", "ru", count=3) + "\n"
    assert f"{text('at.line', 'ru', line=4)}: {text('row.no_application', 'ru', subject='bus-pass')}" in said.err
    assert statuses(office)[0] == ("granted", None)
    assert "Ким" in office("issuer", "applications", "list", "--csv").out
    assert office("issuer", "import", "applied.csv").code == 0
