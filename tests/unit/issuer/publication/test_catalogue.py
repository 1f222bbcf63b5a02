"""Publishing the catalogue: beside the status lists, later each time, and never in the way of a revocation."""

from datetime import timedelta
from pathlib import Path

import pytest

import town
from said import refused
from socpass_vc.errors import AgencyError, ClaimsError
from socpass_vc.format.catalogue.signed_catalogue import read_catalogue
from socpass_vc.format.trust.bundle import read_bundle
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.catalogue.load import CatalogueFaulty
from socpass_vc.issuer.catalogue.template import sample_catalogue
from socpass_vc.issuer.publication import catalogue
from socpass_vc.issuer.publication.publish import Published, publish
from socpass_vc.verifier.admit import admit_catalogue

SECOND = timedelta(seconds=1)


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    """Return an agency with a catalogue."""
    made = town.agency(tmp_path)
    (made.folder / "catalogue.toml").write_text(sample_catalogue(made.issuer), encoding="utf-8")
    return made


def publish_at(agency: Agency, later: timedelta = timedelta()) -> Published:
    """Publish into site/ of the agency's folder."""
    with agency.register() as register:
        return publish(agency, register, agency.folder / "site", town.PASSPHRASE, now=town.NOW + later, actor="test")


def test_without_a_file_nothing_is_published(tmp_path: Path) -> None:
    assert publish_at(town.agency(tmp_path)).catalogue is None


def test_the_catalogue_lies_beside_the_status_lists_and_tills_believe_it(agency: Agency) -> None:
    # when
    done = publish_at(agency)

    # then
    assert done.catalogue == agency.folder / "site" / "status" / "catalogue.cwt"
    bundle = read_bundle(done.bundle.read_bytes())
    admitted = admit_catalogue(done.catalogue.read_bytes(), trust=bundle.check(bundle.roots[0].signed.payload))
    assert admitted.issuer == agency.issuer
    assert (admitted.content.issued_at, admitted.content.expires_at) == (town.NOW, town.NOW + timedelta(days=14))
    assert len(admitted.content.measures()) == 25


def test_each_catalogue_is_later_than_the_one_before_even_if_the_clock_is_not(agency: Agency) -> None:
    # when
    paths = [publish_at(agency, later).catalogue for later in (timedelta(), timedelta(), -200 * SECOND)]

    # then
    assert paths[-1] is not None
    assert read_catalogue(paths[-1].read_bytes()).content.issued_at == town.NOW + 2 * SECOND


def test_a_catalogue_signed_in_the_future_stops_the_next_one(agency: Agency) -> None:
    # given
    publish_at(agency, timedelta(days=1))

    # then
    with agency.register() as register, refused(AgencyError, "catalogue_signed_later", now=town.NOW):
        publish(agency, register, agency.folder / "site", town.PASSPHRASE, now=town.NOW, actor="test")
    with refused(AgencyError, "catalogue_signed_later", signed_at=town.NOW + timedelta(days=1), now=town.NOW):
        catalogue.publish_catalogue(agency, agency.folder / "site" / "status", town.pass_key, now=town.NOW)


def test_a_damaged_last_catalogue_is_named_with_what_to_do(agency: Agency) -> None:
    # given
    publish_at(agency)
    (agency.folder / "catalogue.cwt").write_bytes(b"rubbish")

    # then
    with refused(AgencyError, "last_catalogue_damaged") as caught:
        publish_at(agency, SECOND)
    assert caught.value.where == (str(agency.folder / "catalogue.cwt"),)


def test_a_wrong_file_leaves_the_older_catalogue_and_holds_no_revocation_up(agency: Agency) -> None:
    # given
    publish_at(agency)
    before = (agency.folder / "site" / "status" / "catalogue.cwt").read_bytes()
    with (agency.folder / "catalogue.toml").open("a") as file:
        file.write("percent = 5\n")
    (agency.folder / "site" / "trust.spt").unlink()

    # when
    with pytest.raises(CatalogueFaulty) as caught:
        publish_at(agency, SECOND)
    assert [fault.code for fault in caught.value.faults] == ["not_with"]

    # then
    assert (agency.folder / "site" / "status" / "catalogue.cwt").read_bytes() == before
    assert (agency.folder / "site" / "trust.spt").exists()


def test_an_agency_without_a_key_for_catalogues_is_told_what_to_do(agency: Agency) -> None:
    # given an agency that was set up before there were catalogues
    path = agency.folder / "agency.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace('uses = ["status", "catalogue"]', 'uses = ["status"]'), encoding="utf-8"
    )

    # then
    with refused(AgencyError, "no_key_for_use", use="catalogue"):
        publish_at(Agency.open(agency.folder))


def test_what_cannot_be_signed_names_the_file(agency: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    def refuse(*_: object) -> bytes:
        raise ClaimsError("pass_too_large", size=9)

    monkeypatch.setattr(catalogue, "sign_catalogue", refuse)

    # then
    with refused(AgencyError, "pass_too_large", size=9) as caught:
        publish_at(agency)
    assert caught.value.where == (str(agency.folder / "catalogue.toml"),)
