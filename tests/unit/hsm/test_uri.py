"""PKCS#11 URIs: what they name, and every way in which one can be wrong."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from said import refused
from socpass_vc.errors import SocpassError, TokenError
from socpass_vc.hsm.uri import is_uri, read_uri
from socpass_vc.messages import Message


def test_a_uri_as_tools_print_it_is_read() -> None:
    uri = read_uri(
        "pkcs11:model=SoftHSM%20v2;manufacturer=SoftHSM%20project;serial=1a2b;token=%D0%9C%D0%A4;id=%01%fF;object=pass;type=private"
        "?module-path=/usr/lib/x.so&pin-source=file:///run/pin"
    )
    assert (uri.model, uri.manufacturer, uri.serial, uri.token) == ("SoftHSM v2", "SoftHSM project", "1a2b", "МФ")
    assert (uri.key_id, uri.label, uri.module, uri.pin_file) == (b"\x01\xff", "pass", Path("/usr/lib/x.so"), Path("/run/pin"))
    assert uri.token_name == Message("token.label", label="МФ")
    assert uri.key_name == Message("token.key_label_and_id", label="pass", id="01ff")


def test_letters_of_any_language_may_stand_unescaped() -> None:
    assert read_uri("PKCS11:token=ведомство;object=ключ").label == "ключ"


def test_a_token_may_be_named_by_its_number_alone() -> None:
    uri = read_uri("pkcs11:serial=77;id=%a0")
    assert uri.token_name == Message("token.serial", serial="77")
    assert uri.key_name == Message("token.key_id", id="a0")


def test_it_travels_between_processes() -> None:
    uri = read_uri("pkcs11:token=a;object=b?pin-source=/run/pin")
    assert pickle.loads(pickle.dumps(uri)) == uri  # noqa: S301 -- our own bytes


PATH_ATTRIBUTES = ("token", "serial", "manufacturer", "model", "object", "id", "type")


@pytest.mark.parametrize(
    ("text", "reason", "facts"),
    [
        ("keys/pass.json", "not_a_token_uri", {}),
        ("pkcs11:" + "a" * 1020, "not_a_token_uri", {}),
        ("pkcs11:token=a\n;object=b", "not_a_token_uri", {}),
        ("pkcs11:", "token_uri_without_token", {}),
        ("pkcs11:object=b", "token_uri_without_token", {}),
        ("pkcs11:token=a", "token_uri_without_key", {}),
        ("pkcs11:token=a;object=b;type=cert", "token_uri_key_type", {}),
        ("pkcs11:token=a;object=b;type=%ff", "token_uri_key_type", {}),
        ("pkcs11:token=a;object=b;slot-id=1", "token_uri_attribute", {"possible": PATH_ATTRIBUTES}),
        ("pkcs11:token=a;object=b?module-name=x", "token_uri_attribute", {"possible": ("module-path", "pin-source")}),
        ("pkcs11:token=a;object=b;object=c", "token_uri_value", {"attribute": "object"}),
        ("pkcs11:token=;object=b", "token_uri_value", {"attribute": "token"}),
        ("pkcs11:token=a;object=b%2", "token_uri_value", {"attribute": "object"}),
        ("pkcs11:token=%ff;object=b", "token_uri_not_utf8", {"attribute": "token"}),
        ("pkcs11:token=%00;object=b", "token_uri_control_character", {"attribute": "token"}),
        ("pkcs11:token=a;object=b?pin-source=pin", "token_uri_path", {"attribute": "pin-source"}),
        ("pkcs11:token=a;object=b?pin-source=%7cgetpin", "token_uri_path", {"attribute": "pin-source"}),
        ("pkcs11:token=a;object=b?pin-source=https://h/pin", "token_uri_path", {"attribute": "pin-source"}),
        ("pkcs11:token=a;object=b?module-path=x.so", "token_uri_path", {"attribute": "module-path"}),
    ],
)
def test_what_is_wrong_is_said(text: str, reason: str, facts: dict[str, object]) -> None:
    with refused(TokenError, reason, **facts):
        read_uri(text)


@pytest.mark.parametrize("text", ["pkcs11:token=a;object=b?pin-value=492817", "pkcs11:token=a;pin-value=492817"])
def test_a_pin_in_a_uri_is_refused_and_not_repeated(text: str) -> None:
    with refused(TokenError, "pin_in_token_uri") as refusal:
        read_uri(text)
    assert "492817" not in f"{refusal.value} {refusal.value.facts}"


@given(st.text(max_size=60), st.text(alphabet="tokenbjciduypm=;?&%0af:/-", max_size=60))
def test_any_text_is_read_or_refused_in_our_words(some: str, likely: str) -> None:
    for text in (some, f"pkcs11:{likely}"):
        try:
            read = read_uri(text)
        except SocpassError:
            continue
        assert is_uri(text)
        assert read.text == text
