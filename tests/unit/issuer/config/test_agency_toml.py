"""agency.toml: written, read back, and every way in which it can be wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

import town
from said import refused
from socpass_vc.errors import AgencyError
from socpass_vc.issuer.config.agency_toml import read_settings, write_settings
from socpass_vc.messages import Message

PASSES = ("valid_days", "document_numbers")


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "agency.toml"
    path.write_text(write_settings(town.settings()), encoding="utf-8")
    return path


def change(path: Path, old: str, new: str) -> None:
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new), encoding="utf-8")


def test_what_is_written_is_read_back(written: Path) -> None:
    assert read_settings(written.parent) == town.settings()


def test_names_with_quotes_and_backslashes_survive(tmp_path: Path) -> None:
    odd = town.settings(names={"ru": 'Отдел "Забота" \\ №5 \x7f\t'})
    (tmp_path / "agency.toml").write_text(write_settings(odd), encoding="utf-8")
    assert read_settings(tmp_path) == odd


def test_what_is_left_out_has_a_default(written: Path) -> None:
    for line in (
        "valid_days = 365\n",
        'document_numbers = "last4"\n',
        "entries = 1024\n",
        "next_update_days = 30\n",
        'prefix = "SOCPASS:"\n',
    ):
        change(written, line, "")
    found = read_settings(written.parent)
    assert found.pass_validity == timedelta(days=365)
    assert (found.list_entries, found.prefix) == (2**20, "SOCPASS:")


@pytest.mark.parametrize(
    ("old", "new", "reason", "facts"),
    [
        ("format = 1", "format = 2", "toml.other_format", {"option": "format", "found": 2, "wanted": 1}),
        ("format = 1", "", "toml.option_missing", {"option": "format"}),
        ('id = "RU-BA"', "", "toml.option_missing", {"option": "id"}),
        ('id = "RU-BA"', "id = 5", "toml.wrong_type", {"option": "id", "found": "5", "wanted": Message("toml.kind.text")}),
        ("[passes]", "[passes]\nvalid_day = 3", "toml.option_unknown", {"option": "passes.valid_day", "possible": PASSES}),
        ("[lists]", "[list]", "toml.option_unknown", {"option": "list"}),
        ("[trust]", "[trust]\nroot = 3", "toml.option_unknown", {"option": "trust.root"}),
        (
            "ttl_hours = 24",
            "ttl_hours = 0",
            "toml.out_of_range",
            {"option": "lists.ttl_hours", "found": 0, "lowest": 1, "highest": 87_840},
        ),
        (
            "ttl_hours = 24",
            "ttl_hours = true",
            "toml.wrong_type",
            {"option": "lists.ttl_hours", "found": "true", "wanted": Message("toml.kind.whole_number")},
        ),
        ("entries = 1024", "entries = 1023", "toml.entries_not_multiple_of_4", {"option": "lists.entries", "found": 1023}),
        (
            "entries = 1024",
            "entries = 99999999",
            "toml.out_of_range",
            {"option": "lists.entries", "found": 99_999_999, "lowest": 4, "highest": 33_554_432},
        ),
        (
            '"last4"',
            '"some"',
            "toml.document_numbers_unknown",
            {"option": "passes.document_numbers", "found": '"some"', "possible": ("last4", "full", "none")},
        ),
        (
            "Asia/Yekaterinburg",
            "Asia/Atlantis",
            "toml.time_zone_unknown",
            {"option": "time_zone", "found": '"Asia/Atlantis"'},
        ),
        ('prefix = "SOCPASS:"', 'prefix = "socpass:"', "toml.prefix_wrong", {"option": "prefix", "found": '"socpass:"'}),
        ("[[1, 999], [2001, 2999]]", "[1, 999]", "toml.scope_not_a_pair", {"option": "scopes", "found": "1"}),
        ('ru = "Город"', "ru = 5", "toml.names_missing", {"option": "names"}),
        ('ru = "Город"\nen = "Town"', "", "toml.names_missing", {"option": "names"}),
        (
            "next_update_days = 30",
            "next_update_days = 400",
            "toml.next_update_after_valid",
            {"option": "trust.next_update_days"},
        ),
        ('roots = ["roots/1.root"]', "roots = []", "toml.roots_or_bundle", {"option": "trust.roots"}),
        ('roots = ["roots/1.root"]', "roots = [1]", "toml.not_a_list_of_texts", {"option": "trust.roots", "found": "[1]"}),
        ('roots = ["roots/1.root"]', 'roots = ["r"]\nbundle = "b"', "toml.roots_or_bundle", {"option": "trust.roots"}),
        (
            'uses = ["pass"]',
            'uses = ["passes"]',
            "toml.key_uses_unknown",
            {
                "option": "keys[0].uses",
                "found": '["passes"]',
                "possible": ("pass", "status", "voucher", "catalogue", "programmes", "checkpoints"),
            },
        ),
        ('uses = ["pass"]', "uses = []", "toml.key_uses_unknown", {"option": "keys[0].uses", "found": "[]"}),
        (
            "sign_from = 2026-01-01T00:00:00Z",
            "sign_from = 2026-01-01T00:00:00",
            "toml.time_without_zone",
            {"option": "keys[0].sign_from", "found": "2026-01-01 00:00:00"},
        ),
        (
            "sign_from = 2026-01-01T00:00:00Z",
            'sign_from = "soon"',
            "toml.wrong_type",
            {"option": "keys[0].sign_from", "found": '"soon"', "wanted": Message("toml.kind.time")},
        ),
        ('state = "active"', 'state = "lost"', "toml.key_state_unknown", {"option": "keys[0].state", "found": '"lost"'}),
        ('state = "active"', 'state = "active"\nstat = 1', "toml.option_unknown", {"option": "keys[0].stat"}),
        ("[[keys]]", "[[key]]", "toml.option_misspelt", {"option": "keys", "found": "key"}),
        ("time_zone = ", "timezone = ", "toml.option_misspelt", {"option": "time_zone", "found": "timezone"}),
        ("format = 1", "keys = [1]\nformat = 1", "toml.unreadable", {}),
        ("format = 1", "format = = 1", "toml.unreadable", {}),
    ],
)
def test_what_is_wrong_is_named_with_its_option_and_what_would_be_right(
    written: Path, old: str, new: str, reason: str, facts: dict[str, object]
) -> None:
    change(written, old, new)
    with refused(AgencyError, reason, **facts) as caught:
        read_settings(written.parent)
    assert caught.value.where == (str(written),)


def test_an_unknown_option_is_shown_beside_those_that_are_known(written: Path) -> None:
    change(written, 'id = "RU-BA"', 'id = "RU-BA"\nidd = 1')
    with refused(AgencyError, "toml.option_unknown", option="idd") as caught:
        read_settings(written.parent)
    possible = cast("tuple[str, ...]", caught.value.facts["possible"])
    assert possible[0] == "format"
    assert {"id", "names", "keys", "trust"} < set(possible)


def test_a_key_that_is_no_table_is_named(tmp_path: Path) -> None:
    path = tmp_path / "agency.toml"
    head, _, _ = write_settings(town.settings()).partition("[[keys]]")
    path.write_text("keys = [1]\n" + head, encoding="utf-8")
    with refused(AgencyError, "toml.entry_not_a_table", option="keys[0]"):
        read_settings(tmp_path)


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ({"public_key": "11" * 31}, "toml.public_key_not_hexadecimal"),
        ({"public_key": "11" * 31 + "  "}, "toml.public_key_not_hexadecimal"),
        ({"public_key": "00" * 32}, "toml.public_key_refused"),
        ({"pkcs11": "pkcs11:token=t;object=k"}, "toml.key_file_or_pkcs11"),
    ],
)
def test_a_public_key_that_is_none_and_a_key_in_two_places_are_named(written: Path, keys: dict[str, str], reason: str) -> None:
    added = "".join(f'{option} = "{value}"\n' for option, value in keys.items())
    change(written, 'file = "keys/pass.json"\n', f'file = "keys/pass.json"\n{added}')
    with refused(AgencyError, reason):
        read_settings(written.parent)


def test_a_key_in_a_token_comes_with_a_public_key_and_a_uri_that_can_be_read(written: Path) -> None:
    change(written, 'file = "keys/pass.json"', 'pkcs11 = "pkcs11:token=t;object=k"')
    with refused(AgencyError, "toml.public_key_missing", option="keys[0].public_key"):
        read_settings(written.parent)
    change(written, '"pkcs11:token=t;object=k"', f'"pkcs11:token=t"\npublic_key = "{town.pass_key().public_key.raw.hex()}"')
    with refused(AgencyError, "toml.pkcs11_wrong", option="keys[0].pkcs11"):
        read_settings(written.parent)


def test_a_long_value_is_cut_off_in_a_message(written: Path) -> None:
    change(written, '"last4"', f'"{"x" * 500}"')
    with refused(AgencyError, "toml.document_numbers_unknown") as caught:
        read_settings(written.parent)
    assert len(str(caught.value.facts["found"])) == 80


def test_times_are_read_in_any_zone(written: Path) -> None:
    change(written, "sign_from = 2026-01-01T00:00:00Z", "sign_from = 2026-01-01T05:00:00.5+05:00")
    assert read_settings(written.parent).keys[0].sign_from == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"\0", b"a" * (2**20 + 1)])
def test_rubbish_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "agency.toml").write_bytes(content)
    with pytest.raises(AgencyError, match=r"agency\.toml"):
        read_settings(tmp_path)
