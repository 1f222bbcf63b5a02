"""The register's file: missing, damaged, of another version, or in use."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sql

from socpass_vc.errors import RegisterError
from socpass_vc.issuer.register import Register, meta


def test_a_missing_register_is_named_and_never_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "register.sqlite"
    with pytest.raises(RegisterError, match="register is missing; restore it from a copy"):
        Register.open(path)
    assert not path.exists()


def test_a_register_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "register.sqlite"
    Register.create(path).close()
    Register.open(path).close()
    with pytest.raises(RegisterError, match="there is a register already"):
        Register.create(path)


@pytest.mark.parametrize(
    "content", [b"", b"not a database, but long enough to look at" * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_damaged_register_is_named_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "register.sqlite"
    path.write_bytes(content)
    with pytest.raises(RegisterError, match=r"register\.sqlite"):
        Register.open(path)
    assert path.read_bytes() == content


def test_a_register_of_another_version_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "register.sqlite"
    with Register.create(path) as register, register.transaction() as connection:
        connection.execute(meta.update().values(value="99"))
    with pytest.raises(RegisterError, match="of schema version 99; this program knows 1"):
        Register.open(path)


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with Register.create(tmp_path / "register.sqlite") as register:
        with pytest.raises(RegisterError, match="no such table"):
            _add_and_fail(register)
        with register.transaction() as connection:
            assert connection.scalar(sql.select(sql.func.count()).select_from(meta)) == 1


def _add_and_fail(register: Register) -> None:
    with register.transaction() as connection:
        connection.execute(meta.insert().values(name="a", value="b"))
        connection.execute(sql.text("SELECT * FROM nowhere"))


def test_what_was_committed_survives_a_loss_of_power(tmp_path: Path) -> None:
    with Register.create(tmp_path / "register.sqlite") as register, register.transaction() as connection:
        assert connection.scalar(sql.text("PRAGMA synchronous")) == 2
        assert connection.scalar(sql.text("PRAGMA journal_mode")) == "wal"
