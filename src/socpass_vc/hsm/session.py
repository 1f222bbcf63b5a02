"""Sessions with PKCS#11 tokens: the library started, the token found and logged in to; and its refusals in our words.

It knows nothing of keys. Only ``hsm`` imports it, and says what to install where python-pkcs11 is missing.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pkcs11
from pkcs11 import exceptions as refusals
from pkcs11.constants import TokenFlag

from socpass_vc.errors import TokenError, WrongPin
from socpass_vc.hsm.uri import Pkcs11Uri

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


_TRIES = 6
_FIRST_PAUSE_SECONDS = 0.02
"""A token is looked for again, with pauses that double: about a second in all. SoftHSM 2.6 writes its token's file at each login,
and whoever starts at that moment, as workers do, sees a damaged token or none."""

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


_started_by: dict[str, int] = {}
_starts = 0
"""How often a library was started anew in this process."""


def session_era() -> tuple[int, int]:
    """Return a value that changes when sessions that were opened before can no longer be used."""
    return os.getpid(), _starts


def _load_library(uri: Pkcs11Uri, *, anew: bool) -> Library:
    """Return the library, started by this process; *anew* starts it again, for it looks for tokens only then."""
    global _starts  # noqa: PLW0603 -- the library is one a process, and so is this
    path = _library_path(uri)
    process = os.getpid()
    try:
        library = pkcs11.lib(path)
        if anew or _started_by.get(path, process) != process:
            # A child made by fork must start anew too, or it would speak on its parent's sessions (PKCS#11 3.0, section 5.4).
            with suppress(refusals.PKCS11Error):
                library.finalize()
            library.initialize()
            _starts += 1
        _started_by[path] = process
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


def open_session(uri: Pkcs11Uri, pin: str | None, *, writing: bool = False) -> pkcs11.Session:
    """Open a session; if the token is not to be found, or fails for no reason that it names, start the library and try again."""
    attempt = 0
    while True:
        try:
            return _log_in(_find_token(_load_library(uri, anew=attempt > 0), uri), uri, pin, writing=writing)
        except (refusals.GeneralError, refusals.NoSuchToken):
            attempt += 1
            if attempt == _TRIES:
                raise
            # By the process's number, so that workers that met once do not meet again.
            time.sleep(_FIRST_PAUSE_SECONDS * 2 ** (attempt - 1) * (1 + os.getpid() % 7 / 7))


def _log_in(token: pkcs11.Token, uri: Pkcs11Uri, pin: str | None, *, writing: bool) -> pkcs11.Session:
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
    there: list[pkcs11.Token] = []
    for slot in library.get_slots(token_present=True):
        with suppress(refusals.TokenNotPresent, refusals.TokenNotRecognised):  # one reader's trouble is not the next one's
            there.append(slot.get_token())
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
    raise refusals.NoSuchToken(f"no token {uri.token_name} is plugged in (tokens that are: {names})")


@contextmanager
def naming(uri: Pkcs11Uri) -> Iterator[None]:
    """Let what a token refuses be said in our words."""
    try:
        yield
    except (refusals.PKCS11Error, NotImplementedError, ValueError) as error:  # the latter two of values it does not know
        raise refusal(uri, error) from error


def refusal(uri: Pkcs11Uri, error: Exception) -> TokenError:
    """Return what python-pkcs11 raised as our error, with what to do."""
    if isinstance(error, refusals.NoSuchToken):
        return TokenError(f"{uri}: {error}", uri=uri.text)
    for classes, kind, what in _REFUSALS:
        if isinstance(error, classes):
            return kind(f"{uri}: {what} ({type(error).__name__})", uri=uri.text)
    return TokenError(f"{uri}: the token failed: {type(error).__name__} {error}".rstrip(), uri=uri.text)
