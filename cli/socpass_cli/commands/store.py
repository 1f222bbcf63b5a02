"""``socpass store``: what this till holds, how old it is and what expires when."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import click

from socpass_cli.app import click_classes, clock, environment, exit_codes, options, output
from socpass_cli.app.alarms import say_what
from socpass_cli.app.language import chosen, show_age, show_moment, tr
from socpass_cli.words.key_states import USES, say_key_id, say_state, say_uses
from socpass_cli.words.store_warnings import say_notice
from socpass_vc.format.fields import write_instant
from socpass_vc.format.trust.issuers import Issuer, KeyState
from socpass_vc.messages import Message
from socpass_vc.verifier.admit import AdmittedCatalogue, HeldStatusList
from socpass_vc.verifier.freshness import (
    AUTHORITY_WARN_DAYS,
    PUBLICATION_WARN_DAYS,
    StoreWarning,
    notices,
    of_catalogue,
    of_status_list,
    of_trust,
)
from socpass_vc.verifier.store.alarms import Alarm
from socpass_vc.verifier.store.store_settings import MAX_WARN_DAYS, StoreSettings
from socpass_vc.verifier.store.till_store import Store

EXIT_EXPIRED = 4
"""Verdicts suffer: the code of an undecided one."""
EXIT_DUE = 5
"""Something should be renewed, or will be too old soon."""

_STATES = {exit_codes.EXIT_FAILED: "alarm", EXIT_EXPIRED: "expired", EXIT_DUE: "due", 0: "fresh"}


class _Held(NamedTuple):
    """What a till holds, all of it checked."""

    store: Store
    lists: list[HeldStatusList]
    entries: list[int]
    catalogues: list[AdmittedCatalogue]
    settings: StoreSettings
    alarms: tuple[Alarm, ...]
    notices: tuple[StoreWarning, ...]

    @property
    def exit_code(self) -> int:
        """The worst of it."""
        if self.alarms:
            return exit_codes.EXIT_FAILED
        if any(notice.is_past for notice in self.notices):
            return EXIT_EXPIRED
        return EXIT_DUE if self.notices else 0


@click.command(
    cls=click_classes.Command,
    help="cli.store.help",
)
@options.store_option
@options.option(
    "--warn-days",
    type=click.IntRange(0, MAX_WARN_DAYS),
    metavar="N",
    help=Message("cli.store.option_warn_days", authority_days=AUTHORITY_WARN_DAYS, publication_days=PUBLICATION_WARN_DAYS),
)
@options.json_option
@options.lang_option
def command(*, store_folder: Path | None, warn_days: int | None, as_json: bool) -> None:
    """Open the store, which checks everything in it, show it, and exit with the worst."""
    now = clock.now()
    held = _hold(Store.open(store_folder or environment.user_folder("till")), warn_days, now)
    if as_json:
        output.say(output.json_text(_as_json(held, now), indent=2))
    else:
        _show(held, now)
    raise click.exceptions.Exit(held.exit_code)


def _hold(store: Store, warn_days: int | None, now: datetime) -> _Held:
    store.check_notes()
    lists: list[HeldStatusList] = []
    entries: list[int] = []
    for listed in store.status_lists():  # one after another: all lists of a country inflated would fill a till's memory
        lists.append(listed.without_entries())
        entries.append(len(listed.content))
    catalogues, settings = list(store.catalogues.all()), store.settings
    asked = settings.warn_days if warn_days is None else warn_days
    found = notices(store.trust, lists, catalogues, clock_floor=store.clock_floor, now=now, warn_days=asked)
    return _Held(store, lists, entries, catalogues, settings, store.alarms, found)


def _show(held: _Held, now: datetime) -> None:
    store, trust_list, root = held.store, held.store.trust.list, held.store.trust.root
    output.say(tr("cli.store.folder", folder=store.folder))
    output.say(tr("cli.store.root", version=root.version, fingerprint=store.newest_fingerprint))
    if store.root != root:
        output.say(f"  {tr('cli.store.confirmed_root', version=store.root.version, fingerprint=store.fingerprint)}")
    output.say(f"  {_expires(root.expires_at, now)}")
    output.say(tr("cli.store.trust_list", version=trust_list.version, age=show_age(now - trust_list.issued_at)))
    output.say(f"  {tr('cli.store.next_update', moment=_due(trust_list.next_update_at, now))}")
    output.say(f"  {_expires(trust_list.expires_at, now)}")
    for issuer in trust_list.issuers:
        _show_issuer(issuer, [found for found in held.lists if found.issuer == issuer], now)
        _show_catalogues([found for found in held.catalogues if found.issuer == issuer], now)
    if store.clock_floor is not None:
        output.say(tr("cli.store.clock_floor", moment=store.clock_floor))
    output.say(tr(f"cli.store.on_stale.{held.settings.on_stale}"))
    for alarm in held.alarms:
        what = say_what(str(alarm.record.get("what")), alarm.name)
        label = click.style(tr("cli.alarm.label"), fg="red", bold=True)
        output.say(f"{label} {output.printable(what)}: {output.printable(str(alarm.folder))}: {tr('cli.alarm.settle')}")
    for notice in held.notices:
        text = say_notice(notice, now)
        output.say(f"! {click.style(text, fg='red', bold=True) if notice.is_past else text}")


def _show_issuer(issuer: Issuer, lists: list[HeldStatusList], now: datetime) -> None:
    name = issuer.names.get(chosen()) or next(iter(issuer.names.values()))
    scopes = [f"{first}-{last}" for first, last in issuer.scopes]
    output.say(tr("cli.store.issuer", issuer=issuer.id, name=name, time_zone=issuer.time_zone, scopes=scopes))
    for key in issuer.keys:
        state = "" if key.state is KeyState.ACTIVE else f" [{say_state(key.state)}]"
        until, key_id, uses = _due(key.sign_until, now), say_key_id(key.public_key), say_uses(key.uses)
        output.say(f"  {tr('cli.store.key', key_id=key_id, uses=uses, state=state, until=until)}")
    for found in lists:
        content = found.content
        age, expires = show_age(now - content.issued_at), _expires(content.expires_at, now)
        output.say(f"  {tr('cli.store.status_list', uri=content.uri, age=age, expires=expires)}")
    if not lists:
        output.say(f"  {tr('cli.store.no_status_list')}")


def _show_catalogues(catalogues: list[AdmittedCatalogue], now: datetime) -> None:
    for found in catalogues:
        content = found.content
        age, expires = show_age(now - content.issued_at), _expires(content.expires_at, now)
        said = tr("cli.store.catalogue", uri=content.uri, count=len(content.measures()), age=age, expires=expires)
        output.say(f"  {said}")
    if not catalogues:
        output.say(f"  {tr('cli.store.no_catalogue')}")


def _expires(moment: datetime, now: datetime) -> str:
    return tr("cli.store.expires", moment=_due(moment, now))


def _due(moment: datetime, now: datetime) -> str:
    text = show_moment(moment)
    return click.style(tr("cli.store.past", moment=text), fg="red", bold=True) if moment <= now else text


def _as_json(held: _Held, now: datetime) -> dict[str, object]:
    store, lists, catalogues = held.store, held.lists, held.catalogues
    trust_list, root = store.trust.list, store.trust.root
    return {
        "store": str(store.folder),
        "checked_at": write_instant(now),
        "state": _STATES[held.exit_code],
        "warnings": [
            {
                "code": notice.code,
                "subject": notice.subject,
                "at": write_instant(notice.at),
                "days_left": (notice.at - now).days,
                "is_past": notice.is_past,
            }
            for notice in held.notices
        ],
        "alarms": [{"folder": str(alarm.folder), **alarm.record} for alarm in held.alarms],
        "clock_floor": None if store.clock_floor is None else write_instant(store.clock_floor),
        "settings": {"on_stale": held.settings.on_stale.value, "warn_days": held.settings.warn_days},
        "root": {
            "version": root.version,
            "fingerprint": store.newest_fingerprint,
            "expires_at": write_instant(root.expires_at),
            "confirmed_version": store.root.version,
            "confirmed_fingerprint": store.fingerprint,
        },
        "trust_list": {
            "freshness": of_trust(store.trust, now).value,
            "version": trust_list.version,
            "issued_at": write_instant(trust_list.issued_at),
            "next_update_at": write_instant(trust_list.next_update_at),
            "expires_at": write_instant(trust_list.expires_at),
        },
        "issuers": [
            {
                "id": issuer.id,
                "names": dict(issuer.names),
                "time_zone": issuer.time_zone,
                "scopes": [list(scope) for scope in issuer.scopes],
                "keys": [
                    {
                        "key_id": key.public_key.key_id.hex(),
                        "uses": [USES.get(use, str(use)) for use in key.uses],
                        "sign_from": write_instant(key.sign_from),
                        "sign_until": write_instant(key.sign_until),
                        "state": key.state.name.lower(),
                    }
                    for key in issuer.keys
                ],
            }
            for issuer in trust_list.issuers
        ],
        "status_lists": [
            {
                "uri": found.content.uri,
                "issuer": found.issuer.id,
                "freshness": of_status_list(found, now).value,
                "key_id": found.key.public_key.key_id.hex(),
                "issued_at": write_instant(found.content.issued_at),
                "renew_at": write_instant(found.content.issued_at + found.content.ttl),
                "expires_at": write_instant(found.content.expires_at),
                "entries": entries,
            }
            for found, entries in zip(lists, held.entries, strict=True)
        ],
        "catalogues": [
            {
                "uri": found.content.uri,
                "issuer": found.issuer.id,
                "freshness": of_catalogue(found, now).value,
                "key_id": found.key.public_key.key_id.hex(),
                "issued_at": write_instant(found.content.issued_at),
                "expires_at": write_instant(found.content.expires_at),
                "categories": len(found.content.names().categories),
                "measures": len(found.content.measures()),
            }
            for found in catalogues
        ],
    }
