"""``socpass issuer catalogue``: an agency's own catalogue begun, checked and shown."""

from __future__ import annotations

from pathlib import Path

import click

from socpass_cli.app import click_classes, environment, options, output
from socpass_cli.app.language import tr
from socpass_cli.words.catalogue_faults import say_catalogue_fault
from socpass_cli.words.measures import measure_lines
from socpass_cli.words.names import name_book
from socpass_vc.errors import AgencyError, CatalogueError
from socpass_vc.files import write_file
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.catalogue.load import FILE_NAME, CatalogueDraft, read_catalogue_file
from socpass_vc.issuer.catalogue.template import sample_catalogue

MAX_SHOWN_FAULTS = 1_000
"""Faults of a file that are written out; of more, only how many there are."""


@click.group(
    "catalogue",
    cls=click_classes.Group,
    help_texts=(
        "The agency's own catalogue: names, and the measures that categories open (catalogue.toml).",
        "Собственный справочник ведомства: названия и меры поддержки по категориям (catalogue.toml).",
    ),
)
@options.lang_option
def catalogue() -> None:
    """Hold the commands."""


def _agency(folder: Path | None) -> Agency:
    return Agency.open(folder or environment.user_folder("agency"))


@catalogue.command(
    "init",
    help_texts=(
        "Write catalogue.toml to begin with: the built-in names, and example measures, with comments.",
        "Записать начальный catalogue.toml: встроенные названия и примеры мер поддержки с пояснениями.",
    ),
)
@options.agency_option
@options.lang_option
def init(*, agency_folder: Path | None) -> None:
    """Write the sample; a file that is there stays."""
    agency = _agency(agency_folder)
    path = agency.folder / FILE_NAME
    if environment.is_there(path, error=AgencyError):
        raise AgencyError(
            tr(
                f"{path}: there is a catalogue already; it stays as it is",
                f"{path}: справочник уже есть, он не изменён",
            )
        )
    write_file(path, sample_catalogue(agency.issuer).encode(), error=AgencyError)
    output.say(
        tr(
            f"{path}: change it to what your agency grants, then run 'socpass issuer catalogue check'.",
            f"{path}: укажите в нём меры вашего ведомства и выполните «socpass issuer catalogue check».",
        )
    )


@catalogue.command(
    "check",
    help_texts=(
        "Check catalogue.toml, and say all that is wrong with it, each with its line.",
        "Проверить catalogue.toml и назвать все ошибки с номерами строк.",
    ),
)
@options.agency_option
@options.lang_option
def check(*, agency_folder: Path | None) -> None:
    """Read the file; exit 1 if something is wrong."""
    path, draft = _read(_agency(agency_folder))
    names = draft.names
    output.say(
        tr(
            f"{path}: good. Categories: {len(names.categories)}, kinds of document: {len(names.document_kinds)}, "
            f"kinds of place: {len(names.places)}, measures: {len(draft.measures)}.",
            f"{path}: ошибок нет. Категорий: {len(names.categories)}, видов документов: {len(names.document_kinds)}, "
            f"видов мест: {len(names.places)}, мер поддержки: {len(draft.measures)}.",
        )
    )


@catalogue.command(
    "show",
    help_texts=(
        "Show what catalogue.toml grants: place by place, each measure and the categories that open it.",
        "Показать по catalogue.toml, что и где предоставляется: каждую меру и категории, которые дают на неё право.",
    ),
)
@options.agency_option
@options.lang_option
def show(*, agency_folder: Path | None) -> None:
    """Read the file and list it."""
    _, draft = _read(_agency(agency_folder))
    book = name_book(draft.names)
    for place in sorted({place for measure in draft.measures for place in measure.places}, key=book.place):
        output.say(f"{click.style(book.place(place), bold=True)} [{place}]")
        for measure in draft.measures:
            if place in measure.places:
                for line in measure_lines(measure, book):
                    output.say(line)
                output.say(f"    {', '.join(book.category(category) for category in measure.categories)} [{measure.id}]")
    output.say(tr(f"Measures: {len(draft.measures)}.", f"Мер поддержки: {len(draft.measures)}."))


def _read(agency: Agency) -> tuple[Path, CatalogueDraft]:
    path = agency.folder / FILE_NAME
    if not environment.is_there(path, error=CatalogueError):
        raise CatalogueError(
            tr(
                f"{path}: there is no catalogue; begin one with 'socpass issuer catalogue init'",
                f"{path}: справочника нет; начните с «socpass issuer catalogue init»",
            )
        )
    try:
        return path, read_catalogue_file(path, agency.issuer)
    except CatalogueError as error:
        faults = error.facts.get("faults")
        if not isinstance(faults, tuple) or not faults:
            raise
        for fault in faults[:MAX_SHOWN_FAULTS]:
            output.complain(output.printable(f"{path.name}: {say_catalogue_fault(fault)}"))
        raise CatalogueError(
            tr(
                f"{path}: {len(faults)} fault(s); until they are corrected, tills keep the catalogue that they have",
                f"{path}: ошибок {len(faults)}; пока они не исправлены, у касс остаётся прежний справочник",
            )
        ) from error
