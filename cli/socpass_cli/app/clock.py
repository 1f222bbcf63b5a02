"""The time: the only place of the command that reads the clock, and how a time is written on the command line."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from socpass_cli.app.language import tr


def now() -> datetime:
    """Return the time; the only place of the command that reads the clock."""
    return datetime.now(UTC)


def parse_moment(text: str) -> datetime:
    """Return the time that a user wrote; without an offset it is the machine's."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(tr("cli.usage.not_a_time", text=text)) from error
    try:
        moment = moment.astimezone(UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise click.BadParameter(tr("cli.usage.time_out_of_range", text=text)) from error
    if moment < _EPOCH:
        raise click.BadParameter(tr("cli.usage.time_before_1970", text=text))
    return moment


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
