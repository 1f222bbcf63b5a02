"""A small agency for tests: set up once a run, copied for each test that wants to change it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from socpass_cli.commands.issuer.init import starting_settings
from socpass_vc.format.keyfile import SealingCost
from socpass_vc.format.keys import Signer
from socpass_vc.format.trust.issuers import Use
from socpass_vc.issuer.agency import Agency, new_settings, set_up
from socpass_vc.issuer.config.agency_toml import AgencySettings
from socpass_vc.issuer.imports.import_file import import_file
from socpass_vc.issuer.imports.import_summary import ImportCounts
from socpass_vc.issuer.issuance.batch_issue import IssueOrder, issue_due
from socpass_vc.issuer.register.bulk_sql import insert_rows
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.register.person import IssuedPass
from socpass_vc.issuer.register.schema import entitlements, residents

PASSPHRASE = "correct horse"
FOUNDED = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HEADER = "ref;name;born;category;from;until;document_kind;document_number;document_issued"
ANNA = "1001;Иванова Анна Сергеевна;04.03.1951;02-545;;;3;0123456789;01.04.2006"
RUSTEM = "1002;Габдуллин Рустем;1949;2521;2026-01-01;31.12.2026;;;"


def settings(**changes: object) -> AgencySettings:
    """Return the settings of the town's agency, with *changes*."""
    own = starting_settings(
        "RU-BA",
        {"ru": "Город", "en": "Town"},
        time_zone="Asia/Yekaterinburg",
        scopes=((1, 999), (2001, 2999)),
        status_base="https://pass.example.ru/status/",
        prefix="SOCPASS:",
    )
    return new_settings(now=FOUNDED, own=replace(own, list_entries=1024, **changes))  # type: ignore[arg-type]  # names are checked by replace


@cache
def _template() -> Path:
    folder = Path(mkdtemp(prefix="socpass-town-")) / "agency"
    set_up(folder, settings(), PASSPHRASE, now=FOUNDED, cost=SealingCost.INTERACTIVE)
    return folder


@cache
def pass_key() -> Signer:
    """Return the agency's key for passes, opened once."""
    return Agency.open(_template()).signer(Use.PASS, PASSPHRASE, now=NOW)


def agency(folder: Path) -> Agency:
    """Return a fresh copy of the agency in *folder*/agency."""
    return Agency.open(Path(shutil.copytree(_template(), folder / "agency")))


def take(register: Register, agency_: Agency, *lines: str, now: datetime = NOW) -> ImportCounts:
    """Import *lines*, all of which must be good."""
    path = agency_.folder / "test.csv"
    path.write_text("\n".join((HEADER, *lines)), encoding="utf-8")
    return import_file(register, path, agency_.issuer, now=now, actor="test").taken


def crowd(register: Register, count: int) -> None:
    """Put *count* residents with two entitlements each straight into the register."""
    numbers = range(1, count + 1)
    people = [(number, f"R{number:07}", f"Житель Номер {number}", f"19{number % 90 + 10}-03-04") for number in numbers]
    granted = [(number, category) for number in numbers for category in (2521, 2545)]
    with register.transaction() as connection:
        insert_rows(connection, residents, ("id", "ref", "name", "born_on"), people)
        insert_rows(connection, entitlements, ("resident_id", "category"), granted)


def order(settings_: AgencySettings, **changes: object) -> IssueOrder:
    """Return an order to issue all that is due at NOW, with *changes*."""
    return replace(IssueOrder(settings=settings_, signer=pass_key(), now=NOW, actor="test"), **changes)  # type: ignore[arg-type]  # names are checked by replace


def issue(
    register: Register, settings_: AgencySettings, *, now: datetime = NOW, ref: str | None = None, renew_within: int = 30
) -> list[IssuedPass]:
    """Issue what is due, and return it; everything must succeed."""
    done = list(issue_due(register, order(settings_, now=now, ref=ref, renew_within=timedelta(days=renew_within))))
    issued = [entry for entry in done if isinstance(entry, IssuedPass)]
    assert len(issued) == len(done), done
    return issued
