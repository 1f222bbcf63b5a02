"""Keys that never leave their hardware: found, made and used over PKCS#11, one session a process.

It knows tokens, PINs and how they fail. Whose keys they are, and where a PIN comes from, is its callers'. This module alone
imports python-pkcs11, so it is imported only where a key lies in a token.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socpass_vc.errors import BadKey, Forged, TokenError, WrongPin
from socpass_vc.format.keys import KEY_ID_BYTES, PUBLIC_KEY_BYTES, PublicKey
from socpass_vc.issuer.pkcs11_uri import Pkcs11Uri

try:
    import pkcs11
    from pkcs11 import exceptions as refusals
    from pkcs11.constants import Attribute, ObjectClass, TokenFlag
    from pkcs11.mechanisms import KeyType, Mechanism
except ImportError as error:
    raise TokenError("a key in hardware needs python-pkcs11, which is not here: pip install 'socpass-vc[hsm]'") from error

if TYPE_CHECKING:
    from pkcs11._pkcs11 import lib as Library  # noqa: N812 -- a class, whatever its name

MODULE_VARIABLE = "SOCPASS_PKCS11_MODULE"
USUAL_MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
"""Where Debian, Fedora, a build of one's own and Homebrew put SoftHSM's library, which serves if no other is named."""

_ED25519_NAME = bytes.fromhex("130c656477617264733235353139")
_ED25519_OID = bytes.fromhex("06032b6570")
"""CKA_EC_PARAMS of Ed25519 (PKCS#11 mechanisms 3.0, section 2.3): the PrintableString "edwards25519", or 1.3.101.112."""
_OCTET_STRING = bytes.fromhex("0420")
"""What goes before the 32 bytes of CKA_EC_POINT in tokens that write it as DER."""
_TRIAL = b"socpass: is this the secret half of that key?"
"""Signed when a key is opened; no COSE structure begins like it, so the signature serves nobody."""

# Who answers, what of, what to do; the first kind that fits counts.
_GONE = "the token is gone or has ended the session; plug it in and run the command again. What was finished is kept"
_REFUSALS: tuple[tuple[tuple[type[Exception], ...], type[TokenError], str], ...] = (
    (
        (refusals.PinIncorrect, refusals.PinInvalid, refusals.PinLenRange),
        WrongPin,
        "the token refused the PIN. It counts wrong ones and locks itself: make sure of the PIN before the next try",
    ),
    ((refusals.PinLocked,), WrongPin, "the token has locked its PIN; whoever holds its SO PIN sets a new one"),
    ((refusals.PinExpired, refusals.UserPinNotInitialized), WrongPin, "the token has no PIN in force; set one with its own tool"),
    (
        (
            refusals.DeviceRemoved,
            refusals.TokenNotPresent,
            refusals.TokenNotRecognised,
            refusals.SessionHandleInvalid,
            refusals.SessionClosed,
            refusals.ObjectHandleInvalid,
            refusals.KeyHandleInvalid,
            refusals.UserNotLoggedIn,
            refusals.DeviceError,
        ),
        TokenError,
        _GONE,
    ),
    ((refusals.SessionCount,), TokenError, "the token opens no further session; use fewer workers, or end who else uses it"),
    (
        (refusals.MechanismInvalid, refusals.FunctionNotSupported, refusals.KeyTypeInconsistent, refusals.DomainParamsInvalid),
        TokenError,
        "the token cannot do Ed25519 (CKM_EDDSA, PKCS#11 3.0)",
    ),
    ((refusals.TokenWriteProtected, refusals.SessionReadOnly), TokenError, "the token is write-protected"),
)


class HardwareKey:
    """A key in a token; a :class:`~socpass_vc.format.keys.Signer`.

    Whichever process signs opens a session of its own when it first does: a key may be pickled for a worker, or be there when one
    is forked. A pickled key holds the PIN; it travels between processes and is never stored.
    """

    __slots__ = ("_pin", "_process", "_sign", "public_key", "uri")

    def __init__(self, uri: Pkcs11Uri, pin: str, public_key: PublicKey) -> None:
        self.uri = uri
        self.public_key = public_key
        self._pin = pin
        self._process = 0
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
        if self._process != os.getpid():
            self.open()
        try:
            return self._sign(message)
        except refusals.PKCS11Error as error:
            raise _refusal(self.uri, error) from error

    def open(self) -> None:
        """Open a session in this process, and see that the key is the one that is meant.

        Raises:
            TokenError, WrongPin: as :func:`open_key`.
        """
        with _naming(self.uri):
            session = _open_session(self.uri, self._pin)
            private = _only(session, self.uri, ObjectClass.PRIVATE_KEY)
            _check_kind(self.uri, private)
            sign = partial(private.sign, mechanism=Mechanism.EDDSA)
            signature = sign(_TRIAL)
        try:
            self.public_key.check(signature, _TRIAL)
        except Forged as error:
            wanted = self.public_key.key_id.hex()
            raise TokenError(f"{self.uri}: the token holds another key than {wanted}, the one that was expected") from error
        self._sign = sign
        self._process = os.getpid()


def open_key(uri: Pkcs11Uri, pin: str, *, public_key: PublicKey | None = None) -> HardwareKey:
    """Return the key that *uri* names, once it has signed something on trial.

    Args:
        uri: of the key.
        pin: of its token.
        public_key: the one that is expected; None takes the public object beside it.

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
    with _naming(uri):
        session = _open_session(uri, pin)
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
        raise TokenError(f"{uri}: {error}") from error


def make_key(uri: Pkcs11Uri, pin: str) -> PublicKey:
    """Make a new key pair in the token, the private half sensitive and not extractable, and return the public half.

    Args:
        uri: with the label, and the id if it is to have a certain one.
        pin: of the token.

    Raises:
        WrongPin: the token refused the PIN.
        TokenError: library or token are missing, a key of that name is there, or the token cannot make one.
    """
    if uri.label is None:
        raise TokenError(f"{uri}: a new key needs a label: add object=LABEL")
    with _naming(uri):
        session = _open_session(uri, pin, writing=True)
        if any(_find(session, uri, kind) for kind in (ObjectClass.PRIVATE_KEY, ObjectClass.PUBLIC_KEY)):
            raise TokenError(f"{uri}: the token holds a key {uri.key_name} already; a key is never written over")
        curve = session.create_domain_parameters(KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: _ED25519_OID}, local=True)
        curve.generate_keypair(
            store=True,
            label=uri.label,
            id=uri.key_id or sha256(uri.label.encode()).digest()[:KEY_ID_BYTES],
            mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
            private_template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
        )
    return open_key(uri, pin).public_key


_loaded_by: dict[str, int] = {}


def _load_library(uri: Pkcs11Uri) -> Library:
    path = _library_path(uri)
    process = os.getpid()
    try:
        library = pkcs11.lib(path)
        if _loaded_by.setdefault(path, process) != process:
            # A child made by fork starts anew, or it would speak on its parent's sessions (PKCS#11 3.0, section 5.4).
            with suppress(refusals.PKCS11Error):
                library.finalize()
            library.initialize()
            _loaded_by[path] = process
    except (refusals.PKCS11Error, UnicodeError) as error:
        raise TokenError(
            f"{path}: cannot be used as a PKCS#11 library: {str(error) or type(error).__name__}. "
            "See to the settings of its maker (SoftHSM: SOFTHSM2_CONF), or name another library",
            path=path,
        ) from error
    return library


def _library_path(uri: Pkcs11Uri) -> str:
    named = uri.module or os.environ.get(MODULE_VARIABLE)
    if named:
        return str(named)
    for usual in USUAL_MODULES:
        if Path(usual).exists():
            return usual
    raise TokenError(
        f"no PKCS#11 library is named, and SoftHSM's is in none of its usual places: add ?module-path=/PATH/LIBRARY.so to the "
        f"URI, or set {MODULE_VARIABLE}"
    )


def _open_session(uri: Pkcs11Uri, pin: str | None, *, writing: bool = False) -> pkcs11.Session:
    token = _find_token(_load_library(uri), uri)
    if pin is not None and token.flags & TokenFlag.USER_PIN_LOCKED:
        raise refusals.PinLocked
    try:
        return token.open(user_pin=pin, rw=writing)
    except refusals.UserAlreadyLoggedIn:  # by an earlier session of this process: all of them share the login
        return token.open(rw=writing)
    except refusals.PinIncorrect as error:
        if token.slot.get_token().flags & TokenFlag.USER_PIN_FINAL_TRY:
            raise WrongPin(f"{uri}: the token refused the PIN, and has ONE try left before it locks itself") from error
        raise


def _find_token(library: Library, uri: Pkcs11Uri) -> pkcs11.Token:
    there = [slot.get_token() for slot in library.get_slots(token_present=True)]
    there = [token for token in there if token.flags & TokenFlag.TOKEN_INITIALIZED]
    wanted = {"label": uri.token, "manufacturer_id": uri.manufacturer, "model": uri.model}
    found = [
        token
        for token in there
        if all(value in (None, getattr(token, name)) for name, value in wanted.items())
        and uri.serial in (None, token.serial.decode(errors="replace").strip("\0 "))
    ]
    if len(found) == 1:
        return found[0]
    names = ", ".join(sorted(f"'{token.label}'" for token in there)) or "none"
    if found:
        raise TokenError(f"{uri}: {len(found)} tokens are called so; add serial= to the URI (tokens: {names})")
    raise TokenError(f"{uri}: no token {uri.token_name} is plugged in (tokens that are: {names})")


def _find(session: pkcs11.Session, uri: Pkcs11Uri, kind: ObjectClass, key_id: bytes | None = None) -> list[Any]:
    """Return the key objects that *uri* names; with *key_id*, those of the pair with this CKA_ID."""
    wanted: dict[Attribute, Any] = {Attribute.CLASS: kind}
    if key_id or uri.key_id:
        wanted[Attribute.ID] = key_id or uri.key_id
    if uri.label is not None and not key_id:
        wanted[Attribute.LABEL] = uri.label
    return list(session.get_objects(wanted))


def _only(session: pkcs11.Session, uri: Pkcs11Uri, kind: ObjectClass, key_id: bytes | None = None) -> Any:
    found = _find(session, uri, kind, key_id)
    if len(found) == 1:
        return found[0]
    half = "private" if kind is ObjectClass.PRIVATE_KEY else "public"
    if found:
        ids = ", ".join(sorted({"id=" + "".join(f"%{byte:02x}" for byte in each[Attribute.ID]) for each in found}))
        raise TokenError(f"{uri}: the token holds {len(found)} {half} keys {uri.key_name}; say which: {ids}")
    if half == "public":
        raise TokenError(
            f"{uri}: the token shows no public key {uri.key_name}; with the PIN it may show more. If there is none, import the "
            "public half beside the private one, with the same id"
        )
    raise TokenError(f"{uri}: the token holds no private key {uri.key_name}")


def _check_kind(uri: Pkcs11Uri, key: Any) -> None:
    if key.key_type is not KeyType.EC_EDWARDS or bytes(key[Attribute.EC_PARAMS]) not in (_ED25519_NAME, _ED25519_OID):
        raise TokenError(f"{uri}: the key {uri.key_name} is not an Ed25519 key, and nothing else signs passes")


@contextmanager
def _naming(uri: Pkcs11Uri) -> Iterator[None]:
    """Let what a token refuses be said in our words."""
    try:
        yield
    except (refusals.PKCS11Error, NotImplementedError, ValueError) as error:  # the latter two of values it does not know
        raise _refusal(uri, error) from error


def _refusal(uri: Pkcs11Uri, error: Exception) -> TokenError:
    for classes, kind, what in _REFUSALS:
        if isinstance(error, classes):
            return kind(f"{uri}: {what} ({type(error).__name__})", uri=uri.text)
    return TokenError(f"{uri}: the token failed: {type(error).__name__} {error}".rstrip(), uri=uri.text)
