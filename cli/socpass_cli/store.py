"""``socpass store``: what this till holds, how old it is and what expires when."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click

from socpass_cli import shell
from socpass_cli.language import chosen, show_age, show_moment, tr
from socpass_cli.trust_text import USES, say_state, say_uses
from socpass_vc.format.issuers import Issuer, KeyState
from socpass_vc.verifier.admit import AdmittedCatalogue, AdmittedStatusList
from socpass_vc.verifier.store import Store


@click.command(
    cls=shell.Command,
    help_texts=(
        "Show what this till holds: its root, issuers, keys, status lists and catalogues, their age and what expires when.",
        "Показать, что хранит касса: корень, ведомства, ключи, списки статусов и справочники, их возраст и сроки.",
    ),
)
@shell.store_option
@shell.json_option
@shell.lang_option
def command(*, store_folder: Path | None, as_json: bool) -> None:
    """Open the store, which checks everything in it, and show it."""
    now = shell.now()
    store = Store.open(store_folder or shell.user_folder("till"))
    lists = list(store.status_lists())
    catalogues = list(store.catalogues.all())
    if as_json:
        shell.say(json.dumps(_as_json(store, lists, catalogues, now), ensure_ascii=False, indent=2))
        return
    trust_list, root = store.trust.list, store.trust.root
    shell.say(f"{tr('Store', 'Хранилище')}: {store.folder}")
    shell.say(f"{tr('Root', 'Корень')} {root.version}: {store.fingerprint}")
    shell.say(f"  {tr('expires', 'истекает')} {_due(root.expires_at, now)}")
    age = show_age(now - trust_list.issued_at)
    shell.say(f"{tr('Trust list', 'Список доверия')} {trust_list.version}: {tr('signed', 'подписан')} {age}")
    shell.say(f"  {tr('next update', 'обновить до')} {_due(trust_list.next_update_at, now)}")
    shell.say(f"  {tr('expires', 'истекает')} {_due(trust_list.expires_at, now)}")
    for issuer in trust_list.issuers:
        _show_issuer(issuer, [found for found in lists if found.issuer == issuer], now)
        _show_catalogues([found for found in catalogues if found.issuer == issuer], now)


def _show_issuer(issuer: Issuer, lists: list[AdmittedStatusList], now: datetime) -> None:
    name = issuer.names.get(chosen()) or next(iter(issuer.names.values()))
    scopes = ", ".join(f"{first}-{last}" for first, last in issuer.scopes)
    shell.say(f"{tr('Issuer', 'Ведомство')} {issuer.id}: {name}; {issuer.time_zone}; {tr('categories', 'категории')} {scopes}")
    for key in issuer.keys:
        state = "" if key.state is KeyState.ACTIVE else f" [{say_state(key.state)}]"
        until = f"{tr('signs until', 'подписывает до')} {_due(key.sign_until, now)}"
        shell.say(f"  {tr('key', 'ключ')} {key.public_key.key_id.hex()} ({say_uses(key.uses)}){state}: {until}")
    for found in lists:
        content = found.content
        signed = f"{tr('signed', 'подписан')} {show_age(now - content.issued_at)}"
        expires = f"{tr('expires', 'истекает')} {_due(content.expires_at, now)}"
        shell.say(f"  {tr('status list', 'список статусов')} {content.uri}: {signed}; {expires}")
    if not lists:
        shell.say(f"  {tr('no status list at hand', 'списков статусов нет')}")


def _show_catalogues(catalogues: list[AdmittedCatalogue], now: datetime) -> None:
    for found in catalogues:
        content = found.content
        signed = f"{tr('signed', 'подписан')} {show_age(now - content.issued_at)}"
        expires = f"{tr('expires', 'истекает')} {_due(content.expires_at, now)}"
        measures = f"{tr('measures', 'мер поддержки')} {len(content.measures())}"
        shell.say(f"  {tr('catalogue', 'справочник')} {content.uri}: {measures}; {signed}; {expires}")
    if not catalogues:
        shell.say(f"  {tr('no catalogue at hand', 'справочника нет')}")


def _due(moment: datetime, now: datetime) -> str:
    text = show_moment(moment)
    return click.style(f"{text} — {tr('PAST', 'ИСТЕКЛО')}", fg="red", bold=True) if moment <= now else text


def _as_json(
    store: Store, lists: list[AdmittedStatusList], catalogues: list[AdmittedCatalogue], now: datetime
) -> dict[str, object]:
    trust_list, root = store.trust.list, store.trust.root
    return {
        "store": str(store.folder),
        "checked_at": _instant(now),
        "root": {"version": root.version, "fingerprint": store.fingerprint, "expires_at": _instant(root.expires_at)},
        "trust_list": {
            "version": trust_list.version,
            "issued_at": _instant(trust_list.issued_at),
            "next_update_at": _instant(trust_list.next_update_at),
            "expires_at": _instant(trust_list.expires_at),
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
                        "sign_from": _instant(key.sign_from),
                        "sign_until": _instant(key.sign_until),
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
                "issued_at": _instant(found.content.issued_at),
                "expires_at": _instant(found.content.expires_at),
                "entries": len(found.content),
            }
            for found in lists
        ],
        "catalogues": [
            {
                "uri": found.content.uri,
                "issuer": found.issuer.id,
                "issued_at": _instant(found.content.issued_at),
                "expires_at": _instant(found.content.expires_at),
                "categories": len(found.content.names().categories),
                "measures": len(found.content.measures()),
            }
            for found in catalogues
        ],
    }


def _instant(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
