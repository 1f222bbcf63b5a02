"""Sources of ``sync`` that are URLs: published sites, and single files. What a site's files are is the library's to know."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack
from functools import cache

import urllib3
from urllib3.exceptions import SystemTimeWarning

from socpass_cli.app import clock
from socpass_cli.sync.apply import AppliedFile
from socpass_cli.sync.local import ENDINGS, MAX_SOURCE_BYTES, ByteBudget, SourceFile
from socpass_vc.errors import SourceError
from socpass_vc.verifier.store.till_store import Store
from socpass_vc.verifier.sync.address import Address
from socpass_vc.verifier.sync.client import Client
from socpass_vc.verifier.sync.published_site import PublishedSite


class RemoteSources:
    """The URLs among the sources, and the client that asks for them.

    Args:
        urls: sites, or single files by their endings.
        redirects_to: hosts to which a server may send on.
        received: told how many bytes came.
        opened: closes the connections.

    Raises:
        SourceError: a URL is none.
    """

    def __init__(
        self, urls: Sequence[str], *, redirects_to: Collection[str], received: Callable[[int], None], opened: ExitStack
    ) -> None:
        urllib3.disable_warnings(SystemTimeWarning)  # a certificate that is not valid yet says so in our words
        self._client = opened.enter_context(Client(redirects_to=redirects_to, received=received))
        addresses = [Address.read(url) for url in urls]
        self.offers = [self._offer(str(address)) for address in addresses if address.path.endswith(ENDINGS)]
        self.sites = [self._site(address) for address in addresses if not address.path.endswith(ENDINGS)]

    def bring(self, store: Store, issuers: Collection[str]) -> Iterator[AppliedFile]:
        """Bring *store* up to date from all sites, and yield what became of each file."""
        for site in self.sites:
            for fetched in site.bring(store, clock=clock.now, issuers=issuers):
                yield AppliedFile(name=fetched.url, outcome=fetched.outcome, issuer=fetched.issuer, error=fetched.error)

    def _site(self, address: Address) -> PublishedSite:
        if address.path.endswith(".zip"):
            raise SourceError("cli.sync.zip_at_url").at(str(address))
        return PublishedSite(str(address), self._client)

    def _offer(self, url: str) -> SourceFile:
        @cache
        def read_up_to(longest: int) -> bytes:
            return self._client.get(url, longest).content or b""

        return SourceFile(url, read_up_to, ByteBudget(url, MAX_SOURCE_BYTES), is_remote=True)
