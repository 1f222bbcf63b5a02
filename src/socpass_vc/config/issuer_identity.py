"""Who an issuer is, as options of a TOML file: its names, its time zone and its scopes.

It knows what agency.toml and a federation's description of an issuer have in common.
"""

from __future__ import annotations

from zoneinfo import available_timezones

from socpass_vc.config.strict_table import Table, shown
from socpass_vc.format.trust.issuers import is_zone_name

USES = {"pass": 1, "status": 2, "voucher": 3, "catalogue": 4, "programmes": 5, "checkpoints": 6}
"""Names of key uses (specs/trust.md, section 1)."""


def read_names(top: Table) -> dict[str, str]:
    """Return the table ``names``: language to name."""
    names = top.take("names", dict)
    if not names or not all(isinstance(name, str) for name in names.values()):
        raise top.error("toml.names_missing", "names")
    return dict(names)


def read_time_zone(top: Table) -> str:
    """Return the option ``time_zone``, which must be one that is known here."""
    name = top.take("time_zone", str)
    if name not in available_timezones() or not is_zone_name(name):
        raise top.error("toml.time_zone_unknown", "time_zone", found=shown(name))
    return name


def read_scopes(top: Table) -> tuple[tuple[int, int], ...]:
    """Return the option ``scopes``: first and last category, pair by pair."""
    scopes = top.take("scopes", list)
    for scope in scopes:
        match scope:
            case [int(), int()] if not any(isinstance(bound, bool) for bound in scope):
                continue
            case _:
                raise top.error("toml.scope_not_a_pair", "scopes", found=shown(scope))
    return tuple((first, last) for first, last in scopes)
