"""A writer refuses what a reader would not take: as many items at most, and its words are those of the catalogues."""

from __future__ import annotations

import pytest

import world
from said import refused, text
from socpass_vc.errors import ClaimsError
from socpass_vc.format.catalogue import names
from socpass_vc.format.fields import FieldError
from socpass_vc.format.trust import issuers


def test_a_page_with_more_items_than_a_reader_takes_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    assert names.encode_page([1, 2]) == b"\x82\x01\x02"
    monkeypatch.setattr(names, "MAX_PAGE_ITEMS", 2)
    with refused(ClaimsError, "cbor_too_many_items"):
        names.encode_page([1, 2])


def test_a_trust_list_with_more_items_than_a_reader_takes_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    trust_list = world.trust_list(world.issuer())
    assert trust_list.encode()
    monkeypatch.setattr(issuers, "MAX_LIST_ITEMS", 10)
    with refused(ClaimsError, "cbor_too_many_items"):
        trust_list.encode()


def test_a_field_s_refusal_says_itself() -> None:
    assert str(FieldError("text_not_nfc")) == text("text_not_nfc")
