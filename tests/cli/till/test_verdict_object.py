"""The object that the library makes of a verdict is the one that ``verify --json`` prints, whatever the verdict."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

import vectors
from command import Shell
from socpass_cli.app import language
from socpass_vc import OnStale, Speaker, Store, Till, Verdict, check_picture, check_texts, say_verdict, verdict_as_dict
from socpass_vc.verifier.store.clock_file import write_clock
from socpass_vc.verifier.store.status_list_files import MAX_ISSUER_LISTS
from vectors import Vector

PICTURES = ("accepted", "revoked", "suspended", "expired", "forged", "foreign")
DIGITS = re.compile("[0-9]{157}")
"""By which the command takes an argument for the text of a pass."""
SPEC = (vectors.FOLDER.parent / "specs" / "cli.md").read_text(encoding="utf-8")


def objects(verdicts: list[Verdict], till: Till, speaker: Speaker) -> list[dict[str, object]]:
    return [verdict_as_dict(verdict, checked_at=till.now, speaker=speaker, names=till.names_for(verdict)) for verdict in verdicts]


@pytest.mark.parametrize("lang", ["en", "ru"])
@pytest.mark.parametrize("place", [None, "museum"])
@pytest.mark.parametrize("name", PICTURES)
def test_it_is_for_each_picture_of_the_demo(shell: Shell, demo_folder: Path, name: str, place: str | None, lang: str) -> None:
    # given
    picture = demo_folder / "passes" / f"{name}.png"
    till = Till(demo_folder / "till", now=datetime.now(UTC).replace(microsecond=0), place=place)

    # when
    asked = () if place is None else ("--place", place)
    at = till.now.isoformat()
    said = shell("verify", picture, "--store", demo_folder / "till", "--at", at, "--json", "--lang", lang, *asked)
    found = objects(check_picture(picture, till), till, Speaker(lang, language.show_moment))

    # then
    assert [json.loads(line) for line in said.out.splitlines()] == found
    assert json.loads(json.dumps(found)) == found


@pytest.fixture(scope="module")
def store_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Vector], Path]:
    """Return what makes the store of a till that holds what a scenario says."""
    made: dict[str, Path] = {}

    def make(vector: Vector) -> Path:
        given = {name: vector.get(name) for name in ("trust", "status", "catalogues", "clock_floor")}
        key = json.dumps(given)
        if key not in made:
            trust = vectors.load(vector["trust"])
            store = Store.create(tmp_path_factory.mktemp("till") / "till", bytes.fromhex(trust["anchor"]))
            store.offer(bytes.fromhex(trust["bundle"]))
            for vector_id in (*vector["status"], *vector.get("catalogues", [])):
                store.offer(bytes.fromhex(vectors.load(vector_id)["cose"]))
            (store.folder / "clock").unlink()
            if vector["clock_floor"] is not None:
                write_clock(store.folder, datetime.fromisoformat(vector["clock_floor"]))
            made[key] = store.folder
        return made[key]

    return make


def is_kept_by_a_till(vector: Vector) -> bool:
    """Tell whether a till keeps the lists of a scenario: of one issuer it keeps fewer than the format allows."""
    return all(int(vectors.load(name)["uri"].rpartition("/")[2]) < MAX_ISSUER_LISTS for name in vector["status"])


_ALL = [vectors.load(f"pass/{path.stem}") for path in vectors.paths("pass")]
SCENARIOS = [vector for vector in _ALL if is_kept_by_a_till(vector)]
assert 0 < len(_ALL) - len(SCENARIOS) < 10


@pytest.mark.parametrize("expected", sorted({scenario["expect"] for scenario in SCENARIOS}))
def test_it_is_for_every_scenario_of_a_pass(shell: Shell, store_of: Callable[[Vector], Path], expected: str) -> None:
    for vector in (scenario for scenario in SCENARIOS if scenario["expect"] == expected):
        # given
        policy = vector["policy"]
        till = Till(
            store_of(vector),
            now=datetime.fromisoformat(vector["now"]),
            category=policy["category"],
            place=policy.get("place"),
            on_stale=OnStale(policy["on_stale"]),
        )

        # when
        verdicts = check_texts([vector["text"]], till, source="the text given")

        # then
        found = objects(verdicts, till, Speaker("en", language.show_moment))
        assert [verdict.code for verdict in verdicts] == [expected], vector["id"]
        assert [each.get("counts_today") for each in found] == [vector.get("counts")], vector["id"]
        if DIGITS.search(vector["text"]) and policy.get("place") in {None, "museum", "theatre"}:
            options = [f"--{name}={policy[name]}" for name in ("category", "place") if policy.get(name) is not None]
            at = ("--at", vector["now"], "--on-stale", policy["on_stale"])
            said = shell("verify", vector["text"], "--store", till.store.folder, *at, "--json", *options)
            assert [json.loads(line) for line in said.out.splitlines()] == found, (vector["id"], said)


def keys_in(spec: str) -> set[str]:
    """Return the keys that the table of specs/cli.md, section 4, names."""
    section = spec[spec.index("## 4. JSON") : spec.index("## 5.")]
    return {
        key for line in section.splitlines() if line.startswith("| `") for key in re.findall("`([a-z_]+)`", line.split("|")[1])
    }


def test_every_key_is_documented_and_every_sentence_is_whole(store_of: Callable[[Vector], Path]) -> None:
    # given
    documented = keys_in(SPEC)
    assert len(documented) > 15

    for vector in SCENARIOS:
        till = Till(store_of(vector), now=datetime.fromisoformat(vector["now"]), place=vector["policy"].get("place"))
        for verdict in check_texts([vector["text"]], till):
            for lang in ("en", "ru"):
                # when
                said = say_verdict(verdict, Speaker(lang))
                found = verdict_as_dict(verdict, checked_at=till.now, speaker=Speaker(lang))

                # then
                assert found.keys() <= documented, vector["id"]
                assert (found["reason"], found["advice"]) == (said.reason, said.advice)
                for sentence in (said.colour, said.reason, said.advice, *said.hints, *said.warnings):
                    assert sentence, vector["id"]
                    assert not re.search(r"[{}?]|verdict\.", sentence), vector["id"]
