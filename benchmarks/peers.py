"""The same three-category pass in socpass and in peers: how large it is and how long it takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

import segno
from nacl.signing import SigningKey

import socpass_vc
from benchmarks import agency
from benchmarks.agency import NOW, PASS_KEY
from benchmarks.pass_content import PassContent
from benchmarks.report import Cell, report
from benchmarks.stopwatch import medians
from socpass_vc import Claims
from socpass_vc.qr.write import draw_code

ROOT = Path(__file__).parent.parent
ROUNDS = 2_000
EXPIRES_AT = datetime(2099, 12, 31, tzinfo=UTC)  # peers know no time but their own clock's


class PeerFigures(TypedDict):
    """What benchmarks/peer_passes.py says of a peer; times in microseconds."""

    name: str
    token_bytes: int
    text: str
    mode: str
    signs_with: str
    issue_us: float
    verify_us: float
    bare_sign_us: float
    bare_verify_us: float
    libsodium_sign_us: float
    libsodium_verify_us: float


def run() -> None:
    """Measure, print and write peers.json."""
    interpreter = os.environ.get("SOCPASS_PEERS_PYTHON")
    if interpreter is None:
        sys.exit("SOCPASS_PEERS_PYTHON names no interpreter that has the peers; run 'make bench'")
    claims = replace(agency.resident(agency.NAME, 123), expires_at=EXPIRES_AT)
    ours = _measure_ours(claims)
    peers, libraries = _ask(interpreter, _content(claims))
    rows = [_row(ours, draw_code(bytes.fromhex(ours["text"]).decode()).version)]
    rows += [_row(peer, _version(bytes.fromhex(peer["text"]), peer["mode"])) for peer in peers]
    notes = {
        "own": "times bare signing or verifying by the library that the peer signs with",
        "sodium": "times bare signing or verifying by libsodium in the same process",
        "peers' libraries": libraries,
    }
    report("peers", f"one pass of three categories, name of {len(agency.NAME)} letters, QR level M", rows, notes=notes)


def _measure_ours(claims: Claims) -> PeerFigures:
    trust, status = agency.publish().till()
    token = socpass_vc.sign_pass(claims, PASS_KEY)
    text = socpass_vc.write_pass(token)
    key = SigningKey(PASS_KEY.seed)
    signature = key.sign(token).signature
    times = medians(
        {
            "issue": lambda _: socpass_vc.write_pass(socpass_vc.sign_pass(claims, PASS_KEY)),
            "verify": lambda _: socpass_vc.verify(text, trust=trust, status=status, now=NOW),
            "sign": lambda _: key.sign(token),
            "bare verify": lambda _: key.verify_key.verify(token, signature),
        },
        rounds=ROUNDS,
    )
    return {
        "name": "socpass",
        "token_bytes": len(token),
        "text": text.encode().hex(),
        "mode": "numeric",
        "signs_with": "libsodium",
        "issue_us": times["issue"],
        "verify_us": times["verify"],
        "bare_sign_us": times["sign"],
        "bare_verify_us": times["bare verify"],
        "libsodium_sign_us": times["sign"],
        "libsodium_verify_us": times["bare verify"],
    }


def _content(claims: Claims) -> PassContent:
    if claims.born_on is None:
        raise ValueError("the resident has no date of birth")
    return PassContent(
        name=claims.name,
        born_on=claims.born_on.isoformat(),
        entitlements=tuple((each.category, each.last.isoformat() if each.last else None) for each in claims.entitlements),
        list_number=claims.status.list_number,
        index=claims.status.index,
        issued_at=round(claims.issued_at.timestamp()),
        expires_at=round(claims.expires_at.timestamp()),
        issuer=agency.ISSUER.id,
        seed=PASS_KEY.seed.hex(),
        public=PASS_KEY.public_key.raw.hex(),
        key_id=PASS_KEY.public_key.key_id.hex(),
    )


def _ask(interpreter: str, content: PassContent) -> tuple[list[PeerFigures], dict[str, str]]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    process = subprocess.run(
        [interpreter, "-m", "benchmarks.peer_passes"],
        input=content.to_json(),
        stdout=subprocess.PIPE,
        check=True,
        cwd=ROOT,
        env=environment,
        encoding="utf-8",
    )
    said = json.loads(process.stdout)
    return said["peers"], said["libraries"]


def _version(text: bytes, mode: str) -> int:
    content = text if mode == "byte" else text.decode()
    return int(segno.make(content, mode=mode, error="M", boost_error=False, micro=False).version)


def _row(figures: PeerFigures, version: int) -> dict[str, Cell]:
    return {
        "name": figures["name"],
        "token_bytes": figures["token_bytes"],
        "characters": len(figures["text"]) // 2,
        "mode": figures["mode"],
        "qr_version": version,
        "signs_with": figures["signs_with"],
        "issue_us": figures["issue_us"],
        "issue_own": figures["issue_us"] / figures["bare_sign_us"],
        "issue_sodium": figures["issue_us"] / figures["libsodium_sign_us"],
        "verify_us": figures["verify_us"],
        "verify_own": figures["verify_us"] / figures["bare_verify_us"],
        "verify_sodium": figures["verify_us"] / figures["libsodium_verify_us"],
    }
