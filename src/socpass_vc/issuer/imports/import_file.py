"""Importing a file of residents, entitlements or applications: read, checked, compared and merged in one transaction.

The whole file is taken, or nothing of it. It knows the order of the steps; each step is a module beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from socpass_vc.format.trust.issuers import Issuer
from socpass_vc.issuer.imports.application_decisions import record_acts, refuse_undoing, wait_for_turn
from socpass_vc.issuer.imports.columns import RowKind, kind_of
from socpass_vc.issuer.imports.import_summary import ImportCounts
from socpass_vc.issuer.imports.merge import Merge
from socpass_vc.issuer.imports.progress import ImportProgress
from socpass_vc.issuer.imports.readers import open_records
from socpass_vc.issuer.imports.row_errors import BadRows, RowErrors
from socpass_vc.issuer.imports.row_validation import RowReader
from socpass_vc.issuer.imports.staging import Staging
from socpass_vc.issuer.imports.text_file import survey
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.register.event_log import Event, append


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did, or would do.

    Attributes:
        kind: what the rows were.
        rows: how many good ones there were.
        faults: what was wrong with the others, which were skipped.
        taken: what became of the good ones.
    """

    kind: RowKind
    rows: int
    faults: RowErrors
    taken: ImportCounts


def import_file(  # noqa: PLR0913 -- each is one thing that an operator decides, or that the agency's folder says
    register: Register,
    path: Path,
    issuer: Issuer,
    *,
    now: datetime,
    actor: str,
    skip_bad: bool = False,
    dry_run: bool = False,
    watch: ImportProgress | None = None,
    measures: Callable[[], Collection[str] | None] = lambda: None,
) -> Imported:
    """Bring a file into the register, all of it or nothing.

    Args:
        register: open.
        path: CSV (UTF-8 with or without byte order mark, or cp1251; separated by ``;``, ``,`` or tab) or JSON Lines.
        issuer: whose categories are allowed.
        now: the time, aware.
        actor: who imports.
        skip_bad: take the good rows although others are bad.
        dry_run: find out what would change, and write nothing.
        watch: receives the progress.
        measures: returns those that may be applied for, None for any; called only for a file of applications.

    Raises:
        ImportRefused: the file as a whole cannot be read.
        BadRows: some rows are wrong; all is as it was.
        RegisterError: the database refused, or the disk is full; all is as it was.
    """
    watch = watch or ImportProgress()
    file = survey(path)
    records = open_records(file)
    kind = kind_of(records)
    known = measures() if kind is RowKind.APPLICATIONS else None
    rows = RowReader(records, kind, issuer, today=now.astimezone(ZoneInfo(issuer.time_zone)).date(), measures=known)
    faults = RowErrors()
    with register.transaction() as connection:
        wait_for_turn(connection)
        watch.begin("read", file.line_count)
        staging = Staging(connection, kind)
        staging.load(rows, faults, watch.advance)
        staging.settle(faults)
        merge = Merge(connection, kind, rows.given, now=now, show=dry_run)
        if kind is RowKind.APPLICATIONS and "status" in rows.given:
            refuse_undoing(staging, faults)
        good = staging.rows
        if faults and not skip_bad:
            raise BadRows(str(path), faults, good)
        watch.begin("merge", good)
        taken = merge.run(staging.people, watch.advance)
        if dry_run:
            connection.rollback()
        else:
            facts: dict[str, object] = {
                "source": path.name.encode("utf-8", "replace").decode(),
                "rows": good,
                "changes": taken.changed,
            }
            record_acts(connection, merge, now=now, actor=actor)
            append(connection, [Event("import", facts=facts)] if taken.changed else [], at=now, actor=actor)
            merge.clear()
            staging.clear()
    return Imported(kind=kind, rows=good, faults=faults, taken=taken)
