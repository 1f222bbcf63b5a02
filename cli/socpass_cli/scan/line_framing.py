"""From the bytes of a scanner to texts, one per scan, whatever it sends; knows neither their source nor their meaning."""

from __future__ import annotations

import re

MAX_SCAN_BYTES = 16_384
"""Longest scan kept, more than the 12,000 characters that a pass may have (specs/credential.md, section 5)."""

_ENDS = re.compile(rb"[\r\n\t\x03\x04]+")  # what scanners are set to send after a code; ETX and EOT on serial lines


class LineFraming:
    """Cuts what comes into scans, within a bound."""

    def __init__(self) -> None:
        self._pending = b""
        self._is_cut = False  # what is pending goes on a scan that was too long and is said already

    def feed(self, received: bytes) -> list[str]:
        """Return the scans that *received* ends; of one that grows beyond the bound the beginning, once."""
        *ended, pending = _ENDS.split(self._pending + received)
        if ended and self._is_cut:
            del ended[0]
            self._is_cut = False
        if len(pending) > MAX_SCAN_BYTES:
            if not self._is_cut:
                ended.append(pending)
            self._is_cut = True
            pending = b""
        self._pending = pending
        return [_decode(scan[:MAX_SCAN_BYTES]) for scan in ended if scan.strip()]

    def end(self) -> list[str]:
        """Return what is waiting for an end that does not come."""
        return self.feed(b"\n")


def _decode(scan: bytes) -> str:
    try:
        return scan.decode()
    except UnicodeDecodeError:
        return scan.decode("cp1251", "replace")
