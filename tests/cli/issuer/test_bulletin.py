"""Status changes on paper and over slow links: what ``publish`` writes of them, and ``sync`` of that."""

from __future__ import annotations

import random
import shutil
import subprocess
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pypdfium2
import pytest

import world
from command import Shell
from said import pattern, refused, text
from socpass_cli.handout import bulletin
from socpass_cli.handout.bulletin import codes_of
from socpass_vc.errors import CodeTooLarge
from socpass_vc.format import armor
from socpass_vc.format.status.status_delta import sign_delta
from socpass_vc.format.status.status_list import DEFAULT_ENTRIES, Status, pack
from socpass_vc.issuer.publication.list_diff import compare
from socpass_vc.verifier.store.till_store import Store

LATER = world.ISSUED_AT + world.DAY


@pytest.fixture
def demo(shell: Shell, demo_folder: Path, tmp_path: Path) -> Path:
    """Return a copy of the demo, to change, whose till has what was last published with changes."""
    copied = Path(shutil.copytree(demo_folder, tmp_path / "demo"))
    publish(shell, copied, "--delta")
    assert shell("sync", copied / "site", "--store", copied / "till").code == 0
    return copied


def publish(shell: Shell, demo: Path, *options: object) -> list[Path]:
    """Publish, and return the files that the command names."""
    said = shell(
        "issuer", "publish", demo / "site", *options, "--agency", demo / "agency", "--passphrase-file", demo / "passphrase.txt"
    )
    assert (said.code, said.err) == (0, "")
    return [Path(line) for line in said.out.splitlines() if line.startswith(str(demo)) and ": " not in line]


def revoke(shell: Shell, demo: Path) -> None:
    assert shell("issuer", "revoke", "1001", "--reason", "lost", "--agency", demo / "agency").code == 0


def code_of(shell: Shell, demo: Path) -> str:
    said = shell("verify", demo / "passes" / "accepted.png", "--store", demo / "till", "--json")
    return "revoked" if '"code": "revoked"' in said.out else "accepted" if '"code": "accepted"' in said.out else said.out


def test_a_list_that_has_no_compact_form_is_named_and_published_in_full(
    shell: Shell, demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socpass_vc.format.status.status_delta.MAX_CODED_BYTES", 0)
    command = ("issuer", "publish", demo / "site", "--compact", "--agency", demo / "agency")
    for lang in ("en", "ru"):
        said = shell(*command, "--passphrase-file", demo / "passphrase.txt", "--lang", lang)
        assert (
            said.code,
            text("cli.publish.not_compact", lang, numbers=[0]) in said.err,
            f"{demo / 'site' / 'status' / '0.cwt'}\n" in said.out,
        ) == (0, True, True)


def test_a_till_learns_of_a_revocation_from_a_delta_file(shell: Shell, demo: Path) -> None:
    # given
    revoke(shell, demo)
    written = publish(shell, demo, "--delta", "--compact")

    # when
    newest = max(path for path in written if path.suffix == ".delta")
    said = shell("sync", newest, "--store", demo / "till")

    # then
    assert (said.code, said.out) == (0, f"new  {newest}\n")
    assert code_of(shell, demo) == "revoked"
    said = shell("sync", demo / "site", "--store", demo / "till")
    assert said.code == 0
    assert [line for line in said.out.splitlines() if line.startswith("new  ")] == [f"new  {demo / 'site/status/catalogue.cwt'}"]


def test_a_till_takes_a_chain_of_deltas_named_in_any_order(shell: Shell, demo: Path) -> None:
    # given
    shutil.copytree(demo / "till", demo / "old")
    revoke(shell, demo)
    publish(shell, demo, "--delta")
    chain = sorted(path for path in publish(shell, demo, "--delta") if path.suffix == ".delta")

    # when
    said = shell("sync", *reversed(chain), "--store", demo / "till")

    # then
    assert (said.code, said.out.count("new  ")) == (0, 2)
    assert code_of(shell, demo) == "revoked"


def test_a_missing_link_says_to_get_the_full_list_in_both_languages(shell: Shell, demo: Path) -> None:
    # given
    publish(shell, demo, "--delta")
    newest = max(path for path in publish(shell, demo, "--delta") if path.suffix == ".delta")

    # then
    for lang in ("en", "ru"):
        said = shell("sync", newest, "--store", demo / "till", "--lang", lang)
        full_list = pattern("other_list_for_delta", lang)
        assert (said.code, "[base_missing]" in said.err, bool(full_list.search(said.err))) == (1, True, True)
    compact = next(path for path in publish(shell, demo, "--compact") if path.suffix == ".gaps")
    assert shell("sync", compact, "--store", demo / "till").out == f"new  {compact}\n"


def test_a_delta_that_is_not_good_is_refused_and_named(shell: Shell, demo: Path) -> None:
    # given
    newest = max(path for path in publish(shell, demo, "--delta") if path.suffix == ".delta")
    newest.write_bytes(newest.read_bytes()[:-1] + b"\xff")

    # then
    said = shell("sync", newest, "--store", demo / "till")
    assert (said.code, f"{newest}: [forged]" in said.err) == (1, True)


def test_only_the_deltas_asked_for_stay_on_the_site(shell: Shell, demo: Path) -> None:
    for _ in range(3):
        written = publish(shell, demo, "--delta", "--delta-last", 1)
    assert len(list((demo / "site" / "status").glob("*.delta"))) == 1
    assert [path.name for path in written][0::2] == ["0.cwt", "catalogue.cwt"]
    assert written[1].suffix == ".delta"


def test_where_nothing_was_published_before_there_is_no_bulletin_and_it_says_so(shell: Shell, demo: Path) -> None:
    # given
    shutil.rmtree(demo / "agency" / "published")

    # when
    said = shell(
        *("issuer", "publish", demo / "site", "--delta-qr", "--agency", demo / "agency"),
        *("--passphrase-file", demo / "passphrase.txt"),
    )

    # then
    assert (said.code, text("cli.publish.first_with_deltas") in said.out) == (0, True)
    assert not (demo / "site" / "bulletin").exists()


def test_a_wrong_catalogue_keeps_no_bulletin_back(shell: Shell, demo: Path) -> None:
    # given
    revoke(shell, demo)
    with (demo / "agency" / "catalogue.toml").open("a") as file:
        file.write("wrong\n")

    # when
    said = shell(
        *("issuer", "publish", demo / "site", "--delta-qr", "--agency", demo / "agency"),
        *("--passphrase-file", demo / "passphrase.txt"),
    )

    # then
    assert (said.code != 0, text("cli.publish.catalogue_wrong") in said.err) == (True, True)
    assert {path.suffix for path in (demo / "site" / "bulletin").iterdir()} == {".html", ".pdf"}


def rendered(pdf: Path, folder: Path) -> list[Path]:
    """Return the pages of a PDF as pictures."""
    pages = []
    with pypdfium2.PdfDocument(pdf) as document:
        for number in range(len(document)):
            pages.append(folder / f"page-{number}.png")
            document[number].render(scale=2).to_pil().save(pages[-1])
    return pages


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_printed_bulletin_brings_a_till_up_to_date_and_names_its_day(
    shell: Shell, demo: Path, tmp_path: Path, language: str
) -> None:
    # given
    title = text("cli.bulletin.title", language)
    revoke(shell, demo)
    page, pdf = (path for path in publish(shell, demo, "--delta-qr", "--lang", language) if path.parent.name == "bulletin")

    # then
    year, month, day, _ = page.stem.split("-")
    shown = f"{day}.{month}.{year}" if language == "ru" else f"{year}-{month}-{day}"
    assert f'<p class="day">{shown}</p>' in page.read_text(encoding="utf-8")
    assert title in page.read_text(encoding="utf-8")
    with pypdfium2.PdfDocument(pdf) as document:
        printed = document[0].get_textpage().get_text_range()
    assert title in printed
    assert shown in printed

    # when
    pages = rendered(pdf, tmp_path)
    said = shell("sync", *pages, "--store", demo / "till")

    # then
    assert (said.code, said.out) == (0, f"new  {pages[0]}\n")
    assert code_of(shell, demo) == "revoked"
    assert shell("sync", *pages, "--store", demo / "till").out == f"{text('cli.sync_outcome.same')}  {pages[0]}\n"


def test_a_bulletin_is_no_pass(shell: Shell, demo: Path, tmp_path: Path) -> None:
    (pdf,) = (path for path in publish(shell, demo, "--delta-qr") if path.suffix == ".pdf")
    (page,) = rendered(pdf, tmp_path)
    said = shell("verify", page, "--store", demo / "till", "--json")
    assert (said.code, '"code": "not_a_pass"' in said.out, text("bulletin_not_a_pass") in said.out) == (3, True, True)
    said = shell("sync", demo / "passes" / "accepted.png", "--store", demo / "till")
    assert (said.code, "[bad_source]" in said.err, text("cli.sync.no_status_changes") in said.err) == (1, True, True)


@pytest.mark.parametrize(("names", "printed"), [({"en": "市", "ru": "Город"}, "Город"), ({"en": "市"}, "RU-BA")])
def test_a_bulletin_is_printed_in_packaged_fonts_with_a_name_that_they_can_show(
    tmp_path: Path, names: dict[str, str], printed: str
) -> None:
    # given
    issuer = replace(world.issuer(), names=names)

    # when
    page, pdf = bulletin.write_bulletin(tmp_path, issuer, [day_of(1)])

    # then
    listed = subprocess.run(["pdffonts", pdf], check=True, capture_output=True).stdout.decode().splitlines()[2:]
    assert len(listed) == 2
    assert all("DejaVuSansCondensed" in line and " yes yes yes " in line for line in listed)
    with pypdfium2.PdfDocument(pdf) as document:
        assert f"· {printed}" in document[0].get_textpage().get_text_range()
    assert f"· {next(iter(names.values()))}" in page.read_text(encoding="utf-8")
    before = pdf.read_bytes()
    assert bulletin.write_bulletin(tmp_path, issuer, [day_of(1)])[1].read_bytes() == before


# --- A day of a large agency --------------------------------------------------------------------------------


def day_of(changes: int) -> bytes:
    """Return the delta of a day in which some passes of 2^20 were revoked."""
    draw = random.Random(changes)  # noqa: S311 -- no secret
    values = dict.fromkeys(draw.sample(range(DEFAULT_ENTRIES), changes), Status.INVALID)
    old = world.status_list(raw=pack({}, entries=DEFAULT_ENTRIES))
    new = world.status_list(issued_at=LATER, raw=pack(values, entries=DEFAULT_ENTRIES))
    return sign_delta(compare(world.STATUS_BASE, {0: old}, {0: new}), world.key("status"))


@pytest.fixture
def till(tmp_path: Path) -> Store:
    """Return a store with a list of 2^20 valid entries."""
    store = Store.create(tmp_path / "till", world.root().encode())
    store.offer(world.bundle())
    store.offer(world.status_token(world.status_list(raw=pack({}, entries=DEFAULT_ENTRIES))))
    return store


@pytest.mark.parametrize(("changes", "count", "version"), [(1, 1, 12), (1500, 2, 25), (4000, 2, 40)])
def test_codes_are_few_and_none_is_larger_than_it_must_be(changes: int, count: int, version: int) -> None:
    codes = codes_of(day_of(changes))
    assert len(codes) == count
    assert max(code.version for code in codes) <= version


def test_a_day_of_four_and_a_half_million_passes_is_two_of_the_largest_codes() -> None:
    # given 0.05 % of the entries of five lists, nine in ten of them revoked and the others suspended
    draw = random.Random(1)  # noqa: S311 -- no secret
    old, new = {}, {}
    for number in range(5):
        chosen = draw.sample(range(900_000), 450)
        values = dict.fromkeys(chosen, Status.INVALID) | dict.fromkeys(chosen[:45], Status.SUSPENDED)
        like = world.status_list(uri=f"{world.STATUS_BASE}{number}", raw=pack({}, entries=900_000))
        old[number], new[number] = like, replace(like, issued_at=LATER, raw=pack(values, entries=900_000))

    # when
    codes = codes_of(sign_delta(compare(world.STATUS_BASE, old, new), world.key("status")))

    # then
    assert [code.version <= 40 for code in codes] == [True, True]


def test_a_delta_of_more_than_64_kib_does_not_go_on_paper() -> None:
    with refused(CodeTooLarge, "cli.bulletin.too_many_bytes", most=armor.MAX_DELTA_BYTES):
        codes_of(bytes(armor.MAX_DELTA_BYTES + 1))


def test_codes_are_joined_from_several_pictures_in_any_order(shell: Shell, till: Store, tmp_path: Path) -> None:
    # given
    codes = codes_of(day_of(2000))
    assert len(codes) == 3
    pictures = []
    for number, code in enumerate(codes):
        pictures.append(tmp_path / f"photo-{number}.png")
        pictures[-1].write_bytes(code.png(scale=4))

    # then
    said = shell("sync", *pictures[1:], "--store", till.folder)
    assert (said.code, "[incomplete]" in said.err, text("parts_missing", count=3, missing=[1]) in said.err) == (1, True, True)
    said = shell("sync", *pictures[1:], "--store", till.folder, "--lang", "ru")
    assert text("parts_missing", "ru", count=3, missing=[1]) in said.err
    said = shell("sync", *reversed(pictures), "--store", till.folder)
    assert (said.code, said.out.count("new  ")) == (0, 1)
    found = Store.open(till.folder).get(world.STATUS_URI)
    assert found is not None
    assert (found.content.issued_at, len(list(found.content.set_entries()))) == (LATER, 2000)


def test_a_page_of_several_codes_is_read_from_its_pdf(shell: Shell, till: Store, tmp_path: Path) -> None:
    # given
    written = bulletin.write_bulletin(tmp_path, world.issuer(), [day_of(2000)])

    # when
    said = shell("sync", written[1], "--store", till.folder)

    # then
    assert (said.code, said.out.count("new  ")) == (0, 1)


def test_every_sheet_says_of_which_day_it_is(tmp_path: Path) -> None:
    # given
    _, pdf = bulletin.write_bulletin(tmp_path, world.issuer(), [day_of(4000)])

    # then
    with pypdfium2.PdfDocument(pdf) as document:
        sheets = [document[number].get_textpage().get_text_range() for number in range(len(document))]
    assert [pdf.stem[:10] in sheet for sheet in sheets] == [True, True]


def test_the_texts_of_the_codes_will_do(shell: Shell, till: Store, tmp_path: Path) -> None:
    # given
    frame = bytes((armor.DELTA,)) + day_of(500)
    texts = tmp_path / "scanned.txt"
    texts.write_text("\n".join(armor.write_armor(part) for part in armor.split_frame(frame, count=3)))

    # then
    assert shell("sync", texts, "--store", till.folder).out == f"new  {texts}\n"


def test_a_picture_without_a_code_is_named(shell: Shell, till: Store, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("nothing of the kind")
    said = shell("sync", tmp_path / "empty.txt", "--store", till.folder)
    assert (said.code, "[bad_source]" in said.err, "empty.txt" in said.err) == (1, True, True)


def test_the_day_of_a_bulletin_is_the_agencys(tmp_path: Path) -> None:
    # given a publication at 21:00 UTC, when the next day has begun in Ufa
    late = datetime.fromisoformat("2026-01-01T21:00:00+00:00")
    new = world.status_list({1: Status.INVALID}, issued_at=late)
    full = sign_delta(compare(world.STATUS_BASE, {}, {0: new}), world.key("status"))

    # when
    page = bulletin.write_bulletin(tmp_path, world.issuer(), [full])[0]

    # then
    assert page.name == "2026-01-02-020000.html"
    assert '<p class="day">2026-01-02</p>' in page.read_text(encoding="utf-8")
    assert text("cli.bulletin.the_beginning") in page.read_text(encoding="utf-8")
    assert new.expires_at - late > timedelta(days=1)
