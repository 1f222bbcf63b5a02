"""Documents: no link leads to nothing, the README stays short, prose is wrapped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/**/*.md", "specs/**/*.md", "benchmarks/*.md", "test_vectors/*.md")
    for path in ROOT.glob(pattern)
)
WRAPPED = [
    page for page in PAGES if page.startswith("docs/") or page in {"README.md", "CONTRIBUTING.md", "RELEASE.md", "SECURITY.md"}
]


def lines_of_prose(page: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a page outside its blocks of code, with their numbers."""
    in_code = False
    for number, line in enumerate((ROOT / page).read_text(encoding="utf-8").splitlines(), 1):
        if line.lstrip().startswith("```"):
            in_code = not in_code
        elif not in_code:
            yield number, line


def anchors(page: Path) -> set[str]:
    """Return the anchors that a page's headings give, as GitHub and the rendered site spell them."""
    found = set()
    for _, line in lines_of_prose(page.relative_to(ROOT).as_posix()):
        if line.startswith("#"):
            words = re.sub(r"[`*_]|\[([^]]*)\]\([^)]*\)", r"\1", line.lstrip("#").strip().lower())
            found.add(re.sub(r"[^\w\- ]", "", words).replace(" ", "-"))
    return found


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file_and_a_heading_of_the_tree(page: str) -> None:
    for number, line in lines_of_prose(page):
        for address in re.findall(r"\]\(([^)\s]+)\)", line):
            if re.match(r"[a-z]+:", address):
                continue
            path, _, anchor = address.partition("#")
            target = (ROOT / page).parent / path if path else ROOT / page
            assert target.exists(), f"{page}, line {number}: {address}"
            assert not anchor or anchor in anchors(target.resolve()), f"{page}, line {number}: {address}"


def test_the_readme_can_be_read_at_one_sitting() -> None:
    # when
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()

    # then
    assert len(lines) <= 130
    assert max(map(len, lines)) <= 120


@pytest.mark.parametrize("page", WRAPPED)
def test_prose_is_wrapped(page: str) -> None:
    for number, line in lines_of_prose(page):
        assert len(line) <= 120 or line.startswith("|"), f"{page}, line {number}: {len(line)} columns"
        assert line.count("`") % 2 == 0, f"{page}, line {number}: a code span goes on in the next line"


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("docs/")])
def test_every_page_has_its_place_in_the_site(page: str) -> None:
    # when
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]

    # then
    assert f": {page.removeprefix('docs/')}\n" in navigation
