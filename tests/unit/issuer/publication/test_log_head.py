"""The published head of the log of passes: it continues the last one, or is not signed; proofs; agencies without a key."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import town
from said import refused
from socpass_vc.errors import AgencyError, Forged, RegisterError
from socpass_vc.format.transparency.checkpoint import read_checkpoint
from socpass_vc.format.transparency.log_proof import read_log_proof
from socpass_vc.format.transparency.tiles import read_blocks
from socpass_vc.format.trust.bundle import read_bundle, read_root_token
from socpass_vc.format.trust.issuers import KeyState, Use
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.config.agency_toml import FILE_NAME, AgencySettings, write_settings
from socpass_vc.issuer.publication.log_head import KEPT_NAME, prove_pass, read_own_head
from socpass_vc.issuer.publication.publish import Published, publish
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.register.event_log import Event, append
from socpass_vc.issuer.register.pass_log import seal
from socpass_vc.issuer.revocation.revoke import StatusAction, change_status
from socpass_vc.verifier.pass_log import admit_checkpoint, check_continued


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    return town.agency(tmp_path)


@pytest.fixture
def register(agency: Agency) -> Iterator[Register]:
    with agency.register() as opened:
        town.take(opened, agency, town.ANNA, town.RUSTEM)
        yield opened


def published(agency: Agency, register: Register) -> Published:
    return publish(agency, register, agency.folder / "site", town.PASSPHRASE, now=town.NOW, actor="test")


def test_each_publication_with_news_continues_the_head_of_the_one_before(agency: Agency, register: Register) -> None:
    town.issue(register, agency.settings, ref="1001")
    path = published(agency, register).log_head
    assert path == agency.folder / "site" / "status" / "log" / "checkpoint"
    first = path.read_bytes()
    assert published(agency, register).log_head == path
    assert path.read_bytes() == first == (agency.folder / KEPT_NAME).read_bytes()
    change_status(register, "1001", StatusAction.REVOKE, reason="why", now=town.NOW, actor="test")
    published(agency, register)
    trust = read_bundle((agency.folder / "trust.spt").read_bytes()).check(
        read_root_token((agency.folder / "roots" / "1.root").read_bytes()).signed.payload
    )
    before, after = (admit_checkpoint(read_checkpoint(note), trust=trust).content for note in (first, path.read_bytes()))
    assert after.blocks > before.blocks
    check_continued(before, after, read_blocks(after.blocks, lambda name: (path.parent / name).read_bytes()))
    check_continued(before, before, read_blocks(before.blocks, lambda name: (path.parent / name).read_bytes()))


def test_partial_tiles_go_once_they_are_full(agency: Agency, register: Register) -> None:
    for _ in range(255):
        with register.transaction() as connection:
            append(connection, [Event("import")], at=town.NOW, actor="test")
            seal(connection)
    path = published(agency, register).log_head
    assert path is not None
    assert sorted(str(found.relative_to(path.parent)) for found in path.parent.rglob("*") if found.is_file()) == [
        "checkpoint",
        "tile/2/000",
        "tile/3/000.p/1",
    ]
    with register.transaction() as connection:
        append(connection, [Event("import")], at=town.NOW, actor="test")
    (path.parent / "tile" / "2" / "000.p").mkdir()
    published(agency, register)
    assert not (path.parent / "tile" / "2" / "000.p").exists()
    assert (path.parent / "tile" / "2" / "001.p" / "1").is_file()


def test_the_head_tells_neither_names_nor_how_many_passes_there_are(agency: Agency, register: Register) -> None:
    (issued,) = town.issue(register, agency.settings, ref="1001")
    path = published(agency, register).log_head
    assert path is not None
    head = read_checkpoint(path.read_bytes()).content
    assert head.size % 2**16 == 0
    assert not set(path.read_text(encoding="utf-8").split()) & {"1001", "1", "2", str(issued.claims.status.index)}
    proof = prove_pass(agency, register, "1001")
    for secret in (issued.token, b"1001", "Иванова".encode(), str(issued.claims.status.index).encode()):
        assert secret not in proof.replace(f"index {read_log_proof(proof).index}".encode(), b"")


def test_a_pass_is_proved_once_a_head_speaks_of_it(agency: Agency, register: Register) -> None:
    with refused(AgencyError, "log.no_head_yet"):
        prove_pass(agency, register, "1001")
    (first,) = town.issue(register, agency.settings, ref="1001")
    published(agency, register)
    (second,) = town.issue(register, agency.settings, ref="1002")
    with refused(RegisterError, "log.not_published_yet", ref="1002"):
        prove_pass(agency, register, "1002")
    with refused(RegisterError, "log.no_such_pass", ref="9999"):
        prove_pass(agency, register, "9999")
    published(agency, register)
    for ref, issued in (("1001", first), ("1002", second)):
        proof = read_log_proof(prove_pass(agency, register, ref))
        proof.check(issued.token, proof.checkpoint())


def test_a_register_that_does_not_continue_the_last_head_is_published_without_a_new_one(
    agency: Agency, register: Register
) -> None:
    town.issue(register, agency.settings, ref="1001")
    before = register.location
    assert isinstance(before, Path)
    register.close()
    shutil.copy(before, agency.folder / "copy")
    published(agency, register)
    head = (agency.folder / KEPT_NAME).read_bytes()
    register.close()
    for path in agency.folder.glob("register.sqlite-*"):
        path.unlink()
    shutil.copy(agency.folder / "copy", before)
    with refused(AgencyError, "log.head_not_continued") as caught:
        published(agency, register)
    assert caught.value.where == (str(agency.folder / KEPT_NAME),)
    assert (agency.folder / "site" / "status" / "0.cwt").is_file()
    assert (agency.folder / KEPT_NAME).read_bytes() == head
    with refused(AgencyError, "log.head_not_continued"):
        prove_pass(agency, register, "1001")


def test_an_agency_without_a_key_for_heads_publishes_as_before(agency: Agency, register: Register) -> None:
    keys = tuple(key for key in agency.settings.keys if Use.CHECKPOINTS not in key.uses)
    agency = rewritten(agency, replace(agency.settings, keys=keys))
    done = published(agency, register)
    assert (done.log_head, done.has_log_key) == (None, False)
    assert not (agency.folder / "site" / "status" / "log").exists()


def test_a_key_that_begins_later_signs_nothing_yet_and_one_that_ended_says_so(agency: Agency, register: Register) -> None:
    later = rewritten(agency, with_head_key(agency, sign_from=town.NOW + timedelta(days=1)))
    done = published(later, register)
    assert (done.log_head, done.has_log_key) == (None, True)
    ended = rewritten(agency, with_head_key(agency, sign_until=town.NOW))
    with refused(AgencyError, "no_key_for_use", use="checkpoints"):
        published(ended, register)
    assert (agency.folder / "site" / "trust.spt").is_file()


def test_before_anything_has_happened_there_is_no_head(tmp_path: Path) -> None:
    agency = town.agency(tmp_path / "other")
    with agency.register() as register:
        change = published(agency, register)  # which is an event itself
        assert change.log_head is not None


def test_a_head_is_ours_if_one_of_our_keys_signed_it_whatever_became_of_it(
    agency: Agency, register: Register, tmp_path: Path
) -> None:
    path = published(agency, register).log_head
    assert path is not None
    kept = tmp_path / "head"
    shutil.copy(path, kept)
    retired = rewritten(agency, with_head_key(agency, state=KeyState.RETIRED))
    assert read_own_head(retired, kept).size == 2**16
    note = kept.read_text(encoding="utf-8")
    kept.write_text(note.replace("65536", "131072"), encoding="utf-8")
    with refused(AgencyError, "signature_does_not_verify") as caught:
        read_own_head(agency, kept)
    assert isinstance(caught.value.__cause__, Forged)
    kept.write_text(note.replace("— pass", "— other"), encoding="utf-8")
    with refused(AgencyError, "log.head_not_ours"):
        read_own_head(agency, kept)
    kept.write_text("a head", encoding="utf-8")
    with refused(AgencyError, "log.head_damaged"):
        read_own_head(agency, kept)


def with_head_key(agency: Agency, **changes: object) -> AgencySettings:
    keys = tuple(
        replace(key, **changes) if Use.CHECKPOINTS in key.uses else key  # type: ignore[arg-type]  # names are checked by replace
        for key in agency.settings.keys
    )
    return replace(agency.settings, keys=keys)


def rewritten(agency: Agency, settings: AgencySettings) -> Agency:
    (agency.folder / FILE_NAME).write_text(write_settings(settings), encoding="utf-8")
    return Agency.open(agency.folder)
