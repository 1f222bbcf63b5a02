"""What is due, what is issued, what becomes of older passes; against a real register in a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sql

import town
from said import refused
from socpass_vc.errors import ClaimsError, RegisterError
from socpass_vc.format.cose import read_sign1
from socpass_vc.format.credential.claims import StatusReference
from socpass_vc.format.credential.claims_reader import read_claims
from socpass_vc.format.status.status_list import Status
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.config.agency_toml import DocumentNumbers
from socpass_vc.issuer.issuance.batch_issue import BATCH, issue_due
from socpass_vc.issuer.issuance.live_passes import count_live_passes, live_passes
from socpass_vc.issuer.issuance.pass_policy import RENEW_WITHIN
from socpass_vc.issuer.issuance.renewal_queue import count_due
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.register.event_log import audit
from socpass_vc.issuer.register.person import IssuedPass, NotIssued
from socpass_vc.issuer.register.schema import credentials, entitlements, events, residents, status_lists
from socpass_vc.issuer.revocation.revoke import StatusAction, change_status

DAY = timedelta(days=1)


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    return town.agency(tmp_path)


@pytest.fixture
def register(agency: Agency) -> Iterator[Register]:
    with agency.register() as opened:
        yield opened


def rows_of(register: Register, table: sql.Table) -> list[dict[str, object]]:
    with register.transaction() as connection:
        return [dict(row) for row in connection.execute(sql.select(table).order_by(sql.text("1"))).mappings()]


def statuses(register: Register) -> list[tuple[object, object]]:
    return [(row["status"], row["reason"]) for row in rows_of(register, credentials)]


def test_a_new_resident_gets_one_pass_that_says_what_the_register_says(agency: Agency, register: Register) -> None:
    town.take(register, agency, town.ANNA)
    (issued,) = town.issue(register, agency.settings)
    claims = read_claims(read_sign1(issued.token).payload)
    assert claims == issued.claims
    assert (claims.name, claims.born_on) == ("Иванова Анна Сергеевна", date(1951, 3, 4))
    assert [entitlement.category for entitlement in claims.entitlements] == [2545]
    assert claims.issued_at == town.NOW
    assert claims.expires_at == town.NOW + 365 * DAY
    assert town.issue(register, agency.settings) == []
    assert statuses(register) == [(Status.VALID, None)]


def test_the_same_file_twice_changes_nothing(agency: Agency, register: Register) -> None:
    assert town.take(register, agency, town.ANNA, town.RUSTEM).changed == 4
    town.issue(register, agency.settings)
    before = rows_of(register, events)
    again = town.take(register, agency, town.ANNA, town.RUSTEM)
    assert (again.changed, again.unchanged) == (0, 2)
    assert rows_of(register, events) == before
    assert town.issue(register, agency.settings) == []


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [(DocumentNumbers.LAST_FOUR, "*6789"), (DocumentNumbers.FULL, "0123456789"), (DocumentNumbers.NONE, None)],
)
def test_a_documents_number_is_shown_as_far_as_the_agency_says(
    agency: Agency, register: Register, numbers: DocumentNumbers, shown: str | None
) -> None:
    town.take(register, agency, town.ANNA)
    (issued,) = town.issue(register, replace(agency.settings, document_numbers=numbers))
    document = issued.claims.entitlements[0].document
    assert (document.number if document else None) == shown


def test_a_pass_ends_at_the_midnight_after_its_last_entitlement_in_the_agencys_time_zone(
    agency: Agency, register: Register
) -> None:
    town.take(register, agency, town.RUSTEM)
    (issued,) = town.issue(register, agency.settings)
    assert issued.claims.expires_at == datetime(2027, 1, 1, tzinfo=ZoneInfo("Asia/Yekaterinburg"))


@pytest.mark.parametrize("until", ["9999-12-31", "2030-01-01"])
def test_a_far_last_day_does_not_lengthen_the_pass(agency: Agency, register: Register, until: str) -> None:
    town.take(register, agency, f"1;Ия;;2545;;{until};;;")
    (issued,) = town.issue(register, agency.settings)
    assert issued.claims.expires_at == town.NOW + 365 * DAY


def test_entitlements_that_have_ended_are_left_out_and_without_any_other_no_pass_is_due(
    agency: Agency, register: Register
) -> None:
    town.take(register, agency, "1;Ия;;2545;;2026-05-31;;;", "1;Ия;;2521;;2026-06-01;;;", "2;Би;;2545;;2026-05-31;;;")
    (issued,) = town.issue(register, agency.settings)
    assert [entitlement.category for entitlement in issued.claims.entitlements] == [2521]
    assert town.issue(register, agency.settings, ref="2") == []


@pytest.mark.parametrize("until", ["2026-05-31", "2026-06-01"])
def test_a_pass_whose_last_entitlement_has_ended_is_revoked(agency: Agency, register: Register, until: str) -> None:
    town.take(register, agency, town.ANNA)
    town.issue(register, agency.settings)
    town.take(register, agency, town.ANNA.replace("02-545;;", f"02-545;;{until}"))
    assert town.issue(register, agency.settings, now=town.NOW + DAY) == []
    assert statuses(register) == [(Status.INVALID, "superseded")]
    assert town.issue(register, agency.settings, now=town.NOW + 2 * DAY) == []
    assert rows_of(register, events)[-1]["act"] == "supersede"


def test_a_pass_that_fits_no_code_is_said_and_stops_nobody_else(agency: Agency, register: Register) -> None:
    number = "1234567890" * 4
    many = [f"1;Ия;;{category};;;3;{number};01.01.2000" for category in range(1, 31)]
    town.take(register, agency, *many, town.ANNA)
    full = replace(agency.settings, document_numbers=DocumentNumbers.FULL)
    done = list(issue_due(register, town.order(full)))
    assert [(entry.ref, type(entry)) for entry in done] == [("1", IssuedPass), ("1001", IssuedPass)]
    many = [f"2;{'Ж' * 120};;{category};;;3;{'Ж' * 40};01.01.2000" for category in range(1, 33)]
    town.take(register, agency, *many, "3;Би;;2545;;;;;")
    done = list(issue_due(register, town.order(full)))
    assert [(entry.ref, type(entry)) for entry in done] == [("2", NotIssued), ("3", IssuedPass)]
    assert isinstance(done[0], NotIssued)
    assert done[0].why.reason == "pass_too_large"
    assert int(str(done[0].why.facts["size"])) > 2_000


def test_a_changed_resident_gets_a_new_pass_and_the_old_one_is_revoked(agency: Agency, register: Register) -> None:
    town.take(register, agency, town.ANNA)
    (old,) = town.issue(register, agency.settings)
    town.take(register, agency, town.ANNA.replace("Иванова", "Петрова"))
    (new,) = town.issue(register, agency.settings, now=town.NOW + DAY)
    assert new.claims.name == "Петрова Анна Сергеевна"
    assert new.claims.status != old.claims.status
    assert statuses(register) == [(Status.INVALID, "superseded"), (Status.VALID, None)]
    assert [row["superseded_by"] for row in rows_of(register, credentials)] == [2, None]


def test_who_was_looked_at_is_out_of_the_queue_until_something_ends(agency: Agency, register: Register) -> None:
    town.take(register, agency, town.ANNA, town.RUSTEM)
    ends_before = town.NOW + RENEW_WITHIN
    assert count_due(register, now=town.NOW, ends_before=ends_before) == 2
    town.issue(register, agency.settings)
    assert count_due(register, now=town.NOW, ends_before=ends_before) == 0
    assert count_due(register, now=datetime(2026, 12, 31, 18, 59, 59, tzinfo=UTC), ends_before=town.NOW) == 0
    assert count_due(register, now=datetime(2026, 12, 31, 19, tzinfo=UTC), ends_before=town.NOW) == 1


def test_a_pass_that_is_about_to_end_is_renewed_and_the_old_one_goes_on_counting(agency: Agency, register: Register) -> None:
    town.take(register, agency, town.ANNA)
    town.issue(register, agency.settings)
    assert town.issue(register, agency.settings, now=town.NOW + 334 * DAY) == []
    assert len(town.issue(register, agency.settings, now=town.NOW + 335 * DAY)) == 1
    assert statuses(register) == [(Status.VALID, None), (Status.VALID, None)]


def test_a_pass_that_would_not_last_longer_is_not_renewed(agency: Agency, register: Register) -> None:
    town.take(register, agency, town.RUSTEM)
    town.issue(register, agency.settings)
    assert town.issue(register, agency.settings, now=datetime(2026, 12, 30, tzinfo=UTC)) == []


@pytest.mark.parametrize("act", [StatusAction.REVOKE, StatusAction.SUSPEND])
def test_what_the_agency_took_back_is_not_replaced_by_itself(agency: Agency, register: Register, act: StatusAction) -> None:
    town.take(register, agency, town.ANNA)
    town.issue(register, agency.settings)
    change_status(register, "1001", act, reason="why", now=town.NOW, actor="test")
    town.take(register, agency, town.ANNA.replace("Иванова", "Петрова"))
    assert town.issue(register, agency.settings) == []
    assert len(town.issue(register, agency.settings, ref="1001")) == 1
    assert [status for status, _ in statuses(register)] == [Status.INVALID, Status.VALID]


def test_a_named_resident_gets_a_pass_whether_due_or_not(agency: Agency, register: Register) -> None:
    town.take(register, agency, town.ANNA, town.RUSTEM)
    town.issue(register, agency.settings)
    (again,) = town.issue(register, agency.settings, ref="1002")
    assert again.ref == "1002"


def test_an_unknown_resident_is_an_error(agency: Agency, register: Register) -> None:
    with refused(RegisterError, "register.no_such_resident", ref="nobody"):
        town.issue(register, agency.settings, ref="nobody")
    with refused(RegisterError, "register.no_such_resident", ref="nobody"):
        list(live_passes(register, agency.settings, now=town.NOW, ref="nobody"))


def test_more_entitlements_than_a_pass_holds_are_said_and_stop_nobody_else(agency: Agency, register: Register) -> None:
    many = [f"1;Ия;;{category};;;;;" for category in range(1, 34)]
    town.take(register, agency, *many, "2;Би;;2545;;;;;")
    done = list(issue_due(register, town.order(agency.settings)))
    assert isinstance(done[0], NotIssued)
    assert (done[0].ref, type(done[0].why)) == ("1", ClaimsError)
    assert "33" in str(done[0].why)
    assert [entry.ref for entry in done[1:]] == ["2"]


def test_what_an_older_register_holds_and_nobody_sees_is_named_and_stops_nobody_else(agency: Agency, register: Register) -> None:
    # given names and a number from before they were refused
    town.take(register, agency, "1;Ия;;2545;;;3;778899;", "2;Би;;2545;;;3;778899;", "3;Во;;2545;;;;;")
    with register.transaction() as connection:
        connection.execute(sql.text("UPDATE residents SET name = 'И\u200bя' WHERE ref = '1'"))
        connection.execute(sql.text("UPDATE entitlements SET document_number = '77\u3164' WHERE document_number IS NOT NULL"))

    # when
    one, two, three = issue_due(register, town.order(agency.settings))

    # then
    assert isinstance(one, NotIssued)
    assert isinstance(two, NotIssued)
    assert (one.ref, one.why.reason, one.why.facts) == ("1", "text_character", {"character": "U+200B", "position": 2})
    assert (two.ref, two.why.reason, two.why.facts) == ("2", "text_character", {"character": "U+3164", "position": 3})
    assert three.ref == "3"


def test_indexes_are_never_used_twice_and_a_new_list_opens_when_one_is_full(agency: Agency, register: Register) -> None:
    people = [f"{number};Ия;;2545;;;;;" for number in range(BATCH + 30)]
    town.take(register, agency, *people)
    issued = town.issue(register, replace(agency.settings, list_entries=512))
    places = [(entry.claims.status.list_number, entry.claims.status.index) for entry in issued]
    assert len(set(places)) == len(people)
    assert {number for number, _ in places} == {0, 1, 2, 3}
    indexes = [index for number, index in places if number == 0]
    assert sorted(indexes) == list(range(512))
    assert sum(abs(a - b) == 1 for a, b in pairwise(indexes)) < 20
    assert [row["used"] for row in rows_of(register, status_lists)] == [512, 512, 512, len(people) - 3 * 512]


def test_a_batch_that_is_stopped_halfway_leaves_whole_transactions(agency: Agency, register: Register) -> None:
    town.take(register, agency, *[f"{number};Ия;;2545;;;;;" for number in range(BATCH + 30)])
    half = issue_due(register, town.order(agency.settings))
    next(half)
    del half
    assert len(rows_of(register, credentials)) == BATCH
    assert len(town.issue(register, agency.settings)) == 30


def test_passes_issued_before_can_be_had_again(agency: Agency, register: Register) -> None:
    town.take(register, agency, town.ANNA, town.RUSTEM)
    issued = town.issue(register, agency.settings)
    assert list(live_passes(register, agency.settings, now=town.NOW)) == issued
    assert count_live_passes(register, now=town.NOW) == len(issued)
    assert count_live_passes(register, now=town.NOW, ref="1002") == 1
    assert [entry.ref for entry in live_passes(register, agency.settings, now=town.NOW, ref="1002")] == ["1002"]
    change_status(register, "1001", StatusAction.REVOKE, reason="why", now=town.NOW, actor="test")
    assert [entry.ref for entry in live_passes(register, agency.settings, now=town.NOW)] == ["1002"]
    assert count_live_passes(register, now=town.NOW) == 1
    assert not list(live_passes(register, agency.settings, now=town.NOW + 400 * DAY))
    assert count_live_passes(register, now=town.NOW + 400 * DAY) == 0


def test_every_act_is_in_the_event_log(agency: Agency, register: Register) -> None:
    town.take(register, agency, town.ANNA)
    (old,) = town.issue(register, agency.settings)
    change_status(register, "1001", StatusAction.SUSPEND, reason="checking", note="papers asked for", now=town.NOW, actor="test")
    change_status(register, "1001", StatusAction.REINSTATE, reason="confirmed", now=town.NOW, actor="test")
    town.take(register, agency, town.ANNA.replace("Иванова", "Петрова"))
    (new,) = town.issue(register, agency.settings)
    told = [(row["act"], row["ref"], row["reason"], json.loads(str(row["facts"]))) for row in rows_of(register, events)]
    first, second = ({"list": 0, "index": entry.status.index} for entry in (old, new))
    said = {"expires_at": int((town.NOW + 365 * DAY).timestamp()), "categories": [2545]}
    assert [event for event in told if event[0] not in {"import", "suspend", "reinstate"}] == [
        ("issue", "1001", None, first | said),
        ("issue", "1001", None, second | said),
        ("supersede", "1001", None, first),
    ]
    assert [event[:3] for event in told] == [
        ("import", None, None),
        ("issue", "1001", None),
        ("suspend", "1001", "checking: papers asked for"),
        ("reinstate", "1001", "confirmed"),
        ("import", None, None),
        ("issue", "1001", None),
        ("supersede", "1001", None),
    ]
    with register.transaction() as connection:
        assert audit(connection)[0] == len(told)


@pytest.mark.parametrize(
    ("acts", "refused"),
    [
        ([], StatusAction.REINSTATE),
        ([StatusAction.SUSPEND], StatusAction.SUSPEND),
        ([StatusAction.REVOKE], StatusAction.REVOKE),
        ([StatusAction.REVOKE], StatusAction.REINSTATE),
        ([StatusAction.REVOKE], StatusAction.SUSPEND),
    ],
)
def test_a_status_changes_only_along_its_ways_and_a_revocation_is_final(
    agency: Agency, register: Register, acts: list[StatusAction], refused: StatusAction
) -> None:
    town.take(register, agency, town.ANNA)
    town.issue(register, agency.settings)
    for act in acts:
        change_status(register, "1001", act, reason="why", now=town.NOW, actor="test")
    before = statuses(register)
    with pytest.raises(RegisterError, match="1001"):
        change_status(register, "1001", refused, reason="why", now=town.NOW, actor="test")
    assert statuses(register) == before


def test_a_status_of_nobody_cannot_change(register: Register) -> None:
    with refused(RegisterError, "register.no_such_resident", ref="nobody"):
        change_status(register, "nobody", StatusAction.REVOKE, reason="why", now=town.NOW, actor="test")


def test_an_import_changes_all_or_nothing(agency: Agency, register: Register) -> None:
    with register.transaction() as connection:
        connection.execute(
            sql.text(
                "CREATE TRIGGER t BEFORE INSERT ON entitlements WHEN NEW.category = 2521 BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
        )
    with refused(RegisterError, "register.refused", said="no"):
        town.take(register, agency, town.ANNA, town.RUSTEM)
    assert rows_of(register, entitlements) == []
    assert rows_of(register, residents) == []


TWO = ("1;Ия;;2521;;2026-06-10;;;", "1;Ия;;2545;;;;;")


def test_when_one_of_several_categories_has_ended_the_pass_is_replaced_by_itself(agency: Agency, register: Register) -> None:
    town.take(register, agency, *TWO)
    (old,) = town.issue(register, agency.settings)
    assert town.issue(register, agency.settings, now=town.NOW + 9 * DAY) == []
    (new,) = town.issue(register, agency.settings, now=town.NOW + 10 * DAY)
    assert [[entry.category for entry in issued.claims.entitlements] for issued in (old, new)] == [[2521, 2545], [2545]]
    first, second = rows_of(register, credentials)
    assert (first["status"], first["superseded_by"], second["superseded_by"]) == (Status.INVALID, second["id"], None)


def test_who_is_entitled_again_gets_a_new_pass_by_itself(agency: Agency, register: Register) -> None:
    town.take(register, agency, town.RUSTEM)
    town.issue(register, agency.settings)
    town.take(register, agency, town.RUSTEM.replace("31.12.2026", "31.05.2026"))
    assert town.issue(register, agency.settings) == []
    town.take(register, agency, town.RUSTEM.replace("31.12.2026", "31.12.2027"))
    assert len(town.issue(register, agency.settings)) == 1
    assert statuses(register) == [(Status.INVALID, "superseded"), (Status.VALID, None)]


def test_a_pass_that_ends_and_cannot_be_renewed_is_told_once(agency: Agency, register: Register) -> None:
    town.take(register, agency, town.RUSTEM)
    (issued,) = town.issue(register, agency.settings)
    for day in (1, 10, 20, 29):
        assert town.issue(register, agency.settings, now=datetime(2026, 12, day, 12, tzinfo=UTC)) == []
    town.take(register, agency, town.RUSTEM, "1002;Габдуллин Рустем;1949;2545;;2026-05-01;;;")  # which has ended long ago
    assert town.issue(register, agency.settings, now=datetime(2026, 12, 30, 12, tzinfo=UTC)) == []
    told = [row["facts"] for row in rows_of(register, events) if row["act"] == "expiring"]
    ends = int(datetime(2027, 1, 1, tzinfo=ZoneInfo("Asia/Yekaterinburg")).timestamp())
    assert told == [f'{{"list":0,"index":{issued.status.index},"expires_at":{ends}}}']


def test_a_pass_shorter_than_the_time_of_renewal_is_not_said_to_end(agency: Agency, register: Register) -> None:
    town.take(register, agency, town.ANNA)
    short = replace(agency.settings, pass_validity=10 * DAY)
    assert len(town.issue(register, short)) == 1
    assert town.issue(register, short) == []
    assert [row["act"] for row in rows_of(register, events)] == ["import", "issue"]


def test_a_limit_ends_the_run_and_the_next_goes_on(agency: Agency, register: Register) -> None:
    town.crowd(register, 30)
    settings, key = agency.settings, town.pass_key()
    first = list(issue_due(register, town.order(settings, signer=key, limit=12)))
    assert [entry.ref for entry in first] == [f"R{number:07}" for number in range(1, 13)]
    assert len(town.issue(register, settings)) == 18


def test_who_cannot_be_given_a_pass_is_named_in_each_run_until_it_is_mended(agency: Agency, register: Register) -> None:
    many = [f"1;Ия;;{category};;;;;" for category in range(1, 34)]
    town.take(register, agency, *many, "2;Би;;2545;;;;;")
    for expected in (["1", "2"], ["1"]):
        done = list(issue_due(register, town.order(agency.settings)))
        assert [entry.ref for entry in done] == expected
    town.take(register, agency, *(line.replace(";;;;;", ";;2026-01-01;;;") for line in many[:5]))
    assert [entry.ref for entry in town.issue(register, agency.settings)] == ["1"]


def test_the_digest_of_a_content_is_that_of_its_claims_without_times_and_place(agency: Agency, register: Register) -> None:
    town.take(register, agency, town.ANNA)
    (issued,) = town.issue(register, agency.settings)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    nowhere = StatusReference(list_number=0, index=0)
    bare = replace(issued.claims, issued_at=epoch, expires_at=epoch + DAY, status=nowhere)
    assert rows_of(register, credentials)[0]["content"] == sha256(bare.encode()).digest()


def test_a_latin_name_goes_into_the_pass(agency: Agency, register: Register) -> None:
    town.take(register, agency, town.ANNA)
    with register.transaction() as connection:
        connection.execute(residents.update().values(name_latin="Anna Ivanova"))
    (issued,) = town.issue(register, agency.settings)
    assert issued.claims.latin_name == "Anna Ivanova"
