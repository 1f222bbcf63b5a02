"""What a till has seen, specs/trust.md section 3: kept apart from the files, raised by what is accepted and by nothing else."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

import world
from said import refused
from socpass_vc.errors import BaseMissing, Contradicted, RolledBack, SocpassError, StoreError, UntrustedRoot
from socpass_vc.files import locked
from socpass_vc.format import cbor
from socpass_vc.format.status import list_change
from socpass_vc.format.status.status_delta import sign_delta
from socpass_vc.format.status.status_list import Status, StatusList
from socpass_vc.format.trust.issuers import KeyState, Use
from socpass_vc.issuer.publication.list_diff import compare
from socpass_vc.messages import Message
from socpass_vc.verifier.decide import OnStale, Policy
from socpass_vc.verifier.decide import verify as decide
from socpass_vc.verifier.store import rollback_state
from socpass_vc.verifier.store.alarms import MAX_ALARMS
from socpass_vc.verifier.store.rollback_state import RollbackState, read_floors
from socpass_vc.verifier.store.till_store import Store, UpdateOutcome

if TYPE_CHECKING:
    from datetime import datetime

    from socpass_vc.verifier.store.rollback_state import SeenFile

ANCHOR = world.root().encode()
LATER = world.ISSUED_AT + world.DAY
LATEST = world.ISSUED_AT + 2 * world.DAY
ONE: Mapping[int, Status] = {1: Status.INVALID}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Return a store with a trust list of version 2 and a status list of the second day."""
    made = Store.create(tmp_path / "store", ANCHOR)
    made.offer(bundle(2))
    made.offer(token(LATER, ONE))
    return made


def bundle(version: int, *, stolen: bool = False, **changes: Any) -> bytes:
    """Return a bundle, with the status key as it is or stolen, and a key that follows it."""
    state = KeyState.COMPROMISED if stolen else KeyState.ACTIVE
    agency = world.issuer(
        world.issuer_key("pass", Use.PASS),
        world.issuer_key("status", Use.STATUS, state=state),
        world.issuer_key("status b", Use.STATUS),
        world.issuer_key("catalogue", Use.CATALOGUE),
    )
    return world.bundle(world.trust_list(agency, version=version, **changes))


def listed(at: Any, values: Mapping[int, Status] | None = None, **changes: Any) -> StatusList:
    """Return the status list of a time."""
    return world.status_list(values, **{"issued_at": at, "expires_at": at + 14 * world.DAY, **changes})


def token(at: Any, values: Mapping[int, Status] | None = None, signer: str = "status", **changes: Any) -> bytes:
    """Return the status list of a time, signed."""
    return world.status_token(listed(at, values, **changes), signer=signer)


def again(store: Store) -> Store:
    """Return the store as the next start of the till opens it."""
    return Store.open(store.folder)


def status_file(store: Store) -> Path:
    """Return the file of the one status list."""
    (path,) = (store.folder / "status").glob("*.cwt")
    return path


# --- Files that are gone ------------------------------------------------------------------------------------


def test_a_trust_list_that_was_removed_does_not_let_an_older_one_in(store: Store) -> None:
    # given what the till itself advises where the file is damaged
    (store.folder / "trust.spt").unlink()

    # then
    with refused(RolledBack, "trust_list_older_than_seen", version=1):
        again(store).offer(bundle(1))
    with refused(Contradicted, "contradicted.trust_lists", name=Message("name_of.trust_list", version=2, root_version=1)):
        again(store).offer(bundle(2, next_update_at=world.NEXT_UPDATE_AT + world.DAY))
    assert again(store).offer(bundle(2)) is UpdateOutcome.NEW
    assert again(store).trust.list.version == 2


def test_a_status_list_that_was_removed_does_not_let_an_older_one_in(store: Store) -> None:
    # given
    status_file(store).unlink()

    # then
    with refused(RolledBack, "file_older_than_seen", issued_at=world.ISSUED_AT, newest_at=LATER):
        again(store).offer(token(world.ISSUED_AT))
    with pytest.raises(Contradicted):
        again(store).offer(token(LATER))
    assert again(store).get(world.STATUS_URI) is None
    assert again(store).offer(token(LATER, ONE)) is UpdateOutcome.NEW


def test_a_catalogue_that_was_removed_does_not_let_an_older_one_in(store: Store) -> None:
    # given
    newer = world.catalogue_token(world.catalogue(issued_at=LATER))
    store.offer(newer)
    for path in (store.folder / "catalogue").glob("*.cwt"):
        path.unlink()

    # then
    with pytest.raises(RolledBack):
        again(store).offer(world.catalogue_token())
    assert again(store).offer(newer) is UpdateOutcome.NEW


def test_a_list_that_was_removed_is_not_made_older_by_a_delta_but_as_it_was(store: Store) -> None:
    # given
    status_file(store).unlink()
    old, same = (compare(world.STATUS_BASE, {}, {0: listed(*of)}) for of in ((world.ISSUED_AT, None), (LATER, ONE)))

    # then
    with refused(BaseMissing, "delta_behind_what_was_seen", issued_at=world.ISSUED_AT, newest_at=LATER):
        again(store).offer(sign_delta(old, world.key("status")))
    assert again(store).get(world.STATUS_URI) is None
    assert again(store).offer(sign_delta(same, world.key("status"))) is UpdateOutcome.NEW
    assert again(store).offer(token(LATER, ONE)) is UpdateOutcome.SAME


def test_a_till_whose_root_was_confirmed_anew_takes_no_bundle_that_begins_behind_the_root_it_has_seen(store: Store) -> None:
    # given what the till itself advises where root.cbor is damaged, and a chain that somebody cut short
    second = world.root("root b", version=2)
    (store.folder / "root.cbor").unlink()
    (store.folder / "trust.spt").unlink()
    anew = Store.create(store.folder, second.encode())
    newer = world.trust_list(version=3)
    short = world.bundle(newer, roots=[world.root_token(second, ("root b",))], signers=("root b",))
    whole = world.bundle(newer, roots=[world.root_token(), world.root_token(second, ("root", "root b"))], signers=("root b",))

    # then
    with refused(UntrustedRoot, "chain_without_seen_root", version=1):
        anew.offer(short)
    assert anew.offer(whole) is UpdateOutcome.NEW


def test_an_older_file_that_was_copied_back_gives_way_to_the_one_that_was_seen_and_to_no_other(store: Store) -> None:
    # given a backup of one file, which says nothing of what was seen since
    backup = status_file(store).read_bytes()
    store.offer(token(LATEST, ONE))
    status_file(store).write_bytes(backup)
    (store.folder / "trust.spt").write_bytes(bundle(1))

    # then
    for old in (token(LATER, ONE), bundle(1)):
        with pytest.raises(RolledBack):
            again(store).offer(old)
    assert again(store).offer(bundle(2)) is UpdateOutcome.NEW
    assert again(store).offer(token(LATEST, ONE)) is UpdateOutcome.NEW


def test_floors_that_were_removed_are_those_of_the_files_at_hand(store: Store) -> None:
    # given
    store.offer(world.catalogue_token(world.catalogue(issued_at=LATER)))
    before = read_floors((store.folder / "floors.cbor").read_bytes())
    (store.folder / "floors.cbor").unlink()
    (store.folder / "clock").unlink()

    # then
    for old in (bundle(1), token(world.ISSUED_AT), world.catalogue_token()):
        with pytest.raises(RolledBack):
            again(store).offer(old)
    assert again(store).offer(bundle(2)) is UpdateOutcome.SAME
    after = read_floors((store.folder / "floors.cbor").read_bytes())
    assert after.trust == before.trust
    assert {key: seen[:2] for key, seen in after.files.items()} == {key: seen[:2] for key, seen in before.files.items()}
    assert store.clock_floor == LATER


def test_a_clock_floor_that_was_removed_follows_from_what_was_seen(store: Store) -> None:
    # given
    (store.folder / "clock").unlink()

    # when
    store.offer(bundle(2))

    # then
    assert store.clock_floor == LATER


def test_a_clock_floor_whose_notes_are_lost_does_not_fall(store: Store) -> None:
    # given a till whose newest list is gone, and what was noted of it too
    for path in (status_file(store), store.folder / "floors.cbor"):
        path.unlink()

    # when
    again(store).offer(bundle(3))

    # then
    assert store.clock_floor == LATER


def test_a_clock_floor_whose_notes_are_lost_does_not_fall_with_the_trust_list_that_is_at_hand_either(store: Store) -> None:
    # given notes and a list that were both removed, as the till itself advises where they are damaged
    (store.folder / "floors.cbor").unlink()
    status_file(store).unlink()

    # when the same trust list comes by every night
    for _ in range(3):
        assert again(store).offer(bundle(2)) is UpdateOutcome.SAME

    # then
    assert store.clock_floor == LATER


def test_a_store_of_an_earlier_version_without_floors_goes_on(store: Store) -> None:
    # given
    for name in ("floors.cbor", "lock"):
        (store.folder / name).unlink()

    # then
    assert again(store).offer(token(LATEST)) is UpdateOutcome.NEW
    with pytest.raises(RolledBack):
        again(store).offer(bundle(1))


FLOORS = cbor.encode(["socpass-floors-2", [], []])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"damaged",
        FLOORS + b"\0",
        cbor.encode(["socpass-trust", [], []]),
        cbor.encode(["socpass-floors-2", [1], []]),
        cbor.encode(["socpass-floors-2", [0, bytes(32), 1, 0, bytes(32), 0, b""], []]),
        cbor.encode(["socpass-floors-2", [1, bytes(31), 1, 0, bytes(32), 0, b""], []]),
        cbor.encode(["socpass-floors-2", [1, bytes(32), 1, 0, bytes(32), 0], []]),
        cbor.encode(["socpass-floors-2", [], [["uri"]]]),
        cbor.encode(["socpass-floors-2", [], [["uri", bytes(32), -1, bytes(32), 0, b""]]]),
        cbor.encode(["socpass-floors-2", [], [["uri", bytes(32), 0, bytes(32), 0, "text"]]]),
    ],
)
def test_damaged_floors_are_named_and_nothing_is_taken(store: Store, content: bytes) -> None:
    # given
    path = store.folder / "floors.cbor"
    path.write_bytes(content)

    # then
    with pytest.raises(StoreError):
        again(store).check_notes()
    with pytest.raises(StoreError) as refusal:
        again(store).offer(token(LATEST))
    assert str(path) in str(refusal.value)
    assert path.read_bytes() == content
    assert status_file(store).read_bytes() == token(LATER, ONE)


def test_a_store_from_before_digests_were_whole_is_to_be_set_up_anew(store: Store) -> None:
    # given the notes as they were written then
    (store.folder / "floors.cbor").write_bytes(cbor.encode(["socpass-floors", [], [["uri", bytes(32), 0, bytes(32), 0, b""]]]))

    # then
    with refused(StoreError, "store_of_earlier_version") as refusal:
        again(store).check_notes()
    assert str(store.folder) in str(refusal.value)
    with refused(StoreError, "store_of_earlier_version"):
        again(store).offer(token(LATEST))


def test_floors_are_read_as_they_were_written(store: Store) -> None:
    # given
    store.offer(token(LATEST), now=LATEST, source="stick/\udcff0.cwt")
    content = (store.folder / "floors.cbor").read_bytes()

    # then
    floors = read_floors(content)
    assert floors.encode() == content
    assert read_floors(RollbackState().encode()) == RollbackState()
    (seen,) = floors.files.values()
    assert (seen.issued_at, seen.taken_at, seen.source) == (LATEST, LATEST, "stick/?0.cwt")


def test_a_store_that_cannot_note_more_says_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr("socpass_vc.verifier.store.rollback_store.MAX_FLOORS_BYTES", 100)
    (store.folder / "floors.cbor").unlink()

    # then
    with refused(StoreError, "seen_too_many_files", limit_bytes=100):
        again(store).offer(token(LATEST))


@pytest.fixture
def crowded(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A till whose notes hold some twenty files, of two agencies."""
    monkeypatch.setattr("socpass_vc.verifier.store.rollback_store.MAX_FLOORS_BYTES", 4_096)
    store.offer(world.bundle(world.trust_list(*AGENCIES, version=3)))
    return store


OTHER = "https://other.example/status/"
NEIGHBOUR = world.issuer(world.issuer_key("other", Use.STATUS), id="RU-KAM", status_base=OTHER, scopes=((3000, 3999),))
AGENCIES = (world.publisher(), NEIGHBOUR)


def numbered(number: int, at: datetime) -> bytes:
    """Return a list of the agency with this number."""
    return token(at, ONE, uri=f"{world.STATUS_BASE}{number}")


def of_other(number: int, at: datetime) -> bytes:
    """Return a list of the other agency."""
    return token(at, signer="other", uri=f"{OTHER}{number}")


def test_an_agency_that_signs_lists_without_end_has_its_own_notes_folded_and_stops_nobody(crowded: Store) -> None:
    # given
    crowded.offer(of_other(0, LATER))

    # when
    for number in range(100):
        assert again(crowded).offer(numbered(number, LATEST)) is UpdateOutcome.NEW

    # then
    path = crowded.folder / "floors.cbor"
    assert path.stat().st_size <= 4_096
    noted = read_floors(path.read_bytes()).files
    assert (f"{OTHER}0", world.key("other").public_key.raw) in noted
    assert (world.STATUS_BASE, world.key("status").public_key.raw) in noted
    assert again(crowded).offer(of_other(0, LATEST)) is UpdateOutcome.NEW
    with pytest.raises(RolledBack):
        again(crowded).offer(of_other(0, LATER))


def test_what_was_folded_is_not_taken_when_it_is_older_and_may_come_again_as_it_is(crowded: Store) -> None:
    # given a list whose note is folded with newer ones
    first = numbered(0, LATER)
    crowded.offer(first)
    for number in range(1, 40):
        crowded.offer(numbered(number, LATEST))
    noted = read_floors((crowded.folder / "floors.cbor").read_bytes()).files
    assert (f"{world.STATUS_BASE}0", world.key("status").public_key.raw) not in noted

    # then
    assert again(crowded).offer(first) is UpdateOutcome.SAME
    for path in (crowded.folder / "status").glob("*.cwt"):
        path.unlink()
    for at in (world.ISSUED_AT, LATER):  # what the till had is not at hand any more, so nothing tells it from an older one
        with pytest.raises(RolledBack):
            again(crowded).offer(numbered(0, at))
    assert again(crowded).offer(numbered(0, LATEST)) is UpdateOutcome.NEW


def test_the_notes_of_a_stolen_key_and_of_an_agency_that_left_are_one_each(store: Store) -> None:
    # given
    store.offer(world.bundle(world.trust_list(*AGENCIES, version=3)))
    for number in range(3):
        store.offer(of_other(number, LATER if number else LATEST))
        store.offer(numbered(number, LATER if number else LATEST))

    # when
    stolen = world.issuer(world.issuer_key("pass", Use.PASS), world.issuer_key("status", Use.STATUS, state=KeyState.COMPROMISED))
    again(store).offer(world.bundle(world.trust_list(stolen, version=4)))

    # then
    floors = read_floors((store.folder / "floors.cbor").read_bytes())
    assert {uri for uri, _ in floors.files} == {world.STATUS_BASE, OTHER}
    assert {seen.issued_at for seen in floors.files.values()} == {LATEST}

    # and neither has a way back
    again(store).offer(world.bundle(world.trust_list(*AGENCIES, version=5)))
    with pytest.raises(RolledBack):
        again(store).offer(of_other(3, LATER))
    with pytest.raises(RolledBack):
        again(store).offer(numbered(3, LATER))
    with pytest.raises(RolledBack):
        again(store).offer(numbered(0, LATER))


# --- Alarms -------------------------------------------------------------------------------------------------


def test_an_alarm_names_both_sides_and_keeps_both_files(store: Store) -> None:
    # given
    (store.folder / "floors.cbor").unlink()
    again(store).offer(bundle(3), now=world.NOW, source="stick/trust.spt")
    other = bundle(3, next_update_at=world.NEXT_UPDATE_AT + world.DAY)

    # when
    with pytest.raises(Contradicted) as alarm:
        again(store).offer(other, now=world.NOW + world.DAY, source="https://mirror.example.ru/trust.spt")

    # then
    have, offered = cast("SeenFile", alarm.value.facts["have"]), cast("SeenFile", alarm.value.facts["offered"])
    assert have.digest.hex() in str(alarm.value)
    assert offered.digest.hex() in str(alarm.value)
    assert (have.source, offered.source) == ("stick/trust.spt", "https://mirror.example.ru/trust.spt")
    (kept,) = again(store).alarms
    assert kept.folder == alarm.value.facts["kept_in"]
    assert (kept.folder / "at-hand.spt").read_bytes() == bundle(3)
    assert (kept.folder / "offered.spt").read_bytes() == other
    assert kept.record["name"] == "version 3 under root 1"
    assert (kept.record["version"], kept.record["root_version"]) == (3, 1)
    assert kept.name == Message("name_of.trust_list", version=3, root_version=1)
    assert json.loads((kept.folder / "alarm.json").read_text()) == kept.record
    assert again(store).trust.list.next_update_at == world.NEXT_UPDATE_AT


def test_an_alarm_over_a_file_that_is_gone_keeps_the_other(store: Store) -> None:
    # given
    status_file(store).unlink()

    # when
    with pytest.raises(Contradicted):
        store.offer(token(LATER))

    # then
    (kept,) = store.alarms
    assert {path.name for path in kept.folder.iterdir()} == {"offered.cwt", "alarm.json"}
    assert kept.name == world.STATUS_URI


def test_the_same_alarm_is_kept_once_and_of_many_the_first(store: Store) -> None:
    for index in [*range(2, MAX_ALARMS + 4), 2]:
        with pytest.raises(Contradicted) as alarm:
            store.offer(token(LATER, {index: Status.INVALID}))
        kept = {each.folder for each in store.alarms}
        assert alarm.value.facts.get("kept_in") in ({None} if index >= MAX_ALARMS + 2 else kept)  # where it is, if it is
    assert len(store.alarms) == MAX_ALARMS


def test_a_delta_that_contradicts_a_list_is_an_alarm(store: Store) -> None:
    # given
    other = compare(world.STATUS_BASE, {}, {0: listed(LATER, {7: Status.INVALID})})

    # when
    with refused(Contradicted, "contradicted.status_lists"):
        store.offer(sign_delta(other, world.key("status")))

    # then
    assert (store.alarms[0].folder / "offered.delta").exists()
    assert status_file(store).read_bytes() == token(LATER, ONE)


def test_contents_that_share_half_a_digest_are_two_and_an_alarm_each(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a signer who found contents with the same first 16 bytes of SHA-256: for any two contents those are zeros here
    for module in (rollback_state, list_change):
        monkeypatch.setattr(module, "sha256", lambda content: bytes(16) + sha256(content).digest()[:16])
    store.offer(token(LATEST, ONE))

    # then
    for index in (2, 3):
        with refused(Contradicted, "contradicted.status_lists"):
            again(store).offer(token(LATEST, {index: Status.INVALID}))
    assert len(store.alarms) == 2


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"{", b"[" * 8_000])
def test_an_alarm_stays_one_whatever_became_of_its_record(store: Store, content: bytes) -> None:
    # given
    with pytest.raises(Contradicted):
        store.offer(token(LATER))
    (store.alarms[0].folder / "alarm.json").write_bytes(content)

    # then
    assert [(alarm.record, alarm.name) for alarm in store.alarms] == [({}, "?")]


def test_an_alarm_that_cannot_be_kept_is_raised_all_the_same(store: Store) -> None:
    # given
    (store.folder / "alarms").touch()

    # then
    with pytest.raises(Contradicted):
        store.offer(token(LATER))
    assert status_file(store).read_bytes() == token(LATER, ONE)


def test_more_signatures_over_the_same_list_are_no_alarm(tmp_path: Path) -> None:
    # given a root of two keys, one of which is enough, and a list that both sign one after the other
    root = world.root("a", "b")
    store = Store.create(tmp_path / "store", root.encode())
    roots = [world.root_token(root, ("a",))]
    store.offer(world.bundle(roots=roots, signers=("a",)))

    # then
    assert store.offer(world.bundle(roots=roots, signers=("a", "b"))) is UpdateOutcome.SAME
    assert store.alarms == ()


# --- Several processes --------------------------------------------------------------------------------------


def test_a_till_that_was_opened_before_another_process_synced_does_not_go_back(store: Store) -> None:
    # given two processes that opened the store before either wrote
    first, second = again(store), again(store)
    assert first.trust.list.version == second.trust.list.version == 2

    # when
    first.offer(bundle(4))

    # then
    with pytest.raises(RolledBack):
        second.offer(bundle(3))
    assert second.trust.list.version == 4
    (store.folder / "trust.spt").unlink()
    with refused(StoreError, "no_trust_list_here"):
        second.offer(token(LATEST))


def offer_lists(folder: Path, days: list[int]) -> None:
    """Offer the lists of some days, in a process of its own; older ones are refused."""
    store = Store.open(folder)
    for day in days:
        for content in (token(world.ISSUED_AT + day * world.DAY), bundle(day)):
            try:
                store.offer(content)
            except RolledBack:
                continue


def test_of_several_syncs_at_once_the_newest_of_everything_stays(store: Store) -> None:
    # given
    days = list(range(3, 24))
    orders = [days, days[::-1], days[1::2] + days[::2]]
    at_once = multiprocessing.get_context("spawn")
    processes = [at_once.Process(target=offer_lists, args=(store.folder, order)) for order in orders]

    # when
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    # then
    assert [process.exitcode for process in processes] == [0, 0, 0]
    opened = again(store)
    found = opened.get(world.STATUS_URI)
    assert found is not None
    assert found.content.issued_at == opened.clock_floor == world.ISSUED_AT + days[-1] * world.DAY
    assert opened.trust.list.version == days[-1]
    with pytest.raises(RolledBack):
        opened.offer(bundle(days[-2]))


def test_verdicts_are_given_all_the_time_while_another_process_syncs(store: Store) -> None:
    # given
    days = list(range(3, 30))
    process = multiprocessing.get_context("spawn").Process(target=offer_lists, args=(store.folder, days))
    newest = 0
    process.start()
    while process.is_alive():
        # when
        opened = again(store)
        said = decide(
            world.text(),
            trust=opened.trust,
            status=opened,
            now=LATER + 30 * world.DAY,
            policy=Policy(on_stale=OnStale.WARN),
            clock_floor=opened.clock_floor,
        )

        # then
        day = (said.status_issued_at - world.ISSUED_AT).days
        assert day >= newest
        newest = day
    process.join()
    assert process.exitcode == 0
    found = again(store).get(world.STATUS_URI)
    assert found is not None
    assert (found.content.issued_at - world.ISSUED_AT).days == days[-1]


def test_a_verdict_waits_for_no_sync(store: Store) -> None:
    # given a sync that holds the lock
    with locked(store.folder / "lock", error=StoreError):
        opened = again(store)

        # then
        assert world.verify(under=opened.trust, lists=opened, clock_floor=opened.clock_floor, now=LATER).issuer.id == "RU-BA"  # type: ignore[arg-type]  # a StatusSource


def test_what_a_killed_sync_left_half_written_is_removed_by_the_next(store: Store) -> None:
    # given
    left = [store.folder / ".trust.spt.1.part", store.folder / "status" / ".a.cwt.1.part"]
    for path in left:
        path.write_bytes(b"half")

    # when
    again(store).offer(bundle(2))

    # then
    assert not any(path.exists() for path in left)


@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_till_that_is_killed_between_its_files_never_goes_back(store: Store, step: int) -> None:
    # given a sync that dies when it comes to its second, third or fourth file
    program = (
        "import os, signal\n"
        "from pathlib import Path\n"
        "from socpass_vc.verifier.store.till_store import Store\n"
        "replace, replaced = Path.replace, []\n"
        "def some(self, target):\n"
        f"    if len(replaced) == {step}: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    replaced.append(replace(self, target))\n"
        "Path.replace = some\n"
        f"store = Store.open(Path({str(store.folder)!r}))\n"
        f"store.offer(bytes.fromhex({token(LATEST, ONE).hex()!r}))\n"
        f"store.offer(bytes.fromhex({bundle(3).hex()!r}))\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode < 0

    # then
    found = again(store).get(world.STATUS_URI)
    assert found is not None
    assert found.content.issued_at == LATEST
    with pytest.raises(RolledBack):
        again(store).offer(token(LATER, ONE))
    assert again(store).offer(token(LATEST, ONE)) is UpdateOutcome.SAME
    assert store.clock_floor == LATEST


def test_what_is_refused_leaves_no_trace_in_what_was_seen(store: Store) -> None:
    # given
    before = {name: (store.folder / name).read_bytes() for name in ("floors.cbor", "clock")}

    # when
    for content in (bundle(1), bundle(9)[:-1], token(LATEST, signer="pass"), token(world.ISSUED_AT)):
        with pytest.raises(SocpassError):
            store.offer(content)

    # then
    assert before == {name: (store.folder / name).read_bytes() for name in ("floors.cbor", "clock")}
