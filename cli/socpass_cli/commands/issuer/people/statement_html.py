"""A statement as one self-contained HTML file: for a phone, a dark screen, and paper.

It knows markup. Every text is escaped here and isolated in direction; the page runs nothing and fetches nothing.
"""

from __future__ import annotations

from html import escape

from socpass_cli.app.language import chosen
from socpass_cli.commands.issuer.people.statement_text import Sheet, SheetCell, SheetSection
from socpass_vc.holder.html_frame import to_page

_BODY = """\
<main>
<header>
<p>{issuer}</p>
<h1>{title}</h1>
<p class="name"><bdi>{name}</bdi></p>
<dl>
{facts}</dl>
</header>
{sections}<footer><p>{closing}</p></footer>
</main>
"""

# Colours of words reach a contrast of 4.5 on their ground, in the light and in the dark (WCAG 2.2, 1.4.3).
_STYLE = """\
:root { --ink: #1a1a1a; --soft: #555; --line: #c8c8c8; --ground: #fff; --good: #116329; --waiting: #7a4b00; --bad: #b00020; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ececec; --soft: #b4b4b4; --line: #555; --ground: #161616; --good: #7ee096; --waiting: #f3c26b; --bad: #ff9a9a; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.45 system-ui, "Segoe UI", Roboto, sans-serif; }
main { max-width: 48rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; line-height: 1.2; margin: .2rem 0 .6rem; }
header p { margin: 0; color: var(--soft); }
header p.name { color: var(--ink); font-size: 1.2rem; font-weight: 600; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .2rem 1rem; margin: .6rem 0 0; }
dt { color: var(--soft); }
dd { margin: 0; }
section { margin-top: 1.6rem; }
h2 { font-size: 1.1rem; margin: 0 0 .3rem; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: start; vertical-align: top; font-weight: normal; }
th, td { padding: .45rem .5rem .45rem 0; border-top: 1px solid var(--line); }
thead th { color: var(--soft); font-size: .85rem; border-top: 0; }
tr > :first-child { width: 56%; }
td { overflow-wrap: break-word; }
td:last-child, thead th:last-child { padding-right: 0; }
dd, .name, h2, tbody th { overflow-wrap: anywhere; }
small { display: block; color: var(--soft); font-size: .85rem; }
.good { color: var(--good); font-weight: 600; }
.waiting { color: var(--waiting); font-weight: 600; }
.bad { color: var(--bad); font-weight: 600; }
.past { color: var(--soft); }
footer { margin-top: 2rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .85rem; }
@media (max-width: 26rem) { body { font-size: .9375rem; } main { padding: .75rem; } table { font-size: .875rem; } }
@media print {
  :root { --ink: #000; --soft: #333; --line: #999; --ground: #fff; --good: #000; --waiting: #000; --bad: #000; }
  @page { margin: 15mm; }
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  thead { display: table-header-group; }
  tr, h2, header { break-inside: avoid; }
  h2 { break-after: avoid; }
}
"""


def to_html(sheet: Sheet) -> bytes:
    """Return the page, in UTF-8."""
    body = _BODY.format(
        title=escape(sheet.title),
        issuer=escape(sheet.issuer),
        name=escape(sheet.name),
        facts="".join(f"<dt>{escape(label)}</dt><dd><bdi>{escape(text)}</bdi></dd>\n" for label, text in sheet.facts),
        sections="".join(_section(number, section) for number, section in enumerate(sheet.sections, 1)),
        closing=escape(sheet.closing),
    )
    return to_page(body, language=chosen(), title=sheet.title, style=_STYLE)


def _section(number: int, section: SheetSection) -> str:
    heading = f'<section aria-labelledby="h{number}">\n<h2 id="h{number}">{escape(section.heading)}</h2>\n'
    if not section.rows:
        return f"{heading}<p>{escape(section.none)}</p>\n</section>\n"
    columns = "".join(f'<th scope="col">{escape(column)}</th>' for column in section.columns)
    rows = "".join(_row(row) for row in section.rows)
    return (
        f'{heading}<table aria-labelledby="h{number}">\n'
        f"<thead><tr>{columns}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</section>\n"
    )


def _row(row: tuple[SheetCell, ...]) -> str:
    first, *others = row
    return f'<tr><th scope="row">{_content(first)}</th>{"".join(f"<td>{_content(cell)}</td>" for cell in others)}</tr>\n'


def _content(cell: SheetCell) -> str:
    text = f"<bdi>{escape(cell.text)}</bdi>"
    if cell.tone is not None:
        text = f'<span class="{cell.tone}">{text}</span>'
    return f"{text}<small><bdi>{escape(cell.note)}</bdi></small>" if cell.note else text
