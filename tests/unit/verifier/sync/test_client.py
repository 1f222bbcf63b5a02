"""One file from one URL: what a client does with servers that are good, slow, wrong, hostile or not there."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import webserver
from said import refused
from socpass_vc.errors import BadCertificate, NotFound, RedirectRefused, SocpassError, SourceError, Unreachable
from socpass_vc.messages import Message
from socpass_vc.verifier.sync.client import Client, ClientLimits, ServerReply
from socpass_vc.verifier.sync.validators import Validators
from webserver import HOST, Handler, Site, content_of, serving, speaking, status

PATIENT = ClientLimits(pause_seconds=0.01)  # a good server may be slow on a busy machine
SHORT_OF_SILENCE = ClientLimits(silence_seconds=0.3, pause_seconds=0.01)
SHORT_OF_TIME = ClientLimits(file_seconds=1, pause_seconds=0.01)
CONTENT = bytes(range(1, 251)) * 40
LONGEST = 20_000


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "file").write_bytes(CONTENT)
    with serving(folder) as running:
        yield running


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(limits=PATIENT) as made:
        yield made


def get(client: Client, site: Site, *, known: Validators | None = None, first: int | None = None) -> ServerReply:
    return client.get(f"{site.url}file", LONGEST, known=known, first=first)


def note(reply: ServerReply, **changes: str | None) -> Validators:
    validators = {"etag": reply.etag, "modified": reply.modified} | changes
    return Validators(version="1", etag=validators["etag"], modified=validators["modified"], size_bytes=reply.size_bytes)


# --- Servers that do what they should -----------------------------------------------------------------------------


def test_a_file_comes_whole_and_its_bytes_are_told_as_they_come(site: Site) -> None:
    # given
    told: list[int] = []

    # when
    with Client(received=told.append) as client:
        reply = get(client, site)

    # then
    assert (reply.content, reply.is_whole, reply.size_bytes, sum(told)) == (CONTENT, True, len(CONTENT), len(CONTENT))
    assert site.asked[0][1]["Accept-Encoding"] == "identity"


def test_a_file_that_has_not_changed_is_not_sent_again(client: Client, site: Site) -> None:
    # given
    known = note(get(client, site))

    # when
    reply = get(client, site, known=known)

    # then
    assert (reply.content, site.statuses) == (None, [200, 304])
    (site.folder / "file").write_bytes(b"\x83new")
    assert get(client, site, known=known).content == b"\x83new"


def test_a_server_without_etags_is_asked_by_time(client: Client, site: Site) -> None:
    # given
    first = get(client, site)

    # when
    get(client, site, known=note(first, etag=None))
    get(client, site, known=note(first, etag=None, modified=None))

    # then
    assert [headers.get("If-Modified-Since") for _, headers in site.asked] == [None, first.modified, None]


def test_the_beginning_of_a_file_can_be_asked_for_and_the_whole_length_is_known(client: Client, site: Site) -> None:
    reply = get(client, site, first=100)
    assert (reply.content, reply.is_whole, reply.size_bytes) == (CONTENT[:100], False, len(CONTENT))


def test_a_server_that_knows_no_ranges_sends_all(client: Client, site: Site) -> None:
    site.faults["/file"] = [content_of(CONTENT)]
    assert get(client, site, first=100).content == CONTENT


def test_a_part_of_unknown_length_counts_as_long_as_it_is(client: Client, site: Site) -> None:
    site.faults["/file"] = [status(206, CONTENT[:100], Content_Range="bytes 0-99/*")]
    assert get(client, site, first=100).size_bytes == 100


def test_connections_are_used_again_after_a_short_error(client: Client, site: Site) -> None:
    # given
    ports: set[int] = set()

    def notes_the_port(handler: Handler) -> None:
        ports.add(handler.client_address[1])
        webserver.serve(handler)

    site.faults = {"/file": [notes_the_port], "/no": [notes_the_port]}

    # when
    get(client, site)
    with pytest.raises(NotFound):
        client.get(f"{site.url}no", LONGEST)
    get(client, site)

    # then
    assert len(ports) == 1


# --- Servers that fail, for once or for good ----------------------------------------------------------------------


@pytest.mark.parametrize("fault", [status(500), status(503), status(429, Retry_After="0"), webserver.truncated])
def test_what_may_pass_is_tried_again(client: Client, site: Site, fault: webserver.Fault) -> None:
    site.faults["/file"] = [fault, fault, None]
    assert get(client, site).content == CONTENT
    assert len(site.asked) == 3


@pytest.mark.parametrize("code", [403, 404, 410])
def test_a_file_that_is_not_there_is_not_asked_for_again(client: Client, site: Site, code: int) -> None:
    site.faults["/file"] = [status(code)]
    with refused(NotFound, "server.no_such_file", status=code) as refusal:
        get(client, site)
    assert refusal.value.where == (f"{site.url}file",)
    assert len(site.asked) == 1


@pytest.mark.parametrize("code", [204, 304, 400, 401, 451])
def test_another_answer_is_said_and_not_repeated(client: Client, site: Site, code: int) -> None:
    site.faults["/file"] = [status(code)]
    with refused(SourceError, "server.refuses", status=code):
        get(client, site)
    assert len(site.asked) == 1


def test_a_server_that_asks_for_a_long_pause_is_left_alone(client: Client, site: Site) -> None:
    site.faults["/file"] = [status(503, Retry_After="3600")]
    with refused(Unreachable, "server.cannot_answer_now", status=503):
        get(client, site)
    assert len(site.asked) == 1


def test_a_server_that_fails_twice_is_not_asked_any_more(client: Client, site: Site) -> None:
    # given
    site.faults["/file"] = [status(500)]
    for _ in range(2):
        assert not client.gave_up_on(site.url)
        with refused(Unreachable, "server.cannot_answer_now", status=500):
            get(client, site)
    site.forget()

    # then
    assert client.gave_up_on(site.url)
    with refused(Unreachable, "not_asked.failed_before"):
        get(client, site)
    assert site.asked == []


def test_half_of_a_file_is_no_file(client: Client, site: Site) -> None:
    site.faults["/file"] = [webserver.truncated]
    with refused(Unreachable, "connection.broke_off"):
        get(client, site)


def test_a_silent_server_is_waited_for_so_long_and_no_longer(site: Site) -> None:
    site.faults["/file"] = [webserver.stalled]
    with Client(limits=SHORT_OF_SILENCE) as client, refused(Unreachable, "connection.silent"):
        get(client, site)


@pytest.mark.parametrize("fault", [webserver.dripping, webserver.endless])
def test_a_server_that_never_ends_is_cut_off_at_its_time_or_length(site: Site, fault: webserver.Fault) -> None:
    site.faults["/file"] = [fault]
    with Client(limits=SHORT_OF_TIME) as client, pytest.raises(SourceError) as refusal:
        get(client, site)
    assert (refusal.value.reason, refusal.value.facts) in (
        ("took_too_long", {"seconds": 1}),
        ("file_too_large", {"longest": LONGEST}),
    )


def test_an_answer_without_a_length_that_is_cut_off_is_not_taken_for_whole(site: Site) -> None:
    # given
    def drips_without_a_length(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.close_connection = True
        while not site.closing.wait(0.05):
            handler.wfile.write(b"\x83")
            handler.wfile.flush()

    site.faults["/file"] = [drips_without_a_length]

    # then
    with Client(limits=SHORT_OF_TIME) as client, refused(Unreachable, "took_too_long", seconds=1):
        get(client, site)


def test_a_head_that_drips_is_cut_off_too() -> None:
    with (
        speaking(webserver.drip_raw) as url,
        Client(limits=SHORT_OF_TIME) as client,
        refused(Unreachable, "took_too_long", seconds=1),
    ):
        client.get(url, LONGEST)


def test_all_files_together_have_a_time_too(site: Site) -> None:
    with Client(limits=ClientLimits(all_seconds=3)) as client:
        get(client, site)
        time.sleep(3.1)
        assert client.gave_up_on(site.url)
        with refused(Unreachable, "not_asked.too_late", seconds=3):
            get(client, site)


def test_all_files_together_have_so_many_bytes(site: Site) -> None:
    with Client(limits=ClientLimits(all_bytes=len(CONTENT) + 10)) as client:
        get(client, site)
        with refused(SourceError, "too_many_bytes_in_all", limit_bytes=10_010):
            get(client, site)
        assert client.gave_up_on(site.url)
        with refused(Unreachable, "not_asked.too_many_bytes", limit_bytes=10_010):
            get(client, site)


# --- Too much, or not what was asked for --------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [webserver.endless_in_chunks, content_of(bytes(LONGEST + 1)), webserver.endless])
def test_no_more_is_read_than_a_file_may_have(client: Client, site: Site, fault: webserver.Fault) -> None:
    site.faults["/file"] = [fault]
    with pytest.raises(SourceError) as refusal:
        get(client, site)
    assert (refusal.value.reason, refusal.value.facts["longest"]) == ("file_too_large", LONGEST)
    assert refusal.value.where == (f"{site.url}file",)


def test_a_file_that_says_to_be_small_and_is_not_is_cut_where_it_said(client: Client, site: Site) -> None:
    # given
    def lies(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "5")
        handler.end_headers()
        handler.wfile.write(CONTENT)

    site.faults["/file"] = [lies]

    # then
    assert get(client, site).content == CONTENT[:5]


def test_what_nobody_asked_to_be_packed_is_not_unpacked(client: Client, site: Site) -> None:
    site.faults["/file"] = [content_of(gzip.compress(bytes(10_000_000)), Content_Encoding="gzip")]
    with refused(SourceError, "server.packed_file", encoding="gzip"):
        get(client, site)


def test_a_long_page_that_comes_with_an_error_is_not_read(client: Client, site: Site) -> None:
    # given
    def says_no_for_ever(handler: Handler) -> None:
        handler.send_response(404)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.close_connection = True
        while not site.closing.is_set():
            handler.wfile.write(bytes(65_536))

    site.faults["/file"] = [says_no_for_ever]

    # then
    with pytest.raises(NotFound):
        get(client, site)


@pytest.mark.parametrize(
    "fault",
    [
        status(206, b"\x83", Content_Range="bytes 5-5/10"),
        status(206, b"\x83"),
    ],
)
def test_another_part_than_the_one_asked_for_is_refused(client: Client, site: Site, fault: webserver.Fault) -> None:
    site.faults["/file"] = [fault]
    for first in (None, 100):
        with refused(SourceError, "server.another_part"):
            get(client, site, first=first)


def test_a_page_of_a_network_that_wants_a_login_is_called_that(client: Client, site: Site) -> None:
    site.faults["/file"] = [content_of(b"\n <!doctype html><title>Wi-Fi</title>")]
    with refused(SourceError, "server.web_page"):
        get(client, site)


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x00" * 100,
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 200_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 5_000 + b"\r\n",
        b"HTTP/1.1 9999999 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 100_000,
        b"",
    ],
)
def test_what_is_no_http_is_called_that(client: Client, said: bytes) -> None:
    # given
    def speak(connected: socket.socket) -> None:
        connected.recv(65_536)
        connected.sendall(said)

    # then
    with speaking(speak) as url, refused(Unreachable, "connection.broke_off", through=""):
        client.get(url, LONGEST)


HEADS = st.sampled_from(
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: ",
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ]
)


def test_whatever_a_server_says_is_content_or_one_of_our_refusals() -> None:
    # given
    saying = [b""]

    def speak(connected: socket.socket) -> None:
        connected.recv(65_536)
        connected.sendall(saying[0])

    @given(HEADS, st.binary(max_size=200) | st.text("0123456789abcdef:;, -/\r\n", max_size=200).map(str.encode))
    def says(head: bytes, rest: bytes) -> None:
        saying[0] = head + rest
        with Client(limits=ClientLimits(tries=1, file_seconds=5, silence_seconds=1)) as client, suppress(SocpassError):
            assert len(client.get(url, LONGEST).content or b"") <= LONGEST

    # then
    with speaking(speak) as url:
        says()


# --- Nobody there -------------------------------------------------------------------------------------------------


def test_a_port_at_which_nobody_listens_is_said_and_given_up(client: Client) -> None:
    url = f"http://{HOST}:{webserver.free_port()}/"
    with refused(Unreachable, "connection.not_reached", through="", why=Message("network.refused")):
        client.get(url, LONGEST)
    assert client.gave_up_on(f"{url}other")


def test_a_host_that_has_no_address_is_said(client: Client) -> None:
    with refused(Unreachable, "connection.not_reached", through="", why=Message("network.no_address")):
        client.get("http://no-such-host.invalid/", LONGEST)


# --- Sent on ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_on_the_same_host_is_followed(client: Client, site: Site, code: int) -> None:
    site.faults["/old"] = [status(code, Location="/file")]
    assert client.get(f"{site.url}old", LONGEST).content == CONTENT


def test_a_redirect_to_another_host_is_refused_unless_that_host_is_named(site: Site) -> None:
    with serving(site.folder) as other:
        site.faults["/old"] = [status(302, Location=f"{other.url}file")]
        with Client() as client, refused(RedirectRefused, "redirect.to_another_host", host=f"{HOST}:{other.port}"):
            client.get(f"{site.url}old", LONGEST)
        assert other.asked == []
        for named in (HOST, f"{HOST}:{other.port}"):
            with Client(redirects_to=[named]) as client:
                assert client.get(f"{site.url}old", LONGEST).content == CONTENT


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("/old", "redirect.too_many"),
        ("ftp://127.0.0.1/", "redirect.to_nowhere"),
        ("http://me:secret@127.0.0.1/", "redirect.to_nowhere"),
        ("http://[::1", "redirect.to_nowhere"),
    ],
)
def test_a_redirect_to_nowhere_or_in_a_circle_is_refused(client: Client, site: Site, location: str, reason: str) -> None:
    site.faults["/old"] = [status(302, Location=location)]
    with refused(RedirectRefused, reason) as caught:
        client.get(f"{site.url}old", LONGEST)
    assert "secret" not in str(caught.value)


def test_a_redirect_without_a_place_is_an_answer_like_others(client: Client, site: Site) -> None:
    site.faults["/file"] = [status(302)]
    with refused(SourceError, "server.refuses", status=302):
        get(client, site)


# --- TLS ----------------------------------------------------------------------------------------------------------


def test_a_certificate_that_is_trusted_is_accepted(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, tls = webserver.make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with serving(site.folder, tls=tls) as secure, Client() as client:
        assert get(client, secure).content == CONTENT


def test_a_server_of_tls_that_drips_is_cut_off(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, tls = webserver.make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with serving(site.folder, tls=tls) as secure, Client(limits=SHORT_OF_TIME) as client:
        secure.faults["/file"] = [webserver.dripping]
        with refused(Unreachable, "took_too_long", seconds=1):
            get(client, secure)


@pytest.mark.parametrize(
    ("address", "age", "is_trusted", "said"),
    [
        (HOST, timedelta(), False, "self-signed certificate"),
        ("127.0.0.2", timedelta(), True, "IP address mismatch"),
        (HOST, timedelta(days=30), True, "certificate has expired"),
        (HOST, timedelta(days=-30), True, "certificate is not yet valid"),
    ],
)
def test_a_certificate_that_is_not_good_is_named_with_what_to_do(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, age: timedelta, is_trusted: bool, said: str
) -> None:
    file, tls = webserver.make_certificate(tmp_path, address=address, age=age)
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with serving(site.folder, tls=tls) as secure, Client(limits=PATIENT) as client:
        with refused(BadCertificate, "certificate_not_accepted") as refusal:
            get(client, secure)
        assert said in str(refusal.value.facts["why"])  # OpenSSL's words
        assert client.gave_up_on(secure.url)
        assert secure.asked == []


def test_a_server_that_speaks_no_tls_is_said(client: Client, site: Site) -> None:
    with refused(Unreachable, "connection.tls_failed"):
        client.get(site.url.replace("http:", "https:"), LONGEST)


def test_a_redirect_from_https_to_http_is_refused(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, tls = webserver.make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with serving(site.folder, tls=tls) as secure, Client(redirects_to=[HOST]) as client:
        secure.faults["/file"] = [status(301, Location=f"{site.url}file")]
        with refused(RedirectRefused, "redirect.to_http", to=f"{site.url}file"):
            get(client, secure)
    assert site.asked == []


# --- Proxies ------------------------------------------------------------------------------------------------------


def test_the_proxy_of_the_environment_is_used_with_its_password(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"{HOST}:{site.port}")
    with Client() as client:
        assert client.get("http://pass.example.ru/file", LONGEST).content == CONTENT
    monkeypatch.setenv("http_proxy", f"http://me:s%40fe@{HOST}:{site.port}")
    with Client() as client:
        assert client.get("http://pass.example.ru/file", LONGEST).content == CONTENT
    assert [headers.get("proxy-authorization") for _, headers in site.asked] == [None, "Basic bWU6c0BmZQ=="]


def test_a_host_that_no_proxy_is_for_is_asked_directly(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", f"http://{HOST}:{webserver.free_port()}")
    monkeypatch.setenv("no_proxy", HOST)
    with Client() as client:
        assert get(client, site).content == CONTENT


def test_a_proxy_that_is_spoken_to_over_tls_is_used_too(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, tls = webserver.make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with serving(site.folder, tls=tls) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        with Client() as client:
            assert client.get("http://pass.example.ru/file", LONGEST).content == CONTENT


def test_a_secure_site_is_reached_by_a_tunnel_through_the_proxy(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    file, tls = webserver.make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    tunnelled: list[bytes] = []

    def tunnel(connected: socket.socket) -> None:
        tunnelled.append(connected.recv(65_536).split(b"\r\n")[0])
        with socket.create_connection((HOST, secure.port)) as onward:
            connected.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            webserver.relay(connected, onward)

    with serving(site.folder, tls=tls) as secure, speaking(tunnel) as proxy:
        monkeypatch.setenv("https_proxy", proxy)
        with Client(limits=PATIENT) as client:
            assert get(client, secure).content == CONTENT
    assert [line.rpartition(b" ")[0] for line in tunnelled] == [f"CONNECT {HOST}:{secure.port}".encode()]


def test_a_proxy_that_will_not_go_on_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    def refuse(connected: socket.socket) -> None:
        connected.recv(65_536)
        connected.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")

    # then
    with speaking(refuse) as proxy:
        monkeypatch.setenv("https_proxy", proxy)
        with Client(limits=PATIENT) as client:
            through = Message("connection.through_proxy", host=proxy.removeprefix("http://").rstrip("/"))
            with refused(Unreachable, "connection.not_reached", through=through) as refusal:
                client.get("https://pass.example.ru/", LONGEST)
            assert "407 Proxy Auth" in str(refusal.value.facts["why"])  # the proxy's words
            assert client.gave_up_on("https://pass.example.ru/")


@pytest.mark.parametrize(
    ("proxy", "kind", "reason", "facts"),
    [
        ("socks5://me:secret@127.0.0.1:1080", SourceError, "proxy.of_another_kind", {"kind": "socks5"}),
        ("http://me:secret@[::1", SourceError, "proxy.no_url", {}),
        ("http://me:secret@127.0.0.1:{}", Unreachable, "connection.not_reached", {}),
    ],
)
def test_a_proxy_that_cannot_be_used_is_said_without_its_password(
    monkeypatch: pytest.MonkeyPatch, proxy: str, kind: type[SourceError], reason: str, facts: dict[str, object]
) -> None:
    port = webserver.free_port()
    monkeypatch.setenv("http_proxy", proxy.format(port))
    with Client(limits=PATIENT) as client, refused(kind, reason, **facts) as caught:
        client.get("http://pass.example.ru/file", LONGEST)
    if kind is Unreachable:
        assert caught.value.facts["through"] == Message("connection.through_proxy", host=f"127.0.0.1:{port}")
    assert "secret" not in str(caught.value)


def test_what_a_client_has_spent_is_its_share_of_bytes_and_of_time(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    (site.folder / "file").write_bytes(bytes(1_000))
    with Client(limits=ClientLimits(all_bytes=10_000, all_seconds=100_000)) as client:
        assert client.spent == 0

        # when
        client.get(f"{site.url}file", 2_000)

        # then
        assert client.spent < 0.11
        monkeypatch.setattr("socpass_vc.verifier.sync.client._FAIR_SECONDS", 1e-9)
        assert client.spent > 0.1
