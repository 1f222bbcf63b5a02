"""The ``[[keys]]`` of agency.toml: where each key lies, in a file or in a token, and what the trust list will say of it.

It knows the options and how to write them; keys are opened elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from socpass_vc.config.issuer_identity import USES
from socpass_vc.config.strict_table import Table, shown
from socpass_vc.config.toml_values import quoted, quoted_list, read_moment, read_public_key
from socpass_vc.errors import AgencyError, TokenError
from socpass_vc.format.fields import write_instant
from socpass_vc.format.keys import PublicKey
from socpass_vc.format.trust.issuers import KeyState, Use
from socpass_vc.hsm.uri import Pkcs11Uri, read_uri

_CHECKPOINT = "checkpoints"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySettings:
    """One key of the agency: where it lies, and what the trust list will say of it.

    Attributes:
        file: path of the key file, from the agency's folder; None if the key lies in a token.
        token: the key's URI, or None.
        public_key: of a key in a token, so that trust lists can be made while it is unplugged, or of one whose file is
            lost; otherwise it is read from the key file.
        uses: numbers, ascending.
        sign_from: the first second that the key covers.
        sign_until: the first second that it no longer covers.
        state: as in the trust list.
    """

    file: str | None = None
    token: Pkcs11Uri | None = None
    public_key: PublicKey | None = None
    uses: tuple[int, ...]
    sign_from: datetime
    sign_until: datetime
    state: KeyState

    def __post_init__(self) -> None:
        if (self.file is None) == (self.token is None):
            raise AgencyError("key_in_file_or_token")
        if self.token is not None and self.public_key is None:
            raise AgencyError("token_key_without_public_key")
        if Use.CHECKPOINTS in self.uses and len(self.uses) > 1:
            raise AgencyError("checkpoint_key_not_alone")

    @property
    def location(self) -> str:
        """The file or the URI."""
        return self.file if self.file is not None else str(self.token)


def read_key(path: Path, number: int, entry: object) -> KeySettings:
    """Return the settings of one entry; *path* and *number*, from 0, are for messages alone.

    Raises:
        AgencyError: an option is unknown, missing or out of range; it is named.
    """
    table = Table.of_list(path, f"keys[{number}]", entry)
    uses = table.strings("uses")
    unknown = [use for use in uses if use not in USES]
    if unknown or not uses:
        raise table.error("toml.key_uses_unknown", "uses", found=shown(uses), possible=tuple(USES))
    state = table.take("state", str, "active")
    if state.upper() not in KeyState.__members__:
        raise table.error("toml.key_state_unknown", "state", found=shown(state))
    file, uri, public_key = table.maybe("file", str), table.maybe("pkcs11", str), table.maybe("public_key", str)
    if (file is None) == (uri is None):
        raise table.error("toml.key_file_or_pkcs11", "file")
    if _CHECKPOINT in uses and len(set(uses)) > 1:
        raise table.error("checkpoint_key_not_alone", "uses")
    if uri is not None and public_key is None:
        raise table.error("toml.public_key_missing", "public_key")
    key = KeySettings(
        file=file,
        token=None if uri is None else _read_token(table, uri),
        public_key=None if public_key is None else read_public_key(table, public_key),
        uses=tuple(sorted({USES[use] for use in uses})),
        sign_from=read_moment(table, "sign_from"),
        sign_until=read_moment(table, "sign_until"),
        state=KeyState[state.upper()],
    )
    table.finish()
    return key


def write_key(key: KeySettings) -> str:
    """Return the entry of agency.toml for *key*, its heading included."""
    names = {number: name for name, number in USES.items()}
    location = f"file = {quoted(str(key.file))}\n" if key.token is None else f"pkcs11 = {quoted(key.token.text)}\n"
    if key.public_key is not None:
        location += f"public_key = {quoted(key.public_key.raw.hex())}\n"
    return _KEY.format(
        location=location,
        uses=quoted_list(tuple(names[use] for use in key.uses)),
        sign_from=write_instant(key.sign_from),
        sign_until=write_instant(key.sign_until),
        state=quoted(key.state.name.lower()),
    )


_KEY = """
[[keys]]
{location}uses = {uses}
sign_from = {sign_from}
sign_until = {sign_until}
# active, retired or compromised
state = {state}
"""


def _read_token(table: Table, uri: str) -> Pkcs11Uri:
    try:
        return read_uri(uri)
    except TokenError as error:
        raise table.error("toml.pkcs11_wrong", "pkcs11", why=error) from error
