"""Addresses: what is one that a till may ask, how it is written, and which two are of one host."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from said import refused
from socpass_vc.errors import SourceError
from socpass_vc.verifier.sync.address import MAX_CHARACTERS, Address


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("https://pass.example.ru", "https://pass.example.ru/"),
        ("HTTPS://Pass.Example.RU:443/Status/?a=b#part", "https://pass.example.ru/Status/?a=b"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
        ("http://[::1]:80/", "http://[::1]/"),
        ("http://[fe80::1%eth0]:8080/", "http://[fe80::1%eth0]:8080/"),
        ("https://пример.рф/соц/", "https://xn--e1afmkfd.xn--p1ai/%D1%81%D0%BE%D1%86/"),
        ("https://pass.example.ru/@home/a%20b?q=ж", "https://pass.example.ru/@home/a%20b?q=%D0%B6"),
    ],
)
def test_an_address_is_written_in_one_way(text: str, written: str) -> None:
    assert str(Address.read(text)) == written
    assert Address.read(written) == Address.read(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "scheme"),
        ("pass.example.ru", "scheme"),
        ("ftp://pass.example.ru/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("https://", "no_host_or_port"),
        ("https:///path", "no_host_or_port"),
        ("https://pass.example.ru:0/", "no_host_or_port"),
        ("https://pass.example.ru:99999/", "port_or_brackets"),
        ("https://pass.example.ru:http/", "port_or_brackets"),
        ("https://[::1/", "port_or_brackets"),
        (f"https://{'ж' * 70}.рф/", "host"),
        ("https://a<b/", "host"),
        ("https://a%0ab/", "host"),
        ("https://pass.example.ru/a b", "space_or_control"),
        ("https://pass.example.ru/\r\nHost: x", "space_or_control"),
        ("https://pass.example.ru/" + "x" * MAX_CHARACTERS, "too_long"),
    ],
)
def test_what_is_no_address_says_why(text: str, reason: str) -> None:
    with refused(SourceError, f"url.{reason}"):
        Address.read(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://anna:secret@pass.example.ru/",
        "https://anna:sec/ret@pass.example.ru/",
        "https://:secret@/",
        "anna:secret@pass.example.ru",
        "https://anna:secret@[::1/",
        "https://anna:secret @pass.example.ru/",
        "ftp://anna:secret@pass.example.ru/",
    ],
)
def test_a_password_is_refused_and_never_repeated(text: str) -> None:
    with pytest.raises(SourceError) as caught:
        Address.read(text)
    assert "anna" not in str(caught.value)
    assert "sec" not in str(caught.value)


def test_a_password_in_a_good_url_is_said_to_be_what_is_wrong() -> None:
    with refused(SourceError, "url.password") as refusal:
        Address.read("https://anna:secret@pass.example.ru/")
    assert refusal.value.where == ("https://…@pass.example.ru/",)


def test_what_is_no_address_is_named_without_what_could_command_a_terminal() -> None:
    with refused(SourceError, "url.space_or_control") as refusal:
        Address.read("https://pass.example.ru/\x1b[2J\n")
    assert str(refusal.value).isprintable()


@pytest.mark.parametrize(
    ("one", "other", "is_one_host"),
    [
        ("https://a.ru/x", "https://A.ru:443/y", True),
        ("http://a.ru/", "https://a.ru/", True),
        ("https://a.ru/", "http://a.ru/", False),
        ("http://a.ru:8080/", "https://a.ru/", False),
        ("http://a.ru/", "http://a.ru:8080/", False),
        ("http://a.ru/", "http://b.a.ru/", False),
    ],
)
def test_a_host_is_its_name_and_its_port_but_for_http_that_becomes_https(one: str, other: str, is_one_host: bool) -> None:
    assert Address.read(one).is_host_of(Address.read(other)) is is_one_host


@pytest.mark.parametrize(
    ("reference", "joined"),
    [("b", "https://a.ru/x/b"), ("/b", "https://a.ru/b"), ("//b.ru/", "https://b.ru/"), ("http://b.ru/c", "http://b.ru/c")],
)
def test_a_reference_is_joined_as_browsers_do(reference: str, joined: str) -> None:
    assert str(Address.read("https://a.ru/x/y").join(reference)) == joined


@given(st.text())
def test_whatever_is_given_is_an_address_or_refused_as_none(text: str) -> None:
    for candidate in (text, f"https://{text}", f"https://a.ru{text}"):
        try:
            found = Address.read(candidate)
            found.join(text)
        except SourceError:
            continue
        assert str(found).isascii()
