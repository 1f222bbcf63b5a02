"""``socpass issuer report``: the register in figures."""

from __future__ import annotations

from pathlib import Path

import click

from socpass_cli.app import click_classes, clock, environment, options, output
from socpass_cli.app.language import tr
from socpass_cli.commands.issuer.reports.report_text import as_csv, in_full
from socpass_cli.commands.issuer.reports.report_text import as_json as to_json
from socpass_cli.words.agency_names import AgencyNames
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.reports.register_report import STEPS, Grouping, read_report


@click.command(
    "report",
    cls=click_classes.Command,
    help="cli.report.help",
)
@options.option(
    "--by",
    "grouping",
    type=click.Choice([grouping.value for grouping in Grouping]),
    default=Grouping.CATEGORY.value,
    show_default=True,
    help="cli.report.option_by",
)
@options.option("--csv", "csv_wanted", is_flag=True, help="cli.report.option_csv")
@options.json_option
@options.agency_option
@options.lang_option
def report(*, grouping: str, csv_wanted: bool, as_json: bool, agency_folder: Path | None) -> None:
    """Count, and show it in one form."""
    if csv_wanted and as_json:
        raise click.UsageError(tr("cli.usage.csv_or_json"))
    agency = Agency.open(agency_folder or environment.user_folder("agency"))
    names = AgencyNames(agency)
    with agency.register() as register, output.progress(STEPS, label="cli.report.counting") as bar:
        found = read_report(register, agency.settings, now=clock.now(), grouping=Grouping(grouping), looked_at=bar.update)
    if csv_wanted:
        click.echo(as_csv(found, names), nl=False)
    elif as_json:
        output.say(output.json_text(to_json(found, names), indent=2))
    else:
        for line in in_full(found, names):
            output.say(line)
