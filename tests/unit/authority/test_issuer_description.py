"""An issuer's description: the readable file and the short form say the same, and a mistake is named."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import strategies
import world
from said import refused
from socpass_vc.authority.issuer_description import read_description, write_description
from socpass_vc.errors import AuthorityError, ClaimsError, KeyTwice, SocpassError
from socpass_vc.format.cbor import encode
from socpass_vc.format.trust.issuers import Issuer, KeyState, Use, encode_issuer

ISSUER = world.issuer(
    world.issuer_key("pass", Use.PASS),
    world.issuer_key("old", Use.PASS, Use.STATUS, state=KeyState.COMPROMISED),
    world.issuer_key("later", 5, 63, state=KeyState.RETIRED),
    world.issuer_key(world.later_key("a"), Use.PASS, 7),
    documents_url="https://pass.example.ru/documents/{list}",
)
TEXT = write_description(ISSUER)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "RU-BA.toml"


def test_the_readable_file_and_the_short_form_come_back(path: Path) -> None:
    for content in (TEXT.encode(), b"\xef\xbb\xbf" + TEXT.encode(), encode(encode_issuer(ISSUER))):
        # given
        path.write_bytes(content)

        # then
        assert read_description(path) == ISSUER


def test_key_ids_stand_beside_the_keys_for_people_to_find() -> None:
    assert all(key.public_key.key_id.hex() in TEXT for key in ISSUER.keys)


@given(issuer=st.builds(lambda listed: listed.issuers[0], strategies.trust_lists()))
def test_any_issuer_of_a_trust_list_comes_back(issuer: Issuer, tmp_path_factory: pytest.TempPathFactory) -> None:
    # given
    file = tmp_path_factory.mktemp("description") / "issuer.toml"
    file.write_text(write_description(issuer), encoding="utf-8")

    # when
    try:
        found = read_description(file)
    except AuthorityError as error:  # a time zone may be of any shape in a list, and must be known in a file
        assert error.reason == "toml.time_zone_unknown"  # noqa: PT017 -- what else may be wrong is not
        return

    # then
    assert found == issuer


@pytest.mark.parametrize(
    ("old", "new", "reason", "option"),
    [
        ("format = 1", "format = 2", "toml.other_format", "format"),
        ('id = "RU-BA"', 'id = "RU-BA"\nscope = []', "toml.option_unknown", "scope"),
        ("Asia/Yekaterinburg", "Asia/Ufa", "toml.time_zone_unknown", "time_zone"),
        ("Asia/Yekaterinburg", "localtime", "toml.time_zone_unknown", "time_zone"),
        ("Asia/Yekaterinburg", "Factory", "toml.time_zone_unknown", "time_zone"),
        ('state = "compromised"', 'state = "gone"', "toml.key_state_unknown", "keys[2].state"),
        ('state = "compromised"', 'state = "retired"\nstatus = 1', "toml.option_unknown", "keys[2].status"),
        ('uses = ["pass", "status"]', 'uses = ["passes"]', "toml.key_use_unknown", "keys[2].uses"),
        ('uses = ["pass", "status"]', 'uses = ["1"]', "toml.key_use_unknown", "keys[2].uses"),
        ('uses = ["pass", "status"]', 'uses = ["64"]', "toml.key_use_unknown", "keys[2].uses"),
        ('uses = ["pass", "status"]', 'uses = ["6"]', "toml.key_use_unknown", "keys[2].uses"),
        ("public_key = ", 'public_key = "00" # ', "toml.public_key_not_hexadecimal", "keys[0].public_key"),
        ("public_key = ", 'algorithm = -19\npublic_key = "00" # ', "toml.public_key_not_hexadecimal", "keys[0].public_key"),
        ("public_key = ", 'algorithm = -48\npublic_key = "0 0" # ', "toml.unknown_key_not_hexadecimal", "keys[0].public_key"),
        ("public_key = ", 'algorithm = -48\npublic_key = "" # ', "toml.unknown_key_not_hexadecimal", "keys[0].public_key"),
        ("algorithm = -48", f"algorithm = {2**64}", "toml.public_key_refused", "keys[3].public_key"),
        ("algorithm = -48", 'algorithm = "ML-DSA-44"', "toml.wrong_type", "keys[3].algorithm"),
        ("sign_until = 2026-12-01T00:00:00Z", "sign_until = 2026-12-01T00:00:00", "toml.time_without_zone", "keys[0].sign_until"),
        ("[[keys]]", "[keys]", "toml.unreadable", None),
    ],
)
def test_a_mistake_in_the_file_is_named(path: Path, old: str, new: str, reason: str, option: str | None) -> None:
    # given
    assert old in TEXT
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")

    # then
    with refused(AuthorityError, reason) as caught:
        read_description(path)
    assert caught.value.where[0] == str(path)
    assert caught.value.facts.get("option") == option


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('id = "RU-BA"', 'id = "ru"'),
        ("scopes = [[1, 999], [2000, 2999]]", "scopes = [[1, 999], [500, 2999]]"),
        ('uses = ["pass", "status"]', "uses = []"),
        ("sign_until = 2026-12-01T00:00:00Z", "sign_until = 2020-12-01T00:00:00Z"),
    ],
)
def test_what_no_trust_list_may_say_is_refused_with_the_reason_that_a_list_would_have(path: Path, old: str, new: str) -> None:
    # given
    assert old in TEXT
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")

    # then
    with pytest.raises(AuthorityError) as caught:
        read_description(path)
    assert caught.value.where[0] == str(path)
    assert isinstance(caught.value.__cause__, ClaimsError)
    assert caught.value.reason == caught.value.__cause__.reason


def test_a_key_that_stands_twice_is_named(path: Path) -> None:
    # given
    entry = "[[keys]]" + TEXT.split("[[keys]]")[1]
    path.write_text(f"{TEXT}\n{entry}\n", encoding="utf-8")

    # then
    with refused(KeyTwice, "key_twice_in_description"):
        read_description(path)


def test_keys_that_are_no_tables_are_named(path: Path) -> None:
    # given
    path.write_text(f"keys = [1]\n{TEXT[: TEXT.index('# ' + ISSUER.keys[0].public_key.key_id.hex())]}", encoding="utf-8")

    # then
    with refused(AuthorityError, "toml.entry_not_a_table", option="keys[0]"):
        read_description(path)


@given(st.binary(max_size=200) | strategies.mutated(st.sampled_from([TEXT.encode(), encode(encode_issuer(ISSUER))])))
def test_whatever_a_file_holds_it_is_read_or_refused_in_our_words(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    # given
    file = tmp_path_factory.mktemp("description") / "issuer.toml"
    file.write_bytes(content)

    # then
    try:
        read_description(file)
    except SocpassError as error:
        assert str(file) in str(error)  # noqa: PT017 -- any refusal will do, if it names the file
