"""PKCS#11 URIs: what they name, and every way in which one can be wrong."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socpass_vc.errors import SocpassError, TokenError
from socpass_vc.hsm.uri import is_uri, read_uri


def test_a_uri_as_tools_print_it_is_read() -> None:
    uri = read_uri(
        "pkcs11:model=SoftHSM%20v2;manufacturer=SoftHSM%20project;serial=1a2b;token=%D0%9C%D0%A4;id=%01%fF;object=pass;type=private"
        "?module-path=/usr/lib/x.so&pin-source=file:///run/pin"
    )
    assert (uri.model, uri.manufacturer, uri.serial, uri.token) == ("SoftHSM v2", "SoftHSM project", "1a2b", "МФ")
    assert (uri.key_id, uri.label, uri.module, uri.pin_file) == (b"\x01\xff", "pass", Path("/usr/lib/x.so"), Path("/run/pin"))
    assert (uri.token_name, uri.key_name) == ("'МФ'", "'pass' with id 01ff")


def test_letters_of_any_language_may_stand_unescaped() -> None:
    assert read_uri("PKCS11:token=ведомство;object=ключ").label == "ключ"


def test_a_token_may_be_named_by_its_number_alone() -> None:
    uri = read_uri("pkcs11:serial=77;id=%a0")
    assert (uri.token_name, uri.key_name) == ("with the serial number 77", "with id a0")


def test_it_travels_between_processes() -> None:
    uri = read_uri("pkcs11:token=a;object=b?pin-source=/run/pin")
    assert pickle.loads(pickle.dumps(uri)) == uri  # noqa: S301 -- our own bytes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("keys/pass.json", "not a PKCS#11 URI such as"),
        ("pkcs11:" + "a" * 1020, "not a PKCS#11 URI such as"),
        ("pkcs11:token=a\n;object=b", "not a PKCS#11 URI such as"),
        ("pkcs11:", "names no token: add token="),
        ("pkcs11:object=b", "names no token: add token="),
        ("pkcs11:token=a", "names no key: add object="),
        ("pkcs11:token=a;object=b;type=cert", "its type is neither private nor public"),
        ("pkcs11:token=a;object=b;type=%ff", "its type is neither private nor public"),
        ("pkcs11:token=a;object=b;slot-id=1", "not known here; possible: token, serial,"),
        ("pkcs11:token=a;object=b?module-name=x", "not known here; possible: module-path, pin-source"),
        ("pkcs11:token=a;object=b;object=c", "says object= twice, says nothing there, or has a wrong '%'"),
        ("pkcs11:token=;object=b", "says token= twice"),
        ("pkcs11:token=a;object=b%2", "says object= twice"),
        ("pkcs11:token=%ff;object=b", "token= of the PKCS#11 URI is no text in UTF-8"),
        ("pkcs11:token=%00;object=b", "token= of the PKCS#11 URI holds a control character"),
        ("pkcs11:token=a;object=b?pin-source=pin", "pin-source= of the PKCS#11 URI is not the absolute path"),
        ("pkcs11:token=a;object=b?pin-source=%7cgetpin", "pin-source= of the PKCS#11 URI is not the absolute path"),
        ("pkcs11:token=a;object=b?pin-source=https://h/pin", "pin-source= of the PKCS#11 URI is not the absolute path"),
        ("pkcs11:token=a;object=b?module-path=x.so", "module-path= of the PKCS#11 URI is not the absolute path"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    with pytest.raises(TokenError) as refused:
        read_uri(text)
    assert said in str(refused.value)


@pytest.mark.parametrize("text", ["pkcs11:token=a;object=b?pin-value=492817", "pkcs11:token=a;pin-value=492817"])
def test_a_pin_in_a_uri_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(TokenError, match="a PIN does not stand in a PKCS#11 URI") as refused:
        read_uri(text)
    assert "492817" not in str(refused.value)


@given(st.text(max_size=60), st.text(alphabet="tokenbjciduypm=;?&%0af:/-", max_size=60))
def test_any_text_is_read_or_refused_in_our_words(some: str, likely: str) -> None:
    for text in (some, f"pkcs11:{likely}"):
        try:
            read = read_uri(text)
        except SocpassError:
            continue
        assert is_uri(text)
        assert read.text == text
