"""Reading what a trust bundle says: issuers, their keys and scopes, and the roots above them, from their bytes.

It knows nothing of signatures or of bundles (specs/trust.md, section 1). One bad entry refuses all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from socpass_vc.errors import BadKey, ClaimsError, Malformed
from socpass_vc.format import cbor, fields
from socpass_vc.format.cbor import Value
from socpass_vc.format.keys import PUBLIC_KEY_BYTES, PublicKey
from socpass_vc.format.trust.issuers import (
    LAST_USE,
    MAX_CATEGORY,
    MAX_ISSUER_KEYS,
    MAX_ISSUERS,
    MAX_ROOT_KEYS,
    MAX_SCOPES,
    MAX_USES,
    MAX_VERSION,
    Issuer,
    IssuerKey,
    KeyState,
    Root,
    TrustList,
)

MakeKey: TypeAlias = "Callable[[bytes], PublicKey]"

_ROOT_KEYS = frozenset({1, 2, 3, 4})
_LIST_KEYS = frozenset({1, 2, 3, 4, 5})
_ISSUER_KEYS = frozenset({1, 2, 3, 4, 5, 6, 7})
_KEY_KEYS = frozenset({1, 2, 3, 4, 5})


def read_root(payload: bytes) -> Root:
    """Return the root that *payload* encodes.

    Raises:
        Malformed: it is not one.
        Unsupported: it has a field that this program does not know.
    """
    root = fields.read_numbered_map(cbor.decode(payload), "the root", _ROOT_KEYS)
    try:
        return Root(
            version=fields.read_uint(root.get(1), "the root's version", 1, MAX_VERSION),
            expires_at=fields.read_seconds(root.get(2), "the root's expiry"),
            threshold=fields.read_uint(root.get(3), "the root's threshold", 1, MAX_ROOT_KEYS),
            keys=tuple(_read_public_key(raw) for raw in fields.read_list(root.get(4), "the root's keys", 1, MAX_ROOT_KEYS)),
        )
    except ClaimsError as error:
        raise Malformed(str(error)) from error


def read_trust_list(payload: bytes, *, make_key: MakeKey = PublicKey) -> TrustList:
    """Return the trust list that *payload* encodes; one bad entry refuses it all.

    Args:
        payload: what was signed.
        make_key: PublicKey, or PublicKey.imported_before for a list that was read before.

    Raises:
        Malformed: it is not one.
        Unsupported: it has a field that this program does not know.
    """
    trust_list = fields.read_numbered_map(cbor.decode(payload), "the trust list", _LIST_KEYS)
    try:
        return TrustList(
            version=fields.read_uint(trust_list.get(1), "the trust list's version", 1, MAX_VERSION),
            issued_at=fields.read_seconds(trust_list.get(2), "the trust list's iat"),
            next_update_at=fields.read_seconds(trust_list.get(3), "the trust list's next update"),
            expires_at=fields.read_seconds(trust_list.get(4), "the trust list's exp"),
            issuers=tuple(
                read_issuer(entry, make_key=make_key)
                for entry in fields.read_list(trust_list.get(5), "the issuers", 1, MAX_ISSUERS)
            ),
        )
    except ClaimsError as error:
        raise Malformed(str(error)) from error


def read_issuer(value: Value, *, make_key: MakeKey = PublicKey) -> Issuer:
    """Return the issuer that a decoded map describes; *make_key* is as in :func:`read_trust_list`.

    Raises:
        Malformed, ClaimsError: it does not describe one.
        Unsupported: it has a field that this program does not know.
    """
    entry = fields.read_numbered_map(value, "an issuer", _ISSUER_KEYS)
    names = fields.read_map(entry.get(2), "the names of an issuer")
    scopes = [fields.read_list(pair, "a scope", 2, 2) for pair in fields.read_list(entry.get(5), "the scopes", 1, MAX_SCOPES)]
    return Issuer(
        id=_read_string(entry.get(1), "the id of an issuer"),
        names={_read_string(key, "a language"): _read_string(name, "a name") for key, name in names.items()},
        time_zone=_read_string(entry.get(3), "the time zone of an issuer"),
        keys=tuple(
            _read_key(key, make_key) for key in fields.read_list(entry.get(4), "the keys of an issuer", 1, MAX_ISSUER_KEYS)
        ),
        scopes=tuple((_read_category(pair[0]), _read_category(pair[1])) for pair in scopes),
        status_base=_read_string(entry.get(6), "the status base of an issuer"),
        documents_url=_read_string(entry[7], "the documents URL of an issuer") if 7 in entry else None,  # noqa: PLR2004 -- section 1
    )


def _read_key(value: Value, make_key: MakeKey) -> IssuerKey:
    key = fields.read_numbered_map(value, "a key of an issuer", _KEY_KEYS)
    uses = fields.read_list(key.get(2), "the uses of a key", 1, MAX_USES)
    return IssuerKey(
        public_key=_read_public_key(key.get(1), make_key),
        uses=tuple(fields.read_uint(use, "a use of a key", 1, LAST_USE) for use in uses),
        sign_from=fields.read_seconds(key.get(3), "sign from"),
        sign_until=fields.read_seconds(key.get(4), "sign until"),
        state=KeyState(fields.read_uint(key.get(5), "the state of a key", KeyState.ACTIVE, KeyState.COMPROMISED)),
    )


def _read_public_key(value: Value, make_key: MakeKey = PublicKey) -> PublicKey:
    raw = fields.read_bytes(value, "a public key", PUBLIC_KEY_BYTES, PUBLIC_KEY_BYTES)
    try:
        return make_key(raw)
    except BadKey as error:
        raise Malformed(f"the public key {raw.hex()} is {error}") from error


def _read_category(value: Value) -> int:
    return fields.read_uint(value, "a category of a scope", 1, MAX_CATEGORY)


def _read_string(value: Value, what: str) -> str:
    if not isinstance(value, str):
        raise Malformed(f"{what} is not text")
    return value
