"""Passes for callers with an engine of their own: the same rules without a register."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest

import town
from said import refused, text
from socpass_vc.errors import ClaimsError
from socpass_vc.format.credential.claims import StatusReference
from socpass_vc.format.credential.token import read_pass
from socpass_vc.issuer.issuance.dataframe_rows import COLUMNS, issue_rows
from socpass_vc.issuer.issuance.pass_policy import PassRules, issue_batch
from socpass_vc.issuer.register.person import GrantedEntitlement, IssuedPass, NotIssued, Resident

RULES = PassRules.of(town.settings())
ANNA = Resident(
    "1001", "Иванова Анна", [GrantedEntitlement(2545, None, None, 3, "0123456789", date(2006, 4, 1))], date(1951, 3, 4)
)
ROW = {
    "ref": "1001",
    "name": "Иванова Анна",
    "born": "1951-03-04",
    "entitlements": [
        {"category": 2545, "document_kind": 3, "document_number": "0123456789", "document_issued": date(2006, 4, 1)},
    ],
}


def references(count: int = 10) -> Iterator[StatusReference]:
    return iter([StatusReference(list_number=7, index=index) for index in range(count)])


def rows(*given: Mapping[str, object], days: int = 0) -> list[dict[str, object]]:
    now = town.NOW + timedelta(days=days)
    return list(issue_rows(given, rules=RULES, signer=town.pass_key(), references=references(), now=now))


def test_the_same_people_give_the_same_passes() -> None:
    batches = [
        list(issue_batch([ANNA], rules=RULES, signer=town.pass_key(), references=references(), now=town.NOW)) for _ in range(2)
    ]
    assert batches[0] == batches[1]
    (issued,) = batches[0]
    assert isinstance(issued, IssuedPass)
    assert issued.claims.entitlements[0].document is not None
    assert issued.claims.entitlements[0].document.number == "*6789"


def test_whoever_cannot_be_given_a_pass_is_named_and_takes_no_index() -> None:
    nobody = ANNA._replace(ref="0", name="")
    done = list(issue_batch([nobody, ANNA], rules=RULES, signer=town.pass_key(), references=references(1), now=town.NOW))
    assert isinstance(done[0], NotIssued)
    assert isinstance(done[0].why, ClaimsError)
    assert done[0].why.__traceback__ is None
    assert isinstance(done[1], IssuedPass)
    assert done[1].status.index == 0


def test_too_few_indexes_are_an_error() -> None:
    with refused(ClaimsError, "no_index_left", ref="1001"):
        list(issue_batch([ANNA], rules=RULES, signer=town.pass_key(), references=[], now=town.NOW))
    with refused(ClaimsError, "no_index_left", ref="1001"):
        list(issue_rows([ROW], rules=RULES, signer=town.pass_key(), references=[], now=town.NOW))


def test_rows_are_what_records_are() -> None:
    (row,) = rows(ROW)
    (issued,) = issue_batch([ANNA], rules=RULES, signer=town.pass_key(), references=references(), now=town.NOW)
    assert isinstance(issued, IssuedPass)
    assert tuple(row) == COLUMNS
    assert (row["token"], row["text"], row["wrong"]) == (issued.token, issued.text, None)
    assert read_pass(str(row["text"])).claims() == issued.claims


def test_a_row_with_the_pass_at_hand_is_due_only_when_the_register_would_say_so() -> None:
    (first,) = rows(ROW)
    held = {**ROW, "held_content": first["content"], "held_expires_at": first["expires_at"], "held_status": 0}
    assert rows(held, days=1) == []
    assert len(rows(held, days=340)) == 1
    assert len(rows({**held, "name": "Петрова Анна"}, days=1)) == 1
    assert rows({**held, "name": "Петрова Анна", "held_status": 1}, days=1) == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"name": ""}, ""),
        ({"name": 5}, text("bad_column", said="")),
        ({"entitlements": None}, text("bad_column", said="")),
        ({"entitlements": [{}]}, text("bad_column", said="'category'")),
        ({"born": "long ago"}, text("bad_column", said="")),
    ],
)
def test_a_row_that_is_wrong_is_named_and_stops_nobody_else(change: dict[str, object], why: str) -> None:
    wrong, good = rows({**ROW, **change, "ref": "9"}, {**ROW, "born": 1951})
    assert (wrong["ref"], wrong["token"], str(wrong["wrong"])[: len(why)]) == ("9", None, why)
    assert wrong["wrong"]
    assert good["wrong"] is None


def test_rules_are_those_of_the_agency() -> None:
    full = replace(town.settings(), prefix="HTTPS://EXAMPLE.RU/P#")
    (issued,) = issue_batch([ANNA], rules=PassRules.of(full), signer=town.pass_key(), references=references(), now=town.NOW)
    assert isinstance(issued, IssuedPass)
    assert issued.text.startswith("HTTPS://EXAMPLE.RU/P#")
