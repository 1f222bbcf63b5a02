"""``socpass sync`` killed at any moment: the till has the old files or the new ones, decides with them, and syncs again.

SOCPASS_SURVIVAL_SYNCS says how many are killed; ``make survival`` kills 200.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

import world
from command import Shell
from socpass_vc.errors import Revoked
from socpass_vc.format.credential.claims import StatusReference
from socpass_vc.format.status.status_list import Status, pack
from socpass_vc.format.trust.issuers import Use
from socpass_vc.verifier.store.till_store import Store

KILLS = int(os.environ.get("SOCPASS_SURVIVAL_SYNCS", "40"))
LISTS = 6
ENTRIES = 2**20
NOW = datetime.now(UTC).replace(microsecond=0)
LOST = 77
"""Index of the pass that is valid in the old lists and revoked in the new ones."""

Files = dict[str, bytes]


def publish(site: Path, version: int, hours_ago: int, *, revoked: bool) -> Path:
    """Write a site: a bundle, lists, and a catalogue."""
    at = NOW - hours_ago * world.DAY / 24
    always = {"sign_from": NOW - 400 * world.DAY, "sign_until": NOW + 400 * world.DAY}
    keys = [
        world.issuer_key(name, use, **always)
        for name, use in (("pass", Use.PASS), ("status", Use.STATUS), ("catalogue", Use.CATALOGUE))
    ]
    listed = world.trust_list(
        world.issuer(*keys), version=version, issued_at=at, next_update_at=NOW + 30 * world.DAY, expires_at=NOW + 90 * world.DAY
    )
    (site / "status").mkdir(parents=True)
    (site / "trust.spt").write_bytes(world.bundle(listed))
    raw = pack({LOST: Status.INVALID} if revoked else {}, entries=ENTRIES)
    for number in range(LISTS):
        made = world.status_list(uri=f"{world.STATUS_BASE}{number}", issued_at=at, expires_at=at + 14 * world.DAY, raw=raw)
        (site / "status" / f"{number}.cwt").write_bytes(world.status_token(made))
    catalogue = world.catalogue(issued_at=at, expires_at=at + 14 * world.DAY)
    (site / "status" / "catalogue.cwt").write_bytes(world.catalogue_token(catalogue))
    return site


def files(till: Path) -> Files:
    """Return what verdicts rest on."""
    paths = [till / "root.cbor", till / "trust.spt", *(till / "status").glob("*.cwt"), *(till / "catalogue").glob("*.cwt")]
    return {str(path.relative_to(till)): path.read_bytes() for path in paths}


def start(site: Path, till: Path) -> subprocess.Popen[bytes]:
    """Start ``socpass sync`` as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "socpass_cli", "sync", str(site), "--store", str(till)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kill_at_random(site: Path, till: Path, dice: random.Random, *, from_first_write: bool, within: float) -> int:
    """Start a sync and kill it, some time after its start or after it began to write; return how it ended."""
    (till / "lock").unlink()
    process = start(site, till)
    while from_first_write and not (till / "lock").exists() and process.poll() is None:
        time.sleep(0.0005)
    time.sleep(dice.uniform(0, within))
    process.kill()
    return process.wait()


def decide(till: Path, list_number: int) -> str:
    """Return what the till says of the pass that is revoked in the new lists."""
    store = Store.open(till)
    claims = world.claims(
        issued_at=NOW - 30 * world.DAY,
        expires_at=NOW + 30 * world.DAY,
        status=StatusReference(list_number=list_number, index=LOST),
    )
    try:
        world.verify(world.text(claims), under=store.trust, lists=store, now=NOW, clock_floor=store.clock_floor)  # type: ignore[arg-type]  # a StatusSource
    except Revoked:
        return "revoked"
    return "accepted"


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the old site and the new one."""
    folder = tmp_path_factory.mktemp("sites")
    return publish(folder / "old", 1, 20, revoked=False), publish(folder / "new", 2, 2, revoked=True)


def test_a_sync_that_is_killed_at_any_moment_leaves_old_files_or_new_ones_and_a_till_that_decides(
    shell: Shell, sites: tuple[Path, Path], tmp_path: Path
) -> None:
    # given a till with the old site, and how long a sync with the new one takes: all of it, and from its first write on
    old_site, new_site = sites
    root = tmp_path / "1.root"
    root.write_bytes(world.root_token())
    till_of_old, till_of_new = tmp_path / "old-till", tmp_path / "new-till"
    assert shell("sync", old_site, "--root", root, "--store", till_of_old).code == 0
    shutil.copytree(till_of_old, till_of_new)
    (till_of_new / "lock").unlink()
    begin = time.monotonic()
    process = start(new_site, till_of_new)
    while not (till_of_new / "lock").exists():
        time.sleep(0.0005)
    first_write = time.monotonic()
    assert process.wait() == 0
    end = time.monotonic()
    old, new = files(till_of_old), files(till_of_new)
    assert old.keys() == new.keys()
    dice = random.Random(2026)  # noqa: S311 -- moments, no secrets
    within = {True: end - first_write, False: end - begin}
    came_to: Counter[str] = Counter()

    for number in range(KILLS):
        # when
        till = Path(shutil.copytree(till_of_old, tmp_path / "till"))
        late = number % 4 != 0
        ended = kill_at_random(new_site, till, dice, from_first_write=late, within=within[late])
        within[late] *= 1.02 if ended < 0 else 0.9  # machines are now faster, now slower; most are to be killed

        # then each file is the old one or the new one, whole
        left = files(till)
        assert left.keys() == old.keys()
        assert [name for name, content in left.items() if content not in (old[name], new[name])] == []
        renewed = sum(left[name] != old[name] for name in left)
        came_to["old" if not renewed else "new" if left == new else "between"] += 1
        came_to["killed"] += ended < 0

        # and the till decides, by the lists that it has
        verdicts = [decide(till, of) for of in range(LISTS)]
        is_new = [list_of(till, of) in new.values() for of in range(LISTS)]
        assert verdicts == ["revoked" if new_one else "accepted" for new_one in is_new]

        # and it goes on from there, never back
        assert shell("sync", old_site, "--store", till).code == (1 if renewed else 0)
        assert [decide(till, of) for of in range(LISTS)] == verdicts
        assert shell("sync", new_site, "--store", till).code == 0
        assert files(till) == new
        assert (till / "clock").read_bytes() == (till_of_new / "clock").read_bytes()
        assert not list(till.rglob("*.part"))
        assert {decide(till, of) for of in range(LISTS)} == {"revoked"}
        shutil.rmtree(till)
    sys.stderr.write(f"\n{KILLS} syncs: {dict(sorted(came_to.items()))}\n")  # shown by make survival


def list_of(till: Path, number: int) -> bytes:
    """Return the file of one of the till's status lists."""
    return (till / "status" / f"{sha256(f'{world.STATUS_BASE}{number}'.encode()).hexdigest()}.cwt").read_bytes()
