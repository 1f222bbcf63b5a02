"""docs/api.md: every public name is on it, its programs do what they say, and what a documented call raises is public too."""

from __future__ import annotations

import inspect
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import socpass_vc
from socpass_cli.main import run
from socpass_vc import errors
from webserver import serving

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
SITE = "https://pass.example.ru/"
"""What the page calls a published site; here a server on this machine stands for it."""


def test_every_public_name_is_on_the_page_once_with_a_line_that_says_what_it_is() -> None:
    # given
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE[PAGE.index("## All names") :], flags=re.MULTILINE)

    # then
    assert sorted(name for name, _ in rows) == [name for name in socpass_vc.__all__ if name != "__version__"]
    assert "`__version__`" in PAGE
    assert all(len(what) > 5 for _, what in rows)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what the page's programs are given: a till, a site, a root in a file and a photograph."""
    folder = tmp_path_factory.mktemp("town")
    with pytest.raises(SystemExit) as left:
        run(["demo", str(folder / "demo"), "--lang", "en"])
    assert not left.value.code
    shutil.copy(folder / "demo" / "passes" / "accepted.png", folder / "photo.png")
    shutil.copy(folder / "demo" / "agency" / "roots" / "1.root", folder / "1.root")
    for name in ("till", "site"):
        shutil.copytree(folder / "demo" / name, folder / name)
    return folder


def test_the_programs_of_the_page_do_what_they_say(
    town: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # given
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)
    assert len(blocks) >= 10
    monkeypatch.chdir(town)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    names: dict[str, object] = {"__name__": "page"}

    with serving(town / "site") as site:
        for block in blocks:
            # when
            exec(compile(block.replace(f'"{SITE}"', f'"{site.url}"'), "docs/api.md", "exec"), names)  # noqa: S102 -- our own page

            # then
            said = capsys.readouterr().out.splitlines()
            expected = re.findall(r"# -> (.*)$", block, flags=re.MULTILINE)
            assert not expected or sorted(said) == sorted(expected), block


# --- What is raised ---------------------------------------------------------------------------------------------------


def documented() -> Iterator[tuple[str, str]]:
    """Return each public function, and method of a public class, with its docstring."""
    for name in socpass_vc.__all__:
        thing = getattr(socpass_vc, name)
        if inspect.isclass(thing) and not issubclass(thing, errors.SocpassError):
            yield name, thing.__doc__ or ""
            for attribute, member in vars(thing).items():
                function = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
                if not attribute.startswith("_") and inspect.isfunction(function):
                    yield f"{name}.{attribute}", function.__doc__ or ""
        elif inspect.isfunction(thing):
            yield name, thing.__doc__ or ""


KINDS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.SocpassError)}


def test_every_exception_that_a_documented_call_raises_is_public() -> None:
    # given
    raised = {
        (where, name)
        for where, text in documented()
        for section in re.findall(r"Raises:\n((?:\s+.*\n?)+)", text)
        for name in re.findall(r"\b[A-Z]\w+\b", section)
        if name in KINDS
    }

    # then
    assert len(raised) > 30
    assert [(where, name) for where, name in sorted(raised) if name not in socpass_vc.__all__] == []


def test_every_public_function_says_what_it_takes() -> None:
    # given
    functions = {name: getattr(socpass_vc, name) for name in socpass_vc.__all__}

    # then
    for name, function in functions.items():
        if inspect.isfunction(function):
            text, taken = function.__doc__ or "", inspect.signature(function).parameters
            assert len(taken) < 2 or "Args:\n" in text, name
