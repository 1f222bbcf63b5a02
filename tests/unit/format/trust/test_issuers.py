"""Roots, trust lists, issuers and their keys, specs/trust.md section 1: the records and their bytes."""

from datetime import timedelta
from typing import Any

import pytest

import world
from socpass_vc.errors import ClaimsError, Malformed, Unsupported
from socpass_vc.format import cbor
from socpass_vc.format.trust.issuers import KeyState, Use, encode_issuer
from socpass_vc.format.trust.issuers_reader import read_issuer, read_root, read_trust_list

Entry = dict[int | str, Any]


def changed(entry: Any, changes: Entry) -> Entry:
    """Return a decoded map with other entries; one that is ... is left out."""
    assert isinstance(entry, dict)
    return {key: value for key, value in (entry | changes).items() if value is not ...}


ROOT = cbor.decode(world.root("root", "root b", threshold=2).encode())
LIST = cbor.decode(world.trust_list().encode())
ISSUER = cbor.decode(cbor.encode(encode_issuer(world.issuer())))
KEY = {1: [-19, world.key("pass").public_key.raw], 2: [1], 3: 0, 4: 1, 5: 0}


def root_of(changes: Entry) -> bytes:
    return cbor.encode(changed(ROOT, changes))


def list_of(changes: Entry) -> bytes:
    return cbor.encode(changed(LIST, changes))


def issuer_of(changes: Entry) -> bytes:
    return list_of({5: [changed(ISSUER, changes)]})


def key_of(changes: Entry) -> bytes:
    return issuer_of({4: [changed(KEY, changes)]})


# --- Both ways ----------------------------------------------------------------------------------------------


def test_a_root_is_written_and_read_back() -> None:
    # given
    root = world.root("root", "root b", threshold=2)

    # then
    assert read_root(root.encode()) == root
    assert cbor.decode(root.encode()) == {1: 1, 2: 2082758400, 3: 2, 4: [[-19, key.raw] for key in root.keys]}


def test_a_trust_list_is_written_and_read_back() -> None:
    # given
    listed = world.trust_list(
        world.issuer(),
        world.issuer(
            world.issuer_key("other", 1, 2, 5, 63, state=KeyState.COMPROMISED),
            id="RU-MOS",
            status_base="http://example.ru/",
            documents_url="https://example.ru/{list}/{index}",
        ),
        version=2**32 - 1,
    )

    # then
    assert read_trust_list(listed.encode()) == listed


def test_an_issuer_is_written_as_the_specification_numbers_it() -> None:
    # given
    first, second = world.issuer().keys
    read_back = ISSUER

    # then
    assert read_back == {
        1: "RU-BA",
        2: dict(world.issuer().names),
        3: "Asia/Yekaterinburg",
        4: [{1: [-19, key.public_key.raw], 2: list(key.uses), 3: 1764547200, 4: 1796083200, 5: 0} for key in (first, second)],
        5: [[1, 999], [2000, 2999]],
        6: "https://pass.example.ru/status/",
    }


def test_a_single_issuer_is_read_as_in_a_request_to_a_root() -> None:
    assert read_issuer(ISSUER) == world.issuer()


def test_keys_from_64_on_are_ignored_everywhere() -> None:
    # given
    later: Entry = {64: [None], 1000: {"a": 1}}

    # then
    assert read_root(root_of(later)) == read_root(root_of({}))
    assert read_trust_list(list_of(later)) == read_trust_list(list_of({}))
    assert read_trust_list(issuer_of(later)) == read_trust_list(issuer_of({}))
    assert read_trust_list(key_of(later)) == read_trust_list(key_of({}))


def test_a_list_may_expire_at_its_next_update_and_be_updated_when_it_is_issued() -> None:
    for times in (
        {"next_update_at": world.LIST_EXPIRES_AT},
        {"next_update_at": world.ISSUED_AT},
    ):
        # given
        listed = world.trust_list(**times)

        # then
        assert read_trust_list(listed.encode()) == listed


# --- Questions ----------------------------------------------------------------------------------------------


def test_a_key_covers_its_uses_from_the_first_second_and_no_longer_at_the_last() -> None:
    # given
    key = world.issuer_key("pass", Use.PASS)

    # then
    assert key.covers(Use.PASS, world.SIGN_FROM)
    assert key.covers(Use.PASS, world.SIGN_UNTIL - world.SECOND)
    assert not key.covers(Use.PASS, world.SIGN_FROM - world.SECOND)
    assert not key.covers(Use.PASS, world.SIGN_UNTIL)
    assert not key.covers(Use.STATUS, world.SIGN_FROM)


@pytest.mark.parametrize(
    ("category", "may"), [(1, True), (999, True), (1000, False), (1999, False), (2000, True), (2999, True), (3000, False)]
)
def test_an_issuer_may_grant_the_categories_of_its_scopes_both_ends_included(category: int, may: bool) -> None:
    assert world.issuer().may_grant(category) is may


def test_a_status_list_is_found_at_the_base_and_the_number() -> None:
    assert world.issuer().status_uri(0) == "https://pass.example.ru/status/0"
    assert world.issuer().status_uri(2**32 - 1) == "https://pass.example.ru/status/4294967295"


# --- What cannot be made ------------------------------------------------------------------------------------

KEYS = world.issuer().keys


@pytest.mark.parametrize(
    "changes",
    [
        {"uses": ()},
        {"uses": tuple(range(1, 18))},
        {"uses": (2, 1)},
        {"uses": (1, 1)},
        {"uses": (0, 1)},
        {"uses": (1, 64)},
        {"sign_until": world.SIGN_FROM},
    ],
    ids=repr,
)
def test_a_key_that_contradicts_the_specification_cannot_be_made(changes: dict[str, Any]) -> None:
    with pytest.raises(ClaimsError):
        world.issuer_key("pass", Use.PASS, **changes)


IMPOSSIBLE_ISSUERS: dict[str, dict[str, Any]] = {
    "no id": {"id": ""},
    "an id of 33": {"id": "A" * 33},
    "an id in small letters": {"id": "ru-ba"},
    "an id with a line end": {"id": "RU\n"},
    "no names": {"names": {}},
    "17 names": {"names": {f"a{chr(97 + at)}": "A" for at in range(17)}},
    "a language in capitals": {"names": {"RU": "A"}},
    "a language of one letter": {"names": {"r": "A"}},
    "a language of four letters": {"names": {"russ": "A"}},
    "an empty name": {"names": {"ru": ""}},
    "a name of 201": {"names": {"ru": "я" * 201}},
    "a name that turns round": {"names": {"ru": "A\u202e"}},
    "no time zone": {"time_zone": ""},
    "a time zone of 65": {"time_zone": "A" * 65},
    "a time zone with dots": {"time_zone": "../etc/passwd"},
    "no keys": {"keys": ()},
    "65 keys": {"keys": KEYS * 33},
    "keys out of order": {"keys": KEYS[::-1]},
    "a key twice": {"keys": (KEYS[0], KEYS[0])},
    "no scopes": {"scopes": ()},
    "65 scopes": {"scopes": tuple((at, at) for at in range(1, 66))},
    "a scope from 0": {"scopes": ((0, 1),)},
    "a scope to 1,000,000": {"scopes": ((1, 1_000_000),)},
    "a scope that ends before it starts": {"scopes": ((2, 1),)},
    "scopes that overlap": {"scopes": ((1, 5), (5, 9))},
    "scopes out of order": {"scopes": ((7, 9), (1, 5))},
    "a status base without a slash": {"status_base": "https://example.ru/status"},
    "a status base of ftp": {"status_base": "ftp://example.ru/"},
    "a status base with a space": {"status_base": "https://example.ru/a b/"},
    "a status base that is not ASCII": {"status_base": "https://пример.рф/"},
    "a status base of 256": {"status_base": "https://" + "a" * 247 + "/"},
    "no status base": {"status_base": ""},
    "documents over http": {"documents_url": "http://example.ru"},
    "documents of 256": {"documents_url": "https://" + "a" * 248},
    "documents with a space": {"documents_url": "https://example.ru/ "},
    "documents that are empty": {"documents_url": ""},
}


@pytest.mark.parametrize("changes", IMPOSSIBLE_ISSUERS.values(), ids=IMPOSSIBLE_ISSUERS.keys())
def test_an_issuer_that_contradicts_the_specification_cannot_be_made(changes: dict[str, Any]) -> None:
    with pytest.raises(ClaimsError):
        world.issuer(**changes)


def test_the_longest_bases_and_urls_can_be_made() -> None:
    # given
    longest = world.issuer(status_base="https://" + "a" * 246 + "/", documents_url="https://" + "a" * 247)

    # then
    assert read_issuer(cbor.decode(cbor.encode(encode_issuer(longest)))) == longest


def other_issuer(**changes: Any) -> Any:
    return world.issuer(world.issuer_key("other", 1), **({"id": "RU-MOS", "status_base": "https://example.ru/"} | changes))


@pytest.mark.parametrize(
    ("issuers", "changes"),
    [
        ((), {"version": 0}),
        ((), {"version": 2**32}),
        ((), {"next_update_at": world.ISSUED_AT - world.SECOND}),
        ((), {"expires_at": world.NEXT_UPDATE_AT - world.SECOND}),
        ((), {"next_update_at": world.ISSUED_AT, "expires_at": world.ISSUED_AT}),
        ((), {"issuers": ()}),
        ((world.issuer(), world.issuer()), {}),
        ((other_issuer(), world.issuer()), {}),
        ((world.issuer(), other_issuer(status_base=world.STATUS_BASE)), {}),
        ((world.issuer(), other_issuer(keys=KEYS[:1])), {}),
    ],
    ids=[
        "version 0",
        "version 2^32",
        "next update before it is issued",
        "expiry before the next update",
        "expiry when it is issued",
        "no issuers",
        "an issuer twice",
        "issuers out of order",
        "two issuers with one status base",
        "two issuers with one key",
    ],
)
def test_a_trust_list_that_contradicts_the_specification_cannot_be_made(
    issuers: tuple[Any, ...], changes: dict[str, Any]
) -> None:
    with pytest.raises(ClaimsError):
        world.trust_list(*issuers, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 0},
        {"threshold": 0},
        {"threshold": 2},
        {"keys": ()},
        {"keys": world.root().keys * 2},
        {"keys": world.root().keys * 65},
    ],
    ids=["version 0", "threshold 0", "threshold above the keys", "no keys", "a key twice", "65 keys"],
)
def test_a_root_that_contradicts_the_specification_cannot_be_made(changes: dict[str, Any]) -> None:
    with pytest.raises(ClaimsError):
        world.root(**changes)


def test_times_that_have_no_encoding_are_refused_when_a_root_or_a_list_is_written() -> None:
    # given
    fraction = timedelta(milliseconds=1)

    # then
    with pytest.raises(ClaimsError):
        world.root(expires_at=world.ROOT_EXPIRES_AT + fraction).encode()
    with pytest.raises(ClaimsError):
        world.trust_list(expires_at=world.LIST_EXPIRES_AT + fraction).encode()


# --- What is refused when read ------------------------------------------------------------------------------

MALFORMED_ROOTS = {
    "not CBOR": b"",
    "an array": cbor.encode([1]),
    "no version": root_of({1: ...}),
    "version 0": root_of({1: 0}),
    "version 2^32": root_of({1: 2**32}),
    "no expiry": root_of({2: ...}),
    "a negative expiry": root_of({2: -1}),
    "threshold 0": root_of({3: 0}),
    "threshold 3 of 2": root_of({3: 3}),
    "no keys": root_of({4: ...}),
    "an empty array of keys": root_of({4: []}),
    "a key of 31 bytes": root_of({3: 1, 4: [bytes(31)]}),
    "a key of small order": root_of({3: 1, 4: [[-19, bytes(32)]]}),
    "keys out of order": root_of({4: [[-19, key.raw] for key in reversed(world.root("root", "root b").keys)]}),
    "a negative field": root_of({-1: 0}),
    "a text field": root_of({"a": 0}),
}


@pytest.mark.parametrize("payload", MALFORMED_ROOTS.values(), ids=MALFORMED_ROOTS.keys())
def test_what_is_not_a_root_is_malformed(payload: bytes) -> None:
    with pytest.raises(Malformed):
        read_root(payload)


MALFORMED_LISTS = {
    "not CBOR": b"",
    "an array": cbor.encode([1]),
    "no version": list_of({1: ...}),
    "no iat": list_of({2: ...}),
    "no next update": list_of({3: ...}),
    "no expiry": list_of({4: ...}),
    "no issuers": list_of({5: ...}),
    "an empty array of issuers": list_of({5: []}),
    "1,001 issuers": list_of({5: [0] * 1001}),
    "an issuer that is a number": list_of({5: [0]}),
    "expiry before iat": list_of({4: 0}),
    "a negative field": list_of({-1: 0}),
    "no id": issuer_of({1: ...}),
    "an id in bytes": issuer_of({1: b"RU"}),
    "a bad id": issuer_of({1: "ru"}),
    "no names": issuer_of({2: ...}),
    "names in an array": issuer_of({2: []}),
    "a language that is a number": issuer_of({2: {1: "A"}}),
    "a name in bytes": issuer_of({2: {"ru": b"A"}}),
    "no time zone": issuer_of({3: ...}),
    "no keys": issuer_of({4: ...}),
    "keys in a map": issuer_of({4: {}}),
    "no scopes": issuer_of({5: ...}),
    "a scope of one": issuer_of({5: [[1]]}),
    "a scope of three": issuer_of({5: [[1, 2, 3]]}),
    "a scope of text": issuer_of({5: [["1", 2]]}),
    "no status base": issuer_of({6: ...}),
    "a documents URL that is null": issuer_of({7: None}),
    "a field in text": issuer_of({"a": 1}),
    "a key that is bytes": issuer_of({4: [b""]}),
    "no public key": key_of({1: ...}),
    "a public key of small order": key_of({1: [-19, bytes(32)]}),
    "no uses": key_of({2: ...}),
    "an empty array of uses": key_of({2: []}),
    "17 uses": key_of({2: list(range(1, 18))}),
    "use 0": key_of({2: [0]}),
    "use 64": key_of({2: [64]}),
    "uses that descend": key_of({2: [2, 1]}),
    "no sign from": key_of({3: ...}),
    "no sign until": key_of({4: ...}),
    "sign until when it signs from": key_of({3: 5, 4: 5}),
    "no state": key_of({5: ...}),
    "state 3": key_of({5: 3}),
    "a state of false": key_of({5: False}),
    "a negative field of a key": key_of({-1: 0}),
}


@pytest.mark.parametrize("payload", MALFORMED_LISTS.values(), ids=MALFORMED_LISTS.keys())
def test_one_bad_entry_makes_the_whole_list_malformed(payload: bytes) -> None:
    with pytest.raises(Malformed):
        read_trust_list(payload)


@pytest.mark.parametrize("field", [0, 8, 63])
def test_fields_below_64_that_nobody_knows_are_unsupported_everywhere(field: int) -> None:
    for payload in (list_of({field: 0}), issuer_of({field: 0}), key_of({field: 0})):
        with pytest.raises(Unsupported):
            read_trust_list(payload)
    with pytest.raises(Unsupported):
        read_root(root_of({field: 0}))
