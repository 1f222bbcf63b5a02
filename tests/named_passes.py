"""Residents, passes and events written straight into a register, each event naming its pass (specs/register.md, section 2)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from socpass_vc.format.status.status_list import Status
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.register.event_log import Event, append
from socpass_vc.issuer.register.pass_log import add_leaves, newest_pass
from socpass_vc.issuer.register.schema import credentials, residents, status_lists
from town import NOW

ENTRIES = 64


def add_list(connection: Connection, number: int, *, used: int = 0) -> None:
    row = {"number": number, "entries": ENTRIES, "used": used, "permutation_key": b"k"}
    connection.execute(status_lists.insert().values(**row))


def add_resident(connection: Connection, ref: str, **values: object) -> int:
    made = connection.execute(residents.insert().values(ref=ref, **{"name": "Иванова Анна", **values}))
    assert made.inserted_primary_key is not None
    return int(made.inserted_primary_key[0])


def add_pass(
    connection: Connection,
    resident_id: int,
    place: tuple[int, int],
    *,
    status: Status = Status.VALID,
    reason: str | None = None,
    issued_at: datetime = NOW,
    expires_at: datetime = NOW + timedelta(days=365),
) -> None:
    connection.execute(
        credentials.insert().values(
            resident_id=resident_id,
            list_number=place[0],
            list_index=place[1],
            issued_at=int(issued_at.timestamp()),
            expires_at=int(expires_at.timestamp()),
            content=b"c",
            token=token_at(place),
            status=int(status),
            reason=reason,
        )
    )


def token_at(place: tuple[int, int]) -> bytes:
    """Return what stands for the signed bytes of a pass."""
    return f"pass {place[0]}/{place[1]}".encode()


def named(act: str, ref: str, place: tuple[int, int], reason: str | None = None) -> Event:
    """Return an event as issuing and revoking write it."""
    facts: dict[str, object] = {"list": place[0], "index": place[1]}
    if act in {"issue", "expiring"}:
        facts["expires_at"] = int((NOW + timedelta(days=365)).timestamp())
    if act == "issue":
        facts["categories"] = [2545, 30]
    return Event(act, ref, reason, facts)


def log(register: Register, *acts: Event, at: datetime = NOW, entered: bool = True) -> None:
    with register.transaction() as connection:
        mark = append(connection, acts, at=at, actor="anna")
        issued = [act.facts for act in acts if act.act == "issue" and isinstance(act.facts, dict) and "index" in act.facts]
        if mark is not None and issued and entered:
            tokens = [token_at((facts["list"], facts["index"])) for facts in issued]  # type: ignore[arg-type]  # as named() has it
            add_leaves(connection, tokens, after_pass=0, until_pass=newest_pass(connection), last_event=mark.number)


def three_passes(register: Register) -> None:
    """Add two residents: one with a superseded and a live pass, one with a suspended one."""
    with register.transaction() as connection:
        add_list(connection, 0, used=3)
        first, second = add_resident(connection, "1001"), add_resident(connection, "1002")
        add_pass(connection, first, (0, 7), status=Status.INVALID, reason="superseded")
        add_pass(connection, first, (0, 3))
        add_pass(connection, second, (0, 63), status=Status.SUSPENDED, reason="checking")
    log(register, named("issue", "1001", (0, 7)), named("issue", "1002", (0, 63)))
    log(register, named("supersede", "1001", (0, 7)), named("issue", "1001", (0, 3)))
    log(register, named("suspend", "1002", (0, 63), "checking"))
