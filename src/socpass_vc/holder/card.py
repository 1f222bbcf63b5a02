"""What a card says of a pass, in Russian or English words, whatever it is drawn on.

It knows the claims and words. It checks nothing: a card is a picture, and a till believes the code on it alone. What is
never to be carried about in the open (birth, document numbers) is in the code and not in the words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

from socpass_vc.catalogue.names import builtin, show_category
from socpass_vc.errors import CardError
from socpass_vc.format.credential.claims import Claims, Entitlement
from socpass_vc.qr import bulk
from socpass_vc.qr.sizes import Level

LANGUAGES = ("ru", "en")
_MONTHS = {
    "ru": ("января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CardEntry:
    """A category and its days.

    Attributes:
        name: of the category.
        number: as people write it, such as 02-545.
        days: until when, and from when if the pass says so.
        short_days: the same, without words where there are both.
    """

    name: str
    number: str
    days: str
    short_days: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardWords:
    """What every card says, in one language."""

    title: str
    issued_by: str
    categories: str
    last_day: str
    how: str
    identity: str
    keep: str
    see_letter: str
    continued: str
    place: str
    file_title: str


WORDS = {
    "ru": CardWords(
        title="Социальный пропуск",
        issued_by="Кем выдан",
        categories="Льготные категории",
        last_day="Последний день",
        how="Покажите этот код на кассе. Он проверяется без интернета.",
        identity="Имя сверяют с документом, удостоверяющим личность.",
        keep="Код не сгибайте, не закрывайте и не уменьшайте; белые поля вокруг него нужны.",
        see_letter="Категории указаны номерами.",
        continued="Продолжение",
        place="№",
        file_title="Социальный пропуск",
    ),
    "en": CardWords(
        title="Social pass",
        issued_by="Issued by",
        categories="Benefit categories",
        last_day="Last day",
        how="Show this code at the till. It is checked without the internet.",
        identity="The name is compared with an identity document.",
        keep="Do not fold, cover or shrink the code; the white margin around it is needed.",
        see_letter="Categories are given by number.",
        continued="Continued",
        place="No.",
        file_title="Social pass",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card ready to be drawn.

    Attributes:
        name: of the holder.
        latin_name: in Latin letters, or None.
        entries: categories, as the pass orders them.
        issuer: its name.
        place: of the pass in the status lists, such as 0/153421: what a holder tells who has lost the card.
        expiry: until when, in a sentence.
        modules: of the code.
        text: that the code says.
        language: ru or en.
    """

    name: str
    latin_name: str | None
    entries: tuple[CardEntry, ...]
    issuer: str
    place: str
    expiry: str
    modules: bulk.QrModules
    text: str
    language: str

    @property
    def words(self) -> CardWords:
        """The words of its language."""
        return WORDS[self.language]


def describe(
    claims: Claims,
    text: str,
    *,
    issuer: str,
    language: str,
    zone: tzinfo | None,
    category_name: Callable[[int], str] | None = None,
    level: Level = Level.M,
) -> Card:
    """Return the card of a pass.

    Args:
        claims: what the pass says.
        text: of its code.
        issuer: its name, in that language.
        language: ru or en.
        zone: the issuer's, in whose days the pass counts; None is the machine's.
        category_name: what the issuer calls a category; by default the built-in names.
        level: of error correction.

    Raises:
        CardError: the pass is bound to a key, so that no till takes it without a fresh proof.
        CodeTooLarge: the text does not fit one code.
    """
    if claims.holder_key is not None:
        raise CardError("the pass is bound to its holder's key: on paper or as a picture, every till would refuse it")
    name_of = category_name or (lambda code: builtin().category(code, language))
    return Card(
        name=claims.name,
        latin_name=claims.latin_name,
        entries=tuple(_entry(entitlement, name_of, language) for entitlement in claims.entitlements),
        issuer=issuer,
        place=f"{claims.status.list_number}/{claims.status.index}",
        expiry=_expiry((claims.expires_at - timedelta(seconds=1)).astimezone(zone).date(), language),
        modules=bulk.draw(text, level=level),
        text=text,
        language=language,
    )


def _entry(entitlement: Entitlement, name_of: Callable[[int], str], language: str) -> CardEntry:
    first, last = (day and _day(day, language) for day in (entitlement.first, entitlement.last))
    since = f"{'с' if language == 'ru' else 'from'} {first}"
    until = f"{'по' if language == 'ru' else 'until'} {last}" if last else "бессрочно" if language == "ru" else "no end"
    return CardEntry(
        name=name_of(entitlement.category),
        number=show_category(entitlement.category),
        days=f"{since} {until}" if first else until,
        short_days=(f"{first}–{last}" if last else since) if first else until,
    )


def _day(day: date, language: str) -> str:
    return f"{day:%d.%m.}{day.year}" if language == "ru" else f"{day.year:04d}-{day:%m-%d}"


def _expiry(day: date, language: str) -> str:
    written = f"{day.day} {_MONTHS[language][day.month - 1]} {day.year}"
    return f"Действует по {written} г. включительно" if language == "ru" else f"Valid through {written}"
