"""Status lists, specs/status-list.md section 1: packing, signing and reading."""

import random
import time
import tracemalloc
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
import pytest

import world
from said import refused
from socpass_vc.errors import ClaimsError, Malformed, Unsupported
from socpass_vc.format import cbor, cose
from socpass_vc.format.status.status_list import (
    MAX_ENTRIES,
    TYP,
    Status,
    compress,
    inflate,
    make_status_list,
    narrowest,
    pack,
    read_status_list,
    sign_status_list,
)

# draft-ietf-oauth-status-list, section 4: raw bytes, and the Status List in CBOR with somebody else's deflate.
IETF = {
    1: ("b9a3", "a2646269747301636c73744a78dadbb918000217015d", [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]),
    2: ("c944f9", "a2646269747302636c73744b78da3be9f2130003df0207", [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]),
}


@pytest.mark.parametrize("bits", IETF)
def test_the_examples_of_the_ietf_draft_are_read(bits: int) -> None:
    # given
    raw, encoded, entries = IETF[bits]
    theirs = cbor2.loads(bytes.fromhex(encoded))

    # when
    listed = read_status_list(token_of({65533: theirs})).content

    # then
    assert theirs["bits"] == bits
    assert listed.raw.hex() == raw
    assert [listed[index] for index in range(len(listed))] == entries
    assert dict(listed.set_entries()) == {index: value for index, value in enumerate(entries) if value}


def test_the_two_bit_example_of_the_ietf_draft_is_packed() -> None:
    # given
    raw, _, entries = IETF[2]

    # then
    assert pack({index: value for index, value in enumerate(entries) if value}, entries=12).hex() == raw  # type: ignore[misc]  # the draft uses 3


def test_a_list_without_a_suspension_needs_one_bit_an_entry_and_one_with_a_suspension_two() -> None:
    # given
    revoked = {0: Status.INVALID, 9: Status.INVALID}
    suspended = revoked | {3: Status.SUSPENDED}

    # then
    assert (narrowest({}, entries=16), narrowest(revoked, entries=16), narrowest(suspended, entries=16)) == (1, 1, 2)
    assert pack(revoked, entries=16, bits=1).hex() == "0102"
    assert pack(suspended, entries=16, bits=2).hex() == "81000400"
    assert narrowest(revoked, entries=12) == 2  # twelve bits fill no bytes


def test_a_suspension_does_not_fit_into_one_bit() -> None:
    with refused(ClaimsError, "status_not_possible", value=2, bits=1):
        pack({0: Status.SUSPENDED}, entries=8, bits=1)
    with refused(ClaimsError, "status_list_length", multiple_of=8):
        pack({}, entries=12, bits=1)


def strewn(share: float, bits: int, entries: int = 2**16) -> bytes:
    """Return a list with a share of its entries revoked."""
    chosen = random.Random(1).sample(range(entries), round(entries * share))  # noqa: S311 -- no secret
    return pack(dict.fromkeys(chosen, Status.INVALID), entries=entries, bits=bits)


@pytest.mark.parametrize("bits", [1, 2])
@pytest.mark.parametrize("share", [0, 0.0001, 0.01, 0.05, 0.3, 0.9, 1])
def test_a_stream_is_never_longer_than_zlibs_best_and_any_reader_inflates_it(share: float, bits: int) -> None:
    # given
    raw = strewn(share, bits)

    # when
    stream = compress(raw)

    # then
    assert zlib.decompress(stream) == raw
    assert len(stream) <= len(zlib.compress(raw, 9))


def test_a_stream_of_one_percent_revoked_has_less_than_1_3_times_their_entropy() -> None:
    # log2 of the number of ways to choose 10,486 of 2^20 is 84,712 bits, 10,589 bytes
    assert len(compress(strewn(0.01, 1, 2**20))) < 1.3 * 10_589


GOOD: dict[int | str, Any] = {
    2: world.STATUS_URI,
    4: int(world.STATUS_EXPIRES_AT.timestamp()),
    6: int(world.ISSUED_AT.timestamp()),
    65533: {"bits": 2, "lst": zlib.compress(bytes(8))},
    65534: 86400,
}


def token_of(changes: dict[int | str, Any] | None = None, *, typ: str | None = TYP) -> bytes:
    """Return a status list with other claims, well signed; a claim that is ... is left out."""
    claims = {key: value for key, value in (GOOD | (changes or {})).items() if value is not ...}
    return cose.sign1(cbor.encode(claims), world.key("status"), typ=typ)


def with_list(**changes: Any) -> bytes:
    """Return a status list with another status_list."""
    entry = {"bits": 2, "lst": zlib.compress(bytes(8))} | changes
    return token_of({65533: {key: value for key, value in entry.items() if value is not ...}})


def test_a_status_list_is_signed_and_read_again() -> None:
    # given
    listed = world.status_list({0: Status.INVALID, 4095: Status.SUSPENDED})

    # when
    unverified = read_status_list(sign_status_list(listed, world.key("status")))

    # then
    assert unverified.content == listed
    assert (unverified.content[0], unverified.content[1], unverified.content[4095]) == (1, 0, 2)
    unverified.signed.check(world.key("status").public_key)


def test_the_claims_are_those_of_the_ietf_draft() -> None:
    # when
    claims = cbor2.loads(read_status_list(world.status_token()).signed.payload)

    # then
    packed = claims.pop(65533)
    assert claims == {key: value for key, value in GOOD.items() if key != 65533}
    assert packed["bits"] == 2
    assert zlib.decompress(packed["lst"]) == bytes(world.ENTRIES // 4)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_entries_of_every_width_are_read_least_significant_bits_first(bits: int) -> None:
    # given
    raw = random.Random(bits).randbytes(64)  # noqa: S311 -- no secret
    number = int.from_bytes(raw, "little")

    # when
    listed = read_status_list(with_list(bits=bits, lst=zlib.compress(raw))).content

    # then
    assert len(listed) == 64 * 8 // bits
    values = [number >> index * bits & (1 << bits) - 1 for index in range(len(listed))]
    assert [listed[index] for index in range(len(listed))] == values
    assert list(listed.set_entries()) == [(index, value) for index, value in enumerate(values) if value]


@pytest.mark.parametrize("index", [-1, world.ENTRIES, 2**25])
def test_an_index_beyond_the_list_is_an_error_and_no_zero(index: int) -> None:
    with pytest.raises(IndexError):
        world.status_list()[index]


def test_packing_looks_at_the_revoked_alone() -> None:
    # given
    before = time.process_time()

    # when
    packed = pack({0: Status.INVALID, MAX_ENTRIES - 1: Status.SUSPENDED}, entries=MAX_ENTRIES)

    # then
    assert time.process_time() - before < 1  # of processor time; a loop over all entries took 6 s
    assert (packed[0], packed[-1], len(packed)) == (1, 2 << 6, 2**23)


@pytest.mark.parametrize("entries", [-4, 0, 1, 2, 4094, 4097, MAX_ENTRIES + 4])
def test_a_list_of_an_impossible_length_cannot_be_packed(entries: int) -> None:
    with refused(ClaimsError, "status_list_length", multiple_of=4):
        pack({}, entries=entries)


@pytest.mark.parametrize("index", [-1, 8])
def test_an_index_beyond_the_list_cannot_be_packed(index: int) -> None:
    with refused(ClaimsError, "status_not_possible", index=index, entries=8):
        pack({index: Status.INVALID}, entries=8)


IMPOSSIBLE: dict[str, dict[str, Any]] = {
    "expires when it is issued": {"expires_at": world.ISSUED_AT},
    "no ttl": {"ttl": timedelta(0)},
    "a ttl of 2^31": {"ttl": timedelta(seconds=2**31)},
    "three bits": {"bits": 3},
    "no entries": {"raw": b""},
    "more than 2^25 entries": {"raw": bytes(2**23 + 1)},
    "more than 2^25 entries of one bit": {"raw": bytes(2**22 + 1), "bits": 1},
    "no URI": {"uri": ""},
    "a URI of 301": {"uri": "h" * 301},
    "a URI that is not ASCII": {"uri": "https://пасс.рф/0"},
}


@pytest.mark.parametrize("changes", IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_a_list_that_contradicts_the_specification_cannot_be_made(changes: dict[str, Any]) -> None:
    with pytest.raises(ClaimsError):
        world.status_list(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"issued_at": world.ISSUED_AT + timedelta(milliseconds=1)},
        {"issued_at": world.BEGINNING - world.DAY},
        {"ttl": timedelta(seconds=1.5)},
    ],
    ids=["iat with a fraction", "iat before 1970", "ttl with a fraction"],
)
def test_times_that_have_no_encoding_are_refused_when_a_list_is_signed(changes: dict[str, Any]) -> None:
    with pytest.raises(ClaimsError):
        sign_status_list(world.status_list(**changes), world.key("status"))


def test_the_longest_lists_are_read() -> None:
    for bits in (1, 2, 4, 8):
        token = with_list(bits=bits, lst=zlib.compress(bytes(MAX_ENTRIES * bits // 8), 1))
        assert len(read_status_list(token).content) == MAX_ENTRIES


MALFORMED: dict[str, bytes] = {
    "a pass": token_of(typ=None),
    "an array": cose.sign1(b"\x80", world.key("status"), typ=TYP),
    "no sub": token_of({2: ...}),
    "no exp": token_of({4: ...}),
    "no iat": token_of({6: ...}),
    "no list": token_of({65533: ...}),
    "no ttl": token_of({65534: ...}),
    "sub in bytes": token_of({2: b"https"}),
    "sub of 301": token_of({2: "h" * 301}),
    "an empty sub": token_of({2: ""}),
    "exp is iat": token_of({4: GOOD[6]}),
    "exp is null": token_of({4: None}),
    "exp after 9999": token_of({4: 253402300800}),
    "ttl of 0": token_of({65534: 0}),
    "ttl of 2^31": token_of({65534: 2**31}),
    "ttl is true": token_of({65534: True}),
    "the list is an array": token_of({65533: [2, b""]}),
    "no bits": with_list(bits=...),
    "bits of 3": with_list(bits=3),
    "bits of true": with_list(bits=True),
    "bits of text": with_list(bits="2"),
    "no lst": with_list(lst=...),
    "lst of text": with_list(lst="eNo"),
    "lst of null": with_list(lst=None),
    "no stream": with_list(lst=b""),
    "a stream of nothing": with_list(lst=zlib.compress(b"")),
    "a truncated stream": with_list(lst=zlib.compress(bytes(8))[:-1]),
    "a stream and a byte": with_list(lst=zlib.compress(bytes(8)) + b"\0"),
    "two streams": with_list(lst=zlib.compress(bytes(8)) * 2),
    "a damaged stream": with_list(lst=zlib.compress(bytes(8))[:-1] + b"\xff"),
    "no zlib header": with_list(lst=zlib.compress(bytes(8))[2:]),
    "a preset dictionary": with_list(lst=b"\x78\xf9" + bytes(20)),
    "2^25 entries and four": with_list(lst=zlib.compress(bytes(2**23 + 1), 1)),
}


@pytest.mark.parametrize("token", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_not_a_status_list_is_malformed(token: bytes) -> None:
    with pytest.raises(Malformed):
        read_status_list(token)


UNSUPPORTED = {
    "iss": token_of({1: "RU-BA"}),
    "a claim of 100": token_of({100: 0}),
    "a text claim": token_of({"a": 0}),
    "an aggregation URI": with_list(aggregation_uri="https://example.ru"),
    "a newer claim beside a bad one": token_of({1: 0, 4: -1}),
    "a newer entry beside a bad one": with_list(later=1, bits=3),
    "a number as an entry": token_of({65533: {"bits": 2, "lst": zlib.compress(bytes(8)), 1: 1}}),
}


@pytest.mark.parametrize("token", UNSUPPORTED.values(), ids=UNSUPPORTED.keys())
def test_a_status_list_with_entries_that_nobody_knows_is_unsupported(token: bytes) -> None:
    with refused(Unsupported, "newer_field"):
        read_status_list(token)


def test_a_token_of_more_than_8_mib_and_64_kib_is_malformed() -> None:
    # given
    longest = 2**23 + 2**16

    # then
    with refused(Malformed, "too_many_bytes", longest=8_454_144):
        read_status_list(bytes(longest + 1))
    with refused(Malformed, "not_cose_sign1"):
        read_status_list(bytes(longest))


def test_a_bomb_is_inflated_no_further_than_the_bound() -> None:
    # given a mebibyte that would be a gibibyte
    bomb = zlib.compress(bytes(2**30 >> 4), 9)
    token = with_list(bits=1, lst=bomb)

    # when
    tracemalloc.start()
    with refused(Malformed, "status_list_inflates_too_far"):
        read_status_list(token)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    # then
    assert most < 3 * 2**22


def test_a_stream_that_fills_the_bound_is_whole_and_one_byte_more_is_too_long() -> None:
    assert inflate(zlib.compress(bytes(10)), 10) == bytes(10)
    with refused(Malformed, "status_list_inflates_too_far", longest=9):
        inflate(zlib.compress(bytes(10)), 9)


def test_a_list_is_made_of_what_is_no_longer_valid_and_is_as_narrow_as_that_allows() -> None:
    # given
    issued_at = datetime(2026, 11, 28, tzinfo=UTC)
    uri = "https://pass.example.ru/status/0"

    # when
    revoked = make_status_list({4711: Status.INVALID}, uri=uri, issued_at=issued_at)
    suspended = make_status_list({4711: Status.INVALID, 8: Status.SUSPENDED}, uri=uri, issued_at=issued_at, entries=8_192)

    # then
    assert (revoked.bits, len(revoked), list(revoked.set_entries())) == (1, 1 << 20, [(4711, Status.INVALID)])
    assert (suspended.bits, len(suspended), dict(suspended.set_entries())) == (
        2,
        8_192,
        {8: Status.SUSPENDED, 4711: Status.INVALID},
    )
    assert (revoked.expires_at - issued_at, revoked.ttl) == (timedelta(days=14), timedelta(days=1))
    with pytest.raises(ClaimsError):
        make_status_list({8_192: Status.INVALID}, uri=uri, issued_at=issued_at, entries=8_192)
