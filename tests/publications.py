"""Agencies that publish into folders of their own, for tests of what tills fetch: real files, signed with fixed keys."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import world
from socpass_vc.format.fields import to_seconds
from socpass_vc.format.status.status_delta import sign_delta
from socpass_vc.format.status.status_list import Status, StatusList, pack, sign_status_list
from socpass_vc.format.trust.issuers import Issuer, TrustList, Use
from socpass_vc.issuer.publication.list_diff import compare

Values = Mapping[int, Status]
FEW: Values = {5: Status.INVALID}
BIG = 2**18
"""Entries of a list of which two tokens, with :func:`many`, are worth a delta."""


def many(seed: int = 1, share: float = 0.05) -> dict[int, Status]:
    """Return values of a big list, so many revoked that it takes more than 8 KiB."""
    return dict.fromkeys(random.Random(seed).sample(range(BIG), int(BIG * share)), Status.INVALID)  # noqa: S311 -- any will do


@dataclass
class Publisher:
    """An agency: its entry in trust lists, its keys' names and its folder."""

    id: str
    base: str
    folder: Path

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.lists: dict[int, StatusList] = {}

    @property
    def issuer(self) -> Issuer:
        """Its entry."""
        keys = (
            world.issuer_key(f"pass {self.id}", Use.PASS),
            world.issuer_key(f"status {self.id}", Use.STATUS),
            world.issuer_key(f"catalogue {self.id}", Use.CATALOGUE),
        )
        return world.issuer(*keys, id=self.id, status_base=self.base)

    def publish(self, day: float, *values: Values, entries: int = world.ENTRIES, delta: bool = False) -> None:
        """Write the lists of a day, one for each of *values*, and what changed since the last time if *delta* is asked for."""
        at = world.ISSUED_AT + day * world.DAY
        signer, before = world.key(f"status {self.id}"), self.lists
        self.lists = {
            number: StatusList(
                uri=f"{self.base}{number}",
                issued_at=at,
                expires_at=at + 14 * world.DAY,
                ttl=world.DAY,
                bits=2,
                raw=pack(each, entries=entries),
            )
            for number, each in enumerate(values)
        }
        for number, listed in self.lists.items():
            (self.folder / f"{number}.cwt").write_bytes(sign_status_list(listed, signer))
        if delta:
            begin = to_seconds(before[0].issued_at)
            change = compare(self.base, before, self.lists)
            (self.folder / f"{begin}-0.delta").write_bytes(sign_delta(change, signer))

    def publish_catalogue(self, day: float = 0) -> None:
        """Write the catalogue of a day."""
        at = world.ISSUED_AT + day * world.DAY
        made = world.catalogue(uri=f"{self.base}catalogue", issued_at=at, expires_at=at + 14 * world.DAY)
        (self.folder / "catalogue.cwt").write_bytes(world.catalogue_token(made, signer=f"catalogue {self.id}"))

    def text(self, index: int = world.INDEX) -> str:
        """Return the text of a pass of this agency."""
        status = world.claims().status
        claims = world.claims(status=type(status)(list_number=0, index=index))
        return world.text(claims, signer=world.key(f"pass {self.id}"))


def write_trust(folder: Path, *publishers: Publisher, version: int = 1, day: int = 0) -> TrustList:
    """Write the trust list that names the publishers."""
    at = world.ISSUED_AT + day * world.DAY
    listed = world.trust_list(*(each.issuer for each in publishers), version=version, issued_at=at)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "trust.spt").write_bytes(world.bundle(listed))
    return listed
