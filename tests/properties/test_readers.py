"""Whatever a reader is given, it answers or refuses in our words: nothing else ever comes out."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import strategies
import world
from socpass_vc.errors import SocpassError
from socpass_vc.format import armor, cbor, cose, keyfile
from socpass_vc.format.catalogue.measures import encode_measures, read_measures
from socpass_vc.format.catalogue.names import read_names
from socpass_vc.format.catalogue.signed_catalogue import TYP as CATALOGUE_TYP
from socpass_vc.format.catalogue.signed_catalogue import read_catalogue
from socpass_vc.format.cbor import Value
from socpass_vc.format.credential.claims_reader import read_claims
from socpass_vc.format.credential.proof import TYP as PROOF_TYP
from socpass_vc.format.credential.proof import read_proof, sign_proof
from socpass_vc.format.credential.token import read_frame, read_pass, sign_pass
from socpass_vc.format.keys import PublicKey
from socpass_vc.format.status.status_delta import TYP as DELTA_TYP
from socpass_vc.format.status.status_delta import read_delta, sign_delta
from socpass_vc.format.status.status_list import TYP as STATUS_TYP
from socpass_vc.format.status.status_list import Status, inflate, read_status_list
from socpass_vc.format.trust.bundle import LIST_TYP, ROOT_TYP, read_bundle, read_root_token, sign_trust_list, write_bundle
from socpass_vc.format.trust.signing_request import ask, read_request
from socpass_vc.holder.present import present
from socpass_vc.issuer.publication.list_diff import compare
from socpass_vc.verifier.admit import admit, admit_catalogue
from socpass_vc.verifier.admit_delta import admit_delta, admit_kept, keep
from socpass_vc.verifier.store.file_kind import FileKind
from socpass_vc.verifier.store.rollback_state import RollbackState, SeenFile, seen_trust
from socpass_vc.verifier.store.till_store import Store, confirm_root

TOKEN = sign_pass(world.claims(holder_key=world.key("holder").public_key), world.key("pass"))
PROOF = sign_proof(TOKEN, world.key("holder"), now=world.NOW)
SEALED = keyfile.seal(world.key("pass"), "a", cost=keyfile.SealingCost.INTERACTIVE)
TRUST, STATUS = world.trust(), world.status()
FULL = compare(world.STATUS_BASE, {}, {0: world.status_list({1: Status.INVALID})})
DELTA = sign_delta(FULL, world.key("status"))
PUBLISHED = world.trust_with_catalogues()
ANCHOR = world.root().encode()
EVERLASTING = world.everlasting()
LONG_LIVED = world.text(world.claims(issued_at=world.BEGINNING, expires_at=world.END_OF_TIME))
EVERLASTING_STATUS = world.status(under=EVERLASTING, issued_at=world.BEGINNING, expires_at=world.END_OF_TIME)

REQUEST = ask(
    [read_root_token(world.root_token())],
    sign_trust_list(world.trust_list(), [world.key("root")]),
    root=world.root("root", "next", version=2),
    trust_list=world.trust_list(version=2),
).signed_with(world.key("root"))

READERS: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "cbor.decode": (cbor.decode, cbor.encode({1: [2, {"a": b"b"}]})),
    "read_claims": (read_claims, world.claims().encode()),
    "read_frame": (read_frame, b"\x03" + cbor.encode([TOKEN, PROOF])),
    "read_sign1": (cose.read_sign1, TOKEN),
    "read_sign": (lambda given: cose.read_sign(given, typ=ROOT_TYP), world.root_token()),
    "read_proof": (read_proof, PROOF),
    "read_status_list": (read_status_list, world.status_token()),
    "inflate": (lambda given: inflate(given, 1000), bytes.fromhex("78da3be9f2130003df0207")),
    "admit": (lambda given: admit(given, trust=TRUST), world.status_token()),
    "read_delta": (read_delta, DELTA),
    "admit_kept": (
        lambda given: admit_kept(given, lambda _: True, trust=TRUST),
        keep(DELTA, FULL, world.status_list({1: Status.INVALID})),
    ),
    "read_catalogue": (read_catalogue, world.catalogue_token()),
    "admit_catalogue": (lambda given: admit_catalogue(given, trust=PUBLISHED), world.catalogue_token()),
    "read_names": (read_names, world.names_page().encode()),
    "read_measures": (read_measures, encode_measures([world.measure()])),
    "read_root_token": (read_root_token, world.root_token()),
    "read_bundle": (read_bundle, world.bundle()),
    "read_request": (read_request, REQUEST.encode()),
    "check": (lambda given: read_bundle(given).check(ANCHOR), world.bundle()),
    "read_sealed": (keyfile.read_sealed, SEALED),
    "read_secret_pem": (keyfile.read_secret_pem, keyfile.write_secret_pem(world.key("pass"))),
    "read_public_pem": (keyfile.read_public_pem, keyfile.write_public_pem(world.key("pass").public_key)),
    "PublicKey": (PublicKey, world.key("pass").public_key.raw),
}


@pytest.mark.parametrize("name", READERS)
@given(data=st.data())
def test_no_bytes_whatever_raise_anything_but_an_error_of_ours(name: str, data: st.DataObject) -> None:
    # given
    reader, good = READERS[name]
    offered = data.draw(strategies.mutated(st.just(good)) | st.binary(max_size=200))

    # then
    with suppress(SocpassError):
        reader(offered)


texts = st.one_of(
    st.text(max_size=300),
    st.text("0123456789 SOCPASS:#٣", max_size=400),
    st.text("0123456789", min_size=150, max_size=400),
    st.binary(max_size=300).map(lambda rest: armor.write_armor(b"\x01" + bytes(60) + rest)),
    st.binary(max_size=300).map(lambda rest: armor.write_armor(b"\x03" + bytes(60) + rest)),
    st.binary(max_size=300).map(lambda rest: armor.write_armor(b"\x02" + rest + bytes(75))),
    strategies.mutated(st.just(b"\x03" + cbor.encode([TOKEN, PROOF]))).map(lambda frame: armor.write_armor(frame or b"\x01")),
    strategies.values.map(lambda value: armor.write_armor(b"\x01" + bytes((0xD2,)) + cbor.encode(value) + bytes(60))),
)


@given(texts)
def test_no_text_whatever_raises_anything_but_an_error_of_ours(text: str) -> None:
    for reader in (
        armor.read_armor,
        read_pass,
        lambda text: world.verify(text, under=TRUST, lists=STATUS),
        lambda text: present(text, world.key("holder"), now=world.NOW),
        lambda text: confirm_root(read_bundle(world.bundle()), text),
        lambda text: keyfile.read_sealed(text.encode(errors="replace")),
    ):
        with suppress(SocpassError):
            reader(text)


# --- Well signed nonsense: what a broken or hostile issuer may write ----------------------------------------

CLAIMS = cbor.decode(world.claims(holder_key=world.key("holder").public_key).encode())
DELTA_CLAIMS = cbor.decode(read_delta(DELTA).signed.payload)
STATUS_CLAIMS = cbor.decode(read_status_list(world.status_token()).signed.payload)
CATALOGUE_CLAIMS = cbor.decode(read_catalogue(world.catalogue_token()).signed.payload)
NAMES = cbor.decode(world.names_page().encode())
MEASURES = cbor.decode(encode_measures([world.measure(), world.measure(id="b", region=2, notes={"ru": "a"})]))
PROOF_CLAIMS = cbor.decode(read_proof(PROOF).signed.payload)
ROOT_CLAIMS = cbor.decode(ANCHOR)
LIST_CLAIMS = cbor.decode(world.trust_list().encode())


def encoded(value: Value) -> bytes:
    """Return the encoding; what nests too deep is cut to null."""
    try:
        return cbor.encode(value)
    except ValueError:
        return cbor.encode(None)


@given(strategies.altered(CLAIMS), st.none() | strategies.altered(PROOF_CLAIMS))
def test_no_claims_whatever_raise_anything_but_an_error_of_ours(claims: Value, proof: Value) -> None:
    # given
    token = cose.sign1(encoded(claims), world.key("pass"))
    presentation = cbor.encode([token, cose.sign1(encoded(proof), world.key("holder"), typ=PROOF_TYP)])

    # then
    for text in (world.text_of_token(token), world.text_of_token(presentation, kind=armor.PRESENTATION)):
        with suppress(SocpassError):
            world.verify(text, under=TRUST, lists=STATUS)


@given(strategies.altered(STATUS_CLAIMS))
def test_no_status_list_whatever_raises_anything_but_an_error_of_ours(claims: Value) -> None:
    with suppress(SocpassError):
        admit(cose.sign1(encoded(claims), world.key("status"), typ=STATUS_TYP), trust=TRUST)


@given(strategies.altered(DELTA_CLAIMS))
def test_no_status_delta_whatever_raises_anything_but_an_error_of_ours(claims: Value) -> None:
    with suppress(SocpassError):
        delta = admit_delta(cose.sign1(encoded(claims), world.key("status"), typ=DELTA_TYP), trust=TRUST).content
        changes = delta.changes()
        delta = delta.opened(changes)
        for entry in delta.lists:
            delta.apply(entry, None, changes[entry.number])


@given(strategies.altered(CATALOGUE_CLAIMS))
def test_no_catalogue_whatever_raises_anything_but_an_error_of_ours(claims: Value) -> None:
    with suppress(SocpassError):
        admit_catalogue(cose.sign1(encoded(claims), world.key("catalogue"), typ=CATALOGUE_TYP), trust=PUBLISHED)


@given(strategies.altered(NAMES), strategies.altered(MEASURES))
def test_no_page_whatever_raises_anything_but_an_error_of_ours(names: Value, measures: Value) -> None:
    with suppress(SocpassError):
        read_names(encoded(names))
    with suppress(SocpassError):
        read_measures(encoded(measures))


@given(strategies.altered(ROOT_CLAIMS), strategies.altered(LIST_CLAIMS))
def test_no_trust_list_whatever_raises_anything_but_an_error_of_ours(root: Value, listed: Value) -> None:
    # given
    tokens = [cose.sign_by_many(encoded(claims), [world.key("root")], typ=ROOT_TYP) for claims in (ROOT_CLAIMS, root)]
    token = cose.sign_by_many(encoded(listed), [world.key("root")], typ=LIST_TYP)

    # then
    for roots in (tokens[:1], tokens[1:], tokens):
        with suppress(SocpassError):
            read_bundle(write_bundle(roots, token)).check(ANCHOR)


@given(
    st.from_regex("[A-Za-z0-9/_+-]{1,64}", fullmatch=True)
    | st.sampled_from(["Europe", "__init__", "__init__/x", "right/UTC", "posixrules"])
)
def test_no_time_zone_whatever_raises_anything_but_an_error_of_ours(zone: str) -> None:
    # given
    under = world.trust(world.trust_list(world.issuer(time_zone=zone)))

    # then
    with suppress(SocpassError):
        world.verify(under=under, lists=STATUS)


@given(st.datetimes(timezones=st.timezones()), st.datetimes(timezones=st.timezones()))
@example(datetime.max.replace(tzinfo=UTC), world.BEGINNING)
@example(datetime.min.replace(tzinfo=UTC), world.BEGINNING)
@example(world.END_OF_TIME - world.SECOND, world.BEGINNING)
@example(world.END_OF_TIME - 6 * world.DAY / 24, world.BEGINNING)
def test_no_clock_whatever_raises_anything_but_an_error_of_ours(now: datetime, floor: datetime) -> None:
    for text, under, lists in (
        (world.text(), TRUST, STATUS),
        (LONG_LIVED, EVERLASTING, EVERLASTING_STATUS),
    ):
        with suppress(SocpassError):
            world.verify(text, under=under, lists=lists, now=now, clock_floor=floor)


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=70) | st.sampled_from(["00" * 16, "00" * 32]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@given(
    st.sampled_from(["format", "version", "public_key", "key_id", "kdf", "cipher"]), st.none() | st.text(max_size=12), json_values
)
def test_no_key_file_whatever_raises_anything_but_an_error_of_ours(name: str, inner: str | None, value: Any) -> None:
    # given
    written: dict[str, Any] = json.loads(SEALED)
    if isinstance(written[name], dict):
        written[name][inner if inner in written[name] else min(written[name])] = value
    else:
        written[name] = value

    # then
    with suppress(SocpassError):
        keyfile.read_sealed(json.dumps(written).encode())


# --- The store ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Return a store with a trust list and a status list."""
    made = Store.create(tmp_path_factory.mktemp("till") / "store", ANCHOR)
    made.offer(world.bundle())
    made.offer(world.status_token())
    return made


@given(
    offered=st.binary(max_size=200)
    | strategies.mutated(st.just(world.bundle()))
    | strategies.mutated(st.just(world.status_token()))
    | strategies.mutated(st.just(DELTA))
)
def test_nothing_that_is_offered_to_a_store_raises_anything_but_an_error_of_ours_or_changes_it(
    store: Store, offered: bytes
) -> None:
    # given
    before = {path: content for path, content in files(store.folder).items() if "/alarms/" not in path}

    # when
    for kind in (None, *FileKind):
        with suppress(SocpassError):
            store.offer(offered, kind=kind)

    # then, but for what contradicts it and is kept as evidence
    assert {path: content for path, content in files(store.folder).items() if "/alarms/" not in path} == before


def files(folder: Path) -> dict[str, bytes]:
    """Return what lies in a folder."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


FLOORS = (
    RollbackState()
    .with_trust(seen_trust(read_bundle(world.bundle())))
    .with_file("u", bytes(32), SeenFile(world.NOW, bytes(32), world.NOW, "s"))
)


@given(
    content=st.binary(max_size=100) | strategies.mutated(st.just(FLOORS.encode())) | st.text(max_size=20).map(str.encode),
    name=st.sampled_from(["root.cbor", "trust.spt", "clock", "status", "floors.cbor", "store.toml"]),
)
def test_nothing_that_lies_in_a_store_raises_anything_but_an_error_of_ours(store: Store, content: bytes, name: str) -> None:
    # given
    path = next((store.folder / "status").glob("*.cwt")) if name == "status" else store.folder / name
    good = path.read_bytes() if path.exists() else b""
    path.write_bytes(content)

    # when
    try:
        for read in (Store.check_notes, lambda opened: opened.settings):
            with suppress(SocpassError):
                read(Store.open(store.folder))
        with suppress(SocpassError):
            opened = Store.open(store.folder)
            _ = (opened.root, opened.fingerprint, opened.clock_floor, list(opened.status_lists()), opened.get(world.STATUS_URI))
    # then nothing else came out
    finally:
        path.write_bytes(good)
