"""Writes the reference of the command into specs/cli.md from its own --help; with --check, says whether they are the same."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from socpass_cli.app import language
from socpass_cli.main import socpass

PAGE = Path(__file__).resolve().parent.parent / "specs" / "cli.md"
BEGIN, END = "<!-- reference: begin -->", "<!-- reference: end -->"
WIDTH = 100


def pages(command: click.Command, parent: click.Context | None, name: str) -> Iterator[str]:
    """Yield the help page of *command* and of all below it, as Markdown."""
    context = click.Context(command, info_name=name, parent=parent, terminal_width=WIDTH, max_content_width=WIDTH)
    yield f"### {context.command_path}\n\n```\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            if found is not None:
                yield from pages(found, context, below)


def main() -> int:
    """Write, or compare; return the exit code."""
    language.choose(["--lang", "en"], {})
    have = PAGE.read_text(encoding="utf-8")
    before, _, rest = have.partition(BEGIN)
    _, _, after = rest.partition(END)
    reference = "\n".join(pages(socpass, None, "socpass"))
    want = f"{before}{BEGIN}\n\n{reference}\n{END}{after}"
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(want, encoding="utf-8")
        return 0
    if have == want:
        return 0
    print(f"{PAGE.name} is not what --help says; run 'make reference'", file=sys.stderr)  # noqa: T201 -- a script's message
    return 1


if __name__ == "__main__":
    sys.exit(main())
