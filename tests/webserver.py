"""Real HTTP servers on this machine: one that serves a folder well, but for the faults that a test asks of it, and raw ones."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
Fault = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Serves the folder of its server, as a good web server does, unless a fault is asked of this path."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        site = self.server.site
        path = self.path.removeprefix(f"http://{self.headers.get('Host')}")  # of a proxy's request
        site.asked.append((path, dict(self.headers)))
        waiting = site.faults.get(path, [])
        fault = waiting.pop(0) if len(waiting) > 1 else next(iter(waiting), None)
        with suppress(BrokenPipeError, ConnectionResetError, ssl.SSLError):
            (fault or serve)(self)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 -- as the method that it replaces has it
        """Say nothing."""

    def send_response(self, code: int, message: str | None = None) -> None:
        self.server.site.statuses.append(code)
        super().send_response(code, message)

    def answer(self, code: int, content: bytes = b"", **headers: str) -> None:
        """Send a whole answer."""
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if code != 304:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def content(self) -> bytes:
        """Return the file that was asked for."""
        path = self.path.removeprefix(f"http://{self.headers.get('Host')}")
        return (self.server.site.folder / path.lstrip("/")).read_bytes()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    site: Site

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients go away in the middle in half of the tests."""


class Site:
    """A server that runs.

    Attributes:
        folder: what it serves.
        url: of it, with "/" at its end.
        faults: path to what is done there instead, one after another, the last for ever; None serves well.
        asked: path and headers of each request.
        statuses: of each answer.
        closing: set when the server ends, so that no fault outlives it.
    """

    def __init__(self, folder: Path, server: _Server, scheme: str) -> None:
        self.folder = folder
        self.port: int = server.server_address[1]
        self.url = f"{scheme}://{HOST}:{self.port}/"
        self.faults: dict[str, list[Fault | None]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.statuses: list[int] = []
        self.closing = Event()

    @property
    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [path for path, _ in self.asked]

    def forget(self) -> None:
        """Forget what was asked so far."""
        self.asked.clear()
        self.statuses.clear()


@contextmanager
def serving(folder: Path, *, tls: ssl.SSLContext | None = None, port: int = 0) -> Iterator[Site]:
    """Serve *folder* at a free port, or at *port*, until the block ends."""
    server = _Server((HOST, port), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    site = server.site = Site(folder, server, "http" if tls is None else "https")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def speaking(speak: Callable[[socket.socket], None]) -> Iterator[str]:
    """Let *speak* do what it likes with each connection, and give the URL at which it listens."""
    with socket.create_server((HOST, 0)) as listening:

        def accept() -> None:
            while True:
                try:
                    connected, _ = listening.accept()
                except OSError:
                    return
                Thread(target=_speak, args=(speak, connected), daemon=True).start()

        Thread(target=accept, daemon=True).start()
        try:
            yield f"http://{HOST}:{listening.getsockname()[1]}/"
        finally:
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)


def _speak(speak: Callable[[socket.socket], None], connected: socket.socket) -> None:
    with connected, suppress(OSError):
        speak(connected)


def free_port() -> int:
    """Return a port at which nobody listens."""
    with socket.create_server((HOST, 0)) as listening:
        return int(listening.getsockname()[1])


# --- Answers --------------------------------------------------------------------------------------------------


def serve(handler: Handler) -> None:
    """Answer well: ETag, Last-Modified, conditions, ranges, 404."""
    try:
        content = handler.content()
    except OSError:
        return handler.answer(404, b"not here")
    etag = f'"{sha256(content).hexdigest()[:16]}"'
    if handler.headers.get("If-None-Match") == etag:
        return handler.answer(304)
    path = handler.server.site.folder / handler.path.lstrip("/")
    headers = {"ETag": etag, "Last_Modified": formatdate(path.stat().st_mtime, usegmt=True) if path.exists() else formatdate()}
    asked = handler.headers.get("Range")
    if asked is None:
        return handler.answer(200, content, **headers)
    last = int(asked.removeprefix("bytes=0-"))
    part = content[: last + 1]
    return handler.answer(206, part, Content_Range=f"bytes 0-{len(part) - 1}/{len(content)}", **headers)


def status(code: int, content: bytes = b"", **headers: str) -> Fault:
    """Return what answers with *code*."""

    def answer(handler: Handler) -> None:
        handler.answer(code, content, **headers)

    answer.__name__ = "_".join([f"http_{code}", *headers.values(), str(len(content))]).replace("/", "-")
    return answer


def content_of(content: bytes, **headers: str) -> Fault:
    """Return what answers well, with another content."""
    return status(200, content, **headers)


def truncated(handler: Handler) -> None:
    """Send half of the file, and go."""
    content = handler.content()
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content[: len(content) // 2])
    handler.close_connection = True


def stalled(handler: Handler) -> None:
    """Send the head of an answer, and no more."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.flush()
    handler.server.site.closing.wait(30)


def dripping(handler: Handler) -> None:
    """Send a byte now and then, so that no time-out of a socket is ever met."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    while not handler.server.site.closing.wait(0.05):
        handler.wfile.write(b"\x83")
        handler.wfile.flush()


def endless(handler: Handler) -> None:
    """Send zeros for ever, without saying how many."""
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.close_connection = True
    while not handler.server.site.closing.is_set():
        handler.wfile.write(bytes(65_536))


def endless_in_chunks(handler: Handler) -> None:
    """Send zeros for ever, chunk by chunk."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    while not handler.server.site.closing.is_set():
        handler.wfile.write(b"10000\r\n" + bytes(65_536) + b"\r\n")


def drip_raw(connected: socket.socket) -> None:
    """Drip the head of an answer, a letter at a time."""
    connected.recv(65_536)
    for letter in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000:
        connected.sendall(bytes([letter]))
        time.sleep(0.05)


# --- TLS ------------------------------------------------------------------------------------------------------


def make_certificate(
    folder: Path, *, address: str = HOST, name: str = "localhost", age: timedelta = timedelta()
) -> tuple[Path, ssl.SSLContext]:
    """Make a certificate of its own authority for *address* and *name*; return its file and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "socpass test")])
    now = datetime.now(UTC) - age
    certificate = (
        x509.CertificateBuilder()
        .subject_name(authority)
        .issuer_name(authority)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address)), x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return file, context


def relay(one: socket.socket, other: socket.socket) -> None:
    """Carry bytes between two connections, as a tunnel does, until one of them ends."""

    def carry(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while content := source.recv(65_536):
                target.sendall(content)
            target.shutdown(socket.SHUT_WR)

    back = Thread(target=carry, args=(other, one), daemon=True)
    back.start()
    carry(one, other)
    back.join()
