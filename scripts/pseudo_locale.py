"""Makes a pseudo-language of the English one: each letter gets an accent; what stays plain English is a sentence that escaped.

``python scripts/pseudo_locale.py FOLDER`` writes ``FOLDER/xa/LC_MESSAGES/socpass.mo``, and ``click.mo`` beside it.
Placeholders and the patterns of days stay as they are.
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from translations import read

from socpass_cli.app.language import LOCALE as OF_CLICK
from socpass_vc.messages import LOCALE

LANGUAGE = "xa"
_ACCENTED = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "áƀćđéƒǵĥíĵķĺḿńóƥɋŕśťúṽŵẋýźÁɃĆĐÉƑǴĤÍĴĶĹḾŃÓƤɊŔŚŤÚṼŴẊÝŹ"
)
_KEPT = re.compile(r"\{[^{}]*\}|%\([a-z_]+\)[sd]|%[YmdHMSsd]")
"""Placeholders of format and of %, and the parts of a date."""


def pseudo(text: str) -> str:
    """Return *text* with an accent on each letter outside of placeholders."""
    ends = [match.span() for match in _KEPT.finditer(text)]
    made, at = [], 0
    for start, end in [*ends, (len(text), len(text))]:
        made += [text[at:start].translate(_ACCENTED), text[start:end]]
        at = end
    return "".join(made)


def pseudo_catalogue(source: Catalog, *, keyed: bool) -> Catalog:
    """Return the pseudo-language's catalogue.

    Args:
        source: of English, or, for click, any whose ids are English.
        keyed: its ids are keys, and its strings the sentences; click's ids are sentences themselves.
    """
    made = Catalog(locale="en")  # whose plural forms it has
    for message in source:
        if not message.id:
            continue
        said = message.string if keyed else message.id
        forms = (said,) if isinstance(said, str) else tuple(said or ())
        made.add(message.id, pseudo(forms[0]) if isinstance(message.id, str) else tuple(map(pseudo, forms)))
    return made


def write_pseudo_locale(folder: Path) -> Path:
    """Write the pseudo-language's compiled catalogues below *folder*, and return where."""
    target = folder / LANGUAGE / "LC_MESSAGES"
    target.mkdir(parents=True, exist_ok=True)
    made = {
        "socpass.mo": pseudo_catalogue(read(LOCALE / "en" / "LC_MESSAGES" / "socpass.po"), keyed=True),
        "click.mo": pseudo_catalogue(read(OF_CLICK / "ru" / "LC_MESSAGES" / "click.po"), keyed=False),
    }
    for name, catalogue in made.items():
        page = io.BytesIO()
        write_mo(page, catalogue)
        (target / name).write_bytes(page.getvalue())
    return target


if __name__ == "__main__":
    print(write_pseudo_locale(Path(sys.argv[1])))  # noqa: T201 -- a script's message
