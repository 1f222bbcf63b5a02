"""docs/guides/tills.md: its commands, typed as printed, against a real site with TLS behind a proxy."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import webserver
from said import text
from webserver import HOST, serving, speaking

NEW, SAME = text("cli.sync_outcome.new"), text("cli.sync_outcome.same")

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "tills.md"


def blocks(language: str) -> list[str]:
    """Return the blocks of the guide that are in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def test_the_guides_commands_and_its_program_work_as_printed(demo_folder: Path, tmp_path: Path) -> None:
    # given: the site that the guide names, at the end of the proxy that the machine is set to
    shutil.copytree(demo_folder / "site", tmp_path / "site")
    shutil.copy(demo_folder / "agency" / "roots" / "1.root", tmp_path)
    shutil.copy(demo_folder / "passes" / "accepted.png", tmp_path / "pass.png")
    certificate, tls = webserver.make_certificate(tmp_path, name="pass.example.ru")
    asked: set[bytes] = set()

    def tunnel(connected: socket.socket) -> None:
        asked.add(connected.recv(65_536).split()[1])
        with socket.create_connection((HOST, site.port)) as onward:
            connected.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            webserver.relay(connected, onward)

    program = tmp_path / "program.py"
    program.write_text("\n".join(blocks("python")), encoding="utf-8")
    script = "set -e\n" + "\n".join([*blocks("sh"), f"{sys.executable} program.py"])
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SOCPASS_") and "proxy" not in name.lower()}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

    # when
    with serving(tmp_path / "site", tls=tls) as site, speaking(tunnel) as proxy:
        environment = clean | {"PATH": path, "LC_ALL": "C.UTF-8", "HTTPS_PROXY": proxy, "SSL_CERT_FILE": str(certificate)}
        done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    # then
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert asked == {b"pass.example.ru:443"}
    names = ("trust.spt", "status/0.cwt", "status/catalogue.cwt")
    for line in (
        *(f"{NEW}  https://pass.example.ru/{name}" for name in names),
        *(f"{SAME}  https://pass.example.ru/{name}" for name in names),
        *(f"same https://pass.example.ru/{name} " for name in names),
        '{"name": "https://pass.example.ru/trust.spt", "outcome": "same"}',
        *(f"{SAME}  site/{name}" for name in names),
        f"{SAME}  mirror/RU-DEMO/status/0.cwt",
    ):
        assert f"{line}\n" in done.stdout
    assert text("verdict.colour.accepted") in done.stdout
