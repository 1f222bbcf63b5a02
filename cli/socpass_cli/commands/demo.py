"""``socpass demo``: the whole story on made-up residents, with real verdicts."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_urlsafe

import click

from socpass_cli.app import click_classes, clock, environment, options, output
from socpass_cli.app.language import tr
from socpass_cli.commands.issuer.init import starting_settings
from socpass_cli.verdict.check import check_source
from socpass_cli.verdict.inputs import Source
from socpass_cli.verdict.render import in_full
from socpass_vc.errors import AgencyError, system_reason
from socpass_vc.files import SECRET_MODE, make_folder, read_file, write_file
from socpass_vc.format import keyfile, keys
from socpass_vc.format.cose import read_sign1
from socpass_vc.format.credential.claims import Claims
from socpass_vc.format.credential.token import UnverifiedPass, sign_pass, write_pass
from socpass_vc.format.trust.bundle import MAX_BUNDLE_BYTES, read_bundle
from socpass_vc.format.trust.issuers import Use
from socpass_vc.issuer.agency import Agency, new_settings, set_up
from socpass_vc.issuer.catalogue.load import FILE_NAME
from socpass_vc.issuer.catalogue.template import sample_catalogue
from socpass_vc.issuer.imports.import_file import import_file
from socpass_vc.issuer.issuance.batch_issue import IssueOrder, issue_due
from socpass_vc.issuer.publication.publish import publish
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.register.person import IssuedPass
from socpass_vc.issuer.revocation.revoke import RevocationReason, StatusAction, change_status
from socpass_vc.qr.write import draw_code
from socpass_vc.verifier.decide import Verified, verify_pass
from socpass_vc.verifier.store.till_store import Store

MARK = ".socpass-demo"
"""A folder with this file may be overwritten."""
PARTS = ("agency", "site", "till", "passes")
PICTURES = ("accepted", "revoked", "suspended", "expired", "forged", "foreign")
ACTOR = "demo"

_HEADER = "ref;name;born;category;from;until;document_kind;document_number;document_issued"
_PEOPLE = (
    "1001;Константинопольская Анна Сергеевна;04.03.1951;02-545;;;3;0123456789;01.04.2006",
    "1001;Константинопольская Анна Сергеевна;04.03.1951;02-521;;;1;ВТ 204518;12.05.2004",
    "1002;Габдуллин Рустем Маратович;1949;02-545;;;;;",
    "1003;Петров Пётр Ильич;17.09.1985;02-580;01.01.2026;31.12.2035;4;МД 11874;15.01.2026",
    "1004;Иванова Мария Петровна;30.01.1990;02-620;;{ended};;;",
)
_REFS = {"accepted": "1001", "revoked": "1002", "suspended": "1003", "expired": "1004"}


@click.command(
    cls=click_classes.Command,
    help="cli.demo.help",
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@options.lang_option
def command(*, folder: Path) -> None:
    """Set up, issue, publish, sync, decide, revoke, decide again."""
    _clear(folder)
    now = clock.now().replace(microsecond=0)
    passphrase = token_urlsafe(16)
    write_file(folder / "passphrase.txt", f"{passphrase}\n".encode(), error=AgencyError, mode=SECRET_MODE)
    agency = _set_up(folder / "agency", passphrase, now)
    write_file(agency.folder / FILE_NAME, sample_catalogue(agency.issuer).encode(), error=AgencyError)
    with agency.register() as register:
        issued = _issue(agency, register, folder, passphrase, now)
        _write_forged(folder, issued["accepted"])
        _write_foreign(folder, issued["accepted"].claims)
        publish(agency, register, folder / "site", passphrase, now=now, actor=ACTOR)
        till = _set_up_till(folder)
        _say_step(1, tr("cli.demo.issued"))
        for name in ("accepted", "revoked", "expired", "forged", "foreign"):
            _show(folder, name, till, now)
        change_status(register, _REFS["revoked"], StatusAction.REVOKE, reason=RevocationReason.MOVED, now=now, actor=ACTOR)
        change_status(register, _REFS["suspended"], StatusAction.SUSPEND, reason=RevocationReason.CHECKING, now=now, actor=ACTOR)
        publish(agency, register, folder / "site", passphrase, now=now, actor=ACTOR)
    _sync(till, folder)
    _say_step(2, tr("cli.demo.revoked"))
    for name in ("accepted", "revoked", "suspended"):
        _show(folder, name, till, now)
    _say_next(folder)


def _clear(folder: Path) -> None:
    """Leave *folder* empty except for its mark; only what an earlier demo made is removed."""
    if not environment.is_empty(folder, error=AgencyError) and not environment.is_there(folder / MARK, error=AgencyError):
        raise AgencyError("cli.demo.not_empty").at(folder)
    make_folder(folder, error=AgencyError)
    write_file(folder / MARK, b"made by 'socpass demo', which may overwrite it\n", error=AgencyError)
    try:
        for part in PARTS:
            if (folder / part).exists():
                shutil.rmtree(folder / part)
    except OSError as error:
        raise AgencyError("cannot_be_removed", why=system_reason(error)).at(folder) from error
    make_folder(folder / "passes", error=AgencyError)


def _set_up(folder: Path, passphrase: str, now: datetime) -> Agency:
    """Set up an agency that began 400 days ago, so that it can have issued a pass that has ended since."""
    began = now - timedelta(days=400)
    own = starting_settings(
        "RU-DEMO",
        {"ru": "Министерство социальных примеров", "en": "Ministry of Social Examples"},
        time_zone="Asia/Yekaterinburg",
        scopes=((1, 999), (2001, 2999)),
        status_base="https://pass.example.org/status/",
        prefix="SOCPASS:",
    )
    return set_up(folder, new_settings(now=began, own=own), passphrase, now=began, cost=keyfile.SealingCost.INTERACTIVE)


def _issue(agency: Agency, register: Register, folder: Path, passphrase: str, now: datetime) -> dict[str, IssuedPass]:
    """Import the people and issue what is due: the pass that has ended, 60 days ago; the others, now."""
    ended = (now - timedelta(days=30)).date().isoformat()
    table = "\r\n".join((_HEADER, *_PEOPLE)).format(ended=ended)
    file = folder / "residents.csv"
    write_file(file, table.encode("utf-8-sig"), error=AgencyError)
    import_file(register, file, agency.issuer, now=now, actor=ACTOR)
    order = IssueOrder(settings=agency.settings, signer=agency.signer(Use.PASS, passphrase, now=now), now=now, actor=ACTOR)
    before = replace(order, now=now - timedelta(days=60), ref=_REFS["expired"])
    done = [*issue_due(register, before), *issue_due(register, order)]
    by_ref = {entry.ref: entry for entry in done if isinstance(entry, IssuedPass)}
    issued = {name: by_ref[ref] for name, ref in _REFS.items()}
    for name, entry in issued.items():
        _write(folder, name, entry.text)
    return issued


def _write_forged(folder: Path, good: IssuedPass) -> None:
    """Write a good pass with one claim changed: a category that was never granted, under the old signature."""
    signed = read_sign1(good.token)
    richer = replace(good.claims, entitlements=(replace(good.claims.entitlements[0], category=30), *good.claims.entitlements))
    changed = richer.encode()
    head = good.token[: good.token.index(signed.payload) - 2]
    token = head + b"\x58" + bytes((len(changed),)) + changed + b"\x58\x40" + signed.signature
    _write(folder, "forged", write_pass(token))


def _write_foreign(folder: Path, claims: Claims) -> None:
    """Write a pass with a good signature by a key that is in no trust list."""
    _write(folder, "foreign", write_pass(sign_pass(replace(claims, name="Сидоров Семён Семёнович"), keys.generate())))


def _set_up_till(folder: Path) -> Store:
    bundle = read_bundle(read_file(folder / "site" / "trust.spt", MAX_BUNDLE_BYTES, error=AgencyError))
    till = Store.create(folder / "till", bundle.roots[0].signed.payload)
    _sync(till, folder)
    return till


def _sync(till: Store, folder: Path) -> None:
    from socpass_cli.sync.apply import offer_all  # noqa: PLC0415 -- zip and all come with it

    offer_all(till, [str(folder / "site")])


def _write(folder: Path, name: str, text: str) -> None:
    write_file(folder / "passes" / f"{name}.png", draw_code(text).png(), error=AgencyError)


def _show(folder: Path, name: str, till: Store, now: datetime) -> None:
    path = folder / "passes" / f"{name}.png"

    def decide(unverified: UnverifiedPass) -> Verified:
        return verify_pass(unverified, trust=till.trust, status=till, now=now, clock_floor=till.clock_floor)

    output.say(f"\n{path}")
    for verdict in check_source(Source(str(path), path=path), decide):
        output.say("\n".join(in_full(verdict)))


def _say_step(number: int, text: str) -> None:
    output.say(click.style(f"\n{number}. {text}", bold=True))


def _say_next(folder: Path) -> None:
    commands = (
        f"socpass verify {folder}/passes/accepted.png --store {folder}/till",
        f"socpass verify {folder}/passes/accepted.png --store {folder}/till --place museum",
        f"socpass measures {folder}/passes/accepted.png --store {folder}/till",
        f"socpass verify {folder}/passes --store {folder}/till",
        f"socpass show {folder}/passes/forged.png",
        f"socpass store --store {folder}/till",
        f"socpass issuer reinstate {_REFS['suspended']} --reason confirmed --agency {folder}/agency",
        f"socpass issuer publish {folder}/site --agency {folder}/agency --passphrase-file {folder}/passphrase.txt",
        f"socpass sync {folder}/site --store {folder}/till",
    )
    output.say(click.style(f"\n{tr('cli.demo.try_next')}", bold=True))
    for line in commands:
        output.say(f"  {_program()} {line.removeprefix('socpass ')}")


def _program() -> str:
    """Return how this program was called, so that commands can be copied."""
    import sys  # noqa: PLC0415 -- here alone

    called = Path(sys.argv[0])
    if called.name not in {"socpass", "socpass.exe"}:
        return "socpass"
    if shutil.which("socpass") and Path(shutil.which("socpass") or "").resolve() == called.resolve():
        return "socpass"
    try:
        return str(called.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(called)
