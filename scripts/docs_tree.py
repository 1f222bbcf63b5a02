"""Lays what `make docs` renders into build/docs: docs/ as it is, and beside it the specifications and what else pages link to.

In the tree, links lead from file to file, as a reader of the repository needs them. Here each is turned to where its page lies in
the site. A link to a file of the tree that has no page loses its link and keeps its words; a link to nothing is an error.
The page of the library gets every name of the public face, and the help texts of specs/cli.md become a page of their own.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "build" / "docs"

PAGES_BESIDE = {
    "CHANGELOG.md": "project/changelog.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "RELEASE.md": "project/releasing.md",
    "SECURITY.md": "project/security.md",
    "benchmarks/README.md": "project/benchmarks.md",
    "test_vectors/README.md": "project/test-vectors.md",
}
COPIED = {".md", ".cddl", ".css", ".svg"}
"""Endings of what a reader of the site may open. What diagrams are drawn from stays behind."""

COMMANDS = PurePosixPath("reference/commands.md")
REFERENCE = re.compile(r"<!-- reference: begin -->\n(.*?)<!-- reference: end -->\n?", re.DOTALL)
LIBRARY = PurePosixPath("reference/library.md")
NAMES = re.compile(r"<!-- names: ([a-z_., ]+) -->")
REST = "rest"

FENCE = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")


def pages() -> Iterator[tuple[PurePosixPath, PurePosixPath]]:
    """Yield each file that goes into the site: its path in the tree, and in the site."""
    for folder, below in (("docs", ""), ("specs", "specs")):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in COPIED:
                inner = path.relative_to(ROOT / folder).as_posix()
                yield PurePosixPath(folder, inner), PurePosixPath(below, inner)
    for source, target in PAGES_BESIDE.items():
        yield PurePosixPath(source), PurePosixPath(target)


def relinked(text: str, source: PurePosixPath, target: PurePosixPath, places: dict[PurePosixPath, PurePosixPath]) -> str:
    """Return *text* of the page *source* with its links as they must be at *target*.

    Raises:
        LookupError: a link leads to no file or folder of the tree.
    """

    def turned(found: re.Match[str]) -> str:
        picture, words, address = found.groups()
        if re.match(r"[a-z]+:|#", address):
            return found[0]
        path, hash_, anchor = address.partition("#")
        meant = PurePosixPath(os.path.normpath(source.parent / path))
        if not (ROOT / meant).exists():
            raise LookupError(f"{source}: a link to {address}, which is not there")
        there = places.get(meant)
        if there is None:
            return words
        return f"{picture}[{words}]({os.path.relpath(there, target.parent)}{hash_}{anchor})"

    blocks = [block.span() for block in FENCE.finditer(text)]
    spans = [0, *(edge for span in blocks for edge in span), len(text)]
    parts = [text[begin:end] for begin, end in pairwise(spans)]
    return "".join(part if number % 2 else LINK.sub(turned, part) for number, part in enumerate(parts))


def with_a_page_of_commands(text: str) -> tuple[str, str]:
    """Return specs/cli.md without the help texts at its end, and a page of these."""
    reference = REFERENCE.search(text)
    if reference is None:
        raise LookupError("specs/cli.md has lost the marks around its reference")
    helps = re.sub(r"^##(#+) ", r"\1 ", reference[1].replace("\n### socpass\n", "\n"), flags=re.MULTILINE)
    helps = re.sub(r"^# ", "## ", helps, flags=re.MULTILINE)
    link = f"Every command and option: [{COMMANDS.stem}](../{COMMANDS}).\n"
    return text[: reference.start()] + link + text[reference.end() :], f"# Commands\n\nWhat `--help` prints.\n\n{helps.strip()}\n"


def homes_of_public_names() -> dict[str, tuple[str, ...]]:
    """Return the names of the public face by the module that has them, as the package's ``_HOMES`` says."""
    package = ast.parse((ROOT / "src" / "socpass_vc" / "__init__.py").read_text(encoding="utf-8"))
    for node in package.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_HOMES":
            found: dict[str, tuple[str, ...]] = ast.literal_eval(node.value)
            return found
    raise LookupError("socpass_vc/__init__.py has no _HOMES")


def with_names(text: str) -> str:
    """Return the page of the library with what renders each public name, once, where its module or a room above it is named."""
    left = homes_of_public_names()

    def rendered(found: re.Match[str]) -> str:
        rooms = [room.strip() for room in found[1].split(",")]
        homes = list(left) if rooms == [REST] else [home for room in rooms for home in left if f"{home}.".startswith(f"{room}.")]
        if not homes and rooms != [REST]:
            raise LookupError(f"{LIBRARY} asks for {found[1]}, which gives no public name")
        names = "\n\n".join(f"::: socpass_vc.{name}" for home in homes for name in left.pop(home))
        return f"## More\n\n{names}" if names and rooms == [REST] else names

    filled = NAMES.sub(rendered, text)
    if left:
        raise LookupError(f"{LIBRARY} leaves out {', '.join(left)}")
    return filled


def list_of_decisions() -> str:
    """Return a page that names all decisions."""
    lines = ["# Decisions", "", "What was decided, when more than one way was open, and why.", ""]
    for path in sorted((ROOT / "specs" / "decisions").glob("[0-9]*.md")):
        title = path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        lines.append(f"- [{title}]({path.name})")
    return "\n".join([*lines, ""])


def write(target: PurePosixPath, text: str) -> None:
    """Write a page of the site."""
    path = SITE / target
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def on_page_content(html: str, **_: object) -> str:
    """Return a rendered page without the roles of docstrings, which Sphinx would turn into links (a hook of mkdocs)."""
    return re.sub(r":(?:attr|class|data|func|meth|mod):(?=<code)", "", html)


def main() -> int:
    """Lay the tree; return the exit code."""
    shutil.rmtree(SITE, ignore_errors=True)
    places = dict(pages())
    places[PurePosixPath("specs/decisions")] = PurePosixPath("specs/decisions/index.md")
    try:
        for source, target in pages():
            if target.suffix != ".md":
                (SITE / target).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / source, SITE / target)
                continue
            text = relinked((ROOT / source).read_text(encoding="utf-8"), source, target, places)
            if target == LIBRARY:
                text = with_names(text)
            if target == PurePosixPath("specs/cli.md"):
                text, helps = with_a_page_of_commands(text)
                write(COMMANDS, helps)
            write(target, text)
    except LookupError as missing:
        print(missing.args[0], file=sys.stderr)  # noqa: T201 -- a script's message
        return 1
    write(PurePosixPath("specs/decisions/index.md"), list_of_decisions())
    return 0


if __name__ == "__main__":
    sys.exit(main())
