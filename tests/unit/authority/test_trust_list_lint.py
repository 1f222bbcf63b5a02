"""What must not be signed, specs/signing-request.md section 3: one fault each, beside the list that is sound."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

import world
from said import refused
from socpass_vc.authority.trust_list_lint import ALL_ALLOWED, KEY_OVERLAP, Allowances, check_keys, check_root, faults_of
from socpass_vc.errors import KeyTwice, WindowPast
from socpass_vc.format.trust.issuers import Issuer, IssuerKey, KeyState, Root, TrustList, Use

DAY, SECOND = world.DAY, world.SECOND
BA = world.issuer()
KO = world.issuer(
    world.issuer_key("ko", Use.PASS, Use.STATUS),
    id="RU-KO",
    scopes=((1, 999), (11_001, 11_999)),
    status_base="https://pass.example.ru/komi/",
)
IN_FORCE = world.trust_list(BA, KO)
NEXT = replace(IN_FORCE, version=2, issued_at=IN_FORCE.issued_at + DAY)


def codes(
    proposed: TrustList,
    in_force: TrustList | None = IN_FORCE,
    *,
    allow: Allowances | None = None,
    over: Root | None = None,
) -> list[str]:
    """Return the codes of all that speaks against a list."""
    faults = faults_of(proposed, in_force, over or world.root(), now=NEXT.issued_at, allow=allow or Allowances())
    return [fault.code for fault in faults]


def with_issuer(changed: Issuer, of: TrustList = NEXT) -> TrustList:
    """Return a list with one issuer changed, or added."""
    others = [issuer for issuer in of.issuers if issuer.id != changed.id]
    return replace(of, issuers=tuple(sorted((*others, changed), key=lambda issuer: issuer.id)))


def with_keys(issuer: Issuer, keys: Iterable[IssuerKey]) -> Issuer:
    return replace(issuer, keys=tuple(sorted(keys, key=lambda key: key.public_key.raw)))


def marked(issuer: Issuer, name: str, state: KeyState) -> Issuer:
    """Return an issuer with its key of that name in another state."""
    wanted = world.key(name).public_key
    return with_keys(issuer, (replace(key, state=state) if key.public_key == wanted else key for key in issuer.keys))


def test_a_list_that_only_goes_on_is_sound() -> None:
    assert codes(NEXT) == []
    assert codes(NEXT, None) == []


# --- Keys ---------------------------------------------------------------------------------------------------


def test_a_root_key_under_an_issuer_is_named_with_both_places() -> None:
    # given
    root = world.root("ko")

    # then
    assert codes(NEXT, over=root) == ["key_twice"]
    with refused(KeyTwice, "key_of_root_and_issuer", issuer_id="RU-KO"):
        check_keys(NEXT.issuers, root.keys)
    with refused(KeyTwice, "key_of_two_issuers", one="RU-BA", other="RU-X"):
        check_keys([BA, replace(BA, id="RU-X")], [])


def test_a_compromised_key_may_neither_count_again_nor_move_nor_go() -> None:
    # given
    stolen = marked(BA, "pass", KeyState.COMPROMISED)
    in_force = with_issuer(stolen, IN_FORCE)

    # then
    assert codes(with_issuer(stolen), in_force) == []
    assert codes(with_issuer(BA), in_force) == ["key_revived"]
    assert codes(with_issuer(marked(BA, "pass", KeyState.RETIRED)), in_force) == ["key_revived"]
    without = with_keys(BA, [world.issuer_key("status", Use.STATUS)])
    assert codes(with_issuer(without), in_force) == ["tombstone_dropped"]
    assert codes(replace(NEXT, issuers=(KO,)), in_force) == ["tombstone_dropped"]
    tombstone = [key for key in stolen.keys if key.state is KeyState.COMPROMISED]
    moved = replace(NEXT, issuers=(without, with_keys(KO, [*KO.keys, *tombstone])))
    assert codes(moved, in_force) == ["key_revived"]


def test_a_key_that_becomes_compromised_is_sound() -> None:
    assert codes(with_issuer(marked(BA, "pass", KeyState.COMPROMISED))) == []


def test_a_new_active_key_whose_window_has_gone_by_is_refused_at_the_second_it_ends() -> None:
    # given
    key = world.issuer_key("old", Use.VOUCHER, sign_until=NEXT.issued_at)

    # then
    assert codes(with_issuer(with_keys(BA, [*BA.keys, key]))) == ["window_past"]
    assert codes(with_issuer(with_keys(BA, [*BA.keys, replace(key, sign_until=NEXT.issued_at + SECOND)]))) == []
    assert codes(with_issuer(with_keys(BA, [*BA.keys, replace(key, state=KeyState.RETIRED)]))) == []


def test_a_key_that_was_listed_in_its_time_may_have_ended_since() -> None:
    # given
    key = world.issuer_key("old", Use.VOUCHER, sign_until=NEXT.issued_at)
    listed = with_keys(BA, [*BA.keys, key])

    # then
    assert codes(with_issuer(listed), with_issuer(listed, IN_FORCE)) == []


def rotated(overlap: timedelta, **changes: object) -> Issuer:
    """Return the agency with a second key for passes that signs beside the first for so long."""
    start = world.SIGN_UNTIL - overlap
    new = world.issuer_key("next", Use.PASS, sign_from=start, sign_until=start + 400 * DAY)
    return with_keys(BA, [*BA.keys, replace(new, **changes)])  # type: ignore[arg-type]  # names are checked by replace


def test_two_keys_may_sign_side_by_side_as_long_as_a_rotation_takes() -> None:
    assert codes(with_issuer(rotated(KEY_OVERLAP))) == []
    assert codes(with_issuer(rotated(KEY_OVERLAP + SECOND))) == ["uses_overlap"]
    assert codes(with_issuer(rotated(KEY_OVERLAP + SECOND)), allow=Allowances(key_overlap=31 * DAY)) == []
    assert codes(with_issuer(rotated(90 * DAY, uses=(3,)))) == []
    assert codes(with_issuer(rotated(90 * DAY, uses=(1, 3)))) == ["uses_overlap"]
    assert codes(with_issuer(rotated(90 * DAY, state=KeyState.RETIRED))) == []


def test_keys_of_two_algorithms_sign_side_by_side_for_as_long_as_it_takes() -> None:
    # given
    later = replace(rotated(90 * DAY).keys[-1], public_key=world.later_key("next"), uses=(1,))
    agency = world.issuer(world.issuer_key("pass", Use.PASS), world.issuer_key("status", Use.STATUS), later)

    # then
    assert codes(with_issuer(agency)) == []


def test_an_overlap_that_is_in_force_is_questioned_no_more() -> None:
    # given
    long = rotated(90 * DAY)

    # then
    assert codes(with_issuer(long), with_issuer(long, IN_FORCE)) == []
    assert codes(with_issuer(rotated(91 * DAY)), with_issuer(long, IN_FORCE)) == ["uses_overlap"]


# --- Scopes -------------------------------------------------------------------------------------------------


def neighbour(*scopes: tuple[int, int], state: KeyState = KeyState.ACTIVE) -> Issuer:
    """Return a third issuer with other scopes."""
    key = world.issuer_key("third", Use.PASS, state=state)
    return world.issuer(key, id="RU-ZZ", scopes=scopes, status_base="https://third.example.ru/")


@pytest.mark.parametrize(
    ("scopes", "overlaps"),
    [
        (((1, 999),), 0),
        (((999, 1999),), 0),
        (((3000, 3999),), 0),
        (((2999, 3999),), 1),
        (((1000, 2000),), 1),
        (((2500, 2500),), 1),
        (((1, 999_999),), 2),
    ],
)
def test_a_region_is_granted_by_one_issuer_and_federal_categories_by_all(
    scopes: tuple[tuple[int, int], ...], overlaps: int
) -> None:
    # given
    proposed = with_issuer(neighbour(*scopes))

    # then
    assert codes(proposed) == ["scope_overlap"] * overlaps
    assert codes(proposed, allow=Allowances(scope_overlap=True)) == []
    assert codes(proposed, with_issuer(neighbour(*scopes), IN_FORCE)) == []


def test_issuers_that_look_alike_are_questioned_until_they_are_in_force() -> None:
    # given
    double = replace(neighbour((3000, 3999)), names={"ru": "Mинистерство труда Республики Башкортостан"})

    # then
    assert codes(with_issuer(double)) == ["issuers_look_alike"]
    assert codes(with_issuer(double), allow=Allowances(look_alikes=True)) == []
    assert codes(with_issuer(double), with_issuer(double, IN_FORCE)) == []
    assert codes(with_issuer(double), with_issuer(neighbour((3000, 3999)), IN_FORCE)) == ["issuers_look_alike"]


def test_an_overlap_that_grows_is_questioned_again() -> None:
    # given
    in_force = with_issuer(neighbour((2500, 2599)), IN_FORCE)

    # then
    assert codes(with_issuer(neighbour((2500, 2600))), in_force) == ["scope_overlap"]


def test_an_issuer_of_stolen_keys_alone_grants_nothing() -> None:
    assert codes(with_issuer(neighbour((2001, 2999), state=KeyState.COMPROMISED))) == []


# --- Versions and times -------------------------------------------------------------------------------------


def test_version_and_iat_rise() -> None:
    assert codes(replace(NEXT, version=1)) == ["version_not_rising"]
    assert codes(replace(NEXT, issued_at=IN_FORCE.issued_at)) == ["version_not_rising"]
    assert codes(replace(NEXT, version=1, issued_at=IN_FORCE.issued_at)) == ["version_not_rising"] * 2


def test_a_list_ends_with_its_root_at_the_latest_and_not_before_now() -> None:
    # given
    ends = NEXT.expires_at

    # then
    assert codes(NEXT, over=world.root(expires_at=ends)) == []
    assert codes(NEXT, over=world.root(expires_at=ends - SECOND)) == ["outlives_root"]
    past = replace(NEXT, issued_at=IN_FORCE.issued_at + SECOND, next_update_at=NEXT.issued_at, expires_at=NEXT.issued_at)
    assert codes(past) == ["window_past"]


def test_a_root_that_has_expired_does_not_begin_to_rule() -> None:
    # given
    root = world.root()

    # then
    check_root(root, now=root.expires_at - SECOND)
    with refused(WindowPast, "root_expires_in_past", version=1, expires_at=root.expires_at):
        check_root(root, now=root.expires_at)


def test_with_all_allowed_the_other_faults_stay() -> None:
    # given
    proposed = with_issuer(neighbour((1, 999_999)), with_issuer(rotated(90 * DAY)))

    # then
    assert codes(proposed, allow=ALL_ALLOWED) == []
    assert codes(replace(proposed, version=1), allow=ALL_ALLOWED) == ["version_not_rising"]
