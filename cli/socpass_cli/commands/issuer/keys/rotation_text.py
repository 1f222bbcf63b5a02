"""What to publish when, after a key was added, retired or given up: sentences for an operator."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from socpass_cli.app import output
from socpass_cli.app.language import tr
from socpass_cli.words.key_states import say_uses
from socpass_vc.format.trust.issuers import IssuerKey, Use
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.config.key_entries import KeySettings
from socpass_vc.issuer.rotation.rotate_key import AgencyKey, Rotation


def say_rotation(agency: Agency, done: Rotation) -> None:
    """Print which key comes, which goes, and what the operator does when."""
    new = done.new.settings
    output.say(tr("cli.rotation.new_key", **_facts(done.new), location=new.location))
    output.say(f"  {tr('cli.rotation.new_window', begins_at=new.sign_from, ends_at=new.sign_until)}")
    for key in done.old:
        output.say(tr("cli.rotation.old_key", **_facts(key), location=key.settings.location))
        output.say(f"  {tr('cli.rotation.old_window', ends_at=key.settings.sign_until)}")
    say_retired(agency, done.retired)
    if done.gap_from is not None:
        output.complain(tr("cli.rotation.gap", gap_from=done.gap_from, begins_at=new.sign_from))
    if agency.settings.trust.bundle is None:
        steps = [tr("cli.rotation.publish_own", begins_at=new.sign_from)]
    else:
        steps = [tr("cli.rotation.describe"), tr("cli.rotation.publish_federated", begins_at=new.sign_from)]
    _say_steps([*steps, _new_signs(new), *_old_ends(agency, done)])


def say_retired(agency: Agency, retired: Iterable[AgencyKey]) -> None:
    """Print of each key that it is retired, what that means, and how tills learn of it."""
    federated = agency.settings.trust.bundle is not None  # whose list must say the same before anything can be published
    told = tr("cli.rotation.retired_told_federated" if federated else "cli.rotation.retired_told_own")
    for key in retired:
        output.say(f"{tr('cli.rotation.retired', **_facts(key))} {told}")


def say_compromised(agency: Agency, key: AgencyKey) -> None:
    """Print what a compromised key means, and what the operator does at once."""
    output.say(tr("cli.rotation.compromised", **_facts(key)))
    steps = [
        tr("cli.rotation.compromised_new_key"),
        tr("cli.rotation.at_once_own" if agency.settings.trust.bundle is None else "cli.rotation.at_once_federated"),
        tr("cli.rotation.compromised_tills"),
    ]
    if Use.PASS in key.settings.uses:
        steps.append(tr("cli.rotation.compromised_passes"))
    _say_steps(steps)


def say_lost(agency: Agency, key: IssuerKey) -> None:
    """Print what a lost key means, and what the operator does at once."""
    output.say(tr("cli.rotation.lost", key_id=key.public_key.key_id.hex(), uses=say_uses(key.uses)))
    _say_steps([tr("cli.rotation.lost_new_key"), _publish_at_once(agency)])


def say_begun(agency: Agency, keys: Iterable[AgencyKey]) -> None:
    """Print which planned keys begin now, and what the operator does at once."""
    for key in keys:
        output.say(tr("cli.rotation.begun", **_facts(key)))
    _say_steps([_publish_at_once(agency)])


def _facts(key: AgencyKey) -> dict[str, str]:
    return {"key_id": key.public_key.key_id.hex(), "uses": say_uses(key.settings.uses)}


def _publish_at_once(agency: Agency) -> str:
    return tr("cli.rotation.then_own" if agency.settings.trust.bundle is None else "cli.rotation.then_federated")


def _new_signs(new: KeySettings) -> str:
    text = tr("cli.rotation.new_signs", begins_at=new.sign_from)
    if Use.PASS not in new.uses:  # a till takes status lists and the trust list that vouches for them in one sync
        return text
    return f"{text} {tr('cli.rotation.new_signs_passes')}"


def _old_ends(agency: Agency, done: Rotation) -> list[str]:
    steps = []
    for key in done.old:
        ends_at = key.settings.sign_until
        if ends_at > done.new.settings.sign_from:
            steps.append(tr("cli.rotation.fall_back", ends_at=ends_at, location=key.settings.location))
        steps.append(tr("cli.rotation.old_ends", ends_at=ends_at, last_at=_last_verified(agency, key, ends_at)))
    return steps


def _last_verified(agency: Agency, key: AgencyKey, until: datetime) -> datetime:
    """Return when the last of what a key can sign ends."""
    settings = agency.settings
    return until + max(
        settings.pass_validity if Use.PASS in key.settings.uses else settings.list_validity, settings.list_validity
    )


def _say_steps(steps: Iterable[str]) -> None:
    output.say(tr("cli.rotation.what_to_do"))
    for number, step in enumerate(steps, start=1):
        output.say(f"  {number}. {step}")
