"""agency.toml: what an agency decides once; read strictly, so that a misspelt option is an error and not a default.

It knows the options and their bounds; the files that they name are opened elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from socpass_vc.config.issuer_identity import read_names, read_scopes, read_time_zone
from socpass_vc.config.strict_table import Table, read_toml, shown
from socpass_vc.config.toml_values import quoted, quoted_list
from socpass_vc.errors import AgencyError
from socpass_vc.files import read_file
from socpass_vc.format.armor import PREFIX
from socpass_vc.format.status.status_list import DEFAULT_ENTRIES, MAX_ENTRIES
from socpass_vc.issuer.config.key_entries import KeySettings, read_key, write_key

FILE_NAME = "agency.toml"
FORMAT = 1
MAX_SETTINGS_BYTES = 2**20
MAX_DAYS = 3_660
"""Ten years: the longest that a pass or a list may be valid."""

_PREFIX_CHARACTERS = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:#")
_MAX_PREFIX_CHARACTERS = 200


class DocumentNumbers(StrEnum):
    """How much of a document's number goes into a pass."""

    LAST_FOUR = "last4"
    FULL = "full"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustSettings:
    """Who vouches for the agency: its own root, or a federation's bundle.

    Attributes:
        root_keys: key files of the own root; empty under a federation.
        roots: root tokens, oldest first; empty under a federation.
        bundle: the federation's trust.spt, or None.
        next_update: how long after signing a list tills begin to warn.
        valid: how long after signing a list tills stop deciding.
    """

    root_keys: tuple[str, ...]
    roots: tuple[str, ...]
    bundle: str | None
    next_update: timedelta
    valid: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencySettings:
    """All of agency.toml.

    Attributes:
        id: as in the trust list.
        names: language to name.
        time_zone: IANA name.
        scopes: first and last category.
        status_base: URI to which a list number is appended.
        documents_url: where documents are, or None.
        prefix: of the text of a QR code, before the digits.
        pass_validity: how long a pass is valid at most.
        document_numbers: how much of a document's number goes into a pass.
        list_entries: the length of a new status list.
        list_validity: how long after signing a status list is stale.
        list_ttl: how long after signing a newer list should be fetched.
        register: URL of the PostgreSQL database that holds the register; None for an SQLite file in the agency's folder.
        keys: the agency's keys.
        trust: who vouches for them.
    """

    id: str
    names: dict[str, str]
    time_zone: str
    scopes: tuple[tuple[int, int], ...]
    status_base: str
    documents_url: str | None
    prefix: str
    pass_validity: timedelta
    document_numbers: DocumentNumbers
    list_entries: int
    list_validity: timedelta
    list_ttl: timedelta
    register: str | None
    keys: tuple[KeySettings, ...]
    trust: TrustSettings

    @property
    def zone(self) -> ZoneInfo:
        """The agency's time zone."""
        return ZoneInfo(self.time_zone)


def read_settings(folder: Path) -> AgencySettings:
    """Return the settings of the agency in *folder*.

    Raises:
        AgencyError: the file is missing, is not TOML, or has an option that is unknown, missing or out of range; it is named.
    """
    path = folder / FILE_NAME
    return parse_settings(read_file(path, MAX_SETTINGS_BYTES, error=AgencyError), path)


def parse_settings(content: bytes, path: Path) -> AgencySettings:
    """Return the settings in the content of an agency.toml; *path* is for messages alone.

    Raises:
        AgencyError: as :func:`read_settings`.
    """
    top = Table(path, "", read_toml(content, path, error=AgencyError))
    if (version := top.take("format", int)) != FORMAT:
        raise top.error("toml.other_format", "format", found=version, wanted=FORMAT)
    passes, lists, register, trust = (top.table(name) for name in ("passes", "lists", "register", "trust"))
    settings = AgencySettings(
        id=top.take("id", str),
        names=read_names(top),
        time_zone=read_time_zone(top),
        scopes=read_scopes(top),
        status_base=top.take("status_base", str),
        documents_url=top.maybe("documents_url", str),
        prefix=_read_prefix(top),
        pass_validity=timedelta(days=passes.number("valid_days", 365, 1, MAX_DAYS)),
        document_numbers=_read_document_numbers(passes),
        list_entries=_read_entries(lists),
        list_validity=timedelta(days=lists.number("valid_days", 14, 1, MAX_DAYS)),
        list_ttl=timedelta(hours=lists.number("ttl_hours", 24, 1, 24 * MAX_DAYS)),
        register=_read_register(register),
        keys=tuple(read_key(path, number, entry) for number, entry in enumerate(top.take("keys", list))),
        trust=TrustSettings(
            root_keys=trust.strings("root_keys"),
            roots=trust.strings("roots"),
            bundle=trust.maybe("bundle", str),
            next_update=timedelta(days=trust.number("next_update_days", 30, 1, MAX_DAYS)),
            valid=timedelta(days=trust.number("valid_days", 365, 1, MAX_DAYS)),
        ),
    )
    if settings.trust.next_update > settings.trust.valid:
        raise trust.error("toml.next_update_after_valid", "next_update_days")
    if (settings.trust.bundle is None) == (not settings.trust.roots):
        raise trust.error("toml.roots_or_bundle", "roots")
    for table in (passes, lists, register, trust, top):
        table.finish()
    return settings


def write_settings(settings: AgencySettings) -> str:
    """Return agency.toml for *settings*, with a short explanation of each option."""
    keys = "".join(map(write_key, settings.keys))
    names = "\n".join(f"{language} = {quoted(name)}" for language, name in settings.names.items())
    scopes = ", ".join(f"[{first}, {last}]" for first, last in settings.scopes)
    return _TEMPLATE.format(
        id=quoted(settings.id),
        time_zone=quoted(settings.time_zone),
        status_base=quoted(settings.status_base),
        prefix=quoted(settings.prefix),
        scopes=scopes,
        names=names,
        pass_days=settings.pass_validity.days,
        document_numbers=quoted(settings.document_numbers),
        entries=settings.list_entries,
        list_days=settings.list_validity.days,
        ttl_hours=settings.list_ttl // timedelta(hours=1),
        register="" if settings.register is None else f"url = {quoted(settings.register)}\n",
        trust=_write_trust(settings.trust),
        next_update_days=settings.trust.next_update.days,
        trust_days=settings.trust.valid.days,
        keys=keys,
    )


def _write_trust(trust: TrustSettings) -> str:
    """Return the options that say who vouches for the agency."""
    if trust.bundle is not None:
        copied = "# The trust list that the federation's root signed; 'socpass issuer publish' copies it."
        return f"{copied}\nbundle = {quoted(trust.bundle)}\n"
    own = f"root_keys = {quoted_list(trust.root_keys)}\nroots = {quoted_list(trust.roots)}\n"
    return f'# This agency\'s own root. Under a federation, instead of these two: bundle = "PATH/trust.spt"\n{own}'


_TEMPLATE = """\
# An agency of socpass. A misspelt or unknown option is an error. The commands are described in specs/cli.md.
format = 1

# Short name in trust lists.
id = {id}
# Days of passes are civil days in this time zone.
time_zone = {time_zone}
# Where the folder status/ of the site is published.
status_base = {status_base}
# What stands before the digits in a QR code: SOCPASS: or HTTPS://HOST/PATH#
prefix = {prefix}
# First and last category that this agency may grant, pair by pair.
scopes = [{scopes}]

[names]
{names}

[passes]
# A pass is good for this long at most.
valid_days = {pass_days}
# How much of a document's number goes into a pass: "last4", "full" or "none".
document_numbers = {document_numbers}

[lists]
# Length of a new status list, a multiple of 4.
entries = {entries}
# Tills warn of a list older than ttl_hours, and do not decide on one older than valid_days.
ttl_hours = {ttl_hours}
valid_days = {list_days}

[register]
# An SQLite file in this folder, unless: url = "postgresql://USER@HOST/DATABASE" (password: in ~/.pgpass)
{register}
[trust]
{trust}# Tills warn of a trust list older than next_update_days, and do not decide on one older than valid_days.
next_update_days = {next_update_days}
valid_days = {trust_days}
{keys}"""


def _read_prefix(top: Table) -> str:
    prefix = top.take("prefix", str, PREFIX)
    wrong = set(prefix) - _PREFIX_CHARACTERS
    if wrong or len(prefix) > _MAX_PREFIX_CHARACTERS or not prefix.endswith((":", "#")):
        raise top.error("toml.prefix_wrong", "prefix", found=shown(prefix))
    return prefix


def _read_document_numbers(passes: Table) -> DocumentNumbers:
    value = passes.take("document_numbers", str, DocumentNumbers.LAST_FOUR.value)
    try:
        return DocumentNumbers(value)
    except ValueError as error:
        possible = tuple(DocumentNumbers)
        raise passes.error("toml.document_numbers_unknown", "document_numbers", found=shown(value), possible=possible) from error


def _read_register(register: Table) -> str | None:
    url = register.maybe("url", str)
    if url is not None and not url.startswith(("postgresql://", "postgres://")):
        raise register.error("toml.register_url_wrong", "url")
    return url


def _read_entries(lists: Table) -> int:
    entries = lists.number("entries", DEFAULT_ENTRIES, 4, MAX_ENTRIES)
    if entries % 4:
        raise lists.error("toml.entries_not_multiple_of_4", "entries", found=entries)
    return entries
