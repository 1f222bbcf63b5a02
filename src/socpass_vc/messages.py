"""Sentences for people, from gettext catalogues: a key and facts in, a sentence of one language out.

The catalogues are ``locale/LANGUAGE/LC_MESSAGES/socpass.po``, one per language, compiled to ``.mo``; CONTRIBUTING.md says how to
add one. Keys are slugs, not English: rewording a language changes no other. This module knows no error and no command.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from socpass_vc.mo_file import MoFile

if TYPE_CHECKING:
    from typing import Protocol

    class Sayable(Protocol):
        """What a speaker can put into words: a message, or an error."""

        def said_by(self, speaker: Speaker, /) -> str:
            """Return the sentence in the speaker's language."""
            ...


DOMAIN = "socpass"
LOCALE = Path(__file__).with_name("locale")
DEFAULT_LANGUAGE = "en"
"""The language of ``str(error)``, and of what a catalogue lacks."""


class Message:
    """A sentence that is not yet in any language; as a fact of another message it is said in that one's language.

    Args:
        key: of the catalogues.
        facts: what the sentence speaks of, by name.
    """

    __slots__ = ("facts", "key")

    def __init__(self, key: str, /, **facts: object) -> None:
        self.key = key
        self.facts = facts

    def said_by(self, speaker: Speaker, /) -> str:
        """Return the sentence in the speaker's language."""
        return speaker.say(self.key, **self.facts)

    def __str__(self) -> str:
        return self.said_by(ENGLISH)

    def __repr__(self) -> str:
        return f"Message({self.key!r}, {self.facts})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and (self.key, self.facts) == (other.key, other.facts)

    def __hash__(self) -> int:
        return hash(self.key)


class Speaker(NamedTuple):
    """Puts messages into the words of one language.

    Attributes:
        language: of the sentences, such as "en".
        show_moment: how a time of day is written; by default in UTC.
    """

    language: str = DEFAULT_LANGUAGE
    show_moment: Callable[[datetime], str] | None = None

    def say(self, key: str, /, **facts: object) -> str:
        """Return the sentence of *key*; its plural form is chosen by the fact ``count``.

        A key that no catalogue has is returned as it is. A fact that the sentence names and that is missing is shown as "?".
        """
        template = _template(self.language, key, facts.get("count"))
        if template is key or ("{" not in template and "}" not in template):
            return template
        return template.format_map(SentenceFacts(self, facts))

    def show(self, fact: object) -> str:
        """Return a fact as people of the language write it."""
        if isinstance(fact, str):
            return fact
        if isinstance(fact, datetime):
            return self.show_moment(fact) if self.show_moment is not None else self._in_utc(fact)
        if isinstance(fact, date):
            return fact.strftime(_template(self.language, "format.day", None))
        said_by: Callable[[Speaker], str] | None = getattr(fact, "said_by", None)
        if said_by is not None:
            return said_by(self)
        if isinstance(fact, list | tuple | set | frozenset):
            return ", ".join(self.show(part) for part in fact)
        text = str(fact)
        return text.replace(".", _template(self.language, "format.decimal", None)) if isinstance(fact, float) else text

    def show_count(self, count: int) -> str:
        """Return a number with its thousands apart."""
        return f"{count:,}".replace(",", _template(self.language, "format.thousands", None))

    def _in_utc(self, moment: datetime) -> str:
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC).strftime(_template(self.language, "format.moment", None))


class SentenceFacts(dict[str, object]):
    """The facts of one sentence, each written as the speaker writes it; one that is missing is a question mark."""

    def __init__(self, speaker: Speaker, facts: Mapping[str, object]) -> None:
        super().__init__(facts)
        self._speaker = speaker

    def __getitem__(self, name: str) -> object:
        if name not in self:
            return "?"
        fact = super().__getitem__(name)
        return _Number(fact, self._speaker) if type(fact) is int else self._speaker.show(fact)


class _Number(int):
    """A number in a sentence: ``{count:,}`` sets its thousands apart as the language does."""

    _speaker: Speaker

    def __new__(cls, value: int, speaker: Speaker) -> Self:
        made = super().__new__(cls, value)
        made._speaker = speaker
        return made

    def __format__(self, spec: str) -> str:
        return self._speaker.show_count(int(self)) if spec == "," else format(int(self), spec)


ENGLISH = Speaker()


def languages() -> tuple[str, ...]:
    """Return the languages that have a catalogue, by their codes."""
    return tuple(sorted(name for name in os.listdir(LOCALE) if os.path.isfile(f"{LOCALE}/{name}/LC_MESSAGES/{DOMAIN}.mo")))  # noqa: PTH113, PTH208 -- each start asks, and pathlib takes four times as long


def has_sentence(key: str, language: str = DEFAULT_LANGUAGE) -> bool:
    """Tell whether the catalogue of *language* itself has a sentence for *key*."""
    return _find(language, key, 1) is not None


def _template(language: str, key: str, count: object) -> str:
    number = count if isinstance(count, int) else 1
    found = _find(language, key, number)
    if found is None and language != DEFAULT_LANGUAGE:
        found = _find(DEFAULT_LANGUAGE, key, number)
    return key if found is None else found


def _find(language: str, key: str, number: int) -> str | None:
    catalogue = _catalogue(language)
    return None if catalogue is None else catalogue.find(key, number)


def forget() -> None:
    """Read the catalogues anew when something is said next; for whoever writes catalogues while a program runs."""
    _catalogue.cache_clear()


@cache
def _catalogue(language: str) -> MoFile | None:
    """Return the catalogue of *language*; None where there is none."""
    try:
        with open(f"{LOCALE}/{language}/LC_MESSAGES/{DOMAIN}.mo", "rb") as file:  # noqa: PTH123 -- as in languages
            return MoFile(file.read())
    except OSError:
        return None
