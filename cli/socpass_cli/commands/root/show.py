"""``socpass root show`` and ``check``: every file of a root in words; and whether it follows a root that is trusted."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import click

from socpass_cli.app import click_classes, clock, errors, options, output
from socpass_cli.app.language import tr
from socpass_cli.commands.root.text import (
    list_differences,
    show_bundle,
    show_doubts,
    show_issuer,
    show_list,
    show_request,
    show_root,
    show_tallies,
)
from socpass_cli.words.fingerprint import fingerprint_lines
from socpass_cli.words.key_states import say_key_id
from socpass_vc.authority.federation_folder import Federation
from socpass_vc.authority.issuer_description import is_short_form, read_description
from socpass_vc.authority.signing_ceremony import check_goes_on_from, faults_of_request, questions_of_request
from socpass_vc.authority.trust_list_lint import look_alike_issuers
from socpass_vc.errors import SourceError, UntrustedRoot
from socpass_vc.files import read_file
from socpass_vc.format import keyfile
from socpass_vc.format.cbor import encode
from socpass_vc.format.keys import PublicKey
from socpass_vc.format.trust.bundle import MAX_BUNDLE_BYTES, SignedRoot, UnverifiedBundle, is_bundle, read_bundle, read_root_token
from socpass_vc.format.trust.issuers import encode_issuer
from socpass_vc.format.trust.signing_request import MAX_REQUEST_BYTES, is_request, read_request


@click.command(
    "show",
    cls=click_classes.Command,
    help="cli.root.show.help",
)
@click.argument("file", metavar="FILE|DIR", type=click.Path(path_type=Path, exists=True))
@options.lang_option
def show(*, file: Path) -> None:
    """Show whatever it is."""
    if file.is_dir():
        _show_folder(Federation.open(file))
        return
    content = read_file(file, MAX_REQUEST_BYTES, error=SourceError)
    with errors.naming(file):
        if is_request(content):
            request = read_request(content)
            now = clock.now()
            show_request(request, faults_of_request(request, now=now), questions_of_request(request, now=now))
        elif is_bundle(content):
            show_bundle(read_bundle(content).check_itself())
        elif content.startswith(b"-----BEGIN"):
            _show_key(keyfile.read_public_pem(content))
        elif content.lstrip()[:1] == b"{":
            _show_key(keyfile.read_sealed(content).public_key)
        elif file.suffix == ".toml" or is_short_form(content):
            _show_description(file)
        else:
            signed = read_root_token(content)
            show_root(signed.root, signed.fingerprint)


@click.command(
    "check",
    cls=click_classes.Command,
    help="cli.root.check.help",
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("root", metavar="ROOT", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@options.lang_option
def check(*, file: Path, root: Path) -> None:
    """Check signatures, thresholds and expiry."""
    with errors.naming(root):
        anchor, known = _read_anchor(read_file(root, MAX_BUNDLE_BYTES, error=SourceError))
    content = read_file(file, MAX_REQUEST_BYTES, error=SourceError)
    if is_request(content):
        _check_request(file, content, anchor, known)
        return
    with errors.naming(file):
        trust = read_bundle(content).check(anchor.signed.payload)
    if clock.now() >= trust.expires_at:
        raise SourceError("cli.error.bundle_expired").at(file)
    output.say(tr("cli.root.check.good", file=file, root=trust.root.version, list=trust.list.version))
    show_doubts((), look_alike_issuers(trust.list.issuers))


def _read_anchor(content: bytes) -> tuple[SignedRoot, UnverifiedBundle | None]:
    """Return the trusted root: that of a root's file, or the newest of a bundle that was kept; and that bundle."""
    if not is_bundle(content):
        return read_root_token(content), None
    known = read_bundle(content).check_itself()
    return known.roots[-1], known


def _check_request(file: Path, content: bytes, anchor: SignedRoot, known: UnverifiedBundle | None) -> None:
    """Check that the chain of a request holds the root, that it follows the bundle, and that it may be signed."""
    with errors.naming(file):
        request = read_request(content)
        if anchor.signed.payload not in [signed.signed.payload for signed in request.roots]:
            raise UntrustedRoot("cli.error.request_of_another_root")
        if known is not None:
            check_goes_on_from(request, known)
        for fault in faults_of_request(request, now=clock.now()):
            raise fault
    output.say(tr("cli.root.check.good_request", file=file, root=anchor.root.version))
    show_doubts((), questions_of_request(request, now=clock.now()))
    show_tallies(request)


def _show_folder(federation: Federation) -> None:
    """Show the root and the list in force, what would change, and the request that is open."""
    names = {key: name for name, key in federation.keys().items()}
    roots, bundle, opened = federation.roots(), federation.bundle(), federation.open_request()
    if roots:
        show_root(roots[-1].root, roots[-1].fingerprint, names=names)
    else:
        output.say(tr("cli.root.show.no_root"))
    ruling = roots[-1].root.keys if roots else ()
    for key in (*(key for key in names if key not in ruling), *(key for key in ruling if key not in names)):
        if key in names:
            sign, why = "+", tr("cli.root.show.in_next_root", custodian=names[key])
        else:
            sign, why = "-", tr("cli.root.show.not_in_next_root")
        output.say(f"  {sign} {tr('cli.root.key', key_id=say_key_id(key))} — {output.printable(why)}")
    issuers = federation.issuers()
    if bundle is None:
        output.say(tr("cli.root.show.no_list"))
        for issuer in issuers:
            show_issuer(issuer)
    else:
        show_list(bundle.list)
        output.say(tr("cli.root.show.next_list"))
        for line in list_differences(bundle.list.issuers, issuers):
            output.say(f"  {line}")
    if opened is not None:
        output.say(tr("cli.root.show.open_request", path=opened.path))
        show_tallies(opened.request, names=names)


def _show_description(file: Path) -> None:
    issuer = read_description(file)
    output.say(tr("cli.root.show.description"))
    show_issuer(issuer)
    output.say(tr("cli.root.fingerprint"))
    for line in fingerprint_lines(sha256(encode(encode_issuer(issuer))).hexdigest()):
        output.say(line)


def _show_key(key: PublicKey) -> None:
    output.say(tr("cli.key.public_key", public_key=key.raw.hex()))
    output.say(tr("cli.key.key_id", key_id=key.key_id.hex()))
    output.say(tr("cli.root.fingerprint"))
    for line in fingerprint_lines(key.thumbprint.hex()):
        output.say(line)
