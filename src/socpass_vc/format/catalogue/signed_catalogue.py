"""An agency's catalogue, signed: its names and its measures as two pages, each read when needed (specs/catalogue.md).

It knows the token around the pages. The verifier decides, by the trust list, whether it may be believed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from socpass_vc.errors import ClaimsError, Malformed
from socpass_vc.format import cbor, cose, fields
from socpass_vc.format.catalogue.names import NamesPage, read_names
from socpass_vc.format.keys import Signer
from socpass_vc.messages import Message

if TYPE_CHECKING:
    from socpass_vc.format.catalogue.measures import Measure

TYP = "application/socpass-catalogue+cbor"
MAX_TOKEN_BYTES = 2**20
"""Largest catalogue (specs/catalogue.md, section 1); one of 91 categories and 300 measures has about 100 KiB."""
MAX_URI_CHARACTERS = 300

_SUB, _EXP, _IAT, _NAMES, _MEASURES = 2, 4, 6, -65539, -65540
_CLAIM_KEYS = frozenset({_SUB, _EXP, _IAT, _NAMES, _MEASURES})
_WHAT = Message("field.catalogue")


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The content of a catalogue.

    A till that shows a name reads one page; one that looks for measures reads the other. Decoding 300 measures at each start
    would cost more than the rest of a verdict.

    Attributes:
        uri: the issuer's status base and "catalogue"; what ``sub`` says.
        issued_at: whole second, UTC.
        expires_at: the first second from which the measures are stale.
        names_page: deterministic CBOR; :meth:`names` reads it.
        measures_page: likewise; :meth:`measures` reads it.
    """

    uri: str
    issued_at: datetime
    expires_at: datetime
    names_page: bytes
    measures_page: bytes

    def __post_init__(self) -> None:
        if not self.issued_at < self.expires_at:
            raise ClaimsError("expires_before_issue", issued_at=self.issued_at, expires_at=self.expires_at).at(_WHAT)
        if not (self.uri.isascii() and self.uri.isprintable() and 1 <= len(self.uri) <= MAX_URI_CHARACTERS):
            raise ClaimsError("uri_not_possible", longest=MAX_URI_CHARACTERS).at(_WHAT)

    @classmethod
    def of(
        cls, names: NamesPage, measures: Iterable[Measure], *, uri: str, issued_at: datetime, expires_at: datetime
    ) -> Catalogue:
        """Return the catalogue with these names and measures.

        Args:
            names: what the agency calls things.
            measures: what it grants, each with an id of its own.
            uri: the issuer's :attr:`~Issuer.catalogue_uri`.
            issued_at: whole second, UTC; a later catalogue takes the place of an earlier one.
            expires_at: the first second from which it is stale.

        Raises:
            ClaimsError: two measures have one id, there are too many, or a time or the URI is not possible.
        """
        from socpass_vc.format.catalogue.measures import encode_measures  # noqa: PLC0415 -- as in measures()

        return cls(
            uri=uri,
            issued_at=issued_at,
            expires_at=expires_at,
            names_page=names.encode(),
            measures_page=encode_measures(measures),
        )

    def names(self) -> NamesPage:
        """Return the agency's names.

        Raises:
            Malformed, Unsupported: this program cannot read the page.
        """
        return read_names(self.names_page)

    def measures(self) -> tuple[Measure, ...]:
        """Return the measures, ascending by id.

        Raises:
            Malformed, Unsupported: this program cannot read the page.
        """
        from socpass_vc.format.catalogue.measures import read_measures  # noqa: PLC0415 -- a till that shows a name has no use for them

        return read_measures(self.measures_page)


class UnverifiedCatalogue(NamedTuple):
    """A catalogue of the right shape; its signature is not checked yet."""

    signed: cose.Signed1
    content: Catalogue


def sign_catalogue(content: Catalogue, signer: Signer) -> bytes:
    """Return the token of a catalogue: a COSE_Sign1 (specs/catalogue.md, section 1).

    Args:
        content: the catalogue.
        signer: a key with the use CATALOGUE in the trust list.

    Raises:
        ClaimsError: a time is not a whole second, or the token would be larger than a till reads.
    """
    try:
        payload = cbor.encode(
            {
                _SUB: content.uri,
                _EXP: fields.to_seconds(content.expires_at),
                _IAT: fields.to_seconds(content.issued_at),
                _NAMES: content.names_page,
                _MEASURES: content.measures_page,
            }
        )
    except fields.FieldError as error:
        raise error.as_kind(ClaimsError).at(_WHAT) from error
    token = cose.sign1(payload, signer, typ=TYP)
    if len(token) > MAX_TOKEN_BYTES:
        raise ClaimsError("too_many_bytes", given=len(token), longest=MAX_TOKEN_BYTES).at(_WHAT)
    return token


def read_catalogue(token: bytes) -> UnverifiedCatalogue:
    """Return the content of a catalogue, unchecked and its pages unread: steps 1 and 2 of specs/catalogue.md, section 3.

    Raises:
        Malformed: it is not one.
        Unsupported: it has a claim that this program does not know.
    """
    if len(token) > MAX_TOKEN_BYTES:
        raise Malformed("too_many_bytes", given=len(token), longest=MAX_TOKEN_BYTES).at(_WHAT)
    signed = cose.read_sign1(token, typ=TYP)
    claims = fields.read_map(cbor.decode(signed.payload), "field.catalogue")
    fields.refuse_unknown(claims, _CLAIM_KEYS, "field.catalogue")
    uri = fields.read_text(fields.required(claims, _SUB, "field.sub"), "field.sub")
    try:
        content = Catalogue(
            uri=uri,
            expires_at=fields.read_seconds(fields.required(claims, _EXP, "field.exp"), "field.exp"),
            issued_at=fields.read_seconds(fields.required(claims, _IAT, "field.iat"), "field.iat"),
            names_page=fields.read_bytes(claims.get(_NAMES), "field.names_page", 1, MAX_TOKEN_BYTES),
            measures_page=fields.read_bytes(claims.get(_MEASURES), "field.measures_page", 1, MAX_TOKEN_BYTES),
        )
    except ClaimsError as error:
        raise error.as_kind(Malformed) from error
    return UnverifiedCatalogue(signed, content)
