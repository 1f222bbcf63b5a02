"""Which extra of this package brings a library that is not installed, so that a command that needs it can name it."""

from __future__ import annotations

from socpass_vc.errors import SocpassError

EXTRA_OF = {
    "alembic": "agency",
    "cbor2": "agency",
    "reportlab": "agency",
    "sqlalchemy": "agency",
    "psycopg": "postgresql",
    "pkcs11": "hsm",
    "pillow_heif": "heic",
    "pypdfium2": "pdf",
    "serial": "serial",
    "cv2": "camera",
}
"""Top-level module to extra (pyproject.toml)."""


class ExtraMissing(SocpassError):
    """A command needs libraries that an extra of this package brings, and they are not installed."""

    code = "extra_missing"


def missing_extra(error: ModuleNotFoundError) -> ExtraMissing | None:
    """Return what to say where *error* is about a library of an extra; None where it is a fault of this program."""
    extra = EXTRA_OF.get((error.name or "").partition(".")[0])
    return None if extra is None else ExtraMissing("cli.error.extra_missing", extra=extra)
