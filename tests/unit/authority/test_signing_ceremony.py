"""A root authority's folder and what comes of it: requests, lists, roots that follow roots, and tills that missed some."""

import re
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import world
from said import refused
from small_disk import small_disk
from socpass_vc.authority.federation_folder import Federation
from socpass_vc.authority.signing_ceremony import (
    ListTerms,
    carry_out,
    check_goes_on_from,
    collect,
    draft_list,
    draft_root,
    faults_of_request,
    sign_all,
)
from socpass_vc.authority.trust_list_lint import Allowances
from socpass_vc.errors import (
    AuthorityError,
    ClaimsError,
    Forged,
    KeyCompromised,
    KeyRevived,
    KeyTwice,
    OutlivesRoot,
    OutOfScope,
    RolledBack,
    ScopeOverlap,
    SigningRequestError,
    ThresholdNotMet,
    UnsoundList,
    UntrustedRoot,
    VersionNotRising,
    WindowPast,
)
from socpass_vc.format.keyfile import write_public_pem
from socpass_vc.format.trust.bundle import read_bundle
from socpass_vc.format.trust.issuers import Issuer, KeyState, Use
from socpass_vc.format.trust.signing_request import SigningRequest
from socpass_vc.messages import Message
from socpass_vc.verifier.store.till_store import Store, UpdateOutcome

DAY, NOW = world.DAY, world.NOW
TERMS = ListTerms(next_update=30 * DAY, valid=365 * DAY, allow=Allowances())
YEARS = timedelta(days=3652)
BA = world.issuer(
    world.issuer_key("pass", Use.PASS, sign_until=NOW + 900 * DAY),
    world.issuer_key("status", Use.STATUS, sign_until=NOW + 900 * DAY),
    scopes=((1, 999), (2001, 2999)),
)
KO = world.issuer(
    world.issuer_key("ko", Use.PASS, Use.STATUS, sign_until=NOW + 900 * DAY),
    id="RU-KO",
    scopes=((1, 999), (11_001, 11_999)),
    status_base="https://pass.example.ru/komi/",
)


@pytest.fixture
def federation(tmp_path: Path) -> Federation:
    """Return a root authority whose first root, two of a, b and c, is signed, and which knows an issuer."""
    made = Federation.create(tmp_path / "federation")
    for name in "abc":
        made.add_key(name, world.key(name).public_key)
    draft_root(made, TERMS, threshold=2, lifetime=YEARS, now=NOW)
    carry(made, "ab")
    made.put_issuer(BA)
    return made


def carry(federation: Federation, names: str) -> list[Path]:
    """Sign the open request with the keys of these names, and carry it out."""
    opened = federation.open_request()
    assert opened is not None
    return carry_out(federation, collect(federation, [sign_all(opened.request, map(world.key, names))]))


def listed(federation: Federation, *, now: int = 0, names: str = "ab") -> bytes:
    """Sign the next list so many days from now, and return the bundle."""
    draft_list(federation, TERMS, now=NOW + now * DAY)
    carry(federation, names)
    return (federation.folder / "trust.spt").read_bytes()


def rotate(federation: Federation, *, drop: str, add: str, now: int, names: str, threshold: int | None = None) -> bytes:
    """Put one key of the root in another's place, sign that root and a list under it, and return the bundle."""
    federation.drop_key(drop)
    federation.add_key(add, world.key(add).public_key)
    draft_root(federation, TERMS, threshold=threshold, lifetime=YEARS, now=NOW + now * DAY)
    carry(federation, names)
    return (federation.folder / "trust.spt").read_bytes()


# --- The first root -----------------------------------------------------------------------------------------


def test_the_first_root_is_signed_by_its_threshold_and_lies_where_shops_get_it(federation: Federation) -> None:
    # then
    assert [signed.root.version for signed in federation.roots()] == [1]
    assert (federation.folder / "roots" / "1.root").is_file()
    assert federation.open_request() is None
    assert federation.bundle() is None


def test_the_usual_threshold_of_a_first_root_is_more_than_half(tmp_path: Path) -> None:
    # given
    made = Federation.create(tmp_path / "new")
    for name in "abcd":
        made.add_key(name, world.key(name).public_key)

    # when
    request = draft_root(made, TERMS, threshold=None, lifetime=YEARS, now=NOW).request

    # then
    assert request.newest.threshold == 3
    assert request.list is None


def test_a_first_root_and_a_first_list_may_be_asked_for_at_once(tmp_path: Path) -> None:
    # given
    made = Federation.create(tmp_path / "new")
    made.add_key("a", world.key("a").public_key)
    made.put_issuer(BA)

    # when
    draft_root(made, TERMS, threshold=1, lifetime=YEARS, now=NOW)
    written = carry(made, "a")

    # then
    assert [path.name for path in written] == ["trust.spt", "1.root"]


def test_without_keys_there_is_no_root_and_without_a_root_no_list(tmp_path: Path) -> None:
    # given
    made = Federation.create(tmp_path / "new")

    # then
    with refused(AuthorityError, "next_root_without_keys"):
        draft_root(made, TERMS, threshold=1, lifetime=YEARS, now=NOW)
    with refused(AuthorityError, "no_root_signed"):
        draft_list(made, TERMS, now=NOW)


def test_a_threshold_above_the_keys_or_a_root_that_has_expired_is_refused(federation: Federation) -> None:
    # then
    with refused(ClaimsError, "root_threshold", threshold=4, keys=3):
        draft_root(federation, TERMS, threshold=4, lifetime=YEARS, now=NOW)
    with pytest.raises(WindowPast):
        draft_root(federation, TERMS, threshold=2, lifetime=timedelta(0), now=NOW)
    assert federation.open_request() is None


# --- Lists --------------------------------------------------------------------------------------------------


def test_lists_rise_and_each_is_taken_by_a_till(federation: Federation, tmp_path: Path) -> None:
    # given
    first = listed(federation)
    till = Store.create(tmp_path / "till", federation.roots()[0].signed.payload)

    # then
    assert till.offer(first, now=NOW) is UpdateOutcome.NEW
    assert till.offer(listed(federation, now=1), now=NOW + DAY) is UpdateOutcome.NEW
    assert till.trust.list.version == 2
    with pytest.raises(RolledBack):
        till.offer(first)


def test_two_lists_within_a_second_have_times_that_rise_and_a_clock_that_is_behind_is_noticed(federation: Federation) -> None:
    # given
    listed(federation)

    # then
    later = draft_list(federation, TERMS, now=NOW).request
    assert later.list is not None
    assert later.list.list.issued_at == NOW + world.SECOND
    behind = draft_list(federation, TERMS, now=NOW - timedelta(seconds=300), again=True).request
    assert behind.list is not None
    assert behind.list.list.issued_at == NOW + world.SECOND
    with refused(VersionNotRising, "list_time_not_rising", issued_at=NOW - timedelta(seconds=301)):
        draft_list(federation, TERMS, now=NOW - timedelta(seconds=301), again=True)


def test_a_list_needs_an_issuer(federation: Federation) -> None:
    # given
    federation.drop_issuer("RU-BA")

    # then
    with refused(AuthorityError, "list_without_issuers"):
        draft_list(federation, TERMS, now=NOW)


def test_one_request_is_open_at_a_time_and_a_withdrawn_version_is_not_used_again(federation: Federation) -> None:
    # given
    first = draft_list(federation, TERMS, now=NOW)
    half_signed = sign_all(first.request, [world.key("a")])

    # then
    with refused(AuthorityError, "request_open") as caught:
        draft_list(federation, TERMS, now=NOW)
    assert caught.value.where == (str(first.path),)

    # when
    second = draft_list(federation, TERMS, now=NOW, again=True)

    # then
    assert (first.path.exists(), second.path.name) == (False, "list-2.request")
    with refused(SigningRequestError, "another_request"):
        collect(federation, [half_signed])


def test_signatures_are_kept_until_there_are_enough(federation: Federation) -> None:
    # given
    request = draft_list(federation, TERMS, now=NOW).request
    copies = [sign_all(request, [world.key(name)]) for name in "cb"]

    # when
    first = collect(federation, [copies[0], copies[0]])

    # then
    assert not first.is_complete
    with pytest.raises(ThresholdNotMet):
        carry_out(federation, first)
    assert federation.bundle() is None

    # when
    whole = collect(federation, [copies[1], copies[0]])

    # then
    assert whole.is_complete
    assert carry_out(federation, whole) == [federation.folder / "trust.spt"]
    with refused(AuthorityError, "no_request_open"):
        collect(federation, [whole])


def test_what_was_cut_off_between_two_files_is_finished_by_collecting_again(federation: Federation) -> None:
    # given the power goes after trust.spt was written, before the roots and the end of the request
    opened = draft_root(federation, TERMS, threshold=2, lifetime=YEARS, now=NOW)
    signed = sign_all(opened.request, map(world.key, "abc"))
    bundle = collect(federation, [signed]).bundle()
    assert bundle is not None
    (federation.folder / "trust.spt").write_bytes(bundle)

    # when
    written = carry_out(federation, collect(federation, []))

    # then
    assert [path.name for path in written] == ["trust.spt", "2.root"]
    assert federation.open_request() is None
    assert [signed.root.version for signed in federation.roots()] == [1, 2]


def test_a_request_that_does_not_go_on_from_what_is_in_force_is_not_carried_out(federation: Federation, tmp_path: Path) -> None:
    # given a request that was signed before another list came into force, as from a copy of the folder
    opened = draft_list(federation, TERMS, now=NOW)
    stale = sign_all(opened.request, map(world.key, "ab"))
    federation.close_request()
    draft_list(federation, TERMS, now=NOW + DAY)
    carry(federation, "ab")
    in_force = listed(federation, now=2)
    federation.keep_request(stale)

    # then
    with refused(RolledBack, "request_shows_no_list", have=2):
        carry_out(federation, collect(federation, []))
    assert (federation.folder / "trust.spt").read_bytes() == in_force

    # and neither is one of another federation, whoever laid it there
    federation.close_request()
    other = Federation.create(tmp_path / "other")
    other.add_key("d", world.key("d").public_key)
    draft_root(other, TERMS, threshold=1, lifetime=YEARS, now=NOW)
    carry(other, "d")
    for version_of in (federation, draft_root_only(tmp_path / "young")):
        version_of.keep_request(foreign(other))
        with pytest.raises(UntrustedRoot):
            carry_out(version_of, collect(version_of, []))
        assert [signed.root.version for signed in version_of.roots()] == [1]


def draft_root_only(folder: Path) -> Federation:
    """Return a root authority that has signed its first root and no list."""
    made = Federation.create(folder)
    made.add_key("a", world.key("a").public_key)
    draft_root(made, TERMS, threshold=1, lifetime=YEARS, now=NOW)
    carry(made, "a")
    return made


def foreign(other: Federation) -> SigningRequest:
    """Return a request of another federation for its first list, with enough signatures."""
    if other.open_request() is None:
        other.put_issuer(KO)
        draft_list(other, TERMS, now=NOW + 3 * DAY)
    opened = other.open_request()
    assert opened is not None
    return sign_all(opened.request, [world.key("d")])


@pytest.mark.parametrize(
    ("issuer", "terms", "now", "error"),
    [
        (replace(KO, scopes=((2500, 2600),)), TERMS, 1, ScopeOverlap),
        (KO, replace(TERMS, valid=YEARS), 1, OutlivesRoot),
        (KO, TERMS, -1, VersionNotRising),
        (replace(KO, keys=(world.issuer_key("ko", Use.PASS, sign_until=NOW),)), TERMS, 1, WindowPast),
    ],
    ids=["scope", "root", "iat", "window"],
)
def test_a_list_that_must_not_be_signed_is_not_asked_for(
    federation: Federation, issuer: Issuer, terms: ListTerms, now: int, error: type[UnsoundList]
) -> None:
    # given
    listed(federation)
    federation.put_issuer(issuer)

    # then
    with pytest.raises(error):
        draft_list(federation, terms, now=NOW + now * DAY)
    assert federation.open_request() is None


def test_all_that_is_wrong_is_said_at_once(federation: Federation) -> None:
    # given
    listed(federation)
    federation.put_issuer(replace(KO, scopes=((2500, 2600),)))

    # then
    with refused(OutlivesRoot, "list_unsound", count=2) as caught:
        draft_list(federation, replace(TERMS, valid=YEARS), now=NOW + DAY)
    assert re.fullmatch(r"[^\n]+\n  \[outlives_root\] [^\n]+\n  \[scope_overlap\] [^\n]+", str(caught.value))


def test_two_issuers_with_one_status_base_are_both_named(federation: Federation) -> None:
    # given
    federation.put_issuer(replace(KO, status_base=BA.status_base))

    # then
    with refused(AuthorityError, "status_base_shared", one="RU-BA", other="RU-KO", status_base=BA.status_base):
        draft_list(federation, TERMS, now=NOW)


def test_a_custodian_sees_what_nobody_may_allow_in_a_request_that_somebody_made(federation: Federation) -> None:
    # given a request drafted in time, and looked at after its list has expired
    request = draft_list(federation, TERMS, now=NOW).request

    # then
    assert faults_of_request(request, now=NOW) == ()
    assert [fault.code for fault in faults_of_request(request, now=NOW + 365 * DAY)] == ["window_past"]
    root = draft_root(federation, TERMS, threshold=2, lifetime=DAY * 400, now=NOW, again=True).request
    assert [fault.code for fault in faults_of_request(root, now=NOW + 400 * DAY)] == ["window_past", "window_past"]


def test_a_request_goes_on_from_the_bundle_that_a_custodian_kept_or_from_a_later_one(federation: Federation) -> None:
    # given
    first = draft_list(federation, TERMS, now=NOW).request
    carry(federation, "ab")
    kept = read_bundle((federation.folder / "trust.spt").read_bytes())
    second = draft_list(federation, TERMS, now=NOW + DAY).request
    carry(federation, "ab")
    later = read_bundle((federation.folder / "trust.spt").read_bytes())
    rotated = read_bundle(rotate(federation, drop="a", add="d", now=2, names="abd"))
    fourth = draft_list(federation, TERMS, now=NOW + 3 * DAY).request

    # then
    check_goes_on_from(second, kept)
    for bundle in (kept, later, rotated):
        check_goes_on_from(fourth, bundle)
    with refused(RolledBack, "request_shows_no_list", have=1):
        check_goes_on_from(first, kept)
    with refused(RolledBack, "request_shows_older_list", shown=1, have=2):
        check_goes_on_from(second, later)
    with pytest.raises(UntrustedRoot):
        check_goes_on_from(second, rotated)
    altered = kept._replace(signed_list=kept.signed_list._replace(payload=replace(kept.list, issued_at=NOW + DAY).encode()))
    with refused(RolledBack, "request_shows_another_list", have=1):
        check_goes_on_from(second, altered)


# --- Roots that follow roots --------------------------------------------------------------------------------


def test_a_till_that_trusts_root_1_walks_to_root_4_and_only_the_newest_expiry_counts(
    federation: Federation, tmp_path: Path
) -> None:
    # given a till that last synced under root 1
    anchor = federation.roots()[0].signed.payload
    till = Store.create(tmp_path / "till", anchor)
    till.offer(listed(federation), now=NOW)
    missed = rotate(federation, drop="a", add="d", now=10, names="abd")
    rotate(federation, drop="b", add="e", now=20, names="bcde", threshold=3)
    newest = rotate(federation, drop="c", add="f", now=4000, names="cdef")

    # when it syncs after three rotations, and after the first root has expired
    now = NOW + 4001 * DAY
    assert federation.roots()[0].root.expires_at < now
    outcome = till.offer(newest, now=now)

    # then
    assert outcome is UpdateOutcome.NEW
    assert (till.trust.root.version, till.trust.list.version) == (4, 4)
    assert till.trust.root.keys == world.ascending(map(world.key, "def"))
    assert till.trust.expires_at > now
    with pytest.raises(RolledBack):
        till.offer(missed, now=now)


def test_a_till_may_begin_with_any_root_of_the_chain(federation: Federation, tmp_path: Path) -> None:
    # given
    listed(federation)
    rotate(federation, drop="a", add="d", now=1, names="abd")
    newest = rotate(federation, drop="b", add="e", now=2, names="bcde")

    # then
    for signed in federation.roots():
        till = Store.create(tmp_path / f"till-{signed.root.version}", signed.signed.payload)
        assert till.offer(newest) is UpdateOutcome.NEW
    stranger = Store.create(tmp_path / "stranger", world.root("a").encode())
    with pytest.raises(UntrustedRoot):
        stranger.offer(newest)


def test_a_root_needs_the_threshold_of_the_one_before_and_its_own(federation: Federation) -> None:
    # given a is stolen, and d and e take the places of a and b
    for name in "ab":
        federation.drop_key(name)
    for name in "de":
        federation.add_key(name, world.key(name).public_key)
    request = draft_root(federation, TERMS, threshold=2, lifetime=YEARS, now=NOW).request

    # then the new keys alone do not take over, the old ones alone do not hand over
    for names, complete in (("de", False), ("ab", False), ("ae", False), ("abde", True), ("acd", True), ("abc", False)):
        assert sign_all(request, map(world.key, names)).is_complete is complete, names


def test_a_list_of_the_old_root_is_refused_under_the_new_one(federation: Federation, tmp_path: Path) -> None:
    # given
    listed(federation)
    old_chain = Federation(federation.folder)
    assert old_chain.bundle() is not None
    rotated = rotate(federation, drop="a", add="d", now=1, names="abd")
    till = Store.create(tmp_path / "till", federation.roots()[0].signed.payload)
    till.offer(rotated)

    # when the dropped key and another of root 1 sign a list under root 2
    opened = draft_list(federation, TERMS, now=NOW + 2 * DAY)
    assert not opened.request.concerns(world.key("a").public_key)
    with pytest.raises(SigningRequestError):
        opened.request.signed_with(world.key("a"))

    # then
    assert opened.request.list is not None
    stray = opened.request.list.signed.sign(world.key("a"))
    spoilt: SigningRequest = replace(
        opened.request, list=opened.request.list._replace(signed=opened.request.list.signed.with_signatures([stray]))
    )
    with pytest.raises(Forged):
        spoilt.tallies()


def test_what_a_retired_key_signed_in_its_window_goes_on_and_nothing_of_a_stolen_key_does(federation: Federation) -> None:
    # given a pass of the window's last second, and one of the second after
    listed(federation)
    ends = NOW + 900 * DAY
    in_time = world.text(world.claims(issued_at=NOW - world.SECOND))
    too_late = world.text(world.claims(issued_at=ends, expires_at=ends + DAY))

    def verify(text: str, *, now: datetime = NOW + 5 * DAY) -> None:
        trust = read_bundle((federation.folder / "trust.spt").read_bytes()).check(federation.roots()[0].signed.payload)
        lists = world.status(under=trust, issued_at=now - world.SECOND, expires_at=now + DAY)
        world.verify(text, under=trust, lists=lists, now=now)

    # then
    verify(in_time)

    # when its key is retired
    federation.mark_key(world.key("pass").public_key.key_id, KeyState.RETIRED)
    listed(federation, now=1)

    # then
    verify(in_time)

    # when another list follows late enough, the window still ends
    draft_list(federation, replace(TERMS, valid=2 * 365 * DAY), now=NOW + 600 * DAY)
    carry(federation, "ab")
    with pytest.raises(OutOfScope):
        verify(too_late, now=ends + world.SECOND)

    # when it turns out to be stolen
    federation.mark_key(world.key("pass").public_key.key_id, KeyState.COMPROMISED)
    listed(federation, now=601)

    # then not even what was signed before the theft counts, and it says why
    with pytest.raises(KeyCompromised):
        verify(in_time, now=NOW + 602 * DAY)


# --- The folder ---------------------------------------------------------------------------------------------


def test_a_key_is_added_once_and_under_a_name_that_is_a_files(federation: Federation) -> None:
    # then
    with refused(KeyTwice, "root_key_here_already", custodian="a"):
        federation.add_key("other", world.key("a").public_key)
    with refused(KeyTwice, "key_of_root_and_issuer", issuer_id="RU-BA"):
        federation.add_key("other", world.key("pass").public_key)
    with refused(AuthorityError, "custodian_name_taken", name="a"):
        federation.add_key("a", world.key("d").public_key)
    for name in ("", ".", "../a", "a/b", "a\n", " a", "a.", "\N{RIGHT-TO-LEFT OVERRIDE}a", "x" * 64):
        with refused(AuthorityError, "custodian_name_wrong", name=name):
            federation.add_key(name, world.key("d").public_key)
    assert federation.add_key("Анна Иванова-2", world.key("d").public_key).is_file()


def test_a_key_is_dropped_by_name_or_by_id(federation: Federation) -> None:
    # then
    assert federation.drop_key("a") == ("a", world.key("a").public_key)
    assert federation.drop_key(world.key("b").public_key.key_id.hex())[0] == "b"
    with refused(AuthorityError, "no_such_root_key", named="a", known=("c",)):
        federation.drop_key("a")


def test_a_public_key_laid_there_twice_or_damaged_is_named(federation: Federation) -> None:
    # given
    path = federation.folder / "keys" / "copy.pem"
    path.write_bytes(write_public_pem(world.key("a").public_key))

    # then
    key_id = world.key("a").public_key.key_id.hex()
    with refused(KeyTwice, "root_key_in_two_files", key_id=key_id, one="a", other="copy") as caught:
        federation.keys()
    assert caught.value.where == (str(path),)
    path.write_bytes(b"-----BEGIN PUBLIC KEY-----\n")
    with pytest.raises(AuthorityError, match=r"copy\.pem: "):
        federation.keys()


def test_an_issuers_key_is_neither_anothers_nor_the_roots(federation: Federation) -> None:
    # then
    with refused(KeyTwice, "key_of_two_issuers", one="RU-BA", other="RU-KO"):
        federation.put_issuer(replace(KO, keys=(*BA.keys[:1],)))
    with refused(KeyTwice, "key_of_root_and_issuer", issuer_id="RU-KO"):
        federation.put_issuer(replace(KO, keys=(world.issuer_key("a", Use.PASS),)))
    federation.drop_key("a")
    with refused(KeyTwice, "key_of_root_and_issuer", issuer_id="RU-KO"):
        federation.put_issuer(replace(KO, keys=(world.issuer_key("a", Use.PASS),)))


def test_a_compromised_key_stays_whatever_the_next_description_says(federation: Federation) -> None:
    # given
    listed(federation)
    stolen = world.key("pass").public_key
    marked = federation.mark_key(stolen.key_id, KeyState.COMPROMISED)
    assert marked.after is not None
    listed(federation, now=1)

    # then it does not come back to life
    with refused(KeyRevived, "description_revives_key", key_id=stolen.key_id.hex(), state="active"):
        federation.put_issuer(BA)
    with refused(KeyRevived, "key_stays_compromised"):
        federation.mark_key(stolen.key_id, KeyState.RETIRED)
    with refused(AuthorityError, "key_marked_already", state="compromised"):
        federation.mark_key(stolen.key_id, KeyState.COMPROMISED)

    # and it does not go
    without = replace(BA, keys=tuple(key for key in BA.keys if key.public_key != stolen))
    placed = federation.put_issuer(without)
    assert [key.public_key for key in placed.kept] == [stolen]
    assert placed.after is not None
    assert {key.public_key for key in placed.after.keys} == {key.public_key for key in BA.keys}

    # not even by hand
    (federation.folder / "issuers" / "RU-BA.toml").unlink()
    federation.put_issuer(KO)
    with pytest.raises(UnsoundList) as caught:
        draft_list(federation, TERMS, now=NOW + 2 * DAY)
    assert caught.value.code == "tombstone_dropped"
    federation.put_issuer(without)
    draft_list(federation, TERMS, now=NOW + 2 * DAY)


def test_an_issuer_that_leaves_leaves_its_stolen_keys_behind(federation: Federation) -> None:
    # given
    federation.put_issuer(KO)
    federation.mark_key(world.key("pass").public_key.key_id, KeyState.COMPROMISED)

    # when
    gone, left = federation.drop_issuer("RU-KO"), federation.drop_issuer("RU-BA")

    # then
    assert gone.after is None
    assert left.after is not None
    assert [key.state for key in left.after.keys] == [KeyState.COMPROMISED]
    assert [issuer.id for issuer in federation.issuers()] == ["RU-BA"]
    with refused(AuthorityError, "no_such_issuer", issuer_id="RU-KO", known=("RU-BA",)):
        federation.drop_issuer("RU-KO")


def test_a_key_is_marked_by_its_id(federation: Federation) -> None:
    # when
    placed = federation.mark_key(world.key("pass").public_key.key_id, KeyState.RETIRED)

    # then
    assert placed.before == BA
    assert placed.after is not None
    assert sorted(key.state for key in placed.after.keys) == [KeyState.ACTIVE, KeyState.RETIRED]
    with refused(AuthorityError, "no_issuer_has_key", key_id="00" * 8):
        federation.mark_key(bytes(8), KeyState.RETIRED)


def test_another_folder_is_no_root_authority(tmp_path: Path) -> None:
    # given
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").touch()

    # then
    for folder in (tmp_path, tmp_path / "missing", tmp_path / "other" / "file"):
        with refused(AuthorityError, "no_root_here", folder=str(folder)):
            Federation.open(folder)
    for folder in (tmp_path / "other", tmp_path / "other" / "file"):
        with pytest.raises(AuthorityError):
            Federation.create(folder)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("trust.spt", b"x"),
        ("roots/1.root", b"x"),
        ("requests/list-1.request", b"x"),
        ("issuers/RU-BA.toml", b"\xff"),
        ("issuers/RU-XX.toml", b"format = 1\n"),
    ],
)
def test_a_damaged_file_is_named_and_left_alone(federation: Federation, file: str, content: bytes) -> None:
    # given
    path = federation.folder / file
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)

    # then
    with pytest.raises(AuthorityError, match=path.name):
        draft_list(federation, TERMS, now=NOW)
    assert path.read_bytes() == content


def test_a_chain_of_roots_with_one_missing_is_refused(federation: Federation) -> None:
    # given root 2 before any list, without root 1
    federation.drop_issuer("RU-BA")
    federation.drop_key("a")
    federation.add_key("d", world.key("d").public_key)
    draft_root(federation, TERMS, threshold=2, lifetime=YEARS, now=NOW)
    assert [path.name for path in carry(federation, "abd")] == ["2.root"]
    assert [signed.root.version for signed in federation.roots()] == [1, 2]
    (federation.folder / "roots" / "1.root").unlink()

    # then
    with pytest.raises(AuthorityError, match="roots: "):
        federation.roots()


# --- Whatever dies when -------------------------------------------------------------------------------------


def test_a_root_that_is_killed_while_it_collects_goes_on_where_it_was(federation: Federation, tmp_path: Path) -> None:
    # given a request that both custodians have signed, collected by a process that is killed at some moment, again and again
    opened = draft_root(federation, TERMS, threshold=2, lifetime=YEARS, now=NOW)
    copy = tmp_path / "signed.request"
    copy.write_bytes(sign_all(opened.request, map(world.key, "ab")).encode())
    program = "from socpass_cli.main import run; run()"
    delays = [0.05 * number for number in range(4, 14)]

    for delay in delays:
        # when
        process = subprocess.Popen(
            [sys.executable, "-c", program, "root", "collect", str(federation.folder), str(copy)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(delay)
        process.kill()
        process.wait()

        # then the folder is readable, and is the old one or the new one
        versions = [signed.root.version for signed in federation.roots()]
        assert versions in ([1], [1, 2])
        assert federation.open_request() is not None or versions == [1, 2]

    # when somebody lets it end
    if federation.open_request() is not None:
        carry_out(federation, collect(federation, [sign_all(opened.request, map(world.key, "ab"))]))

    # then
    assert [signed.root.version for signed in federation.roots()] == [1, 2]
    assert (federation.folder / "roots" / "2.root").is_file()
    assert federation.bundle() is not None


def test_a_full_disk_keeps_what_was_there(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 64) as disk:
        # given a root on a disk that is then filled up
        made = Federation.create(disk / "federation")
        made.add_key("a", world.key("a").public_key)
        made.put_issuer(BA)
        draft_root(made, TERMS, threshold=1, lifetime=YEARS, now=NOW)
        carry(made, "a")
        before = (made.folder / "trust.spt").read_bytes()
        with suppress(OSError), (disk / "ballast").open("wb") as ballast:
            for _ in range(64):
                ballast.write(bytes(1024))
                ballast.flush()

        # then
        with pytest.raises(AuthorityError) as caught:
            draft_list(made, TERMS, now=NOW + DAY)
        assert (caught.value.reason, caught.value.facts["why"]) in [
            (reason, Message("system.disk_full")) for reason in ("cannot_be_written", "cannot_be_made")
        ]
        assert (made.folder / "trust.spt").read_bytes() == before
