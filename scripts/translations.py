"""Compiles the message catalogues for gettext; with --check, tells whether what is compiled is what the sources say.

The sources are ``socpass.po`` of each language and what click says, ``click.po``. A compiled file depends on its source alone:
the same bytes on any machine. ``--sort`` puts the entries of the sources in the order of their keys.
"""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from socpass_cli.app.language import LOCALE as OF_CLICK
from socpass_vc.messages import LOCALE

WIDTH = 120
NO_TIME = datetime(2026, 1, 1, tzinfo=UTC)
"""What stands in each compiled file; otherwise babel writes the time and the time zone of whoever compiles."""


def read(source: Path) -> Catalog:
    """Return the catalogue *source*, parts that lie beside it included."""
    catalog = _read(source)
    for part in sorted((source.parent / "parts").glob("*.po")):
        for message in _read(part):
            if message.id:
                key = message.id if isinstance(message.id, str) else message.id[0]
                if catalog.get(key) is not None and catalog.get(key).string != message.string:  # type: ignore[union-attr]  # was asked before
                    print(f"{part}: {key} stands twice", file=sys.stderr)  # noqa: T201 -- a script's message
                catalog[key] = message
    return catalog


def _read(source: Path) -> Catalog:
    with source.open("rb") as file:
        return read_po(file, abort_invalid=True)


def compiled(source: Path) -> bytes:
    """Return what *source* compiles to."""
    page, catalog = io.BytesIO(), read(source)
    catalog.creation_date = catalog.revision_date = NO_TIME
    write_mo(page, catalog)
    return page.getvalue()


def in_order(source: Path) -> bytes:
    """Return *source* with its entries in the order of their keys."""
    page = io.BytesIO()
    write_po(page, _read(source), width=WIDTH, sort_output=True, omit_header=False)
    return page.getvalue()


def main() -> int:
    """Write, or compare; return the exit code."""
    sources = sorted(path for folder in (LOCALE, OF_CLICK) for path in folder.glob("*/LC_MESSAGES/*.po"))
    wrong = 0
    for source in sources:
        target, content = source.with_suffix(".mo"), compiled(source)
        if "--check" not in sys.argv[1:]:
            target.write_bytes(content)
        elif not target.is_file() or target.read_bytes() != content:
            print(f"{target} is not what {source.name} compiles to; run 'make translations'", file=sys.stderr)  # noqa: T201 -- likewise
            wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
