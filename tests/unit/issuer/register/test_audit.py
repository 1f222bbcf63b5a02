"""The audit: the chain of events, what was noted of it elsewhere, and the passes against it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sql

import town
from named_passes import add_list, add_pass, add_resident, log, named, three_passes
from said import refused
from socpass_vc.errors import EventLogBroken, RegisterContradictsLog
from socpass_vc.format.status.status_list import Status
from socpass_vc.issuer.register.audit import audit_register, count_steps
from socpass_vc.issuer.register.database import Location, Register
from socpass_vc.issuer.register.event_log import FIRST_DIGEST, Event, LogHead, chain, read_events, read_since
from socpass_vc.issuer.register.migrate import create_register
from socpass_vc.issuer.revocation.revoke import StatusAction, change_status
from socpass_vc.messages import Message

SPEC = Path(__file__).parents[4] / "specs" / "register.md"


@pytest.fixture
def register(location: Location) -> Iterator[Register]:
    create_register(location)
    with Register.open(location) as opened:
        yield opened


def test_an_empty_register_passes_the_audit(register: Register) -> None:
    done = audit_register(register, noted=LogHead(0, FIRST_DIGEST))
    assert (done.head, done.passes, done.unnamed, count_steps(register)) == (LogHead(0, FIRST_DIGEST), 0, 0, 0)


def test_passes_that_are_what_the_log_says_pass_the_audit(register: Register) -> None:
    three_passes(register)
    steps: list[int] = []
    done = audit_register(register, looked_at=steps.append)
    assert (done.head.number, done.passes, done.unnamed) == (5, 3, 0)
    assert sum(steps) == count_steps(register) == 8


def test_an_agencys_day_passes_the_audit(tmp_path: Path) -> None:
    agency = town.agency(tmp_path)
    with agency.register() as register:
        town.take(register, agency, town.ANNA, town.RUSTEM)
        town.issue(register, agency.settings)
        change_status(register, "1001", StatusAction.SUSPEND, reason="checked", now=town.NOW, actor="anna")
        change_status(register, "1001", StatusAction.REINSTATE, reason="all right", now=town.NOW, actor="anna")
        change_status(register, "1002", StatusAction.REVOKE, reason="moved", now=town.NOW, actor="anna")
        town.issue(register, agency.settings, ref="1002")
        assert audit_register(register).passes == 3


def test_passes_issued_before_events_named_them_are_counted_apart(register: Register) -> None:
    with register.transaction() as connection:
        add_list(connection, 0)
        first = add_resident(connection, "1001")
        add_pass(connection, first, (0, 1))
        add_pass(connection, first, (0, 2), status=Status.INVALID)
    log(register, Event("issue", facts={"passes": 2}))
    assert audit_register(register).unnamed == 2
    # What later events say of one of them is checked.
    log(register, named("revoke", "1001", (0, 2)), at=town.NOW + timedelta(days=1))
    assert audit_register(register).unnamed == 1
    log(register, named("revoke", "1001", (0, 1)), at=town.NOW + timedelta(days=1))
    states = {"registered": Message("pass_status.valid"), "logged": Message("pass_status.revoked")}
    with refused(RegisterContradictsLog, "audit.other_status", list=0, index=1, ref="1001", **states):
        audit_register(register)


@pytest.mark.parametrize(
    ("statement", "reason", "facts"),
    [
        (
            "UPDATE credentials SET status = 0 WHERE list_index = 63",
            "audit.other_status",
            {"ref": "1002", "registered": Message("pass_status.valid"), "logged": Message("pass_status.suspended")},
        ),
        (
            "UPDATE credentials SET status = 0 WHERE list_index = 7",
            "audit.other_status",
            {"registered": Message("pass_status.valid"), "logged": Message("pass_status.revoked")},
        ),
        (
            "UPDATE credentials SET status = 9 WHERE list_index = 7",
            "audit.other_status",
            {"registered": Message("audit.unknown_status", status=9), "logged": Message("pass_status.revoked")},
        ),
        (
            "UPDATE credentials SET list_index = 8 WHERE list_index = 7",
            "audit.not_issued",
            {"list": 0, "index": 8, "ref": "1001"},
        ),
        (
            "UPDATE credentials SET list_index = -1 WHERE list_index = 7",
            "audit.not_issued",
            {"list": 0, "index": -1, "ref": "1001"},
        ),
        (
            "UPDATE credentials SET list_index = 99 WHERE list_index = 7",
            "audit.not_issued",
            {"list": 0, "index": 99, "ref": "1001"},
        ),
        ("DELETE FROM credentials WHERE list_index = 7", "audit.pass_missing", {"list": 0, "index": 7}),
        (
            "UPDATE credentials SET resident_id = (SELECT id FROM residents WHERE ref = '1002') WHERE list_index = 3",
            "audit.pass_of_another",
            {"list": 0, "index": 3, "ref": "1002"},
        ),
    ],
)
def test_a_pass_that_is_not_what_the_log_says_is_named(
    register: Register, statement: str, reason: str, facts: dict[str, object]
) -> None:
    three_passes(register)
    with register.transaction() as connection:
        connection.execute(sql.text(statement))
    with refused(RegisterContradictsLog, reason, **facts):
        audit_register(register)


@pytest.mark.parametrize(
    ("act", "reason", "facts"),
    [
        (named("issue", "1001", (0, 3)), "audit.issued_twice", {"list": 0, "index": 3}),
        (
            named("reinstate", "1001", (0, 7)),
            "audit.wrong_state",
            {"list": 0, "index": 7, "state": Message("pass_status.revoked")},
        ),
        (
            named("revoke", "1001", (0, 9)),
            "audit.wrong_state",
            {"list": 0, "index": 9, "state": Message("pass_status.not_issued")},
        ),
        (named("revoke", "1002", (0, 3)), "audit.event_of_another", {"list": 0, "index": 3, "ref": "1002"}),
        (named("issue", "1001", (0, 64)), "audit.no_such_index", {"list": 0, "index": 64}),
        (named("issue", "1001", (0, -1)), "audit.no_such_index", {"list": 0, "index": -1}),
        (named("issue", "1001", (1, 1)), "audit.no_such_index", {"list": 1, "index": 1}),
        (Event("issue", facts={"passes": 1}), "audit.event_names_no_pass", {}),
    ],
)
def test_an_event_that_cannot_follow_those_before_it_is_named(
    register: Register, act: Event, reason: str, facts: dict[str, object]
) -> None:
    three_passes(register)
    log(register, act)
    with refused(RegisterContradictsLog, reason, event=6, act=act.act, **facts):
        audit_register(register)


def test_an_index_that_two_passes_have_is_named(tmp_path: Path) -> None:
    create_register(tmp_path / "register.sqlite")
    with Register.open(tmp_path / "register.sqlite") as register:
        three_passes(register)
        with register.transaction() as connection:
            # A table without its constraint, as somebody who may do anything to a database can make one.
            connection.execute(sql.text("CREATE TABLE other AS SELECT * FROM credentials"))
            connection.execute(
                sql.text(
                    "INSERT INTO other SELECT 99, resident_id, list_number, list_index, issued_at, expires_at,"
                    " content, token, status, reason, superseded_by FROM credentials WHERE list_index = 3"
                )
            )
            connection.execute(sql.text("DROP TABLE credentials"))
            connection.execute(sql.text("ALTER TABLE other RENAME TO credentials"))
        with refused(RegisterContradictsLog, "audit.index_twice", list=0, index=3, ref="1001"):
            audit_register(register)


def test_what_stands_outside_the_chain_is_named(register: Register) -> None:
    three_passes(register)
    with register.transaction() as connection:
        connection.execute(sql.text("UPDATE credentials SET id = -1, list_index = 9 WHERE list_index = 3"))
    with refused(RegisterContradictsLog, "audit.not_issued", list=0, index=9, ref="1001"):
        audit_register(register)
    with register.transaction() as connection:
        connection.execute(
            sql.text("INSERT INTO events SELECT 0, at, actor, act, ref, reason, facts, digest FROM events WHERE id = 1")
        )
    with refused(EventLogBroken, "event_log.outside_chain", event=0):
        audit_register(register)


def test_a_pass_of_nobody_is_named(tmp_path: Path) -> None:
    create_register(tmp_path / "register.sqlite")
    with Register.open(tmp_path / "register.sqlite") as register:
        three_passes(register)
        with sqlite3.connect(tmp_path / "register.sqlite") as connection:
            connection.execute("UPDATE credentials SET resident_id = 99 WHERE list_index = 3")
        connection.close()
        with refused(RegisterContradictsLog, "audit.pass_of_another", list=0, index=3, ref=None):
            audit_register(register)


def test_facts_that_are_no_json_are_named(register: Register) -> None:
    three_passes(register)
    with register.transaction() as connection:
        values = (6, 0, "anna", "issue", "1001", None, "{")
        head = connection.execute(sql.text("SELECT digest FROM event_head")).scalar_one()
        row = {"digest": chain(head, values), "facts": "{"}
        connection.execute(sql.text("INSERT INTO events VALUES (6, 0, 'anna', 'issue', '1001', NULL, :facts, :digest)"), row)
        connection.execute(sql.text("UPDATE event_head SET last_event = 6, digest = :digest"), {"digest": row["digest"]})
    with refused(RegisterContradictsLog, "audit.facts_not_json", event=6):
        audit_register(register)


def test_a_log_that_was_cut_off_or_written_anew_is_noticed_by_what_was_noted(location: Location, tmp_path: Path) -> None:
    create_register(location)
    with Register.open(location) as register:
        three_passes(register)
        noted = audit_register(register).head
        log(register, named("revoke", "1001", (0, 3)))
        with register.transaction() as connection:
            connection.execute(sql.text("UPDATE credentials SET status = 1 WHERE list_index = 3"))
        assert audit_register(register, noted=noted).head.number == 6
    other = tmp_path / "other.sqlite"
    create_register(other)
    with Register.open(other) as register:
        three_passes(register)
        later = LogHead(6, noted.digest)
        with refused(EventLogBroken, "event_log.end_cut_off", last=5, noted=6, event=6):
            audit_register(register, noted=later)
        for wrong in (LogHead(5, b"x" * 32), LogHead(0, b"x" * 32)):
            with refused(EventLogBroken, "event_log.rewritten", event=wrong.number):
                audit_register(register, noted=wrong)


def test_a_reader_of_events_gets_each_once_and_none_from_another_log(register: Register) -> None:
    three_passes(register)
    with register.snapshot() as connection:
        log_ = list(read_events(connection))
        assert list(read_since(connection, 0)) == log_
        assert list(read_since(connection, 2, limit=2)) == log_[2:4]
        assert [event.id for event in read_since(connection, 1, acts=("issue", "suspend"))] == [2, 4, 5]
        assert [event.id for event in read_since(connection, 1, limit=1, acts=("suspend",))] == [5]
        assert list(read_since(connection, LogHead(5, log_[4].digest))) == []
        assert list(read_since(connection, LogHead(0, FIRST_DIGEST), limit=1)) == log_[:1]
        with refused(EventLogBroken, "event_log.ends_before_cursor", seen=6, last=5):
            next(read_since(connection, 6))
        with refused(EventLogBroken, "event_log.rewritten", event=4):
            next(read_since(connection, LogHead(4, log_[2].digest)))


def test_a_reader_sees_one_moment_and_holds_no_writer_up(register: Register) -> None:
    three_passes(register)
    with register.snapshot() as connection:
        assert len(list(read_events(connection))) == 5
        log(register, named("expiring", "1001", (0, 3)))
        assert len(list(read_events(connection))) == 5
    with register.snapshot() as connection:
        assert len(list(read_events(connection))) == 6


def test_the_worked_example_of_the_specification_needs_nothing_of_ours(register: Register) -> None:
    page = SPEC.read_text(encoding="utf-8")
    example = page[page.index("## 4. A worked example") :].partition("```\n")[2].partition("```")[0].splitlines()
    # given the lines and digests of the page, sha256 leads from each to the next
    digest = bytes(32)
    for line, shown in zip(example[::2], example[1::2], strict=True):
        digest = sha256(digest + line.encode()).digest()
        assert shown == f"→ {digest.hex()}"
    # and they are what the register writes
    for line in example[::2]:
        _, _, _, act, ref, reason, facts = json.loads(line)
        log(register, Event(act, ref, reason, None if facts is None else json.loads(facts)))
    with register.snapshot() as connection:
        written = [event.digest.hex() for event in read_events(connection)]
    assert [f"→ {digest}" for digest in written] == example[1::2]
