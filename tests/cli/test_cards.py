"""``socpass card`` and the folders of codes and cards that an agency hands out."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import town
from command import Shell
from said import text
from socpass_vc.errors import NoCodeFound, NotReadBack
from socpass_vc.messages import Message
from socpass_vc.qr.read import read_codes

FORMATS = {
    "card": "pdf", "sheet": "pdf", "letter": "pdf", "phone": "png", "html": "html",
    "code-png": "png", "code-svg": "svg", "code-pdf": "pdf", "code-eps": "eps",
}  # fmt: skip


@pytest.fixture
def office(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Give the shell of an operator with two residents in the register."""
    folder = town.agency(tmp_path).folder
    (tmp_path / "passphrase.txt").write_text(f"{town.PASSPHRASE}\n", encoding="utf-8")
    (tmp_path / "residents.csv").write_text(f"{town.HEADER}\n{town.ANNA}\n{town.RUSTEM}", encoding="utf-8-sig")
    monkeypatch.setenv("SOCPASS_AGENCY", str(folder))
    monkeypatch.setenv("SOCPASS_PASSPHRASE_FILE", str(tmp_path / "passphrase.txt"))
    assert shell("issuer", "import", "residents.csv").code == 0
    return shell


@pytest.mark.parametrize(("name", "suffix"), FORMATS.items())
def test_every_kind_of_card_holds_the_code_of_the_pass(
    shell: Shell, demo_folder: Path, tmp_path: Path, name: str, suffix: str
) -> None:
    # given
    kind, picture = name.partition("-")[0], demo_folder / "passes" / "accepted.png"
    code = read_codes(picture)[0]
    # when
    said = shell("card", picture, "--format", kind, "--out", f"a.{suffix}", "--store", demo_folder / "till", "--lang", "ru")
    # then
    assert (said.code, said.out, said.err) == (0, text("cli.written", "ru", path=f"a.{suffix}") + "\n", "")
    if suffix == "pdf":
        subprocess.run(["pdftoppm", "-r", "200", "-png", "a.pdf", "page"], check=True)
        assert [found for path in tmp_path.glob("page*.png") for found in _codes(path)] == [code]
    elif suffix == "png":
        assert read_codes(tmp_path / "a.png") == (code,)
    assert (tmp_path / f"a.{suffix}").stat().st_mode & 0o777 == 0o600


def _codes(path: Path) -> tuple[str, ...]:
    try:
        return read_codes(path)
    except Exception:  # noqa: BLE001 -- a page without a code
        return ()


def test_an_issuer_that_nobody_knows_is_asked_for(shell: Shell, demo_folder: Path) -> None:
    picture = demo_folder / "passes" / "accepted.png"
    said = shell("card", picture, "--out", "a.pdf", "--store", "nowhere")
    assert (said.code, "--issuer-name" in said.err) == (2, True)
    assert shell("card", picture, "--out", "a.pdf", "--store", "nowhere", "--issuer-name", "Town").code == 0
    assert shell("card", demo_folder / "passes" / "expired.png", "--out", "b.pdf", "--store", demo_folder / "till").code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("--out", "a.png"),
        ("--format", "phone", "--out", "a.pdf"),
        ("--format", "code", "--out", "a.jpg"),
        ("--out", "a.pdf", "--width-mm", "30"),
        ("--format", "code", "--out", "a.svg", "--width-mm", "30"),
    ],
)
def test_what_a_format_cannot_be_is_wrong_usage(shell: Shell, demo_folder: Path, arguments: tuple[str, ...]) -> None:
    assert shell("card", demo_folder / "passes" / "accepted.png", "--issuer-name", "Town", *arguments).code == 2


def test_only_a_sheet_takes_several_passes(shell: Shell, demo_folder: Path) -> None:
    both = [demo_folder / "passes" / f"{name}.png" for name in ("accepted", "expired")]
    assert shell("card", *both, "--out", "a.pdf", "--issuer-name", "Town").code == 2
    assert shell("card", *both, "--out", "a.pdf", "--issuer-name", "Town", "--format", "sheet").code == 0


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_modules_too_small_for_paper_are_warned_of(shell: Shell, demo_folder: Path, lang: str) -> None:
    picture = demo_folder / "passes" / "accepted.png"
    said = shell("card", picture, "--format", "code", "--out", "a.pdf", "--width-mm", "20", "--lang", lang)
    assert said.code == 0
    assert text("cli.card.small_modules", lang, module=0.29, enough=0.42, width=29) in said.err
    assert shell("card", picture, "--format", "code", "--out", "a.pdf", "--width-mm", "40", "--lang", lang).err == ""


def test_a_card_whose_code_is_not_read_back_leaves_no_file(
    shell: Shell, demo_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unread(*_: object) -> None:
        raise NotReadBack("written_code_cannot_be_read", why=Message("no_code_in_view"))

    monkeypatch.setattr("socpass_vc.qr.readback.check", unread)
    for kind, name in (("card", "a.pdf"), ("code", "a.png"), ("phone", "b.png")):
        said = shell("card", demo_folder / "passes" / "accepted.png", "--format", kind, "--out", name, "--issuer-name", "Town")
        assert (said.code, "[not_read_back]" in said.err) == (1, True)
        assert not (tmp_path / name).exists()


@pytest.mark.parametrize(("kind", "suffix"), [("card", "pdf"), ("letter", "pdf"), ("phone", "png"), ("html", "html")])
def test_an_agency_writes_cards_beside_codes(office: Shell, tmp_path: Path, kind: str, suffix: str) -> None:
    said = office("issuer", "issue", "--qr", "qr", "--cards", "cards", "--card-format", kind, "--level", "Q", "--lang", "ru")
    assert (said.code, said.out.splitlines()) == (
        0,
        [
            text("cli.issue.done", "ru", count=2),
            text("cli.issue.codes_in", "ru", folder="qr"),
            text("cli.issue.cards_in", "ru", folder="cards"),
        ],
    )
    for folder, ending in (("qr", "png"), ("cards", suffix)):
        listed = (tmp_path / folder / "passes.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
        files = [line.split(";")[1] for line in listed]
        assert len(files) == 2
        assert all((tmp_path / folder / file).is_file() and file.endswith(ending) for file in files)
    assert (
        office("issuer", "passes", "--cards", "cards", "--card-format", kind).out
        == text("cli.passes.written", target="cards", count=0) + "\n"
    )


def crowd(office: Shell, tmp_path: Path, names: list[str]) -> None:
    rows = [f"{number};{name};1960;02-545;;;;;" for number, name in enumerate(names, 5_000)]
    (tmp_path / "crowd.csv").write_text("\n".join([town.HEADER, *rows]), encoding="utf-8-sig")
    assert office("issuer", "import", "crowd.csv").code == 0


def on_sheet(path: Path) -> list[str]:
    """Return the texts of the codes on a sheet, from its pixels."""
    subprocess.run(["pdftoppm", "-r", "200", "-png", path, path.with_suffix("")], check=True)
    return [code for page in path.parent.glob(f"{path.stem}*.png") for code in _every_code(page)]


def _every_code(path: Path) -> tuple[str, ...]:
    try:
        return read_codes(path, enough=lambda _: False)
    except NoCodeFound:
        return ()


def test_an_agency_prints_ten_cards_a_sheet_and_each_line_names_its_sheet(office: Shell, tmp_path: Path) -> None:
    # given thirteen residents, one with a name that the fonts lack
    crowd(office, tmp_path, [f"Житель {chr(0x410 + number)}" for number in range(10)] + ["王小明"])
    # when
    said = office("issuer", "issue", "--cards", "cards", "--card-format", "sheet", "--out", "all.csv", "--lang", "ru")
    # then
    lacking = ["U+738B", "U+5C0F", "U+660E"]
    assert (said.code, f"5010: {text('name_not_in_fonts', 'ru', characters=lacking)}" in said.err) == (1, True)
    assert text("cli.issue.cards_in", "ru", folder="cards") in said.out
    lines = [line.split(";") for line in (tmp_path / "cards" / "passes.csv").read_text(encoding="utf-8-sig").splitlines()[1:]]
    sheets = {line[1] for line in lines}
    texts = {
        line.split(";")[0]: line.strip().rpartition(";")[2]
        for line in (tmp_path / "all.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    }
    assert (len(lines), len(sheets)) == (12, 2)
    for sheet in sheets:
        expected = {line[0] for line in lines if line[1] == sheet}
        assert sheet.endswith(".sheet.pdf")
        assert sorted(on_sheet(tmp_path / "cards" / sheet)) == sorted(texts[ref] for ref in expected)
    # and what is there is not drawn again, neither is a single card taken for a sheet
    again = office("issuer", "passes", "--cards", "cards", "--card-format", "sheet")
    assert (again.code, again.out) == (1, text("cli.passes.written", target="cards", count=0) + "\n")
    assert office("issuer", "passes", "--cards", "cards").out == text("cli.passes.written", target="cards", count=12) + "\n"
    (tmp_path / "cards" / min(sheets)).unlink()
    lost = sum(line[1] == min(sheets) for line in lines)
    assert (
        office("issuer", "passes", "--cards", "cards", "--card-format", "sheet").out
        == text("cli.passes.written", target="cards", count=lost) + "\n"
    )


def test_cards_that_are_missing_are_counted_and_the_command_that_writes_them_is_named(
    office: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("socpass_cli.handout.qr_folder.FolderDrawing._draw", interrupt)
    said = office("issuer", "issue", "--cards", "cards", "--card-format", "phone", "--level", "Q")
    assert said.code == 130
    command = "socpass issuer passes --cards cards --card-format phone --level Q"
    assert text("cli.issue.pictures_missing", count=2, folders="cards", command=command) in said.err


def test_of_a_hundred_pictures_one_is_read_back_and_all_where_that_is_asked_for(
    office: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    checked: list[str] = []
    monkeypatch.setattr("socpass_vc.qr.readback.check", lambda _, text: checked.append(text))
    # when
    assert office("issuer", "issue", "--qr", "some").code == 0
    some = len(checked)
    checked.clear()
    assert office("issuer", "passes", "--qr", "all", "--verify-all").code == 0
    # then
    assert (some, len(checked)) == (1, 2)
    assert len(list((tmp_path / "all").rglob("*.png"))) == 2


def test_a_picture_that_is_not_read_back_is_named_and_not_kept(
    office: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unread(*_: object) -> None:
        raise NotReadBack("written_code_cannot_be_read", why=Message("no_code_in_view"))

    monkeypatch.setattr("socpass_vc.qr.readback.check", unread)
    said = office("issuer", "issue", "--qr", "qr")
    assert (said.code, said.err.count(f": {text('written_code_cannot_be_read', why=text('no_code_in_view'))}")) == (1, 1)
    assert len(list((tmp_path / "qr").rglob("*.png"))) == 1
