"""What was said, by keys and reasons instead of sentences: tests hold on to slugs, so that a sentence can be worded better."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from socpass_vc.errors import SocpassError
from socpass_vc.messages import Speaker, has_sentence


def text(key: str, language: str = "en", /, **facts: object) -> str:
    """Return the sentence of *key* with its facts; that the language has none is a failure."""
    assert has_sentence(key, language), f"no sentence in {language!r} for {key!r}"
    return Speaker(language).say(key, **facts)


lenient = False
"""Whether a fact may be missing, because a test does not know it; what the product says lacks none (conftest.py)."""


@contextmanager
def _unknown_facts() -> Iterator[None]:
    global lenient  # noqa: PLW0603 -- the fixture that insists looks at it
    lenient = True
    try:
        yield
    finally:
        lenient = False


def before_facts(key: str, /, language: str = "en", **known: object) -> str:
    """Return the sentence of *key* up to the first fact that a test does not know."""
    with _unknown_facts():
        beginning = text(key, language, **known).partition("?")[0]  # a missing fact is said as "?"
    assert len(beginning) > 3, f"the sentence of {key!r} begins with a fact"
    return beginning


def pattern(key: str, /, language: str = "en", **known: object) -> re.Pattern[str]:
    """Return a pattern of the sentence of *key* with anything in the place of each fact that a test does not know."""
    with _unknown_facts():
        return re.compile(re.escape(text(key, language, **known)).replace(r"\?", ".*"))


def because(error: SocpassError) -> str:
    """Return the reason of what an error gives as its cause, the fact ``why``."""
    why = error.facts["why"]
    assert isinstance(why, SocpassError)
    return why.reason


@contextmanager
def refused(kind: type[SocpassError], reason: str, /, **facts: object) -> Iterator[pytest.ExceptionInfo[SocpassError]]:
    """Expect that the block is refused with exactly this kind and reason, and at least these facts."""
    with pytest.raises(kind) as caught:
        yield caught
    error = caught.value
    assert (type(error), error.reason) == (kind, reason)
    assert {name: error.facts.get(name) for name in facts} == facts
    assert has_sentence(reason)
