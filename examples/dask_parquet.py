"""Passes for the residents of a Parquet file, signed by Dask: ``python dask_parquet.py AGENCY PASSPHRASE_FILE IN OUT``.

The residents stay where they are; the agency's register gives places in its status lists, so that no pass of ``socpass issuer
issue`` ever gets one of them. IN has a row a person, as
``socpass_vc.issuer.issuance.dataframe_rows.issue_rows`` takes it; OUT is a folder of Parquet files with its rows. Whoever keeps
passes in this way also keeps which of them are revoked.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import dask
import dask.dataframe as dd
import pandas as pd
import pyarrow as pa

from socpass_vc import SecretKey
from socpass_vc.format.trust.issuers import Use
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.issuance.dataframe_rows import COLUMNS, issue_rows
from socpass_vc.issuer.issuance.index_allocation import IndexBlock, reserve
from socpass_vc.issuer.issuance.pass_policy import PassRules

TYPES = {
    **dict.fromkeys(("ref", "text", "wrong"), "string"),
    **dict.fromkeys(("list", "index", "issued_at", "expires_at"), "Int64"),
    **dict.fromkeys(("content", "token"), pd.ArrowDtype(pa.binary())),
}
"""Of the columns that come out, the same in every part, whatever is missing there."""


def main(agency_folder: Path, passphrase_file: Path, source: Path, target: Path, *, now: datetime) -> None:
    """Sign a pass for each resident in *source*."""
    dask.config.set({"dataframe.convert-string": False})  # tokens are bytes, not texts
    people = dd.read_parquet(source)
    counts = people.map_partitions(len).compute()
    shares = share_out(agency_folder, list(counts))
    parts = [
        dask.delayed(sign)(part, blocks, agency_folder, passphrase_file, now)
        for part, blocks in zip(people.to_delayed(), shares, strict=True)
    ]
    dd.from_delayed(parts, meta=sign(people.head(0), [], agency_folder, passphrase_file, now)).to_parquet(target)


def share_out(agency_folder: Path, counts: list[int]) -> list[list[IndexBlock]]:
    """Reserve one index per resident, and give each part of the file its own."""
    agency = Agency.open(agency_folder)
    with agency.register() as register, register.transaction() as connection:
        left = reserve(connection, sum(counts), entries=agency.settings.list_entries)
    shares = []
    for count in counts:
        share: list[IndexBlock] = []
        while (missing := count - sum(block.count for block in share)) > 0:
            first, rest = left[0].split(missing)
            share.append(first)
            left = ([rest] if rest.count else []) + left[1:]
        shares.append(share)
    return shares


def sign(part: pd.DataFrame, blocks: list[IndexBlock], agency_folder: Path, passphrase_file: Path, now: datetime) -> pd.DataFrame:
    """Sign one part; this is what each process does. With Spark it would be the function given to ``mapInPandas``."""
    rows = issue_rows(
        part.astype(object).where(part.notna(), None).to_dict("records"),
        rules=PassRules.of(Agency.open(agency_folder).settings),
        signer=open_key(agency_folder, passphrase_file, now),
        references=(reference for block in blocks for reference in block),
        now=now,
    )
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(TYPES)


@cache  # once per process; the key itself never travels
def open_key(agency_folder: Path, passphrase_file: Path, now: datetime) -> SecretKey:
    """Open the agency's key for passes."""
    passphrase = passphrase_file.read_text(encoding="utf-8").splitlines()[0]
    return Agency.open(agency_folder).signer(Use.PASS, passphrase, now=now)


if __name__ == "__main__":
    with dask.config.set(scheduler="processes"):
        main(*map(Path, sys.argv[1:5]), now=datetime.now(UTC))
