"""Signing requests, specs/signing-request.md: asked, signed in any order, merged, and enough at last."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import permutations

import pytest

import world
from said import refused
from socpass_vc.errors import Forged, Malformed, RolledBack, SigningRequestError, ThresholdNotMet, UntrustedRoot
from socpass_vc.format import cbor, cose
from socpass_vc.format.keys import AnyPublicKey
from socpass_vc.format.trust.bundle import (
    LIST_TYP,
    SignedRoot,
    is_bundle,
    read_bundle,
    read_root_token,
    sign_root,
    sign_trust_list,
)
from socpass_vc.format.trust.issuers import Root, TrustList
from socpass_vc.format.trust.signing_request import MAX_REQUEST_BYTES, SigningRequest, ask, is_request, read_request

FIRST = world.root("a", "b", "c", threshold=2)
SECOND = world.root("b", "c", "d", version=2, threshold=2)
LIST, NEXT = world.trust_list(), world.trust_list(version=2)


def root(of: Root, signers: str) -> SignedRoot:
    """Return a root, signed; signers are named by one letter each."""
    return read_root_token(sign_root(of, map(world.key, signers)))


def in_force(signers: str = "ab") -> bytes:
    """Return the list that tills believe now, under the first root."""
    return sign_trust_list(LIST, map(world.key, signers))


def for_list(trust_list: TrustList = NEXT) -> SigningRequest:
    """Return a request for a list that is to follow the one in force."""
    return ask([root(FIRST, "ab")], in_force(), root=None, trust_list=trust_list)


def for_both() -> SigningRequest:
    """Return a request for root 2 and a list under it."""
    return ask([root(FIRST, "ab")], in_force(), root=SECOND, trust_list=NEXT)


def signed(request: SigningRequest, names: Iterable[str]) -> SigningRequest:
    """Return the request, signed by the keys with these names one after the other."""
    for name in names:
        request = request.signed_with(world.key(name))
    return request


def missing(request: SigningRequest) -> list[int]:
    """Return how many signatures each part still needs."""
    return [tally.missing for tally in request.tallies()]


def signers(request: SigningRequest) -> list[set[AnyPublicKey]]:
    """Return who has signed which part."""
    return [set(tally.signed_by) for tally in request.tallies()]


# --- Asking and signing -------------------------------------------------------------------------------------


def test_a_new_request_is_signed_by_nobody_and_shows_what_it_is_about() -> None:
    # when
    request = for_both()

    # then
    assert missing(request) == [2, 2, 2]
    assert not request.is_complete
    assert request.ruling == FIRST
    assert request.newest == SECOND
    assert request.in_force is not None
    assert request.in_force.list == LIST
    assert request.root is not None
    assert request.root.fingerprint == root(SECOND, "b").fingerprint


def test_a_request_comes_back_from_its_bytes_with_the_signatures_that_it_has() -> None:
    # given
    request = signed(for_both(), "ad")

    # then
    assert read_request(request.encode()) == request
    assert is_request(request.encode())
    assert not is_request(world.bundle())
    assert is_bundle(world.bundle())
    assert not is_bundle(request.encode())


def test_a_list_is_enough_with_the_threshold_of_its_root_and_becomes_a_bundle_that_tills_take() -> None:
    # given
    request = signed(for_list(), "ca")

    # when
    bundle = request.bundle()

    # then
    assert request.is_complete
    assert bundle is not None
    assert read_bundle(bundle).check(FIRST.encode()).list == NEXT


def test_root_and_list_are_enough_with_both_thresholds_of_the_root_and_the_new_one_of_the_list() -> None:
    # given b is a key of both roots, and c and d sign for the new one
    request = for_both()
    assert missing(signed(request, "a")) == [1, 2, 2]
    assert missing(signed(request, "ab")) == [0, 1, 1]
    assert missing(signed(request, "ad")) == [1, 1, 1]

    # when
    request = signed(request, "abd")
    bundle = request.bundle()

    # then
    assert missing(request) == [0, 0, 0]
    assert bundle is not None
    trust = read_bundle(bundle).check(FIRST.encode())
    assert (trust.root, trust.list) == (SECOND, NEXT)


def test_the_first_root_is_signed_by_its_own_keys_and_makes_no_bundle() -> None:
    # given
    request = signed(ask([], None, root=FIRST, trust_list=None), "bc")

    # then
    assert request.is_complete
    assert request.ruling is None
    assert request.bundle() is None
    assert [read_root_token(token).root for token in request.root_tokens()] == [FIRST]


def test_a_key_that_leaves_signs_the_root_and_not_the_list() -> None:
    # when
    request = signed(for_both(), "a")

    # then
    assert signers(request) == [{world.key("a").public_key}, set(), set()]


def test_a_key_that_comes_signs_the_new_root_for_itself_alone_and_the_list() -> None:
    # when
    request = signed(for_both(), "d")

    # then
    newcomer = {world.key("d").public_key}
    assert signers(request) == [set(), newcomer, newcomer]


def test_signing_twice_changes_nothing() -> None:
    # given
    once = signed(for_both(), "ab")

    # then
    assert signed(once, "ab") == once


@pytest.mark.parametrize(("request_", "name"), [(for_list(), "d"), (for_both(), "e")], ids=["list", "root and list"])
def test_a_key_that_is_not_asked_is_refused_by_name(request_: SigningRequest, name: str) -> None:
    # given
    stranger = world.key(name)

    # then
    assert not request_.concerns(stranger.public_key)
    with refused(SigningRequestError, "key_not_asked", key_id=stranger.public_key.key_id.hex()):
        request_.signed_with(stranger)


def test_too_few_signatures_make_nothing() -> None:
    # then
    with pytest.raises(ThresholdNotMet):
        signed(for_list(), "a").bundle()
    with pytest.raises(ThresholdNotMet):
        signed(for_both(), "ab").root_tokens()


def test_nothing_to_ask_for_is_no_request() -> None:
    # then
    for trust_list in (None, LIST):
        with refused(SigningRequestError, "nothing_to_sign"):
            ask([], None, root=None, trust_list=trust_list)
    with refused(SigningRequestError, "nothing_to_sign"):
        ask([root(FIRST, "ab")], None, root=None, trust_list=None)


def test_what_is_asked_must_follow_what_is_in_force() -> None:
    # then
    with refused(RolledBack, "list_not_newer", version=1, in_force=1):
        for_list(LIST)
    with refused(UntrustedRoot, "root_version_skipped", before=1, version=3):
        ask([root(FIRST, "ab")], None, root=replace(SECOND, version=3), trust_list=None)
    with refused(UntrustedRoot, "first_root_version", version=2):
        ask([], None, root=SECOND, trust_list=None)
    with pytest.raises(ThresholdNotMet):
        ask([root(FIRST, "a")], None, root=SECOND, trust_list=None)
    with pytest.raises(ThresholdNotMet):
        ask([root(FIRST, "ab")], in_force("a"), root=None, trust_list=NEXT)


# --- Merging ------------------------------------------------------------------------------------------------


def test_signatures_are_merged_in_any_order_and_however_often() -> None:
    # given each key signs a copy of its own
    copies = {name: signed(for_both(), name) for name in "abcd"}
    whole = signed(for_both(), "abcd")

    # then
    for order in permutations("abcd"):
        merged = for_both()
        for name in (*order, *order):
            merged = merged.merged_with(copies[name])
        assert merged.encode() == whole.encode()


def test_merging_a_first_root_and_a_list_alone_takes_the_part_that_there_is() -> None:
    # given
    first = ask([], None, root=FIRST, trust_list=None)

    # then
    assert signed(first, "a").merged_with(signed(first, "b")) == signed(first, "ab")
    assert signed(for_list(), "a").merged_with(signed(for_list(), "b")) == signed(for_list(), "ab")


@pytest.mark.parametrize(
    "other",
    [
        for_both(),
        for_list(replace(NEXT, version=3)),
        ask([root(FIRST, "ab")], None, root=None, trust_list=NEXT),
        ask([root(FIRST, "ac")], in_force(), root=None, trust_list=NEXT),
    ],
    ids=["a root too", "another version", "nothing in force", "a root signed by others"],
)
def test_another_request_is_not_merged(other: SigningRequest) -> None:
    # then
    with refused(SigningRequestError, "another_request"):
        for_list().merged_with(other)


def test_of_two_signatures_of_one_key_the_same_stays_whichever_way_they_are_merged() -> None:
    # given a token that does not sign deterministically; what it signs is good each time
    one = signed(for_list(), "a")
    other = for_list()
    assert other.list is not None
    assert one.list is not None
    randomised = second_signature(other.list.signed)
    other = replace(other, list=other.list._replace(signed=other.list.signed.with_signatures([randomised])))
    assert other.encode() != one.encode()

    # then
    assert one.merged_with(other) == other.merged_with(one)
    assert missing(one.merged_with(other)) == [1]


def second_signature(of: cose.SignedByMany) -> cose.Signature:
    """Return another good signature of the key "a", made with another nonce (RFC 8032, section 5.1.6, its hash aside)."""
    from hashlib import sha512  # noqa: PLC0415 -- of this one test

    from nacl import bindings as sodium  # noqa: PLC0415 -- likewise

    class Randomised:
        public_key = world.key("a").public_key

        def sign(self, message: bytes) -> bytes:
            digest = sha512(world.key("a").seed).digest()
            scalar = (int.from_bytes(digest[:32], "little") & ((1 << 254) - 8)) | (1 << 254)
            order = 2**252 + 27742317777372353535851937790883648493
            nonce = 2026
            point = sodium.crypto_scalarmult_ed25519_base_noclamp(nonce.to_bytes(32, "little"))
            challenge = int.from_bytes(sha512(point + self.public_key.raw + message).digest(), "little")
            return bytes(point) + ((nonce + challenge * scalar) % order).to_bytes(32, "little")

    return of.sign(Randomised())


# --- Reading ------------------------------------------------------------------------------------------------


def test_a_request_of_more_than_12_mib_is_malformed() -> None:
    # then
    with refused(Malformed, "too_many_bytes", longest=12_582_912):
        read_request(bytes(MAX_REQUEST_BYTES + 1))
    with refused(Malformed, "cbor_too_many_items"):
        read_request(bytes(MAX_REQUEST_BYTES))


def test_a_root_that_is_no_byte_string_is_malformed() -> None:
    # given
    encoded = cbor.encode(["socpass-signing-request", [1], None, None, [NEXT.encode(), []]])

    # then
    with refused(Malformed, "root_not_bytes"):
        read_request(encoded)


def test_a_signature_by_a_stranger_refuses_the_request() -> None:
    # given
    unsigned = for_list()
    stray = cose.to_sign(NEXT.encode(), typ=LIST_TYP).sign(world.key("stranger"))
    assert unsigned.list is not None
    spoilt = replace(unsigned, list=unsigned.list._replace(signed=unsigned.list.signed.with_signatures([stray])))

    # then
    with pytest.raises(Forged):
        read_request(spoilt.encode())
