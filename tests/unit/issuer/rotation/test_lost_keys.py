"""A key file that is gone for good: its entry goes on without it, and another key takes its place."""

from pathlib import Path
from typing import cast

import pytest

import town
import world
from said import refused
from socpass_vc.authority.local_root import make_root, sign_bundle
from socpass_vc.errors import AgencyError, Forged, KeyFileError
from socpass_vc.format import keyfile, keys
from socpass_vc.format.trust.bundle import sign_trust_list, write_bundle
from socpass_vc.format.trust.issuers import KeyState, Use
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.publication.publish import publish
from socpass_vc.issuer.register.audit import audit_register
from socpass_vc.issuer.rotation.lost_keys import retire_lost_key
from socpass_vc.issuer.rotation.rotate_key import OVERLAP, make_file_key, rotate

NAME = "keys/pass.json"


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    """Return an agency that has published, whose key for passes is gone."""
    made = town.agency(tmp_path)
    with made.register() as register:
        town.take(register, made, town.ANNA)
        town.issue(register, made.settings)
        publish(made, register, tmp_path / "site", town.PASSPHRASE, now=town.NOW, actor="test")
    (made.folder / NAME).unlink()
    return made


def test_an_agency_without_one_of_its_key_files_does_not_open(agency: Agency) -> None:
    with pytest.raises(AgencyError, match=r"pass\.json"):
        Agency.open(agency.folder)


def test_a_lost_key_stays_in_the_list_and_signs_no_more(agency: Agency) -> None:
    # given
    lost = next(key for key in agency.issuer.keys if Use.PASS in key.uses)

    # when
    said = retire_lost_key(agency.folder, NAME, now=town.NOW, actor="test")
    opened = Agency.open(agency.folder)

    # then
    assert (said.public_key, said.state) == (lost.public_key, KeyState.RETIRED)
    assert {key.public_key for key in opened.issuer.keys} == {key.public_key for key in agency.issuer.keys}
    with refused(AgencyError, "no_key_for_use", use="pass", today=town.NOW.date()):
        opened.key_for(Use.PASS, now=town.NOW)
    with opened.register() as register:
        assert audit_register(register).passes == 1


def test_another_key_takes_its_place_under_another_name(agency: Agency) -> None:
    # given
    retire_lost_key(agency.folder, NAME, now=town.NOW, actor="test")
    opened = Agency.open(agency.folder)

    # when
    ends = town.NOW + 900 * OVERLAP
    new, sealed = make_file_key(
        opened, [Use.PASS], town.PASSPHRASE, sign_from=town.NOW, sign_until=ends, cost=keyfile.SealingCost.INTERACTIVE
    )
    with opened.register() as register:
        rotate(opened, register, new, sealed=sealed, now=town.NOW, actor="test")

    # then
    assert new.settings.file == "keys/pass-2.json"
    assert Agency.open(agency.folder).key_for(Use.PASS, now=town.NOW).file == "keys/pass-2.json"


def test_a_file_that_comes_back_and_holds_another_key_is_not_used(agency: Agency) -> None:
    # given
    retire_lost_key(agency.folder, NAME, now=town.NOW, actor="test")
    (agency.folder / NAME).write_bytes(keyfile.seal(keys.generate(), town.PASSPHRASE, cost=keyfile.SealingCost.INTERACTIVE))
    opened = Agency.open(agency.folder)

    # then
    with refused(KeyFileError, "key_file_of_another_key"):
        opened.open_signer(next(key for key in opened.settings.keys if key.file == NAME), town.PASSPHRASE)


def test_what_is_not_lost_or_unknown_is_named_and_nothing_changes(agency: Agency) -> None:
    # given
    before = (agency.folder / "agency.toml").read_bytes()

    # then
    with refused(
        AgencyError, "no_such_key_file", file="keys/x.json", known=("keys/pass.json", "keys/status.json", "keys/checkpoints.json")
    ):
        retire_lost_key(agency.folder, "keys/x.json", now=town.NOW, actor="test")
    with refused(AgencyError, "key_file_not_lost"):
        retire_lost_key(agency.folder, "keys/status.json", now=town.NOW, actor="test")
    assert (agency.folder / "agency.toml").read_bytes() == before
    retire_lost_key(agency.folder, NAME, now=town.NOW, actor="test")
    with refused(AgencyError, "key_file_lost_already", file=NAME):
        retire_lost_key(agency.folder, NAME, now=town.NOW, actor="test")


def test_a_list_that_does_not_tell_which_key_it_was_is_said(agency: Agency) -> None:
    # given the list that tills have does not know the agency's keys
    (agency.folder / "trust.spt").unlink()
    with pytest.raises(AgencyError, match=r"trust\.spt"):
        retire_lost_key(agency.folder, NAME, now=town.NOW, actor="test")

    # when the list is damaged
    (agency.folder / "trust.spt").write_bytes(b"x")

    # then
    with refused(AgencyError, "damaged"):
        retire_lost_key(agency.folder, NAME, now=town.NOW, actor="test")

    # when it is not signed by its root, and names somebody's key in the place of the lost one
    before = (agency.folder / "agency.toml").read_bytes()
    (agency.folder / "trust.spt").write_bytes(forged(agency))

    # then
    with refused(AgencyError, "damaged") as caught:
        retire_lost_key(agency.folder, NAME, now=town.NOW, actor="test")
    assert isinstance(caught.value.facts["why"], Forged)
    assert (agency.folder / "agency.toml").read_bytes() == before


def forged(agency: Agency) -> bytes:
    """Return a bundle of the agency's root and a list by a thief, with a key of the thief's like the lost one."""
    own = world.issuer_key("thief", Use.PASS, sign_from=town.FOUNDED, sign_until=town.NOW + 900 * OVERLAP)
    listed = world.trust_list(world.issuer(own, id=agency.issuer.id))
    return write_bundle([(agency.folder / "roots/1.root").read_bytes()], sign_trust_list(listed, [world.key("thief")]))


def test_two_lost_keys_that_look_alike_are_left_to_a_person(agency: Agency) -> None:
    # given a list in which another key has the same uses and the same beginning
    twin = world.issuer_key("twin", Use.PASS, sign_from=town.FOUNDED, sign_until=town.NOW + 900 * OVERLAP)
    listed = world.issuer(*agency.issuer.keys, twin, scopes=agency.issuer.scopes)
    root = make_root([world.key("root")], threshold=1, now=town.FOUNDED)
    bundle = sign_bundle([listed], [root], [world.key("root")], version=9, now=town.NOW, next_update=world.DAY, valid=world.DAY)
    (agency.folder / "trust.spt").write_bytes(bundle)

    # then
    with refused(AgencyError, "lost_key_not_in_list", file=NAME) as caught:
        retire_lost_key(agency.folder, NAME, now=town.NOW, actor="test")
    assert twin.public_key.raw.hex() in cast("tuple[str, ...]", caught.value.facts["possible"])
