"""``socpass log`` and ``socpass issuer log``: proofs for holders, and witnesses who need files alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from command import Shell
from said import text


@pytest.fixture
def town(demo_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shell: Shell) -> Path:
    """Return a copy of the demo, in which this test may do anything."""
    del shell  # which clears the environment first
    folder = Path(shutil.copytree(demo_folder, tmp_path / "demo"))
    monkeypatch.setenv("SOCPASS_AGENCY", str(folder / "agency"))
    monkeypatch.setenv("SOCPASS_STORE", str(folder / "till"))
    monkeypatch.setenv("SOCPASS_PASSPHRASE_FILE", str(folder / "passphrase.txt"))
    return folder


def test_a_proof_and_a_pass_are_enough_to_show_that_it_was_logged(shell: Shell, town: Path) -> None:
    assert text("cli.issuer.log.proof.done", file="p") in shell("issuer", "log", "proof", "1001", "--out", "p").out
    assert shell("issuer", "log", "proof", "1001").out == Path("p").read_text(encoding="utf-8")
    shutil.rmtree(town / "agency")

    said = shell("log", "check", "p", town / "passes" / "accepted.png")
    assert said.code == 0
    assert text("cli.log.check.done", issuer_id="RU-DEMO") in said.out

    said = shell("log", "check", "p", town / "passes" / "revoked.png")
    assert said.code == 1
    assert "[not_logged]" in said.err
    said = shell("log", "check", town / "site" / "trust.spt", town / "passes" / "accepted.png")
    assert "[malformed]" in said.err
    said = shell("log", "check", "p", town / "passes")
    assert said.code == 2
    assert said.err
    Path("other.txt").write_text("SOCPASS:123")
    assert shell("log", "check", "p", "other.txt").code == 1


def test_a_witness_follows_the_heads_of_a_site_and_notices_another_log(shell: Shell, town: Path) -> None:
    site = town / "site"
    said = shell("log", "witness", site, "--seen", "seen", "--request", "request")
    assert text("cli.log.witness.first", file="seen") in said.out
    assert Path("request").read_text(encoding="utf-8").startswith("old 0\n\npass.")
    first = Path("seen").read_bytes()
    assert text("cli.log.witness.same") in shell("log", "witness", site / "status", "--seen", "seen").out

    shell("issuer", "revoke", "1001", "--reason", "moved")
    shutil.copytree(town / "agency", town / "branch")
    assert shell("issuer", "publish", site).code == 0
    said = shell("log", "witness", site / "status" / "log", "--seen", "seen", "--request", "request")
    size = first.decode().split("\n")[1]
    assert text("cli.log.witness.continued", size=int(size)) in said.out
    assert Path("request").read_text(encoding="utf-8").startswith(f"old {size}\n")
    assert Path("seen").read_bytes() == (site / "status" / "log" / "checkpoint").read_bytes() != first

    # The same agency goes on from an older copy of itself, with the same key: another log.
    seen = Path("seen").read_bytes()
    assert shell("issuer", "reinstate", "1003", "--reason", "confirmed", "--agency", town / "branch").code == 0
    assert shell("issuer", "publish", "other", "--agency", town / "branch").code == 0
    said = shell("log", "witness", "other", "--seen", "seen")
    assert said.code == 1
    assert "[log_rewritten]" in said.err
    tile = site / "status" / "log" / "tile" / "2" / "000.p" / size_in_blocks(seen)
    tile.write_bytes(bytes(len(tile.read_bytes())))
    assert "[log_rewritten]" in shell("log", "witness", site, "--seen", "seen").err
    assert Path("seen").read_bytes() == seen


def size_in_blocks(note: bytes) -> str:
    return str(int(note.decode().split("\n")[1]) // 2**16)


def test_a_head_is_followed_though_its_last_tile_grew_meanwhile(shell: Shell, town: Path) -> None:
    folder = town / "site" / "status" / "log"
    partial = folder / "tile" / "2" / "000.p"
    (folder / "tile" / "2" / "000").write_bytes((partial / "2").read_bytes() + bytes(254 * 32))
    shutil.rmtree(partial)
    assert shell("log", "witness", town / "site", "--seen", "seen").code == 0


def test_a_folder_without_a_log_is_named(shell: Shell, town: Path) -> None:
    said = shell("log", "witness", town / "passes", "--seen", "seen")
    assert said.code == 1
    assert text("cli.log.witness.no_head") in said.err
    assert not Path("seen").exists()


def test_an_audit_compares_with_heads_of_any_age(shell: Shell, town: Path) -> None:
    checkpoint = town / "site" / "status" / "log" / "checkpoint"
    shutil.copy(checkpoint, "old")
    shell("issuer", "revoke", "1001", "--reason", "moved")
    shutil.copytree(town / "agency", town / "branch")
    shell("issuer", "publish", town / "site")
    said = shell("issuer", "audit", "--head", "old", "--head", checkpoint)
    assert said.code == 0
    assert text("cli.audit.heads", count=2) in said.out
    said = shell("issuer", "audit", "--head", checkpoint, "--agency", town / "branch")
    assert said.code == 1
    assert "[log_rewritten]" in said.err
    assert "[bad_agency]" in shell("issuer", "audit", "--head", town / "passphrase.txt").err


def test_the_keys_are_shown_as_witnesses_take_them(shell: Shell, town: Path) -> None:
    said = shell("issuer", "log", "show")
    assert f"{(town / 'site' / 'status' / 'log' / 'checkpoint').read_text(encoding='utf-8').splitlines()[1]}" in said.out
    assert "pass.example.org/status/log+" in said.out
    (town / "agency" / "log.checkpoint").unlink()
    assert text("cli.issuer.log.show.none") in shell("issuer", "log", "show").out


def test_an_agency_without_the_key_is_told_how_to_add_it_and_adds_it(shell: Shell, town: Path) -> None:
    path = town / "agency" / "agency.toml"
    before, _, after = path.read_text(encoding="utf-8").rpartition('[[keys]]\nfile = "keys/checkpoints.json"')
    path.write_text(before, encoding="utf-8")
    (town / "agency" / "keys" / "checkpoints.json").unlink()
    (town / "agency" / "log.checkpoint").unlink()
    shutil.rmtree(town / "site" / "status" / "log")
    said = shell("issuer", "publish", town / "site")
    assert said.code == 0
    assert text("cli.publish.no_log_key") in said.out

    assert shell("issuer", "rotate-key", "--use", "checkpoints").code == 0
    said = shell("issuer", "publish", town / "site")
    assert text("cli.publish.no_log_key") not in said.out
    assert (town / "site" / "status" / "log" / "checkpoint").is_file()
    assert shell("sync", town / "site").code == 0
    assert shell("log", "witness", town / "site", "--seen", "seen").code == 0
    assert after


def test_a_key_for_heads_signs_nothing_else(shell: Shell, town: Path) -> None:
    said = shell("issuer", "rotate-key", "--use", "checkpoints", "--use", "voucher")
    assert said.code == 1
    assert text("checkpoint_key_not_alone") in said.err
    path = town / "agency" / "agency.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('["checkpoints"]', '["pass", "checkpoints"]'), encoding="utf-8")
    said = shell("issuer", "report")
    assert text("checkpoint_key_not_alone") in said.err
