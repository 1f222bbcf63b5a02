"""Keys that never leave their hardware: found, made and used over PKCS#11, one session per process.

It knows key objects and what Ed25519 looks like in them. Whose keys they are, and where a PIN comes from, its callers know. It
needs python-pkcs11, and so is imported only where a key lies in a token.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from socpass_vc.errors import BadKey, Forged, TokenError
from socpass_vc.format.keys import KEY_ID_BYTES, PUBLIC_KEY_BYTES, PublicKey
from socpass_vc.hsm.uri import Pkcs11Uri

try:
    from pkcs11.constants import Attribute, ObjectClass
    from pkcs11.exceptions import PKCS11Error
    from pkcs11.mechanisms import KeyType, Mechanism

    from socpass_vc.hsm.session import naming, open_session, refusal, session_era
except ImportError as error:
    raise TokenError("token_needs_package") from error

if TYPE_CHECKING:
    from pkcs11 import Session

_ED25519_NAME = bytes.fromhex("130c656477617264733235353139")
_ED25519_OID = bytes.fromhex("06032b6570")
"""CKA_EC_PARAMS of Ed25519 (PKCS#11 mechanisms 3.0, section 2.3): the PrintableString "edwards25519", or 1.3.101.112."""
_OCTET_STRING = bytes.fromhex("0420")
"""What precedes the 32 bytes of CKA_EC_POINT in tokens that write it as DER."""
_TRIAL = b"socpass: is this the secret half of that key?"
"""Signed when a key is opened; no COSE structure begins like it, so nobody can use the signature."""


class HardwareKey:
    """A key in a token; a :class:`~socpass_vc.format.keys.Signer`.

    Each process opens a session of its own when it first signs: a key may be pickled for a worker, or inherited by a forked one.
    A pickled key holds the PIN; it travels between processes and is never stored.
    """

    __slots__ = ("_opened_in", "_pin", "_sign", "public_key", "uri")

    def __init__(self, uri: Pkcs11Uri, pin: str, public_key: PublicKey) -> None:
        self.uri = uri
        self.public_key = public_key
        self._pin = pin
        self._opened_in = (0, 0)
        self._sign: Callable[[bytes], bytes]

    def __reduce__(self) -> tuple[type[HardwareKey], tuple[Pkcs11Uri, str, PublicKey]]:
        return HardwareKey, (self.uri, self._pin, self.public_key)

    def __repr__(self) -> str:
        return f"HardwareKey({self.uri})"

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature over *message*.

        Raises:
            TokenError, WrongPin: the token is gone, or does not open in this process.
        """
        if self._opened_in != session_era():
            self.open()
        try:
            return self._sign(message)
        except PKCS11Error as error:
            raise refusal(self.uri, error) from error

    def open(self) -> None:
        """Open a session in this process, and check that the key is the expected one.

        Raises:
            TokenError, WrongPin: as :func:`open_key`.
        """
        with naming(self.uri):
            session = open_session(self.uri, self._pin)
            private = _only(session, self.uri, ObjectClass.PRIVATE_KEY)
            _check_kind(self.uri, private)
            sign = partial(private.sign, mechanism=Mechanism.EDDSA)
            signature = sign(_TRIAL)
        try:
            self.public_key.check(signature, _TRIAL)
        except Forged as error:
            wanted = self.public_key.key_id.hex()
            raise TokenError("token_holds_other_key", wanted=wanted).at(self.uri.text) from error
        self._sign = sign
        self._opened_in = session_era()


def open_key(uri: Pkcs11Uri, pin: str, *, public_key: PublicKey | None = None) -> HardwareKey:
    """Return the key that *uri* names, after a trial signature.

    Args:
        uri: of the key.
        pin: of its token.
        public_key: the expected one; None takes the public object beside the private one.

    Raises:
        WrongPin: the token refused the PIN, which is not tried again.
        TokenError: library, token or key are missing, the key is another, there are several, or it is not Ed25519.
    """
    key = HardwareKey(uri, pin, public_key or read_public_key(uri, pin))
    key.open()
    return key


def read_public_key(uri: Pkcs11Uri, pin: str | None = None) -> PublicKey:
    """Return the public key that *uri* names, read from its public object.

    Args:
        uri: of either half of the pair.
        pin: of the token; None asks without one, which most tokens allow for public objects.

    Raises:
        WrongPin, TokenError: as :func:`open_key`; or the token holds no public object of that key.
    """
    with naming(uri):
        session = open_session(uri, pin)
        key_id = uri.key_id
        if pin is not None:  # only its owner sees the private object, whose id tells which public one is its other half
            key_id = _only(session, uri, ObjectClass.PRIVATE_KEY)[Attribute.ID] or None
        public = _only(session, uri, ObjectClass.PUBLIC_KEY, key_id=key_id)
        _check_kind(uri, public)
        point = bytes(public[Attribute.EC_POINT])
    if len(point) == len(_OCTET_STRING) + PUBLIC_KEY_BYTES and point.startswith(_OCTET_STRING):
        point = point.removeprefix(_OCTET_STRING)
    try:
        return PublicKey(point)
    except BadKey as error:
        raise error.as_kind(TokenError).at(uri.text) from error


def make_key(uri: Pkcs11Uri, pin: str) -> PublicKey:
    """Make a new key pair in the token, the private half sensitive and not extractable, and return the public half.

    Args:
        uri: with the label, and with the id if it matters.
        pin: of the token.

    Raises:
        WrongPin: the token refused the PIN.
        TokenError: library or token are missing, a key of that name is there, or the token cannot make one.
    """
    if uri.label is None:
        raise TokenError("new_key_needs_label").at(uri.text)
    with naming(uri):
        session = open_session(uri, pin, writing=True)
        if any(_find(session, uri, kind) for kind in (ObjectClass.PRIVATE_KEY, ObjectClass.PUBLIC_KEY)):
            raise TokenError("token_key_exists", key=uri.key_name).at(uri.text)
        curve = session.create_domain_parameters(KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: _ED25519_OID}, local=True)
        curve.generate_keypair(
            store=True,
            label=uri.label,
            id=uri.key_id or sha256(uri.label.encode()).digest()[:KEY_ID_BYTES],
            mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
            private_template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
        )
    return open_key(uri, pin).public_key


def _find(session: Session, uri: Pkcs11Uri, kind: ObjectClass, key_id: bytes | None = None) -> list[Any]:
    """Return the key objects that *uri* names; with *key_id*, those of the pair with this CKA_ID."""
    wanted: dict[Attribute, Any] = {Attribute.CLASS: kind}
    if key_id or uri.key_id:
        wanted[Attribute.ID] = key_id or uri.key_id
    if uri.label is not None and not key_id:
        wanted[Attribute.LABEL] = uri.label
    return list(session.get_objects(wanted))


def _only(session: Session, uri: Pkcs11Uri, kind: ObjectClass, key_id: bytes | None = None) -> Any:
    found = _find(session, uri, kind, key_id)
    if len(found) == 1:
        return found[0]
    if found:
        ids = sorted({"id=" + "".join(f"%{byte:02x}" for byte in each[Attribute.ID]) for each in found})
        raise TokenError("token_keys_alike", count=len(found), key=uri.key_name, ids=ids).at(uri.text)
    if kind is ObjectClass.PUBLIC_KEY:
        raise TokenError("token_public_key_missing", key=uri.key_name).at(uri.text)
    raise TokenError("token_private_key_missing", key=uri.key_name).at(uri.text)


def _check_kind(uri: Pkcs11Uri, key: Any) -> None:
    if key.key_type is not KeyType.EC_EDWARDS or bytes(key[Attribute.EC_PARAMS]) not in (_ED25519_NAME, _ED25519_OID):
        raise TokenError("token_key_not_ed25519", key=uri.key_name).at(uri.text)
