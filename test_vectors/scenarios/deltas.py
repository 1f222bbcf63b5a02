"""Status deltas: good ones and what they make of lists, and those that are refused (specs/status-delta.md)."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from scenarios.bundles import RU_BA, RU_KAM
from scenarios.cbor import ABSENT, NO_CHANGE, Entries, Item, changed, count_items, encode
from scenarios.cose import Sign1, sign1
from scenarios.edwards import plus_order
from scenarios.golomb import bits, octets
from scenarios.scenario import ACCEPTED, JsonValue, Scenario
from scenarios.scenario import octets as hexadecimal
from scenarios.seeds import (
    COMPROMISED_STATUS_BA,
    DAY,
    ISSUED_AT,
    PASS_BA,
    SIGN_FROM,
    SIGN_UNTIL,
    STATUS_BA,
    STATUS_EXPIRES_AT,
    STATUS_KAM,
    STRANGER,
    Key,
)
from scenarios.status_lists import GOOD, LAST_LIST, LONGEST, TTL, GoodList, base, packed

TYPE: Final = "application/socpass-status-delta+cbor"
BODY: Final = -65541
LISTS, CHANGES, BASE_IAT, COMBINED = 1, 2, 3, 4
MALFORMED, UNSUPPORTED, UNKNOWN_ISSUER = "malformed", "unsupported", "unknown_issuer"
KEY_COMPROMISED, FORGED, OUT_OF_SCOPE, BASE_MISSING = "key_compromised", "forged", "out_of_scope", "base_missing"

_SUB: Final = base(RU_BA)
_NEXT_DAY: Final = ISSUED_AT + DAY
_LIST: Final = {good.name: good for good in GOOD}


def digest(entries: Mapping[int, int], length: int) -> bytes:
    """Return SHA-256 of the list at two bits per entry."""
    return sha256(packed(length, entries))


def sha256(content: bytes) -> bytes:
    """Return SHA-256."""
    return hashlib.sha256(content).digest()


@dataclass(frozen=True, slots=True)
class Step:
    """One list of a delta: what it was, if anything, and which entries become what."""

    length: int
    number: int = 0
    before: GoodList | None = None
    becomes: Mapping[int, int] = field(default_factory=dict)

    def was(self) -> dict[int, int]:
        """Return the entries that were not 0."""
        return {} if self.before is None else dict(self.before.entries)

    def now(self) -> dict[int, int]:
        """Return the entries that are not 0."""
        return {index: value for index, value in sorted({**self.was(), **self.becomes}.items()) if value}

    def digest(self) -> bytes:
        """Return the digest of the list as it is now."""
        return digest(self.now(), self.length)

    def entry(self) -> list[Item]:
        """Return what a delta with a base says of the list."""
        found: list[Item] = [self.number, self.length, self.digest()]
        return found if self.before is None else [*found, digest(self.was(), self.length)]


def from_list(name: str, becomes: Mapping[int, int]) -> Step:
    """Return a step that begins with a list of status/."""
    before = _LIST[name]
    return Step(before.length, before.number, before, becomes)


def coded(steps: Sequence[Step]) -> list[Item]:
    """Return counts and code of all changes, the lists laid end to end."""
    span = sum(step.length for step in steps)
    sets: list[list[int]] = [[], [], []]
    start = 0
    for step in steps:
        for index, value in sorted(step.becomes.items()):
            sets[value].append(start + index)
        start += step.length
    return [*map(len, sets), octets("".join(bits(positions, span) for positions in sets))]


def body_of(steps: Sequence[Step]) -> dict[int | str, Item]:
    """Return the body of a delta."""
    times = {step.before.changes.get(6, ISSUED_AT) for step in steps if step.before is not None}
    if times:
        return {LISTS: [step.entry() for step in steps], CHANGES: coded(steps), BASE_IAT: times.pop()}
    return {LISTS: full_lists(steps), CHANGES: coded(steps), COMBINED: combined(steps)}


def full_lists(steps: Sequence[Step]) -> list[Item]:
    """Return what a full form says of its lists: the length where it is not that of the list before."""
    lists: list[Item] = []
    before = 0
    for step in steps:
        lists.append([step.number] if step.length == before else [step.number, step.length])
        before = step.length
    return lists


def combined(steps: Sequence[Step]) -> bytes:
    """Return the one digest of a full form."""
    return sha256(b"".join(step.digest() for step in steps))


def claims_of(body: Item) -> dict[int | str, Item]:
    """Return the claims of a delta."""
    return {2: _SUB, 4: STATUS_EXPIRES_AT + DAY, 6: _NEXT_DAY, TTL: DAY, BODY: body}


def token_of(claims: Item, *, key: Key = STATUS_BA, header: Entries = NO_CHANGE) -> Sign1:
    """Return the signed delta."""
    return sign1(key, encode(claims), header=changed({16: TYPE}, header))


_DAY_STEPS: Final = (from_list("fresh", {6: 0, 9: 1, 100: 2, 123456: 1, 1048575: 1}),)
_DAY: Final = claims_of(body_of(_DAY_STEPS))
_DAY_TOKEN: Final = token_of(_DAY)
_ITEMS: Final = count_items(_DAY)


def _good() -> Iterator[tuple[str, str, tuple[Step, ...], Entries]]:
    """Yield name, comment, steps and changes to the body."""
    yield "day", "Three passes are revoked, one is suspended, one that was suspended counts again.", _DAY_STEPS, NO_CHANGE
    yield (
        "worked_example",
        "Section 6: of 4,096 entries two are revoked and one is suspended.",
        (from_list("list_1", {70: 1, 2000: 1, 333: 2}),),
        NO_CHANGE,
    )
    yield (
        "two_lists",
        "Section 2, rule 1: lists are laid end to end; positions of the second go on behind the first.",
        (from_list("fresh", {0: 1, 8: 2}), from_list("list_1", {0: 1, 4095: 1})),
        NO_CHANGE,
    )
    yield (
        "nothing_changed",
        "Section 1, rule 5: no change is a delta too: the list is as it was, signed anew.",
        (from_list("fresh", {}),),
        NO_CHANGE,
    )
    yield (
        "full",
        "Section 1, rule 4: without a base all entries were 0. This is the compact full form.",
        (Step(4096, 0, None, {1: 1, 2: 2, 4095: 1}),),
        NO_CHANGE,
    )
    yield (
        "full_of_two",
        "Section 1, rule 4: the compact full form of two lists.",
        (Step(4096, 3, None, {5: 1}), Step(64, LAST_LIST, None, {63: 2})),
        NO_CHANGE,
    )
    yield (
        "full_of_six",
        "Section 1, rule 6: a length stands where it is not that of the list before, and there alone; here of six lists four.",
        tuple(Step(length, number, None, {number: 1}) for number, length in enumerate((64, 64, 128, 128, 64, 256))),
        NO_CHANGE,
    )
    yield "full_of_zeros", "Section 1, rule 4: a list in which everything is valid.", (Step(4, 0, None, {}),), NO_CHANGE
    yield (
        "new_list_beside",
        "Section 1, rule 4: a list that was opened since begins with zeros, beside one that has a base.",
        (from_list("list_1", {7: 1}), Step(4096, 2, None, {0: 1})),
        NO_CHANGE,
    )
    yield (
        "from_one_bit",
        "Section 1, rule 3: digests are of two bits per entry, whatever width the base was published at.",
        (from_list("one_bit", {0: 0, 1: 2, 15: 0}),),
        NO_CHANGE,
    )
    yield (
        "every_entry",
        "Section 2, rule 2: where all entries change there are no gaps, and each takes one bit.",
        (Step(64, 0, None, dict.fromkeys(range(64), 1)),),
        NO_CHANGE,
    )
    yield (
        "every_third_entry",
        "Section 2, rule 2: 2^(k + 1) times the count reaches the rest at k = 0.",
        (Step(60, 0, None, dict.fromkeys(range(0, 60, 3), 1)),),
        NO_CHANGE,
    )
    yield (
        "every_fourth_entry",
        "Section 2, rule 2: one more than twice the count is left, so k is 1.",
        (Step(64, 0, None, dict.fromkeys(range(0, 63, 3), 1)),),
        NO_CHANGE,
    )
    yield (
        "longest",
        "Section 1, rule 2: 2^25 entries in all, the last of them revoked.",
        (Step(LONGEST, 0, None, {LONGEST - 1: 1}),),
        NO_CHANGE,
    )
    yield "later_field", "credential.md, section 1: a key of 64 and above is ignored.", _DAY_STEPS, {64: "later"}
    yield "8192_items", "Section 1, rule 2: a delta has at most 8,192 items.", _DAY_STEPS, {64: [0] * (8_192 - _ITEMS - 2)}


def _lists_as_json(steps: Sequence[Step]) -> dict[str, JsonValue]:
    return {
        f"{_SUB}{step.number}": {"length": step.length, "entries": {str(index): value for index, value in step.now().items()}}
        for step in steps
    }


def _base_ids(steps: Sequence[Step]) -> list[JsonValue]:
    return [f"status/{step.before.name}" for step in steps if step.before is not None]


@dataclass(frozen=True, slots=True)
class Refused:
    """A delta that is refused."""

    name: str
    comment: str
    expect: str
    cose: bytes
    trust: str = "trust/one_issuer"
    base: tuple[str, ...] = ("status/fresh",)

    def scenario(self) -> Scenario:
        """Return the scenario."""
        fields: dict[str, JsonValue] = {"cose": hexadecimal(self.cose), "trust": self.trust, "base": [*self.base]}
        return Scenario(f"delta/{self.name}", self.comment, self.expect, fields)


def _with_claims(changes: Entries) -> bytes:
    return token_of(changed(_DAY, changes)).encode()


def _with_body(changes: Entries, steps: Sequence[Step] = _DAY_STEPS) -> bytes:
    return token_of(claims_of(changed(body_of(steps), changes))).encode()


def _shapes() -> Iterator[Refused]:
    good = _DAY_TOKEN.encode()
    for name, comment, cose in (
        ("empty", "no bytes at all.", b""),
        ("untagged", "the tag 18 stands in front.", good[1:]),
        ("trailing_byte", "nothing stands after the token.", good + b"\0"),
        (
            "typ_of_a_status_list",
            "a delta is no status list.",
            token_of(_DAY, header={16: "application/statuslist+cwt"}).encode(),
        ),
        ("typ_missing", "the protected header holds typ.", token_of(_DAY, header={16: ABSENT}).encode()),
        ("body_array", "the body is a map.", _with_claims({BODY: []})),
        ("sub_missing", "all five claims are required.", _with_claims({2: ABSENT})),
        ("exp_missing", "all five claims are required.", _with_claims({4: ABSENT})),
        ("iat_missing", "all five claims are required.", _with_claims({6: ABSENT})),
        ("ttl_missing", "all five claims are required.", _with_claims({TTL: ABSENT})),
        ("body_missing", "all five claims are required.", _with_claims({BODY: ABSENT})),
        ("sub_bytes", "sub is text.", _with_claims({2: _SUB.encode()})),
        ("sub_with_line_end", "sub is printable ASCII.", _with_claims({2: _SUB + "\n"})),
        ("exp_at_iat", "exp is after iat.", _with_claims({4: _NEXT_DAY})),
        ("ttl_zero", "ttl is at least 1.", _with_claims({TTL: 0})),
    ):
        yield Refused(name, f"Step 1 and 2: {comment}", MALFORMED, cose)
    comment = "Step 1: -8 (EdDSA) is not the one algorithm, -19."
    yield Refused("algorithm_eddsa", comment, UNSUPPORTED, token_of(_DAY, header={1: -8}).encode())
    comment = "Step 2: a claim that is not in the table."
    yield Refused("claim_iss", comment, UNSUPPORTED, _with_claims({1: "RU-BA"}))
    more = _with_body({64: [0] * (8_193 - _ITEMS - 2)})
    yield Refused("8193_items", "Section 1, rule 2: a delta has at most 8,192 items.", MALFORMED, more)
    comment = "Step 2: a field of the body below 64 that is not in the table."
    yield Refused("body_key_5", comment, UNSUPPORTED, _with_body({5: 0}))


def _bodies() -> Iterator[Refused]:
    entry = _DAY_STEPS[0].entry()
    number, length = 0, _DAY_STEPS[0].length
    was = digest(_DAY_STEPS[0].was(), length)
    now = digest(_DAY_STEPS[0].now(), length)
    *counts, code = coded(_DAY_STEPS)
    cases: tuple[tuple[str, str, Entries], ...] = (
        ("lists_missing", "lists and changes are required.", {LISTS: ABSENT}),
        ("changes_missing", "lists and changes are required.", {CHANGES: ABSENT}),
        (
            "lists_empty",
            "there is one list at least.",
            {LISTS: [], BASE_IAT: ABSENT, COMBINED: sha256(b""), CHANGES: [0, 0, 0, b""]},
        ),
        ("lists_twice", "lists ascend by number, each once.", {LISTS: [entry, entry]}),
        ("lists_descending", "lists ascend by number.", {LISTS: [[1, length, now, was], entry]}),
        ("list_of_two", "beside a base's iat a list has three or four fields.", {LISTS: [entry, [1, length]]}),
        ("list_of_five", "beside a base's iat a list has three or four fields.", {LISTS: [[*entry, was]]}),
        (
            "combined_beside_base_iat",
            "beside a base's iat each list has its digest, and all have none.",
            {COMBINED: sha256(now)},
        ),
        ("combined_null_beside_base_iat", "an absent digest is not null.", {COMBINED: None}),
        ("list_number_2_to_the_32", "list numbers are below 2^32.", {LISTS: [[1 << 32, length, now, was]]}),
        ("length_zero", "a list has four entries at least.", {LISTS: [[number, 0, now, was]]}),
        ("length_odd", "the length is a multiple of 4.", {LISTS: [[number, length + 2, now, was]]}),
        ("digest_of_31", "a digest has 32 bytes.", {LISTS: [[number, length, now[:31], was]]}),
        ("digest_of_33", "a digest has 32 bytes.", {LISTS: [[number, length, now + b"\0", was]]}),
        ("digest_of_16", "a digest is whole, not its first half.", {LISTS: [[number, length, now[:16], was]]}),
        ("base_digest_of_16", "a base's digest is whole.", {LISTS: [[number, length, now, was[:16]]]}),
        (
            "base_without_iat",
            "the base's iat is there where a list has a base.",
            {BASE_IAT: ABSENT, COMBINED: sha256(now)},
        ),
        ("base_iat_at_iat", "the base was signed before.", {BASE_IAT: _NEXT_DAY}),
        ("base_iat_null", "an absent base's iat is not null.", {BASE_IAT: None}),
        ("counts_of_two", "there are three counts and the code.", {CHANGES: [*counts[:2], code]}),
        ("counts_of_four", "there are three counts and the code.", {CHANGES: [*counts, 0, code]}),
        (
            "count_beyond",
            "no more entries change than there are.",
            {CHANGES: [counts[0], length + 1, counts[2], code]},
        ),
        ("code_text", "the code is a byte string.", {CHANGES: [*counts, "code"]}),
    )
    for name, comment, changes in cases:
        yield Refused(name, f"Section 1: {comment}", MALFORMED, _with_body(changes))
    comment = "Section 1: the base's iat is not there where no list has a base."
    opened = (Step(4096, 0, None, {1: 1}),)
    without_base: Entries = {BASE_IAT: ISSUED_AT, COMBINED: ABSENT, LISTS: [opened[0].entry()]}
    yield Refused("iat_without_base", comment, MALFORMED, _with_body(without_base, opened), base=())
    comment = "Section 1, rule 2: 2^25 entries in all at most; here are four more."
    long = (Step(LONGEST, 0, None, {}), Step(4, 1, None, {0: 1}))
    yield Refused("too_long", comment, MALFORMED, _with_body({}, long), base=())


def _fulls() -> Iterator[Refused]:
    """Full forms: one digest for all lists."""
    steps = (Step(4096, 0, None, {1: 1}), Step(4096, 1, None, {2: 1}), Step(64, 2, None, {3: 2}))
    one = steps[:1]
    digests = [step.digest() for step in steps]
    cases: tuple[tuple[str, str, Entries, tuple[Step, ...]], ...] = (
        ("full_without_digest", "without a base's iat there is the digest of all lists.", {COMBINED: ABSENT}, steps),
        ("full_digest_null", "an absent digest is not null.", {COMBINED: None}, steps),
        ("full_digest_of_31", "a digest has 32 bytes.", {COMBINED: combined(steps)[:31]}, steps),
        ("full_digest_of_33", "a digest has 32 bytes.", {COMBINED: combined(steps) + b"\0"}, steps),
        ("full_digest_of_16", "a digest is whole, not its first half.", {COMBINED: combined(steps)[:16]}, steps),
        ("full_beside_base_iat", "a full form has no base's iat.", {BASE_IAT: ISSUED_AT}, steps),
        ("full_with_digests", "without a base's iat no list has a digest.", {LISTS: [step.entry() for step in steps]}, steps),
        (
            "full_with_digests_alone",
            "without a base's iat no list has a digest, whether the one for all is there or not.",
            {LISTS: [step.entry() for step in steps], COMBINED: ABSENT},
            steps,
        ),
        ("full_of_one_with_digest", "without a base's iat no list has a digest.", {LISTS: [one[0].entry()]}, one),
        ("full_list_empty", "a list has its number.", {LISTS: [[]]}, one),
        ("full_length_missing", "rule 6: the first list has its length.", {LISTS: [[0]]}, one),
        (
            "full_length_repeated",
            "rule 6: the length of the list before is not written again.",
            {LISTS: [[0, 4096], [1, 4096], [2, 64]]},
            steps,
        ),
        ("full_length_zero", "a list has four entries at least.", {LISTS: [[0, 4096], [1, 0]]}, one),
        ("full_lists_descending", "lists ascend by number.", NO_CHANGE, steps[1::-1]),
    )
    for name, comment, changes, of in cases:
        start = "Section 1, " if comment.startswith("rule") else "Section 1: "
        yield Refused(name, start + comment, MALFORMED, _with_body(changes, of), base=())
    for name, comment, wrong in (
        ("full_of_others", "the digest is of other lists than those that the code makes.", combined(steps[::2])),
        ("full_of_another_order", "digests stand in the order of the lists.", sha256(b"".join(digests[::-1]))),
        ("full_of_a_list", "of one list it is the digest of its digest.", digests[0]),
    ):
        of = one if name == "full_of_a_list" else steps
        yield Refused(name, f"Section 4, rule 4: {comment}", MALFORMED, _with_body({COMBINED: wrong}, of), base=())


def _codes() -> Iterator[Refused]:
    """Section 2: what no writer writes."""
    steps = (Step(4096, 0, None, {1: 1, 70: 1, 4000: 2}),)
    ones, twos = bits([1, 70], 4096), bits([4000], 4096)
    good = ones + twos
    padded = octets(good)
    for name, comment, counts, code in (
        ("code_cut_off", "rule 4: all gaps are there.", (0, 2, 1), padded[:-1]),
        ("code_empty", "rule 4: all gaps are there.", (0, 2, 1), b""),
        ("code_of_ones", "rule 3: a unary part ends with a zero.", (0, 2, 1), b"\xff" * 8),
        ("code_trailing_byte", "rule 4: nothing follows but the zeros that fill the last byte.", (0, 2, 1), padded + b"\0"),
        ("code_padded_with_ones", "rule 4: the last byte is filled with zeros.", (0, 2, 1), octets(good, "1")),
        ("code_for_nothing", "rule 4: without changes there is no code.", (0, 0, 0), b"\0"),
        ("count_too_small", "rule 4: nothing follows the last gap.", (0, 2, 0), padded),
        ("count_too_great", "rule 4: all gaps are there.", (1, 2, 1), padded),
        (
            "other_parameter",
            "rule 2: the parameter follows from count and length, and is no choice of the writer.",
            (0, 2, 1),
            octets(bits([1, 70], 4096, 3) + twos),
        ),
        ("entry_twice", "rule 5: an entry changes once.", (0, 2, 1), octets(ones + bits([70], 4096))),
        (
            "becomes_what_it_was",
            "section 4, rule 3: here an entry becomes 0, which was 0.",
            (1, 2, 1),
            octets(bits([9], 4096) + good),
        ),
    ):
        cose = _with_body({CHANGES: [*counts, code]}, steps)
        yield Refused(
            name, f"Section 2, {comment}" if comment.startswith("rule") else comment.capitalize(), MALFORMED, cose, base=()
        )
    comment = "Section 2, rule 1: a position lies within the lists; here one stands right behind them, and all else is right."
    beyond: Entries = {CHANGES: [0, 2, 1, octets(ones + bits([4096], 4096, 11))]}
    within = (Step(4096, 0, None, {1: 1, 70: 1}),)
    yield Refused("position_beyond", comment, MALFORMED, _with_body(beyond, within), base=())
    comment = "Section 4, rule 4: the result has another digest than the one that was signed."
    entry = _DAY_STEPS[0].entry()
    wrong: list[Item] = [*entry[:2], digest({1: 1}, 1 << 20), entry[3]]
    yield Refused("result_differs", comment, MALFORMED, _with_body({LISTS: [wrong]}))


def _issuers() -> Iterator[Refused]:
    for name, comment, sub in (
        ("sub_of_nobody", "no issuer of the trust list has this status base.", "https://pass.example.com/status/"),
        ("sub_with_number", "sub is the status base alone, or the lists of one number would be those of another.", _SUB + "1"),
        ("sub_without_slash", "the status base ends with a slash.", _SUB[:-1]),
    ):
        yield Refused(name, f"Step 3: {comment}", UNKNOWN_ISSUER, _with_claims({2: sub}))
    comment = "Step 4: the delta of one issuer, signed by another issuer's status key."
    several, lists = "trust/several_issuers", ("status/ru_ba",)
    yield Refused("key_of_another_issuer", comment, UNKNOWN_ISSUER, token_of(_DAY, key=STATUS_KAM).encode(), several, lists)
    comment = "Step 4: a key of that issuer has the key id; this delta speaks for another issuer."
    other = changed(_DAY, {2: base(RU_KAM)})
    yield Refused("sub_of_another_issuer", comment, UNKNOWN_ISSUER, token_of(other).encode(), several, lists)


def _signatures() -> Iterator[Refused]:
    signature = _DAY_TOKEN.signature if isinstance(_DAY_TOKEN.signature, bytes) else b""
    protected, unprotected, payload = _DAY_TOKEN.parts()[:3]
    other = encode(changed(_DAY, {6: _NEXT_DAY + 1}))
    for name, comment, content, by in (
        ("signature_bit", "one bit of the signature differs.", payload, bytes([signature[0] ^ 1]) + signature[1:]),
        ("signature_plus_l", "S + L in place of S (RFC 8032, section 5.1.7).", payload, plus_order(signature)),
        ("iat_changed", "the time was changed after signing.", other, signature),
    ):
        cose = Sign1(protected=protected, unprotected=unprotected, payload=content, signature=by).encode()
        yield Refused(name, f"Step 5: {comment}", FORGED, cose)
    stranger = token_of(_DAY, key=STRANGER, header={4: STATUS_BA.kid}).encode()
    yield Refused("signed_by_stranger", "Step 5: the key id names a key that is not the signer's.", FORGED, stranger)
    comment = "Step 5: before the changes are looked at; here both are wrong."
    cut = token_of(claims_of({**body_of(_DAY_STEPS), CHANGES: [1, 3, 1, b""]}), key=STRANGER, header={4: STATUS_BA.kid}).encode()
    yield Refused("order_signature_before_code", comment, FORGED, cut)
    world = "trust/compromised_and_retired"
    comment = "Step 5: a compromised key refuses everything it ever signed."
    yield Refused("key_compromised", comment, KEY_COMPROMISED, token_of(_DAY, key=COMPROMISED_STATUS_BA).encode(), world)
    comment = "Step 6: the key may sign status lists (use 2); this one may sign passes."
    yield Refused("key_for_passes", comment, OUT_OF_SCOPE, token_of(_DAY, key=PASS_BA).encode())
    late = changed(_DAY, {6: SIGN_UNTIL, 4: SIGN_UNTIL + 1})
    yield Refused("iat_at_sign_until", "Step 6: iat < sign until.", OUT_OF_SCOPE, token_of(late).encode())
    early = changed(_DAY, {6: SIGN_FROM - 1, BODY: changed(body_of(_DAY_STEPS), {BASE_IAT: SIGN_FROM - DAY})})
    yield Refused("iat_before_sign_from", "Step 6: sign from <= iat.", OUT_OF_SCOPE, token_of(early).encode())


def _bases() -> Iterator[Refused]:
    good = _DAY_TOKEN.encode()
    yield Refused("base_absent", "Section 4, rule 2: the list is not at hand.", BASE_MISSING, good, base=())
    yield Refused(
        "base_of_another_time",
        "Section 4, rule 2: the list at hand was signed at another time.",
        BASE_MISSING,
        _with_body({BASE_IAT: ISSUED_AT - DAY}),
    )
    entry = _DAY_STEPS[0].entry()
    yield Refused(
        "base_of_other_entries",
        "Section 4, rule 2: the list at hand has other entries.",
        BASE_MISSING,
        _with_body({LISTS: [[*entry[:3], digest({5: 1}, 1 << 20)]]}),
    )
    yield Refused(
        "base_of_another_length",
        "Section 4, rule 2: the list at hand is shorter.",
        BASE_MISSING,
        good,
        base=("status/two_bits",),
    )
    yield Refused(
        "base_of_four_bits",
        "Section 4, rule 2: two bits per entry do not hold the list at hand.",
        BASE_MISSING,
        token_of(claims_of(body_of((from_list("four_bits", {0: 1}),)))).encode(),
        base=("status/four_bits",),
    )


def scenarios() -> list[Scenario]:
    """Return the scenarios of this module."""
    good = []
    for name, comment, steps, changes in _good():
        token = token_of(claims_of(changed(body_of(steps), changes))).encode()
        fields: dict[str, JsonValue] = {
            "cose": hexadecimal(token),
            "trust": "trust/one_issuer",
            "base": _base_ids(steps),
            "lists": _lists_as_json(steps),
        }
        good.append(Scenario(f"delta/{name}", comment, ACCEPTED, fields))
    makers = (_shapes, _bodies, _fulls, _codes, _issuers, _signatures, _bases)
    return [*good, *(case.scenario() for maker in makers for case in maker())]
