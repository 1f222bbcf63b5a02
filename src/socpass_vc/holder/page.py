"""A card as one HTML file that works offline: for a phone's browser, a dark screen, and paper.

It knows markup. Every text is escaped here, and names are isolated from the text direction around them. The page uses the fonts
of the reader's system, so every script is shown as well as that system can.
"""

from __future__ import annotations

from html import escape

from socpass_vc.holder.card import Card, CardEntry
from socpass_vc.holder.html_frame import code_svg, to_page

_BODY = """\
<main>
<h1>{title}</h1>
{code}
<p class="name"><bdi>{name}</bdi></p>
<p class="expiry">{expiry}</p>
<h2>{categories}</h2>
<dl>
{entries}</dl>
<p class="soft">{issued_by}: <bdi>{issuer}</bdi></p>
<p class="soft">{how} {identity}</p>
<p class="soft">{number_word} {reference}</p>
</main>
"""

# The code stays black on white, whatever the screen is set to. Colours of words reach a contrast of 7 (WCAG 2.2, 1.4.6).
_STYLE = """\
:root { --ink: #1a1a1a; --soft: #4a4a4a; --line: #c8c8c8; --ground: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #f0f3f6; --soft: #b4bcc6; --line: #4a525c; --ground: #10141a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.4 system-ui, "Segoe UI", Roboto, sans-serif; }
main { max-width: 32rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1rem; color: var(--soft); margin: 0 0 .6rem; }
h2 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
p { margin: .4rem 0; overflow-wrap: anywhere; }
svg { display: block; width: 100%; height: auto; background: #fff; forced-color-adjust: none; border-radius: .4rem; }
.name { font-size: 1.3rem; font-weight: 600; margin-top: .8rem; }
.expiry { font-weight: 600; }
.soft { color: var(--soft); font-size: .9rem; }
dl { margin: 0; }
dl div { display: flex; gap: 1rem; justify-content: space-between; border-top: 1px solid var(--line); padding: .35rem 0; }
dt { overflow-wrap: anywhere; }
dd { margin: 0; text-align: end; flex: none; max-width: 45%; }
small { color: var(--soft); white-space: nowrap; }
@media print {
  :root { --ink: #000; --soft: #333; --line: #999; --ground: #fff; }
  @page { margin: 15mm; }
  main { max-width: none; padding: 0; }
  svg { width: 75mm; }
  dl div { break-inside: avoid; }
}
"""


def to_html(card: Card) -> bytes:
    """Return the page, in UTF-8."""
    title = card.say("card.title")
    body = _BODY.format(
        title=escape(title),
        code=code_svg(card.modules, title),
        name=escape(card.name),
        expiry=escape(card.expiry),
        categories=escape(card.say("card.categories")),
        entries="".join(_entry(entry) for entry in card.entries),
        issued_by=escape(card.say("card.issued_by")),
        issuer=escape(card.issuer),
        how=escape(card.say("card.how")),
        identity=escape(card.say("card.identity")),
        number_word=escape(card.say("card.number")),
        reference=escape(card.reference),
    )
    return to_page(body, language=card.language, title=title, style=_STYLE)


def _entry(entry: CardEntry) -> str:
    number = "" if entry.name == entry.number else f" <small>{escape(entry.number)}</small>"
    return f"<div><dt><bdi>{escape(entry.name)}</bdi>{number}</dt><dd>{escape(entry.days)}</dd></div>\n"
