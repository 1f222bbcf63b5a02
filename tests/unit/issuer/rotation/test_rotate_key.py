"""Keys that come and go: windows, what agency.toml looks like afterwards, and what tills make of it all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sql

import town
from said import refused
from socpass_vc.authority.local_root import make_root, sign_bundle
from socpass_vc.errors import AgencyError, ClaimsError, KeyCompromised, RegisterError, WrongPassphrase
from socpass_vc.format.credential.token import sign_pass, write_pass
from socpass_vc.format.keyfile import SealingCost
from socpass_vc.format.status.status_list import Status
from socpass_vc.format.trust.bundle import Trust, read_bundle, read_root_token
from socpass_vc.format.trust.issuers import KeyState, Use
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.issuance.batch_issue import issue_due
from socpass_vc.issuer.publication.publish import publish
from socpass_vc.issuer.register.database import Location, Register
from socpass_vc.issuer.register.migrate import create_register
from socpass_vc.issuer.register.schema import credentials, events
from socpass_vc.issuer.rotation.rotate_key import AgencyKey, Rotation, all_uses, make_file_key, mark_compromised, retire, rotate
from socpass_vc.verifier.admit import admit
from socpass_vc.verifier.decide import verify

DAY = timedelta(days=1)
BEGINS = town.NOW + 30 * DAY
END_OF_FIRST = town.FOUNDED + 1096 * DAY


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    return town.agency(tmp_path)


@pytest.fixture
def register(agency: Agency) -> Iterator[Register]:
    with agency.register() as opened:
        yield opened


def turn(
    agency: Agency, register: Register, *uses: Use, begins: datetime = BEGINS, now: datetime = town.NOW, overlap: int = 10
) -> Rotation:
    new, sealed = make_file_key(
        agency, uses, town.PASSPHRASE, sign_from=begins, sign_until=begins + 365 * DAY, cost=SealingCost.INTERACTIVE
    )
    return rotate(agency, register, new, sealed=sealed, now=now, actor="test", overlap=overlap * DAY)


def test_the_new_key_signs_from_its_day_on_and_the_old_one_until_the_overlap_ends(agency: Agency, register: Register) -> None:
    # when
    done = turn(agency, register, Use.PASS)

    # then
    after = Agency.open(agency.folder)
    assert after.signer(Use.PASS, town.PASSPHRASE, now=BEGINS - DAY).public_key == town.pass_key().public_key
    assert after.signer(Use.PASS, town.PASSPHRASE, now=BEGINS).public_key == done.new.public_key
    assert (done.new.settings.file, done.gap_from, done.retired) == ("keys/pass-2.json", None, ())
    assert [key.settings.sign_until for key in done.old] == [BEGINS + 10 * DAY]
    assert after.key_for(Use.STATUS, now=BEGINS).file == "keys/status.json"
    old = after.key_with(town.pass_key().public_key, Use.PASS, now=BEGINS + 9 * DAY)
    assert old.sign_until == BEGINS + 10 * DAY
    with refused(AgencyError, "key_not_for_use", use="pass", today=(BEGINS + 10 * DAY).date()):
        after.key_with(town.pass_key().public_key, Use.PASS, now=BEGINS + 10 * DAY)
    with register.transaction() as connection:
        assert connection.scalar(sql.select(events.c.act)) == "rotate-key"


def test_a_till_that_synced_in_time_accepts_passes_of_both_keys(agency: Agency, register: Register, tmp_path: Path) -> None:
    # given
    done = turn(agency, register, Use.PASS)
    after = Agency.open(agency.folder)
    town.take(register, after, town.ANNA)
    first = town.issue(register, after.settings)[0]
    trust = till(after, register, tmp_path, now=town.NOW)
    till(after, register, tmp_path, now=BEGINS)
    status = admit((tmp_path / "site" / "status" / "0.cwt").read_bytes(), trust=trust)

    # when
    signer = after.signer(Use.PASS, town.PASSPHRASE, now=BEGINS)
    second = sign_pass(replace(first.claims, issued_at=BEGINS), signer)

    # then
    for text in (first.text, write_pass(second)):
        verify(text, trust=trust, status={status.content.uri: status}, now=BEGINS)
    assert done.new.public_key == signer.public_key


def till(agency: Agency, register: Register, folder: Path, *, now: datetime) -> Trust:
    done = publish(agency, register, folder / "site", town.PASSPHRASE, now=now, actor="test")
    root = read_root_token((agency.folder / "roots" / "1.root").read_bytes())
    return read_bundle(done.bundle.read_bytes()).check(root.signed.payload)


def test_the_users_own_comments_and_order_are_kept(agency: Agency, register: Register) -> None:
    # given
    path = agency.folder / "agency.toml"
    written = path.read_text(encoding="utf-8").replace(
        "sign_until = 2029-01-01T00:00:00Z", "sign_until=2029-01-01T00:00:00Z # ours"
    )
    written = "# my agency\r\n" + written.replace('state = "active"\n', "", 1).rstrip() + " # the end"
    path.write_bytes(written.replace("\r\n", "\n").replace("\n", "\r\n").encode())
    path.chmod(0o600)

    # when
    turn(Agency.open(agency.folder), register, Use.PASS)
    late = END_OF_FIRST + DAY
    retire(Agency.open(agency.folder), register, now=late, actor="test")

    # then
    amended = path.read_bytes().decode()
    assert amended.replace("\r\n", "").count("\n") == 0
    kept = written.replace("\r\n", "\n").replace(
        "sign_until=2029-01-01T00:00:00Z # ours", "sign_until=2026-07-11T12:00:00Z # ours", 1
    )
    kept = kept.replace("[[keys]]\n", '[[keys]]\nstate = "retired"\n', 1).replace('state = "active"', 'state = "retired"')
    assert amended.replace("\r\n", "\n").startswith(kept + '\n\n[[keys]]\nfile = "keys/pass-2.json"')
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_agency_toml_in_another_manner_is_left_alone_and_the_changes_are_said(agency: Agency, register: Register) -> None:
    # given
    path = agency.folder / "agency.toml"
    head, _, entries = path.read_text(encoding="utf-8").partition("[[keys]]")
    inline = [
        "{" + ", ".join(line for line in entry.strip().splitlines() if "=" in line) + "}" for entry in entries.split("[[keys]]")
    ]
    before = f"keys = [{', '.join(inline)}]\n{head}"
    path.write_text(before, encoding="utf-8")

    # when
    with refused(AgencyError, "toml.not_changed_automatically") as caught:
        turn(Agency.open(agency.folder), register, Use.PASS)

    # then
    assert "keys[0]: sign_until = 2026-07-11T12:00:00Z" in str(caught.value)
    assert 'file = "keys/pass-2.json"' in str(caught.value)
    assert path.read_text(encoding="utf-8") == before
    assert not (agency.folder / "keys" / "pass-2.json").exists()


def test_a_rotation_is_not_planned_twice(agency: Agency, register: Register) -> None:
    turn(agency, register, Use.PASS)
    with refused(AgencyError, "key_planned_already", begins_at=BEGINS):
        turn(Agency.open(agency.folder), register, Use.PASS)
    assert not (agency.folder / "keys" / "pass-3.json").exists()


def test_what_would_leave_a_use_without_a_key_is_refused(agency: Agency, register: Register) -> None:
    # given
    path = agency.folder / "agency.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('uses = ["pass"]', 'uses = ["pass", "voucher"]'), encoding="utf-8")
    both = Agency.open(agency.folder)

    # then
    assert all_uses(both, [Use.PASS], now=town.NOW) == [Use.PASS, Use.VOUCHER]
    with refused(AgencyError, "old_key_has_further_uses", uses=("voucher",)):
        turn(both, register, Use.PASS)
    assert turn(both, register, Use.PASS, Use.VOUCHER).new.settings.file == "keys/pass-2.json"


def test_a_key_comes_neither_twice_nor_in_the_past_nor_under_another_passphrase(agency: Agency, register: Register) -> None:
    same = AgencyKey(settings=agency.settings.keys[0], public_key=town.pass_key().public_key)
    with refused(AgencyError, "key_of_agency_already", key_id=same.public_key.key_id.hex()):
        rotate(agency, register, same, sealed=None, now=town.NOW, actor="test")
    with refused(AgencyError, "new_key_begins_in_past", begins_at=town.NOW - DAY):
        turn(agency, register, Use.PASS, begins=town.NOW - DAY)
    with pytest.raises(WrongPassphrase):
        make_file_key(agency, [Use.PASS], "another", sign_from=BEGINS, sign_until=BEGINS + DAY)
    window = {"sign_from": BEGINS, "sign_until": BEGINS}
    new, sealed = make_file_key(agency, [Use.PASS], town.PASSPHRASE, **window, cost=SealingCost.INTERACTIVE)
    with refused(AgencyError, "keys_not_for_a_trust_list") as caught:
        rotate(agency, register, new, sealed=sealed, now=town.NOW, actor="test")
    assert isinstance(caught.value.facts["why"], ClaimsError)


def test_a_key_that_ended_is_marked_as_retired_and_a_gap_is_told(agency: Agency, register: Register) -> None:
    late = END_OF_FIRST + DAY
    done = turn(agency, register, Use.PASS, begins=late + DAY, now=late)
    assert [key.settings.state for key in done.retired] == [KeyState.RETIRED] * 3
    assert (done.old, done.gap_from) == ((), late)
    assert retire(Agency.open(agency.folder), register, now=late, actor="test") == ()
    soon = END_OF_FIRST - DAY
    again = turn(town.agency(agency.folder / "second"), register, Use.PASS, begins=soon + 10 * DAY, now=soon)
    assert again.gap_from == END_OF_FIRST
    assert turn(town.agency(agency.folder / "third"), register, Use.VOUCHER).gap_from is None


def test_what_a_compromised_key_signed_is_refused_once_tills_know(agency: Agency, register: Register, tmp_path: Path) -> None:
    # given
    town.take(register, agency, town.ANNA)
    issued = town.issue(register, agency.settings)[0]
    stolen = town.pass_key().public_key

    # when
    marked = mark_compromised(agency, register, stolen.key_id, now=town.NOW, actor="test")

    # then
    after = Agency.open(agency.folder)
    assert marked.public_key == stolen
    with refused(AgencyError, "no_key_for_use", use="pass"):
        after.key_for(Use.PASS, now=town.NOW)
    with pytest.raises(KeyCompromised):
        verify(issued.text, trust=till(after, register, tmp_path, now=town.NOW), status={}, now=town.NOW)
    with refused(AgencyError, "key_compromised_already", key_id=stolen.key_id.hex()):
        mark_compromised(after, register, stolen.key_id, now=town.NOW, actor="test")
    with refused(AgencyError, "no_such_agency_key", key_id="00" * 8):
        mark_compromised(after, register, bytes(8), now=town.NOW, actor="test")


def test_passes_of_a_compromised_key_are_issued_anew_by_themselves_and_the_old_ones_revoked(
    agency: Agency, location: Location
) -> None:
    # given
    create_register(location)
    with Register.open(location) as register:
        town.take(register, agency, town.ANNA, town.RUSTEM)
        old = town.issue(register, agency.settings)
        turn(agency, register, Use.PASS, begins=town.NOW)
        mark_compromised(Agency.open(agency.folder), register, town.pass_key().public_key.key_id, now=town.NOW, actor="test")
        after = Agency.open(agency.folder)
        signer = after.signer(Use.PASS, town.PASSPHRASE, now=town.NOW)

        # when
        done = list(issue_due(register, town.order(after.settings, signer=signer)))

        # then
        assert sorted(issued.ref for issued in done) == ["1001", "1002"]
        with register.transaction() as connection:
            statuses = dict(connection.execute(sql.select(credentials.c.list_index, credentials.c.status)).all())
        assert {statuses[issued.status.index] for issued in old} == {Status.INVALID}
        assert not list(issue_due(register, town.order(after.settings, signer=signer)))


def test_what_was_cut_off_after_agency_toml_was_written_is_finished_by_marking_the_key_again(
    agency: Agency, location: Location
) -> None:
    # given agency.toml says it, and the register, whose transaction ends after that, does not
    create_register(location)
    stolen = town.pass_key().public_key.key_id
    with Register.open(location) as register:
        town.take(register, agency, town.ANNA)
        town.issue(register, agency.settings)
        turn(agency, register, Use.PASS, begins=town.NOW)
        with agency.register() as another:
            mark_compromised(Agency.open(agency.folder), another, stolen, now=town.NOW, actor="test")
        before = (agency.folder / "agency.toml").read_bytes()
        after = Agency.open(agency.folder)
        signer = after.signer(Use.PASS, town.PASSPHRASE, now=town.NOW)
        assert not list(issue_due(register, town.order(after.settings, signer=signer)))

        # when
        mark_compromised(after, register, stolen, now=town.NOW, actor="test")

        # then
        assert [each.ref for each in issue_due(register, town.order(after.settings, signer=signer))] == ["1001"]
        assert (agency.folder / "agency.toml").read_bytes() == before
        with register.transaction() as connection:
            acts = connection.scalars(sql.select(events.c.act).order_by(events.c.id)).all()
        assert acts.count("compromise-key") == 1
        with refused(AgencyError, "key_compromised_already", key_id=stolen.hex()):
            mark_compromised(after, register, stolen, now=town.NOW, actor="test")


def test_of_two_rotations_at_once_the_second_is_refused(agency: Agency, register: Register) -> None:
    # given
    same = Agency.open(agency.folder)
    turn(agency, register, Use.PASS)
    before = (agency.folder / "agency.toml").read_bytes()

    # then
    with refused(AgencyError, "agency_toml_changed_meanwhile"):
        turn(same, register, Use.STATUS, Use.CATALOGUE)
    assert (agency.folder / "agency.toml").read_bytes() == before


def test_neither_file_is_left_changed_where_the_register_refuses(agency: Agency, register: Register) -> None:
    # given
    before = (agency.folder / "agency.toml").read_bytes()
    with register.transaction() as connection:
        connection.execute(sql.text("DROP TABLE events"))

    # then
    with pytest.raises(RegisterError):
        turn(agency, register, Use.PASS)
    assert (agency.folder / "agency.toml").read_bytes() == before
    assert not (agency.folder / "keys" / "pass-2.json").exists()


def test_status_lists_are_published_while_a_federations_root_is_awaited(
    agency: Agency, register: Register, tmp_path: Path
) -> None:
    # given
    roots = agency.root_signers(town.PASSPHRASE)
    root = make_root(roots, threshold=1, now=town.FOUNDED)

    def listed(under: Agency) -> None:
        terms = {"version": 1, "now": town.NOW, "next_update": 30 * DAY, "valid": 300 * DAY}
        (agency.folder / "federation.spt").write_bytes(sign_bundle([under.issuer], [root], roots, **terms))  # type: ignore[arg-type]  # each is of its type

    path = agency.folder / "agency.toml"
    own = 'root_keys = ["keys/root.json"]\nroots = ["roots/1.root"]'
    path.write_text(path.read_text(encoding="utf-8").replace(own, 'bundle = "federation.spt"'), encoding="utf-8")
    federated = Agency.open(agency.folder)
    listed(federated)

    def published(now: datetime) -> bool:
        opened = Agency.open(agency.folder)
        return publish(opened, register, tmp_path / "site", town.PASSPHRASE, now=now, actor="test").awaits_root

    # when
    turn(federated, register, Use.PASS)
    turn(Agency.open(agency.folder), register, Use.STATUS, Use.CATALOGUE)

    # then
    assert published(town.NOW)
    with refused(AgencyError, "agency_not_listed"):  # its turn has come, and no till knows it
        published(BEGINS)
    listed(Agency.open(agency.folder))
    assert not published(BEGINS)
