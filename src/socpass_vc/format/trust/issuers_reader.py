"""Reading what a trust bundle says: issuers, their keys and scopes, and the roots above them, from their bytes.

It knows nothing of signatures or of bundles (specs/trust.md, section 1). One bad entry refuses all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from socpass_vc.errors import KEYS_WITHOUT_TYPE, BadKey, ClaimsError, Malformed
from socpass_vc.format import cbor, fields
from socpass_vc.format.cbor import Value
from socpass_vc.format.fast_dataclass import maker
from socpass_vc.format.keys import ALGORITHM, PUBLIC_KEY_BYTES, AnyPublicKey, PublicKey, UnknownKey
from socpass_vc.format.trust.issuers import (
    LAST_USE,
    MAX_CATEGORY,
    MAX_ISSUER_KEYS,
    MAX_ISSUERS,
    MAX_LIST_ITEMS,
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
from socpass_vc.messages import Message

MakeKey: TypeAlias = "Callable[[bytes], PublicKey]"

_make_issuer_key = maker(IssuerKey)  # a federation has a thousand
_TYPED_KEY_ITEMS = 2  # an algorithm and bytes
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
    root = fields.read_numbered_map(cbor.decode(payload), "field.root", _ROOT_KEYS)
    try:
        return Root(
            version=fields.read_uint(root.get(1), "field.root_version", 1, MAX_VERSION),
            expires_at=fields.read_seconds(root.get(2), "field.root_expiry"),
            threshold=fields.read_uint(root.get(3), "field.root_threshold", 1, MAX_ROOT_KEYS),
            keys=tuple(_read_public_key(key) for key in fields.read_list(root.get(4), "field.root_keys", 1, MAX_ROOT_KEYS)),
        )
    except ClaimsError as error:
        raise error.as_kind(Malformed) from error


def read_trust_list(payload: bytes, *, make_key: MakeKey = PublicKey) -> TrustList:
    """Return the trust list that *payload* encodes; one bad entry refuses it all.

    Args:
        payload: what was signed.
        make_key: PublicKey, or PublicKey.imported_before for a list that was read before.

    Raises:
        Malformed: it is not one.
        Unsupported: it has a field that this program does not know.
    """
    trust_list = fields.read_numbered_map(cbor.decode(payload, items=MAX_LIST_ITEMS), "field.trust_list", _LIST_KEYS)
    try:
        return TrustList(
            version=fields.read_uint(trust_list.get(1), "field.trust_list_version", 1, MAX_VERSION),
            issued_at=fields.read_seconds(trust_list.get(2), "field.trust_list_iat"),
            next_update_at=fields.read_seconds(trust_list.get(3), "field.trust_list_next_update"),
            expires_at=fields.read_seconds(trust_list.get(4), "field.trust_list_exp"),
            issuers=tuple(
                read_issuer(entry, make_key=make_key)
                for entry in fields.read_list(trust_list.get(5), "field.issuers", 1, MAX_ISSUERS)
            ),
        )
    except ClaimsError as error:
        raise error.as_kind(Malformed) from error


def read_issuer(value: Value, *, make_key: MakeKey = PublicKey) -> Issuer:
    """Return the issuer that a decoded map describes; *make_key* is as in :func:`read_trust_list`.

    Raises:
        Malformed, ClaimsError: it does not describe one.
        Unsupported: it has a field that this program does not know.
    """
    entry = fields.read_numbered_map(value, "field.issuer", _ISSUER_KEYS)
    names = fields.read_map(entry.get(2), "field.issuer_names")
    scopes = [
        fields.read_list(pair, "field.scope", 2, 2) for pair in fields.read_list(entry.get(5), "field.scopes", 1, MAX_SCOPES)
    ]
    return Issuer(
        id=fields.read_text(entry.get(1), "field.issuer_id"),
        names={
            fields.read_text(key, "field.language"): fields.read_text(name, "field.issuer_name") for key, name in names.items()
        },
        time_zone=fields.read_text(entry.get(3), "field.time_zone"),
        keys=tuple(_read_key(key, make_key) for key in fields.read_list(entry.get(4), "field.issuer_keys", 1, MAX_ISSUER_KEYS)),
        scopes=tuple((_read_category(pair[0]), _read_category(pair[1])) for pair in scopes),
        status_base=fields.read_text(entry.get(6), "field.status_base"),
        documents_url=fields.read_text(entry[7], "field.documents_url") if 7 in entry else None,  # noqa: PLR2004 -- section 1
    )


def _read_key(value: Value, make_key: MakeKey) -> IssuerKey:
    key = fields.read_numbered_map(value, "field.issuer_key", _KEY_KEYS)
    uses = fields.read_list(key.get(2), "field.key_uses", 1, MAX_USES)
    return _make_issuer_key(
        public_key=_read_public_key(key.get(1), make_key),
        uses=tuple([fields.read_uint(use, "field.key_use", 1, LAST_USE) for use in uses]),
        sign_from=fields.read_seconds(key.get(3), "field.sign_from"),
        sign_until=fields.read_seconds(key.get(4), "field.sign_until"),
        state=KeyState(fields.read_uint(key.get(5), "field.key_state", KeyState.ACTIVE, KeyState.COMPROMISED)),
    )


def _read_public_key(value: Value, make_key: MakeKey = PublicKey) -> AnyPublicKey:
    if value.__class__ is not list or len(value) != _TYPED_KEY_ITEMS:
        is_old = isinstance(value, bytes) and len(value) == PUBLIC_KEY_BYTES
        raise Malformed(KEYS_WITHOUT_TYPE if is_old else "public_key_shape").at(Message("field.public_key"))
    algorithm, raw = value
    if algorithm.__class__ is not int or raw.__class__ is not bytes:
        raise Malformed("public_key_shape").at(Message("field.public_key"))
    try:
        return make_key(raw) if algorithm == ALGORITHM else UnknownKey(algorithm, raw)
    except BadKey as error:
        raise error.as_kind(Malformed).at(Message("field.this_public_key", key=raw.hex())) from error


def _read_category(value: Value) -> int:
    return fields.read_uint(value, "field.scope_category", 1, MAX_CATEGORY)
