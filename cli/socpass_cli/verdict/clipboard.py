"""The picture that somebody has copied, on systems that keep one for other programs to take."""

from __future__ import annotations

import io
from pathlib import Path

from socpass_vc.errors import SourceError


def paste() -> bytes | list[Path]:
    """Return the picture on the clipboard as a file's content, or the files that were copied.

    Raises:
        SourceError: there is no clipboard, or no picture on it.
    """
    from PIL import Image, ImageGrab  # noqa: PLC0415 -- for this one option

    try:
        found = ImageGrab.grabclipboard()
        if isinstance(found, Image.Image):
            file = io.BytesIO()
            found.convert("RGBA").save(file, "PNG", compress_level=1)
            return file.getvalue()
    except NotImplementedError as error:
        raise SourceError("cli.clipboard.none", said=str(error)) from error
    except Exception as error:  # a picture of another program, in that program's words: any there is
        raise SourceError("cli.clipboard.cannot_be_read", said=str(error)) from error
    if not found:
        raise SourceError("cli.clipboard.no_picture")
    return [Path(name) for name in found]
