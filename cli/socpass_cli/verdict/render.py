"""A verdict in words for a cashier, in one line for a list, and as JSON for a program (specs/cli.md).

It knows how things are shown and decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import click

from socpass_cli.app.errors import say_error
from socpass_cli.app.language import chosen, show_age, show_day, show_moment, tr
from socpass_cli.app.output import printable
from socpass_cli.verdict.check import Verdict
from socpass_cli.verdict.words import (
    ADVICE,
    COLOURS,
    HINTS,
    NOT_ASKED_FOR,
    NOTHING_AT_PLACE,
    OTHER_CODES,
    REASONS,
    WARNINGS,
    Words,
)
from socpass_cli.words.names import BUILT_IN, NameBook
from socpass_vc.catalogue.names import show_category
from socpass_vc.errors import SocpassError
from socpass_vc.format.credential.claims import Claims, Entitlement
from socpass_vc.format.trust.issuers import Issuer

if TYPE_CHECKING:
    from socpass_vc.format.catalogue.measures import Measure


def pick(words: Words) -> str:
    """Return the text in the language of this run."""
    return tr(words.en, words.ru)


def colour_word(verdict: Verdict) -> str:
    """Return the word of the verdict's colour, coloured where the terminal has colours."""
    colour = COLOURS[verdict.family]
    return click.style(f" {pick(colour.word)} ", fg="black", bg=colour.terminal, bold=True)


def reason(verdict: Verdict) -> str:
    """Return the reason in a sentence."""
    words = OTHER_CODES.get(_found(verdict)) or REASONS.get(verdict.code)
    if _asked_for(verdict) is not None:
        words = NOT_ASKED_FOR
    elif _place(verdict) is not None:
        words = NOTHING_AT_PLACE
    if words is None:
        return printable(str(verdict.error))
    return pick(words).format_map(_Shown(verdict.error.facts if verdict.error else {}))


def advice(verdict: Verdict) -> str:
    """Return what to do next."""
    words = ADVICE.get(verdict.code, ADVICE["malformed"])
    return pick(words).format_map(_Shown({"why": printable(say_error(verdict.error)) if verdict.error else ""}))


def in_full(verdict: Verdict, book: NameBook = BUILT_IN, *, with_grants: bool = True) -> list[str]:
    """Return the lines for one pass: colour, reason, whose it is, what counts, who says so, how old the list is, what to do.

    Args:
        verdict: what came of it.
        book: what the issuer calls things.
        with_grants: say what to grant too, if a place was asked for.
    """
    lines = [f"{colour_word(verdict)}  {reason(verdict)}"]
    claims, issuer = of_pass(verdict)
    if claims is not None:
        lines.append(f"  {click.style(claims.name, bold=True)}{_birth(claims)}")
    if verdict.verified is not None:
        lines += [f"  + {_entitlement(entitlement, book)}" for entitlement in verdict.verified.entitlements]
        lines += _grants(verdict.verified.measures, book) if with_grants else []
    elif claims is not None:
        lines += [f"  - {_entitlement(entitlement, book)}" for entitlement in claims.entitlements]
    if issuer is not None:
        lines.append(f"  {tr('Issuer', 'Кем выдан')}: {_name(issuer)}")
    consulted = _consulted(verdict)
    if consulted is not None:
        lines.append(f"  {tr('Status list signed', 'Список статусов подписан')}: {show_age(consulted.age)}")
    if verdict.verified is not None:
        lines += [f"  ! {tr('Warning', 'Внимание')}: {pick(WARNINGS[warning])}" for warning in verdict.verified.warnings]
    detail = _detail(verdict, book)
    if detail:
        lines.append(f"  {detail}")
    facts = _Shown(verdict.error.facts if verdict.error else {})
    lines += [f"  ? {pick(HINTS[hint]).format_map(facts)}" for hint in _hints(verdict)]
    lines.append(f"  > {advice(verdict)}")
    return lines


def in_line(verdict: Verdict) -> str:
    """Return one line for one pass of several."""
    claims, _ = of_pass(verdict)
    name = f"  {claims.name}" if claims is not None else ""
    word = pick(COLOURS[verdict.family].word)
    padded = click.style(f"{word:<13}", fg=COLOURS[verdict.family].terminal, bold=True)
    consulted = _consulted(verdict)
    age = "" if consulted is None else f" [{tr('status list', 'список статусов')}: {show_age(consulted.age)}]"
    return f"{padded} {printable(verdict.source)}{name}  {reason(verdict)}{_grants_in_short(verdict)}{age}"


def as_json(verdict: Verdict, book: NameBook = BUILT_IN, *, checked_at: datetime) -> dict[str, object]:
    """Return the object of specs/cli.md; keys that do not apply are left out."""
    claims, issuer = of_pass(verdict)
    found: dict[str, object] = {
        "source": verdict.source,
        "verdict": verdict.family,
        "code": verdict.code,
        "reason": reason(verdict),
        "advice": advice(verdict),
        "checked_at": _instant(checked_at),
    }
    if verdict.error is not None:
        found["detail"] = str(verdict.error)
        found |= seen_as_json(verdict.error)
        floor = verdict.error.facts.get("floor")
        if isinstance(floor, datetime):
            found["clock_floor"] = _instant(floor)
    if issuer is not None:
        found["issuer"] = {"id": issuer.id, "name": _name(issuer)}
    if claims is not None:
        found["pass"] = claims_as_json(claims, book)
    consulted = _consulted(verdict)
    if consulted is not None:
        found["status_list"] = {
            "issued_at": _instant(consulted.issued_at),
            "age_seconds": int(consulted.age.total_seconds()),
        }
    if verdict.verified is not None:
        verified = verdict.verified
        found["key_id"] = verified.key.public_key.key_id.hex()
        found["counts_today"] = [entitlement.category for entitlement in verified.entitlements]
        found["today"] = verified.today.isoformat()
        found["warnings"] = list(verified.warnings)
        if verified.measures:
            from socpass_cli.words.measures import measure_as_json  # noqa: PLC0415 -- most tills ask for no place

            found["grants"] = [measure_as_json(measure, book) for measure in verified.measures]
    return found


def seen_as_json(error: SocpassError) -> dict[str, object]:
    """Return what was seen of a picture without a pass: ``hints``, ``pixels_per_module`` and ``found`` of specs/cli.md."""
    return {name: error.facts[name] for name in ("hints", "pixels_per_module", "found") if name in error.facts}


def claims_as_json(claims: Claims, book: NameBook = BUILT_IN) -> dict[str, object]:
    """Return what a pass says as the object ``pass`` of specs/cli.md."""
    found: dict[str, object] = {
        "name": claims.name,
        "issued_at": _instant(claims.issued_at),
        "expires_at": _instant(claims.expires_at),
        "status": {"list": claims.status.list_number, "index": claims.status.index},
        "entitlements": [_entitlement_as_json(entitlement, book) for entitlement in claims.entitlements],
        "bound_to_holder": claims.holder_key is not None,
    }
    optional = {
        "latin_name": claims.latin_name,
        "born_on": claims.born_on.isoformat() if claims.born_on else None,
        "born_in": claims.born_in,
        "photo_bytes": len(claims.photo) if claims.photo else None,
    }
    return found | {name: value for name, value in optional.items() if value is not None}


def of_pass(verdict: Verdict) -> tuple[Claims | None, Issuer | None]:
    """Return what is known of the pass once its signature was checked; nothing of a forged one."""
    if verdict.verified is not None:
        return verdict.verified.claims, verdict.verified.issuer
    facts = verdict.error.facts if verdict.error is not None else {}
    claims, issuer = facts.get("claims"), facts.get("issuer")
    return (claims if isinstance(claims, Claims) else None), (issuer if isinstance(issuer, Issuer) else None)


class _Consulted(NamedTuple):
    """The status list that was looked at for a verdict."""

    issued_at: datetime
    age: timedelta


def _consulted(verdict: Verdict) -> _Consulted | None:
    """Return the status list that the verdict rests on, whatever the verdict; None where it came to none."""
    if verdict.verified is not None:
        return _Consulted(verdict.verified.status_issued_at, verdict.verified.status_age)
    facts = verdict.error.facts if verdict.error is not None else {}
    issued_at, age = facts.get("status_issued_at"), facts.get("status_age")
    return _Consulted(issued_at, age) if isinstance(issued_at, datetime) and isinstance(age, timedelta) else None


def pass_lines(claims: Claims) -> list[str]:
    """Return what a pass says, line by line, for ``show``."""
    lines = [f"  {claims.name}{_birth(claims)}"]
    if claims.latin_name is not None:
        lines.append(f"  {claims.latin_name}")
    lines += [f"  - {_entitlement(entitlement, BUILT_IN)}" for entitlement in claims.entitlements]
    lines.append(f"  {tr('Issued', 'Выдан')}: {show_moment(claims.issued_at)}")
    lines.append(f"  {tr('Expires', 'Истекает')}: {show_moment(claims.expires_at)}")
    place = tr("list {}, index {}", "список {}, позиция {}").format(claims.status.list_number, claims.status.index)
    lines.append(f"  {tr('Status', 'Статус')}: {place}")
    if claims.photo is not None:
        lines.append(f"  {tr('Photo', 'Фото')}: {len(claims.photo)} {tr('bytes', 'Б')}")
    if claims.holder_key is not None:
        lines.append(f"  {tr('Bound to the key of its holder', 'Привязан к ключу владельца')}: {claims.holder_key.key_id.hex()}")
    return lines


class _Shown(dict[str, object]):
    """Facts of an error as people read them; one that is missing is shown as a question mark."""

    def __init__(self, facts: Mapping[str, object]) -> None:
        super().__init__({name: show_moment(fact) if isinstance(fact, datetime) else fact for name, fact in facts.items()})

    def __missing__(self, key: str) -> str:
        return "?"


def _grants(measures: tuple[Measure, ...], book: NameBook) -> list[str]:
    """Return what to grant at the place that was asked for, if one was."""
    if not measures:
        return []
    from socpass_cli.words.measures import measure_lines  # noqa: PLC0415 -- most tills ask for no place

    lines = [f"  {tr('Grant', 'Предоставить')}:"]
    return lines + [line for measure in measures for line in measure_lines(measure, book)]


def _grants_in_short(verdict: Verdict) -> str:
    """Return what to grant at the place that was asked for, for a line; the measures' names stand in the full verdict."""
    if verdict.verified is None or not verdict.verified.measures:
        return ""
    from socpass_cli.words.measures import grant  # noqa: PLC0415 -- most tills ask for no place

    grants = dict.fromkeys(grant(measure) for measure in verdict.verified.measures)  # each once, in their order
    return f" {tr('Grant', 'Предоставить')}: {'; '.join(grants)}."


def _detail(verdict: Verdict, book: NameBook) -> str:
    """Return what helps beyond the reason: which file, which picture; never more than the cashier may know."""
    category = _asked_for(verdict)
    if category is not None:
        return f"{tr('Asked for', 'Запрошено')}: {_category(category, book)}"
    place = _place(verdict)
    if place is not None:
        return f"{tr('Asked for', 'Запрошено')}: {book.place(place)}"
    if verdict.family != "unreadable" or verdict.error is None:
        return ""
    if _hints(verdict):  # say the same, and more to the point
        return printable(verdict.source)
    if chosen() == "ru" and verdict.code != "bad_source":
        from socpass_cli.verdict.unreadable_words import say_in_russian  # noqa: PLC0415 -- most codes are read

        return say_in_russian(verdict.error)
    text = printable(say_error(verdict.error))
    return text if text != reason(verdict) else ""


def _found(verdict: Verdict) -> str:
    """Return what kind of code it is that is no pass, or an empty word."""
    return str(verdict.error.facts.get("found", "")) if verdict.code == "not_a_pass" and verdict.error is not None else ""


def _hints(verdict: Verdict) -> list[str]:
    """Return the words for what would help."""
    hints = verdict.error.facts.get("hints", ()) if verdict.error is not None else ()
    return [hint for hint in hints if hint in HINTS] if isinstance(hints, tuple) else []


def _asked_for(verdict: Verdict) -> int | None:
    """Return the category that was asked for and does not count."""
    category = verdict.error.facts.get("category") if verdict.code == "no_entitlement" and verdict.error is not None else None
    return category if isinstance(category, int) else None


def _place(verdict: Verdict) -> str | None:
    """Return the kind of place that was asked for and where the pass opens nothing."""
    place = verdict.error.facts.get("place") if verdict.code == "no_entitlement" and verdict.error is not None else None
    return place if isinstance(place, str) else None


def _birth(claims: Claims) -> str:
    if claims.born_on is not None:
        return tr(f", born {show_day(claims.born_on)}", f", дата рождения {show_day(claims.born_on)}")
    if claims.born_in is not None:
        return tr(f", born in {claims.born_in}", f", год рождения {claims.born_in}")
    return ""


def _entitlement(entitlement: Entitlement, book: NameBook) -> str:
    text = _category(entitlement.category, book)
    if entitlement.first is not None:
        text += tr(f", from {show_day(entitlement.first)}", f", с {show_day(entitlement.first)}")
    if entitlement.last is not None:
        text += tr(f", until {show_day(entitlement.last)}", f", по {show_day(entitlement.last)}")
    document = entitlement.document
    if document is not None:
        text += f" ({book.document_kind(document.kind)} {document.number}"
        if document.issued_on is not None:
            text += tr(f", issued {show_day(document.issued_on)}", f" от {show_day(document.issued_on)}")
        text += ")"
    return text


def _category(category: int, book: NameBook) -> str:
    name = book.category(category)
    code = show_category(category)
    return name if name == code else f"{name} [{code}]"


def _entitlement_as_json(entitlement: Entitlement, book: NameBook) -> dict[str, object]:
    found: dict[str, object] = {
        "category": entitlement.category,
        "code": show_category(entitlement.category),
        "name": book.category(entitlement.category),
        "from": entitlement.first.isoformat() if entitlement.first else None,
        "until": entitlement.last.isoformat() if entitlement.last else None,
    }
    document = entitlement.document
    if document is not None:
        found["document"] = {
            "kind": document.kind,
            "name": book.document_kind(document.kind),
            "number": document.number,
            "issued_on": document.issued_on.isoformat() if document.issued_on else None,
        }
    return found


def _name(issuer: Issuer) -> str:
    return issuer.names.get(chosen()) or issuer.names.get("ru") or next(iter(issuer.names.values()))


def _instant(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
