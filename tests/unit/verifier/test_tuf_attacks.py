"""The attacks that The Update Framework's specification names (section 1.5.2), against a till's store, and what is left of them.

Two do not apply. *Extraneous dependencies*: nothing that a till takes asks for anything else to be taken; a bundle, a list and a
catalogue each stand alone, and a delta changes only lists of its own issuer. *Slow retrieval*: a store is given whole files and
waits for no network; a server that stalls is met where ``socpass sync`` takes URLs, by the tests of that.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import world
from socpass_vc.errors import (
    ClockWrong,
    Contradicted,
    Forged,
    KeyCompromised,
    Malformed,
    NotYetValid,
    OutOfScope,
    Revoked,
    RolledBack,
    SocpassError,
    StatusStale,
    StoreError,
    ThresholdNotMet,
    TrustExpired,
    UnknownIssuer,
    UntrustedRoot,
)
from socpass_vc.format import cbor, cose
from socpass_vc.format.status.status_list import MAX_TOKEN_BYTES, TYP, Status
from socpass_vc.format.trust.bundle import LIST_TYP, MAX_BUNDLE_BYTES, write_bundle
from socpass_vc.format.trust.issuers import Issuer, KeyState, Root, Use
from socpass_vc.messages import Message
from socpass_vc.verifier.decide import OnStale, Policy, Verified
from socpass_vc.verifier.store.file_kind import FileKind
from socpass_vc.verifier.store.till_store import Store, UpdateOutcome

Files = dict[str, bytes]
LATER = world.ISSUED_AT + world.DAY
LATEST = world.ISSUED_AT + 2 * world.DAY
REVOKED: Mapping[int, Status] = {world.INDEX: Status.INVALID}

KEYS = ("root a", "root b", "root c")
FIRST = world.root(*KEYS, threshold=2)
SECOND = world.root("root d", "root e", version=2, threshold=2)
THIRD = world.root("root f", version=3)


def first_root() -> bytes:
    """Return the first root, signed by two of its three keys."""
    return world.root_token(FIRST, KEYS[:2])


def second_root() -> bytes:
    """Return the second, which follows it."""
    return world.root_token(SECOND, ("root a", "root b", "root d", "root e"))


def bundle(version: int = 1, *, signers: tuple[str, ...] = KEYS[:2], agency: Issuer | None = None, **changes: Any) -> bytes:
    """Return a bundle under the first root."""
    listed = world.trust_list(agency or issuer(), version=version, **changes)
    return world.bundle(listed, roots=[first_root()], signers=signers)


def rotated(version: int = 1, agency: Issuer | None = None, **changes: Any) -> bytes:
    """Return a bundle under the second root."""
    listed = world.trust_list(agency or issuer(), version=version, **changes)
    return world.bundle(listed, roots=[first_root(), second_root()], signers=("root d", "root e"))


def issuer(status: KeyState = KeyState.ACTIVE, passes: KeyState = KeyState.ACTIVE, **changes: Any) -> Issuer:
    """Return the agency, with a second status key and a second pass key for the day on which the first are stolen."""
    return world.issuer(
        world.issuer_key("pass", Use.PASS, state=passes),
        world.issuer_key("pass b", Use.PASS),
        world.issuer_key("status", Use.STATUS, state=status),
        world.issuer_key("status b", Use.STATUS),
        **changes,
    )


def status(at: datetime, values: Mapping[int, Status] | None = None, signer: str = "status", **changes: Any) -> bytes:
    """Return the status list of a time, signed."""
    listed = world.status_list(values, **{"issued_at": at, "expires_at": at + 14 * world.DAY, **changes})
    return world.status_token(listed, signer=signer)


@pytest.fixture
def till(tmp_path: Path) -> Store:
    """Return a till with the trust list of version 1 and the status list of the first day."""
    made = Store.create(tmp_path / "till", FIRST.encode())
    made.offer(bundle(), now=world.NOW)
    made.offer(status(world.ISSUED_AT), now=world.NOW)
    return made


def files(till: Store) -> Files:
    """Return every file that verdicts rest on."""
    names = ("trust.spt", "clock", "floors.cbor")
    found = {name: (till.folder / name).read_bytes() for name in names}
    return found | {path.name: path.read_bytes() for path in (till.folder / "status").glob("*")}


def verdict(till: Store, now: datetime = world.NOW, **changes: Any) -> Verified:
    """Return what the till, started anew, says of the good pass, or of another."""
    opened = Store.open(till.folder)
    return world.verify(under=opened.trust, lists=opened, now=now, clock_floor=opened.clock_floor, **changes)  # type: ignore[arg-type]  # a StatusSource


def refused(till: Store, error: type[SocpassError], offer: Callable[[], UpdateOutcome]) -> SocpassError:
    """Return how the till refused an offer; everything is as it was, and the good pass is still accepted."""
    before = files(till)
    with pytest.raises(error) as refusal:
        offer()
    assert files(till) == before
    assert verdict(till).claims.name == world.claims().name
    return refusal.value


# --- Arbitrary software installation: here, an arbitrary list -----------------------------------------------


def test_arbitrary_list_by_nobody_s_key_is_refused(till: Store) -> None:
    for signers in (("thief",), ("thief", "thief b"), ("root a", "thief")):
        refused(till, Forged, lambda signers=signers: till.offer(bundle(2, signers=signers)))  # type: ignore[misc]  # mypy takes the default for an argument
    refused(till, UnknownIssuer, lambda: till.offer(status(LATER, signer="thief")))


def test_arbitrary_list_under_a_root_of_the_attacker_s_is_refused(till: Store) -> None:
    root = world.root("thief")
    made = world.bundle(world.trust_list(version=9), roots=[world.root_token(root, ("thief",))], signers=("thief",))
    refused(till, UntrustedRoot, lambda: till.offer(made))


def test_arbitrary_list_under_a_second_root_that_the_first_did_not_sign_is_refused(till: Store) -> None:
    root = world.root("thief", version=2)
    made = world.bundle(roots=[first_root(), world.root_token(root, ("thief",))], signers=("thief",))
    refused(till, ThresholdNotMet, lambda: till.offer(made))


def test_arbitrary_list_of_another_kind_in_the_place_of_this_one_is_refused(till: Store) -> None:
    # given a trust list's payload signed as a root, and a status list signed as a pass
    listed = world.trust_list(version=2)
    as_root = cose.sign_by_many(listed.encode(), map(world.key, KEYS[:2]), typ="application/socpass-root+cbor")
    refused(till, Malformed, lambda: till.offer(write_bundle([first_root()], as_root)))
    payload = cose.read_sign1(status(LATER), typ=TYP).payload
    refused(till, Malformed, lambda: till.offer(cose.sign1(payload, world.key("status")), kind=FileKind.STATUS_LIST))


def test_arbitrary_list_by_one_issuer_for_another_is_refused(till: Store) -> None:
    # given a neighbour whose own key signs a list of ours
    neighbour = world.issuer(
        world.issuer_key("neighbour", Use.PASS, Use.STATUS), id="RU-TA", status_base="https://tatar.example.ru/status/"
    )
    listed = world.trust_list(issuer(), neighbour, version=2)
    till.offer(world.bundle(listed, roots=[first_root()], signers=KEYS[:2]))

    # then
    refused(till, UnknownIssuer, lambda: till.offer(status(LATER, REVOKED, signer="neighbour")))


@pytest.mark.parametrize("where", ["first byte", "middle", "last byte"])
def test_arbitrary_list_made_of_a_good_one_by_changing_it_is_refused(till: Store, where: str) -> None:
    for kind, content in ((FileKind.BUNDLE, bundle(2)), (FileKind.STATUS_LIST, status(LATER))):
        at = {"first byte": 0, "middle": len(content) // 2, "last byte": len(content) - 1}[where]
        changed = content[:at] + bytes((content[at] ^ 1,)) + content[at + 1 :]
        refused(till, SocpassError, lambda kind=kind, changed=changed: till.offer(changed, kind=kind))  # type: ignore[misc]  # as above


def test_one_bad_entry_refuses_the_whole_list_and_says_which(till: Store) -> None:
    # given a list of two issuers, of which the second has a key under which signatures can be forged
    good = cbor.decode(world.trust_list(issuer(), version=2).encode())
    assert isinstance(good, dict)
    assert isinstance(good[5], list)
    (entry,) = good[5]
    assert isinstance(entry, dict)
    small_order = bytes(31) + b"\x80"
    forgeable: cbor.Value = {1: [-19, small_order], 2: [1], 3: 0, 4: 1, 5: 0}
    bad: cbor.Value = {**entry, 1: "RU-TA", 4: [forgeable], 6: "https://tatar.example.ru/status/"}
    token = cose.sign_by_many(cbor.encode({**good, 5: [entry, bad]}), map(world.key, KEYS[:2]), typ=LIST_TYP)

    # then
    refusal = refused(till, Malformed, lambda: till.offer(write_bundle([first_root()], token)))
    assert (refusal.reason, refusal.where) == ("weak_public_key", (Message("field.this_public_key", key=small_order.hex()),))


# --- Endless data -------------------------------------------------------------------------------------------


def test_endless_data_is_read_no_further_than_its_bound(till: Store) -> None:
    refused(till, Malformed, lambda: till.offer(bundle(2) + bytes(MAX_BUNDLE_BYTES)))
    refused(till, Malformed, lambda: till.offer(status(LATER) + bytes(MAX_TOKEN_BYTES)))


def test_endless_data_in_a_small_list_is_inflated_no_further_than_its_bound(till: Store) -> None:
    # given a gigabyte of zeros in a megabyte, well signed by a thief of the status key
    decoded = cbor.decode(cose.read_sign1(status(LATER), typ=TYP).payload)
    assert isinstance(decoded, dict)
    deflater = zlib.compressobj(1)
    bomb = b"".join(deflater.compress(bytes(2**20)) for _ in range(2**10)) + deflater.flush()
    token = cose.sign1(cbor.encode({**decoded, 65533: {"bits": 2, "lst": bomb}}), world.key("status"), typ=TYP)

    # then
    refused(till, Malformed, lambda: till.offer(token))


# --- Rollback -----------------------------------------------------------------------------------------------


def test_rollback_of_the_trust_list_is_refused(till: Store) -> None:
    till.offer(bundle(3))
    for version in (1, 2):
        refused(till, RolledBack, lambda version=version: till.offer(bundle(version)))  # type: ignore[misc]  # as above


def test_rollback_of_the_root_is_refused(till: Store) -> None:
    till.offer(rotated())
    refused(till, RolledBack, lambda: till.offer(bundle(2**32 - 1)))


def test_rollback_of_a_status_list_is_refused_and_a_revoked_pass_stays_so(till: Store) -> None:
    till.offer(status(LATER, REVOKED))
    with pytest.raises(RolledBack):
        till.offer(status(world.ISSUED_AT))
    with pytest.raises(Revoked):
        verdict(till, now=LATER)


def test_rollback_behind_a_file_that_is_gone_is_refused(till: Store) -> None:
    # given a till whose files were removed, as it advises where they are damaged
    till.offer(bundle(3))
    till.offer(status(LATER, REVOKED))
    for path in (till.folder / "trust.spt", *(till.folder / "status").glob("*")):
        path.unlink()
    opened = Store.open(till.folder)

    # then
    with pytest.raises(RolledBack):
        opened.offer(bundle(2))
    opened.offer(bundle(3))
    with pytest.raises(RolledBack):
        opened.offer(status(world.ISSUED_AT))


def test_two_contents_of_one_version_are_an_alarm(till: Store) -> None:
    refused(till, Contradicted, lambda: till.offer(bundle(1, next_update_at=world.NEXT_UPDATE_AT + world.DAY)))
    refused(till, Contradicted, lambda: till.offer(status(world.ISSUED_AT, REVOKED)))
    assert len(till.alarms) == 2


# --- Fast-forward -------------------------------------------------------------------------------------------


def test_fast_forward_of_the_trust_list_ends_with_a_new_root(till: Store) -> None:
    # given thieves of two root keys who used up all versions
    till.offer(bundle(2**32 - 1))
    refused(till, RolledBack, lambda: till.offer(bundle(2)))

    # when
    outcome = till.offer(rotated(version=1))

    # then
    assert outcome is UpdateOutcome.NEW
    assert Store.open(till.folder).trust.list.version == 1


def test_fast_forward_of_a_list_beyond_the_clock_is_refused(till: Store) -> None:
    ahead = world.NOW + timedelta(seconds=301)
    refused(till, NotYetValid, lambda: till.offer(bundle(2, issued_at=ahead), now=world.NOW))
    refused(till, NotYetValid, lambda: till.offer(status(ahead), now=world.NOW))


def test_fast_forward_of_a_status_list_ends_with_the_list_that_says_its_key_is_stolen(till: Store) -> None:
    # given a thief of the status key, and a till whose clock was a year ahead when it synced
    ahead = world.ISSUED_AT + 300 * world.DAY
    till.offer(status(ahead), now=ahead)
    with pytest.raises(ClockWrong):
        verdict(till)
    with pytest.raises(RolledBack):
        till.offer(status(LATER, signer="status b"), now=LATER)

    # when
    till.offer(bundle(2, agency=issuer(KeyState.COMPROMISED), issued_at=LATER), now=LATER)

    # then
    assert Store.open(till.folder).clock_floor == LATER
    assert till.offer(status(LATER, signer="status b"), now=LATER) is UpdateOutcome.NEW
    assert verdict(till, now=LATER).claims.name == world.claims().name


def test_fast_forward_by_a_stolen_key_does_not_open_the_way_back_for_lists_of_other_keys(till: Store) -> None:
    # given lists by an earlier key, then by the one that is stolen
    till.offer(status(LATER, REVOKED, signer="status b"))
    till.offer(status(LATEST, REVOKED))
    till.offer(bundle(2, agency=issuer(KeyState.COMPROMISED)))

    # then
    with pytest.raises(RolledBack):
        till.offer(status(world.ISSUED_AT, signer="status b"))
    assert till.offer(status(LATER, REVOKED, signer="status b")) is UpdateOutcome.NEW
    with pytest.raises(Revoked):
        verdict(till, now=LATER)


def test_fast_forward_of_the_clock_by_thieves_of_root_keys_ends_with_a_new_root(till: Store) -> None:
    # given
    ahead = world.ISSUED_AT + 80 * world.DAY
    till.offer(bundle(2, issued_at=ahead, next_update_at=ahead), now=ahead)
    with pytest.raises(ClockWrong):
        verdict(till)

    # when
    till.offer(rotated(issued_at=LATER), now=LATER)

    # then
    assert Store.open(till.folder).clock_floor == LATER
    assert verdict(till, now=LATER).issuer.id == "RU-BA"


# --- Indefinite freeze; malicious mirrors preventing updates ------------------------------------------------


def test_indefinite_freeze_ends_when_the_trust_list_expires(till: Store) -> None:
    # given a mirror that shows the same files for ever
    assert till.offer(bundle()) is UpdateOutcome.SAME
    assert verdict(till, now=world.STATUS_EXPIRES_AT - world.SECOND).warnings == ("status_ageing",)

    # then
    with pytest.raises(StatusStale):
        verdict(till, now=world.STATUS_EXPIRES_AT)
    with pytest.raises(TrustExpired):
        verdict(till, now=world.LIST_EXPIRES_AT)


def test_indefinite_freeze_of_the_root_ends_when_the_newest_root_expires(tmp_path: Path) -> None:
    # given a root that ends before its list
    root = world.root(expires_at=LATEST)
    till = Store.create(tmp_path / "short", root.encode())
    till.offer(world.bundle(roots=[world.root_token(root)]))
    till.offer(status(world.ISSUED_AT))

    # then
    assert verdict(till).warnings == ()
    with pytest.raises(TrustExpired):
        verdict(till, now=LATEST)


def test_indefinite_freeze_by_setting_the_clock_back_is_noticed(till: Store) -> None:
    till.offer(status(LATEST))
    with pytest.raises(ClockWrong) as refusal:
        verdict(till, now=world.NOW)
    assert (refusal.value.facts["now"], refusal.value.facts["floor"]) == (world.NOW, LATEST)


def test_a_mirror_that_prevents_updates_is_noticed_by_age_and_honoured_until_expiry_alone(till: Store) -> None:
    ageing = world.ISSUED_AT + 2 * world.DAY
    assert verdict(till, now=ageing).status_age == 2 * world.DAY
    assert verdict(till, now=ageing).warnings == ("status_ageing",)
    with pytest.raises(StatusStale):
        verdict(till, now=world.STATUS_EXPIRES_AT)
    honoured = verdict(till, now=world.STATUS_EXPIRES_AT, policy=Policy(on_stale=OnStale.WARN))
    assert honoured.warnings == ("status_expired",)


def test_a_mirror_that_prevents_updates_does_not_bring_a_revoked_pass_back(till: Store) -> None:
    till.offer(status(LATER, REVOKED))
    for on_stale in OnStale:
        with pytest.raises(Revoked):
            verdict(till, now=world.LIST_EXPIRES_AT - world.SECOND, policy=Policy(on_stale=on_stale))


def test_a_mirror_that_leaves_out_one_list_leaves_the_others_fresh(till: Store) -> None:
    # given two lists, of which the mirror shows one
    second = world.STATUS_BASE + "1"
    till.offer(status(world.ISSUED_AT, uri=second))
    till.offer(status(LATEST))

    # then
    opened = Store.open(till.folder)
    ages = {found.content.uri: found.content.issued_at for found in opened.status_lists()}
    assert ages == {world.STATUS_URI: LATEST, second: world.ISSUED_AT}


# --- Mix-and-match ------------------------------------------------------------------------------------------


def test_mix_and_match_of_an_older_list_with_a_newer_bundle_is_refused(till: Store) -> None:
    # given
    till.offer(status(LATER, REVOKED))
    till.offer(bundle(2, issued_at=LATER))

    # then
    with pytest.raises(RolledBack):
        till.offer(status(world.ISSUED_AT))
    with pytest.raises(Revoked):
        verdict(till, now=LATER)


def test_mix_and_match_of_one_bundle_s_list_with_another_s_roots_is_refused(till: Store) -> None:
    # given the list of the first root after the second, and the other way round
    old = world.bundle(world.trust_list(version=5), roots=[first_root(), second_root()], signers=KEYS[:2])
    new = world.bundle(world.trust_list(version=5), roots=[first_root()], signers=("root d", "root e"))
    for made in (old, new):
        refused(till, Forged, lambda made=made: till.offer(made))  # type: ignore[misc]  # as above


def test_mix_and_match_of_a_root_of_another_federation_in_the_chain_is_refused(till: Store) -> None:
    other = world.root("root d", "root e", version=2, threshold=1)
    made = world.bundle(roots=[first_root(), world.root_token(other, ("root d", "root e"))], signers=("root d",))
    refused(till, ThresholdNotMet, lambda: till.offer(made))


def test_mix_and_match_of_two_publications_is_sound_in_every_mixture(till: Store) -> None:
    # given two publications, each with a bundle and a list; the second revokes
    first: Files = {"bundle": bundle(2), "list": status(LATER)}
    second: Files = {"bundle": bundle(3), "list": status(LATEST, REVOKED)}

    # when a till meets the newer list before the newer bundle
    till.offer(first["bundle"])
    till.offer(second["list"])

    # then
    with pytest.raises(Revoked):
        verdict(till, now=LATEST)
    with pytest.raises(RolledBack):
        till.offer(first["list"])
    assert till.offer(second["bundle"]) is UpdateOutcome.NEW


# --- Keys: wrong ones, too few, one counted twice -----------------------------------------------------------


def test_wrong_key_threshold_counts_only_keys_of_the_root(till: Store) -> None:
    refused(till, ThresholdNotMet, lambda: till.offer(bundle(2, signers=("root a",))))
    refused(till, Forged, lambda: till.offer(bundle(2, signers=("root a", "status"))))


def test_a_key_counted_twice_does_not_meet_a_threshold(till: Store) -> None:
    # given one key's signature twice, then under another key id, and a root that names a key twice
    signed = cose.read_sign(
        cose.sign_by_many(world.trust_list(version=2).encode(), [world.key("root a")], typ=LIST_TYP), typ=LIST_TYP
    )
    (once,) = signed.signatures
    claimed = cbor.encode({1: -19, 4: world.key("root b").public_key.key_id})
    for protected in (once.protected, claimed):
        entries: list[cbor.Value] = [
            [header, {}, once.value] for header in sorted((once.protected, protected), key=lambda header: header[-8:])
        ]
        token = b"\xd8\x62" + cbor.encode([signed.protected, {}, signed.payload, entries])
        refused(till, SocpassError, lambda token=token: till.offer(write_bundle([first_root()], token)))  # type: ignore[misc]  # as above
    twice = cbor.decode(FIRST.encode())
    assert isinstance(twice, dict)
    raw = world.key("root a").public_key.raw
    with pytest.raises(Malformed):
        Store.create(till.folder.with_name("other"), cbor.encode({**twice, 4: [raw, raw]}))


def test_a_new_root_needs_the_thresholds_of_both(till: Store) -> None:
    for signers in (("root a", "root b", "root d"), ("root a", "root d", "root e")):
        made = world.bundle(roots=[first_root(), world.root_token(SECOND, signers)], signers=("root d", "root e"))
        refused(till, ThresholdNotMet, lambda made=made: till.offer(made))  # type: ignore[misc]  # as above


def test_a_till_that_missed_roots_walks_the_chain_and_skips_none(till: Store) -> None:
    # given
    third = world.root_token(THIRD, ("root d", "root e", "root f"))
    listed = world.trust_list(issuer())

    # then
    skipped = world.bundle(listed, roots=[first_root(), third], signers=("root f",))
    refused(till, UntrustedRoot, lambda: till.offer(skipped))
    whole = world.bundle(listed, roots=[first_root(), second_root(), third], signers=("root f",))
    assert till.offer(whole) is UpdateOutcome.NEW
    assert Store.open(till.folder).trust.root == THIRD


# --- Vulnerability to key compromises -----------------------------------------------------------------------


def test_key_compromise_of_fewer_root_keys_than_the_threshold_gives_nothing(till: Store) -> None:
    for key in KEYS:
        refused(till, ThresholdNotMet, lambda key=key: till.offer(bundle(2, signers=(key,))))  # type: ignore[misc]  # as above


def test_key_compromise_of_a_root_that_was_replaced_gives_nothing(till: Store) -> None:
    # given thieves of all keys of the first root, after the second; they make a second and a third root of their own
    till.offer(rotated())
    own = world.root("thief", version=2)
    own_third = world.root("thief", version=3)
    roots = [first_root(), world.root_token(own, (*KEYS, "thief")), world.root_token(own_third, ("thief",))]

    # then
    for chain in (roots[:2], roots):
        made = world.bundle(world.trust_list(version=9), roots=chain, signers=("thief",))
        with pytest.raises(Contradicted) as alarm:
            till.offer(made)
        assert alarm.value.reason == "contradicted.roots"
        assert [kept.name for kept in till.alarms] == [alarm.value.facts["name"]] == [Message("name_of.root", version=2)]
    assert Store.open(till.folder).trust.root == SECOND
    assert verdict(till).claims.name == world.claims().name


def test_key_compromise_of_a_pass_key_ends_all_that_it_signed_whatever_iat_the_thief_chose(till: Store) -> None:
    # when
    till.offer(bundle(2, agency=issuer(passes=KeyState.COMPROMISED)))

    # then
    for claims in (world.claims(), world.claims(issued_at=world.SIGN_FROM)):
        with pytest.raises(KeyCompromised):
            verdict(till, of=world.text(claims))
    assert verdict(till, of=world.text(signer=world.key("pass b"))).key.public_key == world.key("pass b").public_key


def test_key_compromise_of_a_status_key_gives_no_pass_and_no_trust(till: Store) -> None:
    with pytest.raises(OutOfScope):
        verdict(till, of=world.text(signer=world.key("status")))
    refused(till, Forged, lambda: till.offer(bundle(2, signers=("status",))))


def test_key_compromise_of_an_issuer_stays_within_its_categories(till: Store) -> None:
    narrow = issuer(scopes=((1, 999),))
    till.offer(bundle(2, agency=narrow))
    with pytest.raises(OutOfScope):
        verdict(till)


def test_the_first_root_is_never_taken_from_a_mirror(tmp_path: Path) -> None:
    # given a folder in which nobody confirmed a root
    with pytest.raises(StoreError) as refusal:
        Store.open(tmp_path / "new")
    assert refusal.value.reason == "no_store_here"
    root: Root = world.root("thief")
    till = Store.create(tmp_path / "new", FIRST.encode())
    with pytest.raises(UntrustedRoot):
        till.offer(world.bundle(roots=[world.root_token(root, ("thief",))], signers=("thief",)))
