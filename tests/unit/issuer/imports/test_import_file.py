"""Importing into a register, on SQLite and on PostgreSQL: all or nothing, nothing twice, and what changed is due again."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sql

import town
from socpass_vc.errors import RegisterError
from socpass_vc.issuer.imports.import_file import Imported, import_file
from socpass_vc.issuer.imports.import_summary import ChangedValue
from socpass_vc.issuer.imports.merge import SPAN
from socpass_vc.issuer.imports.progress import ImportProgress
from socpass_vc.issuer.imports.row_errors import MAX_KEPT_FAULTS, BadRows
from socpass_vc.issuer.register import event_log
from socpass_vc.issuer.register.database import Location, Register
from socpass_vc.issuer.register.migrate import create_register
from socpass_vc.issuer.register.schema import applications, entitlements, event_head, residents
from socpass_vc.messages import Message
from town import NOW

APPLIED = "ref;name;category;measure;submitted;status;reason;from;until;document_kind;document_number"


@pytest.fixture
def register(location: Location) -> Iterator[Register]:
    create_register(location)
    with Register.open(location) as opened:
        yield opened


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return town.agency(tmp_path_factory.mktemp("importing")).issuer


class Office:
    """Imports lines as a file."""

    def __init__(self, register: Register, issuer: Any, folder: Path) -> None:
        self.register = register
        self.issuer = issuer
        self.folder = folder

    def take(self, *lines: str, header: str = town.HEADER, **options: Any) -> Imported:
        path = self.folder / "a.csv"
        path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
        return import_file(self.register, path, self.issuer, now=NOW, actor="test", **options)

    def refused(self, *lines: str, header: str = town.HEADER) -> list[tuple[int, str | None, str, Mapping[str, object]]]:
        before = self.everything()
        with pytest.raises(BadRows) as refused:
            self.take(*lines, header=header)
        assert self.everything() == before
        return [(fault.line, fault.column, fault.code, fault.facts) for fault in refused.value.faults.kept]

    def everything(self) -> list[Any]:
        with self.register.transaction() as connection:
            tables = (residents, entitlements, applications, event_head)
            return [connection.execute(sql.select(table).order_by(table.c.id)).all() for table in tables]

    def checks(self) -> dict[str, int | None]:
        with self.register.transaction() as connection:
            return {ref: at for ref, at in connection.execute(sql.select(residents.c.ref, residents.c.check_at))}  # noqa: C416 -- rows

    def looked(self) -> None:
        """Let everybody have been looked at, as issuing does."""
        with self.register.transaction() as connection:
            connection.execute(residents.update().values(check_at=None))

    def events(self) -> list[tuple[str, str | None, str | None, str | None]]:
        with self.register.transaction() as connection:
            event_log.audit(connection)
            return [(event.act, event.ref, event.reason, event.facts) for event in event_log.read_events(connection)]


@pytest.fixture
def office(register: Register, issuer: Any, tmp_path: Path) -> Office:
    return Office(register, issuer, tmp_path)


def test_the_same_file_again_changes_nothing_and_leaves_no_event(office: Office) -> None:
    first = office.take(town.ANNA, town.RUSTEM)
    assert (first.taken.residents_new, first.taken.entitlements_new, first.taken.unchanged) == (2, 2, 0)
    office.looked()
    before = office.everything()
    again = office.take(town.ANNA, town.RUSTEM)
    assert (again.taken.changed, again.taken.unchanged) == (0, 2)
    assert office.everything() == before
    assert office.events() == [("import", None, None, '{"source":"a.csv","rows":2,"changes":4}')]


def test_what_changed_is_changed_and_its_resident_alone_is_due(office: Office) -> None:
    office.take(town.ANNA, town.RUSTEM, "1003;Ия;;2545;;;;;")
    office.looked()
    done = office.take(
        town.ANNA.replace("Сергеевна", "Петровна"), town.RUSTEM.replace("2026;;;", "2027;;;"), "1003;Ия;;2545;;;;;"
    )
    taken = done.taken
    assert (taken.residents_changed, taken.entitlements_changed, taken.unchanged) == (1, 1, 2)
    assert office.checks() == {"1001": 0, "1002": 0, "1003": None}
    done = office.take("1003;Ия;;2521;;;;;")
    assert (done.taken.entitlements_new, office.checks()["1003"]) == (1, 0)


def test_a_column_that_a_file_does_not_have_leaves_what_is_there(office: Office) -> None:
    office.take("1;Ия;1950;Iya", header="ref;name;born;name_latin")
    office.take(
        "1;Ия;2545;31.12.2030;3;77;2020-01-01", header="ref;name;category;until;document_kind;document_number;document_issued"
    )
    before = office.everything()
    assert office.take("1;Ия;2545", header="ref;name;category").taken.changed == 0
    assert office.everything() == before
    changed = office.take("1;Ия;2545;3;78", header="ref;name;category;document_kind;document_number")
    assert changed.taken.entitlements_changed == 1
    with office.register.transaction() as connection:
        row = connection.execute(sql.select(entitlements)).one()
    assert (row.last_day, row.document_number, row.document_issued_on) == (date(2030, 12, 31), "78", None)


def test_one_reference_is_one_person_wherever_it_stands(office: Office) -> None:
    said = office.refused(
        "1;Ия;1950;2545;;;;;", "2;Ян;;30;;;;;", "1;Мия;1950;2521;;;;;", "1;Мия;1950;30;;;;;", "1;Ия;1950;30;;;;;"
    )
    assert said == [
        (4, "ref", "other_person", {"other": 2}),
        (5, "ref", "other_person", {"other": 2}),
    ]
    done = office.take("1;Ия;;2545;;;;;", "2;Ян;;30;;;;;", "1;Мия;;2521;;;;;", "1;Ия;;30;;;;;", skip_bad=True)
    assert (done.rows, done.faults.rows, done.taken.residents_new, done.taken.entitlements_new) == (3, 1, 2, 3)


def test_one_row_is_one_entitlement_and_one_resident(office: Office) -> None:
    assert office.refused("1;Ия;;2545;;;;;", "2;Ия;;2545;;;;;", "1;Ия;;02-545;;;;;") == [(4, "category", "twice", {"other": 2})]
    assert office.refused("1;Ия", "2;Ян", "1;Ия", header="ref;name") == [(4, "ref", "resident_twice", {"other": 2})]
    applied = ("1;Ия;2545;;2026-01-01;;;;;;", "1;Ия;2545;;2026-01-02;;;;;;", "1;Ия;02-545;;01.01.2026;;;;;;")
    assert office.refused(*applied, header=APPLIED) == [(4, "submitted", "application_twice", {"other": 2})]
    assert office.take("1;Ия;;2545;;;;;", "1;Ия;;2545;;;;;", skip_bad=True).taken.entitlements_new == 1


def test_faults_of_all_kinds_come_in_the_order_of_lines_and_few_of_many_are_kept(office: Office) -> None:
    said = office.refused("1;Ия;;2545;;;;;", "1;Ия;;2545;;;;;", "2;;;2545;;;;;")
    assert [fault[0] for fault in said] == [3, 4]
    many = ["1;Ия;;2545;;;;;"] * 1500 + ["2;;x;2545;;;;;"] * 1500
    path = office.folder / "a.csv"
    path.write_text("\n".join((town.HEADER, *many)), encoding="utf-8")
    with pytest.raises(BadRows) as refused:
        import_file(office.register, path, office.issuer, now=NOW, actor="test")
    faults = refused.value.faults
    assert (len(faults.kept), faults.count, faults.rows, refused.value.good) == (MAX_KEPT_FAULTS, 4499, 2999, 1)
    assert faults.kept[0].line == 3


def test_a_trial_run_says_what_would_change_and_keeps_nothing(office: Office) -> None:
    office.take(town.ANNA, town.RUSTEM)
    office.looked()
    before = office.everything()
    anna = town.ANNA.replace("Сергеевна", "Петровна").replace("0123456789", "0123450000")
    done = office.take(anna, town.RUSTEM.replace("1949", "04.03.1949"), "9;Ян;;30;;;;;", dry_run=True)
    assert office.everything() == before
    assert (done.taken.residents_new, done.taken.residents_changed, done.taken.entitlements_changed) == (1, 2, 1)
    assert done.taken.changes == [
        ChangedValue(ref="1001", subject=None, column="name", before="Иванова Анна Сергеевна", after="Иванова Анна Петровна"),
        ChangedValue(ref="1002", subject=None, column="born", before=None, after=date(1949, 3, 4)),
        ChangedValue(ref="1002", subject=None, column="born", before=1949, after=None),
        ChangedValue(ref="1001", subject="2545", column="document_number", before="*6789", after="*0000"),
    ]
    assert office.take(anna).taken.changes == []


def test_more_people_than_one_step_takes_are_all_taken(office: Office) -> None:
    lines = [f"{number};Ия;;{category};;;;;" for number in range(2 * SPAN + 1) for category in (30, 2545)]
    told: dict[str, int] = {}

    class Told(ImportProgress):
        def begin(self, step: str, length: int) -> None:
            self.step = step
            assert length in {len(lines), len(lines) + 1}

        def advance(self, rows: int) -> None:
            told[self.step] = told.get(self.step, 0) + rows

    done = office.take(*lines, watch=Told())
    assert (done.taken.residents_new, done.taken.entitlements_new) == (2 * SPAN + 1, len(lines))
    assert told == {"read": len(lines), "merge": len(lines)}
    assert office.take(*reversed(lines)).taken.changed == 0


def test_applications_are_kept_and_a_granted_one_makes_its_entitlement(office: Office) -> None:
    lines = (
        "1;Ия;02-545;;2026-01-10;;;;;;",
        "1;Ия;02-521;;2026-01-11;назначено;;2026-02-01;31.12.2030;1;77",
        "2;Ян;;bus-pass;2026-01-12;granted;;;;;",
        "2;Ян;00-030;;2026-01-13;Отказано;нет документа;;;;",
    )
    done = office.take(*lines, header=APPLIED).taken
    assert (done.residents_new, done.applications_new, done.entitlements_new) == (2, 4, 1)
    office.looked()
    with office.register.transaction() as connection:
        granted = connection.execute(sql.select(entitlements)).one()
        decided = sql.select(applications.c.status, applications.c.reason, applications.c.decided_at).order_by(applications.c.id)
        rows = connection.execute(decided).all()
    assert (granted.category, granted.first_day, granted.last_day) == (2521, date(2026, 2, 1), date(2030, 12, 31))
    at = int(NOW.timestamp())
    assert rows == [("in_progress", None, None), ("granted", None, at), ("granted", None, at), ("refused", "нет документа", at)]
    assert [event[:3] for event in office.events()] == [
        ("apply", "1", None),
        ("apply", "1", None),
        ("grant", "1", None),
        ("apply", "2", None),
        ("grant", "2", None),
        ("apply", "2", "нет документа"),
        ("refuse", "2", "нет документа"),
        ("import", None, None),
    ]
    assert office.events()[2][3] == '{"subject":"2521","submitted_on":"2026-01-11"}'
    again = office.take(*lines, header=APPLIED).taken
    assert (again.changed, again.unchanged, len(office.events())) == (0, 4, 8)
    later = office.take("1;Ия;02-545;;2026-01-10;granted;;;;;", header=APPLIED).taken
    assert (later.applications_changed, later.entitlements_new, office.checks()) == (1, 1, {"1": 0, "2": None})
    assert [event[:2] for event in office.events()[8:]] == [("grant", "1"), ("import", None)]


def test_a_file_neither_takes_a_decision_back_nor_turns_it_round(office: Office) -> None:
    office.take("1;Ия;2545;;2026-01-10;granted;;;;;", "1;Ия;30;;2026-01-10;refused;why;;;;", header=APPLIED)
    before = office.everything()
    older = office.take("1;Ия;2545;;2026-01-10;;;;;;", "1;Ия;30;;2026-01-10;;;;;;", header=APPLIED)
    assert (older.taken.changed, older.taken.unchanged) == (0, 2)
    assert office.everything() == before
    said = office.refused("1;Ия;2545;;2026-01-10;refused;why;;;;", "2;Ян;;bus;2026-01-10;;;;;;", header=APPLIED)
    assert said[0] == (2, "status", "decided", {"status": Message("application_status.granted")})


def test_of_two_applications_granted_for_one_category_the_later_one_counts(office: Office) -> None:
    lines = ("1;Ия;2545;;2026-02-01;granted;;;2031-01-01;;", "1;Ия;2545;;2026-01-01;granted;;;2030-01-01;;")
    assert office.take(*lines, header=APPLIED).taken.entitlements_new == 1
    with office.register.transaction() as connection:
        assert connection.scalar(sql.select(entitlements.c.last_day)) == date(2031, 1, 1)


def test_an_import_that_is_interrupted_leaves_nothing_and_can_be_repeated(office: Office) -> None:
    before = office.everything()

    class Interrupted(ImportProgress):
        def advance(self, rows: int) -> None:
            if rows == 2 and self.step == "merge":
                raise KeyboardInterrupt

        def begin(self, step: str, length: int) -> None:
            self.step = (step, length)[0]

    with pytest.raises(KeyboardInterrupt):
        office.take(town.ANNA, town.RUSTEM, watch=Interrupted())
    assert office.everything() == before
    assert office.take(town.ANNA, town.RUSTEM).taken.changed == 4


def test_two_imports_at_once_take_turns(location: Location, issuer: Any, tmp_path: Path) -> None:
    create_register(location)
    lines = [f"{number};Ия;;2545;;;;;" for number in range(3000)]
    done: list[int] = []
    failed: list[RegisterError] = []

    def take(name: str, rows: list[str]) -> None:
        (tmp_path / name).write_text("\n".join((town.HEADER, *rows)), encoding="utf-8")
        try:
            with Register.open(location) as register:
                done.append(import_file(register, tmp_path / name, issuer, now=NOW, actor="test").taken.changed)
        except RegisterError as error:
            failed.append(error)

    threads = [threading.Thread(target=take, args=("a.csv", lines)), threading.Thread(target=take, args=("b.csv", lines[::-1]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sorted(done), failed) == ([0, 6000], [])
