"""What is written is read back as it was, and what is read is written as it was: one spelling for one thing."""

import zlib
from contextlib import suppress
from datetime import datetime
from random import Random

from hypothesis import assume, given
from hypothesis import strategies as st

import strategies
import world
from socpass_vc.errors import SocpassError
from socpass_vc.format import armor, cbor, cose
from socpass_vc.format.catalogue.measures import encode_measures, read_measures
from socpass_vc.format.catalogue.names import read_names
from socpass_vc.format.catalogue.signed_catalogue import Catalogue, read_catalogue, sign_catalogue
from socpass_vc.format.cbor import Value
from socpass_vc.format.credential.claims import Claims
from socpass_vc.format.credential.claims_reader import read_claims
from socpass_vc.format.credential.proof import read_proof, sign_proof
from socpass_vc.format.credential.token import read_pass, sign_pass, write_pass, write_presentation
from socpass_vc.format.keys import SecretKey
from socpass_vc.format.status.status_list import TYP, StatusList, read_status_list, sign_status_list
from socpass_vc.format.trust.bundle import LIST_TYP, read_bundle, sign_root, sign_trust_list, write_bundle
from socpass_vc.format.trust.issuers import Root, TrustList
from socpass_vc.format.trust.issuers_reader import read_root, read_trust_list
from socpass_vc.format.trust.signing_request import ask, read_request

encodings = strategies.values.map(cbor.encode)


def typed(value: Value) -> object:
    """Return *value* so that True and 1, and maps in another order, compare as different."""
    if isinstance(value, dict):
        return [(type(key), key, typed(item)) for key, item in value.items()]
    if isinstance(value, list):
        return [typed(item) for item in value]
    return (type(value), value)


def sorted_as_written(value: Value) -> Value:
    """Return *value* with its maps in the order of their encoding."""
    if isinstance(value, dict):
        return {key: sorted_as_written(value[key]) for key in sorted(value, key=cbor.encode)}
    if isinstance(value, list):
        return [sorted_as_written(item) for item in value]
    return value


def without_later(value: Value) -> Value:
    """Return *value* without the entries of a later version, which readers ignore."""
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if not (isinstance(key, int) and key >= 64)}
        return {key: without_later(item) for key, item in kept.items()}
    if isinstance(value, list):
        return [without_later(item) for item in value]
    return value


def encoded_or_discarded(value: Value) -> bytes:
    """Return the encoding; an alteration that nests too deep is no example."""
    try:
        return cbor.encode(value)
    except ValueError:
        assume(condition=False)
        raise


# --- CBOR ---------------------------------------------------------------------------------------------------


@given(strategies.values)
def test_a_value_comes_back_with_its_types(value: Value) -> None:
    assert typed(cbor.decode(cbor.encode(value))) == typed(sorted_as_written(value))


@given(strategies.mutated(encodings) | st.binary(max_size=40))
def test_bytes_that_are_accepted_are_the_only_spelling_of_their_value(encoded: bytes) -> None:
    try:
        value = cbor.decode(encoded)
    except SocpassError:
        return
    assert cbor.encode(value) == encoded


# --- Passes -------------------------------------------------------------------------------------------------


@given(strategies.claims())
def test_claims_come_back(claims: Claims) -> None:
    assert read_claims(claims.encode()) == claims


@given(st.data())
def test_claims_that_are_accepted_are_the_only_spelling_of_what_they_say(data: st.DataObject) -> None:
    # given a pass in which something was replaced, added or dropped
    payload = encoded_or_discarded(data.draw(strategies.altered(cbor.decode(data.draw(strategies.claims()).encode()))))

    # when
    try:
        claims = read_claims(payload)
    except SocpassError:
        return

    # then
    assert claims.encode() == cbor.encode(without_later(cbor.decode(payload)))


@given(strategies.mutated(strategies.claims().map(Claims.encode)))
def test_bytes_of_claims_that_are_accepted_are_the_only_spelling_of_them(payload: bytes) -> None:
    try:
        claims = read_claims(payload)
    except SocpassError:
        return
    assert claims.encode() == cbor.encode(without_later(cbor.decode(payload)))


@given(strategies.claims(), strategies.secrets)
def test_a_pass_comes_back_and_is_the_same_text_each_time(claims: Claims, signer: SecretKey) -> None:
    # when
    token = sign_pass(claims, signer)
    unverified = read_pass(write_pass(token))

    # then
    assert (unverified.token, unverified.claims()) == (token, claims)
    assert write_pass(sign_pass(claims, signer)) == write_pass(token)


@given(strategies.claims(), strategies.moments)
def test_a_presentation_comes_back(claims: Claims, moment: datetime) -> None:
    # given
    token = sign_pass(claims, world.key("pass"))
    proof = sign_proof(token, world.key("holder"), now=moment)

    # when
    unverified = read_pass(write_presentation(token, proof))

    # then
    assert (unverified.token, unverified.proof) == (token, proof)
    assert read_proof(proof).issued_at == moment


# --- Armor --------------------------------------------------------------------------------------------------

frames = st.one_of(
    st.binary(min_size=64, max_size=4096).map(lambda token: b"\x01" + token),
    st.binary(min_size=64, max_size=4608).map(lambda presentation: b"\x03" + presentation),
    st.builds(
        lambda count, index, rest: bytes((2, index % count, count)) + rest,
        st.integers(2, 255),
        st.integers(0),
        st.binary(min_size=72, max_size=4104),
    ),
)
prefixes = st.sampled_from(["", "SOCPASS:", "HTTPS://PASS.EXAMPLE.RU/P#", "ЫЩСЗФЫЫЖ", "2026-01-01 "])


@given(frames, prefixes, st.sampled_from(["", "\r\n", " копия"]))
def test_a_frame_comes_back_from_its_text_whatever_stands_around(frame: bytes, prefix: str, after: str) -> None:
    assert armor.read_armor(armor.write_armor(frame, prefix=prefix) + after) == frame


@given(frames.map(lambda frame: armor.write_armor(frame, prefix="")), st.data())
def test_digits_that_are_accepted_are_the_only_spelling_of_their_frame(digits: str, data: st.DataObject) -> None:
    # given digits of which some were changed, and any check digits that leave the right remainder
    at = data.draw(st.integers(0, len(digits) - 3))
    changed = digits[:at] + data.draw(st.text("0123456789", max_size=4)) + digits[at + 1 : -2]
    checks = [f"{check:02}" for check in range(100) if (armor_number(changed) * 100 + check) % 97 == 1]
    text = changed + data.draw(st.sampled_from(checks))

    # when
    try:
        frame = armor.read_armor(text)
    except SocpassError:
        return

    # then
    assert armor.write_armor(frame, prefix="") == text


def armor_number(digits: str) -> int:
    """Return the number that digits write, modulo 97; Python converts no more than 4,300 of them at once."""
    number = 0
    for at in range(0, len(digits), 4000):
        block = digits[at : at + 4000]
        number = (number * pow(10, len(block), 97) + int(block)) % 97
    return number


@given(st.binary(min_size=129, max_size=4608), st.integers(2, 255), st.randoms(use_true_random=False))
def test_parts_in_any_order_and_some_twice_join_to_the_whole(rest: bytes, count: int, random: Random) -> None:
    # given
    frame = b"\x01" + rest
    count = min(count, len(frame) // 64)
    parts = [armor.read_part(armor.read_armor(armor.write_armor(part))) for part in armor.split_frame(frame, count=count)]
    again = parts + random.sample(parts, random.randint(0, count))
    random.shuffle(again)

    # then
    assert armor.join_parts(tuple(again)) == frame
    assert max(len(part.share) for part in parts) - min(len(part.share) for part in parts) <= 1


# --- Status lists -------------------------------------------------------------------------------------------


@given(strategies.status_lists(), strategies.secrets)
def test_a_status_list_comes_back_and_is_the_same_token_each_time(listed: StatusList, signer: SecretKey) -> None:
    # when
    token = sign_status_list(listed, signer)

    # then
    assert read_status_list(token).content == listed
    assert sign_status_list(read_status_list(token).content, signer) == token
    assert {index: listed[index] for index in range(len(listed)) if listed[index]} == dict(listed.set_entries())


@given(st.data())
def test_a_status_list_that_is_accepted_says_what_its_claims_say(data: st.DataObject) -> None:
    # given
    said = cbor.decode(
        read_status_list(sign_status_list(data.draw(strategies.status_lists()), world.key("status"))).signed.payload
    )
    payload = encoded_or_discarded(data.draw(strategies.altered(said)))

    # when
    try:
        content = read_status_list(cose.sign1(payload, world.key("status"), typ=TYP)).content
    except SocpassError:
        return

    # then
    packed: Value = {"bits": content.bits, "lst": b""}
    again: Value = {
        2: content.uri,
        4: int(content.expires_at.timestamp()),
        6: int(content.issued_at.timestamp()),
        65533: packed,
        65534: int(content.ttl.total_seconds()),
    }
    written = cbor.decode(payload)
    assert isinstance(written, dict)
    stream = written[65533]
    assert isinstance(stream, dict)
    assert isinstance(stream["lst"], bytes)
    assert zlib.decompress(stream["lst"]) == content.raw
    assert typed({**written, 65533: {**stream, "lst": b""}}) == typed(sorted_as_written(again))


# --- Catalogues ---------------------------------------------------------------------------------------------


@given(strategies.catalogues(), strategies.secrets)
def test_a_catalogue_comes_back_and_is_the_same_token_each_time(made: Catalogue, signer: SecretKey) -> None:
    # when
    token = sign_catalogue(made, signer)
    read = read_catalogue(token).content

    # then
    assert read == made
    assert sign_catalogue(read, signer) == token
    assert read.names().encode() == read.names_page
    assert encode_measures(read.measures()) == read.measures_page


@given(st.data())
def test_a_page_that_is_accepted_is_written_the_same_way_again(data: st.DataObject) -> None:
    # given
    made = data.draw(strategies.catalogues())
    names = encoded_or_discarded(data.draw(strategies.altered(cbor.decode(made.names_page))))
    measures = encoded_or_discarded(data.draw(strategies.altered(cbor.decode(made.measures_page))))

    # then, but for fields of later versions
    with suppress(SocpassError):
        again = cbor.decode(read_names(names).encode())
        assert typed(again) == typed(without_later_fields(cbor.decode(names)))
    with suppress(SocpassError):
        listed = cbor.decode(encode_measures(read_measures(measures)))
        written = cbor.decode(measures)
        assert isinstance(written, list)
        assert typed(listed) == typed([without_later_fields(entry) for entry in written])


def without_later_fields(value: Value) -> Value:
    """Return a map without the keys that a reader ignores."""
    assert isinstance(value, dict)
    return {key: inner for key, inner in value.items() if isinstance(key, int) and key < 64}


# --- Trust --------------------------------------------------------------------------------------------------


@given(strategies.trust_lists())
def test_a_trust_list_comes_back(listed: TrustList) -> None:
    assert read_trust_list(listed.encode()) == listed


roots = st.builds(
    lambda version, expires_at, names, threshold: Root(
        version=version,
        expires_at=expires_at,
        threshold=min(threshold, len(names)),
        keys=world.ascending(map(world.key, names)),
    ),
    st.integers(1, 2**32 - 1),
    strategies.moments,
    st.sets(st.sampled_from("abcdefgh"), min_size=1),
    st.integers(1, 8),
)


@given(roots)
def test_a_root_comes_back(root: Root) -> None:
    assert read_root(root.encode()) == root


@given(strategies.trust_lists(), roots, st.sets(st.sampled_from("abcdefgh"), min_size=1))
def test_a_bundle_comes_back_and_is_the_same_whoever_signed_first(listed: TrustList, root: Root, names: set[str]) -> None:
    # given
    signers = [world.key(name) for name in sorted(names)]
    encoded = write_bundle([sign_root(root, signers)], sign_trust_list(listed, signers))

    # when
    bundle = read_bundle(encoded)

    # then
    assert (bundle.roots[0].root, bundle.list) == (root, listed)
    assert write_bundle([sign_root(root, signers[::-1])], sign_trust_list(listed, signers[::-1])) == encoded


@given(
    strategies.trust_lists(),
    st.lists(st.sampled_from("abcdefgh"), max_size=12),
    st.lists(st.sampled_from("abcdefgh"), max_size=4),
)
def test_a_request_comes_back_and_is_the_same_in_whichever_order_signatures_come(
    listed: TrustList, one: list[str], other: list[str]
) -> None:
    # given the first root of eight keys, and a list under it
    request = ask([], None, root=world.root(*"abcdefgh", threshold=3), trust_list=listed)
    in_turn, first, second = request, request, request
    for name in [*one, *other]:
        in_turn = in_turn.signed_with(world.key(name))
    for name in one:
        first = first.signed_with(world.key(name))
    for name in other:
        second = second.signed_with(world.key(name))

    # then
    assert first.merged_with(second) == second.merged_with(first) == first.merged_with(second).merged_with(first) == in_turn
    assert read_request(in_turn.encode()) == in_turn
    assert in_turn.is_complete == (len({*one, *other}) >= 3)


@given(st.data())
def test_a_trust_list_that_is_accepted_is_the_only_spelling_of_what_it_says(data: st.DataObject) -> None:
    # given
    payload = encoded_or_discarded(data.draw(strategies.altered(cbor.decode(data.draw(strategies.trust_lists()).encode()))))
    token = cose.sign_by_many(payload, [world.key("root")], typ=LIST_TYP)

    # when
    try:
        listed = read_bundle(write_bundle([world.root_token()], token)).list
    except SocpassError:
        return

    # then
    assert listed.encode() == cbor.encode(without_later(cbor.decode(payload)))


@given(st.data())
def test_a_root_that_is_accepted_is_the_only_spelling_of_what_it_says(data: st.DataObject) -> None:
    # given
    payload = encoded_or_discarded(data.draw(strategies.altered(cbor.decode(data.draw(roots).encode()))))

    # when
    try:
        root = read_root(payload)
    except SocpassError:
        return

    # then
    assert root.encode() == cbor.encode(without_later(cbor.decode(payload)))
