"""What a verdict says to a cashier, in both languages: the colour's word, the reason in a sentence, what to do next. Data only.

It knows codes (specs/credential.md, section 6) and no passes. ``{...}`` are facts of the error, formatted by whoever shows it.
"""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """A text in both languages."""

    en: str
    ru: str


class Colour(NamedTuple):
    """One of the four colours: its word, its colour on a terminal, its exit code."""

    word: Words
    terminal: str
    exit_code: int


COLOURS = {
    "accepted": Colour(Words("ACCEPTED", "ПРИНЯТО"), "green", 0),
    "rejected": Colour(Words("REJECTED", "ОТКАЗ"), "red", 1),
    "undecided": Colour(Words("UNDECIDED", "НЕ ОПРЕДЕЛЕНО"), "yellow", 4),
    "unreadable": Colour(Words("UNREADABLE", "НЕ ПРОЧИТАНО"), "white", 3),
}
WORST_FIRST = ("rejected", "undecided", "unreadable", "accepted")

REASONS = {
    "accepted": Words("The pass is genuine and counts today.", "Пропуск подлинный и действует сегодня."),
    "no_code_found": Words("No QR code was found.", "QR-код не найден."),
    "not_a_pass": Words("The code is not a pass.", "Это не код пропуска."),
    "misread": Words("The code was misread.", "Код прочитан с ошибкой."),
    "incomplete": Words("This is one code of several.", "Это один код из нескольких."),
    "malformed": Words("The code does not hold a well-formed pass.", "Код прочитан, но пропуск в нём составлен неправильно."),
    "unsupported": Words("The pass is newer than this program.", "Пропуск нового образца, эта версия программы его не знает."),
    "trust_expired": Words("The trust list of this till has expired.", "Срок действия списка доверия на этой кассе истёк."),
    "unknown_issuer": Words(
        "The issuer is not in the trust list of this till.", "Ведомства, выдавшего пропуск, нет в списке доверия этой кассы."
    ),
    "key_compromised": Words("The pass is signed with a stolen key.", "Пропуск подписан украденным ключом."),
    "forged": Words(
        "The signature is false: the pass was made or changed by someone else.", "Подпись неверна: пропуск подделан или изменён."
    ),
    "out_of_scope": Words("The issuer may not issue such a pass.", "Ведомство не имело права выдать такой пропуск."),
    "clock_wrong": Words(
        "The clock of this till is wrong: it shows {now}, but {floor} is past.",
        "Часы кассы отстают: на них {now}, а должно быть не раньше {floor}.",
    ),
    "not_yet_valid": Words("The pass counts only from {issued_at}.", "Пропуск действует только с {issued_at}."),
    "expired": Words("The pass expired on {expired_at}.", "Срок действия пропуска истёк {expired_at}."),
    "status_unknown": Words(
        "This till does not have the status list of the pass.", "На кассе нет списка статусов для этого пропуска."
    ),
    "status_stale": Words(
        "The status list of this till expired on {expired_at}.", "Срок действия списка статусов на кассе истёк {expired_at}."
    ),
    "revoked": Words("The issuer has revoked the pass.", "Ведомство отозвало пропуск."),
    "suspended": Words("The issuer has suspended the pass for now.", "Ведомство временно приостановило действие пропуска."),
    "no_entitlement": Words("No entitlement of the pass counts today.", "Сегодня по этому пропуску нет действующей льготы."),
    "catalogue_unknown": Words(
        "The pass counts, but this till does not hold its issuer's catalogue, which says what to grant.",
        "Пропуск действует, но на кассе нет справочника ведомства, где сказано, что предоставить.",
    ),
    "catalogue_stale": Words(
        "The pass counts, but the catalogue that says what to grant expired on {expired_at}.",
        "Пропуск действует, но срок действия справочника, где сказано, что предоставить, истёк {expired_at}.",
    ),
    "holder_proof_missing": Words(
        "The pass counts only from its holder's own phone.", "Пропуск действует только с телефона владельца."
    ),
    "holder_proof_bad": Words(
        "The phone's proof is old or belongs to another pass.",
        "Подтверждение с телефона устарело или относится к другому пропуску.",
    ),
    "bad_store": Words("This till is not set up, or its store is damaged.", "Касса не настроена, или её хранилище повреждено."),
    "bad_source": Words("The file or folder cannot be read.", "Файл или папку не удалось прочитать."),
}

OTHER_CODES = {
    "payment": Words("The code is not a pass, but one for a payment.", "Это не пропуск, а код для оплаты."),
    "receipt": Words("The code is not a pass, but a till's receipt.", "Это не пропуск, а кассовый чек."),
    "wifi": Words("The code is not a pass, but one for a Wi-Fi network.", "Это не пропуск, а код сети Wi-Fi."),
    "contact": Words("The code is not a pass, but a business card.", "Это не пропуск, а визитная карточка."),
    "event": Words("The code is not a pass, but a calendar entry.", "Это не пропуск, а запись для календаря."),
    "message": Words(
        "The code is not a pass, but an address for messages or calls.", "Это не пропуск, а адрес для писем или звонков."
    ),
    "place": Words("The code is not a pass, but a place on the map.", "Это не пропуск, а точка на карте."),
    "health_certificate": Words("The code is not a pass, but a health certificate.", "Это не пропуск, а медицинский сертификат."),
    "one_time_code": Words("The code is not a pass, but a key for one-time codes.", "Это не пропуск, а ключ одноразовых кодов."),
    "link": Words("The code is not a pass, but a link.", "Это не пропуск, а ссылка."),
    "number": Words("The code is not a pass, but a number.", "Это не пропуск, а номер."),
    "text": Words("The code is not a pass, but some text.", "Это не пропуск, а просто текст."),
}
"""Instead of ``not_a_pass``, by what the code is."""

HINTS = {
    "too_small": Words(
        "The code is too small in the picture: come closer, or ask for the original file instead of a preview.",
        "Код на снимке слишком мелкий: подойдите ближе или попросите исходный файл вместо уменьшенного.",
    ),
    "too_dark": Words(
        "The picture is too dark: add light, turn up the brightness of the phone that shows the code.",
        "Снимок слишком тёмный: добавьте света, прибавьте яркость телефона, который показывает код.",
    ),
    "flat": Words(
        "There is hardly any difference between dark and light in the picture: add light, wipe screen and lens.",
        "На снимке почти нет разницы между тёмным и светлым: добавьте света, протрите экран и объектив.",
    ),
    "blurred": Words(
        "The picture is blurred: hold still, let the camera focus, wipe the lens.",
        "Снимок размыт: держите неподвижно, дайте камере навестись на резкость, протрите объектив.",
    ),
    "cut_off": Words(
        "Part of the code is outside the picture, or covered: take it whole, with its white margin.",
        "Часть кода не попала в кадр или закрыта: снимите его целиком, с белыми полями.",
    ),
    "damaged": Words(
        "There is a code, but too much of it is covered, glaring or creased: flatten it, turn it away from the lamp.",
        "Код виден, но слишком много закрыто, бликует или помято: разгладьте его, отверните от лампы.",
    ),
    "no_code": Words(
        "Nothing in the picture looks like a QR code. If there is one, take it from the front, over a third of the picture.",
        "На снимке не видно QR-кода. Если он есть, снимите его прямо и крупно: на треть кадра или больше.",
    ),
    "missing_extra": Words(
        "This till does not read such files yet: save it as PNG or JPEG, or run: pip install 'socpass-vc[{missing_extra}]'",
        "Такие файлы касса пока не читает: сохраните как PNG или JPEG либо выполните: pip install 'socpass-vc[{missing_extra}]'",
    ),
}
"""What would help, by the words that the library gives (specs/cli.md, section 4)."""

NOT_ASKED_FOR = Words(
    "The category asked for does not count today by this pass.", "Сегодня по этому пропуску нет запрошенной льготы."
)
"""Instead of ``no_entitlement``, where one category was asked for."""

NOTHING_AT_PLACE = Words(
    "The pass counts today, but it opens nothing at this place.", "Пропуск сегодня действует, но в этом месте ничего не даёт."
)
"""Instead of ``no_entitlement``, where it was asked what to grant at a place."""

_SCAN_AGAIN = Words(
    "Scan again: clean glass, more light, the whole code in the picture.",
    "Отсканируйте ещё раз: протрите стекло, добавьте света, поместите код в кадр целиком.",
)
_SYNC = Words(
    "Run 'socpass sync' on this till; until then ask for the certificate of entitlement.",
    "Выполните «socpass sync» на кассе; до этого попросите удостоверение о праве на льготу.",
)
_NO_DISCOUNT = Words("Give no discount on this pass.", "Скидку по этому пропуску не предоставлять.")
_TO_AGENCY = Words(
    "Give no discount on this pass; the holder can ask the issuer.",
    "Скидку по этому пропуску не предоставлять; предъявитель может обратиться в ведомство, выдавшее пропуск.",
)

ADVICE = {
    "accepted": Words(
        "Compare the name and the birth date with an identity document.",
        "Сверьте имя и дату рождения с паспортом или другим документом, удостоверяющим личность.",
    ),
    "no_code_found": _SCAN_AGAIN,
    "not_a_pass": Words("Ask for the code of the pass.", "Попросите показать код пропуска."),
    "misread": _SCAN_AGAIN,
    "incomplete": Words(
        "Scan the other codes of the pass too, or put all of them into one picture.",
        "Отсканируйте и остальные коды пропуска или снимите все одним кадром.",
    ),
    "malformed": Words(
        "Scan again; if it stays so, ask for the certificate of entitlement.",
        "Отсканируйте ещё раз; если не поможет, попросите удостоверение о праве на льготу.",
    ),
    "unsupported": Words(
        "Update this program; until then ask for the certificate of entitlement.",
        "Обновите программу; до этого попросите удостоверение о праве на льготу.",
    ),
    "trust_expired": _SYNC,
    "unknown_issuer": _SYNC,
    "key_compromised": _TO_AGENCY,
    "forged": _NO_DISCOUNT,
    "out_of_scope": _NO_DISCOUNT,
    "clock_wrong": Words(
        "Set the clock of this till, then scan again; if it is right, call whoever set up this till.",
        "Установите на кассе верное время и отсканируйте ещё раз; если часы верны, обратитесь к тому, кто настраивал кассу.",
    ),
    "not_yet_valid": Words(
        "If the clock of this till is right, give no discount yet.", "Если часы кассы верны, скидку пока не предоставлять."
    ),
    "expired": _TO_AGENCY,
    "status_unknown": _SYNC,
    "status_stale": _SYNC,
    "revoked": _TO_AGENCY,
    "suspended": _TO_AGENCY,
    "no_entitlement": _TO_AGENCY,
    "catalogue_unknown": _SYNC,
    "catalogue_stale": _SYNC,
    "holder_proof_missing": Words(
        "Ask the holder to open the pass on their phone.", "Попросите владельца открыть пропуск в телефоне."
    ),
    "holder_proof_bad": Words(
        "Ask the holder to open the pass anew on their phone.", "Попросите владельца открыть пропуск в телефоне заново."
    ),
    "bad_source": Words("Choose another file, or scan again.", "Выберите другой файл или отсканируйте ещё раз."),
    "bad_store": Words("Call whoever set up this till: {why}", "Обратитесь к тому, кто настраивал кассу: {why}"),
}

WARNINGS = {
    "trust_ageing": Words(
        "the trust list should be renewed: run 'socpass sync'", "пора обновить список доверия: выполните «socpass sync»"
    ),
    "trust_expired": Words(
        "the trust list has expired: run 'socpass sync'", "срок действия списка доверия истёк: выполните «socpass sync»"
    ),
    "status_ageing": Words(
        "the status list should be renewed: run 'socpass sync'", "пора обновить список статусов: выполните «socpass sync»"
    ),
    "status_expired": Words(
        "the status list has expired: run 'socpass sync'", "срок действия списка статусов истёк: выполните «socpass sync»"
    ),
    "catalogue_expired": Words(
        "the catalogue has expired: run 'socpass sync'", "срок действия справочника истёк: выполните «socpass sync»"
    ),
}
