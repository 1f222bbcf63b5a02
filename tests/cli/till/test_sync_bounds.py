"""``socpass sync`` of whatever bytes: in so much memory and processor time, and no more."""

import os
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

import world
from socpass_vc.format import cbor, cose
from socpass_vc.format.status import status_delta, status_list
from socpass_vc.verifier.store.till_store import Store

MAX_MEMORY_BYTES = 150 * 2**20
MAX_SECONDS = 10
BOUNDED = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_DATA, ({MAX_MEMORY_BYTES}, {MAX_MEMORY_BYTES}))
resource.setrlimit(resource.RLIMIT_CPU, ({MAX_SECONDS}, {MAX_SECONDS}))
from socpass_cli.main import run
run(sys.argv[1:])
"""
LIST_TYP = "application/socpass-trust-list+cbor"


def maps(size: int) -> bytes:
    """Return an array of maps of one entry, an empty map: of so many bytes, and a hundred times as many in memory."""
    return cbor.head(0x80, size // 3) + b"\xa1\x00\xa0" * (size // 3)


def signed(payload: bytes, *, by: str = "status", typ: str = status_list.TYP) -> bytes:
    """Return a token over any payload."""
    return cose.sign1(payload, world.key(by), typ=typ)


def listed(number: int, stream: bytes) -> bytes:
    """Return the payload of a list of eight bits."""
    return cbor.encode(
        {
            2: f"{world.STATUS_BASE}{number}",
            4: int(world.ISSUED_AT.timestamp()) + 86_400,
            6: int(world.ISSUED_AT.timestamp()),
            65533: {"lst": stream, "bits": 8},
            65534: 86_400,
        }
    )


def trust_of(payload: bytes) -> bytes:
    """Return a bundle around any payload of a list."""
    token = cose.sign_by_many(payload, [world.key("root")], typ=LIST_TYP)
    return cbor.encode(["socpass-trust", [world.root_token()], token])


ZEROS = zlib.compress(bytes(2**25))
MEGABYTES = 4 * 2**20 - 4_096
HOSTILE: dict[str, Callable[[], bytes]] = {
    "0.cwt": lambda: signed(maps(8_000_000), by="stranger"),
    "1.cwt": lambda: signed(maps(8_000_000)),
    "2.cwt": lambda: signed(listed(2, ZEROS), by="stranger"),
    "3.cwt": lambda: signed(listed(3, ZEROS)),
    "4.cwt": lambda: signed(listed(4, zlib.compress(os.urandom(2**23 - 8_192), 0))),
    "5.cwt": lambda: maps(2**23),
    "6.cwt": lambda: b"\x5b" + b"\xff" * 8 + bytes(2**23),
    "1-0.delta": lambda: signed(maps(4_000_000), typ=status_delta.TYP),
    "a.spt": lambda: cbor.encode(["socpass-trust", [maps(MEGABYTES)], b""]),
    "b.spt": lambda: cbor.encode(["socpass-trust", [b"\xd8\x62" + maps(MEGABYTES)], b""]),
    "c.spt": lambda: trust_of(b"\xa1\x18\x40" + maps(MEGABYTES - 8_192)),
    "d.spt": lambda: trust_of(b"\xa1\x18\x40" + maps(2**19 - 8)),
    "e.spt": lambda: cbor.encode(["socpass-trust"])[:-14] + b"\x83\x6dsocpass-trust" + maps(MEGABYTES),
}


@pytest.fixture
def till(tmp_path: Path) -> Path:
    store = Store.create(tmp_path / "till", world.root().encode())
    store.offer(world.bundle(world.trust_list(world.publisher())))
    return store.folder


def sync(till: Path, source: Path) -> tuple[int, str]:
    """Return how a sync ended that had so much memory and time, and what it said."""
    ended = subprocess.run(
        [sys.executable, "-c", BOUNDED, "sync", str(source), "--store", str(till)], capture_output=True, text=True, check=False
    )
    return ended.returncode, ended.stdout + ended.stderr


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts what a process allocates")


def test_a_folder_of_whatever_files_is_read_in_little_memory(till: Path, tmp_path: Path) -> None:
    # given
    source = tmp_path / "source"
    source.mkdir()
    for name, make in HOSTILE.items():
        (source / name).write_bytes(make())

    # when
    code, said = sync(till, source)

    # then each is taken or refused by its name
    assert code == 1, said
    assert all(name in said for name in HOSTILE), said
    assert Store.open(till).get(f"{world.STATUS_BASE}3") is not None


def test_a_zip_of_kilobytes_is_unpacked_in_little_memory(till: Path, tmp_path: Path) -> None:
    # given
    source = tmp_path / "source.zip"
    with zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("0.cwt", "1.cwt", "5.cwt"):
            archive.writestr(f"status/{name}", HOSTILE[name]())
    assert source.stat().st_size < 30_000

    # when
    code, said = sync(till, source)

    # then
    assert code == 1
    assert all(name in said for name in ("0.cwt", "1.cwt", "5.cwt")), said


def test_a_zip_of_many_bombs_is_given_up_when_the_source_has_had_its_bytes(till: Path, tmp_path: Path) -> None:
    # given members of a gigabyte by what the zip says, and thousands that are as long as a list may be
    source = tmp_path / "source.zip"
    with zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("huge.cwt", "w") as member:
            for _ in range(64):
                member.write(bytes(2**20))
        content = bytes(status_list.MAX_TOKEN_BYTES)
        for number in range(40):
            archive.writestr(f"{number}.cwt", content)

    # when
    code, said = sync(till, source)

    # then
    assert code == 1
    assert said.count("\n") == 41, said
