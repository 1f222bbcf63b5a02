"""What to publish when, after a key was added, retired or given up: sentences for an operator, in two languages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from socpass_cli.app import output
from socpass_cli.app.language import show_moment, tr
from socpass_cli.words.key_states import say_uses
from socpass_vc.format.trust.issuers import IssuerKey, Use
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.config.key_entries import KeySettings
from socpass_vc.issuer.rotation.rotate_key import AgencyKey, Rotation


def say_rotation(agency: Agency, done: Rotation) -> None:
    """Say which key comes, which goes, and what the operator does when."""
    new = done.new.settings
    begins, ends = show_moment(new.sign_from), show_moment(new.sign_until)
    kid, uses = done.new.public_key.key_id.hex(), say_uses(new.uses)
    output.say(tr(f"New key {kid} ({uses}), in {new.location}:", f"Новый ключ {kid} ({uses}), {new.location}:"))
    output.say(tr(f"  signs from {begins} until {ends}", f"  подписывает с {begins} до {ends}"))
    for key in done.old:
        kid, until = key.public_key.key_id.hex(), show_moment(key.settings.sign_until)
        output.say(tr(f"Old key {kid}, in {key.settings.location}:", f"Старый ключ {kid}, {key.settings.location}:"))
        output.say(tr(f"  signs until {until}", f"  подписывает до {until}"))
    say_retired(agency, done.retired)
    if done.gap_from is not None:
        gap = show_moment(done.gap_from)
        output.complain(
            tr(
                f"Careful: from {gap} to {begins} no key signs for this. Take sign_from of the new key in agency.toml earlier.",
                f"Внимание: с {gap} до {begins} подписывать нечем. Перенесите sign_from нового ключа в agency.toml на более "
                "ранний срок.",
            )
        )
    publication = _publish_own(begins) if agency.settings.trust.bundle is None else _publish_federated(begins)
    _say_steps([*publication, _new_signs(new), *_old_ends(agency, done)])


def say_retired(agency: Agency, retired: Iterable[AgencyKey]) -> None:
    """Say of each key that it is retired, what that means, and how tills learn of it."""
    told = tr("Tills are told with the next 'socpass issuer publish'.", "Кассы узнают об этом после «socpass issuer publish».")
    if agency.settings.trust.bundle is not None:  # whose list must say the same before anything can be published
        told = tr(
            "Send the federation's root what 'socpass issuer describe FILE' writes, and publish the trust list that comes back.",
            "Отправьте корню федерации файл от «socpass issuer describe FILE» и опубликуйте полученный список доверия.",
        )
    for key in retired:
        kid = key.public_key.key_id.hex()
        output.say(
            tr(
                f"Key {kid} is retired: it signs nothing new, and what it signed goes on verifying. {told}",
                f"Ключ {kid} выведен из работы: нового не подписывает, подписанное им действует. {told}",
            )
        )


def say_compromised(agency: Agency, key: AgencyKey) -> None:
    """Say what a compromised key means, and what the operator does at once."""
    kid, uses = key.public_key.key_id.hex(), say_uses(key.settings.uses)
    output.say(tr(f"Key {kid} ({uses}) is marked as compromised.", f"Ключ {kid} ({uses}) помечен как скомпрометированный."))
    steps = [
        tr(
            "Now: a key to go on with, unless there is one: 'socpass issuer rotate-key --use USE --from now'.",
            "Сейчас: новый ключ, если другого нет: «socpass issuer rotate-key --use USE --from now».",
        )
    ]
    if agency.settings.trust.bundle is None:
        steps.append(tr("At once: 'socpass issuer publish'.", "Сразу: «socpass issuer publish»."))
    else:
        steps.append(
            tr(
                "At once: 'socpass issuer describe FILE', send FILE to the federation's root, and publish the trust list that "
                "comes back.",
                "Сразу: «socpass issuer describe FILE», отправьте FILE корню федерации и опубликуйте полученный список доверия.",
            )
        )
    steps.append(
        tr(
            "From its next sync on, a till refuses all that the key ever signed, whatever date it bears (key_compromised).",
            "После обновления касса отвергает всё, что этот ключ когда-либо подписал, с любой датой (key_compromised).",
        )
    )
    if Use.PASS in key.settings.uses:
        steps.append(
            tr(
                "Every pass that it signed is due: 'socpass issuer issue' issues them anew with the new key, and revokes the "
                "old ones.",
                "Подписанные им пропуска нужно выпустить заново: «socpass issuer issue» сделает это новым ключом и отзовёт "
                "прежние.",
            )
        )
    _say_steps(steps)


def say_lost(agency: Agency, key: IssuerKey) -> None:
    """Say what a lost key means, and what the operator does at once."""
    kid, uses = key.public_key.key_id.hex(), say_uses(key.uses)
    output.say(
        tr(
            f"Key {kid} ({uses}) is lost and retired: what it signed goes on verifying.",
            f"Ключ {kid} ({uses}) утрачен и выведен из работы: подписанное им действует.",
        )
    )
    _say_steps(
        [
            tr(
                "Now, for each of its uses that no other key signs for: 'socpass issuer rotate-key --use USE --from now'.",
                "Сейчас, для каждого назначения без другого ключа: «socpass issuer rotate-key --use USE --from now».",
            ),
            _publish_at_once(agency),
        ]
    )


def say_begun(agency: Agency, keys: Iterable[AgencyKey]) -> None:
    """Say which planned keys begin now, and what the operator does at once."""
    for key in keys:
        kid, uses = key.public_key.key_id.hex(), say_uses(key.settings.uses)
        output.say(tr(f"Key {kid} ({uses}) signs from now on.", f"Ключ {kid} ({uses}) подписывает с этого момента."))
    _say_steps([_publish_at_once(agency)])


def _publish_at_once(agency: Agency) -> str:
    if agency.settings.trust.bundle is None:
        return tr("Then at once: 'socpass issuer publish'.", "Затем сразу: «socpass issuer publish».")
    return tr(
        "Then at once: 'socpass issuer describe FILE', send FILE to the federation's root, and publish the trust list that comes "
        "back.",
        "Затем сразу: «socpass issuer describe FILE», отправьте FILE корню федерации и опубликуйте полученный список доверия.",
    )


def _publish_own(begins: str) -> list[str]:
    return [
        tr(
            f"Now, and in any case before {begins}: 'socpass issuer publish'. Tills learn of the new key with their next sync.",
            f"Сейчас, и обязательно до {begins}: «socpass issuer publish». Кассы узнают новый ключ при обновлении.",
        )
    ]


def _publish_federated(begins: str) -> list[str]:
    return [
        tr(
            "Now: 'socpass issuer describe FILE', and send FILE to the federation's root. Go on publishing as before.",
            "Сейчас: «socpass issuer describe FILE» и отправьте FILE корню федерации. Публикуйте по-прежнему.",
        ),
        tr(
            f"Before {begins}: 'socpass issuer publish' with the root's new trust list. If the root is late, take sign_from of "
            "the new key in agency.toml later.",
            f"До {begins}: «socpass issuer publish» с новым списком доверия корня. Если корень запаздывает, перенесите sign_from "
            "нового ключа в agency.toml на более поздний срок.",
        ),
    ]


def _new_signs(new: KeySettings) -> str:
    begins = show_moment(new.sign_from)
    text = tr(f"From {begins} the new key signs by itself.", f"С {begins} подписывает новый ключ, делать ничего не нужно.")
    if Use.PASS not in new.uses:  # a till takes status lists and the trust list that vouches for them in one sync
        return text
    return text + tr(
        " A till that has not synced by then answers its passes with unknown_issuer, until it syncs.",
        " Касса, не обновившаяся к этому сроку, отвечает на его пропуска unknown_issuer, пока не обновится.",
    )


def _old_ends(agency: Agency, done: Rotation) -> list[str]:
    steps = []
    for key in done.old:
        until, place = key.settings.sign_until, key.settings.location
        end, last = show_moment(until), show_moment(_last_verified(agency, key, until))
        if until > done.new.settings.sign_from:
            steps.append(
                tr(
                    f"Should the new key fail before {end}: --signer '{place}' signs with the old one.",
                    f"Если новый ключ откажет до {end}: --signer '{place}' подписывает старым.",
                )
            )
        steps.append(
            tr(
                f"After {end}: 'socpass issuer rotate-key --retire', then publish. What the old key signed goes on verifying "
                f"until it ends, at the latest {last}; leave the key in agency.toml until then.",
                f"После {end}: «socpass issuer rotate-key --retire», затем публикация. Подписанное старым ключом действует до "
                f"своего срока, самое позднее до {last}; до тех пор оставьте ключ в agency.toml.",
            )
        )
    return steps


def _last_verified(agency: Agency, key: AgencyKey, until: datetime) -> datetime:
    """Return when the last of what a key can sign ends."""
    settings = agency.settings
    return until + max(
        settings.pass_validity if Use.PASS in key.settings.uses else settings.list_validity, settings.list_validity
    )


def _say_steps(steps: Iterable[str]) -> None:
    output.say(tr("What to do:", "Что делать:"))
    for number, step in enumerate(steps, start=1):
        output.say(f"  {number}. {step}")
