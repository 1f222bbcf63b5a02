"""The issuers of the next list: one description per file; put in, taken out, their keys marked.

It knows that folder, and that a compromised key stays compromised. What is in force, it is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from socpass_vc.authority.issuer_description import read_description, write_description
from socpass_vc.authority.trust_list_lint import check_keys
from socpass_vc.errors import AuthorityError, KeyRevived
from socpass_vc.files import files_in, remove_file, write_file
from socpass_vc.format.keys import AnyPublicKey
from socpass_vc.format.trust.issuers import Issuer, IssuerKey, KeyState
from socpass_vc.messages import Message

_ENDING = ".toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class DescriptionChange:
    """How an issuer's description changed.

    Attributes:
        before: the one that was there, or None.
        after: the one that is there now, or None.
        kept: compromised keys that stay although the change would have removed them.
    """

    before: Issuer | None
    after: Issuer | None
    kept: tuple[IssuerKey, ...] = ()


def read_members(folder: Path) -> tuple[Issuer, ...]:
    """Return the issuers that the files in *folder* describe, by id.

    Raises:
        AuthorityError, KeyTwice: a description is wrong; it is named.
    """
    found = []
    for path in files_in(folder, _ENDING, error=AuthorityError):
        issuer = read_description(path)
        if issuer.id != path.stem:
            raise AuthorityError("description_misnamed", issuer_id=issuer.id, name=f"{issuer.id}{_ENDING}").at(path)
        found.append(issuer)
    return tuple(sorted(found, key=lambda issuer: issuer.id))


def put_member(folder: Path, issuer: Issuer, *, in_force: Issuer | None, root_keys: Sequence[AnyPublicKey]) -> DescriptionChange:
    """Put *issuer* in, replacing one with the same id; compromised keys that it lacks stay.

    Args:
        folder: of the descriptions.
        issuer: as it is to be.
        in_force: as the list in force has it, or None.
        root_keys: of the root in force and of the next.

    Raises:
        KeyTwice: one of its keys is another issuer's, or a root's.
        KeyRevived: with it, a compromised key would count again.
    """
    others = {known.id: known for known in read_members(folder)}
    before = others.pop(issuer.id, None)
    known = [key for each in (in_force, before) if each is not None for key in each.keys]
    stolen = {key.public_key: key for key in known if key.state is KeyState.COMPROMISED}
    for key in issuer.keys:
        if key.public_key in stolen and key.state is not KeyState.COMPROMISED:
            state = key.state.name.lower()
            raise KeyRevived("description_revives_key", key_id=key.public_key.key_id.hex(), state=state).at(issuer.id)
    described = {key.public_key for key in issuer.keys}
    kept = tuple(key for public, key in stolen.items() if public not in described)
    after = replace(issuer, keys=tuple(sorted((*issuer.keys, *kept), key=lambda key: key.public_key.encoded)))
    check_keys((*others.values(), after), root_keys)
    _write(folder, after)
    return DescriptionChange(before=before, after=after, kept=kept)


def drop_member(folder: Path, issuer_id: str) -> DescriptionChange:
    """Take an issuer out; if it has compromised keys, an entry with these alone stays.

    Raises:
        AuthorityError: there is no such issuer.
    """
    have = {issuer.id: issuer for issuer in read_members(folder)}
    if issuer_id not in have:
        raise AuthorityError("no_such_issuer", issuer_id=issuer_id, known=tuple(have) or Message("none")).at(folder)
    before = have[issuer_id]
    stolen = tuple(key for key in before.keys if key.state is KeyState.COMPROMISED)
    if not stolen:
        remove_file(folder / f"{issuer_id}{_ENDING}", error=AuthorityError)
        return DescriptionChange(before=before, after=None)
    after = replace(before, keys=stolen)
    _write(folder, after)
    return DescriptionChange(before=before, after=after, kept=stolen)


def mark_member_key(folder: Path, key_id: bytes, state: KeyState) -> DescriptionChange:
    """Mark an issuer's key as retired or as compromised.

    Raises:
        AuthorityError: no issuer has such a key, or it is marked so already.
        KeyRevived: it is compromised, and stays so.
    """
    found = [(issuer, key) for issuer in read_members(folder) for key in issuer.keys if key.public_key.key_id == key_id]
    if not found:
        raise AuthorityError("no_issuer_has_key", key_id=key_id.hex()).at(folder)
    before, key = found[0]
    if key.state is state:
        raise AuthorityError("key_marked_already", key_id=key_id.hex(), state=state.name.lower()).at(before.id)
    if key.state is KeyState.COMPROMISED:
        raise KeyRevived("key_stays_compromised", key_id=key_id.hex()).at(before.id)
    after = replace(before, keys=tuple(replace(each, state=state) if each == key else each for each in before.keys))
    _write(folder, after)
    return DescriptionChange(before=before, after=after)


def _write(folder: Path, issuer: Issuer) -> None:
    write_file(folder / f"{issuer.id}{_ENDING}", write_description(issuer).encode(), error=AuthorityError)
