"""The till and its lists, whatever it sees of what an honest issuer published: in any order, late, twice, or not at all."""

import shutil
import tempfile
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import world
from packed_changes import positions_in
from socpass_vc.errors import BaseMissing, Contradicted, Malformed, RolledBack
from socpass_vc.format.status import golomb
from socpass_vc.format.status.list_change import digest
from socpass_vc.format.status.status_delta import read_delta, sign_delta
from socpass_vc.format.status.status_list import Status, StatusList, narrowest, pack
from socpass_vc.issuer.publication.list_diff import compare
from socpass_vc.verifier.store.till_store import Store

ENTRIES = 16
LISTS = 2

values = st.dictionaries(st.integers(0, ENTRIES - 1), st.sampled_from([Status.INVALID, Status.SUSPENDED]))
publications = st.lists(st.tuples(*[values] * LISTS), min_size=1, max_size=5)


def listed(number: int, of: dict[int, Status], at: int) -> StatusList:
    """Return a list of one publication, at the width that the issuer would choose."""
    issued_at = world.ISSUED_AT + at * world.DAY
    bits = narrowest(of, entries=ENTRIES)
    return world.status_list(
        uri=f"{world.STATUS_BASE}{number}",
        issued_at=issued_at,
        expires_at=issued_at + world.DAY,
        bits=bits,
        raw=pack(of, entries=ENTRIES, bits=bits),
    )


@st.composite
def sightings(draw: st.DrawFn) -> tuple[list[dict[int, StatusList]], list[tuple[str, int, int]]]:
    """Draw what an issuer published and what of it a till sees: (kind, publication, list number or earlier publication)."""
    made = [
        {number: listed(number, of, at) for number, of in enumerate(each) if at or not number}
        for at, each in enumerate(draw(publications))
    ]
    at = st.integers(0, len(made) - 1)
    seen = st.one_of(
        st.tuples(st.just("token"), at, st.integers(0, LISTS - 1)),
        st.tuples(st.just("delta"), at, st.just(-1)),
        st.tuples(st.just("full"), at, st.just(-1)),
        st.tuples(st.just("leap"), at, at),
    )
    return made, draw(st.lists(seen, max_size=12))


@given(story=sightings())
def test_a_till_holds_what_was_published_and_never_goes_back(
    story: tuple[list[dict[int, StatusList]], list[tuple[str, int, int]]],
) -> None:
    # given
    made, seen = story
    folder = Path(tempfile.mkdtemp(prefix="socpass-deltas-"))
    store = Store.create(folder / "till", world.root().encode())
    store.offer(world.bundle())
    newest: dict[int, int] = {}
    try:
        for kind, at, other in seen:
            # when
            try:
                if kind == "token":
                    if other in made[at]:
                        store.offer(world.status_token(made[at][other]))
                else:
                    begin = {"delta": at - 1, "full": -1, "leap": other}[kind]
                    if begin < at:
                        old = made[begin] if begin >= 0 else {}
                        store.offer(sign_delta(compare(world.STATUS_BASE, old, made[at]), world.key("status")))
            except (RolledBack, BaseMissing) as error:
                contradicts = isinstance(error, Contradicted)
                assert not contradicts  # an honest issuer never does

            # then
            for number in range(LISTS):
                found = Store.open(store.folder).get(f"{world.STATUS_BASE}{number}")
                if found is None:
                    assert number not in newest
                    continue
                held = (found.content.issued_at - world.ISSUED_AT).days
                published = made[held][number]
                assert dict(found.content.set_entries()) == dict(published.set_entries())
                assert (found.content.expires_at, found.content.ttl) == (published.expires_at, published.ttl)
                assert held >= newest.get(number, 0)
                newest[number] = held
    finally:
        shutil.rmtree(folder)


@given(story=publications)
def test_the_whole_chain_leads_to_the_last_publication(story: list[tuple[dict[int, Status], ...]]) -> None:
    made = [{number: listed(number, of, at) for number, of in enumerate(each)} for at, each in enumerate(story)]
    at_hand = dict(made[0])
    for old, new in pairwise(made):
        delta = compare(world.STATUS_BASE, old, new)
        changes = delta.changes()
        for entry in delta.lists:
            at_hand[entry.number] = delta.apply(entry, at_hand[entry.number], changes[entry.number])
    assert {number: dict(one.set_entries()) for number, one in at_hand.items()} == {
        number: dict(one.set_entries()) for number, one in made[-1].items()
    }


@given(
    story=st.lists(st.tuples(st.sampled_from([ENTRIES, 2 * ENTRIES]), values), min_size=1, max_size=5),
    exchanged=st.tuples(st.integers(0, 4), st.integers(0, 4)),
)
def test_a_full_form_makes_the_lists_that_were_signed_in_their_order_alone(
    story: list[tuple[int, dict[int, Status]]], exchanged: tuple[int, int]
) -> None:
    # given lists of two lengths
    made = {
        number: world.status_list(uri=f"{world.STATUS_BASE}{number}", raw=pack(of, entries=entries))
        for number, (entries, of) in enumerate(story)
    }
    token = sign_delta(compare(world.STATUS_BASE, {}, made), world.key("status"))

    # when
    full = read_delta(token).content
    changes = full.changes()
    opened = full.opened(changes)

    # then
    assert {entry.number: opened.apply(entry, None, changes[entry.number]) for entry in opened.lists} == made
    assert sign_delta(opened, world.key("status")) == token
    digests = [digest(listed.raw) for listed in made.values()]
    one, other = (at % len(digests) for at in exchanged)
    digests[one], digests[other] = digests[other], digests[one]
    try:
        assert full.with_digests(b"".join(digests)) == opened
    except Malformed:
        assert digests[one] != digests[other]
    else:
        assert digests[one] == digests[other]


spans = st.integers(1, 300)


@given(data=st.data(), span=spans)
def test_positions_are_read_as_they_were_written(data: st.DataObject, span: int) -> None:
    sets = [sorted(each) for each in data.draw(st.lists(st.sets(st.integers(0, span - 1)), max_size=3))]
    assert positions_in(golomb.encode(sets, span), list(map(len, sets)), span) == sets


@given(coded=st.binary(max_size=40), counts=st.lists(st.integers(0, 60), max_size=3), span=spans)
def test_what_is_read_of_any_bytes_is_written_to_the_same_bytes(coded: bytes, counts: list[int], span: int) -> None:
    try:
        sets = positions_in(coded, [min(count, span) for count in counts], span)
    except Malformed:
        return
    assert golomb.encode(sets, span) == coded
