"""The catalogue.toml that an agency begins with: the built-in names that it may use, and example measures to change.

It knows the built-in names, the examples beside them (catalogue/sample.toml), and an agency's description.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files

from socpass_vc.catalogue.names import builtin, read_category, show_category
from socpass_vc.format.trust.issuers import Issuer

_HEAD = """\
# The catalogue of {id}: what things are called, and what a category opens where.
#
# 'socpass issuer catalogue check' lists all faults, with their lines; 'socpass issuer publish' signs this file and publishes it
# with the status lists; tills fetch it with 'socpass sync'. A misspelt or unknown option is an error. All options are in
# specs/catalogue.md, section 6.
format = 1
"""
_MEASURES = """\
# What a category opens. These measures are examples: change them to yours.
#
#   id           the agency's own word for the measure; it stays when the name changes
#   names        what it is called, by language
#   categories   any of them opens it
#   places       where: museum, theatre, ... as under [[places]]
#   benefit      "free" entry, "discount" (with percent), "money" (with amount = "500 RUB"), "priority" (no queue), "service"
#   companions   how many people may come along
#   region       where it is granted: "02", or "00" for the whole country
#   note         what the cashier should know besides, by language
#   from, until  first and last day, both included
"""


def sample_catalogue(issuer: Issuer) -> str:
    """Return the text of a good catalogue.toml for *issuer*: built-in names and examples within its scope."""
    names = builtin()
    categories = {code: found for code, found in names.categories.items() if issuer.may_grant(code)}
    blocks = [
        _HEAD.format(id=issuer.id),
        "# What categories are called; those of the built-in lists that this agency may grant.",
        *(_block("categories", "code", _quoted(show_category(code)), found) for code, found in categories.items()),
        "# What kinds of document are called.",
        *(_block("document_kinds", "number", str(kind), found) for kind, found in names.document_kinds.items()),
        "# What kinds of place are called.",
        *(_block("places", "key", _quoted(key), found) for key, found in names.places.items()),
        _MEASURES,
        *_sample_measures(issuer),
    ]
    return "\n".join(blocks)


def _block(table: str, option: str, key: str, names: Mapping[str, str]) -> str:
    lines = (f"[[{table}]]", f"{option} = {key}", *(f"names.{language} = {_quoted(name)}" for language, name in names.items()))
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # JSON's escapes are those of TOML for text that is printable


def _sample_measures(issuer: Issuer) -> Iterator[str]:
    """Yield the examples whose categories all lie in the issuer's scope; else one as a comment, so that the form is seen."""
    found = False
    text = (files("socpass_vc.catalogue") / "sample.toml").read_text(encoding="utf-8")
    for block in text.split("\n\n"):
        measures = tomllib.loads(block).get("measures", [])
        categories = [read_category(written) for measure in measures for written in measure["categories"]]
        if categories and all(map(issuer.may_grant, categories)):
            found = True
            yield block.strip("\n") + "\n"
    if not found:
        example = next(block for block in text.split("\n\n") if block.startswith("[[measures]]"))
        yield "".join(f"# {line}\n" for line in example.splitlines())
