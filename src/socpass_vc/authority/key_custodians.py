"""The public keys of the next root: one PEM file per custodian, named after the custodian.

It knows that folder. Secret keys stay with their custodians, and whether there are enough keys is up to :mod:`signing_ceremony`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from socpass_vc.errors import AuthorityError, KeyTwice, SocpassError
from socpass_vc.files import files_in, read_file, remove_file, write_file
from socpass_vc.format import keyfile
from socpass_vc.format.keys import PublicKey
from socpass_vc.messages import Message

_ENDING = ".pem"
MAX_NAME_CHARACTERS = 63
_NAME = re.compile(rf"[^\W_][\w .-]{{0,{MAX_NAME_CHARACTERS - 1}}}")
"""What a custodian may be called: the name of a file on any system."""


def read_custodians(folder: Path) -> dict[str, PublicKey]:
    """Return the public keys in *folder* by their custodians' names.

    Raises:
        AuthorityError: a file is not a public key in PEM.
        KeyTwice: two files hold the same.
    """
    found: dict[str, PublicKey] = {}
    for path in files_in(folder, _ENDING, error=AuthorityError):
        key = _read_public(path)
        for name, other in found.items():
            if other == key:
                raise KeyTwice("root_key_in_two_files", key_id=key.key_id.hex(), one=name, other=path.stem).at(path)
        found[path.stem] = key
    return found


def check_custodian(name: str, key: PublicKey, have: Mapping[str, PublicKey]) -> None:
    """Return if *key* may be added to those there are, under that name.

    Raises:
        AuthorityError: the name is taken, or cannot name a file.
        KeyTwice: the key is here already.
    """
    for other, known in have.items():
        if known == key:
            raise KeyTwice("root_key_here_already", key_id=key.key_id.hex(), custodian=other)
    if not _NAME.fullmatch(name) or name != name.strip(" ."):
        raise AuthorityError("custodian_name_wrong", name=name, longest=MAX_NAME_CHARACTERS)
    if name in have:
        raise AuthorityError("custodian_name_taken", name=name)


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
        raise AuthorityError("no_such_root_key", named=named, known=tuple(have) or Message("none")).at(folder)
    remove_file(folder / f"{found}{_ENDING}", error=AuthorityError)
    return found, have[found]


def _read_public(path: Path) -> PublicKey:
    try:
        return keyfile.read_public_pem(read_file(path, keyfile.MAX_FILE_BYTES, error=AuthorityError))
    except AuthorityError:
        raise
    except SocpassError as error:
        raise error.as_kind(AuthorityError).at(path) from error
