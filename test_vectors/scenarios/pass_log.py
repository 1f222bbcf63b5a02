"""The log of passes: hash trees, blocks, heads and proofs (specs/log.md), by the definitions of RFC 6962 and of C2SP."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from scenarios.passes import WORKED_EXAMPLE, claims, from_claims
from scenarios.scenario import ACCEPTED, JsonValue, Scenario
from scenarios.seeds import CHECKPOINT_BA, COMPROMISED_CHECKPOINT_BA, NEXT_CHECKPOINT_BA, PASS_BA, STATUS_BA, STRANGER, Key

MALFORMED, UNSUPPORTED, UNKNOWN_ISSUER = "malformed", "unsupported", "unknown_issuer"
KEY_COMPROMISED, FORGED, OUT_OF_SCOPE = "key_compromised", "forged", "out_of_scope"
NOT_LOGGED, LOG_REWRITTEN, ROLLED_BACK = "not_logged", "log_rewritten", "rolled_back"

TRUST: Final = "trust/with_log"
ORIGIN: Final = "pass.example.ru/status/log"
BLOCK: Final = 2**16
HEIGHT: Final = 16
DASH: Final = "\N{EM DASH}"

ED25519, COSIGNATURE = b"\x01", b"\x04"  # kinds of note signatures

_PASS, _EVENTS = b"\x01", b"\x02"


# --- RFC 6962, section 2.1, as it is written there --------------------------------------------------------------------


def leaf(content: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + content).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of two hashes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def _split(count: int) -> int:
    """Return the largest power of two smaller than *count*."""
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def root(hashes: Sequence[bytes]) -> bytes:
    """Return MTH, of leaves that are hashed already."""
    if not hashes:
        return hashlib.sha256().digest()
    if len(hashes) == 1:
        return hashes[0]
    at = _split(len(hashes))
    return node(root(hashes[:at]), root(hashes[at:]))


def path(number: int, hashes: Sequence[bytes]) -> list[bytes]:
    """Return PATH(m, D[n])."""
    if len(hashes) == 1:
        return []
    at = _split(len(hashes))
    if number < at:
        return [*path(number, hashes[:at]), root(hashes[at:])]
    return [*path(number - at, hashes[at:]), root(hashes[:at])]


def proof(count: int, hashes: Sequence[bytes], *, is_known: bool = True) -> list[bytes]:
    """Return SUBPROOF(m, D[n], b)."""
    if count == len(hashes):
        return [] if is_known else [root(hashes)]
    at = _split(len(hashes))
    if count <= at:
        return [*proof(count, hashes[:at], is_known=is_known), root(hashes[at:])]
    return [*proof(count - at, hashes[at:], is_known=False), root(hashes[:at])]


# --- specs/log.md -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Block:
    """A block: its key, the event that it ends with, and the hashes of its passes."""

    key: bytes
    event: int
    digest: bytes
    passes: Sequence[bytes]

    @cached_property
    def places(self) -> dict[int, bytes]:
        """Return the leaves that say something by their places."""
        salt = hashlib.sha256(self.key + b"\xfe").digest()
        said = [leaf(salt + _EVENTS + self.event.to_bytes(8, "big") + self.digest), *self.passes]
        places: dict[int, bytes] = {}
        counter = 0
        while len(places) < len(said):
            drawn = hashlib.sha256(self.key + b"\xff" + counter.to_bytes(4, "big")).digest()
            for at in range(0, 32, 2):
                place = int.from_bytes(drawn[at : at + 2], "big")
                if place not in places and len(places) < len(said):
                    places[place] = said[len(places)]
            counter += 1
        return places

    def subtree(self, height: int, number: int) -> bytes:
        """Return the hash of the subtree of that height and number."""
        first, last = number << height, (number + 1) << height
        within = [place for place in self.places if first <= place < last]
        if not within:
            return hashlib.sha256(self.key + bytes((height,)) + number.to_bytes(2, "big")).digest()
        if height == 0:
            return self.places[first]
        return node(self.subtree(height - 1, 2 * number), self.subtree(height - 1, 2 * number + 1))

    def root(self) -> bytes:
        """Return the hash of the whole."""
        return self.subtree(HEIGHT, 0)

    def path(self, place: int) -> list[bytes]:
        """Return what leads from a place to the root."""
        return [self.subtree(height, place >> height ^ 1) for height in range(HEIGHT)]


def salts(key: bytes, count: int) -> list[bytes]:
    """Return the salts of passes that were issued together."""
    stream = hashlib.shake_256(key).digest(32 * count)
    return [stream[at : at + 32] for at in range(0, len(stream), 32)]


def text_of(size: int, hashed: bytes, origin: str = ORIGIN) -> str:
    """Return the text of a head."""
    return f"{origin}\n{size}\n{written(hashed)}\n"


def written(content: bytes) -> str:
    """Return base64."""
    return base64.b64encode(content).decode()


def line(key: Key, text: str, name: str = ORIGIN, kind: bytes = ED25519, signed: bytes | None = None) -> str:
    """Return a line of signature."""
    hint = hashlib.sha256(name.encode() + b"\n" + kind + key.public).digest()[:4]
    return f"{DASH} {name} {written(hint + (signed or key.sign(text.encode())))}\n"


def head(blocks: Sequence[bytes], key: Key = CHECKPOINT_BA, *, origin: str = ORIGIN) -> str:
    """Return the head of a log, signed."""
    text = text_of(BLOCK * len(blocks), root(blocks), origin)
    return f"{text}\n{line(key, text, origin)}"


_KEY: Final = bytes(range(32))
_DIGEST: Final = hashlib.sha256(b"event 7").digest()
_SALTS: Final = salts(bytes(range(32, 64)), 3)
_TOKENS: Final = (
    WORKED_EXAMPLE.cose or b"",
    from_claims(claims(body={1: "Габдуллин Рустем", 4: (0, 7)})).cose or b"",
    from_claims(claims(body={1: "Юлдашева Эльвира", 4: (0, 8)})).cose or b"",
)
_LEAVES: Final = [leaf(salt + _PASS + token) for salt, token in zip(_SALTS, _TOKENS, strict=True)]
_FIRST: Final = Block(_KEY, 7, _DIGEST, _LEAVES)
_PLACE: Final = next(place for place, found in _FIRST.places.items() if found == _LEAVES[0])
_OTHERS: Final = [hashlib.sha256(b"block %d" % number).digest() for number in range(1, 600)]
_ALL: Final = [_FIRST.root(), *_OTHERS]


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that the first pass is in the log, in the making."""

    name: str
    comment: str
    expect: str = ACCEPTED
    blocks: int = 1
    first: str = "c2sp.org/tlog-proof@v1"
    extra: str = f"extra {written(_SALTS[0])}"
    index: str = f"index {_PLACE}"
    hashes: tuple[str, ...] | None = None
    note: str | None = None
    text: str | None = None
    token: bytes = _TOKENS[0]
    trust: str = TRUST

    def scenario(self) -> Scenario:
        """Return the scenario."""
        some = _ALL[: self.blocks]
        hashes = self.hashes if self.hashes is not None else tuple(map(written, [*_FIRST.path(_PLACE), *path(0, some)]))
        note = self.note if self.note is not None else head(some)
        text = self.text if self.text is not None else "\n".join((self.first, self.extra, self.index, *hashes, "", note))
        fields: dict[str, JsonValue] = {"trust": self.trust, "proof": text, "cose": self.token.hex()}
        if self.expect == ACCEPTED:
            fields |= {"issuer": "RU-BA", "size": BLOCK * self.blocks, "root": root(some).hex()}
        return Scenario(f"log/{self.name}", self.comment, self.expect, fields)


def _good() -> Iterator[Proof]:
    text = text_of(BLOCK, _ALL[0])
    mine = line(CHECKPOINT_BA, text)
    yield Proof("three_passes", "Section 6, the worked example: one block, three passes, the first one's proof.")
    yield Proof("three_blocks", "A path through a tree whose number of blocks is no power of two.", blocks=3)
    yield Proof("many_blocks", "A log of 600 blocks.", blocks=600)
    yield Proof(
        "witnessed",
        "Section 2, rule 2: lines of other keys are passed over, as of witnesses: a cosignature, a key of another kind.",
        note=f"{text}\n{mine}{line(STRANGER, text, 'witness.example/w1', COSIGNATURE, bytes(8) + bytes(64))}"
        f"{DASH} witness.example/пост {written(bytes(4) + bytes(2428))}\n",
    )
    yield Proof(
        "witness_first",
        "The order of lines means nothing.",
        note=f"{text}\n{line(STRANGER, text, 'witness.example/w1')}{mine}",
    )
    yield Proof(
        "signed_by_two",
        "Two keys of the issuer, as at a rotation: both lines must verify, and do.",
        note=f"{text}\n{mine}{line(NEXT_CHECKPOINT_BA, text)}",
    )
    yield Proof(
        "good_and_compromised",
        "One of the keys that signed is compromised, another is not, and verifies.",
        note=f"{text}\n{line(COMPROMISED_CHECKPOINT_BA, text)}{mine}",
    )


def _heads() -> Iterator[Proof]:
    """Step 1."""
    text = text_of(BLOCK, _ALL[0])
    good = head(_ALL[:1])

    def refused(name: str, comment: str, note: str, expect: str = MALFORMED) -> Proof:
        return Proof(name, f"Section 4, {comment}", expect, note=note)

    def text_refused(name: str, comment: str, text: str, expect: str = MALFORMED) -> Proof:
        return refused(name, comment, f"{text}\n{line(CHECKPOINT_BA, text)}", expect)

    yield text_refused("further_line", "step 1: a fourth line of text.", f"{text}more\n", UNSUPPORTED)
    yield text_refused("no_root", "step 1: two lines of text.", f"{ORIGIN}\n{BLOCK}\n")
    yield text_refused(
        "empty_line_of_text", "step 1: an empty line within the text.", f"{ORIGIN}\n\n{BLOCK}\n{written(_ALL[0])}\n"
    )
    yield text_refused("size_0", "step 1: a log has at least one block.", text_of(0, _ALL[0]))
    yield text_refused("size_with_zero", "step 1: the size has no leading zeros.", text.replace("\n65536", "\n065536"))
    yield text_refused("size_with_plus", "step 1: the size is digits alone.", text.replace("\n65536", "\n+65536"))
    yield text_refused(
        "size_arabic",
        "step 1: the digits are ASCII.",
        text.replace("\n65536", "\n" + "".join(chr(0x660 + int(digit)) for digit in "65536")),
    )
    yield text_refused("size_no_multiple", "step 1: the size is a multiple of 65,536.", text_of(BLOCK + 1, _ALL[0]))
    yield text_refused("size_too_large", "step 1: one block more than 2^20.", text_of((2**20 + 1) * BLOCK, _ALL[0]))
    yield text_refused("size_long", "step 1: a size of more digits than any can have.", text_of(10**30, _ALL[0]))
    yield text_refused("root_of_31", "step 1: the root has 32 bytes.", text_of(BLOCK, _ALL[0][:31]))
    yield text_refused("root_without_padding", "step 1: base64 is padded.", text.replace("=\n", "\n"))
    yield text_refused(
        "root_url_safe", "step 1: the alphabet is that of section 4.", text_of(BLOCK, b"\xff" * 32).replace("/", "_")
    )
    yield text_refused("root_stray_bits", "step 1: the last character's unused bits are zero.", _with_stray_bits(text))
    yield text_refused("origin_with_space", "step 1: an origin without a space.", text_of(BLOCK, _ALL[0], f"{ORIGIN} 2"))
    yield text_refused("origin_with_plus", "step 1: an origin without a plus.", text_of(BLOCK, _ALL[0], f"{ORIGIN}+2"))
    yield text_refused("origin_cyrillic", "step 1: an origin of ASCII.", text_of(BLOCK, _ALL[0], "пропуск.рф/status/log"))
    yield refused("no_note", "step 1: there is no head at all.", "")
    yield refused("no_signature", "step 1: a text without a signature.", f"{text}\n")
    yield refused("no_empty_line", "step 1: no empty line before the signatures.", text + line(CHECKPOINT_BA, text))
    yield refused("no_last_line_feed", "step 1: the last line ends too.", good[:-1])
    yield refused("tabulator", "step 1: no control characters.", good.replace("log\n", "log\t\n"))
    yield refused("carriage_return", "step 1: lines end in U+000A alone.", good.replace("\n", "\r\n"))
    yield refused("hyphen", "step 1: a line of signature begins with U+2014.", good.replace(DASH, "-"))
    yield refused("no_name", "step 1: a key has a name.", good.replace(f"{DASH} {ORIGIN}", DASH))
    yield refused("name_with_plus", "step 1: a key's name has no plus.", good.replace(f"{DASH} {ORIGIN}", f"{DASH} a+b"))
    yield refused(
        "name_with_space", "step 1: a key's name has no space, of whatever kind.", good.replace(f"{DASH} p", f"{DASH} p\u2003")
    )
    yield refused(
        "signature_empty", "step 1: a signature has more than the 4 bytes of its key.", f"{text}\n{DASH} {ORIGIN} AAAAAA==\n"
    )
    yield refused("signature_no_base64", "step 1: a signature is base64.", f"{text}\n{DASH} {ORIGIN} AAAA!AAA\n")
    yield refused("signature_stray_bits", "step 1: likewise, spelled in one way.", f"{text}\n{DASH} {ORIGIN} AAAAAAB=\n")
    yield refused(
        "note_of_65536", "section 2: the longest head, in which no line is the issuer's.", _padded(text, 65_536), UNKNOWN_ISSUER
    )
    yield refused("note_of_65537", "section 2: one byte more.", _padded(text, 65_537))
    yield refused(
        "control_character_in_name",
        "step 1: no control characters, in the line of a witness neither.",
        f"{good}{line(STRANGER, text, 'witness' + chr(1))}",
    )


def _signers() -> Iterator[Proof]:
    """Steps 2 to 5."""
    text = text_of(BLOCK, _ALL[0])
    good = head(_ALL[:1])

    def refused(name: str, comment: str, note: str, expect: str) -> Proof:
        return Proof(name, f"Section 4, {comment}", expect, note=note)

    yield refused(
        "other_origin", "step 2: a log of no issuer.", head(_ALL[:1], origin="pass.example.com/status/log"), UNKNOWN_ISSUER
    )
    yield refused("by_a_stranger", "step 3: a key of nobody.", head(_ALL[:1], STRANGER), UNKNOWN_ISSUER)
    yield refused(
        "cosignature_of_the_key",
        "step 3: the key's 4 bytes as a witness's are of another kind of signature.",
        f"{text}\n{line(CHECKPOINT_BA, text, kind=COSIGNATURE)}",
        UNKNOWN_ISSUER,
    )
    yield refused(
        "under_another_name",
        "step 3: the issuer's key under a name that is not the origin.",
        f"{text}\n{line(CHECKPOINT_BA, text, 'pass.example.ru')}",
        UNKNOWN_ISSUER,
    )
    yield refused(
        "hint_under_another_name",
        "step 3: the 4 bytes of the key under its right name, in a line with another.",
        f"{text}\n{line(CHECKPOINT_BA, text).replace(ORIGIN, 'pass.example.ru')}",
        UNKNOWN_ISSUER,
    )
    yield refused("compromised", "step 4: a key known to be stolen.", head(_ALL[:1], COMPROMISED_CHECKPOINT_BA), KEY_COMPROMISED)
    yield refused(
        "forged", "step 4: a signature of another text.", f"{text}\n{line(CHECKPOINT_BA, text_of(BLOCK, _ALL[1]))}", FORGED
    )
    signed = line(CHECKPOINT_BA, text, signed=STRANGER.sign(text.encode()))
    yield refused("forged_hint", "step 4: another key's signature behind this key's 4 bytes.", f"{text}\n{signed}", FORGED)
    yield refused(
        "short_signature",
        "step 4: 63 bytes.",
        f"{text}\n{line(CHECKPOINT_BA, text, signed=CHECKPOINT_BA.sign(text.encode())[:-1])}",
        FORGED,
    )
    yield refused("good_and_forged", "step 4: one line of the key verifies, another does not.", f"{good}{signed}", FORGED)
    yield refused("by_a_pass_key", "step 5: a key of the issuer for passes.", head(_ALL[:1], PASS_BA), OUT_OF_SCOPE)
    yield refused("by_a_status_key", "step 5: a key of the issuer for status lists.", head(_ALL[:1], STATUS_BA), OUT_OF_SCOPE)


def _proofs() -> Iterator[Proof]:
    """Steps 6 and 8."""
    base = Proof("", "", MALFORMED)
    hashes = tuple(map(written, _FIRST.path(_PLACE)))

    def malformed(name: str, comment: str, **changes: object) -> Proof:
        return replace(base, name=name, comment=f"Section 4, step 6: {comment}", **changes)  # type: ignore[arg-type]  # names are checked by replace

    yield malformed("proof_empty", "no text.", text="")
    yield malformed("proof_of_two_lines", "the index is missing.", text=f"{base.first}\n{base.extra}\n\n{head(_ALL[:1])}")
    yield malformed("proof_cyrillic", "its own lines are ASCII.", extra=f"{base.extra}я")
    yield malformed("proof_version", "another first line.", first="c2sp.org/tlog-proof@v2")
    yield malformed("no_extra", "without a salt, no leaf can be computed.", extra=base.index, index=hashes[0])
    yield malformed("extra_without_word", "the word is missing.", extra=written(_SALTS[0]))
    yield malformed("salt_of_31", "a salt has 32 bytes.", extra=f"extra {written(_SALTS[0][:31])}")
    yield malformed("index_without_word", "the word is missing.", index=str(_PLACE))
    yield malformed("index_with_zero", "no leading zeros.", index=f"index 0{_PLACE}")
    yield malformed("index_negative", "digits alone.", index=f"index -{_PLACE}")
    yield malformed("index_empty", "a number.", index="index ")
    yield malformed("index_long", "more digits than any index has.", index=f"index {10**30}")
    yield malformed("hash_of_31", "a hash has 32 bytes.", hashes=(written(bytes(31)), *hashes[1:]))
    yield malformed("hash_no_base64", "a hash is base64.", hashes=("!", *hashes[1:]))
    yield malformed("proof_of_69633", "one byte more than the longest.", text=f"{base.first}\n{'A' * (69_633 - 23)}")

    def refused(name: str, comment: str, **changes: object) -> Proof:
        return replace(base, name=name, expect=NOT_LOGGED, comment=f"Section 4, step 8: {comment}", **changes)  # type: ignore[arg-type]  # likewise

    yield refused("other_pass", "another pass of the same block.", token=_TOKENS[1])
    yield refused("other_salt", "the salt of another pass.", extra=f"extra {written(_SALTS[1])}")
    yield refused("index_beside", "the place beside.", index=f"index {_PLACE ^ 1}")
    yield refused("index_of_0", "the first place.", index="index 0")
    yield refused("index_at_size", "an index outside of the tree.", index=f"index {BLOCK}")
    yield refused("hash_missing", "one hash too few.", hashes=hashes[:-1])
    yield refused("no_hashes", "none.", hashes=())
    yield refused("hash_too_many", "one hash too many.", hashes=(*hashes, written(bytes(32))))
    yield refused("hashes_swapped", "two hashes in the wrong order.", hashes=(hashes[1], hashes[0], *hashes[2:]))
    longer = head(_ALL[:3])
    yield refused("head_of_longer_log", "a later head needs more hashes.", note=longer)
    yield refused("head_of_other_log", "a head with another root.", note=head(_OTHERS[:1]))


@dataclass(frozen=True, slots=True)
class Continued:
    """Two heads and the blocks of the later one."""

    name: str
    comment: str
    expect: str
    before: str
    after: str
    blocks: Sequence[bytes]

    def scenario(self) -> Scenario:
        """Return the scenario."""
        fields: dict[str, JsonValue] = {
            "trust": TRUST,
            "before": self.before,
            "after": self.after,
            "blocks": [found.hex() for found in self.blocks],
        }
        if self.expect == ACCEPTED:
            old = self.before.split("\n")[1]
            hashes = proof(int(old) // BLOCK, self.blocks)
            fields["request"] = "".join(f"{text}\n" for text in (f"old {old}", *map(written, hashes), "")) + self.after
        return Scenario(f"log/{self.name}", self.comment, self.expect, fields)


def _continued() -> Iterator[Continued]:
    """Steps 9 to 11."""
    for old, new in ((1, 1), (1, 2), (2, 3), (3, 3), (3, 7), (4, 7), (5, 6), (6, 7), (8, 13), (255, 256), (256, 300), (300, 600)):
        comment = f"Section 4: a log of {new} blocks continues one of {old}; what a witness is asked (C2SP tlog-witness)."
        yield Continued(f"continued_{old}_{new}", comment, ACCEPTED, head(_ALL[:old]), head(_ALL[:new]), _ALL[:new])
    some, other = _ALL[:5], [*_ALL[:2], *_OTHERS[9:12]]

    def refused(
        name: str, comment: str, before: str, after: str, blocks: Sequence[bytes], expect: str = LOG_REWRITTEN
    ) -> Continued:
        return Continued(name, f"Section 4, {comment}", expect, before, after, blocks)

    elsewhere = head(some, origin="pass.example.ru/status/log2")
    yield refused("before_other_log", "step 2 for the earlier head.", elsewhere, head(some), some, UNKNOWN_ISSUER)
    yield refused("tiles_changed", "step 9: a tile differs.", head(_ALL[:3]), head(some), other)
    yield refused("tiles_short", "step 9: a block is missing.", head(_ALL[:3]), head(some), some[:4])
    yield refused(
        "tiles_grouped",
        "step 9: as many blocks as the head has, not what leads to its root.",
        head(some[:2]),
        head(some[:2]),
        [root(some[:2])],
    )
    yield refused("went_back", "step 10: the earlier head is longer.", head(some), head(some[:3]), some[:3], ROLLED_BACK)
    yield refused("rewritten", "step 11: the log was rewritten from its third block on.", head(some[:4]), head(other), other)
    yield refused("rewritten_same_size", "step 11: another log of the same length.", head(some), head(other), other)


def _trees() -> Iterator[Scenario]:
    """RFC 6962: the tree that implementations of certificate transparency test with; and a block."""
    contents = [
        bytes.fromhex(text)
        for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
    ]
    for count in range(len(contents) + 1):
        hashes = [leaf(content) for content in contents[:count]]
        fields: dict[str, JsonValue] = {
            "leaves": [content.hex() for content in contents[:count]],
            "root": root(hashes).hex(),
            "inclusion": [[found.hex() for found in path(index, hashes)] for index in range(count)],
            "consistency": [[found.hex() for found in proof(old, hashes)] for old in range(1, count + 1)],
        }
        comment = f"RFC 6962, section 2.1: {count} of the leaves that certificate transparency's own tests have."
        yield Scenario(f"merkle/rfc6962_{count}", comment, ACCEPTED, fields)
    for name, passes in (("three", _LEAVES), ("none", []), ("many", [leaf(b"%d" % number) for number in range(40)])):
        block = replace(_FIRST, passes=passes)
        fields = {
            "key": block.key.hex(),
            "event": block.event,
            "digest": block.digest.hex(),
            "passes": [found.hex() for found in passes],
            "root": block.root().hex(),
            "places": list(block.places),
        }
        yield Scenario(
            f"merkle/block_of_{name}", "specs/log.md, section 1: places, dummies and the salt of the events.", ACCEPTED, fields
        )


def _with_stray_bits(text: str) -> str:
    """Return a root of which the last character before the padding says more than there is."""
    at = text.index("=\n") - 1
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return text[:at] + alphabet[alphabet.index(text[at]) + 1] + text[at + 1 :]


def _padded(text: str, size: int) -> str:
    """Return a head of that many bytes, by lines of nobody."""
    found = f"{text}\n"
    long = f"{DASH} w {written(bytes(3000))}\n"
    while len((found + long).encode()) < size - 2_000:
        found += long
    rest = size - len(found.encode()) - len(f"{DASH}  AAAAAAAA\n".encode())
    return f"{found}{DASH} {'w' * rest} AAAAAAAA\n"


def scenarios() -> list[Scenario]:
    """Return the scenarios of log/ and merkle/."""
    cases: list[Proof | Continued] = [*_good(), *_heads(), *_signers(), *_proofs(), *_continued()]
    return [*(case.scenario() for case in cases), *_trees()]
