"""Signatures by a key in SoftHSM: our signer beside bare PKCS#11 loops over the same session, key and bytes."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import socpass_vc
from benchmarks import agency
from benchmarks.report import Cell, report
from benchmarks.stopwatch import medians
from socpass_vc.format.cose import read_sign1

ROUNDS = 3_000
TARGET = 1.3
"""Times the bare loop, for a signature by our signer."""

_PIN = "492817"
_CKM_EDDSA = 0x1057
_SIGNATURE_BYTES = 64
_URI = "pkcs11:token=benchmark;object=pass"


class _Mechanism(ctypes.Structure):
    """CK_MECHANISM without a parameter."""

    _fields_ = (("mechanism", ctypes.c_ulong), ("parameter", ctypes.c_void_p), ("parameter_bytes", ctypes.c_ulong))


def run() -> None:
    """Measure, print and write hsm.json; without SoftHSM, say what is missing."""
    if shutil.which("softhsm2-util") is None:
        print("\nhsm: left out; it needs SoftHSM (apt-get install softhsm2)")
        return
    with TemporaryDirectory() as folder:
        conf = Path(folder, "softhsm2.conf")
        conf.write_text(f"directories.tokendir = {folder}\nlog.level = ERROR\n", encoding="utf-8")
        os.environ["SOFTHSM2_CONF"] = str(conf)
        make = ("softhsm2-util", "--init-token", "--free", "--label", "benchmark", "--pin", _PIN, "--so-pin", _PIN)
        subprocess.run(make, check=True, capture_output=True)
        _measure()


def _measure() -> None:
    import pkcs11  # noqa: PLC0415 -- an extra, and SOFTHSM2_CONF must be set when its library starts

    from socpass_vc.hsm import token_signer  # noqa: PLC0415 -- likewise
    from socpass_vc.hsm.session import USUAL_MODULES  # noqa: PLC0415 -- likewise
    from socpass_vc.hsm.uri import read_uri  # noqa: PLC0415 -- likewise

    messages = [read_sign1(socpass_vc.sign_pass(claims, agency.PASS_KEY)).to_be_signed for claims in agency.residents()]
    uri = read_uri(_URI)
    token_signer.make_key(uri, _PIN)
    ours = token_signer.open_key(uri, _PIN)
    path = next(path for path in USUAL_MODULES if Path(path).exists())
    session: Any = pkcs11.lib(path).get_token(token_label="benchmark").open()  # noqa: S106 -- a label; logged in to above
    private: Any = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY)

    def message(number: int) -> bytes:
        return messages[number % len(messages)]

    bare = _bare_loop(ctypes.CDLL(path), session.handle, private.handle)
    assert bare(messages[0]) == ours.sign(messages[0]) == private.sign(messages[0])  # noqa: S101 -- Ed25519 is deterministic
    times = medians(
        {
            "C_SignInit and C_Sign, by ctypes": lambda number: bare(message(number)),
            "python-pkcs11's key.sign": lambda number: private.sign(message(number), mechanism=pkcs11.Mechanism.EDDSA),
            "our signer": lambda number: ours.sign(message(number)),
            "our key file, by libsodium": lambda number: agency.PASS_KEY.sign(message(number)),
        },
        rounds=ROUNDS,
    )
    floor = times["C_SignInit and C_Sign, by ctypes"]
    rows: list[dict[str, Cell]] = [
        {"name": name, "median_us": taken, "signatures_per_s": round(1e6 / taken), "ratio": taken / floor}
        for name, taken in times.items()
    ]
    ratio = times["our signer"] / floor
    report(
        "hsm",
        "one signature over a pass of three categories, one session of one process; ratio to the bare loop",
        rows,
        notes={"target": TARGET, "ratio": round(ratio, 3), "reached": "yes" if ratio <= TARGET else "no"},
    )


def _bare_loop(library: ctypes.CDLL, session: int, key: int) -> Callable[[bytes], bytes]:
    """Return what signs with two calls into the library and nothing else."""
    mechanism = ctypes.byref(_Mechanism(_CKM_EDDSA, None, 0))
    session_handle, key_handle = ctypes.c_ulong(session), ctypes.c_ulong(key)
    signature = ctypes.create_string_buffer(_SIGNATURE_BYTES)
    length = ctypes.c_ulong(_SIGNATURE_BYTES)
    length_reference = ctypes.byref(length)

    def sign(message: bytes) -> bytes:
        wrong = library.C_SignInit(session_handle, mechanism, key_handle)
        length.value = _SIGNATURE_BYTES
        wrong = wrong or library.C_Sign(session_handle, message, ctypes.c_ulong(len(message)), signature, length_reference)
        if wrong:
            raise RuntimeError(f"CKR {wrong:#x}")
        return signature.raw

    return sign
