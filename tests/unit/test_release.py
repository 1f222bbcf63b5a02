"""scripts/release.py and scripts/sbom.py: what is not released, what is signed and how others check it, what is listed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import release
import sbom
from release import NotReleased, check_ready, open_signer, sign

import world
from socpass_vc.errors import WrongPassphrase
from socpass_vc.format.keyfile import SealingCost, seal
from softhsm import Tokens

CHANGELOG = "# Changelog\n\n## 1.2.3 (2026-11-28)\n\n### What it has\n"


def git(tree: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.ru")
    subprocess.run(["git", *identity, *arguments], cwd=tree, check=True, capture_output=True)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a small tree that is ready for a release."""
    (tmp_path / "src" / "socpass_vc").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n')
    (tmp_path / "src" / "socpass_vc" / "__init__.py").write_text('__version__ = "1.2.3"\n')
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    return tmp_path


def commit(tree: Path) -> None:
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", "--allow-empty", "--message", "x")
    git(tree, "tag", "--force", "v1.2.3")


def test_a_clean_tree_with_its_tag_and_a_dated_entry_is_released(tree: Path) -> None:
    assert check_ready(tree) == "1.2.3"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda tree: (tree / "new.txt").touch(), "1 files differ from HEAD, new.txt among them"),
        (lambda tree: (tree / "CHANGELOG.md").write_text(CHANGELOG + "x"), "CHANGELOG.md among them"),
    ],
    ids=["a file that is not committed", "a change that is not committed"],
)
def test_a_tree_that_is_not_what_was_committed_is_not_released(tree: Path, change: Callable[[Path], Any], why: str) -> None:
    # given
    change(tree)

    # then
    with pytest.raises(NotReleased, match=why):
        check_ready(tree)


@pytest.mark.parametrize(
    ("file", "content", "why"),
    [
        ("CHANGELOG.md", CHANGELOG.replace("1.2.3", "1.2.2"), "no entry"),
        ("CHANGELOG.md", CHANGELOG.replace("2026-11-28", "unreleased"), "calls 1.2.3 'unreleased'"),
        ("src/socpass_vc/__init__.py", '__version__ = "1.2.2"\n', "does not"),
    ],
)
def test_a_version_that_is_not_described_or_stands_in_two_ways_is_not_released(
    tree: Path, file: str, content: str, why: str
) -> None:
    # given
    (tree / file).write_text(content)
    commit(tree)

    # then
    with pytest.raises(NotReleased, match=why):
        check_ready(tree)


def test_a_commit_without_the_tag_is_not_released(tree: Path) -> None:
    # given
    git(tree, "tag", "--delete", "v1.2.3")

    # then
    with pytest.raises(NotReleased, match=r"no tag v1\.2\.3"):
        check_ready(tree)


def test_the_signature_is_checked_by_openssl_and_the_digests_by_sha256sum(tmp_path: Path) -> None:
    # given
    for name in ("b.whl", "a.tar.gz"):
        (tmp_path / name).write_bytes(name.encode())

    # when
    for _ in range(2):  # again changes nothing
        sign(tmp_path, world.key("other"))

    # then
    files = ("-inkey", "release.pem", "-in", "SHA256SUMS", "-sigfile", "SHA256SUMS.sig")
    check = ["openssl", "pkeyutl", "-verify", "-pubin", "-rawin", *files]
    assert subprocess.run(check, cwd=tmp_path, check=False, capture_output=True).returncode == 0
    assert subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path, check=False, capture_output=True).returncode == 0
    assert [line[66:] for line in (tmp_path / "SHA256SUMS").read_text().splitlines()] == ["a.tar.gz", "b.whl"]

    # and nothing else is
    (tmp_path / "SHA256SUMS").write_text((tmp_path / "SHA256SUMS").read_text().replace("a", "b"))
    assert subprocess.run(check, cwd=tmp_path, check=False, capture_output=True).returncode != 0


def test_the_key_is_a_key_file_opened_by_its_passphrase(tmp_path: Path) -> None:
    # given
    (tmp_path / "key.json").write_bytes(seal(world.key("other"), "correct horse", cost=SealingCost.INTERACTIVE))
    (tmp_path / "good.txt").write_text("correct horse\n")
    (tmp_path / "bad.txt").write_text("wrong\n")

    # then
    assert open_signer(str(tmp_path / "key.json"), tmp_path / "good.txt").public_key == world.key("other").public_key
    with pytest.raises(WrongPassphrase):
        open_signer(str(tmp_path / "key.json"), tmp_path / "bad.txt")


def test_the_key_may_stay_in_a_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    tokens = Tokens(tmp_path / "softhsm", monkeypatch)
    tokens.make("release")
    tokens.put("release", "release", "01", world.key("other"))

    # when
    signer = open_signer("pkcs11:token=release;object=release", tokens.pin_file)

    # then
    assert signer.public_key == world.key("other").public_key
    world.key("other").public_key.check(signer.sign(b"sums"), b"sums")
    tokens.forget()


def test_what_to_type_names_the_files_and_the_key(tmp_path: Path) -> None:
    said = release.how_to_check(tmp_path, world.key("other"))
    assert world.key("other").public_key.thumbprint.hex() in said
    assert "-rawin -in SHA256SUMS -sigfile SHA256SUMS.sig" in said


# --- The bill of materials ----------------------------------------------------------------------------------

LOCK = f"""\
click==8.5.1 \\
    --hash=sha256:{"a" * 64} \\
    --hash=sha256:{"b" * 64}
    # via socpass-vc (pyproject.toml)
typing-extensions==4.16.0 ; python_full_version < '3.13' \\
    --hash=sha256:{"c" * 64}
"""


def component(name: str, version: str) -> dict[str, Any]:
    return {"bom-ref": f"{name}=={version}", "name": name, "version": version, "purl": f"pkg:pypi/{name.lower()}@{version}"}


def listed(*components: dict[str, Any]) -> dict[str, Any]:
    refs = [one["bom-ref"] for one in components]
    root = {"bom-ref": "root-component", "name": "socpass-vc", "version": "1.2.3"}
    dependencies = [{"ref": "root-component", "dependsOn": ["click==8.5.1"]}, *({"ref": ref} for ref in refs)]
    return {"components": list(components), "dependencies": dependencies, "metadata": {"component": root}}


def test_components_get_the_digests_of_the_lock_and_the_subject_that_of_the_wheel(tmp_path: Path) -> None:
    # given
    (tmp_path / "x.whl").write_bytes(b"wheel")
    found = listed(component("click", "8.5.1"), component("typing_extensions", "4.16.0"), component("pip", "23.0"))

    # when
    bill = sbom.completed(found, LOCK, tmp_path / "x.whl")

    # then
    hashes = {one["name"]: [part["content"] for part in one["externalReferences"][0]["hashes"]] for one in bill["components"]}
    assert hashes == {"click": ["a" * 64, "b" * 64], "typing_extensions": ["c" * 64]}
    assert bill["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": sha256(b"wheel").hexdigest()}]
    assert [entry["ref"] for entry in bill["dependencies"]] == ["root-component", "click==8.5.1", "typing_extensions==4.16.0"]


def test_an_installation_with_more_than_its_lock_has_no_bill(tmp_path: Path) -> None:
    # given
    (tmp_path / "x.whl").write_bytes(b"wheel")

    # then
    with pytest.raises(LookupError, match="stranger"):
        sbom.completed(listed(component("stranger", "1.0")), LOCK, tmp_path / "x.whl")
