"""The published site, seen with a till's eyes; and an agency's folder when something is missing or wrong."""

from __future__ import annotations

import json
import random
import re
import resource
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import town
from said import refused, text
from small_disk import small_disk
from socpass_vc.authority.local_root import make_root, sign_bundle
from socpass_vc.errors import AgencyError, ClaimsError, Forged, KeyFileError, RegisterError, Revoked, WrongPassphrase
from socpass_vc.format.keyfile import SealingCost
from socpass_vc.format.keys import generate
from socpass_vc.format.status.status_list import Status, read_status_list
from socpass_vc.format.trust.bundle import read_bundle, read_root_token
from socpass_vc.format.trust.issuers import Use
from socpass_vc.issuer.agency import Agency, set_up
from socpass_vc.issuer.publication.publish import Published, publish
from socpass_vc.issuer.register import database as registers
from socpass_vc.issuer.register.database import Location, Register
from socpass_vc.issuer.register.event_log import read_events
from socpass_vc.issuer.register.migrate import create_register
from socpass_vc.issuer.revocation.revoke import StatusAction, change_status
from socpass_vc.messages import Message
from socpass_vc.verifier.decide import verify
from socpass_vc.verifier.store.till_store import Store

DAY = timedelta(days=1)


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    return town.agency(tmp_path)


@pytest.fixture
def register(location: Location) -> Iterator[Register]:
    create_register(location)
    with Register.open(location) as opened:
        yield opened


def publish_at(agency: Agency, register: Register, days: float = 0) -> Published:
    return publish(agency, register, agency.folder / "site", town.PASSPHRASE, now=town.NOW + days * DAY, actor="test")


def publish_in_town(agency: Agency, days: float = 0) -> Published:
    with agency.register() as register:
        return publish_at(agency, register, days)


def store_of(agency: Agency, folder: Path) -> Store:
    anchor = read_root_token((agency.folder / "roots" / "1.root").read_bytes()).signed.payload
    store = Store.create(folder, anchor)
    sync(store, agency)
    return store


def sync(store: Store, agency: Agency) -> None:
    site = agency.folder / "site"
    store.offer((site / "trust.spt").read_bytes())
    for path in (site / "status").glob("*.*"):
        store.offer(path.read_bytes())


def test_a_till_accepts_what_was_issued_and_refuses_it_once_it_is_revoked_and_published(
    agency: Agency, register: Register, tmp_path: Path
) -> None:
    town.take(register, agency, town.ANNA)
    (issued,) = town.issue(register, agency.settings)
    publish_at(agency, register)
    store = store_of(agency, tmp_path / "till")
    now = town.NOW + timedelta(hours=1)
    assert verify(issued.text, trust=store.trust, status=store, now=now).claims == issued.claims
    change_status(register, "1001", StatusAction.REVOKE, reason="why", now=now, actor="test")
    done = publish_at(agency, register, 1 / 24)
    assert done.not_valid == 1
    sync(store, agency)
    with pytest.raises(Revoked):
        verify(issued.text, trust=store.trust, status=store, now=now)


def test_the_time_of_a_list_rises_even_if_the_clock_does_not(agency: Agency, register: Register, tmp_path: Path) -> None:
    town.take(register, agency, town.ANNA)
    town.issue(register, agency.settings)
    publish_at(agency, register)
    store = store_of(agency, tmp_path / "till")
    uri = agency.issuer.status_uri(0)
    first = store.get(uri)
    change_status(register, "1001", StatusAction.REVOKE, reason="why", now=town.NOW, actor="test")
    publish_at(agency, register, -0.002)
    sync(store, agency)
    second = store.get(uri)
    assert first is not None
    assert second is not None
    assert second.content.issued_at == first.content.issued_at + timedelta(seconds=1)


def test_a_list_takes_two_bits_an_entry_while_somebody_is_suspended_and_one_otherwise(
    agency: Agency, register: Register, tmp_path: Path
) -> None:
    town.take(register, agency, town.ANNA)
    issued = town.issue(register, agency.settings)[0].claims.status
    publish_at(agency, register)
    store = store_of(agency, tmp_path / "till")
    seen = []
    for days, act in enumerate((StatusAction.SUSPEND, StatusAction.REINSTATE, StatusAction.REVOKE), start=1):
        change_status(register, "1001", act, reason="why", now=town.NOW, actor="test")
        publish_at(agency, register, days)
        sync(store, agency)
        found = store.get(agency.issuer.status_uri(0))
        assert found is not None
        seen.append((found.content.bits, len(found.content), found.content[issued.index]))
    assert seen == [(2, 1024, 2), (1, 1024, 0), (1, 1024, 1)]


def test_the_trust_list_is_signed_anew_only_when_half_its_time_has_gone_or_the_agency_has_changed(
    agency: Agency, register: Register
) -> None:
    assert (publish_at(agency, register).version, publish_at(agency, register, 14).list_signed) == (1, False)
    later = publish_at(agency, register, 15)
    assert (later.version, later.list_signed) == (2, True)
    path = agency.folder / "agency.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('en = "Town"', 'en = "City"'), encoding="utf-8")
    changed = publish_at(Agency.open(agency.folder), register, 15)
    assert (changed.version, changed.list_signed) == (3, True)


def test_without_a_pass_there_is_a_trust_list_and_no_status_list(agency: Agency, register: Register) -> None:
    done = publish_at(agency, register)
    assert done.status_lists == ()
    assert done.bundle.is_file()


def test_a_damaged_bundle_is_named_and_not_made_anew(agency: Agency, register: Register) -> None:
    publish_at(agency, register)
    path = agency.folder / "trust.spt"
    path.write_bytes(b"rubbish")
    with refused(AgencyError, "bundle_damaged") as caught:
        publish_at(agency, register, 1)
    assert caught.value.where == (str(path),)
    assert path.read_bytes() == b"rubbish"


def test_under_a_federation_its_bundle_is_published_if_it_says_what_agency_toml_says(agency: Agency, register: Register) -> None:
    root = generate()
    token = make_root([root], threshold=1, now=town.FOUNDED)
    content = sign_bundle([agency.issuer], [token], [root], version=7, now=town.NOW, next_update=DAY, valid=9 * DAY)
    (agency.folder / "federation.spt").write_bytes(content)
    path = agency.folder / "agency.toml"
    own = 'root_keys = ["keys/root.json"]\nroots = ["roots/1.root"]'
    settings = path.read_text(encoding="utf-8")
    assert own in settings
    path.write_text(settings.replace(own, 'bundle = "federation.spt"'), encoding="utf-8")
    done = publish_at(Agency.open(agency.folder), register)
    assert (done.version, done.list_signed, done.bundle.read_bytes()) == (7, False, content)
    (agency.folder / "federation.spt").write_bytes(content[:-1] + bytes([content[-1] ^ 1]))  # all tills would refuse it
    with refused(AgencyError, "bundle_damaged") as caught:
        publish_at(Agency.open(agency.folder), register)
    assert caught.value.where == (str(agency.folder / "federation.spt"),)
    assert isinstance(caught.value.facts["why"], Forged)
    (agency.folder / "federation.spt").write_bytes(content)
    path.write_text(path.read_text(encoding="utf-8").replace('"Town"', '"City"'), encoding="utf-8")
    with refused(AgencyError, "agency_not_listed", issuer="RU-BA"):
        publish_at(Agency.open(agency.folder), register)


def test_a_site_does_not_go_back_to_an_older_list_of_the_federation_and_changes_federations_freely(agency: Agency) -> None:
    # given a site that shows the seventh list, and then the folder of the federation as it was before, from a copy
    root, other = generate(), generate()
    roots = {key: make_root([key], threshold=1, now=town.FOUNDED) for key in (root, other)}
    newer, older, elsewhere = (
        sign_bundle([agency.issuer], [roots[key]], [key], version=version, now=town.NOW, next_update=DAY, valid=9 * DAY)
        for key, version in ((root, 7), (root, 6), (other, 1))
    )
    path = agency.folder / "agency.toml"
    own = 'root_keys = ["keys/root.json"]\nroots = ["roots/1.root"]'
    path.write_text(path.read_text(encoding="utf-8").replace(own, 'bundle = "federation.spt"'), encoding="utf-8")
    federated = Agency.open(agency.folder)
    (agency.folder / "federation.spt").write_bytes(newer)
    shown = publish_in_town(federated).bundle
    (agency.folder / "federation.spt").write_bytes(older)

    # then
    facts = {"version": 6, "root": 1, "published_version": 7, "published_root": 1}
    with refused(AgencyError, "trust_list_older_than_published", **facts):
        publish_in_town(federated, 1)
    assert shown.read_bytes() == newer

    # when the agency joins another federation, whose lists begin anew
    (agency.folder / "federation.spt").write_bytes(elsewhere)
    publish_in_town(federated, 1)

    # then
    assert shown.read_bytes() == elsewhere

    # when what the site shows cannot be read
    shown.write_bytes(b"rubbish")
    publish_in_town(federated, 2)

    # then
    assert shown.read_bytes() == elsewhere


def test_a_bundle_ends_with_its_root(agency: Agency) -> None:
    root = generate()
    token = make_root([root], threshold=1, now=town.FOUNDED, lifetime=5 * DAY)
    content = sign_bundle([agency.issuer], [token], [root], version=1, now=town.FOUNDED, next_update=30 * DAY, valid=365 * DAY)
    found = read_bundle(content).list
    assert found.next_update_at == found.expires_at == town.FOUNDED + 5 * DAY


def test_a_clock_that_runs_behind_the_last_list_stops_the_publication_and_says_why(agency: Agency, register: Register) -> None:
    town.take(register, agency, town.ANNA)
    town.issue(register, agency.settings)
    publish_at(agency, register, 30)
    with refused(AgencyError, "status_list_signed_later", now=town.NOW):
        publish_at(agency, register)


def test_a_lost_bundle_is_followed_by_a_higher_version(agency: Agency, register: Register) -> None:
    publish_at(agency, register)
    (agency.folder / "trust.spt").unlink()
    assert publish_at(agency, register, 1).version == 2


def test_a_second_publication_waits_until_the_first_is_written(
    agency: Agency, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registers, "BUSY_SECONDS", 1)
    with register.alone(), Register.open(register.location) as second:
        with refused(RegisterError, "register.publication_under_way"):
            publish_at(agency, second)
        assert not list((agency.folder / "site").rglob("*.spt"))
    assert publish_at(agency, register).version == 1


def test_a_list_is_signed_anew_when_it_changed_or_half_its_time_has_gone_and_left_alone_otherwise(
    agency: Agency, register: Register
) -> None:
    town.take(register, agency, town.ANNA)
    town.issue(register, agency.settings)
    path = agency.folder / "site" / "status" / "0.cwt"
    hour = 1 / 24
    assert publish_at(agency, register).status_lists == (path,)
    first = path.read_bytes()
    again = publish_at(agency, register, 11 * hour)
    assert (again.status_lists, again.unchanged, path.read_bytes()) == ((), 1, first)
    assert publish_at(agency, register, 12 * hour).status_lists == (path,)
    change_status(register, "1001", StatusAction.REVOKE, reason="why", now=town.NOW, actor="test")
    assert publish_at(agency, register, 13 * hour).status_lists == (path,)
    assert publish_at(agency, register, 14 * hour).status_lists == ()
    path.write_bytes(first)
    assert publish_at(agency, register, 15 * hour).status_lists == (path,), "an older list lay there"
    path.write_bytes(b"rubbish")
    assert publish_at(agency, register, 16 * hour).status_lists == (path,)
    path.unlink()
    assert publish_at(agency, register, 17 * hour).status_lists == (path,)
    with register.transaction() as connection:
        published = [event for event in read_events(connection) if event.act == "publish"]
        assert len(published) == 6
        assert published[2].facts == '{"trust_list":1,"lists":[0],"not_valid":1}'


def test_a_full_disk_leaves_the_site_as_it_was_and_the_next_publication_goes_on(
    agency: Agency, register: Register, tmp_path: Path
) -> None:
    town.take(register, agency, town.ANNA)
    town.issue(register, agency.settings)

    def publish_to(site: Path, days: float) -> Published:
        return publish(agency, register, site, town.PASSPHRASE, now=town.NOW + days * DAY, actor="test")

    site = tmp_path / "small" / "site"
    with small_disk(tmp_path / "small", 64) as disk:
        publish_to(site, 0)
        before = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}
        filler = disk / "filler"
        filler.write_bytes(bytes(40 * 1024))
        with refused(AgencyError, "cannot_be_written") as refusal:
            _publish_until_full(publish_to, site, disk)
        assert str(refusal.value.where[0]).startswith(str(site / ".publishing"))
        assert refusal.value.facts["why"] in (Message("system.disk_full"), Message("system.file_too_large"))
        assert {path: path.read_bytes() for path in site.rglob("*") if path.is_file()} == before
        for path in disk.glob("filler*"):
            path.unlink()
        assert publish_to(site, 2).status_lists
        assert not (site / ".publishing").exists()


def _publish_until_full(publish_to: Callable[[Path, float], Published], site: Path, disk: Path) -> None:
    """Leave no page of the disk free, then publish."""
    resource_limited = not disk.is_mount()
    number = 0
    while not resource_limited:
        try:
            (disk / f"filler{number}").write_bytes(bytes(4096))
        except OSError:
            break
        number += 1
    if resource_limited:
        resource.setrlimit(resource.RLIMIT_FSIZE, (64, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    publish_to(site, 1)


def test_what_was_confirmed_as_revoked_is_in_every_list_published_after_it(agency: Agency, register: Register) -> None:
    refs = [str(number) for number in range(40)]
    town.take(register, agency, *(f"{ref};Иванова Анна;1951;02-545;;;;;" for ref in refs))
    places = {entry.ref: entry.claims.status.index for entry in town.issue(register, agency.settings)}
    confirmed: list[str] = []

    def revoke_all() -> None:
        with Register.open(register.location) as own:
            for ref in refs:
                change_status(own, ref, StatusAction.REVOKE, reason="why", now=town.NOW, actor="test")
                confirmed.append(ref)

    revoker = threading.Thread(target=revoke_all)
    revoker.start()
    hours = 0
    while revoker.is_alive() or hours < 2:
        before = list(confirmed)
        hours += 1
        publish_at(agency, register, hours / 24)
        content = read_status_list((agency.folder / "site" / "status" / "0.cwt").read_bytes()).content
        assert {content[places[ref]] for ref in before} <= {Status.INVALID}
    revoker.join()
    assert len(confirmed) == len(refs)


def test_a_reader_finds_whole_files_that_belong_together_at_any_moment(
    agency: Agency, register: Register, tmp_path: Path
) -> None:
    town.take(register, agency, town.ANNA)
    town.issue(register, agency.settings)
    publish_at(agency, register)
    stop = threading.Event()
    seen: list[bytes] = []

    def read() -> None:
        store = store_of(agency, tmp_path / "till")
        while not stop.is_set():
            sync(store, agency)
            seen.append((agency.folder / "site" / "status" / "0.cwt").read_bytes())

    with ThreadPoolExecutor() as pool:
        reader = pool.submit(read)
        for number in range(1, 25):
            act = StatusAction.SUSPEND if number % 2 else StatusAction.REINSTATE
            change_status(register, "1001", act, reason="why", now=town.NOW, actor="test")
            publish_at(agency, register, number)
        stop.set()
        reader.result()
    assert len(set(seen)) > 1


def test_a_publication_that_is_killed_leaves_a_whole_site_and_the_next_one_works(agency: Agency, tmp_path: Path) -> None:
    with agency.register() as register:
        town.take(register, agency, town.ANNA, now=datetime.now(UTC))
        town.issue(register, agency.settings, now=datetime.now(UTC))
    secret = tmp_path / "pw"
    secret.write_text(town.PASSPHRASE, encoding="utf-8")
    command = [sys.executable, "-m", "socpass_cli", "issuer", "publish", "--agency", str(agency.folder)]
    command += ["--passphrase-file", str(secret)]
    assert subprocess.run(command, check=False).returncode == 0
    chance = random.Random(5)  # noqa: S311 -- moments, no secrets
    for number in range(12):
        act = StatusAction.REINSTATE if number % 2 else StatusAction.SUSPEND
        with agency.register() as register:
            change_status(register, "1001", act, reason="why", now=datetime.now(UTC), actor="test")
        publication = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.2, 1.2))
        publication.kill()
        publication.wait()
        site = agency.folder / "site"
        read_bundle((site / "trust.spt").read_bytes())
        read_status_list((site / "status" / "0.cwt").read_bytes())
    assert subprocess.run(command, check=False).returncode == 0
    assert sorted(path.name for path in site.iterdir()) == ["status", "trust.spt"]


@pytest.mark.parametrize("change", [{"time_zone": "Europe/Moskow"}, {"prefix": "socpass:"}, {"names": {}}])
def test_settings_that_could_not_be_read_back_are_refused_before_anything_is_written(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    with pytest.raises((AgencyError, ClaimsError)):
        set_up(tmp_path / "new", town.settings(**change), "x", now=town.NOW, cost=SealingCost.INTERACTIVE)
    assert not (tmp_path / "new").exists()


def test_the_agencys_folder_is_closed_to_others(tmp_path: Path) -> None:
    made = set_up(tmp_path / "what?x", town.settings(), "x", now=town.FOUNDED, cost=SealingCost.INTERACTIVE)
    assert stat.S_IMODE(made.folder.stat().st_mode) == 0o700
    assert (made.folder / "register.sqlite").is_file()
    made.register().close()


def test_a_site_that_cannot_be_written_is_named(agency: Agency, register: Register) -> None:
    (agency.folder / "site").write_bytes(b"a file where a folder should be")
    with pytest.raises(AgencyError, match="site"):
        publish_at(agency, register)


def test_a_wrong_passphrase_names_the_key_file(agency: Agency, register: Register) -> None:
    with pytest.raises(WrongPassphrase, match=r"status\.json"):
        publish(agency, register, agency.folder / "site", "wrong", now=town.NOW, actor="test")


def test_no_key_signs_outside_its_window(agency: Agency) -> None:
    with refused(AgencyError, "no_key_for_use", use="pass", today=date(2035, 1, 1)):
        agency.signer(Use.PASS, town.PASSPHRASE, now=town.NOW.replace(year=2035, month=1, day=1))


def test_secret_files_are_for_their_owner_alone(agency: Agency) -> None:
    assert {stat.S_IMODE(path.stat().st_mode) for path in (agency.folder / "keys").iterdir()} == {0o600}


def test_an_agency_is_made_in_an_empty_folder_only(agency: Agency, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in agency.folder.rglob("*") if path.is_file()}
    with refused(AgencyError, "agency_folder_not_empty"):
        set_up(agency.folder, town.settings(), "x", now=town.NOW, cost=SealingCost.INTERACTIVE)
    assert before == {path: path.read_bytes() for path in agency.folder.rglob("*") if path.is_file()}
    (tmp_path / "file").write_bytes(b"")
    with refused(AgencyError, "system.not_a_folder"):
        set_up(tmp_path / "file", town.settings(), "x", now=town.NOW, cost=SealingCost.INTERACTIVE)


def test_settings_that_describe_no_issuer_leave_nothing_behind(tmp_path: Path) -> None:
    with refused(ClaimsError, "issuer_id", id="ru ba"):
        set_up(tmp_path / "new", town.settings(id="ru ba"), "x", now=town.NOW, cost=SealingCost.INTERACTIVE)
    assert not (tmp_path / "new").exists()


def test_a_folder_without_an_agency_says_how_to_make_one(tmp_path: Path) -> None:
    with refused(AgencyError, "no_agency_here", folder=str(tmp_path)):
        Agency.open(tmp_path)


def test_a_missing_key_file_is_named_with_the_settings(agency: Agency) -> None:
    (agency.folder / "keys" / "pass.json").unlink()
    with pytest.raises(
        AgencyError, match=r"agency\.toml: .*pass\.json: " + text("cannot_be_read", why=text("system.no_such_file"))
    ):
        Agency.open(agency.folder)


def test_a_damaged_key_file_is_named(agency: Agency) -> None:
    path = agency.folder / "keys" / "pass.json"
    path.write_bytes(b"{}")
    with pytest.raises(AgencyError, match=r"pass\.json: " + text("not_a_key_file")):
        Agency.open(agency.folder)


def test_a_key_file_that_names_another_key_is_named(agency: Agency) -> None:
    path = agency.folder / "keys" / "pass.json"
    content = json.loads(path.read_bytes())
    other = generate().public_key
    content |= {"public_key": other.raw.hex(), "key_id": other.key_id.hex()}
    path.write_text(json.dumps(content))
    with pytest.raises(KeyFileError, match=r"pass\.json: " + re.escape(text("key_file_names_other_key"))):
        Agency.open(agency.folder).signer(Use.PASS, town.PASSPHRASE, now=town.NOW)
