"""Passes for callers with an engine of their own (Spark's ``mapInPandas``, Dask, Ray): rows in, rows out, as plain mappings.

It knows the columns of such rows; what is signed is told in :mod:`pass_policy`. Nothing is read or written.
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
"""Of the rows that come out. Times are seconds since 1970; *content* is for the next call, as ``held_content``; in a row with
*wrong*, which says what to mend, the others but *ref* are None."""


def issue_rows(
    rows: Iterable[Mapping[str, Any]], *, rules: PassRules, signer: Signer, places: Iterable[StatusReference], now: datetime
) -> Iterator[dict[str, Any]]:
    """Sign a pass for each row for which one is due.

    Args:
        rows: of each person ``ref``, ``name`` and ``entitlements``; also, if known, ``born`` (a date, ``1951-03-04`` or a year),
            ``name_latin``, and of the newest pass ``held_content``, ``held_expires_at``, ``held_status``. An entitlement is a
            mapping with ``category``, and may have ``from``, ``until``, ``document_kind``, ``document_number``,
            ``document_issued``. What is None counts as not there.
        rules: the agency's.
        signer: its key for passes.
        places: at least as many as rows, and nobody else's: a block of :func:`.index_allocation.reserve`.
        now: the time, aware; fractions of a second are dropped.

    Raises:
        ClaimsError: there are fewer places than passes.
    """
    desk = PassPolicy(rules, now)
    left = iter(places)
    for row in rows:
        try:
            person = _person(row)
            draft = desk.draft(person)
        except (ClaimsError, KeyError, TypeError, ValueError) as error:
            why = str(error) if isinstance(error, ClaimsError) else f"a column is missing or of another type: {error}"
            yield {**dict.fromkeys(COLUMNS), "ref": row.get("ref"), "wrong": why}
            continue
        if desk.judge(person.held, draft) not in SIGNED:
            continue
        place = next(left, None)
        if place is None:
            raise ClaimsError(f"no place in a status list is left for {person.ref!r}; reserve as many as there are rows")
        issued = desk.sign(person.ref, draft, place, signer)
        yield {
            "ref": issued.ref,
            "list": place.list_number,
            "index": place.index,
            "issued_at": desk.seconds,
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
