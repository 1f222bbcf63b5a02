"""``socpass issuer issue``: issue what is due, in one process or several, and write the files batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from socpass_cli.app import click_classes, clock, environment, options, output
from socpass_cli.app.key_options import SigningSecrets, open_signer, secrets_options, signer_option
from socpass_cli.app.language import tr
from socpass_cli.commands.issuer.passes.list_passes import (
    card_format_option,
    cards_option,
    format_option,
    level_option,
    out_option,
    qr_option,
    say_failed,
)
from socpass_vc.errors import SocpassError
from socpass_vc.format.trust.issuers import Use
from socpass_vc.hsm.uri import Pkcs11Uri
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.issuance.batch_issue import Batch, IssueOrder
from socpass_vc.issuer.issuance.live_passes import live_passes
from socpass_vc.issuer.issuance.pass_policy import RENEW_WITHIN
from socpass_vc.issuer.issuance.renewal_queue import count_due, require_resident
from socpass_vc.issuer.issuance.workers import MAX_WORKERS, Workers, WorkerTask
from socpass_vc.issuer.register.person import NotIssued

if TYPE_CHECKING:
    from socpass_cli.handout.output_folders import OutputRequest
    from socpass_cli.handout.qr_folder import PassFolder
    from socpass_cli.handout.token_file import TokenFile


@click.command(
    "issue",
    cls=click_classes.Command,
    help="cli.issue.help",
)
@options.option(
    "--ref",
    metavar="REF",
    callback=options.parse_text,
    help="cli.issue.option_ref",
)
@options.option(
    "--renew-within",
    metavar="DAYS",
    type=click.IntRange(0, 3650),
    default=RENEW_WITHIN.days,
    show_default=True,
    help="cli.issue.option_renew_within",
)
@options.option("--limit", metavar="N", type=click.IntRange(1), help="cli.issue.option_limit")
@options.option(
    "--workers",
    metavar="N",
    type=click.IntRange(1, MAX_WORKERS),
    default=1,
    show_default=True,
    help="cli.issue.option_workers",
)
@out_option
@qr_option
@format_option
@cards_option
@card_format_option
@level_option
@options.option("--verify-all", is_flag=True, help="cli.issue.option_verify_all")
@signer_option
@options.agency_option
@secrets_options
@options.lang_option
def issue(
    *,
    ref: str | None,
    renew_within: int,
    limit: int | None,
    workers: int,
    out_file: Path | None,
    qr_folder: Path | None,
    picture_format: str,
    cards_folder: Path | None,
    card_format: str,
    level: str,
    verify_all: bool,
    signer: Path | Pkcs11Uri | None,
    agency_folder: Path | None,
    secrets: SigningSecrets,
) -> None:
    """Issue in batches; a committed batch stays, whatever happens next."""
    if ref is not None and workers > 1:
        raise click.UsageError(tr("cli.issue.ref_with_workers"))
    agency = Agency.open(agency_folder or environment.user_folder("agency"))
    now = clock.now()
    days = timedelta(days=renew_within)
    total = _count(agency, ref, now, days, limit)
    opened = open_signer(agency, Use.PASS, secrets, now=now, named=signer)
    from socpass_cli.handout.output_folders import DrawAll, OutputRequest  # noqa: PLC0415 -- QR codes only where they are asked for

    wanted = OutputRequest(
        qr_folder=qr_folder,
        picture_format=picture_format,
        cards_folder=cards_folder,
        card_format=card_format,
        level=level,
        verify_all=verify_all or ref is not None,
    )
    with ExitStack() as stack:
        handing_out = stack.enter_context(_handing_out(agency, out_file, wanted))
        task = WorkerTask(
            location=agency.register_location,
            order=IssueOrder(
                settings=agency.settings,
                signer=opened,
                now=now,
                actor=environment.actor(),
                ref=ref,
                renew_within=days,
                limit=limit,
                verify_all=wanted.verify_all,
            ),
            afterwards=DrawAll(tuple(folder.drawing for folder in handing_out.folders)) if handing_out.folders else None,
        )
        bar = stack.enter_context(output.progress(total, label="cli.issue.progress"))
        try:
            for batch in _batches(stack, task, workers):
                handing_out.take(batch)
                bar.update(batch.looked_at)
        except (SocpassError, KeyboardInterrupt):
            handing_out.say_missing(agency, now)
            raise
    handing_out.say_done()


def _count(agency: Agency, ref: str | None, now: datetime, renew_within: timedelta, limit: int | None) -> int:
    """Return how many residents will be reviewed."""
    with agency.register() as register:
        if ref is not None:
            require_resident(register, ref)
            return 1
        due = count_due(register, now=now, ends_before=now + renew_within)
    return due if limit is None else min(due, limit)


def _batches(stack: ExitStack, task: WorkerTask, workers: int) -> Iterator[Batch]:
    if workers == 1:
        yield from task.batches()
        return
    crew = stack.enter_context(Workers(task, workers))
    try:
        yield from crew.batches()
    except KeyboardInterrupt:
        crew.stop()
        yield from crew.batches()  # each ends with its current batch
        raise


class _HandingOut:
    """The files that passes are written to as they are committed, and the summary at the end."""

    def __init__(self, folders: list[PassFolder], tokens: TokenFile, out_file: Path | None, again: str) -> None:
        self.folders = folders
        self._tokens = tokens
        self._out_file = out_file
        self._again = again
        self._issued = 0
        self._failed: list[NotIssued] = []

    def take(self, batch: Batch) -> None:
        """Write the passes of a batch."""
        self._issued += len(batch.issued)
        self._failed += batch.refused
        self._tokens.add(batch.issued)
        for folder in self.folders:
            folder.note(batch.issued, batch.refused)

    def say_missing(self, agency: Agency, now: datetime) -> None:
        """Print how many passes of the register are in no file, and the command that writes them."""
        if self._out_file is not None:
            output.complain(tr("cli.issue.texts_missing", file=self._out_file))
        if not self.folders:
            return
        try:
            with agency.register() as register:
                found = live_passes(register, agency.settings, now=now)
                count = sum(not all(folder.has(issued) for folder in self.folders) for issued in found)
        except SocpassError:  # the error that stopped us stops this too; the caller reports it
            return
        if count:
            where = ", ".join(str(folder.path) for folder in self.folders)
            output.complain(tr("cli.issue.pictures_missing", count=count, folders=where, command=self._again))

    def say_done(self) -> None:
        """Print what was done, and fail if something could not be."""
        output.say(tr("cli.issue.done", count=self._issued))
        for folder in self.folders if self._issued else ():
            drawn = folder.drawing.rendering.is_card
            output.say(tr("cli.issue.cards_in" if drawn else "cli.issue.codes_in", folder=folder.path))
        if self._issued and self._out_file is not None:
            output.say(tr("cli.issue.texts_in", file=self._out_file))
        say_failed(self._failed)


@contextmanager
def _handing_out(agency: Agency, out_file: Path | None, wanted: OutputRequest) -> Iterator[_HandingOut]:
    from socpass_cli.handout.output_folders import folders_for  # noqa: PLC0415 -- as above
    from socpass_cli.handout.token_file import TokenFile  # noqa: PLC0415 -- likewise

    with ExitStack() as stack:
        folders = [stack.enter_context(folder) for folder in folders_for(agency, wanted)]
        tokens = stack.enter_context(TokenFile(out_file))
        yield _HandingOut(folders, tokens, out_file, f"socpass issuer passes{wanted.arguments()}")
