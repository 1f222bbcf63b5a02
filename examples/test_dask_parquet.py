"""The example over a Parquet file, run in its own environment by ``make example``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd

import town
from socpass_vc import read_pass
from socpass_vc.format.cose import read_sign1

PEOPLE = 2_500  # more than a list of the town holds twice over, so that blocks span lists


def test_every_resident_of_a_parquet_file_gets_a_pass_with_a_place_of_its_own(tmp_path: Path) -> None:
    agency = town.agency(tmp_path)
    (tmp_path / "pw").write_text(f"{town.PASSPHRASE}\n")
    people = [
        {"ref": f"R{number}", "name": f"Житель Номер {number}", "born": "1951-03-04", "entitlements": [{"category": 2545}]}
        for number in range(PEOPLE)
    ]
    people[7]["name"] = ""
    (tmp_path / "people").mkdir()
    for part in range(3):
        pd.DataFrame(people[part::3]).to_parquet(tmp_path / "people" / f"{part}.parquet")
    command = [sys.executable, Path(__file__).parent / "dask_parquet.py", agency.folder, tmp_path / "pw"]
    subprocess.run([*command, tmp_path / "people", tmp_path / "passes"], check=True)
    passes = pd.read_parquet(tmp_path / "passes")
    refused, issued = passes[passes["wrong"].notna()], passes[passes["wrong"].isna()]
    assert (list(refused["ref"]), len(issued)) == (["R7"], PEOPLE - 1)
    assert set(issued["ref"]) == {person["ref"] for person in people} - {"R7"}
    places = set(zip(issued["list"], issued["index"], strict=True))
    assert len(places) == PEOPLE - 1
    assert {number for number, _ in places} == {0, 1, 2}
    for row in issued.itertuples():
        signed = read_sign1(row.token)
        signed.check(town.pass_key().public_key)
        status = read_pass(row.text).claims().status
        assert (status.list_number, status.index) == (row.list, row.index)
