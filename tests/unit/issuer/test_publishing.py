"""The published site, seen with a till's eyes; and an agency's folder when something is missing or wrong."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import town
from socpass_vc import files
from socpass_vc.errors import AgencyError, ClaimsError, KeyFileError, Revoked, WrongPassphrase
from socpass_vc.format.issuers import Use
from socpass_vc.format.keyfile import Cost
from socpass_vc.format.keys import generate
from socpass_vc.format.trust import read_bundle, read_root_token
from socpass_vc.issuer import publishing
from socpass_vc.issuer.agency import Agency, set_up
from socpass_vc.issuer.authority import make_root, sign_bundle
from socpass_vc.issuer.publishing import Published, publish
from socpass_vc.issuer.register import Register
from socpass_vc.issuer.standing import Act, change_standing
from socpass_vc.verifier.decide import verify
from socpass_vc.verifier.store import Store

DAY = timedelta(days=1)


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    return town.agency(tmp_path)


@pytest.fixture
def register(agency: Agency) -> Iterator[Register]:
    with agency.register() as opened:
        yield opened


def publish_at(agency: Agency, register: Register, days: float = 0) -> Published:
    return publish(agency, register, agency.folder / "site", town.PASSPHRASE, now=town.NOW + days * DAY, actor="test")


def store_of(agency: Agency, folder: Path) -> Store:
    anchor = read_root_token((agency.folder / "roots" / "1.root").read_bytes()).signed.payload
    store = Store.create(folder, anchor)
    sync(store, agency)
    return store


def sync(store: Store, agency: Agency) -> None:
    site = agency.folder / "site"
    store.offer_bundle((site / "trust.spt").read_bytes())
    for path in (site / "status").iterdir():
        store.offer_status_list(path.read_bytes())


def test_a_till_accepts_what_was_issued_and_refuses_it_once_it_is_revoked_and_published(
    agency: Agency, register: Register, tmp_path: Path
) -> None:
    town.take(register, agency, town.ANNA)
    (issued,) = town.issue(register, agency.settings)
    publish_at(agency, register)
    store = store_of(agency, tmp_path / "till")
    now = town.NOW + timedelta(hours=1)
    assert verify(issued.text, trust=store.trust, status=store, now=now).claims == issued.claims
    change_standing(register, "1001", Act.REVOKE, reason="why", now=now, actor="test")
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
    for days, act in enumerate((Act.SUSPEND, Act.REINSTATE, Act.REVOKE), start=1):
        change_standing(register, "1001", act, reason="why", now=town.NOW, actor="test")
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
    with pytest.raises(AgencyError, match=r"trust\.spt: damaged"):
        publish_at(agency, register, 1)
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
    path.write_text(path.read_text(encoding="utf-8").replace('"Town"', '"City"'), encoding="utf-8")
    with pytest.raises(AgencyError, match=r"does not list RU-BA as agency\.toml describes it"):
        publish_at(Agency.open(agency.folder), register)


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
    with pytest.raises(AgencyError, match="one of them is wrong"):
        publish_at(agency, register)


def test_a_lost_bundle_is_followed_by_a_higher_version(agency: Agency, register: Register) -> None:
    publish_at(agency, register)
    (agency.folder / "trust.spt").unlink()
    assert publish_at(agency, register, 1).version == 2


def test_a_second_publication_waits_until_the_first_is_written(
    agency: Agency, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "BUSY_SECONDS", 0.2)
    refused: list[str] = []

    def meddle(*arguments: Any, **settings: Any) -> None:
        if not refused:
            refused.append("")
            with pytest.raises(AgencyError, match="another publication is under way") as found:
                publish_at(agency, register)
            refused[0] = str(found.value)
        files.write_file(*arguments, **settings)

    monkeypatch.setattr(publishing, "write_file", meddle)
    publish_at(agency, register)
    assert refused[0]
    monkeypatch.undo()
    assert publish_at(agency, register).version == 1


@pytest.mark.parametrize("change", [{"time_zone": "Europe/Moskow"}, {"prefix": "socpass:"}, {"names": {}}])
def test_settings_that_could_not_be_read_back_are_refused_before_anything_is_written(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    with pytest.raises((AgencyError, ClaimsError)):
        set_up(tmp_path / "new", town.settings(**change), "x", now=town.NOW, cost=Cost.INTERACTIVE)
    assert not (tmp_path / "new").exists()


def test_the_agencys_folder_is_closed_to_others(tmp_path: Path) -> None:
    made = set_up(tmp_path / "what?x", town.settings(), "x", now=town.FOUNDED, cost=Cost.INTERACTIVE)
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
    with pytest.raises(AgencyError, match="no active key may sign for pass at 2035-01-01"):
        agency.signer(Use.PASS, town.PASSPHRASE, now=town.NOW.replace(year=2035, month=1, day=1))


def test_secret_files_are_for_their_owner_alone(agency: Agency) -> None:
    assert {stat.S_IMODE(path.stat().st_mode) for path in (agency.folder / "keys").iterdir()} == {0o600}


def test_an_agency_is_made_in_an_empty_folder_only(agency: Agency, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in agency.folder.rglob("*") if path.is_file()}
    with pytest.raises(AgencyError, match="not empty"):
        set_up(agency.folder, town.settings(), "x", now=town.NOW, cost=Cost.INTERACTIVE)
    assert before == {path: path.read_bytes() for path in agency.folder.rglob("*") if path.is_file()}
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(AgencyError, match="file"):
        set_up(tmp_path / "file", town.settings(), "x", now=town.NOW, cost=Cost.INTERACTIVE)


def test_settings_that_describe_no_issuer_leave_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ClaimsError, match="id"):
        set_up(tmp_path / "new", town.settings(id="ru ba"), "x", now=town.NOW, cost=Cost.INTERACTIVE)
    assert not (tmp_path / "new").exists()


def test_a_folder_without_an_agency_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(AgencyError, match="there is no agency here; make one with 'socpass issuer init"):
        Agency.open(tmp_path)


def test_a_missing_key_file_is_named_with_the_settings(agency: Agency) -> None:
    (agency.folder / "keys" / "pass.json").unlink()
    with pytest.raises(AgencyError, match=r"agency\.toml: .*pass\.json: No such file"):
        Agency.open(agency.folder)


def test_a_damaged_key_file_is_named(agency: Agency) -> None:
    path = agency.folder / "keys" / "pass.json"
    path.write_bytes(b"{}")
    with pytest.raises(AgencyError, match=r"pass\.json: not a socpass key file"):
        Agency.open(agency.folder)


def test_a_key_file_that_names_another_key_is_named(agency: Agency) -> None:
    path = agency.folder / "keys" / "pass.json"
    content = json.loads(path.read_bytes())
    other = generate().public_key
    content |= {"public_key": other.raw.hex(), "key_id": other.key_id.hex()}
    path.write_text(json.dumps(content))
    with pytest.raises(KeyFileError, match=r"pass\.json: the key file names another public key"):
        Agency.open(agency.folder).signer(Use.PASS, town.PASSPHRASE, now=town.NOW)
