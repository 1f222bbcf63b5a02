"""The trust bundle in a till's store, ``trust.spt``: checked against the anchor whenever it is read.

It knows one file. Whether another bundle may take its place is :mod:`rollback_state`' to say.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from socpass_vc.errors import SocpassError, StoreError
from socpass_vc.files import read_file, write_file
from socpass_vc.format.trust.bundle import MAX_BUNDLE_BYTES, Trust, UnverifiedBundle, read_bundle


class StoredBundle(NamedTuple):
    """A bundle that was checked.

    Attributes:
        content: the bytes of the file.
        parts: its roots and its list.
        trust: what the anchor makes of them.
    """

    content: bytes
    parts: UnverifiedBundle
    trust: Trust


class TrustFile:
    """The file; what was read of it is kept until somebody looks again.

    Args:
        path: of the file.
        anchor: the payload of the confirmed root.
    """

    def __init__(self, path: Path, anchor: bytes) -> None:
        self.path = path
        self._anchor = anchor
        self._read: StoredBundle | None = None

    def check(self, content: bytes, *, read_before: bool = False) -> StoredBundle:
        """Return the bundle that *content* holds, if the anchor stands behind it.

        Args:
            content: of a file.
            read_before: as in :func:`read_bundle`.

        Raises:
            Malformed, Unsupported, UntrustedRoot, ThresholdNotMet, Forged: it does not.
        """
        parts = read_bundle(content, read_before=read_before)
        return StoredBundle(content, parts, parts.check(self._anchor))

    def get(self) -> StoredBundle:
        """Return the bundle at hand.

        Raises:
            StoreError: there is none, or it is damaged.
        """
        if self._read is None:
            try:
                content = read_file(self.path, MAX_BUNDLE_BYTES, error=StoreError)
            except StoreError as error:
                if isinstance(error.__cause__, FileNotFoundError):  # a new till whose first sync brought none, or was stopped
                    raise StoreError("no_trust_list_here").at(self.path) from error
                raise
            self._read = self._check_at_hand(content)
        return self._read

    def look_again(self) -> StoredBundle | None:
        """Return the bundle at hand now, which another process may have changed, or None where there is none.

        Raises:
            StoreError: it is damaged.
        """
        if not self.path.exists():
            self._read = None
            return None
        content = read_file(self.path, MAX_BUNDLE_BYTES, error=StoreError)
        if self._read is None or content != self._read.content:
            self._read = self._check_at_hand(content)
        return self._read

    def write(self, bundle: StoredBundle) -> None:
        """Let *bundle* take the place of what is at hand.

        Raises:
            StoreError: it cannot be written; what is at hand stays.
        """
        write_file(self.path, bundle.content, error=StoreError)
        self._read = bundle

    def _check_at_hand(self, content: bytes) -> StoredBundle:
        try:
            return self.check(content, read_before=True)
        except SocpassError as error:
            raise StoreError("damaged_file", why=error).at(self.path) from error
