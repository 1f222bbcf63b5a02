"""The till's store, specs/trust.md section 3: newer files only, everything checked again when it is read."""

import subprocess
import sys
import zlib
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import world
from said import refused
from socpass_vc.errors import (
    Contradicted,
    Forged,
    KeyCompromised,
    Malformed,
    NotYetValid,
    OutOfScope,
    OverQuota,
    RolledBack,
    SocpassError,
    StoreError,
    ThresholdNotMet,
    UnknownIssuer,
    Unsupported,
    UntrustedRoot,
)
from socpass_vc.format import cbor, cose
from socpass_vc.format.status.status_list import TYP, Status
from socpass_vc.format.trust.bundle import LIST_TYP, ROOT_TYP, Trust, read_bundle, write_bundle
from socpass_vc.format.trust.issuers import KeyState, Root, TrustList, Use
from socpass_vc.messages import Message
from socpass_vc.verifier.admit import AdmittedStatusList
from socpass_vc.verifier.authenticate import authenticate
from socpass_vc.verifier.decide import LEEWAY
from socpass_vc.verifier.store.file_kind import FileKind
from socpass_vc.verifier.store.till_store import Store, UpdateOutcome, confirm_root

ANCHOR = world.root().encode()
LATER = world.ISSUED_AT + world.DAY


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Return a store that holds the root alone."""
    return Store.create(tmp_path / "store", ANCHOR)


@pytest.fixture
def filled(store: Store) -> Store:
    """Return a store with a trust list and a status list."""
    store.offer(world.bundle())
    store.offer(world.status_token())
    return store


def status_path(store: Store, uri: str = world.STATUS_URI) -> Path:
    """Return where a status list lies."""
    return store.folder / "status" / f"{sha256(uri.encode()).hexdigest()}.cwt"


def test_a_store_without_a_trust_list_says_how_to_bring_one(store: Store) -> None:
    with refused(StoreError, "no_trust_list_here") as refusal:
        _ = store.trust
    assert refusal.value.where == (str(store.folder / "trust.spt"),)


def test_a_folder_in_the_place_of_the_trust_list_is_named(store: Store) -> None:
    (store.folder / "trust.spt").mkdir()
    with refused(StoreError, "cannot_be_read", why=Message("system.is_a_folder")) as refusal:
        _ = store.trust
    assert refusal.value.where == (str(store.folder / "trust.spt"),)


def again(store: Store) -> Store:
    """Return the store as the next start of the till opens it."""
    return Store.open(store.folder)


def contents(store: Store) -> dict[str, bytes]:
    """Return every file of the store."""
    return {str(path.relative_to(store.folder)): path.read_bytes() for path in store.folder.rglob("*") if path.is_file()}


def without_alarms(store: Store) -> dict[str, bytes]:
    """Return every file of the store but what contradicts it."""
    return {name: content for name, content in contents(store).items() if not name.startswith("alarms/")}


def said(trust: Trust) -> tuple[Root, TrustList]:
    """Return what a trust list says and under which root."""
    return trust.root, trust.list


# --- Making and opening -------------------------------------------------------------------------------------


def test_a_store_is_made_with_a_confirmed_root_and_opened_again(store: Store) -> None:
    # when
    opened = again(store)

    # then
    assert opened.anchor == ANCHOR
    assert opened.root == world.root()
    assert opened.fingerprint.replace(" ", "") == sha256(ANCHOR).hexdigest()
    assert opened.clock_floor is None
    assert list(opened.status_lists()) == []


def test_a_store_is_never_made_over_another(store: Store) -> None:
    with refused(StoreError, "store_here_already"):
        Store.create(store.folder, ANCHOR)


@pytest.mark.parametrize(("anchor", "error"), [(b"", Malformed), (cbor.encode({5: 0}), Unsupported)], ids=["malformed", "newer"])
def test_a_store_is_not_made_with_what_is_no_root(tmp_path: Path, anchor: bytes, error: type[SocpassError]) -> None:
    with pytest.raises(error):
        Store.create(tmp_path / "store", anchor)
    assert not (tmp_path / "store").exists()


def test_a_store_that_can_be_made_can_be_opened_and_one_with_too_large_a_root_is_not_made(tmp_path: Path) -> None:
    # given a root with a field of a later version that fills the bound, and one byte more
    decoded = cbor.decode(ANCHOR)
    assert isinstance(decoded, dict)
    spare = 131_072 - len(cbor.encode({**decoded, 64: bytes(100_000)})) + 100_000
    largest, too_large = (cbor.encode({**decoded, 64: bytes(size)}) for size in (spare, spare + 1))

    # then
    assert Store.open(Store.create(tmp_path / "a", largest).folder).anchor == largest
    with pytest.raises(SocpassError):
        Store.open(Store.create(tmp_path / "b", too_large).folder)
    assert not (tmp_path / "b").exists()


def test_a_store_that_was_made_before_keys_had_types_is_told_from_a_damaged_one(store: Store) -> None:
    # given a root whose keys are bare
    decoded = cbor.decode(ANCHOR)
    assert isinstance(decoded, dict)
    (store.folder / "root.cbor").write_bytes(cbor.encode({**decoded, 4: [world.key("root").public_key.raw]}))

    # then
    with refused(StoreError, "store_before_typed_keys") as refusal:
        Store.open(store.folder)
    assert refusal.value.where == (str(store.folder),)


def test_keys_and_signatures_of_another_algorithm_are_kept_and_what_the_list_says_is_compared(store: Store) -> None:
    # given a list with such a key, signed with such a key too
    root = world.root(keys=(*world.root().keys, world.later_key("root")))
    agency = world.issuer(*world.issuer().keys, world.issuer_key(world.later_key("pass"), Use.PASS))
    till = Store.create(store.folder.parent / "till", root.encode())

    def signed(payload: bytes, typ: str, value: bytes) -> bytes:
        unsigned = cose.to_sign(payload, typ=typ)
        key_id = world.later_key("root").key_id
        further = cose.Signature(key_id, cbor.encode({1: -48, 4: key_id}), value, -48)
        return unsigned.with_signatures([unsigned.sign(world.key("root")), further]).encode()

    listed = world.trust_list(agency).encode()
    one, other = (
        write_bundle([signed(root.encode(), ROOT_TYP, value)], signed(listed, LIST_TYP, value)) for value in (b"1", b"2")
    )

    # when
    assert till.offer(one) is UpdateOutcome.NEW
    till.offer(world.status_token())

    # then
    assert (till.folder / "trust.spt").read_bytes() == one
    assert again(till).trust.list == world.trust_list(agency)
    assert again(till).get(world.STATUS_URI) is not None
    assert till.offer(other) is UpdateOutcome.SAME


@pytest.mark.parametrize("name", ["missing", "file", "a" * 300])
def test_a_folder_without_a_store_is_named(tmp_path: Path, name: str) -> None:
    # given
    (tmp_path / "file").touch()

    # then
    with pytest.raises(StoreError) as refusal:
        Store.open(tmp_path / name)
    assert str(tmp_path / name) in str(refusal.value)


def test_a_store_cannot_be_made_where_a_file_lies(tmp_path: Path) -> None:
    # given
    (tmp_path / "file").touch()

    # then
    with pytest.raises(StoreError):
        Store.create(tmp_path / "file", ANCHOR)


def list_token(claims: dict[int | str, cbor.Value]) -> bytes:
    """Return any trust list, well signed."""
    return cose.sign_by_many(cbor.encode(claims), [world.key("root")], typ=LIST_TYP)


# --- Trust bundles ------------------------------------------------------------------------------------------


def test_a_bundle_is_kept_and_found_again(store: Store) -> None:
    # when
    outcome = store.offer(world.bundle())

    # then
    assert outcome is UpdateOutcome.NEW
    assert said(store.trust) == said(again(store).trust) == said(world.trust())
    assert store.offer(world.bundle()) is UpdateOutcome.SAME


def test_a_newer_bundle_takes_the_place_of_an_older_one_at_once(filled: Store) -> None:
    # given
    newer = world.trust_list(version=2, issued_at=LATER)

    # when
    outcome = filled.offer(world.bundle(newer))

    # then
    assert outcome is UpdateOutcome.NEW
    assert filled.trust.list == again(filled).trust.list == newer


def test_a_key_that_is_no_point_is_refused_when_it_is_offered_and_verifies_nothing_where_it_lies(store: Store) -> None:
    # given a well-signed list in which one key is no point, which no program of ours writes
    decoded = cbor.decode(world.trust_list().encode())
    assert isinstance(decoded, dict)
    assert isinstance(decoded[5], list)
    (entry,) = decoded[5]
    assert isinstance(entry, dict)
    assert isinstance(entry[4], list)
    identity: cbor.Value = {1: [-19, b"\x01" + bytes(31)], 2: [1], 3: 0, 4: 2**32, 5: 0}
    listed = list_token({**decoded, 5: [{**entry, 4: [identity, *entry[4]]}]})
    content = write_bundle([world.root_token()], listed)

    # then
    with refused(Malformed, "weak_public_key"):
        store.offer(content)

    # when somebody lays it into the folder
    (store.folder / "trust.spt").write_bytes(content)
    trust = again(store).trust
    (bad,) = [
        key.public_key for key in trust.list.issuers[0].keys if key.public_key.raw[0] == 1 and not any(key.public_key.raw[1:])
    ]
    token = cose.read_sign1(world.status_token(), typ=TYP)
    forged = token._replace(key_id=bad.key_id, signature=b"\x01" + bytes(63))

    # then
    with pytest.raises(Forged):
        authenticate(forged, trust.keys_with(bad.key_id))


def test_an_older_bundle_is_rolled_back_and_changes_nothing(filled: Store) -> None:
    # given
    filled.offer(world.bundle(world.trust_list(version=2)))
    before = contents(filled)

    # then
    for store in (filled, again(filled)):
        with refused(RolledBack, "trust_list_older_than_seen", version=1):
            store.offer(world.bundle())
    assert contents(filled) == before


def test_two_lists_of_one_version_are_rolled_back(filled: Store) -> None:
    with refused(Contradicted, "contradicted.trust_lists"):
        filled.offer(world.bundle(world.trust_list(next_update_at=world.NEXT_UPDATE_AT + world.SECOND)))


def test_the_same_version_with_other_bytes_is_rolled_back_even_where_this_program_reads_the_same(filled: Store) -> None:
    # given a field of a later version, which this program ignores and a later one will not
    decoded = cbor.decode(world.trust_list().encode())
    assert isinstance(decoded, dict)
    other = write_bundle([world.root_token()], list_token({**decoded, 64: "later"}))
    before = contents(filled)

    # then
    assert said(read_bundle(other).check(ANCHOR)) == said(filled.trust)
    with pytest.raises(Contradicted):
        filled.offer(other)
    assert without_alarms(filled) == before


ROTATED = world.root("root b", version=2)


def rotated(**changes: Any) -> bytes:
    """Return a bundle under the second root."""
    roots = [world.root_token(), world.root_token(ROTATED, ("root", "root b"))]
    return world.bundle(world.trust_list(**changes), roots=roots, signers=("root b",))


def test_the_newest_root_is_named_by_its_fingerprint(filled: Store) -> None:
    assert filled.newest_fingerprint == filled.fingerprint
    filled.offer(rotated(version=1))
    assert again(filled).newest_fingerprint.replace(" ", "") == sha256(ROTATED.encode()).hexdigest()


def test_a_new_root_begins_with_versions_of_its_own(filled: Store) -> None:
    # given
    filled.offer(world.bundle(world.trust_list(version=7)))

    # when
    outcome = filled.offer(rotated(version=1))

    # then
    assert outcome is UpdateOutcome.NEW
    assert again(filled).trust.root == ROTATED
    assert again(filled).anchor == ANCHOR
    with pytest.raises(RolledBack):
        filled.offer(world.bundle(world.trust_list(version=8)))


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", Malformed),
        (world.bundle()[:-1], Malformed),
        (write_bundle([world.root_token()], list_token({6: 0})), Unsupported),
        (world.bundle(roots=[world.root_token(world.root("z"), ("z",))], signers=("z",)), UntrustedRoot),
        (world.bundle(signers=("root b",)), Forged),
        (world.bundle(roots=[world.root_token(), world.root_token(ROTATED, ("root b",))], signers=("root b",)), ThresholdNotMet),
    ],
    ids=["nothing", "cut off", "newer", "another root", "another signer", "a root that the old one did not sign"],
)
def test_a_bundle_that_is_not_good_changes_nothing(filled: Store, content: bytes, error: type[SocpassError]) -> None:
    # given
    before = contents(filled)

    # then
    with pytest.raises(error):
        filled.offer(content, kind=FileKind.BUNDLE)
    assert contents(filled) == before


# --- Status lists -------------------------------------------------------------------------------------------


def test_a_status_list_is_kept_and_found_again_by_its_uri(filled: Store) -> None:
    # then
    assert filled.get(world.STATUS_URI) == again(filled).get(world.STATUS_URI) == world.admitted()
    assert filled.get(world.STATUS_BASE + "1") is None
    assert filled.offer(world.status_token()) is UpdateOutcome.SAME


def test_a_till_decides_with_its_store(filled: Store) -> None:
    # given
    store = again(filled)

    # then
    assert world.verify(under=store.trust, lists=store).issuer.id == "RU-BA"  # type: ignore[arg-type]  # a StatusSource


def test_all_status_lists_are_listed_by_uri(filled: Store) -> None:
    # given
    uris = [world.STATUS_BASE + str(number) for number in (7, 12, 3)]
    for uri in uris:
        filled.offer(world.status_token(world.status_list(uri=uri)))

    # then
    assert [admitted.content.uri for admitted in again(filled).status_lists()] == sorted([world.STATUS_URI, *uris])


def test_a_newer_status_list_takes_the_place_of_an_older_one(filled: Store) -> None:
    # given
    newer = world.status_list({1: Status.INVALID}, issued_at=LATER)

    # when
    outcome = filled.offer(world.status_token(newer))

    # then
    assert outcome is UpdateOutcome.NEW
    found = filled.get(world.STATUS_URI)
    assert found is not None
    assert found.content == newer


def test_a_revoked_pass_does_not_come_back_with_an_older_list(filled: Store) -> None:
    # given
    filled.offer(world.status_token(world.status_list({1: Status.INVALID}, issued_at=LATER)))
    before = contents(filled)

    # then
    for store in (filled, again(filled)):
        with refused(RolledBack, "file_older_than_seen", newest_at=LATER):
            store.offer(world.status_token())
    assert contents(filled) == before


def test_two_status_lists_of_one_second_are_rolled_back(filled: Store) -> None:
    with refused(Contradicted, "contradicted.status_lists"):
        filled.offer(world.status_token(world.status_list({1: Status.INVALID})))


def test_a_status_list_of_the_same_second_that_says_the_same_in_other_bytes_is_the_same(filled: Store) -> None:
    # given the same entries, compressed otherwise
    decoded = cbor.decode(cose.read_sign1(world.status_token(), typ=TYP).payload)
    assert isinstance(decoded, dict)
    stream = zlib.compress(world.status_list().raw, 0)
    token = cose.sign1(cbor.encode({**decoded, 65533: {"bits": 2, "lst": stream}}), world.key("status"), typ=TYP)

    # then
    assert filled.offer(token) is UpdateOutcome.SAME
    assert filled.alarms == ()


def test_a_status_list_is_not_taken_before_there_is_a_trust_list(store: Store) -> None:
    with refused(StoreError, "no_trust_list_here"):
        store.offer(world.status_token())
    with refused(StoreError, "no_trust_list_here"):
        _ = store.trust


def trust_with(*uses: int, version: int = 2, **changes: Any) -> bytes:
    """Return a newer bundle whose status key has other uses or another state."""
    agency = world.issuer(world.issuer_key("pass", Use.PASS), world.issuer_key("status", *uses, **changes))
    return world.bundle(world.trust_list(agency, version=version))


OTHER_AGENCY = world.bundle(world.trust_list(world.issuer(status_base="https://elsewhere.example.ru/"), version=2))


@pytest.mark.parametrize(
    "bundle",
    [
        trust_with(Use.STATUS, state=KeyState.COMPROMISED),
        trust_with(Use.VOUCHER),
        trust_with(Use.STATUS, sign_from=LATER),
        OTHER_AGENCY,
    ],
    ids=["compromised", "another use", "another window", "another base"],
)
def test_a_list_that_the_trust_list_no_longer_stands_behind_is_not_at_hand(filled: Store, bundle: bytes) -> None:
    # when
    filled.offer(bundle)

    # then
    assert filled.get(world.STATUS_URI) is None
    assert list(filled.status_lists()) == []
    assert status_path(filled).exists()


def test_a_list_by_a_new_key_takes_the_place_of_one_that_is_no_longer_trusted(filled: Store) -> None:
    # given a stolen key whose lists are newer than those of the key that follows it
    filled.offer(world.status_token(world.status_list(issued_at=LATER)))
    agency = world.issuer(
        world.issuer_key("pass", Use.PASS),
        world.issuer_key("status", Use.STATUS, state=KeyState.COMPROMISED),
        world.issuer_key("other", Use.STATUS),
    )
    filled.offer(world.bundle(world.trust_list(agency, version=2)))

    # when
    outcome = filled.offer(world.status_token(signer="other"))

    # then
    assert outcome is UpdateOutcome.NEW
    assert filled.get(world.STATUS_URI) is not None


def with_last_bit_flipped(token: bytes) -> bytes:
    """Return a token whose signature is wrong."""
    return token[:-1] + bytes([token[-1] ^ 1])


@pytest.mark.parametrize(
    ("token", "error"),
    [
        (b"", Malformed),
        (world.status_token()[:-1], Malformed),
        (cose.sign1(cbor.encode({1: 0}), world.key("status"), typ=TYP), Unsupported),
        (world.status_token(world.status_list(uri="https://other.example.ru/0")), UnknownIssuer),
        (with_last_bit_flipped(world.status_token(world.status_list(issued_at=LATER))), Forged),
        (world.status_token(world.status_list(issued_at=LATER), signer="pass"), OutOfScope),
    ],
    ids=["nothing", "cut off", "newer", "unknown", "forged", "out of scope"],
)
def test_a_status_list_that_is_not_good_changes_nothing(filled: Store, token: bytes, error: type[SocpassError]) -> None:
    # given
    before = contents(filled)

    # then
    with pytest.raises(error):
        filled.offer(token, kind=FileKind.STATUS_LIST)
    assert contents(filled) == before


def test_a_list_by_a_compromised_key_is_not_taken(filled: Store) -> None:
    # given
    filled.offer(trust_with(Use.STATUS, state=KeyState.COMPROMISED))

    # then
    with pytest.raises(KeyCompromised):
        filled.offer(world.status_token(world.status_list(issued_at=LATER)))


# --- The clock floor ----------------------------------------------------------------------------------------


def test_the_clock_floor_is_the_newest_iat_that_was_admitted_and_never_falls(store: Store) -> None:
    # given
    store.offer(world.bundle())
    assert store.clock_floor == world.ISSUED_AT

    # when
    store.offer(world.status_token(world.status_list(issued_at=LATER)))
    store.offer(world.bundle(world.trust_list(version=2, issued_at=world.ISSUED_AT + timedelta(hours=1))))

    # then
    assert store.clock_floor == again(store).clock_floor == LATER
    assert (store.folder / "clock").read_text() == "2026-01-02T00:00:00+00:00\n"


@pytest.mark.parametrize("kind", ["bundle", "status list"])
def test_what_was_signed_more_than_five_minutes_ahead_of_the_till_is_not_kept(filled: Store, kind: str) -> None:
    # given
    newer = {
        "bundle": world.bundle(world.trust_list(version=2, issued_at=LATER)),
        "status list": world.status_token(world.status_list(issued_at=LATER)),
    }[kind]
    before = contents(filled)

    # then
    with pytest.raises(NotYetValid):
        filled.offer(newer, now=LATER - LEEWAY - world.SECOND)
    assert contents(filled) == before
    assert filled.offer(newer, now=LATER - LEEWAY) is UpdateOutcome.NEW


@pytest.mark.parametrize("kind", ["bundle", "status list"])
def test_a_till_that_is_killed_before_it_noted_the_floor_notes_it_the_next_time(filled: Store, kind: str) -> None:
    # given a till that dies at once when it comes to the second file
    newer = {
        "bundle": world.bundle(world.trust_list(version=2, issued_at=LATER)),
        "status list": world.status_token(world.status_list(issued_at=LATER)),
    }[kind]
    program = (
        "import os, signal\n"
        "from pathlib import Path\n"
        "from socpass_vc.verifier.store.till_store import Store\n"
        "replace, replaced = Path.replace, []\n"
        "def once(self, target):\n"
        "    if replaced: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    replaced.append(replace(self, target))\n"
        "Path.replace = once\n"
        f"Store.open(Path({str(filled.folder)!r})).offer(bytes.fromhex({newer.hex()!r}))\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], check=False)
    assert ran.returncode < 0

    # when
    store = again(filled)
    store.offer(newer)

    # then
    assert store.clock_floor == LATER


# --- Damage -------------------------------------------------------------------------------------------------


def every_reading(store: Store) -> Iterator[Any]:
    """Yield what a till reads of its store when it starts."""
    opened = Store.open(store.folder)
    yield opened.trust
    yield opened.clock_floor
    yield opened.get(world.STATUS_URI)
    yield list(opened.status_lists())


def refusal_of(store: Store) -> StoreError | None:
    """Return what a till says of its damaged store, or None if it notices nothing."""
    try:
        list(every_reading(store))
    except StoreError as refusal:
        return refusal
    return None


DAMAGES = {
    "empty": lambda content: content[:0],
    "cut off": lambda content: content[: len(content) // 2],
    "trailed": lambda content: content + b"\0",
    "zeros": lambda content: bytes(len(content)),
    "a bit": lambda content: content[:-1] + bytes((content[-1] ^ 0x40,)),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
@pytest.mark.parametrize("name", ["root.cbor", "trust.spt", "status", "clock"])
def test_a_damaged_file_is_named_and_never_mended_by_guessing(filled: Store, name: str, damage: Any) -> None:
    # given
    path = status_path(filled) if name == "status" else filled.folder / name
    path.write_bytes(damage(path.read_bytes()))
    before = contents(filled)

    # when
    refusal = refusal_of(filled)

    # then
    assert refusal is not None
    assert str(path) in str(refusal)
    assert refusal.where[0] == str(path)
    assert contents(filled) == before


@pytest.mark.parametrize("name", ["root.cbor", "trust.spt", "status", "clock"])
def test_a_folder_where_a_file_should_be_is_named(filled: Store, name: str) -> None:
    # given
    path = status_path(filled) if name == "status" else filled.folder / name
    path.unlink()
    path.mkdir()

    # when
    refusal = refusal_of(filled)

    # then
    assert refusal is not None
    assert str(path) in str(refusal)


@pytest.mark.parametrize("name", ["root.cbor", "trust.spt", "status", "clock"])
def test_a_file_that_is_far_too_large_is_named(filled: Store, name: str) -> None:
    # given
    path = status_path(filled) if name == "status" else filled.folder / name
    with path.open("ab") as file:
        file.truncate(2**24)

    # when
    refusal = refusal_of(filled)

    # then
    assert refusal is not None
    assert (refusal.reason, refusal.where) == ("file_too_large", (str(path),))


@pytest.mark.parametrize("written", ["", "yesterday", "2026-01-01T00:00:00", "2026-13-01T00:00:00+00:00", "полдень"])
def test_a_clock_file_that_holds_no_time_with_a_zone_is_damaged(filled: Store, written: str) -> None:
    # given
    (filled.folder / "clock").write_text(written)

    # then
    with refused(StoreError, "damaged_clock"):
        _ = again(filled).clock_floor


def reading(store: Store) -> tuple[AdmittedStatusList | None, StoreError | None]:
    """Return the first status list, or how the store refuses it."""
    try:
        return store.get(world.STATUS_URI), None
    except StoreError as refusal:
        return None, refusal


def test_a_status_list_with_a_flipped_bit_is_damage_or_not_at_hand_and_never_used(filled: Store) -> None:
    # given that a bit of the key id makes it the list of a key that is not in the trust list, which is no damage
    path = status_path(filled)
    good = path.read_bytes()
    store = again(filled)

    for position in range(len(good) * 8):
        at, bit = divmod(position, 8)
        path.write_bytes(good[:at] + bytes((good[at] ^ 1 << bit,)) + good[at + 1 :])

        # when
        found, refusal = reading(store)

        # then
        assert found is None
        assert refusal is None or str(path) in str(refusal)


def test_a_status_list_that_was_renamed_over_another_is_damage(filled: Store) -> None:
    # given a pass that is revoked in list 0, and the file of list 1 in the place of that of list 0
    filled.offer(world.status_token(world.status_list({world.INDEX: Status.INVALID}, issued_at=LATER)))
    filled.offer(world.status_token(world.status_list(uri=world.STATUS_BASE + "1")))
    status_path(filled, world.STATUS_BASE + "1").replace(status_path(filled))

    # then
    with refused(StoreError, "file_of_another_uri", uri=world.STATUS_BASE + "1") as refusal:
        again(filled).get(world.STATUS_URI)
    assert str(status_path(filled)) in str(refusal.value)


def test_other_files_in_the_folder_are_left_alone(filled: Store) -> None:
    # given
    (filled.folder / "status" / "README.txt").write_text("hello")
    (filled.folder / "status" / ".a.cwt.1.part").write_text("half")

    # then
    assert len(list(again(filled).status_lists())) == 1


def test_a_damaged_list_does_not_give_way_to_another_of_the_same_uri(filled: Store) -> None:
    # given
    path = status_path(filled)
    path.write_bytes(b"damaged")

    # then
    with pytest.raises(StoreError) as refusal:
        filled.offer(world.status_token(world.status_list(issued_at=LATER)))
    assert str(path) in str(refusal.value)
    assert path.read_bytes() == b"damaged"


def test_a_damaged_bundle_does_not_give_way_to_another(filled: Store) -> None:
    # given
    (filled.folder / "trust.spt").write_bytes(b"damaged")

    # then
    with refused(StoreError, "damaged_file") as refusal:
        again(filled).offer(world.bundle(world.trust_list(version=2)))
    assert refusal.value.where == (str(filled.folder / "trust.spt"),)
    assert (filled.folder / "trust.spt").read_bytes() == b"damaged"


# --- Writing ------------------------------------------------------------------------------------------------


def test_a_till_that_is_killed_in_the_middle_of_writing_has_the_old_files(filled: Store) -> None:
    # given a till that dies at once when the new trust list is about to take its place
    before = contents(filled)
    newer = world.bundle(world.trust_list(version=2))
    program = (
        "import os, signal\n"
        "from pathlib import Path\n"
        "from socpass_vc.verifier.store.till_store import Store\n"
        "Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"Store.open(Path({str(filled.folder)!r})).offer(bytes.fromhex({newer.hex()!r}))\n"
    )

    # when
    ran = subprocess.run([sys.executable, "-c", program], check=False)

    # then
    assert ran.returncode < 0
    left = contents(filled)
    assert {name: left[name] for name in before} == before
    assert said(again(filled).trust) == said(world.trust())
    assert again(filled).offer(newer) is UpdateOutcome.NEW


def test_a_store_that_cannot_be_written_says_so_and_keeps_what_it_has(filled: Store) -> None:
    # given
    before = filled.trust
    folder = filled.folder / "trust.spt"
    folder.unlink()
    folder.mkdir()

    # then
    with refused(StoreError, "cannot_be_read", why=Message("system.is_a_folder")) as refusal:
        filled.offer(world.bundle(world.trust_list(version=2)))
    assert refusal.value.where == (str(folder),)
    assert filled.trust == before


def test_a_status_folder_that_is_gone_is_made_again_and_one_that_cannot_be_is_named(filled: Store) -> None:
    # given
    folder = filled.folder / "status"
    status_path(filled).unlink()
    folder.rmdir()

    # then
    assert list(filled.status_lists()) == []
    assert filled.offer(world.status_token()) is UpdateOutcome.NEW

    # when a file lies in its place
    status_path(filled).unlink()
    folder.rmdir()
    folder.touch()

    # then
    with pytest.raises(StoreError) as refusal:
        filled.offer(world.status_token())
    assert str(folder) in str(refusal.value)


# --- Confirming a root --------------------------------------------------------------------------------------


def test_a_root_is_confirmed_by_its_fingerprint_however_it_was_typed() -> None:
    # given
    bundle = read_bundle(rotated())
    shown = bundle.roots[1].fingerprint

    # then
    grouped = [shown.replace(" ", mark) for mark in ("", " ", ":", "-", "\t", "\n")]
    for typed in (*grouped, shown.upper(), f"  {shown}\r\n"):
        assert confirm_root(bundle, typed) == ROTATED.encode()
    assert confirm_root(bundle, bundle.roots[0].fingerprint) == ANCHOR


@pytest.mark.parametrize("typed", ["", "0" * 64, sha256(ANCHOR).hexdigest()[:-1]], ids=["empty", "zeros", "cut off"])
def test_another_fingerprint_confirms_nothing(typed: str) -> None:
    with refused(UntrustedRoot, "no_root_with_fingerprint"):
        confirm_root(read_bundle(world.bundle()), typed)


# --- What a till keeps of one issuer ----------------------------------------------------------------------------------------


def test_a_till_keeps_a_thousand_lists_of_one_issuer(filled: Store) -> None:
    last = world.status_token(world.status_list(uri=f"{world.STATUS_BASE}999"))
    assert filled.offer(last) is UpdateOutcome.NEW
    with refused(OverQuota, "issuer_lists", number=1_000, most=1_000):
        filled.offer(world.status_token(world.status_list(uri=f"{world.STATUS_BASE}1000")))
    assert filled.get(f"{world.STATUS_BASE}1000") is None


def test_the_lists_of_one_issuer_take_so_many_bytes_and_no_more(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    one = world.status_token(world.status_list(uri=f"{world.STATUS_BASE}1"))
    at_hand = sum(path.stat().st_size for path in (filled.folder / "status").glob("*.cwt"))
    monkeypatch.setattr("socpass_vc.verifier.store.status_list_files.MAX_ISSUER_BYTES", at_hand + len(one))

    # then one more list fits, a second does not, and what is at hand may still be renewed
    assert filled.offer(one) is UpdateOutcome.NEW
    for store in (filled, again(filled)):
        with refused(OverQuota, "issuer_bytes", limit_bytes=at_hand + len(one)):
            store.offer(world.status_token(world.status_list(uri=f"{world.STATUS_BASE}2")))
    renewed = world.status_list(uri=f"{world.STATUS_BASE}1", issued_at=world.ISSUED_AT + world.DAY)
    assert again(filled).offer(world.status_token(renewed)) is UpdateOutcome.NEW
