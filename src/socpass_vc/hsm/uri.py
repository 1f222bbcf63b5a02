"""``pkcs11:`` URIs (RFC 7512): the name of a key in a token, read strictly. It opens neither tokens nor files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

from socpass_vc.errors import TokenError
from socpass_vc.messages import Message

SCHEME = "pkcs11:"
MAX_URI_CHARACTERS = 1_024
"""More than token, key and module can need: labels have 32 bytes, and few paths have 255."""

_PATH_ATTRIBUTES = ("token", "serial", "manufacturer", "model", "object", "id", "type")
_QUERY_ATTRIBUTES = ("module-path", "pin-source")
_KEY_TYPES = (b"private", b"public")  # as tools print them for the halves of one pair
_BAD_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")
_OTHER_SCHEME = re.compile("[A-Za-z][A-Za-z0-9+.-]+:")  # two characters at least: C: is a drive


@dataclass(frozen=True, slots=True, kw_only=True)
class Pkcs11Uri:
    """Which key in which token, and how to reach it. It never holds a PIN.

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
    def token_name(self) -> Message:
        """The token, for people."""
        if self.token is not None:
            return Message("token.label", label=self.token)
        return Message("token.serial", serial=self.serial)

    @property
    def key_name(self) -> Message:
        """The key in it, for people."""
        number = None if self.key_id is None else self.key_id.hex()
        if self.label is None:
            return Message("token.key_id", id=number)
        if number is None:
            return Message("token.label", label=self.label)
        return Message("token.key_label_and_id", label=self.label, id=number)


def is_uri(text: str) -> bool:
    """Tell whether *text* is meant as a ``pkcs11:`` URI, and not as the path of a file."""
    return text[: len(SCHEME)].lower() == SCHEME


def read_uri(text: str) -> Pkcs11Uri:
    """Return what the URI *text* says.

    Args:
        text: such as ``pkcs11:token=agency;object=pass``.

    Raises:
        TokenError: it is not such a URI, names no token or no key, holds a PIN, or an attribute that would be ignored. The error
            repeats no value of the URI.
    """
    if not is_uri(text) or len(text) > MAX_URI_CHARACTERS or not text.isprintable():
        raise TokenError("not_a_token_uri")
    path, _, query = text[len(SCHEME) :].partition("?")
    within = _attributes(path, ";", _PATH_ATTRIBUTES)
    beside = _attributes(query, "&", _QUERY_ATTRIBUTES)
    if "token" not in within and "serial" not in within:
        raise TokenError("token_uri_without_token")
    if "object" not in within and "id" not in within:
        raise TokenError("token_uri_without_key")
    if within.get("type", b"private") not in _KEY_TYPES:
        raise TokenError("token_uri_key_type")
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
            raise TokenError("pin_in_token_uri")
        if name not in known:
            raise TokenError("token_uri_attribute", possible=known)
        if name in found or not value or _BAD_ESCAPE.search(value):
            raise TokenError("token_uri_value", attribute=name)
        found[name] = unquote_to_bytes(value)
    return found


def _text(name: str, value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError as error:
        raise TokenError("token_uri_not_utf8", attribute=name) from error
    if not text.isprintable():
        raise TokenError("token_uri_control_character", attribute=name)
    return text


def _path(name: str, texts: Mapping[str, str]) -> Path | None:
    text = texts.get(name)
    if text is None:
        return None
    if text.startswith("file:"):
        text = text.removeprefix("file:").removeprefix("//")
    if _OTHER_SCHEME.match(text) or not Path(text).is_absolute():  # among them '|', a program to be run
        raise TokenError("token_uri_path", attribute=name)
    return Path(text)
