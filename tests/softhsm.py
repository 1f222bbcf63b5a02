"""SoftHSM tokens for tests: real PKCS#11, in a folder of their own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pkcs11
import pytest

from socpass_vc.format.keyfile import write_secret_pem
from socpass_vc.format.keys import SecretKey
from socpass_vc.hsm.session import USUAL_MODULES

PIN = "492817"
LIBRARY = next((path for path in USUAL_MODULES if Path(path).exists()), "")


class Tokens:
    """Tokens in one folder, which SOFTHSM2_CONF of this process names."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        if not LIBRARY or shutil.which("softhsm2-util") is None:
            pytest.fail("SoftHSM is not installed: apt-get install softhsm2")
        self.folder = folder
        self.conf = folder / "softhsm2.conf"
        (folder / "tokens").mkdir(parents=True)
        self.conf.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n", encoding="utf-8")
        self.pin_file = folder / "pin.txt"
        self.pin_file.write_text(f"{PIN}\n", encoding="utf-8")
        monkeypatch.setenv("SOFTHSM2_CONF", str(self.conf))
        for name in ("SOCPASS_PIN_FILE", "SOCPASS_PKCS11_MODULE"):
            monkeypatch.delenv(name, raising=False)

    def make(self, label: str, *, so_pin: str = "11223344") -> None:
        """Make an empty token."""
        self._run("--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", so_pin)

    def put(self, token: str, label: str, key_id: str, secret: SecretKey, *, public: bool = True) -> None:
        """Import a key into a token, with its public half or without."""
        pem = self.folder / "secret.pem"
        pem.write_bytes(write_secret_pem(secret))
        further = () if public else ("--no-public-key",)
        self._run("--import", str(pem), "--token", token, "--label", label, "--id", key_id, "--force", "--pin", PIN, *further)

    def session(self, token: str) -> Any:
        """Open a session of one's own, past the code under test."""
        found = pkcs11.lib(LIBRARY).get_token(token_label=token)
        try:
            return found.open(user_pin=PIN, rw=True)
        except pkcs11.UserAlreadyLoggedIn:
            return found.open(rw=True)

    def forget(self) -> None:
        """Let the library start anew when it is next used: it looks for tokens then, and only then."""
        if LIBRARY:
            pkcs11.lib(LIBRARY).finalize()

    def _run(self, *arguments: str) -> None:
        self.forget()
        subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True)
