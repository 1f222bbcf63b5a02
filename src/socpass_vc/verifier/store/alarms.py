"""Alarms: two files that call themselves by one version and say different things, both kept for whoever looks into it.

It knows a folder. That they contradict each other was found by :mod:`rollback_state`; what an alarm says to people is the
command's. NAME is a digest of the two contents, whole, so
that the same alarm is kept once and no other is taken for it.

    alarms/NAME/at-hand.*     what the till has and goes on with, if it still has it
    alarms/NAME/offered.*     what contradicts it
    alarms/NAME/alarm.json    what and when
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from nacl.bindings import crypto_hash_sha256 as sha256

from socpass_vc.errors import Contradicted, StoreError
from socpass_vc.files import make_folder, read_file, write_file
from socpass_vc.format.fields import write_instant
from socpass_vc.messages import Message

if TYPE_CHECKING:
    from socpass_vc.verifier.store.rollback_state import SeenFile

MAX_ALARMS = 16
"""So many are kept: only the holder of a key can raise one, and the first says all."""
MAX_RECORD_BYTES = 16_384
MAX_EVIDENCE_BYTES = 16 * 2**20

_RECORD = "alarm.json"


class Alarm(NamedTuple):
    """An alarm that was kept.

    Attributes:
        folder: where.
        record: what ``alarm.json`` says; empty where it cannot be read.
    """

    folder: Path
    record: dict[str, object]

    @property
    def name(self) -> Message | str:
        """What both files call themselves; "?" where the record does not say."""
        what, version, root_version = (self.record.get(key) for key in ("what", "version", "root_version"))
        if what == "root" and isinstance(version, int):
            return Message("name_of.root", version=version)
        if what == "trust list" and isinstance(version, int) and isinstance(root_version, int):
            return Message("name_of.trust_list", version=version, root_version=root_version)
        return str(self.record.get("name", "?"))


def keep_alarm(
    folder: Path, alarm: Contradicted, *, at_hand: Path, offered: bytes, ending: str, found_at: datetime | None
) -> None:
    """Keep both files beside what is known of them, and tell the error where, if they are kept.

    Args:
        folder: of the store's alarms.
        alarm: what was found.
        at_hand: the till's file, which may be gone.
        offered: the content of the other.
        ending: of the other's name, such as ".spt".
        found_at: the time, or None where nobody said.

    Raises:
        StoreError: they cannot be written.
    """
    have, other = cast("SeenFile", alarm.facts["have"]), cast("SeenFile", alarm.facts["offered"])
    kept = folder / sha256(have.digest + other.digest).hex()
    if (kept / _RECORD).exists():
        alarm.add(kept_in=kept)
        return
    if len(kept_alarms(folder)) >= MAX_ALARMS:
        return
    make_folder(kept, error=StoreError)
    write_file(kept / f"offered{ending}", offered, error=StoreError)
    if at_hand.exists():
        write_file(kept / f"at-hand{at_hand.suffix}", read_file(at_hand, MAX_EVIDENCE_BYTES, error=StoreError), error=StoreError)
    name = alarm.facts["name"]
    record = {
        "what": alarm.facts["what"],
        "name": str(name),
        "found_at": _when(found_at),
        "at_hand": _side(have),
        "offered": _side(other),
        **(name.facts if isinstance(name, Message) else {}),
    }
    write_file(kept / _RECORD, f"{json.dumps(record, ensure_ascii=False, indent=2)}\n".encode(), error=StoreError)
    alarm.add(kept_in=kept)


def kept_alarms(folder: Path) -> tuple[Alarm, ...]:
    """Return the alarms that nobody has removed yet, by name."""
    return tuple(Alarm(kept, _record(kept / _RECORD)) for kept in sorted(folder.glob("[!.]*")))


def _record(path: Path) -> dict[str, object]:
    try:
        found = json.loads(read_file(path, MAX_RECORD_BYTES, error=StoreError))
    except (StoreError, ValueError, RecursionError):  # an alarm is an alarm, even if a person edited what is known of it
        return {}
    return found if isinstance(found, dict) else {}


def _side(seen: SeenFile) -> dict[str, object]:
    return {
        "sha256": seen.digest.hex(),
        "issued_at": _when(seen.issued_at),
        "taken_at": _when(seen.taken_at),
        "source": seen.source.encode(errors="replace").decode(),
    }


def _when(moment: datetime | None) -> str | None:
    return None if moment is None else write_instant(moment)
