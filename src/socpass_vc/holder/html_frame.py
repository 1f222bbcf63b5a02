"""The frame of every HTML page that is handed out, and a QR code in it.

It knows markup and not what a page says. A page is one file that works offline: it runs nothing, fetches nothing and tells nobody
where it was opened.
"""

from __future__ import annotations

from html import escape

from socpass_vc.qr.bulk import QrModules

_FRAME = """\
<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
{body}</body>
</html>
"""


def to_page(body: str, *, language: str, title: str, style: str) -> bytes:
    """Return an HTML file in UTF-8.

    Args:
        body: markup, ending with a line break; its texts are escaped already.
        language: of the texts, such as "ru".
        title: as text.
        style: CSS, ending with a line break.
    """
    return _FRAME.format(language=escape(language), title=escape(title), style=style, body=body).encode()


def code_svg(modules: QrModules, label: str) -> str:
    """Return a QR code as an SVG element without a size of its own.

    It stays black on white, whatever the page's colours.

    Args:
        modules: of the code.
        label: as text, for whoever does not see it.
    """
    runs = "".join(f"M{left} {top}h{length}v1h-{length}z" for left, top, length in modules.dark_runs())
    side = modules.side
    return (
        f'<svg viewBox="0 0 {side} {side}" shape-rendering="crispEdges" role="img" aria-label="{escape(label)}">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{runs}"/></svg>'
    )
