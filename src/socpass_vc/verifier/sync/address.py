"""Addresses that a till may ask: http and https, with a host and without a password; and which two are of one host.

It reads and joins them. It knows no network.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from socpass_vc.errors import SourceError
from socpass_vc.messages import Message

MAX_CHARACTERS = 2_000
"""Longest address; what servers take in general."""
SCHEMES = ("http://", "https://")

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(
    r"[a-z0-9._-]+|[0-9a-f]*:[0-9a-f:.]*(%[a-z0-9._-]+)?"
)  # a name or a number; an IPv6 number may name an interface
_SAFE_IN_PATH = "/%:@!$&'()*+,;=~-._"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A URL, taken apart; make it with :meth:`read`.

    Attributes:
        scheme: ``http`` or ``https``.
        host: in small letters, ASCII; of IPv6 without its brackets.
        port: 1 to 65535.
        path: begins with "/", percent-encoded, the query included.
    """

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def read(cls, text: str) -> Address:
        """Return the address that *text* is; a fragment is dropped, letters beyond ASCII are encoded.

        Raises:
            SourceError: it is none, or holds a name and a password, which are never repeated.
        """
        shown = without_password(text)
        if len(text) > MAX_CHARACTERS:
            raise SourceError("url.too_long", most=MAX_CHARACTERS).at(f"{_printable(shown[:60])}…")
        if any(character.isspace() or not character.isprintable() for character in text):
            raise SourceError("url.space_or_control").at(_printable(shown))
        try:
            parts = urlsplit(text)
            host, port = parts.hostname or "", parts.port
            if not host.isascii():
                host = host.encode("idna").decode("ascii")
        except ValueError as error:  # UnicodeError among them
            raise SourceError(_reason(error)).at(shown) from error
        if parts.scheme not in _DEFAULT_PORTS:
            raise SourceError("url.scheme").at(shown)
        if host and not _HOST.fullmatch(host):
            raise SourceError("url.host").at(shown)
        if not host or port == 0:
            raise SourceError("url.no_host_or_port").at(shown)
        if "@" in parts.netloc:
            raise SourceError("url.password").at(shown)
        path = quote(parts.path or "/", safe=_SAFE_IN_PATH) + (
            f"?{quote(parts.query, safe=_SAFE_IN_PATH + '?')}" if parts.query else ""
        )
        return cls(scheme=parts.scheme, host=host, port=port or _DEFAULT_PORTS[parts.scheme], path=path)

    def __str__(self) -> str:
        return f"{self.scheme}://{self.origin}{self.path}"

    @property
    def origin(self) -> str:
        """Host and, where it is not the usual one, port, as people write them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def join(self, reference: str) -> Address:
        """Return the address that *reference*, such as that of a redirection, means from here.

        Raises:
            SourceError: as in :meth:`read`.
        """
        try:
            joined = urljoin(str(self), reference)
        except ValueError as error:
            raise SourceError("url.refers_to_none", why=Message(_reason(error))).at(str(self)) from error
        return Address.read(joined)

    def is_host_of(self, other: Address) -> bool:
        """Tell whether *other* is on the same host: the same port too, but for http that becomes https."""
        is_upgrade = (self.scheme, self.port, other.scheme, other.port) == ("http", 80, "https", 443)
        return self.host == other.host and (self.port == other.port or is_upgrade)


def without_password(text: str) -> str:
    """Return *text* for people: unless it is a URL without a password, without whatever stands before its last "@"."""
    scheme, colon, _ = text.partition("://")
    with suppress(ValueError):
        parts = urlsplit(text)
        if parts.scheme in _DEFAULT_PORTS and "@" not in parts.netloc and parts.port != 0:  # asking for it raises if it is none
            return text
    _, at, rest = text.rpartition("@")
    return f"{scheme}{colon}…@{rest}" if at and colon else f"…@{rest}" if at else text


def _printable(text: str) -> str:
    """Return *text* without what could command a terminal."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _reason(error: ValueError) -> str:
    """Return what Python found; its own words may repeat the text, in which a password may stand."""
    return "url.host" if isinstance(error, UnicodeError) else "url.port_or_brackets"
