"""Every reader of bytes from outside, with good bytes to begin from, and what must hold of bytes that it accepts.

A reader that only looks behind a signature or check digits gets both made anew around what is fed, so that chance reaches it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import town
import world
from socpass_vc.authority.issuer_description import read_description, write_description
from socpass_vc.errors import SocpassError
from socpass_vc.format import armor, cbor, cose, keyfile
from socpass_vc.format.catalogue.measures import encode_measures, read_measures
from socpass_vc.format.catalogue.names import read_names
from socpass_vc.format.catalogue.signed_catalogue import TYP as CATALOGUE_TYP
from socpass_vc.format.catalogue.signed_catalogue import read_catalogue
from socpass_vc.format.credential.claims_reader import read_claims
from socpass_vc.format.credential.claims_writer import BODY
from socpass_vc.format.credential.proof import TYP as PROOF_TYP
from socpass_vc.format.credential.proof import read_proof, sign_proof
from socpass_vc.format.credential.token import read_frame, sign_pass
from socpass_vc.format.fields import FIRST_IGNORED_KEY
from socpass_vc.format.keys import PublicKey
from socpass_vc.format.status.status_delta import TYP as DELTA_TYP
from socpass_vc.format.status.status_delta import read_delta, sign_delta
from socpass_vc.format.status.status_list import TYP as STATUS_TYP
from socpass_vc.format.status.status_list import Status, compress, inflate, read_status_list
from socpass_vc.format.trust.bundle import LIST_TYP, ROOT_TYP, read_bundle, read_root_token, sign_trust_list, write_bundle
from socpass_vc.format.trust.issuers_reader import read_root, read_trust_list
from socpass_vc.format.trust.signing_request import ask, read_request
from socpass_vc.hsm.uri import read_uri
from socpass_vc.issuer.catalogue.load import parse_catalogue
from socpass_vc.issuer.config.agency_toml import parse_settings, write_settings
from socpass_vc.issuer.imports.columns import RowKind, kind_of
from socpass_vc.issuer.imports.readers import open_records
from socpass_vc.issuer.imports.row_validation import RowReader
from socpass_vc.issuer.imports.text_file import survey
from socpass_vc.issuer.publication.list_diff import compare
from socpass_vc.issuer.revocation.revocation_file import read_orders
from socpass_vc.qr import container, keyboard
from socpass_vc.qr.read import read_codes
from socpass_vc.verifier.admit import admit, admit_catalogue
from socpass_vc.verifier.admit_delta import admit_delta, admit_kept, keep
from socpass_vc.verifier.store.clock_file import read_clock
from socpass_vc.verifier.store.rollback_state import RollbackState, SeenFile, read_floors, seen_trust
from socpass_vc.verifier.store.store_settings import NAME as STORE_SETTINGS
from socpass_vc.verifier.store.store_settings import read_settings
from socpass_vc.verifier.store.till_store import Store
from socpass_vc.verifier.sync.address import Address
from socpass_vc.verifier.sync.validators import ValidatorCache

ROOT = Path(__file__).parents[1]
VECTORS = ROOT / "test_vectors"
MAX_SEED_BYTES = 20_000
"""Larger vectors were made for bounds of size, and would only make everything slow."""
MAX_ENTRIES_FED = 2**16

HOLDER, PASS_KEY, STATUS_KEY = world.key("holder"), world.key("pass"), world.key("status")
TRUST, STATUS, PUBLISHED = world.trust(), world.status(), world.trust_with_catalogues()
ANCHOR = world.root().encode()
TOKEN = sign_pass(world.claims(holder_key=HOLDER.public_key), PASS_KEY)
PROOF = sign_proof(TOKEN, HOLDER, now=world.NOW)
CHANGED = compare(world.STATUS_BASE, {}, {0: world.status_list({1: Status.INVALID})})
DELTA = sign_delta(CHANGED, STATUS_KEY)
SIGNED_LIST = sign_trust_list(world.trust_list(), [world.key("root")])
REQUEST = ask(
    [read_root_token(world.root_token())],
    SIGNED_LIST,
    root=world.root("root", "next", version=2),
    trust_list=world.trust_list(version=2),
).signed_with(world.key("root"))
FLOORS = (
    RollbackState()
    .with_trust(seen_trust(read_bundle(world.bundle())))
    .with_file("u", bytes(32), SeenFile(world.NOW, bytes(32), world.NOW, "s"))
)
CATALOGUE_TOML = """format = 1
[[categories]]
code = "02-900"
names = {ru = "Новая", en = "New"}
[[document_kinds]]
number = 77
names.ru = "билет"
[[places]]
key = "zoo"
names.ru = "зоопарк"
[[measures]]
id = "zoo-half"
names.ru = "Зоопарк за полцены"
categories = ["02-900", "2545", "00-082"]
places = ["zoo", "park"]
benefit = "discount"
percent = 50
companions = 2
region = "00"
note.ru = "По будням"
from = 2026-01-01
until = 2026-12-31
"""
FRAME = armor.read_armor(world.text())
FIRST_PART, SECOND_PART = armor.split_frame(FRAME, count=2)
SCRATCH = Path(tempfile.mkdtemp(prefix="socpass-fuzz-"))
"""A folder for readers that want a path; the command removes it."""


class Reader(NamedTuple):
    """One reader.

    Attributes:
        read: fed with bytes; refuses with a SocpassError. Anything else that comes out is a finding, a failed assertion too.
        seeds: good bytes, and those of the vectors.
        weight: how often it is fed beside the others; less where one call takes milliseconds.
    """

    read: Callable[[bytes], object]
    seeds: Callable[[], Iterable[bytes]]
    weight: int = 8


def vectors(folder: str, *fields: str) -> Iterator[bytes]:
    """Yield the byte strings, or texts, of the named fields of a folder of vectors."""
    for path in sorted((VECTORS / folder).glob("*.json")):
        scenario = json.loads(path.read_text(encoding="ascii"))
        for field in fields:
            value = scenario.get(field)
            if isinstance(value, str) and len(value) <= 2 * MAX_SEED_BYTES:
                yield value.encode("utf-8", "surrogatepass") if field == "text" else bytes.fromhex(value)


def payloads(folder: str) -> Iterator[bytes]:
    """Yield the payloads of the tokens of a folder of vectors that are COSE at all."""
    for token in vectors(folder, "cose"):
        with suppress(SocpassError):
            yield cose.read_sign1(token).payload
        for typ in (STATUS_TYP, DELTA_TYP, CATALOGUE_TYP):
            with suppress(SocpassError):
                yield cose.read_sign1(token, typ=typ).payload


def as_text(fed: bytes) -> str:
    """Return what a scanner would have typed."""
    return fed.decode("utf-8", "replace")


def as_file(fed: bytes, name: str) -> Path:
    """Return a file with what is fed."""
    path = SCRATCH / name
    path.write_bytes(fed)
    return path


# --- The pass -----------------------------------------------------------------------------------------------


def read_armor(fed: bytes) -> None:
    """Read a text; what its frame is written as is read again."""
    frame = armor.read_armor(as_text(fed))
    assert armor.read_armor(armor.write_armor(frame)) == frame


def decide_on_frame(fed: bytes) -> None:
    """Decide on a frame of a text with right check digits."""
    frame = fed.lstrip(b"\0") or b"\x01"  # no kind of frame begins with it, and a number has no zeros in front
    text = armor.write_armor(frame)
    assert armor.read_armor(text) == frame
    world.verify(text, under=TRUST, lists=STATUS)


def join_part(fed: bytes) -> None:
    """Read a part of two, and join it to the other one."""
    part = armor.read_part(armor.read_armor(armor.write_armor(bytes((armor.PART,)) + fed)))
    assert armor.join_parts((armor.read_part(SECOND_PART), part)) == FRAME


def read_any_cbor(fed: bytes) -> None:
    """Read one item; it has one spelling."""
    assert cbor.encode(cbor.decode(fed)) == fed


def read_signed_claims(fed: bytes) -> None:
    """Read claims, alone and in a pass that a trusted key has signed; they have one spelling."""
    with suppress(SocpassError):
        world.verify(world.text_of_payload(fed), under=TRUST, lists=STATUS)
    again = read_claims(fed).encode()
    assert again == fed or _has_later_fields(fed)
    assert read_claims(again).encode() == again


def _has_later_fields(payload: bytes) -> bool:
    """Tell whether the body holds fields that a later version may add and this one ignores."""
    claims = cbor.decode(payload)
    body = claims[BODY] if isinstance(claims, dict) else None
    return isinstance(body, dict) and any(isinstance(key, str) or key >= FIRST_IGNORED_KEY for key in body)


def decide_on_proof(fed: bytes) -> None:
    """Decide on a pass with a proof whose claims the holder has signed."""
    presentation = cbor.encode([TOKEN, cose.sign1(fed, HOLDER, typ=PROOF_TYP)])
    world.verify(world.text_of_token(presentation, kind=armor.PRESENTATION), under=TRUST, lists=STATUS)


# --- Published files ----------------------------------------------------------------------------------------


def admit_status_claims(fed: bytes) -> None:
    """Admit a status list that its issuer has signed."""
    admit(cose.sign1(fed, STATUS_KEY, typ=STATUS_TYP), trust=TRUST)


def inflate_stream(fed: bytes) -> None:
    """Inflate a stream; packed again it is the same list."""
    raw = inflate(fed, MAX_ENTRIES_FED)
    assert inflate(compress(raw), MAX_ENTRIES_FED) == raw


def apply_delta_claims(fed: bytes) -> None:
    """Admit a delta that its issuer has signed, and apply it to nothing."""
    delta = admit_delta(cose.sign1(fed, STATUS_KEY, typ=DELTA_TYP), trust=TRUST).content
    changes = delta.changes()
    delta = delta.opened(changes)
    for entry in delta.lists:
        with suppress(SocpassError):
            delta.apply(entry, None, changes[entry.number])


def read_kept(fed: bytes) -> None:
    """Read a delta as a till has kept it."""
    admit_kept(fed, lambda _: True, trust=TRUST)


def admit_catalogue_claims(fed: bytes) -> None:
    """Admit a catalogue that its issuer has signed, and read its pages."""
    admitted = admit_catalogue(cose.sign1(fed, world.key("catalogue"), typ=CATALOGUE_TYP), trust=PUBLISHED)
    for read in (lambda: admitted.content.names, lambda: admitted.content.measures):
        with suppress(SocpassError):
            read()


def read_signed_root(fed: bytes) -> None:
    """Read a root's payload, alone and signed in a bundle."""
    token = cose.sign_by_many(fed, [world.key("root")], typ=ROOT_TYP)
    with suppress(SocpassError):
        read_bundle(write_bundle([world.root_token(), token], sign_trust_list(world.trust_list(), [world.key("root")]))).check(
            ANCHOR
        )
    read_root(fed)


def read_signed_list(fed: bytes) -> None:
    """Read a trust list's payload, alone and signed in a bundle."""
    token = cose.sign_by_many(fed, [world.key("root")], typ=LIST_TYP)
    with suppress(SocpassError):
        read_bundle(write_bundle([world.root_token()], token)).check(ANCHOR)
    read_trust_list(fed)
    read_trust_list(fed, make_key=PublicKey.imported_before)


def check_bundle(fed: bytes) -> None:
    """Read a bundle and check it."""
    read_bundle(fed).check(ANCHOR)


def read_any_request(fed: bytes) -> None:
    """Read a signing request; it has one spelling."""
    assert read_request(fed).encode() == fed


# --- A till's own folder ------------------------------------------------------------------------------------


def read_rollback_state(fed: bytes) -> None:
    """Read what a till has seen; what is written of it is read alike."""
    again = read_floors(fed).encode()
    assert read_floors(again).encode() == again


def open_store(fed: bytes) -> None:
    """Open a store whose files are all what is fed."""
    folder = SCRATCH / "store"
    (folder / "status").mkdir(parents=True, exist_ok=True)
    for name in ("trust.spt", "clock", "floors.cbor", "status/0.cwt"):
        (folder / name).write_bytes(fed)
    for root in (fed, ANCHOR):
        (folder / "root.cbor").write_bytes(root)
        with suppress(SocpassError):
            store = Store.open(folder)
            with suppress(SocpassError):
                _ = (store.clock_floor, list(store.status_lists()))
            with suppress(SocpassError):
                _ = store.trust
            store.check_notes()


def read_store_settings(fed: bytes) -> None:
    """Read store.toml, and the clock."""
    as_file(fed, "clock")
    with suppress(SocpassError):
        read_clock(SCRATCH)
    as_file(fed, STORE_SETTINGS)
    read_settings(SCRATCH)


def read_validators(fed: bytes) -> None:
    """Read what a till noted of servers' answers; damaged notes are as none."""
    ValidatorCache(as_file(fed, "validators.json").parent)


# --- An agency's and a root's files -------------------------------------------------------------------------


def read_agency_settings(fed: bytes) -> None:
    """Read agency.toml; what it says is written and read alike."""
    settings = parse_settings(fed, SCRATCH / "agency.toml")
    written = write_settings(settings)
    assert write_settings(parse_settings(written.encode(), SCRATCH / "agency.toml")) == written


def read_issuer_description(fed: bytes) -> None:
    """Read an issuer's description; what it says is written and read alike."""
    issuer = read_description(as_file(fed, "issuer.toml"))
    assert read_description(as_file(write_description(issuer).encode(), "again.toml")) == issuer


def read_catalogue_toml(fed: bytes) -> None:
    """Read catalogue.toml."""
    draft = parse_catalogue(fed, SCRATCH / "catalogue.toml", world.issuer())
    assert read_names(draft.names.encode()) == draft.names
    assert read_measures(encode_measures(draft.measures)) == draft.measures


def read_rows(fed: bytes) -> None:
    """Read a file to import, as CSV and as JSON Lines, as each kind of rows."""
    for name in ("rows.csv", "rows.jsonl"):
        with suppress(SocpassError):
            records = open_records(survey(as_file(fed, name)))
            for kind in (kind_of(records), RowKind.DECISIONS):
                for row in RowReader(open_records(records.file), kind, world.issuer(), today=world.NOW.date()):
                    str(row)
        with suppress(SocpassError):
            read_orders(SCRATCH / name)


def read_addresses(fed: bytes) -> None:
    """Read a URL of a site, and a PKCS#11 URI."""
    with suppress(SocpassError):
        Address.read(as_text(fed))
    read_uri(as_text(fed))


def read_key_files(fed: bytes) -> None:
    """Read a key file, and both kinds of PEM."""
    for read in (keyfile.read_sealed, keyfile.read_secret_pem, PublicKey):
        with suppress(SocpassError):
            read(fed)
    assert keyfile.write_public_pem(keyfile.read_public_pem(fed)).split() == fed.split()


# --- Pictures and keyboards ---------------------------------------------------------------------------------


def read_picture(fed: bytes) -> None:
    """Look for a code in the cheapest way."""
    if container.identify(fed).name != "PDF":
        read_codes(fed, budget_seconds=0)


def read_typed(fed: bytes) -> None:
    """Undo what a keyboard did to a text."""
    typed = keyboard.as_coded(as_text(fed))
    with suppress(SocpassError):
        armor.read_armor(typed)
    assert keyboard.as_coded(typed) == typed


def pictures() -> Iterator[bytes]:
    """Yield a small code in each form of picture that Pillow writes."""
    import io  # noqa: PLC0415 -- only here

    from PIL import Image  # noqa: PLC0415 -- likewise

    from socpass_vc.qr.write import draw_code  # noqa: PLC0415 -- likewise

    drawn = Image.open(io.BytesIO(draw_code(world.text()[:40]).png(scale=3)))
    for form in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "AVIF"):
        page = io.BytesIO()
        drawn.convert("L" if form == "JPEG" else "RGB").save(page, form)
        yield page.getvalue()


def csv_files() -> Iterator[bytes]:
    """Yield small files of each kind of rows."""
    rows = (town.HEADER, town.ANNA, town.RUSTEM)
    yield "\n".join(rows).encode()
    yield "\r\n".join(rows).replace(";", ",").encode("cp1251")
    yield "ref;name;born\n1001;Анна;1951\n".encode("utf-8-sig")
    yield b'{"ref": "1001", "name": "Anna", "born": 1951, "category": "02-545"}\n{"ref": "1"}\n'
    yield b"ref;credential;reason;note\n1001;;key_compromised;x\n;0/12;superseded;\n"
    yield b"ref\tcategory\tsubmitted\tstatus\treason\n1001\t02-545\t2026-01-02\tgranted\t\n"


READERS: dict[str, Reader] = {
    "armor": Reader(read_armor, lambda: vectors("armor", "text")),
    "frame": Reader(decide_on_frame, lambda: [FRAME, *vectors("pass", "frame")], 4),
    "parts": Reader(join_part, lambda: [FIRST_PART[1:], SECOND_PART[1:]], 4),
    "cbor": Reader(read_any_cbor, lambda: vectors("cbor", "cbor")),
    "token": Reader(cose.read_sign1, lambda: vectors("pass", "cose")),
    "presentation": Reader(lambda fed: read_frame(b"\x03" + fed), lambda: [cbor.encode([TOKEN, PROOF])]),
    "claims": Reader(read_signed_claims, lambda: vectors("pass", "claims_cbor"), 4),
    "proof": Reader(read_proof, lambda: [PROOF]),
    "proof claims": Reader(decide_on_proof, lambda: [read_proof(PROOF).signed.payload], 4),
    "status token": Reader(read_status_list, lambda: vectors("status", "cose")),
    "status claims": Reader(admit_status_claims, lambda: payloads("status"), 4),
    "stream": Reader(inflate_stream, lambda: [bytes.fromhex("78da3be9f2130003df0207"), compress(bytes(512))]),
    "delta token": Reader(read_delta, lambda: vectors("delta", "cose")),
    "delta claims": Reader(apply_delta_claims, lambda: payloads("delta"), 4),
    "kept delta": Reader(read_kept, lambda: [keep(DELTA, CHANGED, world.status_list({1: Status.INVALID}))]),
    "catalogue token": Reader(read_catalogue, lambda: vectors("catalogue", "cose")),
    "catalogue claims": Reader(admit_catalogue_claims, lambda: payloads("catalogue"), 4),
    "names page": Reader(read_names, lambda: [world.names_page().encode()]),
    "measures page": Reader(read_measures, lambda: [encode_measures([world.measure()])]),
    "root token": Reader(read_root_token, lambda: [world.root_token()]),
    "root": Reader(read_signed_root, lambda: [ANCHOR, *vectors("trust", "anchor")], 2),
    "trust list": Reader(read_signed_list, lambda: [world.trust_list().encode()], 2),
    "bundle": Reader(check_bundle, lambda: [world.bundle(), *vectors("trust", "bundle")], 4),
    "request": Reader(read_any_request, lambda: [REQUEST.encode(), *vectors("request", "request")]),
    "key files": Reader(
        read_key_files,
        lambda: [
            keyfile.seal(PASS_KEY, "a", cost=keyfile.SealingCost.INTERACTIVE),
            keyfile.write_secret_pem(PASS_KEY),
            keyfile.write_public_pem(PASS_KEY.public_key),
        ],
    ),
    "rollback state": Reader(read_rollback_state, lambda: [FLOORS.encode()]),
    "store": Reader(
        open_store, lambda: [ANCHOR, world.bundle(), world.status_token(), FLOORS.encode(), b"2026-01-01T00:00:00Z"], 1
    ),
    "store.toml": Reader(read_store_settings, lambda: [b'on_stale = "warn"\nwarn_days = 3\n', b"2026-01-01T00:00:00+00:00\n"], 2),
    "validators": Reader(read_validators, lambda: [b'{"https://a.example/b": ["1", "\\"e\\"", null, 10]}'], 2),
    "agency.toml": Reader(read_agency_settings, lambda: [write_settings(town.settings()).encode()], 2),
    "issuer description": Reader(read_issuer_description, lambda: [write_description(world.issuer()).encode()], 1),
    "catalogue.toml": Reader(
        read_catalogue_toml, lambda: [CATALOGUE_TOML.encode(), b'{"categories": {"00-010": {"en": "x"}}}'], 2
    ),
    "rows": Reader(read_rows, csv_files, 1),
    "addresses": Reader(
        read_addresses,
        lambda: [b"https://user:word@example.ru:8443/a/?b#c", b"pkcs11:token=a;object=b;id=%01?module-path=/x&pin-source=/y"],
    ),
    "picture": Reader(read_picture, pictures, 1),
    "keyboard": Reader(read_typed, lambda: vectors("armor", "text")),
}
