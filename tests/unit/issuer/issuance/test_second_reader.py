"""The second reader: what issuing signs is read back with cbor2 before it is kept, and a difference stops it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import cbor2
import pytest
import sqlalchemy as sql

import town
from said import refused
from socpass_vc.errors import PassDiffers
from socpass_vc.format.cose import read_sign1, sign1
from socpass_vc.format.credential.claims import Claims, Document, Entitlement, StatusReference
from socpass_vc.format.keys import SecretKey
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.config.agency_toml import DocumentNumbers
from socpass_vc.issuer.issuance.batch_issue import issue_due
from socpass_vc.issuer.issuance.deep_audit import read_all_back
from socpass_vc.issuer.issuance.pass_policy import PassPolicy
from socpass_vc.issuer.issuance.second_reader import READ_ONE_IN, StoredPass, check_pass, chosen
from socpass_vc.issuer.register.bulk_sql import insert_rows
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.register.person import GrantedEntitlement, IssuedPass, Resident
from socpass_vc.issuer.register.schema import credentials, events, residents, status_lists
from socpass_vc.issuer.revocation.revoke import StatusAction, change_status

DAY = timedelta(days=1)
ZONE = ZoneInfo("Asia/Yekaterinburg")
MARIA = Resident(
    "1001",
    "Иванова Мария",
    [
        GrantedEntitlement(30, None, date(2026, 5, 31)),  # which has ended
        GrantedEntitlement(2521, date(2026, 1, 1), date(2030, 12, 31)),
        GrantedEntitlement(2545, None, None, 3, "0123456789", date(2006, 4, 1)),
    ],
    date(1951, 3, 4),
    None,
    "Ivanova Maria",
)
CLAIMS = Claims(
    name="Иванова Мария",
    entitlements=(
        Entitlement(category=2521, first=date(2026, 1, 1), last=date(2030, 12, 31)),
        Entitlement(category=2545, document=Document(kind=3, number="*6789", issued_on=date(2006, 4, 1))),
    ),
    status=StatusReference(list_number=0, index=300),
    issued_at=town.NOW,
    expires_at=town.NOW + 365 * DAY,
    born_on=date(1951, 3, 4),
    latin_name="Ivanova Maria",
)
CHANGES: dict[str, Callable[[Claims], Claims]] = {
    "name": lambda said: replace(said, name="Иванова Марья"),
    "name_latin": lambda said: replace(said, latin_name=None),
    "born_on": lambda said: replace(said, born_on=date(1951, 3, 5)),
    "born_in": lambda said: replace(said, born_on=None, born_in=1951),
    "entitlements": lambda said: replace(said, entitlements=(*said.entitlements, Entitlement(category=2580))),
    "list_number": lambda said: replace(said, status=StatusReference(list_number=1, index=said.status.index)),
    "list_index": lambda said: replace(said, status=StatusReference(list_number=0, index=said.status.index ^ 1)),
    "issued_at": lambda said: replace(said, issued_at=said.issued_at - DAY),
    "expires_at": lambda said: replace(said, expires_at=said.expires_at + DAY),
}
"""One field each that is not what the register says; a birth that became a year is noticed by the day that is missing."""
NOTICED = {field: "born_on" if field == "born_in" else field for field in CHANGES}


def stored(claims: Claims = CLAIMS, *, payload: bytes | None = None) -> StoredPass:
    """Return the row of CLAIMS, with a token that says *claims*, or holds *payload*."""
    seconds = int(CLAIMS.issued_at.timestamp()), int(CLAIMS.expires_at.timestamp())
    token = sign1(claims.encode() if payload is None else payload, town.pass_key())
    return StoredPass("1001", 0, 300, *seconds, b"", token)


def check(row: StoredPass, person: Resident | None = MARIA) -> None:
    check_pass(row, person, zone=ZONE, numbers=(DocumentNumbers.LAST_FOUR,))


# --- One pass -----------------------------------------------------------------------------------------------


def test_a_pass_that_says_what_the_register_says_is_read_back() -> None:
    check(stored())
    check_pass(stored(), MARIA, zone=ZONE)


@pytest.mark.parametrize("field", CHANGES)
def test_every_field_that_differs_is_named(field: str) -> None:
    with refused(PassDiffers, "pass_differs", ref="1001", field=NOTICED[field]):
        check(stored(CHANGES[field](CLAIMS)))


@pytest.mark.parametrize(
    ("shown", "number"),
    [(DocumentNumbers.FULL, "0123456789"), (DocumentNumbers.LAST_FOUR, "*6789"), (DocumentNumbers.NONE, None)],
)
def test_a_documents_number_is_shown_as_far_as_the_agency_says_and_no_further(shown: DocumentNumbers, number: str | None) -> None:
    # given
    document = None if number is None else Document(kind=3, number=number, issued_on=date(2006, 4, 1))
    row = stored(replace(CLAIMS, entitlements=(CLAIMS.entitlements[0], Entitlement(category=2545, document=document))))

    # then
    for numbers in DocumentNumbers:
        if numbers is shown:
            check_pass(row, MARIA, zone=ZONE, numbers=(numbers,))
        else:
            with refused(PassDiffers, "pass_differs", field="entitlements"):
                check_pass(row, MARIA, zone=ZONE, numbers=(numbers,))


def test_the_digest_of_a_content_is_worked_out_again() -> None:
    # given
    timeless = cbor2.loads(CLAIMS.encode())
    timeless |= {4: 86_400, 6: 0}
    timeless[-65537][5] = [0, 0]
    digest = sha256(cbor2.dumps(timeless, canonical=True)).digest()

    # then
    check(stored()._replace(content=digest), None)
    with refused(PassDiffers, "pass_differs", field="content"):
        check(stored()._replace(content=digest[::-1]), None)


def bomb() -> bytes:
    """Return a small item that cbor2 reads as arrays of which each holds the one before it 50 times: 50^5 items to walk over."""
    share, shared = b"\xd8\x1c", b"\xd8\x1d"
    return b"\x86" + share + b"\x80" + b"".join(share + b"\x98\x32" + 50 * (shared + bytes((level,))) for level in range(5))


WRONG_PAYLOADS = {
    "a byte behind the claims": CLAIMS.encode() + b"\0",
    "a longer head": b"\xb8\x03" + CLAIMS.encode()[1:],
    "no definite length": b"\xbf" + CLAIMS.encode()[1:] + b"\xff",
    "another order": cbor2.dumps(dict(reversed(cbor2.loads(CLAIMS.encode()).items()))),
    "a key twice": b"\xa4" + CLAIMS.encode()[1:7] + CLAIMS.encode()[1:],
    "a tag": b"\xc0" + CLAIMS.encode(),
    "a date in a tag": cbor2.dumps({**cbor2.loads(CLAIMS.encode()), 4: town.NOW}, canonical=True),
    "a number that is no integer": cbor2.dumps({**cbor2.loads(CLAIMS.encode()), 4: 1.5}, canonical=True),
    "a claim too many": cbor2.dumps({**cbor2.loads(CLAIMS.encode()), 7: b""}, canonical=True),
    "a field too many": cbor2.dumps(
        {**cbor2.loads(CLAIMS.encode()), -65537: {**cbor2.loads(CLAIMS.encode())[-65537], 6: b"RIFF"}}, canonical=True
    ),
    "no map": b"\x80",
    "half of it": CLAIMS.encode()[:20],
    "nothing": b"",
    "values that hold one another": bomb(),
}


@pytest.mark.parametrize("wrong", WRONG_PAYLOADS)
def test_what_is_spelled_in_any_other_way_is_refused(wrong: str) -> None:
    with refused(PassDiffers, "pass_differs", ref="1001", field="token"):
        check(stored(payload=WRONG_PAYLOADS[wrong]))


def test_values_that_hold_one_another_are_read_and_not_walked_over() -> None:
    small = bomb()
    read = cbor2.loads(small, max_depth=8)
    assert len(small) < 1_000
    assert read[5][49][49] is read[5][0][0] is read[3]


def test_a_flag_is_no_number() -> None:
    claims = cbor2.loads(replace(CLAIMS, status=StatusReference(list_number=1, index=300)).encode())
    claims[-65537][5][0] = True
    with refused(PassDiffers, "pass_differs", field="token"):
        check(stored(payload=cbor2.dumps(claims, canonical=True))._replace(list_number=1))


WRONG_TOKENS: dict[str, Callable[[bytes], bytes]] = {
    "a byte behind it": lambda token: token + b"\0",
    "no tag": lambda token: token[1:],
    "another tag": lambda token: b"\xd1" + token[1:],
    "a headers' map too many": lambda token: token.replace(b"\xa0\x58", b"\xa1\x01\x01\x58", 1),
    "another algorithm": lambda token: token.replace(b"\xa2\x01\x32\x04\x48", b"\xa2\x01\x26\x04\x48", 1),
    "a shorter signature": lambda token: token[:-66] + b"\x58\x3f" + token[-63:],
    "a longer head": lambda token: token[:1] + b"\x98\x04" + token[2:],
    "text for bytes": lambda token: token[:-66] + b"\x78\x40" + b"a" * 64,
    "too many bytes": lambda token: token[:-66] + b"\x59\x20\x00" + bytes(8192),
    "nothing": lambda _: b"",
}


@pytest.mark.parametrize("wrong", WRONG_TOKENS)
def test_an_envelope_of_any_other_shape_is_refused(wrong: str) -> None:
    row = stored()
    changed = WRONG_TOKENS[wrong](row.token)
    assert changed != row.token
    with refused(PassDiffers, "pass_differs", field="token"):
        check(row._replace(token=changed))


def test_what_differs_is_named_without_its_value() -> None:
    with refused(PassDiffers, "pass_differs") as caught:
        check(stored(CHANGES["name"](CLAIMS)))
    assert sorted(caught.value.facts) == ["field", "ref"]


# --- Which are read back ------------------------------------------------------------------------------------


def tokens(count: int) -> list[bytes]:
    key = SecretKey(bytes(range(32)))
    return [sign1(number.to_bytes(8, "big"), key) for number in range(count)]


def test_one_in_a_hundred_is_read_back_and_always_the_first() -> None:
    # given
    signed = tokens(20_000)

    # when
    read = chosen(signed)

    # then
    assert read[0] == 0
    assert 140 < len(read) < 270  # 200, within five standard deviations
    assert chosen(signed) == read
    gaps = {after - before for before, after in pairwise(read)}
    assert len(gaps) > 50  # no step leads from one to the next
    assert READ_ONE_IN == 100


def test_another_order_of_the_same_passes_reads_the_same_ones() -> None:
    signed = tokens(2_000)
    read = {signed[position] for position in chosen(signed)}
    backwards = signed[::-1]
    again = {backwards[position] for position in chosen(backwards)}
    assert read - {signed[0]} == again - {signed[-1]}


# --- Issuing ------------------------------------------------------------------------------------------------


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    return town.agency(tmp_path)


@pytest.fixture
def register(agency: Agency) -> Iterator[Register]:
    with agency.register() as opened:
        yield opened


def state(register: Register) -> list[list[Any]]:
    """Return all that issuing could have changed."""
    with register.transaction() as connection:
        return [
            [tuple(row) for row in connection.execute(sql.select(table))]
            for table in (credentials, events, status_lists, residents)
        ]


def change_what_is_signed(monkeypatch: pytest.MonkeyPatch, ref: str, change: Callable[[Claims], Claims]) -> None:
    sign = PassPolicy.sign

    def sign_something_else(policy: PassPolicy, *arguments: Any) -> IssuedPass:
        issued = sign(policy, *arguments)
        return issued._replace(token=sign1(change(issued.claims).encode(), arguments[-1])) if issued.ref == ref else issued

    monkeypatch.setattr(PassPolicy, "sign", sign_something_else)


ANNA = "1001;Иванова Анна;04.03.1951;02-545;;;3;0123456789;01.04.2006"


@pytest.mark.parametrize("field", [field for field in CHANGES if field != "name_latin"])
def test_a_pass_that_differs_stops_its_batch_and_nothing_of_it_is_kept(
    agency: Agency, register: Register, monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    # given two residents, of whom the second is given a pass that the register does not know of
    town.take(register, agency, ANNA.replace("1001", "0999"), ANNA)
    before = state(register)
    change_what_is_signed(monkeypatch, "1001", CHANGES[field])

    # then
    with refused(PassDiffers, "issued_pass_differs", ref="1001", field=NOTICED[field]):
        list(issue_due(register, town.order(agency.settings, verify_all=True)))
    assert state(register) == before

    # and when the fault is gone
    monkeypatch.undo()
    assert [issued.ref for issued in town.issue(register, agency.settings)] == ["0999", "1001"]


def test_a_pass_of_somebody_else_is_noticed(agency: Agency, register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a fault that mixes up whose pass is whose
    town.take(register, agency, ANNA, town.RUSTEM)

    def insert_mixed(connection: sql.Connection, table: sql.Table, names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
        owners = [row[0] for row in rows]
        insert_rows(connection, table, names, [(owner, *row[1:]) for owner, row in zip(owners[::-1], rows, strict=True)])

    monkeypatch.setattr("socpass_vc.issuer.issuance.batch_issue.insert_rows", insert_mixed)

    # then
    with refused(PassDiffers, "issued_pass_differs"):
        list(issue_due(register, town.order(agency.settings)))


def test_a_pass_that_was_not_stored_is_noticed(agency: Agency, register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    town.take(register, agency, ANNA)
    monkeypatch.setattr("socpass_vc.issuer.issuance.batch_issue.insert_rows", lambda *_: None)
    with refused(PassDiffers, "issued_pass_differs", ref="1001", field="resident_id"):
        list(issue_due(register, town.order(agency.settings)))


@pytest.mark.parametrize("verify_all", [False, True])
def test_so_many_are_read_back_as_were_asked_for(
    agency: Agency, register: Register, monkeypatch: pytest.MonkeyPatch, verify_all: bool
) -> None:
    # given
    read: list[str] = []

    def note(row: StoredPass, *arguments: Any, **named: Any) -> None:
        read.append(row.ref)
        check_pass(row, *arguments, **named)

    monkeypatch.setattr("socpass_vc.issuer.issuance.batch_issue.check_pass", note)
    town.crowd(register, 300)

    # when
    issued = list(issue_due(register, town.order(agency.settings, verify_all=verify_all)))

    # then
    signed = [entry for entry in issued if isinstance(entry, IssuedPass)]
    expected = range(300) if verify_all else chosen(entry.token for entry in signed)
    assert sorted(read) == sorted(signed[position].ref for position in expected)


# --- A deep audit -------------------------------------------------------------------------------------------


def read_back(register: Register, agency: Agency, days: float = 0) -> int:
    return read_all_back(register, agency.settings, now=town.NOW + days * DAY)


def test_a_deep_audit_reads_every_pass_whatever_became_of_it(agency: Agency, register: Register) -> None:
    # given one that was replaced, one that is suspended, one revoked, and a resident who has changed since
    town.crowd(register, 5)
    town.issue(register, agency.settings)
    with register.transaction() as connection:
        connection.execute(residents.update().where(residents.c.id == 1).values(name="Новое Имя", check_at=0))
    assert read_back(register, agency) == 5
    town.issue(register, agency.settings)
    change_status(register, "R0000002", StatusAction.SUSPEND, reason="why", now=town.NOW, actor="test")
    change_status(register, "R0000003", StatusAction.REVOKE, reason="why", now=town.NOW, actor="test")

    # then
    told: list[int] = []
    assert read_all_back(register, agency.settings, now=town.NOW, looked_at=told.append) == 6
    assert sum(told) == 6
    assert read_back(register, agency, 400) == 6


@pytest.mark.parametrize(
    ("column", "value"),
    [("list_index", 1023), ("issued_at", 1), ("expires_at", 2**31), ("content", b"x" * 32)],
)
def test_a_deep_audit_names_a_pass_whose_row_was_changed(agency: Agency, register: Register, column: str, value: object) -> None:
    town.crowd(register, 3)
    town.issue(register, agency.settings)
    with register.transaction() as connection:
        connection.execute(credentials.update().where(credentials.c.resident_id == 2).values({column: value}))
    with refused(PassDiffers, "pass_differs", ref="R0000002", field=column):
        read_back(register, agency)


def test_a_deep_audit_names_a_pass_that_says_other_things_than_the_register(agency: Agency, register: Register) -> None:
    # given a token that was changed together with its digest, by whoever has the key and the database
    town.crowd(register, 3)
    town.issue(register, agency.settings)
    with register.transaction() as connection:
        row = connection.execute(sql.select(credentials).where(credentials.c.resident_id == 2)).one()
        claims = cbor2.loads(read_sign1(row.token).payload)
        claims[-65537][4] = [[30, None], *claims[-65537][4]]
        token = sign1(cbor2.dumps(claims, canonical=True), town.pass_key())
        claims |= {4: 86_400, 6: 0, -65537: {**claims[-65537], 5: [0, 0]}}
        digest = sha256(cbor2.dumps(claims, canonical=True)).digest()
        connection.execute(credentials.update().where(credentials.c.id == row.id).values(token=token, content=digest))

    # then
    with refused(PassDiffers, "pass_differs", ref="R0000002", field="entitlements"):
        read_back(register, agency)


def test_a_pass_of_a_stolen_key_has_no_digest_and_is_read_all_the_same(agency: Agency, register: Register) -> None:
    town.crowd(register, 2)
    town.issue(register, agency.settings)
    with register.transaction() as connection:
        connection.execute(credentials.update().values(content=b""))
    assert read_back(register, agency) == 2
