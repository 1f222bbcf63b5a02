"""Changes to the keys in an agency.toml that people edit: single values and new entries; all else stays as it is, byte for byte.

It knows lines of TOML, and checks itself by reading the result. What changes, and why, it does not know.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from socpass_vc.config.toml_values import quoted
from socpass_vc.errors import AgencyError
from socpass_vc.format.fields import write_instant
from socpass_vc.issuer.config.agency_toml import parse_settings
from socpass_vc.issuer.config.key_entries import KeySettings, write_key

_HEADING = re.compile(r"\s*\[\[\s*keys\s*\]\]\s*(#.*)?")
_ANY_HEADING = re.compile(r"\s*\[")


def amend_keys(content: bytes, keys: tuple[KeySettings, ...], path: Path) -> bytes:
    """Return the content of an agency.toml with other keys: its own, changed where a rotation changes them, then new ones.

    Args:
        content: of the file.
        keys: as they shall be, those of the file first and in its order.
        path: for messages alone.

    Raises:
        AgencyError: the file is wrong, or written in a way that cannot be changed safely; the changes are named.
    """
    before = parse_settings(content, path)
    changes = [
        (number, option, value)
        for number, (old, new) in enumerate(zip(before.keys, keys, strict=False))
        for option, value in _changed(old, new)
    ]
    added = "".join(map(write_key, keys[len(before.keys) :]))
    amended = _amend(content.decode(), changes, added)
    try:
        good = parse_settings(amended, path) == replace(before, keys=keys)
    except AgencyError:
        good = False
    if not good:
        by_hand = "\n".join([*(f"keys[{number}]: {option} = {value}" for number, option, value in changes), added])
        raise AgencyError("toml.not_changed_automatically", changes=by_hand).at(path)
    return amended


def _changed(old: KeySettings, new: KeySettings) -> list[tuple[str, str]]:
    """Return the options to change, with their values in TOML; any other difference shows when the result is read back."""
    changes = []
    if old.sign_from != new.sign_from:
        changes.append(("sign_from", write_instant(new.sign_from)))
    if old.sign_until != new.sign_until:
        changes.append(("sign_until", write_instant(new.sign_until)))
    if old.public_key != new.public_key and new.public_key is not None:
        changes.append(("public_key", quoted(new.public_key.raw.hex())))
    if old.state is not new.state:
        changes.append(("state", quoted(new.state.name.lower())))
    return changes


def _amend(text: str, changes: list[tuple[int, str, str]], added: str) -> bytes:
    end_of_line = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    for number, option, value in changes:
        _set(lines, number, option, value, end_of_line)
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += end_of_line
    return ("".join(lines) + added.replace("\n", end_of_line)).encode()


def _set(lines: list[str], number: int, option: str, value: str, end_of_line: str) -> None:
    """Change one option of the entry *number*, from 0, in place; or add it below the heading. What is not found stays."""
    headings = [at for at, line in enumerate(lines) if _HEADING.fullmatch(line.rstrip())]
    if number >= len(headings):
        return
    start = headings[number] + 1
    end = next((at for at in range(start, len(lines)) if _ANY_HEADING.match(lines[at])), len(lines))
    option_line = re.compile(rf"(\s*{option}\s*=\s*)([^#\r\n]*?)(\s*(?:#.*)?[\r\n]*)", re.DOTALL)
    for at in range(start, end):
        found = option_line.fullmatch(lines[at])
        if found is not None:
            lines[at] = f"{found[1]}{value}{found[3]}"
            return
    lines.insert(start, f"{option} = {value}{end_of_line}")
