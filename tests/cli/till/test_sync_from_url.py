"""``socpass sync URL``: a till kept fresh from published sites by real servers, good and bad ones."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from threading import Event

import pytest

import webserver
import world
from command import Shell
from publications import FEW, Publisher, write_trust
from said import before_facts, text
from socpass_vc.format.trust.bundle import read_bundle
from socpass_vc.messages import Message, Speaker
from socpass_vc.verifier.store.till_store import Store
from socpass_vc.verifier.sync import client
from socpass_vc.verifier.sync.validators import FILE_NAME
from webserver import HOST, Handler, Site, content_of, serving, speaking, status

NEW, SAME, MISSING = (text(f"cli.sync_outcome.{outcome}") for outcome in ("new", "same", "missing"))
REFUSED = text("connection.not_reached", through="", why=Message("network.refused"))
ELSEWHERE = Message("cli.next.redirect.to_another_host", host="cdn.example.ru")
AT = ("--at", "2026-01-02T12:00Z")


@pytest.fixture(autouse=True)
def _quick_and_direct(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(client, "ClientLimits", partial(client.ClientLimits, pause_seconds=0.01))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return the root of the made-up trust lists, as a person hands it out."""
    path = tmp_path / "1.root"
    path.write_bytes(world.root_token())
    return path


@pytest.fixture
def federation(tmp_path: Path) -> Iterator[tuple[Site, Publisher, Publisher, ExitStack]]:
    """Return the site of a trust list of two agencies, with the first one's files; the second's server ends with the stack."""
    for name in ("site", "mos"):
        (tmp_path / name).mkdir()
    with serving(tmp_path / "site") as site, ExitStack() as running:
        other = running.enter_context(serving(tmp_path / "mos"))
        first = Publisher("RU-BA", f"{site.url}status/", tmp_path / "site" / "status")
        second = Publisher("RU-MOS", f"{other.url}", tmp_path / "mos")
        first.publish(0, {})
        second.publish(0, {})
        write_trust(site.folder, first, second)
        yield site, first, second, running


def lines(text: str) -> list[str]:
    """Return the lines of an output without the ports, which differ from time to time."""
    return text.splitlines()


# --- A site that is as it should be -------------------------------------------------------------------------------


def test_a_new_till_syncs_from_a_copy_of_an_agencys_site_and_verifies(shell: Shell, demo_folder: Path) -> None:
    # given
    agency_root = demo_folder / "agency" / "roots" / "1.root"

    # when
    with serving(demo_folder / "site") as site:
        said = shell("sync", site.url, "--store", "till", "--root", agency_root)
        again = shell("sync", site.url, "--store", "till")

    # then
    names = ("trust.spt", "status/0.cwt", "status/catalogue.cwt")
    assert (said.code, said.err, lines(said.out)) == (0, "", [f"{NEW}  {site.url}{name}" for name in names])
    assert (again.code, lines(again.out)) == (0, [f"{SAME}  {site.url}{name}" for name in names])
    assert shell("verify", demo_folder / "passes" / "accepted.png", "--store", "till").code == 0


def test_a_server_that_marks_a_till_gets_back_the_mark_of_each_file_and_nothing_else_of_it(
    shell: Shell, demo_folder: Path
) -> None:
    # given
    agency_root = demo_folder / "agency" / "roots" / "1.root"
    mark = '"till-4711"'

    def marking(handler: Handler) -> None:
        handler.answer(200, handler.content(), ETag=mark, Set_Cookie="till=4711", Last_Modified="Thu, 01 Jan 2026 00:00:00 GMT")

    def asked(site: Site) -> list[dict[str, str]]:
        site.forget()
        assert shell("sync", site.url, "--store", "till", "--root", agency_root).code == 0
        return [headers for path, headers in site.asked if path == "/trust.spt"]

    with serving(demo_folder / "site") as site:
        site.faults["/trust.spt"] = [marking]
        everybodys = {"Host": f"{HOST}:{site.port}", "User-Agent": "socpass", "Accept-Encoding": "identity"}

        # then
        assert asked(site) == [everybodys]
        assert asked(site) == [everybodys | {"If-None-Match": mark}]
        Path("till", FILE_NAME).unlink()
        assert asked(site) == [everybodys]


def test_a_new_till_shows_the_fingerprint_that_a_site_offers_and_makes_nothing(shell: Shell, demo_folder: Path) -> None:
    with serving(demo_folder / "site") as site:
        fingerprint = read_bundle((demo_folder / "site" / "trust.spt").read_bytes()).roots[-1].fingerprint
        said = shell("sync", site.url, "--store", "till")
        assert (said.code, f"\n    {fingerprint}\n" in said.err) == (1, True)
        assert not Path("till").exists()
        assert shell("sync", site.url, "--store", "till", "--fingerprint", fingerprint).code == 0


def test_single_files_come_from_urls_too(
    shell: Shell, root: Path, federation: tuple[Site, Publisher, Publisher, ExitStack]
) -> None:
    # given
    site, first, _, _ = federation
    assert shell("sync", f"{site.url}trust.spt", f"{first.base}0.cwt", "--store", "till", "--root", root).code == 0
    first.publish(1, FEW, delta=True)
    delta = f"{first.base}{world.ISSUED_AT.timestamp():.0f}-0.delta"

    # then
    assert shell("sync", delta, "--store", "till").out == f"{NEW}  {delta}\n"
    said = shell("sync", f"{site.url}none.cwt", "--store", "till")
    assert (said.code, said.err) == (
        1,
        f"{MISSING}  {site.url}none.cwt: [not_found] {text('server.no_such_file', status=404)}\n",
    )


def test_a_folder_and_a_site_may_be_named_together(
    shell: Shell, root: Path, federation: tuple[Site, Publisher, Publisher, ExitStack], tmp_path: Path
) -> None:
    site, _, second, _ = federation
    shutil.copytree(second.folder, tmp_path / "stick" / "status")
    said = shell("sync", tmp_path / "stick", site.url, "--store", "till", "--root", root)
    assert (said.code, said.out.count(f"{NEW}  "), said.out.count(f"{SAME}  ")) == (0, 3, 1)


# --- Which issuers ------------------------------------------------------------------------------------------------


def test_one_issuers_files_are_taken_from_a_site_a_mirror_a_zip_and_deltas(
    shell: Shell, root: Path, federation: tuple[Site, Publisher, Publisher, ExitStack], tmp_path: Path
) -> None:
    # given
    site, first, second, _ = federation
    second.publish_catalogue()
    second.publish(1, FEW, delta=True)
    first.publish(1, FEW, delta=True)
    mirror = tmp_path / "mirror"
    for agency in (first, second):
        shutil.copytree(agency.folder, mirror / agency.id / "status")
    shutil.copy(site.folder / "trust.spt", mirror)
    with zipfile.ZipFile(tmp_path / "mirror.zip", "w") as archive:
        for path in mirror.rglob("*.*"):
            archive.write(path, path.relative_to(mirror))

    # then
    for number, source in enumerate((site.url, mirror, tmp_path / "mirror.zip")):
        said = shell("sync", source, "--store", str(number), "--root", root, "--issuer", "RU-MOS")
        assert said.code == 0
        lists = [found.content.uri for found in Store.open(Path(str(number))).status_lists()]
        assert lists == [f"{second.base}0"]
        assert len(list(Store.open(Path(str(number))).catalogues.all())) == 1
        assert "RU-BA" not in said.out
    said = shell("sync", mirror, "--store", "0", "--issuer", "RU-MOS", "--issuer", "RU-BA")
    assert (said.code, "RU-BA" in said.out) == (0, True)


def test_an_issuer_that_the_trust_list_does_not_name_is_an_error(
    shell: Shell, root: Path, federation: tuple[Site, Publisher, Publisher, ExitStack]
) -> None:
    site, *_ = federation
    words = text("trust_list_without_issuer", issuer="RU-X", known=["RU-BA", "RU-MOS"])
    for source in (site.url, site.folder):
        said = shell("sync", source, "--store", "till", "--root", root, "--issuer", "RU-X")
        assert (said.code, f"[bad_source]: {words}" in said.err) == (1, True)


def test_sources_that_hold_nothing_of_the_wanted_issuers_say_so(
    shell: Shell, root: Path, federation: tuple[Site, Publisher, Publisher, ExitStack]
) -> None:
    site, first, *_ = federation
    assert shell("sync", site.url, "--store", "till", "--root", root).code == 0
    said = shell("sync", first.folder / "0.cwt", "--store", "till", "--issuer", "RU-MOS")
    words = text("cli.sync.nothing_of_issuers", issuers=["RU-MOS"])
    assert (said.code, said.err.partition(" ")[2]) == (1, f"[bad_source]: {words}\n")


def test_a_file_that_is_none_is_refused_for_whatever_issuer(
    shell: Shell, root: Path, federation: tuple[Site, Publisher, Publisher, ExitStack]
) -> None:
    site, *_ = federation
    (site.folder / "status" / "1.cwt").write_bytes(b"rubbish")
    said = shell("sync", site.folder, "--store", "till", "--root", root, "--issuer", "RU-MOS")
    assert (said.code, "1.cwt: [malformed]" in said.err) == (1, True)


# --- A part is missing --------------------------------------------------------------------------------------------


def test_when_one_server_of_two_is_down_the_others_lists_are_kept_and_its_passes_verify_on_the_old_list(
    shell: Shell, root: Path, federation: tuple[Site, Publisher, Publisher, ExitStack]
) -> None:
    # given
    site, first, second, running = federation
    assert shell("sync", site.url, "--store", "till", "--root", root).code == 0
    first.publish(1, {world.INDEX: next(iter(FEW.values()))})
    running.close()

    # when
    said = shell("sync", site.url, "--store", "till")

    # then
    assert said.code == 1
    assert lines(said.out) == [f"{SAME}  {site.url}trust.spt", f"{NEW}  {first.base}0.cwt"]
    assert said.err == f"{MISSING}  {second.base}0.cwt: [unreachable] {REFUSED}\n"
    assert shell("verify", second.text(), "--store", "till", *AT).code == 0
    assert shell("verify", first.text(), "--store", "till", *AT).code == 1


def test_what_became_of_each_file_is_said_as_json(
    shell: Shell, root: Path, federation: tuple[Site, Publisher, Publisher, ExitStack]
) -> None:
    # given
    site, first, second, running = federation
    shell("sync", site.url, "--store", "till", "--root", root)
    site.faults["/status/0.cwt"] = [content_of(b"\xd2rubbish")]
    running.close()

    # when
    said = shell("sync", site.url, "--store", "till", "--json")

    # then
    trust, refused, missing = map(json.loads, lines(said.out))
    assert (said.code, said.err) == (1, "")
    assert trust == {"name": f"{site.url}trust.spt", "outcome": "same"}
    assert refused.pop("message")
    assert refused == {"name": f"{first.base}0.cwt", "outcome": "refused", "issuer": "RU-BA", "code": "malformed"}
    assert missing == {
        "name": f"{second.base}0.cwt",
        "outcome": "missing",
        "issuer": "RU-MOS",
        "code": "unreachable",
        "message": f"{second.base}0.cwt: {REFUSED}",
    }


# --- Servers that are not as they should be -----------------------------------------------------------------------

TOO_LARGE = Message("file_too_large", longest=8_454_144)
FAULTS: dict[str, tuple[webserver.Fault, str, Message | None]] = {
    "truncated": (webserver.truncated, "unreachable", None),
    "stalled": (webserver.stalled, "unreachable", None),
    "dripping": (webserver.dripping, "unreachable", Message("took_too_long", seconds=3)),
    "endless": (webserver.endless, "bad_source", TOO_LARGE),
    "chunked": (webserver.endless_in_chunks, "bad_source", TOO_LARGE),
    "500": (status(500), "unreachable", Message("server.cannot_answer_now", status=500)),
    "bomb": (content_of(bytes(100), Content_Encoding="gzip"), "bad_source", Message("server.packed_file", encoding="gzip")),
    "page": (content_of(b"<html>"), "bad_source", Message("server.web_page")),
    "loop": (status(302, Location="/status/0.cwt"), "redirect_refused", Message("redirect.too_many", most=5)),
    "elsewhere": (status(302, Location="http://cdn.example.ru/"), "redirect_refused", ELSEWHERE),
    "forbidden": (status(401), "bad_source", Message("server.refuses", status=401)),
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_fault_of_a_server_is_named_costs_a_bounded_time_and_leaves_what_is_there(
    shell: Shell,
    root: Path,
    federation: tuple[Site, Publisher, Publisher, ExitStack],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    language: str,
) -> None:
    # given
    site, first, second, _ = federation
    assert shell("sync", site.url, "--store", "till", "--root", root).code == 0
    fault, code, wanted = FAULTS[name]
    first.publish(1, FEW)
    second.publish(1, FEW)
    site.faults["/status/0.cwt"] = [fault]
    if name in {"stalled", "dripping"}:
        monkeypatch.setattr(client, "ClientLimits", partial(client.ClientLimits, silence_seconds=1, file_seconds=3))

    # when
    said = shell("sync", site.url, "--store", "till", "--lang", language)

    # then
    assert (said.code, said.out.count(f"{second.base}0.cwt")) == (1, 1)
    begins = f"{text('cli.sync_outcome.missing', language)}  {first.base}0.cwt: [{code}] "
    assert said.err.startswith(begins)
    assert wanted is None or wanted.said_by(Speaker(language)) in said.err
    assert language == "en" or any("а" <= letter <= "я" for letter in said.err.removeprefix(begins))
    assert len(lines(said.err)) == 1
    till = Store.open(Path("till"))
    assert {found.content.uri: (found.content.issued_at - world.ISSUED_AT).days for found in till.status_lists()} == {
        f"{first.base}0": 0,
        f"{second.base}0": 1,
    }


def test_a_new_till_whose_server_is_not_there_makes_nothing(shell: Shell, root: Path) -> None:
    said = shell("sync", f"http://{HOST}:{webserver.free_port()}/", "--store", "till", "--root", root)
    assert (said.code, "[unreachable]" in said.err, REFUSED in said.err) == (1, True, True)
    assert not Path("till").exists()


@pytest.mark.parametrize("said_first", [b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 5_000, b""])
def test_a_new_till_whose_server_speaks_no_http_makes_nothing(shell: Shell, root: Path, said_first: bytes) -> None:
    with speaking(lambda connected: connected.sendall(said_first)) as url:
        said = shell("sync", url, "--store", "till", "--root", root)
    assert (said.code, "[unreachable]" in said.err) == (1, True)
    assert not Path("till").exists()


@pytest.mark.parametrize(
    "url", ["https://", "https://anna:secret@pass.example.ru/", "https://pass.example.ru:port/", "gopher://pass.example.ru/"]
)
def test_what_is_no_url_is_said_without_its_password(shell: Shell, root: Path, url: str) -> None:
    said = shell("sync", url, "--store", "till", "--root", root)
    assert (said.code, "[bad_source]" in said.err, "secret" in said.err) == (1, True, False)


def test_a_certificate_that_nobody_vouches_for_is_said_with_what_to_do(
    shell: Shell, root: Path, federation: tuple[Site, Publisher, Publisher, ExitStack], tmp_path: Path
) -> None:
    site, *_ = federation
    _, tls = webserver.make_certificate(tmp_path)
    with serving(site.folder, tls=tls) as secure:
        said = shell("sync", secure.url, "--store", "till", "--root", root)
        assert (said.code, "[bad_certificate]" in said.err, "SSL_CERT_FILE" in said.err) == (1, True, True)
        said = shell("sync", secure.url, "--store", "till", "--root", root, "--lang", "ru")
        assert before_facts("certificate_not_accepted", "ru") in said.err


def test_another_host_is_followed_where_it_is_named(
    shell: Shell, root: Path, federation: tuple[Site, Publisher, Publisher, ExitStack]
) -> None:
    # given
    site, _, second, _ = federation
    shutil.copy(site.folder / "status" / "0.cwt", second.folder / "copy.cwt")
    site.faults["/status/0.cwt"] = [status(302, Location=f"{second.base}copy.cwt")]
    host = second.base.split("/")[2]

    # then
    assert shell("sync", site.url, "--store", "till", "--root", root).code == 1
    assert shell("sync", site.url, "--store", "till", "--root", root, "--allow-redirect", host).code == 0


# --- At a terminal, and interrupted -------------------------------------------------------------------------------


def start(*arguments: object, stderr: int | None = None) -> subprocess.Popen[bytes]:
    """Start the command as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "socpass_cli", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if stderr is None else stderr,
        env=os.environ | {"NO_COLOR": "1"},
    )


def test_how_far_it_is_is_shown_after_two_seconds_to_whoever_looks(
    root: Path, federation: tuple[Site, Publisher, Publisher, ExitStack], tmp_path: Path
) -> None:
    # given
    site, *_ = federation

    def is_slow(handler: webserver.Handler) -> None:
        time.sleep(3.5)
        webserver.serve(handler)

    site.faults["/status/0.cwt"] = [is_slow]
    ours, theirs = pty.openpty()

    # when
    process = start("sync", site.url, "--store", tmp_path / "till", "--root", root, stderr=theirs)
    out, _ = process.communicate(timeout=60)
    os.close(theirs)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)

    # then
    assert (process.returncode, out.count(f"{NEW}  ".encode())) == (0, 3)
    assert text("cli.sync.progress", count=1, kilobytes=1, seconds=2).partition(",")[0] in shown
    assert shown.endswith("\r\x1b[K")


def test_an_interrupted_sync_leaves_a_whole_store_and_goes_on_the_next_time(
    shell: Shell, root: Path, federation: tuple[Site, Publisher, Publisher, ExitStack]
) -> None:
    # given
    site, first, second, _ = federation
    assert shell("sync", site.url, "--store", "till", "--root", root).code == 0
    first.publish(1, FEW, {})
    second.publish(1, FEW)
    waiting = Event()

    def waits(handler: webserver.Handler) -> None:
        waiting.set()
        webserver.stalled(handler)

    site.faults["/status/1.cwt"] = [waits]

    # when
    process = start("sync", site.url, "--store", "till")
    assert waiting.wait(30)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)

    # then
    assert (process.returncode, b"Traceback" in err, out.count(f"{NEW}  ".encode())) == (130, False, 2)
    assert shell("verify", second.text(), "--store", "till", *AT).code == 0
    site.faults.clear()
    said = shell("sync", site.url, "--store", "till")
    assert (said.code, f"{SAME}  {first.base}0.cwt" in said.out, f"{NEW}  {first.base}1.cwt" in said.out) == (0, True, True)
    assert f"{SAME}  {second.base}0.cwt" in said.out


def test_neither_verifying_nor_syncing_from_a_folder_loads_a_network_client(
    root: Path, federation: tuple[Site, Publisher, Publisher, ExitStack], tmp_path: Path
) -> None:
    # given
    site, first, *_ = federation
    program = (
        "import sys; from socpass_cli.main import run\n"
        "try: run(sys.argv[1:])\n"
        "except SystemExit as left: print(left.code, *sorted({'urllib3', 'ssl', 'http.client'} & set(sys.modules)))"
    )

    def loaded(*arguments: object) -> str:
        ran = subprocess.run([sys.executable, "-c", program, *map(str, arguments)], capture_output=True, text=True, check=True)
        return ran.stdout.splitlines()[-1]

    # then
    till = tmp_path / "till"
    assert loaded("sync", site.folder, "--store", till, "--root", root) == "0"
    assert loaded("verify", first.text(), "--store", till, *AT) == "0"
    assert loaded("sync", site.url, "--store", till) == "0 http.client ssl urllib3"
