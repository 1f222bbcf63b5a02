"""An issuer as a federation's root keeps it: one readable file, to be looked at, kept under version control, and edited.

It knows the file's options, and the short form that an agency hands over. Whether what they say is wise is for
:mod:`trust_list_lint` to judge.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from socpass_vc.config.issuer_identity import USES, read_names, read_scopes, read_time_zone
from socpass_vc.config.strict_table import Table, read_toml, shown
from socpass_vc.config.toml_values import quoted, quoted_list, read_moment, read_public_key
from socpass_vc.errors import AuthorityError, BadKey, ClaimsError, KeyTwice, SocpassError
from socpass_vc.files import read_file
from socpass_vc.format.cbor import decode
from socpass_vc.format.fields import write_instant
from socpass_vc.format.keys import ALGORITHM, AnyPublicKey, UnknownKey
from socpass_vc.format.trust.issuers import LAST_USE, Issuer, IssuerKey, KeyState
from socpass_vc.format.trust.issuers_reader import read_issuer

FORMAT = 1
MAX_DESCRIPTION_BYTES = 2**20
"""Far more than 64 keys with a comment each need."""

_HEXADECIMAL = re.compile("(?:[0-9A-Fa-f]{2})+")
_CBOR_MAP = 0b101
"""The major type with which a description by ``issuer describe`` begins, and no text does (RFC 8949, section 3.1)."""


def is_short_form(content: bytes) -> bool:
    """Tell whether *content* is what ``issuer describe`` writes, and not the readable file."""
    return bool(content) and content[0] >> 5 == _CBOR_MAP


def read_description(path: Path) -> Issuer:
    """Return the issuer that *path* describes, in a file by ``issuer describe`` or by :func:`write_description`.

    Raises:
        AuthorityError: it is neither; what is wrong is named.
        KeyTwice: it lists a public key twice.
    """
    content = read_file(path, MAX_DESCRIPTION_BYTES, error=AuthorityError)
    if is_short_form(content):
        return _read_encoded(content, path)
    top = Table(path, "", read_toml(content, path, error=AuthorityError), error=AuthorityError)
    if (version := top.take("format", int)) != FORMAT:
        raise top.error("toml.other_format", "format", found=version, wanted=FORMAT)
    keys = [_read_key(path, number, entry) for number, entry in enumerate(top.take("keys", list))]
    for key, count in Counter(key.public_key for key in keys).items():
        if count > 1:
            raise KeyTwice("key_twice_in_description", key_id=key.key_id.hex()).at(path)
    try:
        issuer = Issuer(
            id=top.take("id", str),
            names=read_names(top),
            time_zone=read_time_zone(top),
            keys=tuple(sorted(keys, key=lambda key: key.public_key.encoded)),
            scopes=read_scopes(top),
            status_base=top.take("status_base", str),
            documents_url=top.maybe("documents_url", str),
        )
    except ClaimsError as error:
        raise error.as_kind(AuthorityError).at(path) from error
    top.finish()
    return issuer


def write_description(issuer: Issuer) -> str:
    """Return the file of *issuer*, with a short explanation of each option."""
    return _TEMPLATE.format(
        id=quoted(issuer.id),
        time_zone=quoted(issuer.time_zone),
        status_base=quoted(issuer.status_base),
        documents_url="" if issuer.documents_url is None else f"documents_url = {quoted(issuer.documents_url)}\n",
        scopes=", ".join(f"[{first}, {last}]" for first, last in issuer.scopes),
        names="\n".join(f"{language} = {quoted(name)}" for language, name in issuer.names.items()),
        keys="".join(map(_write_key, issuer.keys)),
    )


def _read_encoded(content: bytes, path: Path) -> Issuer:
    try:
        return read_issuer(decode(content))
    except SocpassError as error:
        raise AuthorityError("not_a_description", why=error).at(path) from error


def _read_key(path: Path, number: int, entry: object) -> IssuerKey:
    name = f"keys[{number}]"
    table = Table.of_list(path, name, entry, error=AuthorityError)
    uses = [_read_use(table, use) for use in table.strings("uses")]
    state = table.take("state", str)
    if state.upper() not in KeyState.__members__:
        raise table.error("toml.key_state_unknown", "state", found=shown(state))
    try:
        key = IssuerKey(
            public_key=_read_public_key(table),
            uses=tuple(sorted(set(uses))),
            sign_from=read_moment(table, "sign_from"),
            sign_until=read_moment(table, "sign_until"),
            state=KeyState[state.upper()],
        )
    except ClaimsError as error:
        raise error.as_kind(AuthorityError).at(path, name) from error
    table.finish()
    return key


def _read_public_key(table: Table) -> AnyPublicKey:
    """Return the key of an entry; one of an algorithm of a later version stands beside the algorithm's number."""
    text, algorithm = table.take("public_key", str), table.maybe("algorithm", int)
    if algorithm is None or algorithm == ALGORITHM:
        return read_public_key(table, text)
    if not _HEXADECIMAL.fullmatch(text):
        raise table.error("toml.unknown_key_not_hexadecimal", "public_key")
    try:
        return UnknownKey(algorithm, bytes.fromhex(text))
    except BadKey as error:
        raise table.error("toml.public_key_refused", "public_key", why=error) from error


def _read_use(table: Table, use: str) -> int:
    """Return the number of a use; a use of a later version is written as its number."""
    if use in USES:
        return USES[use]
    if use.isascii() and use.isdigit() and len(use) <= 2 and int(use) not in USES.values() and 1 <= int(use) <= LAST_USE:  # noqa: PLR2004 -- digits of 63
        return int(use)
    raise table.error("toml.key_use_unknown", "uses", found=shown(use), possible=tuple(USES))


def _write_key(key: IssuerKey) -> str:
    names = {number: name for name, number in USES.items()}
    return _KEY.format(
        key_id=key.public_key.key_id.hex(),
        algorithm="" if key.public_key.algorithm == ALGORITHM else f"algorithm = {key.public_key.algorithm}\n",
        public_key=quoted(key.public_key.raw.hex()),
        uses=quoted_list(tuple(names.get(use, str(use)) for use in key.uses)),
        sign_from=write_instant(key.sign_from),
        sign_until=write_instant(key.sign_until),
        state=quoted(key.state.name.lower()),
    )


_TEMPLATE = """\
# An issuer as the next trust list will describe it (specs/trust.md, section 1). What is changed here by hand counts;
# 'socpass root add-issuer' and 'socpass root mark-key' write the file anew.
format = 1

id = {id}
# Days of its passes are civil days in this time zone.
time_zone = {time_zone}
# Where its status lists are published, and the documents that it shows.
status_base = {status_base}
{documents_url}# First and last category that it may grant, pair by pair.
scopes = [{scopes}]

[names]
{names}
{keys}"""

_KEY = """
# {key_id}
[[keys]]
{algorithm}public_key = {public_key}
uses = {uses}
# Which iat it covers; the second time is the first that it does not.
sign_from = {sign_from}
sign_until = {sign_until}
# active, retired or compromised; the entry of a compromised key stays for good.
state = {state}
"""
