"""``socpass sync`` and ``socpass store``: what a till takes, what it refuses, what it shows."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from command import Shell
from said import before_facts, text
from socpass_cli.sync import local
from socpass_vc.format.trust.bundle import read_bundle
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.publication.publish import publish

NEW, SAME = text("cli.sync_outcome.new"), text("cli.sync_outcome.same")


@pytest.fixture
def site(demo_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo_folder / "site", tmp_path / "site"))


@pytest.fixture
def root(demo_folder: Path) -> Path:
    return demo_folder / "agency" / "roots" / "1.root"


def fingerprint(site: Path) -> str:
    return read_bundle((site / "trust.spt").read_bytes()).roots[-1].fingerprint


def test_a_new_till_asks_for_a_root_shows_the_fingerprint_and_makes_nothing(shell: Shell, site: Path, tmp_path: Path) -> None:
    said = shell("sync", site, "--store", tmp_path / "till")
    assert (said.code, f"\n    {fingerprint(site)}\n" in said.err, "--fingerprint" in said.err) == (1, True, True)
    assert "\N{REPLACEMENT CHARACTER}" not in said.err
    assert not (tmp_path / "till").exists()


def test_a_confirmed_root_from_a_file_makes_a_store(shell: Shell, site: Path, root: Path, tmp_path: Path) -> None:
    said = shell("sync", site, "--store", tmp_path / "till", "--root", root)
    assert (said.code, said.out.count(f"{NEW}  ")) == (0, 3)
    said = shell("sync", site, "--store", tmp_path / "till")
    assert (said.code, said.out.count(f"{SAME}  ")) == (0, 3)


def test_a_fingerprint_counts_however_it_is_grouped(shell: Shell, site: Path, tmp_path: Path) -> None:
    for number, form in enumerate(
        (fingerprint(site), fingerprint(site).replace(" ", "").upper(), fingerprint(site).replace(" ", ":"))
    ):
        assert shell("sync", site, "--store", tmp_path / str(number), "--fingerprint", form).code == 0


@pytest.mark.parametrize("wrong", ["", "00", "0" * 64])
def test_a_wrong_fingerprint_makes_nothing(shell: Shell, site: Path, tmp_path: Path, wrong: str) -> None:
    said = shell("sync", site, "--store", tmp_path / "till", "--fingerprint", wrong)
    assert (said.code, f"[untrusted_root]: {site}/trust.spt: " in said.err) == (1, True)
    assert not (tmp_path / "till").exists()


def test_a_root_that_did_not_sign_the_bundle_makes_nothing(shell: Shell, site: Path, tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("x\n")
    assert shell("root", "init", tmp_path / "other", "--keys", "1", "--passphrase-file", tmp_path / "pw").code == 0
    said = shell("sync", site, "--store", tmp_path / "till", "--root", tmp_path / "other" / "roots" / "1.root")
    assert (said.code, f"[untrusted_root]: {site}/trust.spt: " in said.err) == (1, True)
    assert not (tmp_path / "till").exists()


def test_a_store_does_not_change_its_root(shell: Shell, site: Path, root: Path, tmp_path: Path) -> None:
    shell("sync", site, "--store", tmp_path / "till", "--root", root)
    assert shell("sync", site, "--store", tmp_path / "till", "--root", root).code == 0
    said = shell("sync", site, "--store", tmp_path / "till", "--fingerprint", "00")
    words = text("cli.sync.another_root", fingerprint=fingerprint(site))
    assert (said.code, f"{Path(tmp_path, 'till')}: {words}" in said.err) == (1, True)


def test_a_zip_and_single_files_are_taken_too(shell: Shell, site: Path, root: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "site.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in site.rglob("*.*"):
            archive.write(path, path.relative_to(site))
        archive.writestr("../../evil.txt", "nothing of this is unpacked")
    assert shell("sync", tmp_path / "site.zip", "--store", tmp_path / "a", "--root", root).code == 0
    assert shell("sync", site / "trust.spt", "--store", tmp_path / "b", "--root", root).code == 0
    assert shell("sync", site / "status" / "0.cwt", "--store", tmp_path / "b").code == 0
    assert not (tmp_path.parent.parent / "evil.txt").exists()


def test_a_good_file_is_kept_though_another_is_refused(shell: Shell, site: Path, root: Path, tmp_path: Path) -> None:
    damaged = bytearray((site / "status" / "0.cwt").read_bytes())
    damaged[-1] ^= 1
    (site / "status" / "1.cwt").write_bytes(damaged)
    said = shell("sync", site, "--store", tmp_path / "till", "--root", root)
    assert said.code == 1
    assert f"{text('cli.sync_outcome.refused')}  " in said.err
    assert "[forged]" in said.err
    assert said.out.count(f"{NEW}  ") == 3


def test_an_older_site_is_refused(shell: Shell, demo_folder: Path, site: Path, root: Path, tmp_path: Path) -> None:
    agency = Path(shutil.copytree(demo_folder / "agency", tmp_path / "agency"))
    passphrase = demo_folder / "passphrase.txt"
    assert shell("issuer", "publish", tmp_path / "newer", "--agency", agency, "--passphrase-file", passphrase).code == 0
    assert shell("sync", tmp_path / "newer", "--store", tmp_path / "till", "--root", root).code == 0
    said = shell("sync", site, "--store", tmp_path / "till")
    assert (said.code, "[rolled_back]" in said.err) == (1, True)


@pytest.mark.parametrize(
    ("name", "content", "said_part"),
    [
        ("nowhere", None, f"nowhere: {text('cannot_be_read', why=text('system.no_such_file'))}"),
        (".", None, text("cli.sync.nothing_there")),
        ("a.dat", b"x", f"a.dat: {text('cli.sync.no_source', endings=['.spt', '.cwt', '.gaps', '.delta'])}"),
        ("a.txt", b"x", f"a.txt: {text('cli.sync.no_status_changes')}"),
        ("a.zip", b"PK\x05\x06" + bytes(18), text("cli.sync.nothing_there")),
        ("trust.spt", b"rubbish", "[malformed]"),
        ("0.cwt", b"rubbish", text("cli.sync.no_bundle")),
        ("https://pass.example.ru/site.zip", None, text("cli.sync.zip_at_url")),
        ("ftp://pass.example.ru/", None, text("url.scheme")),
        ("https://anna:pw@pass.example.ru/", None, f"https://…@pass.example.ru/: {text('url.password')}"),
    ],
)
def test_a_source_that_is_none_says_so_and_makes_nothing(
    shell: Shell, root: Path, tmp_path: Path, name: str, content: bytes | None, said_part: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    said = shell("sync", name, "--store", "till", "--root", root)
    assert (said.code, said_part in said.err) == (1, True)
    assert not (tmp_path / "till").exists()


def test_a_zip_whose_member_is_a_bomb_or_damaged_is_refused(shell: Shell, root: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("trust.spt", b"\0" * 10_000_000)
    said = shell("sync", tmp_path / "bomb.zip", "--store", tmp_path / "till", "--root", root)
    assert (said.code, text("file_too_large", longest=6 * 2**20) in said.err) == (1, True)
    with zipfile.ZipFile(tmp_path / "many.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(local.MAX_FILES + 1):
            archive.writestr(f"{number}.cwt", b"")
    said = shell("sync", tmp_path / "many.zip", "--store", tmp_path / "till", "--root", root)
    assert (said.code, text("cli.sync.too_many_files", most=10_000) in said.err) == (1, True)
    with zipfile.ZipFile(tmp_path / "odd.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("trust.spt", b"x")
    said = shell("sync", tmp_path / "odd.zip", "--store", tmp_path / "till", "--root", root)
    assert (said.code, text("cli.sync.packed_otherwise") in said.err) == (1, True)
    with zipfile.ZipFile(tmp_path / "names.zip", "w") as archive:
        for number in range(140):
            archive.writestr(f"{number}{'x' * 60_000}", b"")  # names alone: of each, Python makes an object ten times as large
    said = shell("sync", tmp_path / "names.zip", "--store", tmp_path / "till", "--root", root)
    assert (said.code, text("cli.sync.too_many_members", limit_bytes=8 * 2**20) in said.err) == (1, True)
    with zipfile.ZipFile(tmp_path / "small.zip", "w", zipfile.ZIP_DEFLATED) as archive:  # the bomb is refused for its size alone
        archive.writestr("trust.spt", bytes(range(256)) * 4)
    content = bytearray((tmp_path / "small.zip").read_bytes())
    content[60:80] = b"\xff" * 20
    (tmp_path / "bad.zip").write_bytes(content)
    said = shell("sync", tmp_path / "bad.zip", "--store", tmp_path / "till", "--root", root)
    assert (said.code, before_facts("cli.sync.bad_zip") in said.err) == (1, True)


def test_one_source_holds_so_many_bytes_and_no_more(
    shell: Shell, site: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = (site / "trust.spt").stat().st_size
    monkeypatch.setattr(local, "MAX_SOURCE_BYTES", 2 * bundle)  # the bundle is read for its root, then offered
    said = shell("sync", site, "--store", tmp_path / "till", "--root", root)
    assert (said.code, said.out.count(f"{NEW}  ")) == (1, 1)
    assert text("too_many_bytes_in_all", limit_bytes=2 * bundle) in said.err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are of Unix")
def test_a_pipe_is_no_source(shell: Shell, root: Path, tmp_path: Path) -> None:
    for name in ("pipe", "trust.spt"):
        os.mkfifo(tmp_path / name)
        said = shell("sync", tmp_path / name, "--store", tmp_path / "till", "--root", root)
        assert (said.code, text("not_a_regular_file") in said.err) == (1, True)
    assert shell("sync", "", "--store", tmp_path / "till").code == 2


def test_a_list_that_is_signed_in_the_future_is_refused_and_does_not_stop_the_till(
    shell: Shell, demo_folder: Path, root: Path, tmp_path: Path
) -> None:
    agency = Agency.open(Path(shutil.copytree(demo_folder / "agency", tmp_path / "agency")))
    passphrase = (demo_folder / "passphrase.txt").read_text().strip()
    ahead = datetime.now(UTC) + timedelta(days=20)
    with agency.register() as register:
        publish(agency, register, tmp_path / "ahead", passphrase, now=ahead, actor="test")
    assert shell("sync", demo_folder / "site", "--store", "till", "--root", root).code == 0
    said = shell("sync", tmp_path / "ahead", "--store", "till")
    assert (said.code, "[not_yet_valid]" in said.err) == (1, True)
    assert shell("verify", demo_folder / "passes" / "accepted.png", "--store", "till").code == 0


def test_the_store_shows_root_issuers_keys_and_lists(shell: Shell, demo_folder: Path) -> None:
    for lang, name in (("en", "Ministry of Social Examples"), ("ru", "Министерство социальных примеров")):
        said = shell("store", "--store", demo_folder / "till", "--lang", lang)
        uses = [text(f"cli.key_use.{use}", lang) for use in ("pass", "status", "catalogue")]
        parts = (
            fingerprint(demo_folder / "site"),
            f"RU-DEMO: {name}; ",
            f"({uses[0]})",
            f"({uses[1]}, {uses[2]})",
            "/status/0: ",
            "/status/catalogue: 25 ",
        )
        assert [part for part in parts if part not in said.out] == []
        assert said.code == 0


def test_the_store_as_json_is_as_documented(shell: Shell, demo_folder: Path) -> None:
    found = json.loads(shell("store", "--store", demo_folder / "till", "--json").out)
    whole = {"store", "checked_at", "state", "warnings", "alarms", "clock_floor", "settings", "root", "trust_list", "issuers"}
    assert found.keys() == whole | {"status_lists", "catalogues"}
    assert (found["state"], found["warnings"], found["alarms"]) == ("fresh", [], [])
    assert found["status_lists"][0]["entries"] == 2**20
    assert {tuple(key["uses"]) for key in found["issuers"][0]["keys"]} == {("pass",), ("status", "catalogue"), ("checkpoints",)}
    assert found["catalogues"][0].keys() == {
        "uri",
        "issuer",
        "freshness",
        "key_id",
        "issued_at",
        "expires_at",
        "categories",
        "measures",
    }
    assert (found["catalogues"][0]["categories"], found["catalogues"][0]["measures"]) == (48, 25)


def test_no_store_is_said_with_what_to_do(shell: Shell, tmp_path: Path) -> None:
    for lang in ("en", "ru"):
        said = shell("store", "--store", tmp_path / "nowhere", "--lang", lang)
        words = (text("no_store_here", lang), text("cli.next.no_store_here", lang))
        assert (said.code, [word for word in words if word not in said.err]) == (1, [])
