"""Trust bundles, specs/trust.md section 2: reading, and checking against an anchor."""

from hashlib import sha256

import cbor2
import pytest

import world
from said import refused
from socpass_vc.errors import Forged, Malformed, ThresholdNotMet, Unsupported, UntrustedRoot
from socpass_vc.format import cbor, cose
from socpass_vc.format.trust.bundle import (
    LIST_TYP,
    ROOT_TYP,
    Trust,
    fingerprint,
    read_bundle,
    read_root_token,
    sign_root,
    sign_trust_list,
    write_bundle,
)
from socpass_vc.format.trust.issuers import Root

FIRST = world.root("a", "b", "c", threshold=2)
SECOND = world.root("c", "d", "e", threshold=2, version=2)
THIRD = world.root("f", version=3)


def check(*roots: tuple[Root, str], list_by: str, anchor: Root = FIRST) -> Trust:
    """Return what a till says that trusts *anchor*; signers are named by one letter each."""
    tokens = [sign_root(root, map(world.key, by)) for root, by in roots]
    encoded = write_bundle(tokens, sign_trust_list(world.trust_list(), map(world.key, list_by)))
    return read_bundle(encoded).check(anchor.encode())


# --- Good bundles -------------------------------------------------------------------------------------------


def test_a_bundle_that_the_confirmed_root_signed_gives_the_trust_list() -> None:
    # when
    trust = check((FIRST, "ab"), list_by="bc")

    # then
    assert trust.root == FIRST
    assert trust.list == world.trust_list()


def test_a_bundle_is_to_the_byte_what_the_specification_says() -> None:
    # given
    root, listed = sign_root(FIRST, [world.key("a")]), sign_trust_list(world.trust_list(), [world.key("a")])

    # then
    assert write_bundle([root], listed) == cbor2.dumps(["socpass-trust", [root], listed])


def test_a_root_that_both_thresholds_signed_takes_over() -> None:
    # when
    trust = check((FIRST, "ab"), (SECOND, "acd"), list_by="de")

    # then
    assert trust.root == SECOND


def test_a_till_may_be_several_roots_behind() -> None:
    assert check((FIRST, "ab"), (SECOND, "bcde"), (THIRD, "def"), list_by="f").root == THIRD


def test_a_till_that_confirmed_a_later_root_takes_the_whole_chain() -> None:
    assert check((FIRST, "ab"), (SECOND, "acde"), list_by="de", anchor=SECOND).root == SECOND


def test_roots_before_the_confirmed_one_are_checked_too() -> None:
    with pytest.raises(Forged):
        check((FIRST, "abz"), (SECOND, "acde"), list_by="de", anchor=SECOND)
    with pytest.raises(ThresholdNotMet):
        check((FIRST, "a"), (SECOND, "acde"), list_by="de", anchor=SECOND)
    with pytest.raises(ThresholdNotMet):
        check((FIRST, "ab"), (SECOND, "de"), list_by="de", anchor=SECOND)


def test_a_bundle_holds_the_chain_from_the_first_root_because_later_ones_carry_signatures_of_earlier_keys() -> None:
    with pytest.raises(Forged):
        check((SECOND, "acde"), list_by="de", anchor=SECOND)


def test_one_signature_of_a_key_of_both_roots_counts_for_both() -> None:
    # given
    before, after = world.root("a"), world.root("a", version=2)

    # then
    assert check((before, "a"), (after, "a"), list_by="a", anchor=before).root == after


# --- What is refused ----------------------------------------------------------------------------------------


def test_a_bundle_of_other_roots_is_untrusted() -> None:
    with refused(UntrustedRoot, "anchor_not_in_bundle"):
        check((FIRST, "ab"), list_by="ab", anchor=SECOND)


def test_the_confirmed_root_is_compared_byte_for_byte() -> None:
    # given a root that reads the same and has an ignored field more
    said = cbor.decode(FIRST.encode())
    assert isinstance(said, dict)
    with_field = cose.sign_by_many(cbor.encode({**said, 64: 0}), map(world.key, "ab"), typ=ROOT_TYP)
    encoded = write_bundle([with_field], sign_trust_list(world.trust_list(), map(world.key, "ab")))

    # then
    with pytest.raises(UntrustedRoot):
        read_bundle(encoded).check(FIRST.encode())


def test_a_version_that_is_skipped_repeated_or_goes_back_is_untrusted() -> None:
    for version in (1, 3, 2**32 - 1):
        following = world.root("c", "d", "e", threshold=2, version=version)
        with refused(UntrustedRoot, "root_version_skipped", before=1, version=following.version):
            check((FIRST, "ab"), (following, "abcde"), list_by="de")
    with pytest.raises(UntrustedRoot):
        check((SECOND, "cd"), (FIRST, "abcde"), list_by="ab", anchor=SECOND)


@pytest.mark.parametrize(
    ("roots", "list_by"),
    [
        ([(FIRST, "a")], "ab"),
        ([(FIRST, "ab")], "a"),
        ([(FIRST, "ab"), (SECOND, "ac")], "de"),
        ([(FIRST, "ab"), (SECOND, "de")], "de"),
        ([(FIRST, "ab"), (SECOND, "ab")], "de"),
        ([(FIRST, "ab"), (SECOND, "abde")], "d"),
    ],
    ids=[
        "the anchor by too few of its own",
        "the list by too few",
        "the second root by too few of the new",
        "the second root by none of the old",
        "the second root by none of the new",
        "the list by too few of the newest",
    ],
)
def test_too_few_distinct_keys_do_not_meet_the_threshold(roots: list[tuple[Root, str]], list_by: str) -> None:
    with pytest.raises(ThresholdNotMet) as refusal:
        check(*roots, list_by=list_by)
    assert refusal.value.facts["have"] < refusal.value.facts["needed"]  # type: ignore[operator]  # both are numbers


@pytest.mark.parametrize(
    ("roots", "list_by"),
    [
        ([(FIRST, "abz")], "ab"),
        ([(FIRST, "ab")], "abz"),
        ([(FIRST, "ab"), (SECOND, "bcdez")], "de"),
        ([(FIRST, "ab"), (SECOND, "bcde")], "ade"),
        ([(FIRST, "z")], "ab"),
    ],
    ids=[
        "a stranger beside enough",
        "a stranger on the list",
        "a stranger on the second",
        "an old key on the list",
        "a stranger alone",
    ],
)
def test_a_signature_by_a_stranger_is_forged_even_beside_enough_others(roots: list[tuple[Root, str]], list_by: str) -> None:
    with pytest.raises(Forged):
        check(*roots, list_by=list_by)


def test_one_key_twice_does_not_count_as_two() -> None:
    # given a root that asks for two, and one key that signs twice
    token = sign_root(FIRST, [world.key("a"), world.key("a")])
    encoded = write_bundle([token], sign_trust_list(world.trust_list(), map(world.key, "ab")))

    # then
    with pytest.raises(ThresholdNotMet):
        read_bundle(encoded).check(FIRST.encode())


def test_a_bundle_that_its_own_roots_signed_stands_by_itself_and_no_other() -> None:
    # given
    roots = [sign_root(FIRST, map(world.key, "ab"))]
    good, forged = (write_bundle(roots, sign_trust_list(world.trust_list(), map(world.key, by))) for by in ("ab", "xy"))

    # then
    assert read_bundle(good).check_itself() == read_bundle(good)
    with pytest.raises(Forged):
        read_bundle(forged).check_itself()


ROOT_TOKEN = sign_root(FIRST, [world.key("a")])
LIST_TOKEN = sign_trust_list(world.trust_list(), [world.key("a")])


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        cbor.encode([]),
        cbor.encode(["socpass-trust", [ROOT_TOKEN]]),
        cbor.encode(["socpass-trust", [], LIST_TOKEN]),
        cbor.encode(["socpass-trust", ROOT_TOKEN, LIST_TOKEN]),
        cbor.encode(["socpass-trusts", [ROOT_TOKEN], LIST_TOKEN]),
        cbor.encode([b"socpass-trust", [ROOT_TOKEN], LIST_TOKEN]),
        cbor.encode(["socpass-trust", [ROOT_TOKEN], LIST_TOKEN, None]),
        cbor.encode(["socpass-trust", [ROOT_TOKEN, None], LIST_TOKEN]),
        cbor.encode(["socpass-trust", ["a"], LIST_TOKEN]),
        cbor.encode(["socpass-trust", [LIST_TOKEN], LIST_TOKEN]),
        cbor.encode(["socpass-trust", [ROOT_TOKEN], ROOT_TOKEN]),
        cbor.encode(["socpass-trust", [ROOT_TOKEN], None]),
        cbor.encode(["socpass-trust", [ROOT_TOKEN], LIST_TOKEN]) + b"\0",
        cbor.encode(["socpass-trust", [ROOT_TOKEN], cose.sign_by_many(b"", [world.key("a")], typ=LIST_TYP)]),
    ],
    ids=[
        "nothing",
        "empty",
        "no list",
        "no roots",
        "a root alone",
        "another name",
        "a name in bytes",
        "a fourth part",
        "a null root",
        "a root of text",
        "a list as a root",
        "a root as a list",
        "a null list",
        "a trailing byte",
        "a list that says nothing",
    ],
)
def test_what_is_not_a_bundle_is_malformed(encoded: bytes) -> None:
    with pytest.raises(Malformed):
        read_bundle(encoded)


def test_a_bundle_of_more_than_6_mib_is_malformed() -> None:
    # given
    limit = 6 * 2**20

    # then
    with refused(Malformed, "too_many_bytes", longest=6_291_456):
        read_bundle(bytes(limit + 1))
    with refused(Malformed, "cbor_too_many_items"):
        read_bundle(bytes(limit))


def test_a_root_or_a_list_that_is_newer_than_the_program_is_unsupported() -> None:
    # given
    newer_root = cose.sign_by_many(cbor.encode({5: 0}), [world.key("a")], typ=ROOT_TYP)
    newer_list = cose.sign_by_many(cbor.encode({6: 0}), [world.key("a")], typ=LIST_TYP)

    # then
    with pytest.raises(Unsupported):
        read_bundle(write_bundle([newer_root], LIST_TOKEN))
    with pytest.raises(Unsupported):
        read_bundle(write_bundle([ROOT_TOKEN], newer_list))
    with pytest.raises(Unsupported):
        read_root_token(newer_root)


# --- Fingerprints and look-ups ------------------------------------------------------------------------------


def test_a_fingerprint_is_sha_256_of_the_payload_in_groups_of_four() -> None:
    # when
    shown = read_root_token(ROOT_TOKEN).fingerprint

    # then
    assert shown == fingerprint(FIRST.encode())
    assert shown.replace(" ", "") == sha256(FIRST.encode()).hexdigest()
    assert [len(group) for group in shown.split(" ")] == [4] * 16


def test_a_root_token_is_read_alone() -> None:
    # when
    signed = read_root_token(ROOT_TOKEN)

    # then
    assert (signed.token, signed.root) == (ROOT_TOKEN, FIRST)


def test_keys_are_found_by_their_id_with_their_issuer() -> None:
    # given
    trust = world.trust()
    wanted = world.key("pass").public_key

    # then
    assert [(issuer.id, key.public_key) for issuer, key in trust.keys_with(wanted.key_id)] == [("RU-BA", wanted)]
    assert trust.keys_with(world.key("stranger").public_key.key_id) == ()


@pytest.mark.parametrize(
    ("uri", "known"),
    [
        ("https://pass.example.ru/status/0", True),
        ("https://pass.example.ru/status/7", True),
        ("https://pass.example.ru/status/4294967295", True),
        ("https://pass.example.ru/status/4294967296", False),
        ("https://pass.example.ru/status/10000000000", False),
        ("https://pass.example.ru/status/00", False),
        ("https://pass.example.ru/status/01", False),
        ("https://pass.example.ru/status/", False),
        ("https://pass.example.ru/status/-1", False),
        ("https://pass.example.ru/status/+1", False),
        ("https://pass.example.ru/status/1 ", False),
        ("https://pass.example.ru/status/1\n", False),
        ("https://pass.example.ru/status/1_0", False),
        ("https://pass.example.ru/status/٣", False),
        ("https://pass.example.ru/status/²", False),
        ("https://pass.example.ru/status/a/0", False),
        ("https://pass.example.ru/0", False),
        ("0", False),
        ("", False),
        ("https://pass.example.ru/status/" + "9" * 5000, False),
    ],
    ids=lambda value: repr(value)[:45],
)
def test_a_status_list_belongs_to_the_issuer_whose_base_stands_before_a_plain_list_number(uri: str, known: bool) -> None:
    # when
    found = world.trust().issuer_of_status_list(uri)

    # then
    assert (found is not None) is known
    assert found is None or found.id == "RU-BA"
