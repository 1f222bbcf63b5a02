"""Roots, trust lists and signing requests in words: what a person reads before a key signs.

It knows how things are shown. What is wrong with them is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

import click

from socpass_cli.app import output
from socpass_cli.app.language import show_day, speaker, tr
from socpass_cli.words.fingerprint import fingerprint_lines
from socpass_cli.words.key_states import say_key_id, say_state, say_uses
from socpass_vc.errors import UnsoundList
from socpass_vc.format.keys import AnyPublicKey, PublicKey
from socpass_vc.format.trust.bundle import UnverifiedBundle
from socpass_vc.format.trust.issuers import Issuer, IssuerKey, Root, TrustList
from socpass_vc.format.trust.signing_request import SignatureTally, SigningRequest

NO_NAMES: Mapping[PublicKey, str] = {}


def show_root(root: Root, fingerprint: str, *, aloud: bool = True, names: Mapping[PublicKey, str] = NO_NAMES) -> None:
    """Show a root, its fingerprint and its keys.

    Args:
        root: what it says.
        fingerprint: in hexadecimal.
        aloud: show how the fingerprint is read aloud, too.
        names: of the keys' custodians, where they are known.
    """
    facts = {"version": root.version, "threshold": root.threshold, "keys": len(root.keys)}
    output.say(tr("cli.root.root", **facts, expires_at=_moment(root.expires_at)))
    output.say(tr("cli.root.fingerprint"))
    for line in fingerprint_lines(fingerprint) if aloud else [f"    {fingerprint}"]:
        output.say(line)
    for key in root.keys:
        output.say(f"  {_root_key(key, names)}")


def show_bundle(bundle: UnverifiedBundle) -> None:
    """Show every root and the list; the newest root is the one whose fingerprint is compared."""
    for signed in bundle.roots:
        show_root(signed.root, signed.fingerprint, aloud=signed is bundle.roots[-1])
    show_list(bundle.list)


def show_list(found: TrustList) -> None:
    """Show a trust list in full."""
    times = {"issued_at": found.issued_at, "next_update_at": found.next_update_at, "expires_at": found.expires_at}
    output.say(tr("cli.root.list", version=found.version, **{name: _moment(moment) for name, moment in times.items()}))
    for issuer in found.issuers:
        show_issuer(issuer)


def show_issuer(issuer: Issuer) -> None:
    """Show all that a list says of an issuer."""
    output.say(f"  {issuer.id}")
    for language, name in sorted(issuer.names.items()):
        output.say(f"    {language}: {_say_name(name)}")
    output.say(f"    {issuer.time_zone}; {_say_scopes(issuer)}")
    output.say(f"    {_say_addresses(issuer)}")
    for key in issuer.keys:
        output.say(f"    {say_key(key)}")


def say_key(key: IssuerKey) -> str:
    """Return all that a list says of a key, on one line."""
    return tr(
        "cli.root.issuer_key",
        key_id=say_key_id(key.public_key),
        uses=say_uses(key.uses),
        state=say_state(key.state),
        sign_from=_moment(key.sign_from),
        sign_until=_moment(key.sign_until),
    )


def show_request(
    request: SigningRequest,
    faults: Iterable[UnsoundList],
    questions: Iterable[UnsoundList],
    *,
    names: Mapping[PublicKey, str] = NO_NAMES,
) -> None:
    """Show what is to be signed: the differences, the whole, what speaks against it, and who has signed.

    Args:
        request: read, with the signatures so far checked.
        faults: what speaks against signing it.
        questions: what is usually a mistake, and was allowed by whoever drafted the request.
        names: of the keys' custodians, where they are known.
    """
    before = None if request.in_force is None else request.in_force.list
    if request.root is not None:
        _heading(tr("cli.root.request.root"))
        for line in _root_differences(request.ruling, request.root.root, names):
            output.say(f"  {line}")
        show_root(request.root.root, request.root.fingerprint, names=names)
        for line in _risks(request.root.root):
            output.say(f"  ! {line}")
    if request.list is not None:
        _heading(tr("cli.root.request.list"))
        if before is None:
            output.say(f"  {tr('cli.root.request.all_new')}")
        else:
            output.say(f"  {tr('cli.root.request.differences', version=before.version)}")
            for line in list_differences(before.issuers, request.list.list.issuers):
                output.say(f"    {line}")
            for line in _times_differences(before, request.list.list):
                output.say(f"    {line}")
        show_list(request.list.list)
    if request.roots:
        _heading(tr("cli.root.request.root_in_force"))
        show_root(request.roots[-1].root, request.roots[-1].fingerprint, names=names)
    show_doubts(faults, questions)
    show_tallies(request, names=names)


def show_doubts(faults: Iterable[UnsoundList], questions: Iterable[UnsoundList]) -> None:
    """Show what speaks against signing, and what to ask about first."""
    for fault in faults:
        label = click.style(tr("cli.root.request.do_not_sign"), fg="red", bold=True)
        output.say(f"{label} [{fault.code}]: {output.printable(fault.said_by(speaker()))}")
    for question in questions:
        label = click.style(tr("cli.root.request.usually_a_mistake"), bold=True)
        output.say(f"{label} [{question.code}]: {output.printable(question.said_by(speaker()))}")


def show_tallies(request: SigningRequest, *, names: Mapping[PublicKey, str] = NO_NAMES) -> None:
    """Show who has signed which part, and how many signatures it still needs."""
    _heading(tr("cli.root.request.signed_so_far"))
    for tally in request.tallies():
        output.say(f"  {_part(tally)}: {_progress(tally)}")
        for key in tally.keys:
            mark = "+" if key in tally.signed_by else "-"
            output.say(f"    {mark} {_root_key(key, names)}")


def list_differences(before: Iterable[Issuer], after: Iterable[Issuer]) -> Iterator[str]:
    """Yield the differences between the issuers of two lists, one line each; and how many are unchanged."""
    old, new = ({issuer.id: issuer for issuer in issuers} for issuers in (before, after))
    same = 0
    for issuer_id in sorted(old.keys() | new.keys()):
        if issuer_id not in new:
            yield f"- {tr('cli.root.diff.issuer_gone', issuer_id=issuer_id)}"
        elif issuer_id not in old:
            yield f"+ {tr('cli.root.diff.issuer_new', issuer_id=issuer_id)}"
        elif old[issuer_id] == new[issuer_id]:
            same += 1
        else:
            yield f"~ {issuer_id}:"
            for line in issuer_differences(old[issuer_id], new[issuer_id]):
                yield f"    {line}"
    yield f"= {tr('cli.root.diff.issuers_unchanged', number=same)}"


def _times_differences(before: TrustList, after: TrustList) -> Iterator[str]:
    yield from _change(tr("cli.root.diff.signed"), _moment(before.issued_at), _moment(after.issued_at))
    yield from _change(tr("cli.root.diff.tills_warn"), _moment(before.next_update_at), _moment(after.next_update_at))
    yield from _change(tr("cli.root.diff.expires"), _moment(before.expires_at), _moment(after.expires_at))


def issuer_differences(before: Issuer, after: Issuer) -> Iterator[str]:
    """Yield the differences between two descriptions of an issuer, one line each; its keys one by one."""
    for language in sorted(before.names.keys() | after.names.keys()):
        was, is_ = before.names.get(language), after.names.get(language)
        if was != is_:  # compared as they are: two names may look alike, and a name may be the dash
            yield f"~ {language}: {_say_name(was)} -> {_say_name(is_)}"
    yield from _change(tr("cli.root.diff.time_zone"), before.time_zone, after.time_zone)
    yield from _change(tr("cli.root.diff.scope"), _say_scopes(before), _say_scopes(after))
    yield from _change(tr("cli.root.diff.addresses"), _say_addresses(before), _say_addresses(after))
    old, new = ({key.public_key: key for key in issuer.keys} for issuer in (before, after))
    for public in sorted(old.keys() | new.keys(), key=lambda key: key.encoded):
        if public not in new:
            yield f"- {say_key(old[public])}"
        elif public not in old:
            yield f"+ {say_key(new[public])}"
        else:
            yield from _change(f"{_key_id(public)}", *_key_change(old[public], new[public]))


def _say_name(name: str | None) -> str:
    return "—" if name is None else output.printable(name)


def _key_change(before: IssuerKey, after: IssuerKey) -> tuple[str, str]:
    """Return the differences between two entries of one key, before and after: state, uses, window."""
    parts = (
        (say_state(before.state), say_state(after.state)),
        (say_uses(before.uses), say_uses(after.uses)),
        (_moment(before.sign_from), _moment(after.sign_from)),
        (_moment(before.sign_until), _moment(after.sign_until)),
    )
    differing = [pair for pair in parts if pair[0] != pair[1]]
    return ", ".join(old for old, _ in differing), ", ".join(new for _, new in differing)


def _root_differences(before: Root | None, after: Root, names: Mapping[PublicKey, str]) -> Iterator[str]:
    if before is None:
        yield tr("cli.root.diff.first_root")
        return
    yield tr("cli.root.diff.follows_root", version=before.version)
    for key in sorted({*before.keys, *after.keys}, key=lambda key: key.encoded):
        if key not in after.keys:
            yield f"  - {_root_key(key, names)}"
        elif key not in before.keys:
            yield f"  + {_root_key(key, names)}"
    yield from (f"  {line}" for line in _change(tr("cli.root.diff.threshold"), str(before.threshold), str(after.threshold)))
    expiry = (_moment(before.expires_at), _moment(after.expires_at))
    yield from (f"  {line}" for line in _change(tr("cli.root.diff.expires"), *expiry))


def _risks(root: Root) -> Iterator[str]:
    """Yield what one accident would do to a root of several keys."""
    if len(root.keys) > 1 and root.threshold == len(root.keys):
        yield tr("cli.root.risk.one_lost_key")
    if len(root.keys) > 1 and root.threshold == 1:
        yield tr("cli.root.risk.one_stolen_key")


def _change(what: str, before: str, after: str) -> Iterator[str]:
    if before != after:
        yield f"~ {what}: {before} -> {after}"


def _part(tally: SignatureTally) -> str:
    return tr("cli.root.tally.of_root" if tally.of_root else "cli.root.tally.of_list", root=tally.under.version)


def _progress(tally: SignatureTally) -> str:
    have, needed = len(tally.signed_by), tally.under.threshold
    return tr("cli.root.tally.missing" if tally.missing else "cli.root.tally.enough", have=have, needed=needed)


def _say_scopes(issuer: Issuer) -> str:
    return tr("cli.root.scopes", scopes=[f"{first}-{last}" for first, last in issuer.scopes])


def _say_addresses(issuer: Issuer) -> str:
    if issuer.documents_url is None:
        return tr("cli.root.status_base", status_base=issuer.status_base)
    return tr("cli.root.addresses", status_base=issuer.status_base, documents_url=issuer.documents_url)


def _root_key(key: AnyPublicKey, names: Mapping[PublicKey, str]) -> str:
    name = f" — {output.printable(names[key])}" if isinstance(key, PublicKey) and key in names else ""
    return f"{_key_id(key)}{name}"


def _key_id(key: AnyPublicKey) -> str:
    return tr("cli.root.key", key_id=say_key_id(key))


def _moment(moment: datetime) -> str:
    """Return a time in UTC, to the second: custodians in different time zones read the same."""
    utc = moment.astimezone(UTC)
    return f"{show_day(utc)} {utc:%H:%M:%S} UTC"


def _heading(text: str) -> None:
    output.say(click.style(text, bold=True))
