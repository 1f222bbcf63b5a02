"""The log of passes in the register: what is issued is in it, what is changed is found by any head that was published before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sql
from alembic import command
from alembic.config import Config

import town
from named_passes import add_list, add_pass, add_resident, log, named, three_passes
from said import refused
from socpass_vc.errors import LogRewritten, RegisterContradictsLog, RegisterError
from socpass_vc.format.transparency.checkpoint import Checkpoint
from socpass_vc.format.transparency.log_block import pass_leaf
from socpass_vc.format.transparency.merkle import check_inclusion, root_of
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.issuance.batch_issue import Issuing
from socpass_vc.issuer.register import pass_log
from socpass_vc.issuer.register.audit import audit_register
from socpass_vc.issuer.register.database import Location, Register
from socpass_vc.issuer.register.migrate import create_register, migrate_register
from socpass_vc.issuer.register.pass_log import find_pass, read_blocks, read_leaves, seal
from socpass_vc.issuer.register.schema import credentials


@pytest.fixture
def register(location: Location) -> Iterator[Register]:
    create_register(location)
    with Register.open(location) as opened:
        yield opened


def sealed(register: Register) -> Checkpoint:
    """Close what is open, and return the head."""
    with register.transaction() as connection:
        seal(connection)
        roots = [block.root for block in read_blocks(connection)]
    return Checkpoint(origin="a", size=len(roots) * 2**16, root=root_of(roots))


def change(register: Register, statement: str) -> None:
    with register.transaction() as connection:
        for trigger in (
            ("DROP TRIGGER IF EXISTS events_no_update", "DROP TRIGGER IF EXISTS events_no_delete")
            if not register.shared
            else ("DROP TRIGGER IF EXISTS events_only_added ON events",)
        ):
            connection.execute(sql.text(trigger))
        connection.execute(sql.text(statement))


def test_a_log_grows_with_what_happens_and_by_whole_blocks(register: Register) -> None:
    with register.transaction() as connection:
        seal(connection)
        assert read_blocks(connection) == []
    three_passes(register)
    first = sealed(register)
    assert sealed(register) == first
    log(register, named("revoke", "1001", (0, 3)))
    assert sealed(register).size == 2 * first.size


def test_every_pass_that_is_issued_is_found_and_proved(register: Register) -> None:
    town.crowd(register, 50)
    sum(len(batch.issued) for batch in Issuing(register, town.order(town.settings(), limit=20)).batches())
    first = sealed(register)
    town.issue(register, town.settings())
    with register.snapshot() as connection:
        rows = connection.execute(sql.select(credentials.c.id, credentials.c.token).order_by(credentials.c.id)).all()
        blocks = read_blocks(connection)
        found = [find_pass(connection, row.id, bytes(row.token), blocks) for row in rows]
    assert [place is not None for place in found] == [True] * 20 + [False] * 30
    for row, place in zip(rows, found, strict=True):
        if place is not None:
            leaf = pass_leaf(place.salt, bytes(row.token))
            check_inclusion(leaf, place.place, size=first.size, path=place.path, root=first.root)


def test_many_passes_take_several_blocks(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pass_log, "MAX_PASSES", 20)
    town.crowd(register, 50)
    for _ in range(5):
        sum(len(batch.issued) for batch in Issuing(register, town.order(town.settings(), limit=10)).batches())
    head = sealed(register)
    assert head.blocks == 3
    audit_register(register, heads=[head])
    with register.snapshot() as connection:
        token = bytes(connection.scalar(sql.select(credentials.c.token).where(credentials.c.id == 45)) or b"")
        placed = find_pass(connection, 45, token, read_blocks(connection))
    assert placed is not None
    assert placed.block == 2


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE credentials SET token = 'another'", "audit.other_leaf"),
        ("DELETE FROM log_leaves", "audit.leaf_missing"),
        ("UPDATE log_leaves SET last_event = 1 WHERE last_event = 2", "audit.leaf_missing"),
        (
            "INSERT INTO log_leaves SELECT 99, after_pass, until_pass, key, leaves FROM log_leaves WHERE last_event = 2",
            "audit.leaf_surplus",
        ),
    ],
)
def test_a_pass_that_is_not_the_one_in_the_log_is_named(register: Register, statement: str, reason: str) -> None:
    three_passes(register)
    if register.shared:
        statement = statement.replace("'another'", "'another'::bytea")
    change(register, statement)
    with refused(RegisterContradictsLog, reason):
        audit_register(register)


def test_a_block_that_was_changed_or_moved_is_named(register: Register) -> None:
    three_passes(register)
    sealed(register)
    change(register, "UPDATE log_blocks SET last_event = 99")
    with refused(LogRewritten, "log.block_changed", block=0):
        audit_register(register)
    change(register, "UPDATE log_blocks SET last_event = 4")
    with refused(LogRewritten, "log.block_changed", block=0):
        audit_register(register)
    change(register, "UPDATE log_blocks SET last_event = 5, number = 1")
    with refused(LogRewritten, "log.block_changed", block=0):
        audit_register(register)


def test_a_register_that_was_written_anew_with_all_its_digests_is_found_by_an_older_head(location: Location) -> None:
    create_register(location)
    with Register.open(location) as register:
        three_passes(register)
        head = sealed(register)
        log(register, named("revoke", "1001", (0, 3)))
        change(register, "UPDATE credentials SET status = 1 WHERE list_index = 3")
        assert audit_register(register, heads=[head, sealed(register)]).passes == 3
        # An insider begins anew: chain, leaves and blocks fit one another, and one revocation is missing.
        for table in ("events", "log_leaves", "log_blocks", "credentials", "residents", "status_lists"):
            change(register, f"DELETE FROM {table}")  # noqa: S608 -- names of ours
        zeros = "decode(repeat('00', 32), 'hex')" if register.shared else "zeroblob(32)"
        change(register, f"UPDATE event_head SET last_event = 0, digest = {zeros}")  # noqa: S608 -- likewise
        three_passes(register)
        other = sealed(register)
        assert audit_register(register, heads=[other]).passes == 3
        with refused(LogRewritten, "log.register_differs", size=head.size):
            audit_register(register, heads=[head])
        longer = Checkpoint(origin="a", size=5 * 2**16, root=head.root)
        with refused(LogRewritten, "log.register_differs", size=longer.size):
            audit_register(register, heads=[other, longer])


def test_no_proof_is_made_from_what_was_changed(register: Register) -> None:
    three_passes(register)
    sealed(register)
    change(register, "UPDATE log_blocks SET root = key")
    with register.snapshot() as connection:
        row = connection.execute(sql.select(credentials.c.id, credentials.c.token).where(credentials.c.list_index == 3)).one()
        with refused(RegisterError, "log.block_changed", block=0):
            find_pass(connection, row.id, bytes(row.token), read_blocks(connection))
        assert find_pass(connection, row.id, b"another", read_blocks(connection)) is None


def test_passes_issued_before_there_was_a_log_are_entered_by_the_migration(location: Location) -> None:
    config = Config()
    config.set_main_option("script_location", "socpass_vc.issuer.register:migrations")
    with Register(location) as register, register.transaction() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
    with Register(location) as register:
        with register.transaction() as connection:
            add_list(connection, 0)
            first = add_resident(connection, "1001")
            for index in (7, 3, 9):
                add_pass(connection, first, (0, index))
        log(register, named("issue", "1001", (0, 3)), named("issue", "1001", (0, 7)), entered=False)
        log(register, named("issue", "1001", (0, 9)), named("issue", "1001", (0, 11)), entered=False)
    assert migrate_register(location)[0] == "0003"
    with Register.open(location) as register:
        with register.snapshot() as connection:
            assert [len(row.leaves) for row in read_leaves(connection)] == [4]
        # The audit says what the migration passes over: a pass that is gone.
        with refused(RegisterContradictsLog, "audit.pass_missing", list=0, index=11):
            audit_register(register)
        with register.transaction() as connection:
            seal(connection)
            rows = connection.execute(sql.select(credentials.c.id, credentials.c.token)).all()
            blocks = read_blocks(connection)
            assert all(find_pass(connection, row.id, bytes(row.token), blocks) for row in rows)


def test_an_agencys_nights_pass_the_audit_with_each_of_their_heads(tmp_path_factory: pytest.TempPathFactory) -> None:
    agency: Agency = town.agency(tmp_path_factory.mktemp("town"))
    heads = []
    with agency.register() as register:
        for night, line in enumerate((town.ANNA, town.RUSTEM)):
            town.take(register, agency, line)
            town.issue(register, agency.settings, now=town.NOW + timedelta(days=night))
            heads.append(sealed(register))
        assert audit_register(register, heads=heads).passes == 2
