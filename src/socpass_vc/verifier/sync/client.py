"""One file from one URL, well asked: within bounds of time and bytes, again where that may help, and from no host unasked.

It knows HTTP and nothing of what the bytes mean; their signatures are the store's to check. Which files are asked for is
:mod:`published_site`'s.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import urllib3

from socpass_vc.errors import BadCertificate, NotFound, RedirectRefused, SourceError, Unreachable
from socpass_vc.messages import Message
from socpass_vc.verifier.sync.address import Address
from socpass_vc.verifier.sync.connections import Connections, TryAgain, as_refusals
from socpass_vc.verifier.sync.validators import Validators, usable

USER_AGENT = "socpass"
"""Without a version: a server need not know how old a till is."""

_CHUNK_BYTES = 65_536
_MAX_DRAINED_BYTES = 16_384  # of what comes with an error: to keep the connection, and no more
_MAX_DIGITS = 9
_FAIR_SECONDS = 10  # so that usual waiting does not change in which order files are asked for
_MAX_HOST_FAILURES = 2  # that a server keeps us waiting twice is enough
_NOT_THERE = frozenset({403, 404, 410})  # 403: so answer some stores of objects
_TRY_AGAIN = frozenset({429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OK, _PARTIAL, _NOT_MODIFIED = 200, 206, 304


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientLimits:
    """How long and how often a client asks.

    The largest status list in five minutes is 28 kB per second; most lists have less than 50 kB.

    Attributes:
        connect_seconds: for a connection, and again for its TLS handshake.
        silence_seconds: without a byte from the server.
        file_seconds: for one file, with all tries and redirects, however the server drips.
        all_seconds: from the first file on, for all of them; what is asked for later is not tried.
        tries: of one file, where trying again may help.
        pause_seconds: before the second try; twice that before the third.
        longest_pause_seconds: that a server may ask for (Retry-After); with more we do not wait.
        redirects: of one file.
        all_bytes: of all files, as for every source of a till; an issuer's site must not fill a till's disk.
    """

    connect_seconds: float = 10
    silence_seconds: float = 30
    file_seconds: float = 300
    all_seconds: float = 1_800
    tries: int = 3
    pause_seconds: float = 1
    longest_pause_seconds: float = 30
    redirects: int = 5
    all_bytes: int = 256 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerReply:
    """What a server answered.

    Attributes:
        content: of the file, or its beginning; None: it has not changed since the note that was sent along.
        is_whole: whether it is all of the file.
        etag: as the server said, or None.
        modified: likewise.
        size_bytes: of the whole file.
    """

    content: bytes | None
    is_whole: bool
    etag: str | None
    modified: str | None
    size_bytes: int


class Client:
    """Asks servers for files, one after another. Use it in a ``with`` block, or close it.

    A server that cannot be reached, or fails twice in spite of all tries, is not asked again by this client.

    Args:
        limits: of time and tries.
        redirects_to: hosts (``host`` or ``host:port``) to which a server may send on, besides itself.
        received: told how many bytes came, as they come.
    """

    def __init__(
        self,
        *,
        limits: ClientLimits | None = None,
        redirects_to: Collection[str] = (),
        received: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._limits = limits or ClientLimits()
        self._redirects_to = frozenset(host.lower() for host in redirects_to)
        self._received = received
        self._connections = Connections()
        self._failures: dict[str, int] = {}
        self._ends_at: float | None = None
        self._bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._connections.close()

    @property
    def spent(self) -> float:
        """What share of its bytes and of its time this client has used up so far; time counts in steps of ten seconds."""
        limits = self._limits
        waited = 0.0 if self._ends_at is None else time.monotonic() - (self._ends_at - limits.all_seconds)
        return self._bytes / limits.all_bytes + waited // _FAIR_SECONDS * _FAIR_SECONDS / limits.all_seconds

    def gave_up_on(self, url: str) -> bool:
        """Tell whether nothing more comes from the server of *url*: it was not reached, failed twice, or a bound is met."""
        is_late = self._ends_at is not None and time.monotonic() >= self._ends_at
        try:
            return (
                is_late
                or self._bytes > self._limits.all_bytes
                or self._failures.get(Address.read(url).origin, 0) >= _MAX_HOST_FAILURES
            )
        except SourceError:  # no server has such an address
            return True

    def get(self, url: str, longest: int, *, known: Validators | None = None, first: int | None = None) -> ServerReply:
        """Return the file at *url*.

        Args:
            url: http or https.
            longest: in bytes; more is not read, whatever the server says of the length.
            known: of the version at hand; the reply is then without content if there is no other.
            first: ask for so many bytes from the beginning only; a server may give all the same.

        Raises:
            NotFound: the server has no such file.
            BadCertificate: the server does not show that it is the one that was asked.
            RedirectRefused: it sends on to where it may not.
            Unreachable: it did not answer, in time or to the end, in spite of all tries.
            SourceError: *url* is none; the file is too long, packed, or a web page; the server refuses.
        """
        address, limits = Address.read(url), self._limits
        now = time.monotonic()
        self._ends_at = self._ends_at or now + limits.all_seconds
        if self.gave_up_on(url):
            raise self._given_up(now).at(str(address))
        headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"} | ({} if known is None else known.headers())
        if first is not None:
            headers["Range"] = f"bytes=0-{first - 1}"
        asked = _Asked(headers=headers, longest=longest, first=first, until=min(now + limits.file_seconds, self._ends_at))
        with self._connections.watch.within(asked.until - now):
            try:
                return self._try(address, asked)
            except TryAgain as failed:
                counts = _MAX_HOST_FAILURES if failed.is_of_host else 1
                self._failures[address.origin] = self._failures.get(address.origin, 0) + counts
                is_over, seconds = self._connections.watch.is_over, round(asked.until - now)
                why = Message("took_too_long", seconds=seconds) if is_over else failed.why
                raise Unreachable(why.key, **why.facts).at(str(address)) from failed
            except BadCertificate:
                self._failures[address.origin] = _MAX_HOST_FAILURES
                raise

    def _given_up(self, now: float) -> Unreachable:
        if self._bytes > self._limits.all_bytes:
            return Unreachable("not_asked.too_many_bytes", limit_bytes=self._limits.all_bytes)
        if self._ends_at is not None and now >= self._ends_at:
            return Unreachable("not_asked.too_late", seconds=round(self._limits.all_seconds))
        return Unreachable("not_asked.failed_before")

    def _try(self, address: Address, asked: _Asked) -> ServerReply:
        pause, tries = self._limits.pause_seconds, 1
        while True:
            try:
                return self._follow(address, asked)
            except TryAgain as failed:
                wait = max(pause, failed.wait_seconds)
                is_hopeless = wait > self._limits.longest_pause_seconds or time.monotonic() + wait >= asked.until
                if tries >= self._limits.tries or is_hopeless:
                    raise
            time.sleep(wait)
            pause, tries = 2 * pause, tries + 1

    def _follow(self, address: Address, asked: _Asked) -> ServerReply:
        """Ask, and go where the server sends on to, as far as that is allowed."""
        at = address
        for _ in range(self._limits.redirects + 1):
            found = self._ask(at, asked)
            if isinstance(found, ServerReply):
                return found
            at = self._allowed(at, found)
        raise RedirectRefused("redirect.too_many", most=self._limits.redirects).at(str(address))

    def _allowed(self, at: Address, reference: str) -> Address:
        try:
            to = at.join(reference)
        except SourceError as error:
            raise RedirectRefused("redirect.to_nowhere", why=error).at(str(at)) from error
        if (at.scheme, to.scheme) == ("https", "http"):
            raise RedirectRefused("redirect.to_http", to=str(to)).at(str(at))
        if not at.is_host_of(to) and not {to.host, f"{to.host}:{to.port}"} & self._redirects_to:
            raise RedirectRefused("redirect.to_another_host", host=to.origin).at(str(at))
        return to

    def _ask(self, at: Address, asked: _Asked) -> ServerReply | str:
        """Return the answer of one server, or where it sends on to."""
        limits = self._limits
        seconds = max(asked.until - time.monotonic(), 0.001)
        timeout = urllib3.Timeout(connect=min(limits.connect_seconds, seconds), read=min(limits.silence_seconds, seconds))
        with as_refusals(at, self._connections.proxy_of(at)):
            response = self._connections.to(at).request(
                "GET",
                str(at),
                headers=asked.headers,
                timeout=timeout,
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            try:
                found = self._read(at, response, asked)
                response.release_conn()
            except BaseException:  # Ctrl-C too: what is left of the answer is not read
                response.close()
                raise
            return found

    def _read(self, at: Address, response: urllib3.BaseHTTPResponse, asked: _Asked) -> ServerReply | str:
        status, headers = response.status, response.headers
        if status in {_OK, _PARTIAL}:
            return self._read_content(at, response, asked)
        self._drain(response)
        if status == _NOT_MODIFIED and asked.is_conditional:
            return ServerReply(content=None, is_whole=True, etag=None, modified=None, size_bytes=0)
        if status in _REDIRECTS and headers.get("Location"):
            return headers["Location"]
        if status in _NOT_THERE:
            raise NotFound("server.no_such_file", status=status).at(str(at))
        if status in _TRY_AGAIN:
            wait = headers.get("Retry-After", "")
            why = Message("server.cannot_answer_now", status=status)
            raise TryAgain(why, wait_seconds=int(wait) if _is_short_number(wait) else 0)
        raise SourceError("server.refuses", status=status).at(str(at))

    def _read_content(self, at: Address, response: urllib3.BaseHTTPResponse, asked: _Asked) -> ServerReply:
        headers = response.headers
        packed = headers.get("Content-Encoding", "identity").lower()
        if packed != "identity":
            raise SourceError("server.packed_file", encoding=packed[:20]).at(str(at))
        is_whole = response.status == _OK
        if not is_whole and (asked.first is None or not headers.get("Content-Range", "").startswith("bytes 0-")):
            raise SourceError("server.another_part").at(str(at))
        longest = asked.longest if is_whole or asked.first is None else asked.first
        content = bytearray()
        while chunk := response.read1(_CHUNK_BYTES):
            content += chunk
            self._received(len(chunk))
            self._bytes += len(chunk)
            if self._bytes > self._limits.all_bytes:
                raise SourceError("too_many_bytes_in_all", limit_bytes=self._limits.all_bytes).at(str(at))
            if len(content) > longest:
                raise SourceError("file_too_large", longest=longest).at(str(at))
        if self._connections.watch.is_over:  # an answer without a length ends where it was cut off
            raise TryAgain(Message("took_too_long", seconds=round(self._limits.file_seconds)))
        if content[:64].lstrip()[:1] == b"<":
            raise SourceError("server.web_page").at(str(at))
        total = headers.get("Content-Range", "").rpartition("/")[2]
        return ServerReply(
            content=bytes(content),
            is_whole=is_whole,
            etag=usable(headers.get("ETag")),
            modified=usable(headers.get("Last-Modified")),
            size_bytes=int(total) if not is_whole and _is_short_number(total) else len(content),
        )

    def _drain(self, response: urllib3.BaseHTTPResponse) -> None:
        """Read what comes with an answer that is no file; of a long one the connection is given up."""
        left = _MAX_DRAINED_BYTES
        while left > 0 and (chunk := response.read1(left)):
            left -= len(chunk)
        if left <= 0:
            response.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What is asked of a server, the same after a redirect."""

    headers: Mapping[str, str]
    longest: int
    first: int | None
    until: float

    @property
    def is_conditional(self) -> bool:
        return not {"If-None-Match", "If-Modified-Since"}.isdisjoint(self.headers)


def _is_short_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
