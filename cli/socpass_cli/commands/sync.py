"""``socpass sync``: newer trust, status lists and catalogues from a site, a folder, a file, a zip or a bulletin into the store.

It knows where a new store's root comes from. The sources are :mod:`local`' and :mod:`remote`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from socpass_cli.app import click_classes, environment, errors, exit_codes, options
from socpass_cli.sync.apply import take_all
from socpass_cli.sync.local import find_offers, is_url, trust_first
from socpass_cli.sync.report import SyncReport
from socpass_vc.errors import SourceError, StoreError, UntrustedRoot
from socpass_vc.format.trust.bundle import read_bundle
from socpass_vc.verifier.store.root_file import read_root_file
from socpass_vc.verifier.store.till_store import Store, confirm_root, same_digits
from socpass_vc.verifier.sync.published_site import trust_at_hand

if TYPE_CHECKING:
    from socpass_cli.sync.remote import RemoteSources


@click.command(
    cls=click_classes.Command,
    help="cli.sync.help",
)
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@options.store_option
@options.option(
    "--root",
    "root_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="cli.sync.option_root",
)
@options.option(
    "--fingerprint",
    metavar="HEX",
    help="cli.sync.option_fingerprint",
)
@options.option(
    "--issuer",
    "issuers",
    metavar="ID",
    multiple=True,
    help="cli.sync.option_issuer",
)
@options.option(
    "--allow-redirect",
    "redirects_to",
    metavar="HOST",
    multiple=True,
    help="cli.sync.option_allow_redirect",
)
@options.json_option
@options.lang_option
def command(
    *,
    sources: tuple[str, ...],
    store_folder: Path | None,
    root_file: Path | None,
    fingerprint: str | None,
    issuers: tuple[str, ...],
    redirects_to: tuple[str, ...],
    as_json: bool,
) -> None:
    """Offer every file to the store; good ones are kept even if others are not."""
    folder = store_folder or environment.user_folder("till")
    with SyncReport(as_json=as_json) as report, ExitStack() as opened:
        remote = _open_remote([source for source in sources if is_url(source)], redirects_to, report, opened)
        offers = find_offers([source for source in sources if not is_url(source)], opened)
        if remote is not None:
            offers = trust_first([*offers, *remote.offers])
        if not offers and (remote is None or not remote.sites):
            raise SourceError("cli.sync.nothing_there")
        bundles = [(offer.name, offer.read) for offer in offers if offer.is_bundle]
        if remote is not None:
            bundles += [(site.bundle_url, site.bundle) for site in remote.sites]
        store = _open_or_create(folder, bundles, root_file, fingerprint)
        steps = [take_all(store, offers, issuers), iter(()) if remote is None else remote.bring(store, issuers)]
        if trust_at_hand(store) is None and not any(offer.is_bundle for offer in offers):
            steps.reverse()  # the site's trust list goes before files that need one
        for taken in chain.from_iterable(steps):
            report.add(taken)
    if not report.files:
        raise SourceError("cli.sync.nothing_of_issuers", issuers=issuers)
    if not report.all_good:
        raise click.exceptions.Exit(exit_codes.EXIT_FAILED)


def _open_remote(urls: list[str], redirects_to: tuple[str, ...], report: SyncReport, opened: ExitStack) -> RemoteSources | None:
    if not urls:
        return None
    from socpass_cli.sync.remote import RemoteSources  # noqa: PLC0415 -- sockets and TLS only where there is a URL

    return RemoteSources(urls, redirects_to=redirects_to, received=report.received, opened=opened)


def _open_or_create(
    folder: Path, bundles: list[tuple[str, Callable[[], bytes]]], root_file: Path | None, fingerprint: str | None
) -> Store:
    """Return the store; a new one only for a confirmed root that stands behind the first of the *bundles* at hand."""
    if environment.is_there(folder / "root.cbor", error=StoreError):
        store = Store.open(folder)
        if root_file is not None or fingerprint is not None:
            _check_same_root(store, root_file, fingerprint)
        return store
    if not bundles:
        raise SourceError("cli.sync.no_bundle")
    name, read = bundles[0]
    with errors.naming(name):
        bundle = read_bundle(read())
    if root_file is not None:
        anchor = read_root_file(root_file).payload
    elif fingerprint is not None:
        with errors.naming(name):
            anchor = confirm_root(bundle, fingerprint)
    else:
        raise UntrustedRoot("cli.sync.confirm_root", fingerprint=bundle.roots[-1].fingerprint)
    with errors.naming(name):
        bundle.check(anchor)  # before anything is written
    return Store.create(folder, anchor)


def _check_same_root(store: Store, root_file: Path | None, fingerprint: str | None) -> None:
    same_file = root_file is None or read_root_file(root_file).payload == store.anchor
    same_fingerprint = fingerprint is None or same_digits(fingerprint, store.fingerprint)
    if not (same_file and same_fingerprint):
        raise UntrustedRoot("cli.sync.another_root", fingerprint=store.fingerprint).at(store.folder)
