"""Tell what kind of code it is that is no pass, so that a cashier can say what was shown; shows nothing of its content."""

from __future__ import annotations

import re

# Beginnings in lower case, the special before the general. Payments: GOST R 56042, the Russian SBP, EMV, the EU's and the Swiss.
_BEGINNINGS = (
    ("payment", ("st0001", "https://qr.nspk.ru", "000201", "bcd\n", "bcd\r", "spc\n", "spc\r", "upi:", "bitcoin:", "ethereum:")),
    ("wifi", ("wifi:",)),
    ("contact", ("begin:vcard", "mecard:", "bizcard:")),
    ("event", ("begin:vevent", "begin:vcalendar")),
    ("message", ("mailto:", "matmsg:", "smtp:", "sms:", "smsto:", "mms:", "mmsto:", "tel:")),
    ("place", ("geo:",)),
    ("health_certificate", ("hc1:", "shc:/")),
    ("one_time_code", ("otpauth:",)),
    ("link", ("http:", "https:", "www.", "urlto:", "mebkm:", "market:", "intent:")),
)
KINDS = (*(kind for kind, _ in _BEGINNINGS), "receipt", "number", "text")
"""The words that :func:`kind_of` returns."""

_RECEIPT = r"t=\d{8}T\d{4,6}&s=[\d.]+&fn=\d+&"  # of a Russian cash register: time, sum, its number
_ADDRESS_IN_TEXT = r"(?mi)^\s*https?://\S"


def kind_of(text: str) -> str:
    """Return what kind of code *text* comes from: one of the words of specs/cli.md, section 4 (``found``)."""
    start = text.lstrip().lower()[:40]
    for kind, beginnings in _BEGINNINGS:
        if start.startswith(beginnings):
            return kind
    if re.match(_RECEIPT, text.strip()):
        return "receipt"
    if (start.partition("://")[0].isidentifier() and "://" in start) or re.search(_ADDRESS_IN_TEXT, text):
        return "link"
    return "number" if text.strip().isdecimal() else "text"
