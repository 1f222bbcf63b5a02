"""The log of passes as text and as a tree: what is written is read, what cannot be is refused, and the specification shows it."""

from __future__ import annotations

import re
from base64 import b64decode
from hashlib import sha256
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import vectors
import world
from said import refused
from socpass_vc.errors import ClaimsError, Forged, Malformed, NotLogged
from socpass_vc.format.transparency.checkpoint import Checkpoint, log_origin, read_checkpoint, sign_checkpoint
from socpass_vc.format.transparency.log_block import MAX_PASSES, LogBlock
from socpass_vc.format.transparency.log_proof import LogProof, read_log_proof
from socpass_vc.format.transparency.merkle import check_inclusion, inclusion_path, root_of
from socpass_vc.format.transparency.signed_note import read_note, verifier_key
from socpass_vc.format.transparency.tiles import read_blocks, tiles_of

SPEC = (Path(__file__).parents[4] / "specs" / "log.md").read_text(encoding="utf-8")
ORIGIN = "pass.example.ru/status/log"
HASHES = [sha256(b"%d" % number).digest() for number in range(70_000)]


def head(blocks: int = 1) -> Checkpoint:
    return Checkpoint(origin=ORIGIN, size=blocks * 2**16, root=root_of(HASHES[:blocks]))


def test_the_proof_in_the_specification_is_its_vector_to_the_byte() -> None:
    # given
    page = SPEC[SPEC.index("Its proof:") :]

    # when
    shown = re.findall(r"^```\n(.*?)^```$", page, flags=re.DOTALL | re.MULTILINE)

    # then
    assert shown == [vectors.load("log/three_passes")["proof"]]


def test_the_key_of_the_note_that_c2sp_shows_verifies_it() -> None:
    # given the example of signed-note
    note = read_note(
        b"This is an example message.\n\n\xe2\x80\x94 example.com/foo "
        b"Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
    )
    vkey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    key = world.key("log").public_key.__class__(read_note_key(vkey))

    # then
    assert verifier_key("example.com/foo", key) == vkey
    assert note.names("example.com/foo", key)
    note.check("example.com/foo", key)
    assert not note.names("example.com/bar", key)


def read_note_key(vkey: str) -> bytes:
    return b64decode(vkey.rpartition("+")[2])[1:]


def test_a_note_is_signed_by_whose_line_is_below_and_by_nobody_else() -> None:
    note = read_note(sign_checkpoint(head(), world.key("log")))
    note.check(ORIGIN, world.key("log").public_key)
    with refused(Forged, "log.not_signed_by", name=ORIGIN):
        note.check(ORIGIN, world.key("other").public_key)


def test_a_note_is_text() -> None:
    with refused(Malformed, "log.not_a_note"):
        read_note(b"\xff\n\n")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"origin": ""}, "log.origin"),
        ({"origin": "a b"}, "log.origin"),
        ({"origin": "a+b"}, "log.origin"),
        ({"origin": "журнал"}, "log.origin"),
        ({"size": 0}, "log.size"),
        ({"size": 2**16 - 1}, "log.size"),
        ({"size": 2**36 + 2**16}, "log.size"),
        ({"root": b"r"}, "log.root_length"),
    ],
)
def test_a_head_that_cannot_be_is_not_made(changes: dict[str, object], reason: str) -> None:
    with refused(ClaimsError, reason):
        Checkpoint(**{"origin": ORIGIN, "size": 2**36, "root": bytes(32), **changes})  # type: ignore[arg-type]  # names are those of the class


def test_the_origin_follows_from_the_status_base() -> None:
    assert log_origin("https://pass.example.ru/status/") == ORIGIN
    assert log_origin("http://pass.example.ru/a+b/") == "pass.example.ru/a%2Bb/log"


@given(
    salt=st.binary(min_size=32, max_size=32),
    index=st.integers(0, 2**36),
    path=st.lists(st.binary(min_size=32, max_size=32), max_size=40),
)
def test_a_proof_is_read_as_it_was_written(salt: bytes, index: int, path: list[bytes]) -> None:
    proof = LogProof(salt=salt, index=index, path=tuple(path), note=sign_checkpoint(head(), world.key("log")))
    assert read_log_proof(proof.encode()) == proof
    assert proof.checkpoint() == read_checkpoint(proof.note)


@given(size=st.integers(1, 200), data=st.data())
def test_a_path_leads_from_its_leaf_alone_to_the_root(size: int, data: st.DataObject) -> None:
    hashes = HASHES[:size]
    index = data.draw(st.integers(0, size - 1))
    check_inclusion(hashes[index], index, size=size, path=inclusion_path(hashes, index), root=root_of(hashes))


def test_an_index_beyond_the_log_is_refused_whatever_the_path() -> None:
    for index in (-1, 1, 2):
        with refused(NotLogged, "log.index_outside_tree", index=index, size=1):
            check_inclusion(HASHES[0], index, size=1, path=(), root=HASHES[0])


@pytest.mark.parametrize("passes", [0, 1, 300, MAX_PASSES])
def test_a_block_holds_its_passes_in_places_that_do_not_tell_how_many_there_are(passes: int) -> None:
    block = LogBlock(bytes(32), number=9, digest=bytes(32), leaves=HASHES[:passes])
    for leaf in islice(HASHES, 0, passes, 997):
        found = block.path_of(leaf)
        assert found is not None
        place, path = found
        assert len(path) == 16
        check_inclusion(leaf, place, size=2**16, path=path, root=block.root)
    assert block.path_of(b"of no leaf") is None


@pytest.mark.parametrize(("key", "passes"), [(b"short", 0), (bytes(32), MAX_PASSES + 1)])
def test_a_block_that_cannot_be_is_not_made(key: bytes, passes: int) -> None:
    with pytest.raises(ValueError, match="a block of"):
        LogBlock(key, number=9, digest=bytes(32), leaves=HASHES[:passes])


@pytest.mark.parametrize("blocks", [1, 255, 256, 257, 600, 65_536, 65_537])
def test_tiles_lead_back_to_the_roots_of_the_blocks(blocks: int) -> None:
    tiles = dict(tiles_of(HASHES[:blocks]))
    assert read_blocks(blocks, tiles.__getitem__) == HASHES[:blocks]
    assert all(1 <= len(content) // 32 <= 256 for content in tiles.values())


def test_tiles_have_the_names_and_hashes_that_c2sp_gives_them() -> None:
    tiles = dict(tiles_of(HASHES[:600]))
    assert sorted(tiles) == ["tile/2/000", "tile/2/001", "tile/2/002.p/88", "tile/3/000.p/2"]
    assert tiles["tile/3/000.p/2"] == root_of(HASHES[:256]) + root_of(HASHES[256:512])
    assert "tile/2/255" in dict(tiles_of(HASHES[:65_536]))
    some = list(dict(tiles_of([bytes(32)] * 256_257)))
    assert "tile/2/x001/000" in some
    assert "tile/2/x001/001.p/1" in some


def test_a_tile_of_another_length_is_refused() -> None:
    with refused(Malformed, "log.tile_length", found=31, size=32) as caught:
        read_blocks(1, lambda _: bytes(31))
    assert caught.value.where == ("tile/2/000.p/1",)
