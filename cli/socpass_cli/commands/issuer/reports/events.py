"""``socpass issuer events`` and ``audit``: what happened, for a notifier and for an inspector."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import click

from socpass_cli.app import click_classes, clock, environment, options, output
from socpass_cli.app.language import show_day, tr
from socpass_cli.words.agency_names import AgencyNames
from socpass_vc.catalogue.names import show_category
from socpass_vc.format.fields import write_instant
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.publication.log_head import read_own_head
from socpass_vc.issuer.register.audit import audit_register, count_steps
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.register.event_log import LogHead, RecordedEvent, read_since

ACTS = (
    "import",
    "apply",
    "grant",
    "refuse",
    "issue",
    "expiring",
    "supersede",
    "suspend",
    "reinstate",
    "revoke",
    "publish",
    "rotate-key",
    "begin-key",
    "retire-key",
    "compromise-key",
    "lose-key",
)
"""What happens (specs/register.md, section 2)."""

_PRINTED_AT_ONCE = 500  # lines; each call of the terminal costs as much as making a few of them
_encode = json.JSONEncoder(ensure_ascii=False).encode
_MARK = re.compile("([0-9]{1,18})(?::([0-9a-fA-F]{64}))?", re.ASCII)


def _parse_since(_: click.Context, __: click.Parameter, text: str) -> LogHead | int:
    match = _MARK.fullmatch(text)
    if match is None:
        raise click.BadParameter(tr("cli.events.no_cursor", text=text))
    return int(match[1]) if match[2] is None else LogHead(int(match[1]), bytes.fromhex(match[2]))


def _parse_mark(context: click.Context, parameter: click.Parameter, text: str | None) -> LogHead | None:
    if text is None:
        return None
    mark = _parse_since(context, parameter, text)
    if isinstance(mark, int):
        raise click.BadParameter(tr("cli.events.no_digest", text=text))
    return mark


@click.command(
    "events",
    cls=click_classes.Command,
    help="cli.events.help",
)
@options.option(
    "--since",
    metavar="N[:DIGEST]",
    default="0",
    show_default=True,
    callback=_parse_since,
    help="cli.events.option_since",
)
@options.option("--limit", metavar="COUNT", type=click.IntRange(1), help="cli.events.option_limit")
@options.option("--act", "acts", multiple=True, type=click.Choice(ACTS), help="cli.events.option_act")
@options.option("--json", "as_json", is_flag=True, help="cli.events.option_json")
@options.agency_option
@options.lang_option
def events(*, since: LogHead | int, limit: int | None, acts: tuple[str, ...], as_json: bool, agency_folder: Path | None) -> None:
    """Print the events as they are read; memory does not grow with their number."""
    agency = Agency.open(agency_folder or environment.user_folder("agency"))
    names = AgencyNames(agency)
    with agency.register() as register, register.snapshot() as connection:
        found = read_since(connection, since, limit=limit, acts=acts)
        while some := list(islice(found, _PRINTED_AT_ONCE)):
            if as_json:
                output.say("\n".join(output.escaped(_encode(event_as_json(event, names))) for event in some))
            else:
                output.say("\n".join(_line(event, agency, names) for event in some))


def event_as_json(event: RecordedEvent, names: AgencyNames) -> dict[str, object]:
    """Return the object of specs/cli.md; keys that do not apply are left out."""
    found: dict[str, object] = {
        "cursor": event.id,
        "digest": event.digest.hex(),
        "at": write_instant(datetime.fromtimestamp(event.at, UTC)),
        "act": event.act,
        "actor": event.actor,
    }
    optional = {"ref": event.ref, "reason": event.reason}
    found |= {key: value for key, value in optional.items() if value is not None}
    if event.facts is not None:
        found["facts"] = _named(json.loads(event.facts), names)
    return found


def _named(facts: dict[str, Any], names: AgencyNames) -> dict[str, Any]:
    """Return the facts as a notifier can show them: categories with their names, times as elsewhere in JSON."""
    named = dict(facts)
    match facts.get("categories"):
        case list(categories):
            named["categories"] = [_category(category, names) for category in categories]
    match facts.get("subject"):
        case str(subject) if subject.isascii() and subject.isdigit():
            named["subject"] = _category(int(subject), names)
        case str(subject):
            named["subject"] = {"measure": subject, "name": names.measure(subject)}
    match facts.get("expires_at"):
        case int(seconds):
            named["expires_at"] = write_instant(datetime.fromtimestamp(seconds, UTC))
    return named


def _category(category: int, names: AgencyNames) -> dict[str, object]:
    return {"category": category, "code": show_category(category), "name": names.category(category)}


def _line(event: RecordedEvent, agency: Agency, names: AgencyNames) -> str:
    at = datetime.fromtimestamp(event.at, agency.settings.zone)
    what = [event.ref or "", event.reason or "", _in_words(event, names), f"({event.actor})"]
    text = "  ".join(output.printable(part) for part in what if part)
    return f"{event.id:>9}  {show_day(at)} {at:%H:%M:%S}  {event.act:<9}  {text}"


def _in_words(event: RecordedEvent, names: AgencyNames) -> str:
    facts = json.loads(event.facts or "{}")
    words = []
    if "list" in facts:
        words.append(f"{facts.pop('list')}/{facts.pop('index', '?')}")
    for key, value in _named(facts, names).items():
        match value:
            case [{"code": _}, *_] as categories:
                words.append(", ".join(str(category["code"]) for category in categories))
            case list(others):
                words.append(f"{key} {', '.join(map(str, others)) or '-'}")
            case {"code": code, "name": name}:
                words.append(f"{name} [{code}]")
            case {"measure": measure}:
                words.append(str(measure))
            case int(seconds) if key == "from":
                words.append(f"{key} {write_instant(datetime.fromtimestamp(seconds, UTC))}")
            case _:
                words.append(f"{key} {value}")
    return ", ".join(words)


@click.command(
    "audit",
    cls=click_classes.Command,
    help="cli.audit.help",
)
@options.option(
    "--expect",
    metavar="N:DIGEST",
    callback=_parse_mark,
    help="cli.audit.option_expect",
)
@options.option(
    "--head",
    "heads",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="cli.audit.option_head",
)
@options.option("--deep", is_flag=True, help="cli.audit.option_deep")
@options.agency_option
@options.lang_option
def audit(*, expect: LogHead | None, heads: tuple[Path, ...], deep: bool, agency_folder: Path | None) -> None:
    """Check the register, and report what was checked."""
    agency = Agency.open(agency_folder or environment.user_folder("agency"))
    published = [read_own_head(agency, path) for path in heads]
    with agency.register() as register:
        with output.progress(count_steps(register), label="cli.audit.checking") as bar:
            done = audit_register(register, noted=expect, heads=published, looked_at=bar.update)
        read_back = _read_back(agency, register, done.passes) if deep else None
    output.say(tr("cli.audit.events", count=done.head.number))
    if expect is not None:
        output.say(tr("cli.audit.as_noted", event=expect.number))
    if published:
        output.say(tr("cli.audit.heads", count=len(published)))
    if done.unnamed:
        output.say(tr("cli.audit.some_passes", passes=done.passes, named=done.passes - done.unnamed, unnamed=done.unnamed))
    else:
        output.say(tr("cli.audit.passes", count=done.passes))
    if read_back is not None:
        output.say(tr("cli.audit.read_back", count=read_back))
    output.say(tr("cli.audit.note_elsewhere"))
    output.say(str(done.head))


def _read_back(agency: Agency, register: Register, passes: int) -> int:
    from socpass_vc.issuer.issuance.deep_audit import read_all_back  # noqa: PLC0415 -- cbor2, which no other report needs

    with output.progress(passes, label="cli.audit.progress_deep") as bar:
        return read_all_back(register, agency.settings, now=clock.now(), looked_at=bar.update)
