"""What was said, by keys and reasons instead of sentences: tests hold on to slugs, so that a sentence can be worded better."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from socpass_vc.errors import SocpassError
from socpass_vc.messages import Speaker, has_sentence


def text(key: str, /, language: str = "en", **facts: object) -> str:
    """Return the sentence of *key* with its facts; that the language has none is a failure."""
    assert has_sentence(key, language), f"no sentence in {language!r} for {key!r}"
    return Speaker(language).say(key, **facts)


@contextmanager
def refused(kind: type[SocpassError], reason: str, /, **facts: object) -> Iterator[pytest.ExceptionInfo[SocpassError]]:
    """Expect that the block is refused with exactly this kind and reason, and at least these facts."""
    with pytest.raises(kind) as caught:
        yield caught
    error = caught.value
    assert (type(error), error.reason) == (kind, reason)
    assert {name: error.facts.get(name) for name in facts} == facts
    assert has_sentence(reason)
