"""A real PostgreSQL server of the tests' own: made in a temporary folder, on a loopback port, gone at the end."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from glob import glob
from itertools import count
from pathlib import Path

MISSING = "these tests need PostgreSQL's server programs: apt-get install postgresql (macOS: brew install postgresql)"
_databases = count()


def program(name: str) -> str:
    """Return the path of one of PostgreSQL's programs."""
    found = shutil.which(name) or max(glob(f"/usr/lib/postgresql/*/bin/{name}"), default=None)  # noqa: PTH207 -- Debian's place
    assert found is not None, MISSING
    return found


class Server:
    """A running server, in which each test gets a database of its own."""

    def __init__(self, folder: Path, port: int, *, durable: bool) -> None:
        self.folder = folder
        self.port = port
        self._fsync = "on" if durable else "off"

    def new_database(self) -> str:
        """Make an empty database, and return its URL."""
        name = f"register_{next(_databases)}"
        _run(self.folder, "createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "agency", name)
        return f"postgresql://agency@127.0.0.1:{self.port}/{name}"

    def stop(self) -> None:
        """Stop at once, as if the machine had failed."""
        _run(self.folder, "pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync={self._fsync}"
        log = str(self.folder / "log")
        _run(self.folder, "pg_ctl", "-D", str(self.folder / "data"), "-o", options, "-l", log, "-w", "start")


@contextmanager
def running_server(*, durable: bool = False) -> Iterator[Server]:
    """Run a server. Root may not run one, so it runs as ``nobody`` then.

    A durable one waits for the disk at each commit, as an agency's does.
    """
    with tempfile.TemporaryDirectory(prefix="socpass-postgres-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o777)
        _run(folder, "initdb", "-D", str(folder / "data"), "-U", "agency", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = Server(folder, port, durable=durable)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _run(folder: Path, name: str, *arguments: str) -> None:
    done = subprocess.run(
        [program(name), *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        user="nobody" if os.geteuid() == 0 else None,
    )
    assert done.returncode == 0, done.stdout.decode()
