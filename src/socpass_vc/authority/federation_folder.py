"""The folder of a federation's root: the public keys of its custodians, the issuers, the roots so far, the list in force.

Nothing in it is secret, except the keys of a root that is kept on one machine. It knows where things lie, and reads strictly.
What the keys are asked to sign, and what comes of it, is up to :mod:`signing_ceremony`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from socpass_vc.authority.issuer_folder import DescriptionChange, drop_member, mark_member_key, put_member, read_members
from socpass_vc.authority.key_custodians import add_custodian, drop_custodian, read_custodians
from socpass_vc.authority.trust_list_lint import check_keys
from socpass_vc.errors import AuthorityError, SocpassError, damaged, system_reason
from socpass_vc.files import files_in, make_folder, read_file, remove_file, write_file
from socpass_vc.format.keys import PublicKey, refuse_lax_library
from socpass_vc.format.trust.bundle import (
    MAX_BUNDLE_BYTES,
    MAX_ROOT_TOKEN_BYTES,
    SignedRoot,
    UnverifiedBundle,
    check_chain,
    read_bundle,
    read_root_token,
)
from socpass_vc.format.trust.issuers import Issuer, KeyState
from socpass_vc.format.trust.signing_request import MAX_REQUEST_BYTES, SigningRequest, read_request

BUNDLE_NAME = "trust.spt"
REQUEST_ENDING = ".request"
SECRETS = "secret"
"""Folder of the key files of a root that is kept on one machine."""
_KEYS, _ISSUERS, _ROOTS, _REQUESTS = "keys", "issuers", "roots", "requests"
SUBFOLDERS = (_KEYS, _ISSUERS, _ROOTS, _REQUESTS)
_ROOT_ENDING = ".root"


class OpenRequest(NamedTuple):
    """A request in the folder that still lacks signatures."""

    path: Path
    request: SigningRequest


@dataclass(frozen=True, slots=True)
class Federation:
    """The folder of a root authority; open it with :meth:`open` or make it with :meth:`create`."""

    folder: Path

    @classmethod
    def open(cls, folder: Path) -> Federation:
        """Return the root authority in *folder*.

        Raises:
            AuthorityError: there is none.
            LaxLibrary: with this libsodium nothing is signed.
        """
        if not all(_is_folder(folder / name) for name in (_KEYS, _ISSUERS)):
            raise AuthorityError("no_root_here", folder=str(folder)).at(folder)
        refuse_lax_library()
        return cls(folder)

    @classmethod
    def create(cls, folder: Path) -> Federation:
        """Make an empty root authority in *folder*.

        Raises:
            AuthorityError: the folder holds something already, or cannot be written.
        """
        try:
            if folder.exists() and any(folder.iterdir()):
                raise AuthorityError("root_folder_not_empty").at(folder)
        except OSError as error:
            raise _refused_by_system(error).at(folder) from error
        for name in (_KEYS, _ISSUERS):
            make_folder(folder / name, error=AuthorityError)
        return cls(folder)

    # --- What is to be signed next

    def keys(self) -> dict[str, PublicKey]:
        """Return the public keys of the next root by their custodians' names.

        Raises:
            AuthorityError, KeyTwice: as :func:`key_custodians.read_custodians`.
        """
        return read_custodians(self.folder / _KEYS)

    def add_key(self, name: str, key: PublicKey) -> Path:
        """Add a public key for the next root, and return its file.

        Raises:
            AuthorityError, KeyTwice: as :func:`key_custodians.add_custodian`; or the key is an issuer's.
        """
        check_keys(self.issuers(), [key])
        return add_custodian(self.folder / _KEYS, name, key)

    def drop_key(self, named: str) -> tuple[str, PublicKey]:
        """Take a key out of the next root, by its custodian's name or by its key id, and return both.

        Raises:
            AuthorityError: there is no such key.
        """
        return drop_custodian(self.folder / _KEYS, named)

    def issuers(self) -> tuple[Issuer, ...]:
        """Return the issuers of the next list, by id.

        Raises:
            AuthorityError, KeyTwice: a description is wrong; it is named.
        """
        return read_members(self.folder / _ISSUERS)

    def put_issuer(self, issuer: Issuer) -> DescriptionChange:
        """Put *issuer* into the next list, replacing one with the same id.

        Raises:
            KeyTwice, KeyRevived: as :func:`issuer_folder.put_member`.
        """
        bundle, roots = self.bundle(), self.roots()
        listed = () if bundle is None else bundle.list.issuers
        ruling = roots[-1].root.keys if roots else ()
        return put_member(
            self.folder / _ISSUERS,
            issuer,
            in_force=next((known for known in listed if known.id == issuer.id), None),
            root_keys=(*ruling, *self.keys().values()),
        )

    def drop_issuer(self, issuer_id: str) -> DescriptionChange:
        """Take an issuer out of the next list; its compromised keys stay.

        Raises:
            AuthorityError: there is no such issuer.
        """
        return drop_member(self.folder / _ISSUERS, issuer_id)

    def mark_key(self, key_id: bytes, state: KeyState) -> DescriptionChange:
        """Mark an issuer's key as retired or as compromised.

        Raises:
            AuthorityError, KeyRevived: as :func:`issuer_folder.mark_member_key`.
        """
        return mark_member_key(self.folder / _ISSUERS, key_id, state)

    # --- What was signed

    def roots(self) -> tuple[SignedRoot, ...]:
        """Return the chain of roots so far, oldest first; none before the first one is signed.

        Raises:
            AuthorityError: a file is damaged, or one is missing.
        """
        bundle = self.bundle()
        if bundle is not None:
            return bundle.roots
        paths = sorted(
            files_in(self.folder / _ROOTS, _ROOT_ENDING, error=AuthorityError), key=lambda path: (len(path.stem), path.stem)
        )
        roots = tuple(_read_root(path) for path in paths)
        try:
            if roots:
                check_chain(roots)
        except SocpassError as error:
            raise error.as_kind(AuthorityError).at(self.folder / _ROOTS) from error
        return roots

    def bundle(self) -> UnverifiedBundle | None:
        """Return the bundle in force, its signatures checked; None before the first list.

        Raises:
            AuthorityError: it is damaged.
        """
        path = self.folder / BUNDLE_NAME
        if not _is_there(path):
            return None
        try:
            return read_bundle(read_file(path, MAX_BUNDLE_BYTES, error=AuthorityError)).check_itself()
        except AuthorityError:
            raise
        except SocpassError as error:
            raise damaged(error, AuthorityError).at(path) from error

    # --- The open request

    def open_request(self) -> OpenRequest | None:
        """Return the request that still lacks signatures, with those that came back, or None.

        Raises:
            AuthorityError: it is damaged.
        """
        for path in files_in(self.folder / _REQUESTS, REQUEST_ENDING, error=AuthorityError):
            try:
                return OpenRequest(path, read_request(read_file(path, MAX_REQUEST_BYTES, error=AuthorityError)))
            except AuthorityError:
                raise
            except SocpassError as error:
                raise damaged(error, AuthorityError, "request_damaged").at(path) from error
        return None

    def keep_request(self, request: SigningRequest) -> Path:
        """Write a request, and return its file."""
        part, version = ("root", request.root.root.version) if request.root is not None else ("list", _list_version(request))
        path = self.folder / _REQUESTS / f"{part}-{version}{REQUEST_ENDING}"
        make_folder(path.parent, error=AuthorityError)
        write_file(path, request.encode(), error=AuthorityError)
        return path

    def close_request(self) -> None:
        """Remove the open request: it is done, or another takes its place."""
        for path in files_in(self.folder / _REQUESTS, REQUEST_ENDING, error=AuthorityError):
            remove_file(path, error=AuthorityError)

    def keep_results(self, roots: tuple[bytes, ...], bundle: bytes | None) -> list[Path]:
        """Write what was signed, and return the files: the bundle first, since it alone tells which roots there are."""
        made = []
        if bundle is not None:
            made.append(self.folder / BUNDLE_NAME)
            write_file(made[0], bundle, error=AuthorityError)
        make_folder(self.folder / _ROOTS, error=AuthorityError)
        for token in roots:
            path = self.folder / _ROOTS / f"{read_root_token(token).root.version}{_ROOT_ENDING}"
            if not _is_there(path):
                write_file(path, token, error=AuthorityError)
                made.append(path)
        return made

    def secrets(self) -> list[Path]:
        """Return the key files of a root that is kept on one machine."""
        return files_in(self.folder / SECRETS, ".json", error=AuthorityError)


def _list_version(request: SigningRequest) -> int:
    return 0 if request.list is None else request.list.list.version


def _read_root(path: Path) -> SignedRoot:
    try:
        return read_root_token(read_file(path, MAX_ROOT_TOKEN_BYTES, error=AuthorityError))
    except AuthorityError:
        raise
    except SocpassError as error:
        raise damaged(error, AuthorityError).at(path) from error


def _is_folder(path: Path) -> bool:
    return _is_there(path) and path.is_dir()


def _is_there(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        raise _refused_by_system(error).at(path) from error
    return True


def _refused_by_system(error: OSError | ValueError) -> AuthorityError:
    reason = system_reason(error)
    return AuthorityError(reason.key, **reason.facts)
