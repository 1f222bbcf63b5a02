"""Makes a release of HEAD in build/release/VERSION, or says why it does not: `make release KEY=...`.

It holds the wheel and the source archive, built twice with the same bytes; a bill of materials of a till's and of an agency's
installation; SHA256SUMS of all of them; and an Ed25519 signature over that list, with the public key. Nothing is uploaded.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import click
from build_twice import ROOT, build_twice, commit_time, digest

from socpass_cli.app.passphrases import obtain
from socpass_vc.errors import KeyFileError, SocpassError
from socpass_vc.files import read_file
from socpass_vc.format.keyfile import MAX_FILE_BYTES, read_sealed, write_public_pem
from socpass_vc.format.keys import Signer
from socpass_vc.hsm.uri import is_uri, read_uri

SUMS, SIGNATURE, PUBLIC_KEY = "SHA256SUMS", "SHA256SUMS.sig", "release.pem"
INSTALLATIONS = {"till": "run", "agency": "agency"}
"""Kinds of installation, and the lock that each comes from."""


class NotReleased(Exception):
    """Why there is no release; what to do about it stands in the sentence."""


def main() -> int:
    """Make the release, and say how to check it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--key", required=True, help="a key file of socpass, or a pkcs11: URI")
    parser.add_argument("--secret-file", type=Path, default=None, help="its passphrase or PIN; asked for otherwise")
    asked = parser.parse_args()
    try:
        version = check_ready(ROOT)
        signer = open_signer(asked.key, asked.secret_file)  # before the long part
        folder = make(version, signer)
    except (NotReleased, SocpassError, click.UsageError) as error:
        print(f"not released: {error}", file=sys.stderr)  # noqa: T201 -- a script's message
        return 1
    print(how_to_check(folder, signer))  # noqa: T201 -- likewise
    return 0


# --- What must be so before -----------------------------------------------------------------------------------


def check_ready(root: Path) -> str:
    """Return the version that HEAD of *root* is to be.

    Raises:
        NotReleased: the tree is not what HEAD says, the version stands in two ways, or CHANGELOG.md has no dated entry for it.
    """
    changed = _git(root, "status", "--porcelain").splitlines()
    if changed:
        raise NotReleased(f"{len(changed)} files differ from HEAD, {changed[0][3:]} among them; commit them, or take them away")
    version = str(tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])
    module = (root / "src" / "socpass_vc" / "__init__.py").read_text(encoding="utf-8")
    if f'__version__ = "{version}"' not in module:
        raise NotReleased(f"pyproject.toml says {version}, src/socpass_vc/__init__.py does not")
    entry = re.search(rf"^## {re.escape(version)} \((.*)\)$", (root / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    if entry is None:
        raise NotReleased(f"CHANGELOG.md has no entry '## {version} (YYYY-MM-DD)'")
    if re.fullmatch(r"\d{4}-\d\d-\d\d", entry[1]) is None:
        raise NotReleased(f"CHANGELOG.md calls {version} '{entry[1]}'; put the day of the release there")
    tags = _git(root, "tag", "--points-at", "HEAD").split()
    if f"v{version}" not in tags:
        raise NotReleased(f"HEAD has no tag v{version}; set it: git tag -a v{version} -m 'socpass {version}'")
    return version


def open_signer(key: str, secret_file: Path | None) -> Signer:
    """Return the key that signs, from a key file or from a token.

    Raises:
        SocpassError: there is none, or its passphrase or PIN is another.
    """
    if is_uri(key):
        from socpass_vc.hsm.token_signer import open_key  # noqa: PLC0415 -- needs an extra

        return open_key(read_uri(key), obtain(secret_file))
    sealed = read_sealed(read_file(Path(key), MAX_FILE_BYTES, error=KeyFileError))
    return sealed.open(obtain(secret_file))


# --- The files ------------------------------------------------------------------------------------------------


def make(version: str, signer: Signer) -> Path:
    """Return the folder of the release *version*, made anew."""
    folder = ROOT / "build" / "release" / version
    built = build_twice(ROOT, ROOT / "build" / "dist")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in built:
        shutil.copyfile(path, folder / path.name)
    (wheel,) = folder.glob("*.whl")
    for kind, lock in INSTALLATIONS.items():
        _list_components(wheel, lock, folder / f"socpass_vc-{version}-{kind}.cdx.json")
    sign(folder, signer)
    return folder


def _list_components(wheel: Path, lock: str, out: Path) -> None:
    installation = ROOT / "build" / f"{lock}-venv" / "bin" / "python"
    subprocess.run(  # noqa: S603 -- of our own build folder
        [installation, "-m", "pip", "install", "--quiet", "--no-deps", "--force-reinstall", wheel], check=True
    )
    environment = {**os.environ, "SOURCE_DATE_EPOCH": commit_time(ROOT)}
    python = ROOT / "build" / "sbom-venv" / "bin" / "python"
    arguments = [installation, ROOT / "requirements" / f"{lock}.lock", wheel, out]
    subprocess.run([python, ROOT / "scripts" / "sbom.py", *arguments], env=environment, check=True)  # noqa: S603 -- likewise


def sums_of(paths: Iterable[Path]) -> str:
    """Return what ``sha256sum`` would write of files, in the order of their names."""
    return "".join(f"{digest(path)}  {path.name}\n" for path in sorted(paths, key=lambda path: path.name))


def sign(folder: Path, signer: Signer) -> None:
    """Write the list of digests of what is in *folder*, the signature over it and the public key."""
    sums = sums_of(path for path in folder.iterdir() if path.name not in {SUMS, SIGNATURE, PUBLIC_KEY}).encode()
    (folder / SUMS).write_bytes(sums)
    signature = signer.sign(sums)
    signer.public_key.check(signature, sums)
    (folder / SIGNATURE).write_bytes(signature)
    (folder / PUBLIC_KEY).write_bytes(write_public_pem(signer.public_key))


def how_to_check(folder: Path, signer: Signer) -> str:
    """Return what to publish, and what a user types who has nothing of ours."""
    return f"""\
{folder}
The key's thumbprint (RFC 9679), to be published where the files are not: {signer.public_key.thumbprint.hex()}
To check, with OpenSSL 3 and a copy of {PUBLIC_KEY} that is trusted:
  openssl pkeyutl -verify -pubin -inkey {PUBLIC_KEY} -rawin -in {SUMS} -sigfile {SIGNATURE} && sha256sum -c {SUMS}"""


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout  # noqa: S603 -- git from the path


if __name__ == "__main__":
    sys.exit(main())
