"""Sessions with PKCS#11 tokens: the library started, the token found and logged in to; and its refusals as our errors.

It knows nothing of keys. Only :mod:`token_signer` imports it, and says what to install where python-pkcs11 is missing.
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
from socpass_vc.messages import Message

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
"""Where Debian, Fedora, a local build and Homebrew put SoftHSM's library, the default."""


_TRIES = 6
_FIRST_PAUSE_SECONDS = 0.02
"""A token is looked for again, with pauses that double: about a second in all. SoftHSM 2.6 writes its token's file at each login,
and a process that starts at that moment, as workers do, sees a damaged token or none."""

# What python-pkcs11 raises, and our error and reason for it; the first that fits counts.
_REFUSALS: tuple[tuple[tuple[type[Exception], ...], type[TokenError], str], ...] = (
    ((refusals.PinIncorrect, refusals.PinInvalid, refusals.PinLenRange), WrongPin, "pin_refused"),
    ((refusals.PinLocked,), WrongPin, "pin_locked"),
    ((refusals.PinExpired, refusals.UserPinNotInitialized), WrongPin, "pin_not_set"),
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
        "token_gone",
    ),
    ((refusals.SessionCount,), TokenError, "token_sessions_used_up"),
    (
        (refusals.MechanismInvalid, refusals.FunctionNotSupported, refusals.KeyTypeInconsistent, refusals.DomainParamsInvalid),
        TokenError,
        "token_without_ed25519",
    ),
    ((refusals.TokenWriteProtected, refusals.SessionReadOnly), TokenError, "token_write_protected"),
)


_started_by: dict[str, int] = {}
_starts = 0
"""How often a library was started again in this process."""


def session_era() -> tuple[int, int]:
    """Return a value that changes when sessions that were opened before can no longer be used."""
    return os.getpid(), _starts


def _load_library(uri: Pkcs11Uri, *, again: bool) -> Library:
    """Return the library, started by this process; *again* starts it again, because it looks for tokens only then."""
    global _starts  # noqa: PLW0603 -- there is one library per process, and so one of this
    path = _library_path(uri)
    process = os.getpid()
    try:
        library = pkcs11.lib(path)
        if again or _started_by.get(path, process) != process:
            # A forked child must start it again too, or it would use its parent's sessions (PKCS#11 3.0, section 5.4).
            with suppress(refusals.PKCS11Error):
                library.finalize()
            library.initialize()
            _starts += 1
        _started_by[path] = process
    except (refusals.PKCS11Error, UnicodeError) as error:
        raise TokenError("token_library_fails", answer=str(error) or type(error).__name__, path=path).at(path) from error
    return library


def _library_path(uri: Pkcs11Uri) -> str:
    named = uri.module or os.environ.get(MODULE_VARIABLE)
    if named:
        return str(named)
    for usual in USUAL_MODULES:
        if Path(usual).exists():
            return usual
    raise TokenError("token_library_not_named", variable=MODULE_VARIABLE)


def open_session(uri: Pkcs11Uri, pin: str | None, *, writing: bool = False) -> pkcs11.Session:
    """Open a session; if the token is not found, or fails without a reason, start the library again and retry."""
    attempt = 0
    while True:
        try:
            return _log_in(_find_token(_load_library(uri, again=attempt > 0), uri), uri, pin, writing=writing)
        except (refusals.GeneralError, refusals.NoSuchToken):
            attempt += 1
            if attempt == _TRIES:
                raise
            # Depends on the process's number, so that workers that collided once do not collide again.
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
            raise WrongPin("pin_one_try_left", uri=uri.text).at(uri.text) from error
        raise


def _find_token(library: Library, uri: Pkcs11Uri) -> pkcs11.Token:
    there: list[pkcs11.Token] = []
    for slot in library.get_slots(token_present=True):
        with suppress(
            refusals.TokenNotPresent, refusals.TokenNotRecognised
        ):  # trouble with one card reader must not stop the next
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
    labels = sorted(token.label for token in there)
    if found:
        raise TokenError("tokens_alike", count=len(found), there=_named(labels)).at(uri.text)
    raise _NotPluggedIn(labels)


def _named(labels: list[str]) -> list[Message]:
    return [Message("token.label", label=label) for label in labels] or [Message("none")]


class _NotPluggedIn(refusals.NoSuchToken):
    """The token is not plugged in, or cannot be seen just now; *labels* are those that can."""

    def __init__(self, labels: list[str]) -> None:
        super().__init__(labels)
        self.labels = labels


@contextmanager
def naming(uri: Pkcs11Uri) -> Iterator[None]:
    """Raise what a token refuses as our error."""
    try:
        yield
    except (
        refusals.PKCS11Error,
        NotImplementedError,
        ValueError,
    ) as error:  # python-pkcs11 raises the latter two for values that it does not know
        raise refusal(uri, error) from error


def refusal(uri: Pkcs11Uri, error: Exception) -> TokenError:
    """Return what python-pkcs11 raised as our error."""
    if isinstance(error, _NotPluggedIn):
        return TokenError("token_not_there", token=uri.token_name, there=_named(error.labels), uri=uri.text).at(uri.text)
    answer = type(error).__name__
    for classes, kind, reason in _REFUSALS:
        if isinstance(error, classes):
            return kind(reason, answer=answer, uri=uri.text).at(uri.text)
    return TokenError("token_failed", answer=f"{answer} {error}".rstrip(), uri=uri.text).at(uri.text)
