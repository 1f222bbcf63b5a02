"""Connections to servers as this machine makes them: TLS checked, by the environment's proxies, cut off when their time is over.

It knows urllib3, sockets and the environment, and says what went wrong on the way in our words. What is asked, and how often,
is :mod:`client`'s.
"""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urlsplit
from weakref import WeakSet

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ProxyError, ReadTimeoutError, SSLError

from socpass_vc.errors import BadCertificate, SourceError
from socpass_vc.messages import Message
from socpass_vc.verifier.sync.address import Address

_MAX_REASON_CHARACTERS = 160
_NETWORK_REASONS = {
    errno.ECONNREFUSED: "network.refused",
    errno.ECONNRESET: "network.reset",
    errno.EHOSTUNREACH: "network.no_way",
    errno.ENETUNREACH: "network.no_way",
    errno.ETIMEDOUT: "network.timed_out",
}


class Connections:
    """The connections of one client; those to a host are used again."""

    def __init__(self) -> None:
        self.watch = ConnectionTimer()
        self._pools = _pools_watched_by(self.watch)
        self._proxies = urllib.request.getproxies()
        self._managers: dict[str, urllib3.PoolManager] = {}

    def to(self, address: Address) -> urllib3.PoolManager:
        """Return what connects to the host of *address*, directly or through the proxy that the environment names for it.

        Raises:
            SourceError: the proxy is of a kind that is not spoken here, or named in a way that cannot be read.
        """
        proxy = self.proxy_of(address) or ""
        if proxy not in self._managers:
            self._managers[proxy] = self._manager(proxy)
        return self._managers[proxy]

    def proxy_of(self, address: Address) -> str | None:
        """Return the proxy that the environment (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY; NO_PROXY) or the system names, or None."""
        proxy = self._proxies.get(address.scheme) or self._proxies.get("all")
        if not proxy or urllib.request.proxy_bypass(f"{address.host}:{address.port}"):
            return None
        return proxy if "://" in proxy else f"http://{proxy}"

    def close(self) -> None:
        """Close all connections."""
        for manager in self._managers.values():
            manager.clear()

    def _manager(self, proxy: str) -> urllib3.PoolManager:
        if proxy:
            url, told = _read_proxy(proxy)
            manager: urllib3.PoolManager = urllib3.ProxyManager(url, proxy_headers=told, ssl_context=self._tls)
        else:
            manager = urllib3.PoolManager(ssl_context=self._tls)
        manager.pool_classes_by_scheme = self._pools
        return manager

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Certificates and names are checked against what this system trusts, or SSL_CERT_FILE and SSL_CERT_DIR."""
        return ssl.create_default_context()


class ConnectionTimer:
    """Cuts the connections of a client off when the time for a file is over, whatever they are waiting for.

    A time-out of a socket begins anew with each byte, so a server that drips would never meet it. Connecting and the TLS
    handshake have their own time-outs.
    """

    def __init__(self) -> None:
        self._over = threading.Event()
        self._sockets: WeakSet[socket.socket] = WeakSet()

    @property
    def is_over(self) -> bool:
        """Whether the time of the last block was over before its end."""
        return self._over.is_set()

    def add(self, connected: Any) -> None:
        """Watch over a connection that was just made."""
        self._sockets.add(getattr(connected, "socket", connected))  # TLS within the TLS of a proxy wraps one

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Cut off what is still open in so many seconds, if this block has not ended by then."""
        self._over = threading.Event()  # one of its own: a timer that fires at the very end of a block is none of the next one's
        timer = threading.Timer(seconds, self._cut_off, (self._over,))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _cut_off(self, over: threading.Event) -> None:
        over.set()
        for connected in list(self._sockets):
            with suppress(OSError):  # it was closed meanwhile
                socket.socket.shutdown(connected, socket.SHUT_RDWR)  # not TLS's own, which would take the reader's state away


def _pools_watched_by(watch: ConnectionTimer) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    """Return urllib3's two kinds of pools, with connections that *watch* is told of."""

    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            watch.add(self.sock)

    class Secure(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            watch.add(self.sock)

    class PlainPool(urllib3.HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _read_proxy(proxy: str) -> tuple[str, dict[str, str] | None]:
    """Return where the proxy is, and the header that tells it who asks, if it is to know."""
    try:
        parts = urlsplit(proxy)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise SourceError("proxy.no_url") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise SourceError("proxy.of_another_kind", kind=parts.scheme)
    told = None
    if parts.username is not None:
        told = urllib3.make_headers(proxy_basic_auth=f"{unquote(parts.username)}:{unquote(parts.password or '')}")
    written = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{written}" + (f":{port}" if port else ""), told


class TryAgain(Exception):
    """A try failed in a way that another may not.

    Args:
        why: the reason and its facts.
        wait_seconds: how long the server asks us to wait.
        is_of_host: whether the host's other files will not come either.
    """

    def __init__(self, why: Message, *, wait_seconds: float = 0, is_of_host: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.wait_seconds = wait_seconds
        self.is_of_host = is_of_host


@contextmanager
def as_refusals(at: Address, proxy: str | None) -> Iterator[None]:
    """Turn what goes wrong on the way into our errors, and never say a proxy's password."""
    host = (proxy or "").rpartition("@")[2].rpartition("://")[2].partition("/")[0]
    through = Message("connection.through_proxy", host=host) if host else ""
    try:
        yield
    except SSLError as error:
        refused = _certificate_error(error)
        if refused is None:
            raise TryAgain(Message("connection.tls_failed", through=through, why=_why(error)), is_of_host=True) from error
        said = Message("system.other", said=refused.verify_message)
        raise BadCertificate("certificate_not_accepted", why=said).at(str(at)) from error
    except (NewConnectionError, ConnectTimeoutError, ProxyError) as error:
        raise TryAgain(Message("connection.not_reached", through=through, why=_why(error)), is_of_host=True) from error
    except ReadTimeoutError as error:
        raise TryAgain(Message("connection.silent", through=through)) from error
    except (HTTPError, http.client.HTTPException, OSError, ValueError) as error:
        is_of_proxy = str(_innermost(error)).startswith("Tunnel connection failed")  # http.client has no kind of its own for it
        key = "connection.not_reached" if is_of_proxy else "connection.broke_off"
        raise TryAgain(Message(key, through=through, why=_why(error)), is_of_host=is_of_proxy) from error


def _certificate_error(error: SSLError) -> ssl.SSLCertVerificationError | None:
    return next((reason for reason in error.args if isinstance(reason, ssl.SSLCertVerificationError)), None)


def _innermost(error: BaseException) -> BaseException:
    """Return the innermost reason: what urllib3 says around it names its own objects."""
    while inner := next((reason for reason in error.args if isinstance(reason, BaseException)), error.__cause__):
        error = inner
    return error


def _why(error: BaseException) -> Message:
    """Return the innermost reason; in the words of Python or OpenSSL, and short, where we have none of our own."""
    error = _innermost(error)
    if isinstance(error, socket.gaierror):
        return Message("network.no_address")
    if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) and error.errno in _NETWORK_REASONS:
        return Message(_NETWORK_REASONS[error.errno])
    text = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    return Message("system.other", said=text if len(text) <= _MAX_REASON_CHARACTERS else f"{text[:_MAX_REASON_CHARACTERS]}…")
