"""agency.toml: written, read back, and every way in which it can be wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import town
from socpass_vc.errors import AgencyError
from socpass_vc.issuer.config.agency_toml import read_settings, write_settings


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
    ("old", "new", "said"),
    [
        ("format = 1", "format = 2", "format is not 1: written for another version"),
        ("format = 1", "", "format is missing"),
        ('id = "RU-BA"', "", "id is missing"),
        ('id = "RU-BA"', "id = 5", "id is 5, not a text"),
        ('id = "RU-BA"', 'id = "RU-BA"\nidd = 1', "idd is not an option; possible here: format, "),
        ("[passes]", "[passes]\nvalid_day = 3", "passes.valid_day is not an option; possible here: valid_days, document_numbers"),
        ("[lists]", "[list]", "list is not an option"),
        ("[trust]", "[trust]\nroot = 3", "trust.root is not an option"),
        ("ttl_hours = 24", "ttl_hours = 0", "lists.ttl_hours is 0, not 1 to 87840"),
        ("ttl_hours = 24", "ttl_hours = true", "lists.ttl_hours is True, not a whole number"),
        ("entries = 1024", "entries = 1023", "lists.entries is 1023, not a multiple of 4"),
        ("entries = 1024", "entries = 99999999", "lists.entries is 99999999, not 4 to 33554432"),
        ('"last4"', '"some"', "passes.document_numbers is 'some', not one of last4, full, none"),
        ("Asia/Yekaterinburg", "Asia/Atlantis", "time_zone is 'Asia/Atlantis', not a name such as 'Europe/Moscow'"),
        ('prefix = "SOCPASS:"', 'prefix = "socpass:"', "prefix is 'socpass:'; it is upper case"),
        ("[[1, 999], [2001, 2999]]", "[1, 999]", "scopes holds 1, not a pair such as [1, 999]"),
        ('ru = "Город"', "ru = 5", "names needs at least one name"),
        ('ru = "Город"\nen = "Town"', "", "names needs at least one name"),
        ("next_update_days = 30", "next_update_days = 400", "trust.next_update_days is more than trust.valid_days"),
        ('roots = ["roots/1.root"]', "roots = []", "trust.roots and trust.bundle: exactly one of them"),
        ('roots = ["roots/1.root"]', "roots = [1]", "trust.roots is not a list of texts"),
        ('roots = ["roots/1.root"]', 'roots = ["r"]\nbundle = "b"', "trust.roots and trust.bundle: exactly one of them"),
        ('uses = ["pass"]', 'uses = ["passes"]', "keys[0].uses is ['passes'], not some of pass, status, voucher, catalogue"),
        ('uses = ["pass"]', "uses = []", "keys[0].uses is [], not some of"),
        (
            "sign_from = 2026-01-01T00:00:00Z",
            "sign_from = 2026-01-01T00:00:00",
            "keys[0].sign_from is 2026-01-01 00:00:00, without a time zone",
        ),
        (
            "sign_from = 2026-01-01T00:00:00Z",
            'sign_from = "soon"',
            "keys[0].sign_from is 'soon', not a time such as 2026-12-31T00:00:00Z",
        ),
        ('state = "active"', 'state = "lost"', "keys[0].state is 'lost', not active, retired or compromised"),
        ('state = "active"', 'state = "active"\nstat = 1', "keys[0].stat is not an option"),
        ("[[keys]]", "[[key]]", "keys is missing; here stands 'key', is that meant?"),
        ("time_zone = ", "timezone = ", "time_zone is missing; here stands 'timezone', is that meant?"),
        ("format = 1", "keys = [1]\nformat = 1", "not TOML in UTF-8"),
        ("format = 1", "format = = 1", "not TOML in UTF-8"),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_what_would_be_right(written: Path, old: str, new: str, said: str) -> None:
    change(written, old, new)
    with pytest.raises(AgencyError) as refused:
        read_settings(written.parent)
    assert said in str(refused.value)
    assert str(written) in str(refused.value)


def test_a_key_that_is_no_table_is_named(tmp_path: Path) -> None:
    path = tmp_path / "agency.toml"
    head, _, _ = write_settings(town.settings()).partition("[[keys]]")
    path.write_text("keys = [1]\n" + head, encoding="utf-8")
    with pytest.raises(AgencyError, match=r"keys\[0\] is not a table"):
        read_settings(tmp_path)


def test_times_are_read_in_any_zone(written: Path) -> None:
    change(written, "sign_from = 2026-01-01T00:00:00Z", "sign_from = 2026-01-01T05:00:00.5+05:00")
    assert read_settings(written.parent).keys[0].sign_from == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"\0", b"a" * (2**20 + 1)])
def test_rubbish_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "agency.toml").write_bytes(content)
    with pytest.raises(AgencyError, match=r"agency\.toml"):
        read_settings(tmp_path)
