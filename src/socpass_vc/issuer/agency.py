"""An agency's folder: its settings, keys, register and trust, opened together; and how one is set up.

It knows where things lie and which key may sign what now. What is signed is decided elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from socpass_vc.authority.local_root import make_root
from socpass_vc.errors import AgencyError, ClaimsError, KeyFileError, WrongPassphrase, system_reason
from socpass_vc.files import SECRET_MODE, make_folder, read_file, taken_back_on_failure, write_file
from socpass_vc.format import keyfile, keys
from socpass_vc.format.trust.issuers import Issuer, IssuerKey, KeyState, Use
from socpass_vc.hsm.uri import Pkcs11Uri
from socpass_vc.issuer.config.agency_toml import FILE_NAME, AgencySettings, parse_settings, read_settings, write_settings
from socpass_vc.issuer.config.key_entries import KeySettings
from socpass_vc.issuer.register.database import Location, Register

REGISTER_NAME = "register.sqlite"
PRIVATE_MODE = 0o700
KEY_LIFETIME = timedelta(days=1096)
"""Three years, for the keys that ``init`` makes."""


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency's folder with its settings read.

    Attributes:
        folder: where it is.
        settings: agency.toml.
        issuer: what the trust list says of it.
    """

    folder: Path
    settings: AgencySettings
    issuer: Issuer

    @classmethod
    def open(cls, folder: Path) -> Agency:
        """Return the agency in *folder*.

        Raises:
            AgencyError: agency.toml is missing or wrong, or a key file that it names is.
            LaxLibrary: with this libsodium nothing is signed.
        """
        if not os.path.exists(folder / FILE_NAME):  # noqa: PTH110 -- unlike Path.exists, it takes what may not be entered for absent
            raise AgencyError("no_agency_here", folder=str(folder)).at(folder)
        keys.refuse_lax_library()
        settings = read_settings(folder)
        try:
            return cls(folder, settings, describe(settings, [public_key_of(folder, key) for key in settings.keys]))
        except (ClaimsError, KeyFileError) as error:
            raise error.as_kind(AgencyError).at(folder / FILE_NAME) from error

    def register(self) -> Register:
        """Open the register.

        Raises:
            RegisterError: it is missing, damaged, of another version or cannot be reached.
        """
        return Register.open(self.register_location)

    @property
    def register_location(self) -> Location:
        """Where the register is: what agency.toml says, else a file in the folder."""
        return self.settings.register or self.folder / REGISTER_NAME

    def key_for(self, use: Use, *, now: datetime) -> KeySettings:
        """Return the key that signs for *use* now: the active one whose window lasts longest.

        Raises:
            AgencyError: there is none.
        """
        current = [key for key in self.settings.keys if _may_sign(key, use, now)]
        if not current:
            raise AgencyError("no_key_for_use", use=use.name.lower(), today=now.date()).at(self.folder / FILE_NAME)
        return max(current, key=lambda key: key.sign_until)

    def may_sign(self, public_key: keys.PublicKey, use: Use, *, now: datetime) -> bool:
        """Tell whether *public_key* is a key of the agency that may sign for *use* now."""
        return any(_may_sign(key, use, now) and public_key_of(self.folder, key) == public_key for key in self.settings.keys)

    def key_with(self, public_key: keys.PublicKey, use: Use, *, now: datetime) -> KeySettings:
        """Return the agency's key that is *public_key*, if it may sign for *use* now.

        Raises:
            AgencyError: it is not the agency's, so that no till knows it; or it may not sign now.
        """
        path, key_id = self.folder / FILE_NAME, public_key.key_id.hex()
        for key in self.settings.keys:
            if public_key_of(self.folder, key) == public_key:
                if _may_sign(key, use, now):
                    return key
                raise AgencyError("key_not_for_use", key_id=key_id, use=use.name.lower(), today=now.date()).at(path)
        raise AgencyError("key_not_of_agency", key_id=key_id).at(path)

    def signer(self, use: Use, secret: str, *, now: datetime) -> keys.Signer:
        """Return the key that signs for *use* now, opened: :meth:`key_for` and :meth:`open_signer` in one.

        Raises:
            AgencyError: no key may.
            WrongPassphrase, KeyFileError, WrongPin, TokenError: it does not open.
        """
        return self.open_signer(self.key_for(use, now=now), secret)

    def open_signer(self, key: KeySettings, secret: str) -> keys.Signer:
        """Return the agency's *key*, opened. It can be pickled: a worker that receives it signs in a session of its own.

        Args:
            key: of the agency's settings.
            secret: the passphrase of its file, or the PIN of its token.

        Raises:
            WrongPassphrase, KeyFileError: the file does not open.
            WrongPin, TokenError: the token does not, or holds another key than agency.toml says.
        """
        if key.token is None:
            path = self.folder / str(key.file)
            opened = open_key(path, secret)
            if key.public_key not in (None, opened.public_key):
                raise KeyFileError("key_file_of_another_key").at(path)
            return opened
        from socpass_vc.hsm import token_signer  # noqa: PLC0415 -- only where a key lies in a token

        return token_signer.open_key(key.token, secret, public_key=key.public_key)

    def root_signers(self, passphrase: str) -> list[keys.SecretKey]:
        """Return the keys of the agency's own root."""
        return [open_key(self.folder / name, passphrase) for name in self.settings.trust.root_keys]


def set_up(
    folder: Path,
    settings: AgencySettings,
    passphrase: str,
    *,
    now: datetime,
    cost: keyfile.SealingCost = keyfile.SealingCost.MODERATE,
) -> Agency:
    """Make an agency in *folder*: settings, the key files that they name, an empty register, and a root if it has its own.

    Args:
        folder: new, or empty.
        settings: as :func:`new_settings` gives them; keys in tokens are there already.
        passphrase: for all key files.
        now: whole second; the root is valid for ten years from then.
        cost: of opening a key file.

    Raises:
        AgencyError: the folder holds something already, or cannot be written.
        ClaimsError: no trust list may hold such an issuer.
    """
    try:
        if folder.exists() and any(folder.iterdir()):
            raise AgencyError("agency_folder_not_empty").at(folder)
    except OSError as error:
        raise _refused_by_system(error).at(folder) from error
    from socpass_vc.issuer.register.migrate import create_register  # noqa: PLC0415 -- alembic, which no other command of an agency needs

    files = [key.file for key in settings.keys if key.file is not None]
    secrets = {name: keys.generate() for name in (*files, *settings.trust.root_keys)}
    # Whatever is wrong is refused before anything is written.
    describe(settings, [key.public_key or secrets[str(key.file)].public_key for key in settings.keys])
    parse_settings(write_settings(settings).encode(), folder / FILE_NAME)
    root_signers = [secrets[name] for name in settings.trust.root_keys]
    own_root = settings.trust.bundle is None
    root = make_root(root_signers, threshold=len(root_signers), now=now) if own_root else b""
    sealed = {name: keyfile.seal(secret, passphrase, cost=cost) for name, secret in secrets.items()}
    register = settings.register or folder / REGISTER_NAME
    with taken_back_on_failure() as made:
        if not folder.exists():
            made.append(folder)
        make_folder(folder, error=AgencyError)
        _keep_private(folder)
        create_register(register)  # first: a database refuses most often
        if isinstance(register, Path):
            made.append(register)
        for name in ("keys", "roots") if own_root else ("keys",):
            make_folder(folder / name, error=AgencyError)
            made.append(folder / name)
        for name, content in sealed.items():
            write_file(folder / name, content, error=AgencyError, mode=SECRET_MODE)
            made.append(folder / name)
        if own_root:
            write_file(folder / settings.trust.roots[0], root, error=AgencyError)
            made.append(folder / settings.trust.roots[0])
        write_file(folder / FILE_NAME, write_settings(settings).encode(), error=AgencyError)  # last: it is what makes an agency
    return Agency.open(folder)


def _keep_private(folder: Path) -> None:
    """Close the folder to others: names, births and keys lie in it. On systems without permissions, nothing happens."""
    try:
        folder.chmod(PRIVATE_MODE)
    except OSError as error:
        raise _refused_by_system(error).at(folder) from error


def _refused_by_system(error: OSError) -> AgencyError:
    reason = system_reason(error)
    return AgencyError(reason.key, **reason.facts)


def new_settings(
    *, now: datetime, own: AgencySettings, tokens: Mapping[Use, tuple[Pkcs11Uri, keys.PublicKey]] | None = None
) -> AgencySettings:
    """Return *own* with a key for passes, one for what is published, one for heads of the log and one for its own root, if any.

    All are valid from *now* on. If both of the first are in hardware, there is no key for heads until one is added: it would be
    the only one in a file.

    Args:
        now: whole second.
        own: everything else; if its trust names a federation's bundle, the agency has no root of its own.
        tokens: the keys in hardware, by their use; the others will be files.
    """
    trust = own.trust
    if trust.bundle is None:
        trust = replace(trust, root_keys=("keys/root.json",), roots=("roots/1.root",))
    tokens = tokens or {}
    uses = (Use.PASS, Use.STATUS) if tokens.keys() >= {Use.PASS, Use.STATUS} else (Use.PASS, Use.STATUS, Use.CHECKPOINTS)
    return replace(own, keys=tuple(_new_key(use, tokens.get(use), now) for use in uses), trust=trust)


def _new_key(use: Use, token: tuple[Pkcs11Uri, keys.PublicKey] | None, now: datetime) -> KeySettings:
    uri, public_key = token or (None, None)
    return KeySettings(
        file=f"keys/{use.name.lower()}.json" if token is None else None,
        token=uri,
        public_key=public_key,
        uses=(use, Use.CATALOGUE) if use is Use.STATUS else (use,),
        sign_from=now,
        sign_until=now + KEY_LIFETIME,
        state=KeyState.ACTIVE,
    )


def open_key(path: Path, passphrase: str) -> keys.SecretKey:
    """Return the secret key in the key file *path*.

    Raises:
        KeyFileError, WrongPassphrase: it does not open; the path is named.
    """
    sealed = _read_key_file(path)
    try:
        return sealed.open(passphrase)
    except (WrongPassphrase, KeyFileError) as error:
        error.at(path)
        raise


def _read_key_file(path: Path) -> keyfile.SealedKey:
    content = read_file(path, keyfile.MAX_FILE_BYTES, error=KeyFileError)
    try:
        return keyfile.read_sealed(content)
    except KeyFileError as error:
        error.at(path)
        raise


def public_key_of(folder: Path, key: KeySettings) -> keys.PublicKey:
    """Return the public half of *key* of the agency in *folder*; no secret and no token is needed.

    Raises:
        KeyFileError: the key file is missing, or not a key file.
    """
    return key.public_key or _read_key_file(folder / str(key.file)).public_key


def _may_sign(key: KeySettings, use: Use, now: datetime) -> bool:
    return use in key.uses and key.state is KeyState.ACTIVE and key.sign_from <= now < key.sign_until


def describe(settings: AgencySettings, public_keys: Sequence[keys.PublicKey]) -> Issuer:
    """Return what a trust list says of an agency with these settings and, in their order, the public halves of its keys.

    Raises:
        ClaimsError: no trust list may hold such an issuer.
    """
    described = [
        IssuerKey(public_key=public_key, uses=key.uses, sign_from=key.sign_from, sign_until=key.sign_until, state=key.state)
        for key, public_key in zip(settings.keys, public_keys, strict=True)
    ]
    return Issuer(
        id=settings.id,
        names=settings.names,
        time_zone=settings.time_zone,
        keys=tuple(sorted(described, key=lambda key: key.public_key.raw)),
        scopes=settings.scopes,
        status_base=settings.status_base,
        documents_url=settings.documents_url,
    )
