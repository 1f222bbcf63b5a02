"""The tuned reader of claims against a plain one, and what issuing signs against the second reader."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import generic_claims
import strategies
import town
from socpass_vc.errors import ClaimsError, Malformed, Unsupported
from socpass_vc.format import cbor
from socpass_vc.format.credential.claims import Claims, Document, StatusReference
from socpass_vc.format.credential.claims_reader import read_claims
from socpass_vc.issuer.config.agency_toml import DocumentNumbers
from socpass_vc.issuer.issuance.pass_policy import PassPolicy, PassRules
from socpass_vc.issuer.issuance.second_reader import StoredPass, check_pass
from socpass_vc.issuer.register.person import GrantedEntitlement, Resident

VECTORS = sorted((Path(__file__).parents[2] / "test_vectors" / "pass").glob("*.json"))
GENERATED = 10_000
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def outcome(read: Any, payload: bytes) -> Claims | type[Exception]:
    """Return what a reader makes of a payload: claims, or which refusal."""
    try:
        found: Claims = read(payload)
    except (Malformed, Unsupported) as error:
        return type(error)
    return found


def agree(payload: bytes) -> Claims | type[Exception]:
    expected, found = outcome(generic_claims.read_claims, payload), outcome(read_claims, payload)
    assert found == expected, payload.hex()
    return expected


def test_both_readers_make_the_same_of_the_payload_of_every_vector() -> None:
    written = [json.loads(path.read_bytes())["claims_cbor"] for path in VECTORS]
    payloads = {bytes.fromhex(encoded) for encoded in written if encoded is not None}
    made = Counter("claims" if isinstance(found, Claims) else found.__name__ for found in map(agree, payloads))
    assert made["claims"] > 50
    assert made["Malformed"] > 50
    assert made["Unsupported"] > 1


# --- Generated payloads -------------------------------------------------------------------------------------

ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2**32, 2**64 - 1),
    *("", "И", b"", bytes(32), [], [0, 0], {}, {1: 1}),
)
KEY = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
Value = TypeVar("Value")


class Making:
    """Makes payloads that are nearly right, from a seed."""

    def __init__(self, seed: int) -> None:
        self.draw = Random(seed)  # noqa: S311 -- no secret

    def payload(self) -> bytes:
        """Return one: as it should be, with values put in, or with bytes changed."""
        claims = self.claims()
        for _ in range(self.draw.choice((0, 0, 1, 1, 2))):
            self.alter(claims)
        try:
            encoded = cbor.encode(claims)
        except ValueError:  # nested too deep
            return self.payload()
        return self.damaged(encoded) if self.draw.random() < 0.3 else encoded

    def one_of(self, right: Sequence[Value], wrong: Sequence[Value]) -> Value:
        return self.draw.choice(wrong if self.draw.random() < 0.03 else right)

    def claims(self) -> dict[int | str, cbor.Value]:
        draw = self.draw
        count = self.one_of((1, 1, 2, 3, 32), (33,))
        body: dict[int | str, cbor.Value] = {
            1: self.text(),
            4: [self.entitlement(number) for number in sorted(draw.sample(range(1, 999_999), count))],
            5: [self.one_of((0, 23, 24, 2**32 - 1), (2**32,)), self.one_of((0, 255, 256, 2**25 - 1), (2**25,))],
        }
        optional: dict[int | str, cbor.Value] = {
            2: self.day(),
            3: self.one_of((1800, 1951, 9999), (1799, 10_000)),
            6: b"RIFF0000WEBP" + bytes(draw.randrange(40)),
            7: self.text(),
            64: 1,
            1000: [None],
        }
        body |= {key: value for key, value in optional.items() if draw.random() < 0.25}
        if 2 in body and 3 in body and draw.random() < 0.9:
            del body[3]
        if draw.random() < 0.02:
            body[63] = 1
        issued = draw.choice((0, 23, 65_535, 65_536, 1_767_225_600, 2**32 - 1, 2**32))
        claims: dict[int | str, cbor.Value] = {4: issued + self.one_of((1, 86_400, 2**32), (-1, 0)), 6: issued, -65537: body}
        if draw.random() < 0.1:
            claims[8] = {1: {1: 1, -1: 6, -2: self.one_of((KEY,), (KEY[1:], bytes(32)))}}
        if draw.random() < 0.02:
            claims[draw.choice((1, 7, 9))] = "x"
        return claims

    def entitlement(self, category: int) -> cbor.Value:
        first, last = sorted((self.day(), self.day()))
        ends: list[cbor.Value] = [self.draw.choice((None, last)), self.draw.choice((None, first))]
        if self.draw.random() < 0.3:
            document: list[cbor.Value] = [self.one_of((1, 65_535), (0, 65_536)), self.text()[:40]]
            return [category, *ends, document + ([self.day()] if self.draw.random() < 0.5 else [])]
        return [category, ends[0]] if ends[1] is None and self.draw.random() < 0.99 else [category, *ends]

    def day(self) -> int:
        usual = (-62_091, 0, 20_000, 25_000, 2_932_896, self.draw.randrange(-60_000, 60_000))
        return self.draw.choice((-62_092, 2_932_897)) if self.draw.random() < 0.003 else self.draw.choice(usual)

    def text(self) -> str:
        usual = ("Иванова Мария", "Ng", "И" * 40, "й" * 40, "é", "й")
        return self.one_of(usual, (" x", "x\n", "", "Z" * 121, "a\u202eb", "и\u0306"))

    def alter(self, value: Any) -> None:
        """Put an odd value somewhere into a map or an array, take something out of it, or go on within."""
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = self.draw.choice(keys)
        if isinstance(value[key], dict | list) and self.draw.random() < 0.7:
            self.alter(value[key])
        elif self.draw.random() < 0.3:
            del value[key]
        else:
            value[key] = self.draw.choice(ODD_VALUES)

    def damaged(self, encoded: bytes) -> bytes:
        at = self.draw.randrange(len(encoded))
        match self.draw.randrange(4):
            case 0:
                return encoded[:at]
            case 1:
                return encoded[:at] + encoded[at + 1 :]
            case 2:
                return encoded[:at] + bytes((self.draw.randrange(256),)) + encoded[at:]
            case _:
                return encoded[:at] + bytes((encoded[at] ^ 1 << self.draw.randrange(8),)) + encoded[at + 1 :]


def test_both_readers_make_the_same_of_ten_thousand_generated_payloads() -> None:
    making = Making(seed=1)
    found = [agree(making.payload()) for _ in range(GENERATED)]
    made = Counter("claims" if isinstance(one, Claims) else one.__name__ for one in found)
    assert made.total() == GENERATED
    assert made["claims"] > GENERATED / 10, made
    assert made["Unsupported"] > GENERATED / 100, made


@given(strategies.claims().map(Claims.encode) | strategies.mutated(strategies.claims().map(Claims.encode)))
def test_both_readers_make_the_same_of_whatever_is_drawn(payload: bytes) -> None:
    agree(payload)


# --- The second reader --------------------------------------------------------------------------------------


@given(strategies.claims(), st.sampled_from(DocumentNumbers), st.sampled_from(["Asia/Kamchatka", "Europe/Moscow", "UTC"]))
def test_whatever_issuing_signs_is_what_the_second_reader_reads(said: Claims, numbers: DocumentNumbers, zone: str) -> None:
    # given somebody of whom the register says this
    granted = [
        GrantedEntitlement(entry.category, entry.first, entry.last, *_documented(entry.document)) for entry in said.entitlements
    ]
    person = Resident("1", said.name, granted, said.born_on, said.born_in, said.latin_name)
    rules = replace(PassRules.of(town.settings()), time_zone=zone, document_numbers=numbers)
    policy = PassPolicy(rules, NOW)

    # when
    try:
        draft = policy.draft(person)
    except ClaimsError:
        assume(False)
    assume(draft.content is not None)
    issued = policy.sign("1", draft, StatusReference(list_number=2, index=3), town.pass_key())

    # then
    row = StoredPass("1", 2, 3, policy.seconds, draft.ends_at, draft.digest, issued.token)
    check_pass(row, person, zone=ZoneInfo(zone), numbers=(numbers,))


def _documented(document: Document | None) -> tuple[int | None, str | None, date | None]:
    return (None, None, None) if document is None else (document.kind, document.number, document.issued_on)


@pytest.mark.parametrize("key", [1, 2, 3, 4, 5, 7, 4_000_000_000])
def test_cbor2_orders_the_keys_of_a_pass_as_the_format_does(key: int) -> None:
    """Length first (RFC 7049) and bytewise (RFC 8949) differ for keys of several lengths; for those of a pass they agree."""
    import cbor2  # noqa: PLC0415 -- of this test alone

    pairs: dict[int | str, cbor.Value] = {4: 1, 6: 2, 8: 3, -65537: {key: 4, 1: 5}}
    assert cbor2.dumps(pairs, canonical=True) == cbor.encode(pairs)
