"""Compiles what click says in Russian, click.po, for gettext; with --check, says whether click.mo is what it compiles to."""

from __future__ import annotations

import io
import sys

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from socpass_cli.app.language import CLICK_DOMAIN, LOCALE

SOURCE = LOCALE / "ru" / "LC_MESSAGES" / f"{CLICK_DOMAIN}.po"
COMPILED = SOURCE.with_suffix(".mo")


def main() -> int:
    """Write, or compare; return the exit code."""
    compiled = io.BytesIO()
    with SOURCE.open("rb") as file:
        write_mo(compiled, read_po(file, abort_invalid=True))
    if "--check" not in sys.argv[1:]:
        COMPILED.write_bytes(compiled.getvalue())
        return 0
    if COMPILED.read_bytes() == compiled.getvalue():
        return 0
    print(f"{COMPILED.name} is not what {SOURCE.name} compiles to; run 'make translations'", file=sys.stderr)  # noqa: T201 -- a script's message
    return 1


if __name__ == "__main__":
    sys.exit(main())
