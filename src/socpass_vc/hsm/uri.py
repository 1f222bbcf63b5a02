"""``pkcs11:`` URIs (RFC 7512): the name of a key in a token, read strictly. It touches neither tokens nor files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

from socpass_vc.errors import TokenError

SCHEME = "pkcs11:"
MAX_URI_CHARACTERS = 1_024
"""More than token, key and module can need: labels have 32 bytes, paths seldom 255."""

_PATH_ATTRIBUTES = ("token", "serial", "manufacturer", "model", "object", "id", "type")
_QUERY_ATTRIBUTES = ("module-path", "pin-source")
_KEY_TYPES = (b"private", b"public")  # what tools print for the halves of one pair
_BAD_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")
_OTHER_SCHEME = re.compile("[A-Za-z][A-Za-z0-9+.-]+:")  # two characters at least: C: is a drive


@dataclass(frozen=True, slots=True, kw_only=True)
class Pkcs11Uri:
    """Which key in which token, and how to come there. It never holds a PIN.

    Attributes:
        text: as the user wrote it.
        token: the token's label, or None if the serial number names it.
        serial: the token's serial number, or None.
        manufacturer: of the token, or None for any.
        model: likewise.
        label: the key's, or None if the id names it.
        key_id: CKA_ID of the key's objects, or None; not the key id of a pass.
        module: the PKCS#11 library, absolute, or None for the default one.
        pin_file: absolute, or None.
    """

    text: str
    token: str | None
    serial: str | None
    manufacturer: str | None
    model: str | None
    label: str | None
    key_id: bytes | None
    module: Path | None
    pin_file: Path | None

    def __str__(self) -> str:
        return self.text

    @property
    def token_name(self) -> str:
        """The token, for people."""
        return f"'{self.token}'" if self.token is not None else f"with the serial number {self.serial}"

    @property
    def key_name(self) -> str:
        """The key in it, for people."""
        label = None if self.label is None else f"'{self.label}'"
        number = None if self.key_id is None else f"with id {self.key_id.hex()}"
        return " ".join(part for part in (label, number) if part is not None)


def is_uri(text: str) -> bool:
    """Tell whether *text* is meant as a ``pkcs11:`` URI, and not as the path of a file."""
    return text[: len(SCHEME)].lower() == SCHEME


def read_uri(text: str) -> Pkcs11Uri:
    """Return what the URI *text* says.

    Args:
        text: such as ``pkcs11:token=agency;object=pass``.

    Raises:
        TokenError: it is no such URI, names no token or no key, holds a PIN, or an attribute that would be ignored; no value of
            it is repeated.
    """
    if not is_uri(text) or len(text) > MAX_URI_CHARACTERS or not text.isprintable():
        raise TokenError("not a PKCS#11 URI such as pkcs11:token=agency;object=pass")
    path, _, query = text[len(SCHEME) :].partition("?")
    within = _attributes(path, ";", _PATH_ATTRIBUTES)
    beside = _attributes(query, "&", _QUERY_ATTRIBUTES)
    if "token" not in within and "serial" not in within:
        raise TokenError("the PKCS#11 URI names no token: add token=LABEL, or serial=NUMBER")
    if "object" not in within and "id" not in within:
        raise TokenError("the PKCS#11 URI names no key: add object=LABEL, or id=%01")
    if within.get("type", b"private") not in _KEY_TYPES:
        raise TokenError("the PKCS#11 URI names no key: its type is neither private nor public")
    texts = {name: _text(name, value) for name, value in {**within, **beside}.items() if name != "id"}
    return Pkcs11Uri(
        text=text,
        token=texts.get("token"),
        serial=texts.get("serial"),
        manufacturer=texts.get("manufacturer"),
        model=texts.get("model"),
        label=texts.get("object"),
        key_id=within.get("id"),
        module=_path("module-path", texts),
        pin_file=_path("pin-source", texts),
    )


def _attributes(part: str, separator: str, known: tuple[str, ...]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for attribute in filter(None, part.split(separator)):
        name, _, value = attribute.partition("=")
        if name == "pin-value":
            raise TokenError(
                "a PIN does not stand in a PKCS#11 URI, where others can read it: use --pin-file, SOCPASS_PIN_FILE or pin-source="
            )
        if name not in known:
            raise TokenError(f"the PKCS#11 URI has an attribute that is not known here; possible: {', '.join(known)}")
        if name in found or not value or _BAD_ESCAPE.search(value):
            raise TokenError(f"the PKCS#11 URI says {name}= twice, says nothing there, or has a wrong '%'")
        found[name] = unquote_to_bytes(value)
    return found


def _text(name: str, value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError as error:
        raise TokenError(f"{name}= of the PKCS#11 URI is no text in UTF-8") from error
    if not text.isprintable():
        raise TokenError(f"{name}= of the PKCS#11 URI holds a control character")
    return text


def _path(name: str, texts: Mapping[str, str]) -> Path | None:
    text = texts.get(name)
    if text is None:
        return None
    if text.startswith("file:"):
        text = text.removeprefix("file:").removeprefix("//")
    if _OTHER_SCHEME.match(text) or not Path(text).is_absolute():  # among them '|', a program to be run
        raise TokenError(f"{name}= of the PKCS#11 URI is not the absolute path of a file")
    return Path(text)
