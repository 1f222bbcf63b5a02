"""CBOR and status lists of others: what they call valid is read, unless it is a type that our format does not have."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any

import pytest

import world
from socpass_vc.errors import Malformed
from socpass_vc.format import cbor
from socpass_vc.format.status.status_list import StatusList, compress, inflate, pack

HERE = Path(__file__).parent
VECTORS = HERE.parents[1] / "test_vectors" / "cbor"
DCBOR: dict[str, list[str]] = json.loads((HERE / "dcbor.json").read_text(encoding="utf-8"))
LISTS: list[dict[str, Any]] = json.loads((HERE / "status_lists.json").read_text(encoding="utf-8"))["tests"]

ACCEPTED_THOUGH_INVALID = {
    "3b8000000000000000": "an integer of RFC 8949 with 65 bits: dCBOR's integers end at -2^63, ours at -2^64",
    "3bffffffffffffffff": "likewise",
    "6345cc88": "text that is not in NFC: names are shown as they were signed, and never compared",
}
"""Encodings that dCBOR refuses and we read, each with its reason: they have one spelling in RFC 8949's deterministic encoding."""
REFUSED_THOUGH_VALID = ("f9", "fa", "fb")
"""The heads of floats, of which our format has none."""


@pytest.mark.parametrize("encoded", DCBOR["invalid"])
def test_what_dcbor_refuses_is_refused_but_for_what_the_table_names(encoded: str) -> None:
    if encoded in ACCEPTED_THOUGH_INVALID:
        assert cbor.encode(cbor.decode(bytes.fromhex(encoded))).hex() == encoded
    else:
        with pytest.raises(Malformed):
            cbor.decode(bytes.fromhex(encoded))


@pytest.mark.parametrize("encoded", DCBOR["valid"])
def test_what_dcbor_reads_is_read_and_written_alike_unless_it_is_a_float(encoded: str) -> None:
    if encoded.startswith(REFUSED_THOUGH_VALID):
        with pytest.raises(Malformed):
            cbor.decode(bytes.fromhex(encoded))
    else:
        assert cbor.encode(cbor.decode(bytes.fromhex(encoded))).hex() == encoded


def test_all_of_dcbor_and_all_of_appendix_a_of_rfc_8949_is_here() -> None:
    assert (len(DCBOR["invalid"]), len(DCBOR["valid"])) == (37, 39)
    assert set(ACCEPTED_THOUGH_INVALID) < set(DCBOR["invalid"])
    assert len(list(VECTORS.glob("rfc8949_*.json"))) == 81  # and simple_24.json, which was in RFC 7049 alone


@pytest.mark.parametrize("test", LISTS, ids=lambda test: f"{test['bits']} bits")
def test_the_long_lists_of_the_draft_say_what_it_says(test: dict[str, Any]) -> None:
    # given
    stream = urlsafe_b64decode(test["lst"] + "=" * (-len(test["lst"]) % 4))
    entries = {int(index): value for index, value in test["entries"].items()}
    size = 2**20 * test["bits"] // 8

    # when
    raw = inflate(stream, size)
    listed = StatusList(
        uri=world.STATUS_URI,
        issued_at=world.NOW,
        expires_at=world.NOW + world.DAY,
        ttl=world.DAY,
        bits=test["bits"],
        raw=raw,
    )

    # then
    assert (len(raw), dict(listed.set_entries())) == (size, entries)
    assert len(compress(raw)) <= len(stream)
    if test["bits"] <= 2:  # wider ones are read, and never written
        assert pack(entries, entries=2**20, bits=test["bits"]) == raw
    with pytest.raises(Malformed):
        inflate(stream, size - 1)
