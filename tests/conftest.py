"""What all tests share: how many examples hypothesis looks for, and a database server."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import said
from postgres import Server, running_server
from socpass_vc import messages
from socpass_vc.issuer.register.database import Location

settings.register_profile(
    "ci",
    max_examples=100,
    deadline=None,
    derandomize=False,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],  # a shared runner's pauses say nothing of a strategy
)
settings.register_profile("quick", settings.get_profile("ci"), max_examples=10)
settings.register_profile("nightly", settings.get_profile("ci"), max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session", autouse=True)
def no_sentence_lacks_a_fact() -> Iterator[None]:
    """Let a sentence that speaks of what is no fact of it, which people would see as a question mark, fail the test."""
    with pytest.MonkeyPatch.context() as patched:
        fact_of = messages.SentenceFacts.__getitem__

        def insist(facts: messages.SentenceFacts, name: str) -> object:
            assert name in facts or said.lenient, f"a sentence speaks of {name!r}, and its facts are {sorted(facts)}"
            return fact_of(facts, name)

        patched.setattr(messages.SentenceFacts, "__getitem__", insist)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Run a PostgreSQL server for the session."""
    with running_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> Location:
    """Return where a register can be made: what holds for one database must hold for the other."""
    if request.param == "sqlite":
        return tmp_path / "register.sqlite"
    server: Server = request.getfixturevalue("postgres")
    return server.new_database()
