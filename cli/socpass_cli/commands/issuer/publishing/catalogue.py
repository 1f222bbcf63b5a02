"""``socpass issuer catalogue``: an agency's own catalogue begun, checked and shown."""

from __future__ import annotations

from pathlib import Path

import click

from socpass_cli.app import click_classes, environment, options, output
from socpass_cli.app.language import speaker, tr
from socpass_cli.words.measures import measure_lines
from socpass_cli.words.names import name_book
from socpass_vc.errors import AgencyError, CatalogueError
from socpass_vc.files import write_file
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.catalogue.load import FILE_NAME, CatalogueDraft, CatalogueFaulty, read_catalogue_file
from socpass_vc.issuer.catalogue.template import sample_catalogue

MAX_SHOWN_FAULTS = 1_000
"""Faults of a file that are printed; of the others only their number is."""


@click.group(
    "catalogue",
    cls=click_classes.Group,
    help="cli.catalogue.help",
)
@options.lang_option
def catalogue() -> None:
    """Hold the commands."""


def _agency(folder: Path | None) -> Agency:
    return Agency.open(folder or environment.user_folder("agency"))


@catalogue.command("init", help="cli.catalogue.init_help")
@options.agency_option
@options.lang_option
def init(*, agency_folder: Path | None) -> None:
    """Write the sample; a file that is there stays."""
    agency = _agency(agency_folder)
    path = agency.folder / FILE_NAME
    if environment.is_there(path, error=AgencyError):
        raise AgencyError("cli.catalogue.exists_already").at(path)
    write_file(path, sample_catalogue(agency.issuer).encode(), error=AgencyError)
    output.say(tr("cli.catalogue.begun", path=str(path)))


@catalogue.command("check", help="cli.catalogue.check_help")
@options.agency_option
@options.lang_option
def check(*, agency_folder: Path | None) -> None:
    """Read the file; exit 1 if something is wrong."""
    path, draft = _read(_agency(agency_folder))
    names = draft.names
    output.say(
        tr(
            "cli.catalogue.good",
            path=str(path),
            categories=len(names.categories),
            document_kinds=len(names.document_kinds),
            places=len(names.places),
            measures=len(draft.measures),
        )
    )


@catalogue.command("show", help="cli.catalogue.show_help")
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
    output.say(tr("cli.catalogue.measures", count=len(draft.measures)))


def _read(agency: Agency) -> tuple[Path, CatalogueDraft]:
    path = agency.folder / FILE_NAME
    if not environment.is_there(path, error=CatalogueError):
        raise CatalogueError("cli.catalogue.none_here").at(path)
    try:
        return path, read_catalogue_file(path, agency.issuer)
    except CatalogueFaulty as error:
        for fault in error.faults[:MAX_SHOWN_FAULTS]:
            output.complain(output.printable(f"{path.name}: {fault.said_by(speaker())}"))
        raise CatalogueError("cli.catalogue.faults", count=len(error.faults)).at(path) from error
