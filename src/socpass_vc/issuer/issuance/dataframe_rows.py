"""Passes for callers with their own engine (Spark's ``mapInPandas``, Dask, Ray): rows in, rows out, as plain mappings.

It knows the columns of such rows; :mod:`pass_policy` says what is signed. Nothing is read or written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from socpass_vc.errors import ClaimsError
from socpass_vc.format.credential.claims import StatusReference
from socpass_vc.format.credential.token import write_pass
from socpass_vc.format.keys import Signer
from socpass_vc.issuer.issuance.pass_policy import SIGNED, PassPolicy, PassRules
from socpass_vc.issuer.register.person import GrantedEntitlement, LatestPass, Resident

COLUMNS = ("ref", "list", "index", "issued_at", "expires_at", "content", "token", "text", "wrong")
"""Of the rows that come out. Times are seconds since 1970; *content* goes into the next call as ``held_content``. A row without a
pass has *wrong*, an English sentence, and *ref*; its other columns are None."""


def issue_rows(
    rows: Iterable[Mapping[str, Any]], *, rules: PassRules, signer: Signer, references: Iterable[StatusReference], now: datetime
) -> Iterator[dict[str, Any]]:
    """Sign a pass for each row for which one is due.

    Args:
        rows: of each person ``ref``, ``name`` and ``entitlements``; also, if known, ``born`` (a date, ``1951-03-04`` or a year),
            ``name_latin``, and of the newest pass ``held_content``, ``held_expires_at``, ``held_status``. An entitlement is a
            mapping with ``category``, and may have ``from``, ``until``, ``document_kind``, ``document_number``,
            ``document_issued``. What is None counts as not there.
        rules: the agency's.
        signer: its key for passes.
        references: one for each row, or more; nobody else's: a block of :func:`.index_allocation.reserve`.
        now: the time, aware; fractions of a second are dropped.

    Raises:
        ClaimsError: there are fewer references than passes.
    """
    policy = PassPolicy(rules, now)
    left = iter(references)
    for row in rows:
        try:
            person = _person(row)
            draft = policy.draft(person)
        except (ClaimsError, KeyError, TypeError, ValueError) as error:
            refusal = error if isinstance(error, ClaimsError) else ClaimsError("bad_column", said=str(error))
            yield {**dict.fromkeys(COLUMNS), "ref": row.get("ref"), "wrong": str(refusal)}
            continue
        if policy.judge(person.held, draft) not in SIGNED:
            continue
        status = next(left, None)
        if status is None:
            raise ClaimsError("no_index_left", ref=person.ref)
        issued = policy.sign(person.ref, draft, status, signer)
        yield {
            "ref": issued.ref,
            "list": status.list_number,
            "index": status.index,
            "issued_at": policy.seconds,
            "expires_at": draft.ends_at,
            "content": draft.digest,
            "token": issued.token,
            "text": write_pass(issued.token, prefix=rules.prefix),
            "wrong": None,
        }


def _person(row: Mapping[str, Any]) -> Resident:
    born_on, born_in = _birth(row.get("born"))
    held = None
    if row.get("held_content") is not None:
        held = LatestPass(bytes(row["held_content"]), int(row["held_expires_at"]), int(row.get("held_status") or 0))
    granted = sorted(map(_granted, row["entitlements"]), key=lambda entry: entry.category)
    return Resident(row["ref"], row["name"], granted, born_on, born_in, row.get("name_latin"), held)


def _granted(entry: Mapping[str, Any]) -> GrantedEntitlement:
    kind = entry.get("document_kind")
    return GrantedEntitlement(
        int(entry["category"]),
        _day(entry.get("from")),
        _day(entry.get("until")),
        None if kind is None else int(kind),
        entry.get("document_number"),
        _day(entry.get("document_issued")),
    )


def _birth(born: Any) -> tuple[date | None, int | None]:
    if born is None:
        return None, None
    if isinstance(born, date):
        return _day(born), None
    text = str(born)
    return (None, int(text)) if text.isdigit() else (date.fromisoformat(text), None)


def _day(day: Any) -> date | None:
    if day is None or (isinstance(day, date) and not isinstance(day, datetime)):
        return day
    return day.date() if isinstance(day, datetime) else date.fromisoformat(str(day))
