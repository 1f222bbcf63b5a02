"""Write the test vectors, or compare what would be written with what is there.

Imports nothing of socpass: what stands in the files comes from specs/ by another way than the code under test. The same bytes at
each run, on any machine.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Final

from scenarios import (
    armor_texts,
    bundles,
    catalogue_refused,
    catalogues,
    cbor_items,
    cbor_rfc8949,
    deltas,
    pass_body,
    pass_claims,
    pass_holder,
    pass_log,
    pass_place,
    pass_shape,
    pass_status,
    pass_time,
    pass_trust,
    requests,
    seeds,
    status_lists,
    status_refused,
    trust_chain,
    trust_issuer,
    trust_later,
    trust_shape,
)
from scenarios.scenario import ACCEPTED, JsonValue, Scenario

HERE: Final = Path(__file__).parent
SEEDS: Final = "seeds.json"
FOLDERS: Final = ("armor", "catalogue", "cbor", "delta", "log", "merkle", "parts", "pass", "request", "status", "trust")
_MODULES: Final = (
    *(trust_shape, trust_issuer, trust_chain, trust_later, requests, status_refused, deltas, catalogue_refused),
    *(pass_shape, pass_claims, pass_body, pass_trust, pass_time, pass_status, pass_holder, pass_place),
    pass_log,
    *(armor_texts, cbor_rfc8949, cbor_items),
)


def main(arguments: list[str] | None = None) -> int:
    """Write or check the files; return the exit code, 1 for differences."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--out", type=Path, default=HERE, metavar="DIR", help="the folder to write to or to check (default: this one)"
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; name the files that differ, are missing or are surplus"
    )
    chosen = parser.parse_args(arguments)
    wanted = documents()
    present = {
        path.relative_to(chosen.out).as_posix(): path for folder in FOLDERS for path in (chosen.out / folder).rglob("*.json")
    }
    surplus = sorted(present.keys() - wanted.keys())
    if chosen.check:
        return check(chosen.out, wanted, surplus)
    for name, text in wanted.items():
        path = chosen.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
    for name in surplus:
        present[name].unlink()
    print(f"{len(wanted)} files written, {len(surplus)} removed")
    return 0


def check(folder: Path, wanted: dict[str, bytes], surplus: list[str]) -> int:
    """Say what differs in *folder*; return 1 if anything does."""
    missing = [name for name in wanted if not (folder / name).is_file()]
    differing = [name for name, text in wanted.items() if name not in missing and (folder / name).read_bytes() != text]
    for word, names in (("differs", differing), ("missing", missing), ("surplus", surplus)):
        for name in names:
            print(f"{word}: {name}", file=sys.stderr)
    return int(bool(missing or differing or surplus))


def documents() -> dict[str, bytes]:
    """Return every file by its path: the seeds, and one file a scenario."""
    found = all_scenarios()
    files = {SEEDS: rendered(seeds.published())}
    for scenario in found:
        name = f"{scenario.id}.json"
        if name in files:
            raise ValueError(f"two scenarios are called {scenario.id}")
        files[name] = rendered(scenario.document())
    _check_references(found)
    return files


def all_scenarios() -> list[Scenario]:
    """Return the scenarios of all folders."""
    worlds = [case.scenario() for case in (*bundles.WORLDS, trust_later.WITH_ML_DSA_44)]
    good = [case.scenario() for case in (*status_lists.GOOD, *catalogues.GOOD)]
    return [*worlds, *good, *(scenario for module in _MODULES for scenario in module.scenarios())]


def rendered(document: dict[str, JsonValue]) -> bytes:
    """Return a file's bytes: ASCII, so that no editor and no screen can disguise them."""
    return json.dumps(document, indent=2).encode("ascii") + b"\n"


def _check_references(found: list[Scenario]) -> None:
    """Refuse a scenario that builds on one that is not there or is not accepted."""
    accepted = {scenario.id for scenario in found if scenario.expect == ACCEPTED}
    for scenario in found:
        used = [scenario.fields.get("trust")]
        for name in ("status", "base", "catalogues"):
            named = scenario.fields.get(name, [])
            used += named if isinstance(named, list) else []
        wrong = [name for name in used if name is not None and name not in accepted]
        if wrong:
            raise ValueError(f"{scenario.id} builds on {wrong}")


if __name__ == "__main__":
    sys.exit(main())
