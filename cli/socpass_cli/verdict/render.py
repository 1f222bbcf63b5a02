"""A verdict as a cashier sees it: in full for one pass, in a line for one of several. What it says is worded in the library.

It knows how things are shown, and what to type next, and decides nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from socpass_cli.app.errors import say_error
from socpass_cli.app.language import chosen, show_age, speaker, tr
from socpass_cli.app.output import printable
from socpass_cli.verdict.colours import COLOURS
from socpass_cli.words.names import name_book
from socpass_vc.catalogue.names import show_category
from socpass_vc.verifier.verdict import sentences
from socpass_vc.verifier.verdict.name_book import name_of_issuer

if TYPE_CHECKING:
    from socpass_vc.format.catalogue.measures import Measure
    from socpass_vc.format.credential.claims import Claims, Document, Entitlement
    from socpass_vc.verifier.verdict.name_book import NameBook
    from socpass_vc.verifier.verdict.verdict import Verdict


def colour_word(verdict: Verdict) -> str:
    """Return the word of the verdict's colour, coloured where the terminal has colours."""
    return click.style(f" {tr(f'verdict.colour.{verdict.family}')} ", fg="black", bg=COLOURS[verdict.family].terminal, bold=True)


def in_full(verdict: Verdict, book: NameBook | None = None, *, with_grants: bool = True) -> list[str]:
    """Return the lines for one pass: colour, reason, whose it is, what counts, who says so, how old the list is, what to do.

    Args:
        verdict: what came of it.
        book: what the issuer calls things; None for the built-in names.
        with_grants: say what to grant too, if a place was asked for.
    """
    book = book or name_book()
    said = sentences.say_verdict(verdict, speaker())
    lines = [f"{colour_word(verdict)}  {printable(said.reason)}"]
    claims, issuer, consulted = verdict.claims, verdict.issuer, verdict.consulted
    if claims is not None:
        lines.append(f"  {_person(claims)}")
    if verdict.verified is not None:
        lines += [f"  + {_entitlement(entitlement, book)}" for entitlement in verdict.verified.entitlements]
        lines += _grants(verdict.verified.measures, book) if with_grants else []
    elif claims is not None:
        lines += [f"  - {_entitlement(entitlement, book)}" for entitlement in claims.entitlements]
    if issuer is not None:
        lines.append(f"  {tr('cli.verdict.issuer', name=name_of_issuer(issuer, chosen()), id=issuer.id)}")
    if consulted is not None:
        lines.append(f"  {tr('cli.verdict.status_list', age=show_age(consulted.age))}")
    lines += [f"  ! {tr('cli.verdict.warning', warning=warning)}" for warning in map(_with_command, said.warnings)]
    detail = _detail(verdict, said, book)
    if detail:
        lines.append(f"  {detail}")
    lines += [f"  ? {printable(hint)}" for hint in said.hints]
    lines.append(f"  > {_advice(verdict, said)}")
    return lines


def in_line(verdict: Verdict) -> str:
    """Return one line for one pass of several."""
    name = f"  {verdict.claims.name}" if verdict.claims is not None else ""
    padded = click.style(f"{tr(f'verdict.colour.{verdict.family}'):<13}", fg=COLOURS[verdict.family].terminal, bold=True)
    consulted = verdict.consulted
    age = "" if consulted is None else f" [{tr('cli.verdict.status_list_in_short', age=show_age(consulted.age))}]"
    reason = printable(sentences.say_reason(verdict, speaker()))
    return f"{padded} {printable(verdict.source)}{name}  {reason}{_grants_in_short(verdict)}{age}"


def pass_lines(claims: Claims) -> list[str]:
    """Return what a pass says, line by line, for ``show``."""
    book = name_book()
    lines = [f"  {_person(claims, bold=False)}"]
    if claims.latin_name is not None:
        lines.append(f"  {claims.latin_name}")
    lines += [f"  - {_entitlement(entitlement, book)}" for entitlement in claims.entitlements]
    lines.append(f"  {tr('cli.show.issued', at=claims.issued_at)}")
    lines.append(f"  {tr('cli.show.expires', at=claims.expires_at)}")
    lines.append(f"  {tr('cli.show.status', number=claims.status.list_number, index=claims.status.index)}")
    if claims.photo is not None:
        lines.append(f"  {tr('cli.show.photo', size=len(claims.photo))}")
    if claims.holder_key is not None:
        lines.append(f"  {tr('cli.show.bound', key_id=claims.holder_key.key_id.hex())}")
    return lines


def _grants(measures: tuple[Measure, ...], book: NameBook) -> list[str]:
    """Return what to grant at the place that was asked for, if one was."""
    if not measures:
        return []
    from socpass_cli.words.measures import measure_lines  # noqa: PLC0415 -- most tills ask for no place

    return [f"  {tr('cli.verdict.grant')}", *(line for measure in measures for line in measure_lines(measure, book))]


def _grants_in_short(verdict: Verdict) -> str:
    """Return what to grant at the place that was asked for, for a line; the measures' names stand in the full verdict."""
    if verdict.verified is None or not verdict.verified.measures:
        return ""
    from socpass_cli.words.measures import grant  # noqa: PLC0415 -- most tills ask for no place

    grants = dict.fromkeys(grant(measure) for measure in verdict.verified.measures)  # each once, in their order
    return f" {tr('cli.verdict.grant_in_short', grants='; '.join(grants))}"


def _detail(verdict: Verdict, said: sentences.VerdictSentences, book: NameBook) -> str:
    """Return what helps beyond the reason: which file, which picture; never more than the cashier may know."""
    if verdict.missing_category is not None:
        return tr("cli.verdict.asked_for", what=_category(verdict.missing_category, book))
    if verdict.closed_place is not None:
        return tr("cli.verdict.asked_for", what=book.place(verdict.closed_place))
    if verdict.family != "unreadable" or verdict.error is None:
        return ""
    if said.hints:  # say the same, and more to the point
        return printable(verdict.source)
    text = say_error(verdict.error)
    return printable(text) if text != said.reason else ""


def _advice(verdict: Verdict, said: sentences.VerdictSentences) -> str:
    """Return what to do next, and what to type for it."""
    slug = sentences.advice_on(verdict)
    if slug == sentences.CALL_OWNER and verdict.error is not None:
        return printable(tr("verdict.advice.call_owner", why=say_error(verdict.error)))
    return _with_command(said.advice) if slug == sentences.SYNCHRONISE else printable(said.advice)


def _with_command(sentence: str) -> str:
    """Return a sentence that asks for newer lists, and the command that brings them."""
    return f"{printable(sentence)} ({tr('cli.verdict.synchronise')})"


def _person(claims: Claims, *, bold: bool = True) -> str:
    name = click.style(claims.name, bold=True) if bold else claims.name
    if claims.born_on is not None:
        return tr("cli.verdict.born_on", name=name, day=claims.born_on)
    if claims.born_in is not None:
        return tr("cli.verdict.born_in", name=name, year=claims.born_in)
    return name


def _entitlement(entitlement: Entitlement, book: NameBook) -> str:
    text = _category(entitlement.category, book)
    if entitlement.first is not None:
        text = tr("cli.verdict.from_day", what=text, day=entitlement.first)
    if entitlement.last is not None:
        text = tr("cli.verdict.until_day", what=text, day=entitlement.last)
    return text if entitlement.document is None else f"{text} ({_document(entitlement.document, book)})"


def _document(document: Document, book: NameBook) -> str:
    text = f"{book.document_kind(document.kind)} {document.number}"
    return text if document.issued_on is None else tr("cli.document_of_day", document=text, day=document.issued_on)


def _category(category: int, book: NameBook) -> str:
    name = book.category(category)
    code = show_category(category)
    return name if name == code else f"{name} [{code}]"
