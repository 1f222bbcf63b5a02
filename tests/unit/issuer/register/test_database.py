"""The register: missing, damaged, of another version, in use, on SQLite and on PostgreSQL."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sql
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from first_register import first_register
from postgres import Server
from said import refused
from socpass_vc.errors import EventLogBroken, RegisterError, RegisterUnreachable
from socpass_vc.issuer.issuance.renewal_queue import RenewalQueue
from socpass_vc.issuer.register import event_log
from socpass_vc.issuer.register.database import REVISIONS, Location, Register
from socpass_vc.issuer.register.event_log import Event
from socpass_vc.issuer.register.migrate import create_register, migrate_register
from socpass_vc.issuer.register.schema import events, meta, metadata, residents
from town import NOW


def made(location: Location) -> Register:
    create_register(location)
    return Register.open(location)


def test_a_missing_register_is_named_and_never_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "register.sqlite"
    with refused(RegisterError, "register.missing") as caught:
        Register.open(path)
    assert caught.value.where == (str(path),)
    assert not path.exists()


def test_a_database_without_a_register_is_named(postgres: Server) -> None:
    with refused(RegisterError, "register.none_here"):
        Register.open(postgres.new_database())


def test_a_register_is_made_once(location: Location) -> None:
    made(location).close()
    with refused(RegisterError, "register.exists_already"):
        create_register(location)


@pytest.mark.parametrize(
    "content", [b"", b"not a database, but long enough to look at" * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_damaged_register_is_named_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "register.sqlite"
    path.write_bytes(content)
    reason = "register.refused" if content.startswith(b"SQLite") else "register.not_sqlite"
    for act in (Register.open, migrate_register):
        with refused(RegisterError, reason) as caught:
            act(path)
        assert caught.value.where == (str(path),)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("url", "kind", "reason"),
    [
        ("mysql://host/x", RegisterError, "register.other_database"),
        ("nonsense", RegisterError, "register.not_a_url"),
        ("postgresql://someone:secret@127.0.0.1:1/nowhere", RegisterUnreachable, "register.no_answer"),
    ],
)
def test_a_url_that_leads_nowhere_is_named_without_its_password(url: str, kind: type[RegisterError], reason: str) -> None:
    with refused(kind, reason) as caught:
        Register.open(url)
    assert "secret" not in str(caught.value)


def test_a_register_of_a_newer_program_is_refused_with_the_reason(location: Location) -> None:
    with made(location) as register, register.transaction() as connection:
        connection.execute(sql.text("UPDATE alembic_version SET version_num = '0099'"))
    for act in (Register.open, migrate_register):
        with refused(RegisterError, "register.newer", schema="0099", known=REVISIONS[-1]):
            act(location)


def test_a_transaction_that_fails_leaves_nothing(location: Location) -> None:
    with made(location) as register:
        with refused(RegisterError, "register.refused") as caught:
            _add_and_fail(register)
        assert "nowhere" in str(caught.value.facts["said"])
        with register.transaction() as connection:
            assert connection.scalar(sql.select(sql.func.count()).select_from(meta)) == 0


def _add_and_fail(register: Register) -> None:
    with register.transaction() as connection:
        connection.execute(meta.insert().values(name="a", value="b"))
        connection.execute(sql.text("SELECT * FROM nowhere"))


def test_what_was_committed_survives_a_loss_of_power(tmp_path: Path) -> None:
    with made(tmp_path / "register.sqlite") as register, register.transaction() as connection:
        assert connection.scalar(sql.text("PRAGMA synchronous")) == 2
        assert connection.scalar(sql.text("PRAGMA journal_mode")) == "wal"


def test_the_migrations_lead_to_the_tables_that_the_program_uses(location: Location) -> None:
    with made(location) as register, register.transaction() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    script = ScriptDirectory(str(Path(event_log.__file__).parent / "migrations"))
    assert tuple(reversed([step.revision for step in script.walk_revisions()])) == REVISIONS


def indexes(location: Location) -> dict[str, str]:
    """Return the indexes of a register as its database writes them, those of unique constraints aside."""
    with Register(location) as register, register.transaction() as connection:
        if register.shared:
            query = "SELECT indexname AS name, indexdef AS written FROM pg_indexes WHERE schemaname = 'public'"
        else:
            query = "SELECT name, sql AS written FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        return {row.name: row.written for row in connection.execute(sql.text(query))}


def upgraded(location: Location, revision: str) -> None:
    """Make a register of that version."""
    config = Config()
    config.set_main_option("script_location", "socpass_vc.issuer.register:migrations")
    with Register(location) as register, register.transaction() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def test_the_migrations_lead_to_the_indexes_that_the_program_uses_with_their_conditions(location: Location) -> None:
    create_register(location)
    migrated = indexes(location)
    with Register(location) as register, register.transaction() as connection:
        metadata.drop_all(connection)
        metadata.create_all(connection)
    for name, written in indexes(location).items():
        if "WHERE" in written:
            assert migrated[name].partition("WHERE")[2] == written.partition("WHERE")[2]


def test_a_register_whose_queue_held_everybody_is_migrated_and_the_queue_read_by_its_index(location: Location) -> None:
    upgraded(location, "0002")
    with Register(location) as register, register.transaction() as connection:
        connection.execute(
            residents.insert(), [{"ref": "1", "name": "Ия", "check_at": None}, {"ref": "2", "name": "Ян", "check_at": 0}]
        )
    with refused(RegisterError, "register.older", schema="0002", known=REVISIONS[-1]):
        Register.open(location)
    assert migrate_register(location)[0] == "0002"
    with Register.open(location) as register, register.transaction() as connection:
        assert [person.person.ref for person in RenewalQueue(now=1, ends_before=1).take(connection, 10)] == ["2"]
        if not register.shared:  # which would read a table of two rows whole
            plan = connection.execute(
                sql.text("EXPLAIN QUERY PLAN SELECT id FROM residents WHERE check_at <= 1 ORDER BY check_at, id")
            )
            assert "residents_check_at" in str(plan.all())


def test_a_register_of_an_older_program_is_refused_until_it_is_migrated(tmp_path: Path) -> None:
    path = first_register(tmp_path / "register.sqlite")
    with refused(RegisterError, "register.older", schema="0001", known=REVISIONS[-1]):
        Register.open(path)

    before, copy = migrate_register(path)

    assert before == "0001"
    assert copy is not None
    old = sqlite3.connect(copy)
    assert old.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone() == ("1",)
    old.close()
    with Register.open(path) as register, register.transaction() as connection:
        assert connection.execute(sql.select(residents.c.ref, residents.c.check_at)).all() == [("1001", 0)]
        assert connection.scalar(sql.text("SELECT reason FROM credentials WHERE list_index = 77")) == "lost"
        assert connection.scalar(sql.select(meta.c.value)) == "3"
        assert event_log.audit(connection)[0] == 2
        assert [event.reason for event in event_log.read_events(connection)] == ["a.csv: 1", "lost"]
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    # The unique constraints of the first version had no names; that is all.
    assert {step[0] for step in differences} == {"add_constraint"}
    assert migrate_register(path) == (REVISIONS[-1], None)


def test_a_migration_that_cannot_keep_a_copy_changes_nothing(tmp_path: Path) -> None:
    path = first_register(tmp_path / "register.sqlite")
    (tmp_path / "register.sqlite.0001").write_text("a copy of last year")
    with refused(RegisterError, "register.copy_exists") as caught:
        migrate_register(path)
    assert caught.value.where == (f"{path}.0001",)
    with refused(RegisterError, "register.older"):
        Register.open(path)


def test_events_are_numbered_without_a_gap_and_chained(location: Location) -> None:
    with made(location) as register:
        for acts in ([Event("import", facts={"rows": 2})], [], [Event("revoke", "1001", "утерян"), Event("publish")]):
            with register.transaction() as connection:
                event_log.append(connection, acts, at=NOW, actor="анна")
        with register.transaction() as connection:
            count, digest = event_log.audit(connection)
            log = list(event_log.read_events(connection))
            assert [event.id for event in event_log.read_events(connection, since=1, limit=1)] == [2]
    assert count == 3
    assert digest == log[-1].digest
    assert [(event.id, event.act, event.ref, event.facts) for event in log] == [
        (1, "import", None, '{"rows":2}'),
        (2, "revoke", "1001", None),
        (3, "publish", None, None),
    ]


@pytest.mark.parametrize(
    ("statement", "reason", "facts"),
    [
        ("UPDATE events SET reason = 'other' WHERE id = 2", "event_log.event_changed", {"event": 2}),
        ("UPDATE events SET at = at + 1 WHERE id = 1", "event_log.event_changed", {"event": 1}),
        ("DELETE FROM events WHERE id = 2", "event_log.event_missing", {"event": 2, "found": 3}),
        ("DELETE FROM events WHERE id = 3", "event_log.end_missing", {"last": 2, "recorded": 3}),
        (
            "UPDATE events SET digest = (SELECT digest FROM events WHERE id = 1) WHERE id = 3",
            "event_log.event_changed",
            {"event": 3},
        ),
    ],
)
def test_an_event_cannot_be_changed_and_if_it_is_the_audit_names_it(
    location: Location, statement: str, reason: str, facts: dict[str, object]
) -> None:
    with made(location) as register:
        for act in ("a", "b", "c"):
            with register.transaction() as connection:
                event_log.append(connection, [Event(act, reason="why")], at=NOW, actor="anna")
        with refused(RegisterError, "register.refused") as caught, register.transaction() as connection:
            connection.execute(sql.text(statement))
        assert "events are only ever added" in str(caught.value.facts["said"])  # the triggers' own words
        with register.transaction() as connection:
            _take_the_triggers_away(connection)
            connection.execute(sql.text(statement))
        with refused(EventLogBroken, reason, **facts), register.transaction() as connection:
            event_log.audit(connection)


def _take_the_triggers_away(connection: sql.Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(sql.text("DROP TRIGGER events_no_update"))
        connection.execute(sql.text("DROP TRIGGER events_no_delete"))
    else:
        connection.execute(sql.text("DROP TRIGGER events_only_added ON events"))


def test_writers_at_the_same_time_make_one_chain(location: Location) -> None:
    made(location).close()

    def write(name: str) -> None:
        with Register.open(location) as register:
            for _ in range(20):
                with register.transaction() as connection:
                    event_log.append(connection, [Event("a"), Event("b")], at=NOW, actor=name)

    writers = [threading.Thread(target=write, args=(str(number),)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with Register.open(location) as register, register.transaction() as connection:
        assert event_log.audit(connection)[0] == 160
        pairs = list(connection.execute(sql.select(events.c.act).order_by(events.c.id)).scalars())
    assert pairs == ["a", "b"] * 80
