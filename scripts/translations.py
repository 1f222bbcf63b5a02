"""Puts the message catalogues in order and compiles them for gettext; with --check, tells whether that is how they stand.

The sources are ``socpass.po`` of each language and what click says, ``click.po``. Entries stand in the order of their keys. A
compiled file depends on its source alone: the same bytes on any machine.
"""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import normalize, read_po

from socpass_cli.app.language import LOCALE as OF_CLICK
from socpass_vc.messages import LOCALE

WIDTH = 120
NO_TIME = datetime(2026, 1, 1, tzinfo=UTC)
"""What stands in each compiled file; otherwise babel writes the time and the time zone of whoever compiles."""


def read(source: Path) -> Catalog:
    """Return the catalogue *source*."""
    with source.open("rb") as file:
        return read_po(file, abort_invalid=True)


def compiled(source: Path) -> bytes:
    """Return what *source* compiles to."""
    page, catalog = io.BytesIO(), read(source)
    catalog.creation_date = catalog.revision_date = NO_TIME
    write_mo(page, catalog)
    return page.getvalue()


def in_order(source: Path) -> bytes:
    """Return *source* with its head as it is, and its entries in the order of their keys."""
    head = source.read_text(encoding="utf-8").partition("\n\n")[0]
    entries = sorted((message for message in read(source) if message.id), key=_key)
    return "\n\n".join([head, *map(_written, entries)]).encode() + b"\n"


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _written(message: Message) -> str:
    lines = [f"# {comment}" for comment in message.user_comments]
    if isinstance(message.id, str):
        lines += [_field("msgid", message.id), _field("msgstr", str(message.string))]
    else:
        lines += [_field("msgid", message.id[0]), _field("msgid_plural", message.id[1])]
        lines += [_field(f"msgstr[{at}]", form) for at, form in enumerate(message.string or ())]
    return "\n".join(lines)


def _field(name: str, text: str) -> str:
    return f"{name} {normalize(text, width=WIDTH)}"


def main() -> int:
    """Write, or compare; return the exit code."""
    wrong = 0
    for source in sorted(path for folder in (LOCALE, OF_CLICK) for path in folder.glob("*/LC_MESSAGES/*.po")):
        wanted = {source: in_order(source), source.with_suffix(".mo"): compiled(source)}
        for path, content in wanted.items():
            if "--check" not in sys.argv[1:]:
                path.write_bytes(content)
            elif not path.is_file() or path.read_bytes() != content:
                print(f"{path} is not in order or out of date; run 'make translations'", file=sys.stderr)  # noqa: T201 -- a script's message
                wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
