"""A till, whatever it sees of what honest authorities published, in any order, late, twice, or not at all: it never goes back."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import world
from socpass_vc.errors import (
    BaseMissing,
    Contradicted,
    Rejected,
    Revoked,
    RolledBack,
    StatusUnknown,
    StoreError,
    Suspended,
)
from socpass_vc.format.credential.claims import StatusReference
from socpass_vc.format.status.status_delta import sign_delta
from socpass_vc.format.status.status_list import Status, StatusList, narrowest, pack
from socpass_vc.format.trust.bundle import Trust
from socpass_vc.format.trust.issuers import KeyState, Use
from socpass_vc.issuer.publication.list_diff import compare
from socpass_vc.verifier.store.rollback_state import RollbackState, SeenFile, read_floors
from socpass_vc.verifier.store.till_store import Store

ENTRIES = 8
LISTS = 2
HOUR = timedelta(hours=1)
SECOND_ROOT = world.root("root b", version=2)
VALID, INVALID, SUSPENDED = Status.VALID, Status.INVALID, Status.SUSPENDED
# A revocation is final; a suspension ends by being reinstated, or revoked.
HONEST_NEXT = {VALID: (VALID, INVALID, SUSPENDED), SUSPENDED: (SUSPENDED, VALID, INVALID), INVALID: (INVALID,)}

Place = tuple[int, int]
Values = dict[Place, Status]
TEXTS = {
    place: world.text(world.claims(status=StatusReference(list_number=place[0], index=place[1])))
    for place in [(number, index) for number in range(LISTS) for index in range(ENTRIES)]
}


@dataclass(frozen=True, kw_only=True)
class Story:
    """What was published, one after another, and what of it a till sees.

    Attributes:
        published: the status of each pass, by publication.
        rotated_at: the first publication under the second root; beyond the last where there is none.
        seen: what the till does, with its numbers.
    """

    published: list[Values]
    rotated_at: int
    seen: list[tuple[str, int, int]]

    def issued_at(self, at: int) -> datetime:
        """Return when a publication was signed."""
        return world.ISSUED_AT + at * HOUR

    def lists(self, at: int) -> dict[int, StatusList]:
        """Return the lists of a publication, at the width that the issuer would choose; before the first there are none."""
        if at < 0:
            return {}
        made = {}
        for number in range(LISTS):
            values = {index: status for (of, index), status in self.published[at].items() if of == number and status}
            bits = narrowest(values, entries=ENTRIES)
            made[number] = world.status_list(
                uri=f"{world.STATUS_BASE}{number}",
                issued_at=self.issued_at(at),
                bits=bits,
                raw=pack(values, entries=ENTRIES, bits=bits),
            )
        return made

    def bundle(self, at: int) -> bytes:
        """Return the trust bundle of a publication; under the second root versions begin anew."""
        is_rotated = at >= self.rotated_at
        listed = world.trust_list(
            world.publisher(), version=1 + (at - self.rotated_at if is_rotated else at), issued_at=self.issued_at(at)
        )
        if not is_rotated:
            return world.bundle(listed)
        roots = [world.root_token(), world.root_token(SECOND_ROOT, ("root", "root b"))]
        return world.bundle(listed, roots=roots, signers=("root b",))

    def delta(self, begin: int, at: int) -> bytes:
        """Return the delta from one publication to a later one; from before the first, the compact full form."""
        return sign_delta(compare(world.STATUS_BASE, self.lists(begin), self.lists(at)), world.key("status"))

    def catalogue(self, at: int) -> bytes:
        """Return the catalogue of a publication."""
        return world.catalogue_token(world.catalogue(issued_at=self.issued_at(at)))


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Draw what honest authorities published, and what a till does."""
    now: Values = dict.fromkeys(TEXTS, VALID)
    published: list[Values] = []
    for _ in range(draw(st.integers(1, 5))):
        for place in draw(st.lists(st.sampled_from(sorted(TEXTS)), max_size=3, unique=True)):
            now = {**now, place: draw(st.sampled_from(HONEST_NEXT[now[place]]))}
        published.append(now)
    at = st.integers(0, len(published) - 1)
    kinds = st.sampled_from(
        ["bundle", "token", "token", "delta", "delta", "full", "leap", "catalogue", "lose list", "lose trust"]
    )
    seen = draw(st.lists(st.tuples(kinds, at, st.integers(0, len(published) - 1)), max_size=14))
    return Story(published=published, rotated_at=draw(st.integers(1, len(published) + 1)), seen=seen)


def lose(paths: list[Path]) -> None:
    """Remove files, as a till advises where they are damaged."""
    for path in paths:
        path.unlink(missing_ok=True)


def act(story: Story, till: Store, kind: str, at: int, other: int) -> None:
    """Do one thing at the till; what is older, or has no base, is refused, and nothing of honest authorities is an alarm."""
    number = other % LISTS
    acts: dict[str, Callable[[], Any]] = {
        "bundle": lambda: till.offer(story.bundle(at)),
        "token": lambda: till.offer(world.status_token(story.lists(at)[number])),
        "delta": lambda: till.offer(story.delta(at - 1, at)),
        "full": lambda: till.offer(story.delta(-1, at)),
        "leap": lambda: till.offer(story.delta(min(at, other), max(at, other))) if at != other else None,
        "catalogue": lambda: till.offer(story.catalogue(at)),
        "lose list": lambda: lose(sorted((till.folder / "status").glob("*.cwt"))[number : number + 1]),
        "lose trust": lambda: lose([till.folder / "trust.spt"]),
    }
    try:
        acts[kind]()
    except Contradicted:
        raise
    except (RolledBack, BaseMissing):
        pass
    except StoreError:
        assert not (till.folder / "trust.spt").exists()


def verdict(till: Store, place: Place) -> str:
    """Return what the till, started anew, says of a pass."""
    opened = Store.open(till.folder)
    try:
        world.verify(TEXTS[place], under=opened.trust, lists=opened, clock_floor=opened.clock_floor)  # type: ignore[arg-type]  # a StatusSource
    except (Rejected, StatusUnknown) as refusal:
        return refusal.code
    return "accepted"


def held(story: Story, till: Store) -> dict[int, int]:
    """Return of which publication each list at hand is, which must be what was published then in everything."""
    opened = Store.open(till.folder)
    found = {}
    for number in range(LISTS):
        have = opened.get(f"{world.STATUS_BASE}{number}")
        if have is not None:
            at = (have.content.issued_at - world.ISSUED_AT) // HOUR
            published = story.lists(at)[number]
            assert dict(have.content.set_entries()) == dict(published.set_entries())
            assert (have.content.expires_at, have.content.ttl) == (published.expires_at, published.ttl)
            found[number] = at
    return found


@given(story=stories())
def test_a_till_equals_what_was_published_and_never_goes_back(story: Story) -> None:
    # given
    folder = Path(tempfile.mkdtemp(prefix="socpass-never-back-"))
    till = Store.create(folder / "till", world.root().encode())
    till.offer(story.bundle(0))
    newest = dict.fromkeys(range(LISTS), -1)
    newest_trust = 0
    newest_clock = story.issued_at(0)
    refused: dict[Place, dict[str, int]] = {}
    touched = [place for place in TEXTS if any(values[place] for values in story.published)] or [(0, 0)]
    try:
        for kind, at, other in story.seen:
            # when
            act(story, till, kind, at, other)

            # then the clock floor never falls
            clock = Store.open(till.folder).clock_floor
            assert clock is not None
            assert clock >= newest_clock
            newest_clock = clock

            # and the trust list is one that was published, never an older one
            if not (till.folder / "trust.spt").exists():
                continue
            opened = Store.open(till.folder)
            trust_at = (opened.trust.list.issued_at - world.ISSUED_AT) // HOUR
            assert story.bundle(trust_at) == (till.folder / "trust.spt").read_bytes()
            assert trust_at >= newest_trust
            newest_trust = trust_at

            # and so is each list
            at_hand = held(story, till)
            for number, of in at_hand.items():
                assert of >= newest[number]
                newest[number] = of

            # and a pass that was refused counts again only by a later list in which the issuer says so
            for place in touched:
                said = verdict(till, place)
                before = refused.setdefault(place, {})
                if said in {Revoked.code, Suspended.code}:
                    before[said] = at_hand[place[0]]
                elif said == "accepted":
                    assert Revoked.code not in before
                    assert at_hand[place[0]] > before.get(Suspended.code, -1)
                    assert story.published[at_hand[place[0]]][place] is VALID
    finally:
        shutil.rmtree(folder)


@given(story=stories())
def test_a_till_that_saw_the_last_publication_holds_it_whatever_it_saw_before(story: Story) -> None:
    # given
    folder = Path(tempfile.mkdtemp(prefix="socpass-never-back-"))
    till = Store.create(folder / "till", world.root().encode())
    till.offer(story.bundle(0))
    last = len(story.published) - 1
    try:
        for kind, at, other in story.seen:
            act(story, till, kind, at, other)

        # when
        for kind, number in (("bundle", 0), ("token", 0), ("full", 0), ("catalogue", 0)):
            act(story, till, kind, last, number)

        # then
        assert held(story, till) == dict.fromkeys(range(LISTS), last)
        assert (till.folder / "trust.spt").read_bytes() == story.bundle(last)
        for place, status in story.published[last].items():
            if status is VALID and place[1]:  # one valid pass of each list is enough
                continue
            assert verdict(till, place) == {VALID: "accepted", INVALID: "revoked", SUSPENDED: "suspended"}[status]
    finally:
        shutil.rmtree(folder)


KEYS = [world.key(name).public_key.raw for name in ("status", "catalogue")]
BASES = ["https://b.example/status/", "https://b.example/status/c/"]
URIS = [f"{base}{name}" for base in BASES for name in (0, "catalogue")]
notes = st.tuples(st.sampled_from(URIS), st.sampled_from(KEYS), st.integers(0, 9), st.binary(min_size=32, max_size=32))


TRUSTS = [
    world.trust(
        world.trust_list(
            world.issuer(
                world.issuer_key("status", Use.STATUS, state=one),
                world.issuer_key("catalogue", Use.CATALOGUE, state=other),
                status_base=base,
            )
        )
    )
    for base in BASES
    for one in (KeyState.ACTIVE, KeyState.COMPROMISED)
    for other in (KeyState.RETIRED, KeyState.COMPROMISED)
]
trusts = st.sampled_from(TRUSTS)


Note = tuple[str, bytes, int, bytes]


@given(
    events=st.lists(st.one_of(notes, notes, notes, trusts, st.integers(0, 1_000)), min_size=2, max_size=16),
    later=st.lists(notes, max_size=8),
    trust=trusts,
)
def test_folding_notes_lets_no_floor_fall_whatever_trust_list_comes(
    events: list[Note | Trust | int], later: list[Note], trust: Trust
) -> None:
    # given what was seen, and the same with notes folded in between
    whole = folded = RollbackState()
    for event in events:
        if isinstance(event, tuple):
            uri, key, hours, digest = event
            seen = SeenFile(world.ISSUED_AT + hours * HOUR, digest)
            whole, folded = whole.with_file(uri, key, seen), folded.with_file(uri, key, seen)
        else:
            folded = folded.within(event) if isinstance(event, int) else folded.under(event)
            folded = read_floors(folded.encode())

    # when files come again, older ones too, as those that are at hand do
    for uri, key, hours, digest in later:
        seen = SeenFile(world.ISSUED_AT + hours * HOUR, digest)
        whole, folded = whole.with_file(uri, key, seen), folded.with_file(uri, key, seen)

    # then
    for uri in URIS:
        before, after = whole.newest(uri, trust), folded.newest(uri, trust)
        assert before is None or (after is not None and after >= before)
    assert folded.clock(trust) == whole.clock(trust)


def test_the_story_is_one_in_which_something_happens() -> None:
    """Show on one story, told in full, that the checks above look at something."""
    place, other = (0, 3), (1, 5)
    first: Values = dict.fromkeys(TEXTS, VALID)
    second: Values = {**first, place: INVALID, other: SUSPENDED}
    third: Values = {**second, other: VALID}
    story = Story(published=[first, second, third], rotated_at=2, seen=[])
    folder = Path(tempfile.mkdtemp(prefix="socpass-never-back-"))
    till = Store.create(folder / "till", world.root().encode())
    try:
        verdicts = []
        for kind, at in (
            ("bundle", 0),
            ("full", 0),
            ("delta", 1),
            ("lose list", 0),
            ("full", 0),
            ("full", 1),
            ("bundle", 2),
            ("delta", 2),
            ("bundle", 1),
        ):
            act(story, till, kind, at, 0)
            if kind != "bundle" or at == 2:
                verdicts.append((verdict(till, place), verdict(till, other)))
        assert verdicts[:2] == [("accepted", "accepted"), ("revoked", "suspended")]
        assert sorted(verdicts[2]) == sorted(verdicts[3])  # one of the lists is gone, and nothing older takes its place
        assert verdicts[4:] == [("revoked", "suspended"), ("revoked", "suspended"), ("revoked", "accepted")]
        assert Store.open(till.folder).trust.root == SECOND_ROOT
    finally:
        shutil.rmtree(folder)
