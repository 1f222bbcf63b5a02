"""``socpass root draft``, ``rotate``, ``sign`` and ``collect``: a request is made, signed, collected and carried out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from pathlib import Path

import click

from socpass_cli.app import click_classes, clock, errors, options, output
from socpass_cli.app.key_options import KeyName, SigningSecrets, read_sealed, secrets_options
from socpass_cli.app.language import tr
from socpass_cli.commands.root.init import lifetime, threshold_option, years_option
from socpass_cli.commands.root.members import FOLDER, say_placed
from socpass_cli.commands.root.text import show_bundle, show_request, show_tallies
from socpass_vc.authority import signing_ceremony
from socpass_vc.authority.federation_folder import BUNDLE_NAME, Federation, OpenRequest
from socpass_vc.authority.issuer_description import read_description
from socpass_vc.authority.signing_ceremony import (
    ListTerms,
    carry_out,
    faults_of_request,
    is_carried_out,
    questions_of_request,
    sign_all,
)
from socpass_vc.authority.trust_list_lint import KEY_OVERLAP, Allowances
from socpass_vc.errors import SigningRequestError, SourceError
from socpass_vc.files import read_file, write_file
from socpass_vc.format.keys import Signer
from socpass_vc.format.trust.bundle import MAX_BUNDLE_BYTES, read_bundle
from socpass_vc.format.trust.signing_request import MAX_REQUEST_BYTES, SigningRequest, read_request
from socpass_vc.hsm.uri import Pkcs11Uri
from socpass_vc.issuer.agency import open_key

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


def terms_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the terms of a new list: its times, what is allowed though usually a mistake, and ``--again``."""

    @wraps(function)
    def with_terms(
        *, next_update: int, valid: int, allow_overlap: bool, allow_look_alikes: bool, key_overlap: int, **arguments: object
    ) -> None:
        overlap = timedelta(days=key_overlap)
        allow = Allowances(scope_overlap=allow_overlap, look_alikes=allow_look_alikes, key_overlap=overlap)
        terms = ListTerms(next_update=timedelta(days=next_update), valid=timedelta(days=valid), allow=allow)
        function(terms=terms, **arguments)

    for add in (
        options.option(
            "--again",
            is_flag=True,
            help="cli.root.option_again",
        ),
        options.option(
            "--key-overlap",
            metavar="DAYS",
            type=click.IntRange(0, 36_600),
            default=KEY_OVERLAP.days,
            show_default=True,
            help="cli.root.option_key_overlap",
        ),
        options.option(
            "--allow-look-alikes",
            is_flag=True,
            help="cli.root.option_allow_look_alikes",
        ),
        options.option(
            "--allow-overlap",
            is_flag=True,
            help="cli.root.option_allow_overlap",
        ),
        options.option(
            "--valid",
            type=click.IntRange(1, 3660),
            default=365,
            show_default=True,
            metavar="DAYS",
            help="cli.root.option_valid",
        ),
        options.option(
            "--next-update",
            type=click.IntRange(1, 3660),
            default=30,
            show_default=True,
            metavar="DAYS",
            help="cli.root.option_next_update",
        ),
    ):
        with_terms = add(with_terms)
    return with_terms


@click.command(
    "draft",
    cls=click_classes.Command,
    help="cli.root.draft.help",
)
@click.argument("folder", metavar="DIR", type=FOLDER)
@terms_options
@options.lang_option
def draft(*, folder: Path, terms: ListTerms, again: bool) -> None:
    """Draft, and show what is asked."""
    federation = Federation.open(folder)
    _show_draft(federation, signing_ceremony.draft_list(federation, terms, now=_now(), again=again))


@click.command(
    "rotate",
    cls=click_classes.Command,
    help="cli.root.rotate.help",
)
@click.argument("folder", metavar="DIR", type=FOLDER)
@threshold_option
@years_option
@terms_options
@options.lang_option
def rotate(*, folder: Path, threshold: int | None, years: int, terms: ListTerms, again: bool) -> None:
    """Draft a root, and show what is asked."""
    federation = Federation.open(folder)
    opened = signing_ceremony.draft_root(
        federation, terms, threshold=threshold, lifetime=lifetime(years), now=_now(), again=again
    )
    _show_draft(federation, opened)


@click.command(
    "sign",
    cls=click_classes.Command,
    help="cli.root.sign.help",
)
@click.argument("target", metavar="REQUEST|DIR", type=click.Path(path_type=Path, exists=True))
@options.option(
    "--key",
    metavar="KEY",
    type=KeyName(),
    help="cli.root.sign.option_key",
)
@options.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="cli.root.sign.option_out",
)
@options.option(
    "--issuer",
    "descriptions",
    multiple=True,
    type=_FILE,
    help="cli.root.sign.option_issuer",
)
@terms_options
@secrets_options
@options.lang_option
def sign(
    *,
    target: Path,
    key: Path | Pkcs11Uri | None,
    out: Path | None,
    descriptions: tuple[Path, ...],
    terms: ListTerms,
    again: bool,
    secrets: SigningSecrets,
) -> None:
    """Sign one request with one key, or a folder's with all of its own."""
    if target.is_dir():
        if key is not None or out is not None:
            raise click.UsageError(tr("cli.root.sign.key_with_request"))
        _sign_here(Federation.open(target), descriptions, terms, secrets, again=again)
        return
    if key is None:
        raise click.UsageError(tr("cli.root.sign.key_needed"))
    if descriptions or again:
        raise click.UsageError(tr("cli.root.sign.issuer_with_folder"))
    request = _read(target)
    _show_and_check(request)
    signed = request.signed_with(_open(key, request, secrets))
    write_file(out or target, read_request(signed.encode()).encode(), error=SourceError)
    show_tallies(signed)
    output.say(tr("cli.root.sign.done", path=out or target))


@click.command(
    "collect",
    cls=click_classes.Command,
    help="cli.root.collect.help",
)
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.argument("files", metavar="FILE...", nargs=-1, type=_FILE)
@options.lang_option
def collect(*, folder: Path, files: tuple[Path, ...]) -> None:
    """Merge what came back, and carry it out if it is enough."""
    federation = Federation.open(folder)
    opened = federation.open_request()
    returned = []
    for file in files:
        request = _read(file)
        if is_carried_out(federation, request):
            output.say(tr("cli.root.collect.carried_out", file=file))
            continue
        if opened is not None:
            with errors.naming(file):
                opened.request.merged_with(request)
        returned.append(request)
    if files and not returned:
        return
    _finish(federation, signing_ceremony.collect(federation, returned))


def _sign_here(
    federation: Federation, descriptions: tuple[Path, ...], terms: ListTerms, secrets: SigningSecrets, *, again: bool
) -> None:
    """Sign the open request, or a new list, with all keys that were made in the folder."""
    files = federation.secrets()
    if not files:
        raise SigningRequestError("cli.error.no_root_keys_here").at(federation.folder)
    for path in descriptions:
        say_placed(federation.put_issuer(read_description(path)))
    opened = federation.open_request()
    if opened is None or descriptions or again:
        opened = signing_ceremony.draft_list(federation, terms, now=_now(), again=again or bool(descriptions))
    else:
        _show_and_check(opened.request)  # who made it, and when, this command does not know
    passphrase = secrets.passphrase()
    signed = sign_all(opened.request, [open_key(path, passphrase) for path in files])
    _finish(federation, signing_ceremony.collect(federation, [signed]))


def _show_and_check(request: SigningRequest) -> None:
    """Show all that is asked; raise what speaks against signing it."""
    now = clock.now()
    faults = faults_of_request(request, now=now)
    show_request(request, faults, questions_of_request(request, now=now))
    for fault in faults:
        raise fault


def _finish(federation: Federation, request: SigningRequest) -> None:
    """Carry out a request that has enough signatures; of another, print what is missing."""
    names = {key: name for name, key in federation.keys().items()}
    if not request.is_complete:
        show_tallies(request, names=names)
        output.say(tr("cli.root.collect.more_needed"))
        return
    made = carry_out(federation, request)
    if federation.folder / BUNDLE_NAME in made:
        show_bundle(read_bundle(read_file(federation.folder / BUNDLE_NAME, MAX_BUNDLE_BYTES, error=SourceError)))
    for path in made:
        output.say(tr("cli.written", path=path))


def _show_draft(federation: Federation, opened: OpenRequest) -> None:
    names = {key: name for name, key in federation.keys().items()}
    show_request(opened.request, (), questions_of_request(opened.request, now=_now()), names=names)
    output.say(tr("cli.root.to_be_signed", path=opened.path))


def _open(key: Path | Pkcs11Uri, request: SigningRequest, secrets: SigningSecrets) -> Signer:
    """Return the key, opened; of a file that the request does not ask, without asking for its passphrase."""
    if isinstance(key, Pkcs11Uri):
        from socpass_vc.hsm import token_signer  # noqa: PLC0415 -- only where a key lies in a token

        return token_signer.open_key(key, secrets.pin(key))
    public = read_sealed(key).public_key
    if not request.concerns(public):
        raise SigningRequestError("key_not_asked", key_id=public.key_id.hex()).at(key)
    return open_key(key, secrets.passphrase())


def _read(file: Path) -> SigningRequest:
    with errors.naming(file):
        return read_request(read_file(file, MAX_REQUEST_BYTES, error=SourceError))


def _now() -> datetime:
    return clock.now().replace(microsecond=0)
