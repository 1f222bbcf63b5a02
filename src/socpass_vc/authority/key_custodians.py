"""The public keys that the next root is to have: one PEM file per custodian, named after the custodian.

It knows that folder. Secret keys stay with their custodians, and whether the keys are enough is :mod:`signing_ceremony`'s to ask.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from socpass_vc.errors import AuthorityError, KeyTwice, SocpassError
from socpass_vc.files import files_in, read_file, remove_file, write_file
from socpass_vc.format import keyfile
from socpass_vc.format.keys import PublicKey

_ENDING = ".pem"
_NAME = re.compile(r"[^\W_][\w .-]{0,62}")
"""What a custodian may be called: the name of a file on any system."""


def read_custodians(folder: Path) -> dict[str, PublicKey]:
    """Return the public keys in *folder* by their custodians' names.

    Raises:
        AuthorityError: a file is no public key in PEM.
        KeyTwice: two files hold the same.
    """
    found: dict[str, PublicKey] = {}
    for path in files_in(folder, _ENDING, error=AuthorityError):
        key = _read_public(path)
        for name, other in found.items():
            if other == key:
                raise KeyTwice(f"{path}: the key {key.key_id.hex()} stands twice, as {name} and as {path.stem}")
        found[path.stem] = key
    return found


def check_custodian(name: str, key: PublicKey, have: Mapping[str, PublicKey]) -> None:
    """Return if *key* may stand beside those there are, under that name.

    Raises:
        AuthorityError: the name is taken, or no name of a file.
        KeyTwice: the key is here already.
    """
    for other, known in have.items():
        if known == key:
            raise KeyTwice(f"the key {key.key_id.hex()} is here already, as {other}", key_id=key.key_id)
    if not _NAME.fullmatch(name) or name != name.strip(" ."):
        raise AuthorityError(f"{name!r} is no name for a key: letters, digits, '.', '-' and spaces, 63 at most")
    if name in have:
        raise AuthorityError(f"{name}: there is a key of that name already; give the key another name")


def add_custodian(folder: Path, name: str, key: PublicKey) -> Path:
    """Add a public key, and return its file.

    Raises:
        AuthorityError, KeyTwice: as :func:`check_custodian`.
    """
    check_custodian(name, key, read_custodians(folder))
    path = folder / f"{name}{_ENDING}"
    write_file(path, keyfile.write_public_pem(key), error=AuthorityError)
    return path


def drop_custodian(folder: Path, named: str) -> tuple[str, PublicKey]:
    """Remove a key, named by its custodian or by its key id, and return both.

    Raises:
        AuthorityError: there is no such key.
    """
    have = read_custodians(folder)
    found = next((name for name, key in have.items() if named in {name, key.key_id.hex()}), None)
    if found is None:
        raise AuthorityError(f"{folder}: no key {named}; there are {', '.join(have) or 'none'}")
    remove_file(folder / f"{found}{_ENDING}", error=AuthorityError)
    return found, have[found]


def _read_public(path: Path) -> PublicKey:
    try:
        return keyfile.read_public_pem(read_file(path, keyfile.MAX_FILE_BYTES, error=AuthorityError))
    except AuthorityError:
        raise
    except SocpassError as error:
        raise AuthorityError(f"{path}: {error}", path=str(path)) from error
