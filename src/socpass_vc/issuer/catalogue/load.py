"""catalogue.toml: an agency's own names and measures, read strictly; all faults are reported at once, with their lines.

It knows what the file may hold (specs/catalogue.md, section 6), and nothing of signing and publishing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeVar

from socpass_vc.catalogue.names import builtin
from socpass_vc.config.toml_lines import LineIndex
from socpass_vc.errors import CatalogueError
from socpass_vc.files import read_file
from socpass_vc.format.catalogue import names as wire
from socpass_vc.format.catalogue.measures import MAX_MEASURES, Measure, encode_measures
from socpass_vc.format.catalogue.signed_catalogue import MAX_TOKEN_BYTES
from socpass_vc.format.trust.issuers import Issuer
from socpass_vc.issuer.catalogue.entry import CatalogueEntry, EntryFault, shown
from socpass_vc.issuer.catalogue.measure import read_code, read_measure, read_number
from socpass_vc.messages import ENGLISH, Message, Speaker

Key = TypeVar("Key", int, str)

FILE_NAME = "catalogue.toml"
FORMAT = 1
MAX_FILE_BYTES = 4 * 2**20
"""Four times the largest catalogue; a file has comments as well."""

_ROOM_FOR_TOKEN_BYTES = 1_024
"""What a token has around its pages: headers, times, URI and signature have less than 600 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueFault:
    """One thing that is wrong with the file.

    Attributes:
        line: from 1.
        where: the option as the file would write it in full, such as ``measures[2].percent``; empty for the file as a whole.
        code: one word for what is wrong; ``catalogue_file.CODE`` is the key of its sentence.
        facts: the values that the sentence speaks of.
    """

    line: int
    where: str
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def said_by(self, speaker: Speaker, /) -> str:
        """Return the line, the option and what is wrong there, in the speaker's language."""
        where = Message("at.option", line=self.line, option=self.where) if self.where else Message("at.line", line=self.line)
        return f"{speaker.show(where)}: {speaker.say(f'catalogue_file.{self.code}', **self.facts)}"

    def __str__(self) -> str:
        return self.said_by(ENGLISH)


class CatalogueFaulty(CatalogueError):
    """A catalogue.toml with faults.

    Args:
        path: of the file.
        faults: all of them, at least one, in the order of their lines.
    """

    def __init__(self, path: Path, faults: tuple[CatalogueFault, ...]) -> None:
        super().__init__("catalogue_toml.faults", count=len(faults), first=faults[0])
        self.at(path)
        self.faults = faults


class CatalogueDraft(NamedTuple):
    """What a good file says: the two pages of a catalogue."""

    names: wire.NamesPage
    measures: tuple[Measure, ...]


def read_catalogue_file(path: Path, issuer: Issuer) -> CatalogueDraft:
    """Return what the file *path* says.

    Args:
        path: catalogue.toml in the agency's folder.
        issuer: whose categories it may speak of.

    Raises:
        CatalogueError: the file cannot be read.
        CatalogueFaulty: something in it is wrong.
    """
    return parse_catalogue(read_file(path, MAX_FILE_BYTES, error=CatalogueError), path, issuer)


def parse_catalogue(content: bytes, path: Path, issuer: Issuer) -> CatalogueDraft:
    """Return what the content of a catalogue.toml says; *path* is for messages only.

    Raises:
        CatalogueError: it is not TOML.
        CatalogueFaulty: something in it is wrong.
    """
    try:
        text = content.decode("utf-8-sig")
        entries = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # among them what is no UTF-8, no TOML, or a number of 5,000 digits
        raise CatalogueError("toml.unreadable", why=Message("system.other", said=str(error))).at(path) from error
    notes: list[EntryFault] = []
    draft = _read(CatalogueEntry((), entries, notes), issuer)
    if draft is None:
        raise _refusal(path, text, notes)
    return draft


def _refusal(path: Path, text: str, notes: list[EntryFault]) -> CatalogueFaulty:
    lines = LineIndex(text)
    faults = [CatalogueFault(line=lines.line_of(note.path), where=note.where, code=note.code, facts=note.facts) for note in notes]
    faults.sort(key=lambda fault: fault.line)
    return CatalogueFaulty(path, tuple(faults))


def _read(top: CatalogueEntry, issuer: Issuer) -> CatalogueDraft | None:
    """Return the draft, or None where something was noted."""
    version = top.take("format", int)
    if version is not None and version != FORMAT:
        top.wrong("format", "version", value=version, format=FORMAT)
    categories = _read_section(top, "categories", "code", lambda entry: _read_category(entry, issuer))
    kinds = _read_section(top, "document_kinds", "number", _read_kind)
    places = _read_section(top, "places", "key", _read_place)
    known_categories = categories.keys() | builtin().categories.keys()
    known_places = places.keys() | builtin().places.keys()
    measures: list[Measure] = []
    ids: set[str] = set()
    for entry in top.tables("measures", MAX_MEASURES):
        measure = read_measure(entry, issuer, known_categories, known_places)
        if measure is not None:
            measures.append(measure)
            _check_new(entry, "id", measure.id, ids)
    top.finish()
    if top.notes:
        return None
    return _drafted(top, wire.NamesPage(categories=categories, document_kinds=kinds, places=places), tuple(measures))


def _drafted(top: CatalogueEntry, names: wire.NamesPage, measures: tuple[Measure, ...]) -> CatalogueDraft | None:
    """Return the draft if it fits a token."""
    draft = CatalogueDraft(names, tuple(sorted(measures, key=lambda measure: measure.id)))
    size = len(names.encode()) + len(encode_measures(measures))
    longest = MAX_TOKEN_BYTES - _ROOM_FOR_TOKEN_BYTES
    if size > longest:
        top.wrong("", "too_large", size=size, longest=longest)
        return None
    return draft


def _read_section(
    top: CatalogueEntry, title: str, option: str, read_key: Callable[[CatalogueEntry], Key | None]
) -> dict[Key, wire.Names]:
    section: dict[Key, wire.Names] = {}
    taken: set[Key] = set()
    for entry in top.tables(title, wire.MAX_NAMED):
        key = read_key(entry)
        names = entry.names("names", wire.MAX_NAME_CHARACTERS)
        entry.finish()
        if key is not None:
            _check_new(entry, option, key, taken)
            section[key] = names
    return section


def _read_category(entry: CatalogueEntry, issuer: Issuer) -> int | None:
    written = entry.take("code", str)
    return None if written is None else read_code(entry, "code", written, issuer)


def _read_kind(entry: CatalogueEntry) -> int | None:
    return read_number(entry, "number", 1, wire.MAX_DOCUMENT_KIND, required=True)


def _read_place(entry: CatalogueEntry) -> str | None:
    key = entry.take("key", str)
    if key is None or wire.is_place(key):
        return key
    entry.wrong("key", "place_word", value=shown(key), longest=wire.MAX_PLACE_CHARACTERS)
    return None


def _check_new(entry: CatalogueEntry, option: str, key: Key, taken: set[Key]) -> None:
    if key in taken:
        entry.wrong(option, "twice", value=shown(key))
    taken.add(key)
