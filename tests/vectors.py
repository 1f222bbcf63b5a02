"""Runs the committed test vectors through the library: what it says of a scenario, to be compared with what the file says.

``python tests/vectors.py [FOLDER...]`` runs them all, or those of some folders, and exits with 1 at the first that differs.
"""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from socpass_vc.errors import SocpassError
from socpass_vc.format import armor, cbor
from socpass_vc.format.catalogue.measures import Measure
from socpass_vc.format.cose import read_sign1
from socpass_vc.format.fields import to_day
from socpass_vc.format.status.status_list import StatusList
from socpass_vc.format.transparency.checkpoint import read_checkpoint
from socpass_vc.format.transparency.log_block import LogBlock
from socpass_vc.format.transparency.log_proof import read_log_proof
from socpass_vc.format.transparency.merkle import check_inclusion, consistency_path, inclusion_path, leaf_hash, root_of
from socpass_vc.format.transparency.witness_request import write_request
from socpass_vc.format.trust.bundle import Trust, read_bundle
from socpass_vc.format.trust.signing_request import read_request
from socpass_vc.verifier.admit import AdmittedCatalogue, AdmittedStatusList, admit, admit_catalogue
from socpass_vc.verifier.admit_delta import admit_delta
from socpass_vc.verifier.decide import OnStale, Policy, verify
from socpass_vc.verifier.pass_log import admit_checkpoint, check_continued

FOLDER = Path(__file__).parents[1] / "test_vectors"
ACCEPTED = "accepted"

Vector = Mapping[str, Any]
Said = dict[str, Any]


@lru_cache
def load(vector_id: str) -> Vector:
    """Return the scenario of a file, named as other files name it."""
    found: Vector = json.loads((FOLDER / f"{vector_id}.json").read_text(encoding="ascii"))
    return found


def paths(folder: str) -> list[Path]:
    """Return the files of one folder."""
    return sorted((FOLDER / folder).glob("*.json"))


def run(vector: Vector) -> Said:
    """Return what the library says of a scenario, under the names of its fields: the verdict and, where accepted, the rest."""
    try:
        return {"expect": ACCEPTED, **RUNNERS[vector["id"].partition("/")[0]](vector)}
    except SocpassError as refusal:
        return {"expect": refusal.code}


def difference(vector: Vector) -> str | None:
    """Return in what the library differs from the file, or None."""
    said = run(vector)
    for name, value in said.items():
        if vector.get(name) != value:
            return f"{vector['id']}: {name} is {value!r}, not {vector.get(name)!r} -- {vector['comment']}"
    return None


def _armor(vector: Vector) -> Said:
    return {"frame": armor.whole(armor.read_armor(vector["text"])).hex()}


def _parts(vector: Vector) -> Said:
    return {"frame": armor.join_parts(tuple(armor.read_part(armor.read_armor(text)) for text in vector["texts"])).hex()}


def _cbor(vector: Vector) -> Said:
    encoded = bytes.fromhex(vector["cbor"])
    return {"cbor": cbor.encode(cbor.decode(encoded)).hex()}


@lru_cache
def _trust_of(vector_id: str) -> Trust:
    vector = load(vector_id)
    return read_bundle(bytes.fromhex(vector["bundle"])).check(bytes.fromhex(vector["anchor"]))


def _trust(vector: Vector) -> Said:
    trust = read_bundle(bytes.fromhex(vector["bundle"])).check(bytes.fromhex(vector["anchor"]))
    return {
        "issuers": [issuer.id for issuer in trust.list.issuers],
        "root_version": trust.root.version,
        "list_version": trust.list.version,
    }


def _request(vector: Vector) -> Said:
    request = read_request(bytes.fromhex(vector["request"]))
    assert request.encode().hex() == vector["request"]
    return {
        "root_version": None if request.root is None else request.root.root.version,
        "list_version": None if request.list is None else request.list.list.version,
        "missing": [tally.missing for tally in request.tallies()],
    }


@lru_cache
def _admitted(vector_id: str, trust_id: str) -> AdmittedStatusList:
    return admit(bytes.fromhex(load(vector_id)["cose"]), trust=_trust_of(trust_id))


def _status(vector: Vector) -> Said:
    content = admit(bytes.fromhex(vector["cose"]), trust=_trust_of(vector["trust"])).content
    return {"uri": content.uri, "length": len(content), "entries": _set_entries(content)}


def _delta(vector: Vector) -> Said:
    trust = _trust_of(vector["trust"])
    at_hand = {found.content.uri: found.content for found in (_admitted(name, vector["trust"]) for name in vector["base"])}
    delta = admit_delta(bytes.fromhex(vector["cose"]), trust=trust).content
    changes = delta.changes()
    delta = delta.opened(changes)
    made = [delta.apply(entry, at_hand.get(delta.uri(entry.number)), changes[entry.number]) for entry in delta.lists]
    return {"lists": {listed.uri: {"length": len(listed), "entries": _set_entries(listed)} for listed in made}}


def _set_entries(content: StatusList) -> dict[str, int]:
    # Long lists are mostly zeros, and reading each of 2^25 entries would take half a minute.
    per_byte = 8 // content.bits
    return {
        str(index): content[index]
        for at in range(0, len(content.raw), 4096)
        if any(content.raw[at : at + 4096])
        for index in range(at * per_byte, min(len(content), (at + 4096) * per_byte))
        if content[index]
    }


@lru_cache
def _admitted_catalogue(vector_id: str, trust_id: str) -> AdmittedCatalogue:
    return admit_catalogue(bytes.fromhex(load(vector_id)["cose"]), trust=_trust_of(trust_id))


def _catalogue(vector: Vector) -> Said:
    content = admit_catalogue(bytes.fromhex(vector["cose"]), trust=_trust_of(vector["trust"])).content
    names = content.names()
    sections = {"categories": names.categories, "document_kinds": names.document_kinds, "places": names.places}
    return {
        "uri": content.uri,
        "names": {
            title: {str(key): dict(texts) for key, texts in section.items()}
            for title, section in sections.items()
            if isinstance(section, Mapping)
        },
        "measures": [_measure(measure) for measure in content.measures()],
    }


def _measure(measure: Measure) -> Said:
    """Return a measure as the page has it, its fields by number."""
    optional = {
        "6": measure.companions or None,
        "7": measure.region,
        "8": dict(measure.notes) or None,
        "9": None if measure.first is None else to_day(measure.first),
        "10": None if measure.last is None else to_day(measure.last),
    }
    return {
        "1": measure.id,
        "2": dict(measure.names),
        "3": list(measure.categories),
        "4": list(measure.places),
        "5": measure.benefit.encode(),
    } | {key: value for key, value in optional.items() if value is not None}


def _time(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)


def _pass(vector: Vector) -> Said:
    now = _time(vector["now"])
    assert now is not None
    lists = [_admitted(vector_id, vector["trust"]) for vector_id in vector["status"]]
    catalogues = [_admitted_catalogue(vector_id, vector["trust"]) for vector_id in vector.get("catalogues", [])]
    place = vector["policy"].get("place")
    verified = verify(
        vector["text"],
        trust=_trust_of(vector["trust"]),
        status={admitted.content.uri: admitted for admitted in lists},
        now=now,
        policy=Policy(on_stale=OnStale(vector["policy"]["on_stale"]), category=vector["policy"]["category"], place=place),
        clock_floor=_time(vector["clock_floor"]),
        catalogues={admitted.content.uri: admitted for admitted in catalogues},
    )
    granted = {} if place is None else {"grants": [measure.id for measure in verified.measures]}
    return granted | {
        "counts": [entitlement.category for entitlement in verified.entitlements],
        "issuer": verified.issuer.id,
        "warnings": [str(warning) for warning in verified.warnings],
    }


def _log(vector: Vector) -> Said:
    trust = _trust_of(vector["trust"])
    if "proof" in vector:
        proof = read_log_proof(vector["proof"].encode())
        assert proof.encode().decode() == vector["proof"]
        unverified = proof.checkpoint()
        admitted = admit_checkpoint(unverified, trust=trust)
        proof.check(bytes.fromhex(vector["cose"]), unverified)
        return {"issuer": admitted.issuer.id, "size": admitted.content.size, "root": admitted.content.root.hex()}
    blocks = [bytes.fromhex(found) for found in vector["blocks"]]
    before, after = (
        admit_checkpoint(read_checkpoint(vector[name].encode()), trust=trust).content for name in ("before", "after")
    )
    check_continued(before, after, blocks)
    return {"request": write_request(before, vector["after"].encode(), blocks).decode()}


def _merkle(vector: Vector) -> Said:
    if "key" in vector:
        key, digest, passes = (vector["key"], vector["digest"], vector["passes"])
        leaves = list(map(bytes.fromhex, passes))
        block = LogBlock(bytes.fromhex(key), number=vector["event"], digest=bytes.fromhex(digest), leaves=leaves)
        places = [block.path_of(leaf) for leaf in leaves]
        for leaf, found in zip(leaves, places, strict=True):
            assert found is not None
            check_inclusion(leaf, found[0], size=2**16, path=found[1], root=block.root)
        # The first place is that of the events, which only the issuer can tell.
        return {"root": block.root.hex(), "places": [vector["places"][0], *(found[0] for found in places if found)]}
    hashes = [leaf_hash(bytes.fromhex(content)) for content in vector["leaves"]]
    paths = [inclusion_path(hashes, index) for index in range(len(hashes))]
    root = root_of(hashes)
    for index, path in enumerate(paths):
        check_inclusion(hashes[index], index, size=len(hashes), path=path, root=root)
    return {
        "root": root.hex(),
        "inclusion": [[found.hex() for found in path] for path in paths],
        "consistency": [[found.hex() for found in consistency_path(hashes, old)] for old in range(1, len(hashes) + 1)],
    }


RUNNERS: dict[str, Callable[[Vector], Said]] = {
    "armor": _armor,
    "catalogue": _catalogue,
    "cbor": _cbor,
    "delta": _delta,
    "log": _log,
    "merkle": _merkle,
    "parts": _parts,
    "pass": _pass,
    "request": _request,
    "status": _status,
    "trust": _trust,
}


def layers(vector: Vector) -> Said:
    """Return what stands inside the text of a scenario of pass/, for the layers that it names."""
    found: Said = {}
    if vector["frame"] is not None:
        frame = armor.read_armor(vector["text"])
        found["frame"] = frame.hex()
        if vector["cose"] is not None:
            token = _first_token(frame)
            found["cose"] = token.hex()
            if vector["claims_cbor"] is not None:
                found["claims_cbor"] = read_sign1(token).payload.hex()
    return found


def _first_token(frame: bytes) -> bytes:
    if frame[0] == armor.WHOLE:
        return frame[1:]
    presentation = cbor.decode(frame[1:])
    assert isinstance(presentation, list)
    assert isinstance(presentation[0], bytes)
    return presentation[0]


def main(folders: Iterable[str] = ()) -> int:
    """Compare the vectors of some folders, by default of all; say the first difference."""
    for folder in folders or RUNNERS:
        for path in paths(folder):
            found = difference(load(f"{folder}/{path.stem}"))
            if found:
                print(found)  # noqa: T201 -- what a person who runs this wants to read
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
