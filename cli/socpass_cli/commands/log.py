"""``socpass log``: an issuer's log of passes, checked from files alone: a pass is in it, or a later head continues an earlier."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click

from socpass_cli.app import click_classes, environment, options, output
from socpass_cli.app.errors import naming
from socpass_cli.app.language import tr
from socpass_cli.verdict.check import read_frames
from socpass_cli.verdict.inputs import find_sources
from socpass_vc.errors import SourceError
from socpass_vc.files import read_file, write_file
from socpass_vc.format.credential.token import read_frame
from socpass_vc.format.transparency.checkpoint import UnverifiedCheckpoint, read_checkpoint
from socpass_vc.format.transparency.log_proof import MAX_PROOF_BYTES, read_log_proof
from socpass_vc.format.transparency.merkle import HASH_BYTES
from socpass_vc.format.transparency.signed_note import MAX_NOTE_BYTES
from socpass_vc.format.transparency.tiles import MAX_TILE_BYTES, read_blocks
from socpass_vc.format.transparency.witness_request import write_request
from socpass_vc.verifier.pass_log import AdmittedCheckpoint, admit_checkpoint, check_continued
from socpass_vc.verifier.store.till_store import Store

CHECKPOINT_NAME = "checkpoint"
_FOLDERS = (".", "log", "status/log")
"""Where the head lies, seen from a folder that a user names: its own, status/, or the whole site."""


@click.group(cls=click_classes.Group, name="log", help="cli.log.help")
@options.lang_option
def command() -> None:
    """Hold the commands."""


@command.command("check", cls=click_classes.Command, help="cli.log.check.help")
@click.argument("proof", metavar="PROOF", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("source", metavar="PASS")
@options.store_option
@options.lang_option
def check(*, proof: Path, source: str, store_folder: Path | None) -> None:
    """Check that the pass is in its issuer's log, and print under which head."""
    with naming(proof):
        found = read_log_proof(read_file(proof, MAX_PROOF_BYTES, error=SourceError))
        unverified = found.checkpoint()
        admitted = _admit(unverified, store_folder)
        found.check(_token_in(source), unverified)
    _say_head(admitted)
    output.say(tr("cli.log.check.done", issuer_id=admitted.issuer.id))


@command.command("witness", cls=click_classes.Command, help="cli.log.witness.help")
@click.argument("site", metavar="SITE", type=click.Path(path_type=Path, file_okay=False))
@options.option(
    "--seen",
    metavar="FILE",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="cli.log.witness.option_seen",
)
@options.option(
    "--request",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="cli.log.witness.option_request",
)
@options.store_option
@options.lang_option
def witness(*, site: Path, seen: Path, request: Path | None, store_folder: Path | None) -> None:
    """Check that the head on the site continues the one that was seen, and keep it in its place."""
    folder = _folder_in(site)
    path = folder / CHECKPOINT_NAME
    with naming(path):
        content = read_file(path, MAX_NOTE_BYTES, error=SourceError)
        unverified = read_checkpoint(content)
        admitted = _admit(unverified, store_folder)
    head = admitted.content
    blocks = read_blocks(head.blocks, lambda name: _read_tile(folder, name))
    before = None
    if seen.exists():
        with naming(seen):
            before = _admit(read_checkpoint(read_file(seen, MAX_NOTE_BYTES, error=SourceError)), store_folder).content
    with naming(path):
        check_continued(before or head, head, blocks)
    if request is not None:
        write_file(request, write_request(before, content, blocks), error=SourceError)
    write_file(seen, content, error=SourceError)
    _say_head(admitted)
    if before is None:
        output.say(tr("cli.log.witness.first", file=seen))
    elif before == head:
        output.say(tr("cli.log.witness.same"))
    else:
        output.say(tr("cli.log.witness.continued", size=before.size))


def _admit(unverified: UnverifiedCheckpoint, store_folder: Path | None) -> AdmittedCheckpoint:
    store = Store.open(store_folder or environment.user_folder("till"))
    return admit_checkpoint(unverified, trust=store.trust)


def _token_in(source: str) -> bytes:
    """Return the signed bytes of the one pass in *source*."""
    tokens = set()
    for found in find_sources([source]):
        frames, errors = read_frames(found)
        tokens |= {read_frame(frame).token for frame in frames}
        if errors:
            raise errors[0]
    if len(tokens) != 1:
        raise click.UsageError(tr("cli.log.check.one_pass", count=len(tokens)))
    return tokens.pop()


def _folder_in(site: Path) -> Path:
    for name in _FOLDERS:
        with suppress(OSError):
            if (site / name / CHECKPOINT_NAME).is_file():
                return site / name
    raise SourceError("cli.log.witness.no_head").at(site)


def _read_tile(folder: Path, name: str) -> bytes:
    """Return a tile; in the place of a partial one that has become full since, its beginning."""
    full, partial, width = name.partition(".p/")
    if partial and not (folder / name).exists() and (folder / full).is_file():
        return read_file(folder / full, MAX_TILE_BYTES, error=SourceError)[: int(width) * HASH_BYTES]
    return read_file(folder / name, MAX_TILE_BYTES, error=SourceError)


def _say_head(admitted: AdmittedCheckpoint) -> None:
    head = admitted.content
    output.say(tr("cli.log.head", origin=head.origin, size=head.size, root=head.root.hex()))
