"""Roots, trust lists and signing requests in words: what a person reads before a key signs.

It knows how things are shown. What is wrong with them is said elsewhere, and shown here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

import click

from socpass_cli.app import output
from socpass_cli.app.language import show_day, tr
from socpass_cli.words.fingerprint import fingerprint_lines
from socpass_cli.words.key_states import say_state, say_uses
from socpass_vc.errors import UnsoundList
from socpass_vc.format.keys import PublicKey
from socpass_vc.format.trust.bundle import UnverifiedBundle
from socpass_vc.format.trust.issuers import Issuer, IssuerKey, Root, TrustList
from socpass_vc.format.trust.signing_request import SignatureTally, SigningRequest

NO_NAMES: Mapping[PublicKey, str] = {}


def show_root(root: Root, fingerprint: str, *, aloud: bool = True, names: Mapping[PublicKey, str] = NO_NAMES) -> None:
    """Show a root, its fingerprint and its keys.

    Args:
        root: what it says.
        fingerprint: in hexadecimal.
        aloud: say how the fingerprint is read, too.
        names: of the keys' custodians, where they are known.
    """
    needed = tr(
        f"{root.threshold} of {len(root.keys)} keys must sign", f"подписывают {root.threshold} из {len(root.keys)} ключей"
    )
    output.say(f"{tr('Root', 'Корень')} {root.version}: {needed}; {tr('expires', 'истекает')} {_moment(root.expires_at)}")
    output.say(f"{tr('Fingerprint', 'Отпечаток')}:")
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
    output.say(f"{tr('Trust list', 'Список доверия')} {found.version}: {_times(found)}")
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
    """Return all that a list says of a key, in a line."""
    times = tr(
        f"signs from {_moment(key.sign_from)} until {_moment(key.sign_until)}",
        f"подписывает с {_moment(key.sign_from)} до {_moment(key.sign_until)}",
    )
    return f"{_kid(key.public_key)} ({say_uses(key.uses)}), {say_state(key.state)}: {times}"


def show_request(
    request: SigningRequest,
    faults: Iterable[UnsoundList],
    questions: Iterable[UnsoundList],
    *,
    names: Mapping[PublicKey, str] = NO_NAMES,
) -> None:
    """Show what is to be signed: what differs, all of it, what speaks against it, and who has signed.

    Args:
        request: read, its signatures right so far.
        faults: what speaks against signing it.
        questions: what is usually a mistake, and was allowed by whoever asks.
        names: of the keys' custodians, where they are known.
    """
    before = None if request.in_force is None else request.in_force.list
    if request.root is not None:
        _heading(tr("To be signed: a root", "На подпись: корень"))
        for line in _root_differences(request.ruling, request.root.root, names):
            output.say(f"  {line}")
        show_root(request.root.root, request.root.fingerprint, names=names)
        for line in _thin_ice(request.root.root):
            output.say(f"  ! {line}")
    if request.list is not None:
        _heading(tr("To be signed: a trust list", "На подпись: список доверия"))
        if before is None:
            output.say(tr("  No list is in force yet; all of it is new.", "  Действующего списка ещё нет; всё в нём новое."))
        else:
            output.say(
                tr(f"  What differs from list {before.version}, in force:", f"  Отличия от действующего списка {before.version}:")
            )
            for line in list_differences(before.issuers, request.list.list.issuers):
                output.say(f"    {line}")
            for line in _times_differences(before, request.list.list):
                output.say(f"    {line}")
        show_list(request.list.list)
    if request.roots:
        _heading(tr("Under the root in force", "Действующий корень"))
        show_root(request.roots[-1].root, request.roots[-1].fingerprint, names=names)
    _show_doubts(faults, questions)
    show_tallies(request, names=names)


def _show_doubts(faults: Iterable[UnsoundList], questions: Iterable[UnsoundList]) -> None:
    """Show what speaks against signing, and what is to be asked first."""
    for fault in faults:
        label = click.style(tr("Do not sign", "Не подписывайте"), fg="red", bold=True)
        output.say(f"{label} [{fault.code}]: {output.printable(str(fault))}")
    for question in questions:
        said = tr("Usually a mistake; sign only if it is meant", "Обычно это ошибка; подписывайте, только если так и задумано")
        output.say(f"{click.style(said, bold=True)} [{question.code}]: {output.printable(str(question))}")


def show_tallies(request: SigningRequest, *, names: Mapping[PublicKey, str] = NO_NAMES) -> None:
    """Show who has signed which part, and how many signatures it still needs."""
    _heading(tr("Signed so far", "Подписали"))
    for tally in request.tallies():
        output.say(f"  {_part(tally)}: {_progress(tally)}")
        for key in tally.under.keys:
            mark = "+" if key in tally.signed_by else "-"
            output.say(f"    {mark} {_root_key(key, names)}")


def list_differences(before: Iterable[Issuer], after: Iterable[Issuer]) -> Iterator[str]:
    """Yield what differs between the issuers of two lists, a line each; and how many stay as they are."""
    old, new = ({issuer.id: issuer for issuer in issuers} for issuers in (before, after))
    same = 0
    for issuer_id in sorted(old.keys() | new.keys()):
        if issuer_id not in new:
            yield tr(f"- {issuer_id}: gone", f"- {issuer_id}: исключено")
        elif issuer_id not in old:
            yield tr(f"+ {issuer_id}: new", f"+ {issuer_id}: новое")
        elif old[issuer_id] == new[issuer_id]:
            same += 1
        else:
            yield f"~ {issuer_id}:"
            for line in issuer_differences(old[issuer_id], new[issuer_id]):
                yield f"    {line}"
    yield tr(f"= issuers that stay as they are: {same}", f"= ведомств без изменений: {same}")


def _times_differences(before: TrustList, after: TrustList) -> Iterator[str]:
    yield from _change(tr("signed", "подписан"), _moment(before.issued_at), _moment(after.issued_at))
    warn = tr("tills warn from", "кассы предупреждают с")
    yield from _change(warn, _moment(before.next_update_at), _moment(after.next_update_at))
    yield from _change(tr("expires", "истекает"), _moment(before.expires_at), _moment(after.expires_at))


def issuer_differences(before: Issuer, after: Issuer) -> Iterator[str]:
    """Yield what differs between two descriptions of an issuer, a line each; its keys one by one."""
    for language in sorted(before.names.keys() | after.names.keys()):
        was, is_ = before.names.get(language), after.names.get(language)
        if was != is_:  # compared as they are: two names may look alike, and a name may be the dash
            yield f"~ {language}: {_say_name(was)} -> {_say_name(is_)}"
    yield from _change(tr("time zone", "часовой пояс"), before.time_zone, after.time_zone)
    yield from _change(tr("scope", "полномочия"), _say_scopes(before), _say_scopes(after))
    yield from _change(tr("addresses", "адреса"), _say_addresses(before), _say_addresses(after))
    old, new = ({key.public_key: key for key in issuer.keys} for issuer in (before, after))
    for public in sorted(old.keys() | new.keys(), key=lambda key: key.raw):
        if public not in new:
            yield f"- {say_key(old[public])}"
        elif public not in old:
            yield f"+ {say_key(new[public])}"
        else:
            yield from _change(f"{_kid(public)}", *_key_change(old[public], new[public]))


def _say_name(name: str | None) -> str:
    return "—" if name is None else output.printable(name)


def _key_change(before: IssuerKey, after: IssuerKey) -> tuple[str, str]:
    """Return what differs between two entries of one key, before and after: state, uses, window."""
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
        yield tr("The first root: whoever hands it out vouches for it.", "Первый корень: за него ручается тот, кто его раздаёт.")
        return
    yield tr(f"It follows root {before.version}, in force:", f"Он следует за действующим корнем {before.version}:")
    for key in sorted({*before.keys, *after.keys}, key=lambda key: key.raw):
        if key not in after.keys:
            yield f"  - {_root_key(key, names)}"
        elif key not in before.keys:
            yield f"  + {_root_key(key, names)}"
    yield from (f"  {line}" for line in _change(tr("threshold", "порог"), str(before.threshold), str(after.threshold)))
    expiry = (_moment(before.expires_at), _moment(after.expires_at))
    yield from (f"  {line}" for line in _change(tr("expires", "истекает"), *expiry))


def _thin_ice(root: Root) -> Iterator[str]:
    """Yield what one accident would do to a root of several keys."""
    if len(root.keys) > 1 and root.threshold == len(root.keys):
        yield tr("One lost key, and this root signs nothing more.", "Потеря одного ключа — и корень больше ничего не подпишет.")
    if len(root.keys) > 1 and root.threshold == 1:
        yield tr("One stolen key is enough to sign.", "Для подписи достаточно одного украденного ключа.")


def _change(what: str, before: str, after: str) -> Iterator[str]:
    if before != after:
        yield f"~ {what}: {before} -> {after}"


def _part(tally: SignatureTally) -> str:
    under = tally.under.version
    if tally.of_root:
        return tr(f"the new root, by the keys of root {under}", f"новый корень, ключами корня {under}")
    return tr(f"the list, by the keys of root {under}", f"список, ключами корня {under}")


def _progress(tally: SignatureTally) -> str:
    have, needed = len(tally.signed_by), tally.under.threshold
    if not tally.missing:
        return tr(f"{have} of the {needed} needed: enough", f"подписей {have} из {needed}: достаточно")
    return tr(f"{have} of the {needed} needed", f"подписей {have} из {needed}")


def _times(found: TrustList) -> str:
    signed = f"{tr('signed', 'подписан')} {_moment(found.issued_at)}"
    warns = f"{tr('tills warn from', 'кассы предупреждают с')} {_moment(found.next_update_at)}"
    return f"{signed}; {warns}; {tr('expires', 'истекает')} {_moment(found.expires_at)}"


def _say_scopes(issuer: Issuer) -> str:
    return f"{tr('categories', 'категории')} {', '.join(f'{first}-{last}' for first, last in issuer.scopes)}"


def _say_addresses(issuer: Issuer) -> str:
    lists = f"{tr('status lists', 'списки статусов')} {issuer.status_base}"
    return lists if issuer.documents_url is None else f"{lists}; {tr('documents', 'документы')} {issuer.documents_url}"


def _root_key(key: PublicKey, names: Mapping[PublicKey, str]) -> str:
    name = f" — {output.printable(names[key])}" if key in names else ""
    return f"{_kid(key)}{name}"


def _kid(key: PublicKey) -> str:
    return f"{tr('key', 'ключ')} {key.key_id.hex()}"


def _moment(moment: datetime) -> str:
    """Return a time in UTC, to the second: custodians in different time zones read the same."""
    utc = moment.astimezone(UTC)
    return f"{show_day(utc)} {utc:%H:%M:%S} UTC"


def _heading(text: str) -> None:
    output.say(click.style(text, bold=True))
