"""The audit: the chain of events, what was noted of it elsewhere, and the passes against it."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sql

import town
from named_passes import add_list, add_pass, add_resident, log, named, three_passes
from socpass_vc.errors import EventLogBroken, RegisterContradictsLog
from socpass_vc.format.status.status_list import Status
from socpass_vc.issuer.register.audit import audit_register, count_steps
from socpass_vc.issuer.register.database import Location, Register
from socpass_vc.issuer.register.event_log import FIRST_DIGEST, Event, LogHead, chain, read_events, read_since
from socpass_vc.issuer.register.migrate import create_register
from socpass_vc.issuer.revocation.revoke import StatusAction, change_standing

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
        change_standing(register, "1001", StatusAction.SUSPEND, reason="checked", now=town.NOW, actor="anna")
        change_standing(register, "1001", StatusAction.REINSTATE, reason="all right", now=town.NOW, actor="anna")
        change_standing(register, "1002", StatusAction.REVOKE, reason="moved", now=town.NOW, actor="anna")
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
    with pytest.raises(RegisterContradictsLog, match=r"pass 0/1 of '1001': it is valid in the register, and revoked by the log"):
        audit_register(register)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE credentials SET status = 0 WHERE list_index = 63",
            "'1002': it is valid in the register, and suspended by the log",
        ),
        ("UPDATE credentials SET status = 0 WHERE list_index = 7", "it is valid in the register, and revoked by the log"),
        ("UPDATE credentials SET status = 9 WHERE list_index = 7", "it is of status 9 in the register, and revoked by the log"),
        ("UPDATE credentials SET list_index = 8 WHERE list_index = 7", "pass 0/8 of '1001': no event issued it"),
        ("UPDATE credentials SET list_index = -1 WHERE list_index = 7", "pass 0/-1 of '1001': no event issued it"),
        ("UPDATE credentials SET list_index = 99 WHERE list_index = 7", "pass 0/99 of '1001': no event issued it"),
        ("DELETE FROM credentials WHERE list_index = 7", "pass 0/7 was issued by the log, and the register has none"),
        (
            "UPDATE credentials SET resident_id = (SELECT id FROM residents WHERE ref = '1002') WHERE list_index = 3",
            "pass 0/3 of '1002': it was issued to another resident",
        ),
    ],
)
def test_a_pass_that_is_not_what_the_log_says_is_named(register: Register, statement: str, said: str) -> None:
    three_passes(register)
    with register.transaction() as connection:
        connection.execute(sql.text(statement))
    with pytest.raises(RegisterContradictsLog, match=re.escape(said)):
        audit_register(register)


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (named("issue", "1001", (0, 3)), "event 6 is to issue pass 0/3, which was issued before"),
        (named("reinstate", "1001", (0, 7)), "event 6 is to reinstate pass 0/7, which is revoked by then"),
        (named("revoke", "1001", (0, 9)), "event 6 is to revoke pass 0/9, which is not issued by then"),
        (named("revoke", "1002", (0, 3)), "event 6 (revoke) names '1002', to whom pass 0/3 was not issued"),
        (named("issue", "1001", (0, 64)), "event 6 (issue) names pass 0/64, and there is no such list, or it is shorter"),
        (named("issue", "1001", (0, -1)), "event 6 (issue) names pass 0/-1"),
        (named("issue", "1001", (1, 1)), "event 6 (issue) names pass 1/1"),
        (Event("issue", facts={"passes": 1}), "event 6 (issue) does not name its pass, as events before it do"),
    ],
)
def test_an_event_that_cannot_follow_those_before_it_is_named(register: Register, act: Event, said: str) -> None:
    three_passes(register)
    log(register, act)
    with pytest.raises(RegisterContradictsLog, match=re.escape(said)):
        audit_register(register)


def test_a_place_that_two_passes_have_is_named(tmp_path: Path) -> None:
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
        with pytest.raises(RegisterContradictsLog, match=r"pass 0/3 of '1001': another pass has the same place"):
            audit_register(register)


def test_what_stands_outside_the_chain_is_named(register: Register) -> None:
    three_passes(register)
    with register.transaction() as connection:
        connection.execute(sql.text("UPDATE credentials SET id = -1, list_index = 9 WHERE list_index = 3"))
    with pytest.raises(RegisterContradictsLog, match="pass 0/9 of '1001': no event issued it"):
        audit_register(register)
    with register.transaction() as connection:
        connection.execute(
            sql.text("INSERT INTO events SELECT 0, at, actor, act, ref, reason, facts, digest FROM events WHERE id = 1")
        )
    with pytest.raises(EventLogBroken, match="event 0 stands outside the chain"):
        audit_register(register)


def test_a_pass_of_nobody_is_named(tmp_path: Path) -> None:
    create_register(tmp_path / "register.sqlite")
    with Register.open(tmp_path / "register.sqlite") as register:
        three_passes(register)
        with sqlite3.connect(tmp_path / "register.sqlite") as connection:
            connection.execute("UPDATE credentials SET resident_id = 99 WHERE list_index = 3")
        connection.close()
        with pytest.raises(RegisterContradictsLog, match="pass 0/3 of None: it was issued to another resident"):
            audit_register(register)


def test_facts_that_are_no_json_are_named(register: Register) -> None:
    three_passes(register)
    with register.transaction() as connection:
        values = (6, 0, "anna", "issue", "1001", None, "{")
        head = connection.execute(sql.text("SELECT digest FROM event_head")).scalar_one()
        row = {"digest": chain(head, values), "facts": "{"}
        connection.execute(sql.text("INSERT INTO events VALUES (6, 0, 'anna', 'issue', '1001', NULL, :facts, :digest)"), row)
        connection.execute(sql.text("UPDATE event_head SET last_event = 6, digest = :digest"), {"digest": row["digest"]})
    with pytest.raises(RegisterContradictsLog, match="event 6: its facts are not JSON"):
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
        with pytest.raises(EventLogBroken, match="the log ends with event 5, and event 6 was noted: its end is cut off"):
            audit_register(register, noted=later)
        for wrong in (LogHead(5, b"x" * 32), LogHead(0, b"x" * 32)):
            with pytest.raises(EventLogBroken, match=f"event {wrong.number} is not the one that was noted"):
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
        with pytest.raises(EventLogBroken, match="event 6 was seen, and the log ends with 5"):
            next(read_since(connection, 6))
        with pytest.raises(EventLogBroken, match="event 4 is not the one that was noted"):
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
