"""Keys, signatures and thresholds of algorithms that nobody here knows, specs/trust.md: kept and skipped."""

from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256

import pytest

import world
from said import refused
from socpass_vc.errors import BadKey, ClaimsError, Forged, Malformed, ThresholdNotMet, Unsupported
from socpass_vc.format import cbor, cose
from socpass_vc.format.keys import AnyPublicKey, PublicKey, UnknownKey
from socpass_vc.format.trust.bundle import (
    LIST_TYP,
    MAX_BUNDLE_BYTES,
    MAX_ROOT_TOKEN_BYTES,
    ROOT_TYP,
    read_bundle,
    read_root_token,
    sign_root,
    sign_trust_list,
    write_bundle,
)
from socpass_vc.format.trust.issuers import Issuer, Root, TrustList, Use
from socpass_vc.format.trust.issuers_reader import read_root, read_trust_list
from socpass_vc.format.trust.signing_request import SigningRequest, ask, read_request
from socpass_vc.messages import Message

ML_DSA_44 = -48
LATER, LATER_TOO = world.later_key("a"), world.later_key("b")


def sorted_keys(*keys: AnyPublicKey) -> tuple[AnyPublicKey, ...]:
    """Return keys as a root has them."""
    return tuple(sorted(keys, key=lambda key: key.encoded))


def own(names: str) -> tuple[PublicKey, ...]:
    """Return the Ed25519 keys that are named by one letter each."""
    return tuple(world.key(name).public_key for name in names)


def mixed_root(names: str, *later: UnknownKey, threshold: int = 1, version: int = 1) -> Root:
    """Return a root of keys of both algorithms."""
    return world.root(keys=sorted_keys(*own(names), *later), threshold=threshold, version=version)


def signed_by(payload: bytes, typ: str, names: str, later: Iterable[UnknownKey], value: bytes = bytes(2420)) -> bytes:
    """Return a COSE_Sign with our signatures, and one of any bytes for each key of another algorithm."""
    unsigned = cose.to_sign(payload, typ=typ)
    ours = [unsigned.sign(world.key(name)) for name in names]
    return unsigned.with_signatures([*ours, *(later_signature(key, value) for key in later)]).encode()


def later_signature(key: UnknownKey, value: bytes = bytes(2420)) -> cose.Signature:
    """Return a signature that names *key*."""
    return cose.Signature(key.key_id, cbor.encode({1: key.algorithm, 4: key.key_id}), value, key.algorithm)


def bundle_under(root: Root, names: str, *later: UnknownKey, list_by: str | None = None) -> bytes:
    """Return a bundle of one root whose list the same keys have signed, or others of ours."""
    token = signed_by(root.encode(), ROOT_TYP, names, later)
    listed = signed_by(world.trust_list().encode(), LIST_TYP, names if list_by is None else list_by, later)
    return write_bundle([token], listed)


# --- Keys ---------------------------------------------------------------------------------------------------


def test_a_key_of_another_algorithm_has_the_name_of_an_algorithm_key_pair() -> None:
    # given RFC 9964: SHA-256 of {1: 7, 3: alg, -1: pub}
    expected = cbor.encode({1: 7, 3: ML_DSA_44, -1: LATER.raw})

    # then
    assert LATER.thumbprint == sha256(expected).digest()
    assert LATER.key_id == LATER.thumbprint[:8]
    assert LATER.encoded == cbor.encode([ML_DSA_44, LATER.raw])


def test_our_keys_are_encoded_with_their_type_too() -> None:
    for key in own("ab"):
        assert (key.algorithm, key.encoded) == (-19, cbor.encode([-19, key.raw]))


def test_nothing_is_verified_with_a_key_of_another_algorithm() -> None:
    with refused(Unsupported, "key_algorithm_unknown", key_id=LATER.key_id.hex(), algorithm=ML_DSA_44):
        LATER.check(bytes(2420), b"")


@pytest.mark.parametrize(("size", "is_good"), [(0, False), (1, True), (4096, True), (4097, False)])
def test_a_key_of_another_algorithm_has_1_to_4096_bytes(size: int, is_good: bool) -> None:
    if is_good:
        assert len(UnknownKey(ML_DSA_44, bytes(size)).raw) == size
    else:
        with refused(BadKey, "unknown_key_length", longest=4096, found=size):
            UnknownKey(ML_DSA_44, bytes(size))


def test_ed25519_and_what_is_no_number_of_64_bits_are_no_other_algorithm() -> None:
    with refused(BadKey, "public_key_length"):
        UnknownKey(-19, bytes(33))
    for algorithm in (-(2**64) - 1, 2**64):
        with refused(BadKey, "unknown_key_algorithm", algorithm=algorithm):
            UnknownKey(algorithm, bytes(32))
    assert UnknownKey(-(2**64), bytes(32)).encoded == cbor.encode([-(2**64), bytes(32)])


# --- Roots and lists ----------------------------------------------------------------------------------------


def test_a_root_and_a_list_with_keys_of_other_algorithms_are_read_and_written_as_they_are() -> None:
    # given
    root = mixed_root("ab", LATER, LATER_TOO, threshold=2)
    agency = world.issuer(*world.issuer().keys, world.issuer_key(LATER, Use.PASS, 7, 63))
    listed = world.trust_list(agency)

    # then
    assert read_root(root.encode()) == root
    assert read_trust_list(listed.encode()) == listed
    assert read_trust_list(listed.encode(), make_key=PublicKey.imported_before) == listed


OLD_KEY: cbor.Value = world.key("pass").public_key.raw


def test_what_was_written_before_keys_had_types_is_told_from_what_is_malformed() -> None:
    # given
    decoded = cbor.decode(world.root().encode())
    assert isinstance(decoded, dict)

    # then
    with refused(Malformed, "keys_without_type"):
        read_root(cbor.encode({**decoded, 4: [OLD_KEY]}))
    strange: tuple[cbor.Value, ...] = (bytes(31), None, [-19], [-19, OLD_KEY, 0], [True, OLD_KEY], ["a", OLD_KEY], [-19, "a"])
    for key in strange:
        with refused(Malformed, "public_key_shape"):
            read_root(cbor.encode({**decoded, 4: [key]}))


def test_a_public_key_stands_once_whatever_its_algorithm() -> None:
    # given
    twice = world.issuer(world.issuer_key(LATER, 1), id="RU-MOS", status_base="https://other.example.ru/")

    # then
    with refused(ClaimsError, "trust_list_public_keys"):
        world.trust_list(world.issuer(*world.issuer().keys, world.issuer_key(LATER, 1)), twice)


def test_a_threshold_is_at_most_the_number_of_keys_of_one_algorithm() -> None:
    with refused(ClaimsError, "root_threshold", threshold=2, keys=1):
        mixed_root("a", LATER, threshold=2)
    assert set(mixed_root("a", LATER, LATER_TOO, threshold=2).quorums) == {ML_DSA_44}
    assert set(mixed_root("ab", LATER, threshold=2).quorums) == {-19}
    assert set(mixed_root("ab", LATER, threshold=1).quorums) == {-19, ML_DSA_44}


# --- Thresholds ---------------------------------------------------------------------------------------------


def test_signatures_of_another_algorithm_count_for_nothing() -> None:
    # given
    root = mixed_root("ab", LATER, LATER_TOO, threshold=2)

    # then
    assert read_bundle(bundle_under(root, "ab")).check(root.encode()).root == root
    assert read_bundle(bundle_under(root, "ab", LATER, LATER_TOO)).check(root.encode()).root == root
    with refused(ThresholdNotMet, "threshold_not_met", have=1, needed=2, version=1):
        read_bundle(bundle_under(root, "ab", LATER, LATER_TOO, list_by="a")).check(root.encode())


def test_a_threshold_that_keys_of_ours_cannot_meet_is_unsupported_and_says_of_which_root() -> None:
    # given
    root = mixed_root("a", LATER, LATER_TOO, threshold=2)

    # then
    with refused(Unsupported, "threshold_of_unknown_keys", version=1, needed=2):
        read_bundle(bundle_under(root, "a", LATER, LATER_TOO)).check(root.encode())


def test_a_stray_signature_of_another_algorithm_is_forged() -> None:
    # given
    root = mixed_root("a", LATER)

    # then
    with refused(Forged, "signature_of_no_such_key"):
        read_bundle(bundle_under(root, "a", LATER, LATER_TOO)).check(root.encode())


# --- Bounds -------------------------------------------------------------------------------------------------


def full_issuer(number: int) -> Issuer:
    """Return an issuer with two names of full length, two keys of ours, one of ML-DSA-44's size and its successor."""
    keys = [world.issuer_key(f"{use} {number}", use) for use in (1, 2)]
    later = [UnknownKey(ML_DSA_44, (2 * number + at).to_bytes(4, "big") * 328) for at in range(2)]
    return world.issuer(
        *keys,
        *(world.issuer_key(key, 1) for key in later),
        id=f"RU-{number:04}",
        names={"ru": "я" * 200, "en": "a" * 200},
        scopes=tuple((1000 + number * 64 + at * 2, 1000 + number * 64 + at * 2) for at in range(32)),
        status_base=f"https://example.ru/{number:04}/".ljust(254, "a") + "/",
        documents_url="https://example.ru/".ljust(255, "a"),
    )


def test_the_bounds_hold_a_thousand_issuers_with_keys_of_1312_bytes_and_a_chain_of_roots() -> None:
    # given a root of five custodians with two keys each, thirty times over, and the largest root that can be
    later = [world.later_key(str(number)) for number in range(5)]
    tokens = [
        signed_by(mixed_root("abcde", *later, threshold=3, version=version).encode(), ROOT_TYP, "abcde", later)
        for version in range(1, 31)
    ]
    listed = world.trust_list(*map(full_issuer, range(1000)))
    largest = world.root(keys=sorted_keys(*(world.later_key(f"of 64: {number}") for number in range(64))), threshold=64)
    signers = [world.later_key(f"of 128: {number}") for number in range(128)]

    # then
    assert len(write_bundle(tokens, signed_by(listed.encode(), LIST_TYP, "abcde", later))) < MAX_BUNDLE_BYTES
    assert len(largest.encode()) < 131_072
    assert 64 * 1312 + 128 * 2420 < len(signed_by(largest.encode(), ROOT_TYP, "", signers)) < MAX_ROOT_TOKEN_BYTES


def test_a_root_of_more_than_512_kib_is_malformed() -> None:
    # given
    decoded = cbor.decode(world.root().encode())
    assert isinstance(decoded, dict)
    spare = MAX_ROOT_TOKEN_BYTES - len(root_with_spare(decoded, 100_000)) + 100_000

    # then
    assert read_root_token(root_with_spare(decoded, spare)).root == world.root()
    with refused(Malformed, "too_many_bytes", longest=524_288, found=524_289) as refusal:
        read_root_token(root_with_spare(decoded, spare + 1))
    assert refusal.value.where == (Message("field.root"),)


def root_with_spare(decoded: dict[int | str, cbor.Value], spare: int) -> bytes:
    return cose.sign_by_many(cbor.encode({**decoded, 64: bytes(spare)}), [world.key("root")], typ=ROOT_TYP)


# --- Requests -----------------------------------------------------------------------------------------------


def request_for_both(root: Root) -> SigningRequest:
    """Return a request for a root of both algorithms and a list under it."""
    before = world.root("a")
    token = read_root_token(sign_root(before, [world.key("a")]))
    in_force = sign_trust_list(world.trust_list(), [world.key("a")])
    return ask([token], in_force, root=root, trust_list=world.trust_list(version=2))


def with_later(request: SigningRequest, *later: UnknownKey, value: bytes = bytes(2420)) -> SigningRequest:
    """Return the request as a program gives it back that signs with another algorithm."""
    assert request.root is not None
    assert request.list is not None
    further = [later_signature(key, value) for key in later]
    root, listed = (each.with_signatures([*each.signatures, *further]) for each in (request.root.signed, request.list.signed))
    given_back = replace(request, root=request.root._replace(signed=root), list=request.list._replace(signed=listed))
    return read_request(given_back.encode())


def test_a_list_with_another_agencys_key_of_another_algorithm_goes_round_unchanged() -> None:
    # given
    agency = world.issuer(*world.issuer().keys, world.issuer_key(LATER, Use.PASS, 7))
    proposed: TrustList = world.trust_list(agency, version=2)
    root = read_root_token(sign_root(world.root("a", "b", threshold=2), map(world.key, "ab")))
    request = ask([root], None, root=None, trust_list=proposed)

    # when
    signed = [read_request(request.encode()).signed_with(world.key(name)) for name in "ab"]
    merged = read_request(signed[0].merged_with(signed[1]).encode())

    # then
    content = merged.bundle()
    assert content is not None
    assert read_bundle(content).check(root.signed.payload).list == proposed


def test_a_request_is_complete_when_each_algorithm_has_its_signatures() -> None:
    # given
    request = request_for_both(mixed_root("ab", LATER, LATER_TOO, threshold=2, version=2))
    assert [tally.missing for tally in request.tallies()] == [1, 2, 2, 2, 2]
    assert [tally.keys[0].algorithm for tally in request.tallies()] == [-19, -19, ML_DSA_44, -19, ML_DSA_44]

    # when all of ours have signed
    ours = request.signed_with(world.key("a")).signed_with(world.key("b"))

    # then
    assert [tally.missing for tally in ours.tallies()] == [0, 0, 2, 0, 2]
    assert not ours.is_complete
    with refused(ThresholdNotMet, "threshold_not_met", have=0, needed=2, version=2):
        ours.bundle()

    # when those of the other algorithm come back, in whatever order
    later = [with_later(request, key) for key in (LATER, LATER_TOO)]
    merged = [
        ours.merged_with(later[0]).merged_with(later[1]),
        later[1].merged_with(ours).merged_with(later[0]),
    ]

    # then
    assert merged[0] == merged[1]
    assert merged[0].is_complete
    content = merged[0].bundle()
    assert content is not None
    assert read_bundle(content).check_itself().list.version == 2
    assert content == read_request(merged[0].encode()).bundle()


def test_our_signature_is_put_beside_one_of_another_algorithm() -> None:
    # given
    request = with_later(request_for_both(mixed_root("ab", LATER, LATER_TOO, threshold=2, version=2)), LATER)

    # when
    signed = request.signed_with(world.key("a"))

    # then
    assert signed == signed.signed_with(world.key("a"))
    assert [len(tally.signed_by) for tally in signed.tallies()] == [1, 1, 1, 1, 1]


def test_of_two_signatures_that_one_key_of_another_algorithm_gave_the_lesser_stays() -> None:
    # given
    request = request_for_both(mixed_root("ab", LATER, threshold=1, version=2))
    one, other = (with_later(request, LATER, value=value) for value in (b"\1", b"\2"))

    # then
    assert one.merged_with(other) == other.merged_with(one) == one


def test_a_stray_signature_of_another_algorithm_refuses_the_request() -> None:
    with refused(Forged, "signature_of_no_such_key"):
        with_later(request_for_both(mixed_root("ab", LATER, version=2)), LATER_TOO)


def test_a_root_whose_threshold_keys_of_ours_cannot_meet_is_not_asked_for() -> None:
    with refused(Unsupported, "threshold_of_unknown_keys", version=2, needed=2):
        request_for_both(mixed_root("a", LATER, LATER_TOO, threshold=2, version=2))
