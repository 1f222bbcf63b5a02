"""What a card says of a pass, in the words of one language, whatever it is drawn on.

It knows the claims, and the message catalogues have the words. It checks nothing: a card is a picture, and a till believes only
the code on it. What must not be carried in the open (birth, document numbers) is in the code and not in the words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from socpass_vc.catalogue.names import builtin, show_category
from socpass_vc.errors import CardError
from socpass_vc.format.credential.claims import Claims, Entitlement
from socpass_vc.messages import Message, Speaker
from socpass_vc.qr import bulk
from socpass_vc.qr.sizes import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class CardEntry:
    """A category and its days.

    Attributes:
        name: of the category.
        number: as people write it, such as 02-545.
        days: until when, and from when if the pass says so.
        short_days: the same, without words if there are both.
    """

    name: str
    number: str
    days: str
    short_days: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card ready to be drawn.

    Attributes:
        name: of the holder.
        latin_name: in Latin letters, or None.
        entries: categories, as the pass orders them.
        issuer: its name.
        reference: the pass's status list and index, such as 0/153421: what a holder who has lost the card quotes.
        expiry: until when, in a sentence.
        modules: of the code.
        text: of the code.
        language: of the words, one that has a message catalogue.
    """

    name: str
    latin_name: str | None
    entries: tuple[CardEntry, ...]
    issuer: str
    reference: str
    expiry: str
    modules: bulk.QrModules
    text: str
    language: str

    def say(self, key: str, /) -> str:
        """Return what every card says under *key* of the message catalogues, in the card's language."""
        return Speaker(self.language).say(key)


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
        language: of the words, one that has a message catalogue.
        zone: the issuer's time zone, which counts the pass's days; None is the machine's.
        category_name: returns the issuer's name of a category; by default the built-in names.
        level: of error correction.

    Raises:
        CardError: the pass is bound to a key; no till accepts it without a fresh proof.
        CodeTooLarge: the text does not fit one code.
    """
    if claims.holder_key is not None:
        raise CardError("card_of_a_bound_pass")
    speaker = Speaker(language)
    name_of = category_name or (lambda code: builtin().category(code, language))
    return Card(
        name=claims.name,
        latin_name=claims.latin_name,
        entries=tuple(_entry(entitlement, name_of, speaker) for entitlement in claims.entitlements),
        issuer=issuer,
        reference=f"{claims.status.list_number}/{claims.status.index}",
        expiry=_expiry(_last_day(claims.expires_at, zone), speaker),
        modules=bulk.draw(text, level=level),
        text=text,
        language=language,
    )


def _entry(entitlement: Entitlement, name_of: Callable[[int], str], speaker: Speaker) -> CardEntry:
    first, last = (day and speaker.show(day) for day in (entitlement.first, entitlement.last))
    since = speaker.say("from_day", day=first)
    until = speaker.say("until_day", day=last) if last else speaker.say("no_end")
    return CardEntry(
        name=name_of(entitlement.category),
        number=show_category(entitlement.category),
        days=f"{since} {until}" if first else until,
        short_days=(f"{first}–{last}" if last else since) if first else until,
    )


def _last_day(expires_at: datetime, zone: tzinfo | None) -> date:
    try:
        return (expires_at - timedelta(seconds=1)).astimezone(zone).date()
    except OverflowError:  # an unchecked pass until the last second of the year 9999, which is over in the east
        return date.max


def _expiry(day: date, speaker: Speaker) -> str:
    return speaker.say("card.expiry", day=day.day, month=Message(f"card.month.{day.month}"), year=day.year)
