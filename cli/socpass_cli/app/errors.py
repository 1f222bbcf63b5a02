"""What is wrong with a CSV file, and the commonest errors of the library, in Russian; in English the library says them itself.

It knows codes and sentences. ``{...}`` are facts of the fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from socpass_cli.app import system_words
from socpass_cli.app.language import chosen, show_day, speaker, tr
from socpass_vc.errors import Contradicted, SocpassError
from socpass_vc.messages import has_sentence

if TYPE_CHECKING:
    from socpass_vc.issuer.imports.row_errors import RowError

FAULTS = {
    "field_count": "полей {found}, а в заголовке столбцов {expected}",
    "not_csv": "отсюда файл не читается как CSV; проверьте, закрыты ли кавычки",
    "not_json": "не JSON, знак {position}",
    "no_object": 'не объект; пишите {{"ref": "1001", …}}',
    "field_twice": "поле указано дважды",
    "unknown_field": "неизвестное здесь поле: {name}",
    "json_type": "не текст, не целое число и не null",
    "empty": "пусто, а нужно в каждой строке",
    "long_field": "знаков {length}, а в поле помещается не больше {longest}",
    "long_text": "знаков {length}, а допустимо не больше {longest}",
    "bad_text": "знак {sign} на месте {position} не может стоять в пропуске",
    "snils": "{cell} — это СНИЛС; ему здесь не место: укажите собственный номер жителя",
    "two_alphabets": "в одном слове и латинские, и русские буквы, знак {position}",
    "not_latin": "нелатинская буква, знак {position}",
    "garbled_name": "похоже на имя в другой кодировке, знак {position}; сохраните файл как «CSV UTF-8»",
    "rounded_number": "номер округлён табличным редактором; задайте столбцу текстовый формат",
    "day_form": "{cell} — не дата; пишите 2026-12-31 или 31.12.2026",
    "no_such_day": "{cell} — нет такого дня, или он раньше 1800 года",
    "born_later": "{cell} — этот день ещё не наступил",
    "birth_year": "{cell} — не год рождения от {first} до нынешнего",
    "no_category": "{cell} — не категория; пишите 02-545 или 2545",
    "no_measure": "{cell} — не название меры: строчные латинские буквы, цифры, точки и чёрточки, не больше {longest}",
    "unknown_measure": "меры {cell} нет в справочнике ведомства, catalogue.toml",
    "no_choice": "{cell} — не одно из слов: {words}",
    "no_place": "{cell} — не место в списке статусов вида 0/12345",
    "whose": "укажите либо ref, либо credential",
    "not_carried_out": "{why}",
    "no_subject": "заявление — либо на категорию, либо на меру; укажите одно из двух",
    "no_reason": "пусто, а отказу нужна причина",
    "out_of_scope": "{cell} — не та категория, которую вправе предоставлять {issuer}: {scopes}",
    "document_kind": "{cell} — не номер вида документа от 1 до {highest}",
    "document_incomplete": "пусто, хотя документ в строке назван",
    "until_before_from": "{last} раньше начала, {first}",
    "other_person": "другое имя или рождение, чем в строке {other} с тем же ref",
    "resident_twice": "тот же ref, что в строке {other}; на каждого жителя — одна строка",
    "application_twice": "те же ref, предмет и день, что в строке {other}; на каждое заявление — одна строка",
    "decided": "уже решено иначе: {status}; решить заново: «socpass issuer applications decide --again»",
    "granted_already": "уже назначено, и льгота действует; завершите её, загрузив последний день (until)",
    "no_application": "такого заявления нет в реестре: {subject}",
    "twice": "те же ref и категория, что в строке {other}; на каждую льготу — одна строка",
}

# Code, words of the library's sentence that tell what happened, what it means.
ERRORS = (
    ("wrong_pin", "try left", "токен не принял PIN; осталась ОДНА попытка, потом он заблокируется"),
    ("wrong_pin", "refused the PIN", "токен не принял PIN; число попыток ограничено, проверьте PIN, прежде чем пробовать снова"),
    ("wrong_pin", "locked its PIN", "токен заблокировал PIN; новый задаёт тот, у кого SO PIN"),
    ("bad_token", "needs python-pkcs11", "нужен пакет python-pkcs11: pip install 'socpass-vc[hsm]'"),
    (
        "bad_token",
        "does not stand in a PKCS#11 URI",
        "PIN в URI не пишут, его увидят другие; используйте --pin-file, SOCPASS_PIN_FILE или pin-source=",
    ),
    ("bad_token", "is plugged in", "такого токена нет"),
    ("bad_token", "tokens are called so", "токенов с таким именем несколько; добавьте в URI serial="),
    ("bad_token", "say which", "таких ключей в токене несколько; добавьте в URI id="),
    ("bad_token", "holds no private key", "такого ключа в токене нет"),
    ("bad_token", "shows no public key", "такого открытого ключа в токене не видно"),
    ("bad_token", "holds another key than", "в токене другой ключ, не тот, что ожидался"),
    ("bad_token", "holds a key", "такой ключ в токене уже есть; ключ не перезаписывается"),
    ("bad_token", "is not an Ed25519 key", "это не ключ Ed25519"),
    (
        "bad_token",
        "the token is gone",
        "токен отключён или закрыл сеанс; подключите его и повторите команду; сделанное сохранено",
    ),
    ("bad_token", "cannot be used as a PKCS#11 library", "библиотеку PKCS#11 не удалось загрузить"),
    (
        "bad_token",
        "no PKCS#11 library is named",
        "не указана библиотека PKCS#11: добавьте в URI ?module-path= или задайте SOCPASS_PKCS11_MODULE",
    ),
    ("bad_token", "PKCS#11 URI", "неверный URI PKCS#11"),
    ("bad_request", "none of those that this request asks", "этот ключ не из тех, чьи подписи запрашиваются"),
    ("bad_request", "another request", "это другой запрос: на подпись предлагается не то же самое"),
    ("bad_store", "another process has been writing", "хранилище занято другим процессом; повторите, когда он закончит"),
    ("bad_register", "there is no resident", "такого жителя нет в реестре"),
    ("bad_register", "has no pass that could be revoked", "у жителя нет пропуска, который можно отозвать"),
    ("bad_register", "has no valid pass that could be", "у жителя нет действующего пропуска, который можно приостановить"),
    (
        "bad_register",
        "has no suspended pass",
        "у жителя нет приостановленного пропуска; отозванный не возобновить",
    ),
    ("bad_register", "there is no unexpired pass", "действующего пропуска с таким местом в списке нет"),
    ("bad_register", "is revoked or expired already", "этот пропуск уже отозван или истёк"),
    ("bad_register", "so that it cannot be suspended", "этот пропуск не действует, приостановить его нельзя"),
    ("bad_register", "is not suspended", "этот пропуск не приостановлен; отозванный не возобновить"),
    ("bad_register", "another publication is under way", "реестр занят другой публикацией; повторите, когда она закончится"),
    ("bad_register", "written by an older socpass", "реестр записан прежней версией; выполните «socpass issuer migrate»"),
    ("bad_register", "written by a newer socpass", "реестр записан более новой версией socpass; нужна она"),
    ("bad_register", "no space left", "на диске не осталось места; освободите его и повторите"),
    (
        "register_unreachable",
        "was lost",
        "соединение с базой потеряно и не восстановилось; подтверждённое сохранено, повторите команду",
    ),
    ("register_unreachable", "", "база данных не отвечает; проверьте, работает ли сервер и верен ли адрес"),
    ("bad_register", "the register is missing", "реестра нет; восстановите его из копии"),
    ("bad_register", "damaged", "реестр повреждён; восстановите его из копии"),
    ("bad_register", "another command holds", "нужное занято другой командой; повторите, когда она закончит"),
    ("bad_register", "another command is writing", "реестр занят другой командой; повторите, когда она закончит"),
    ("event_log_broken", "was seen", "курсор дальше конца журнала: реестр восстановлен из старой копии, или это другой реестр"),
    ("event_log_broken", "was noted", "журнал событий не тот, что был записан: его переписали или обрезали"),
    ("event_log_broken", "event", "журнал событий не таков, каким был записан"),
    ("register_contradicts_log", "", "реестр расходится с журналом событий"),
    ("wrong_passphrase", "does not open", "парольная фраза не подходит к файлу ключа"),
    ("bad_key_file", "No such file", "нет такого файла"),
    ("bad_key_file", "key file", "это не файл ключа socpass, или он повреждён"),
    ("bad_rows", "columns unknown", "в заголовке есть неизвестные столбцы"),
    ("bad_rows", "columns missing", "в заголовке нет нужных столбцов"),
    ("bad_rows", "columns twice", "столбцы в заголовке повторяются"),
    ("bad_rows", "it names the columns", "первая строка пуста, а в ней должны быть названия столбцов"),
    ("bad_rows", "neither UTF-8 nor cp1251", "файл не в UTF-8 и не в cp1251; сохраните его как «CSV UTF-8»"),
    ("bad_rows", "a damaged character", "в файле UTF-8 повреждён знак; исправьте его"),
    ("bad_rows", "not a regular file", "это не обычный файл"),
    ("bad_rows", "No such file", "нет такого файла"),
    ("bad_rows", "line 1: not JSON", "первая строка — не JSON"),
    ("bad_rows", "changed while it was read", "файл изменился во время чтения или не читается"),
    ("bad_register", "no space left", "на диске нет места; освободите его и повторите команду"),
    ("bad_rows", "NUL bytes", "это не CSV; сохраните файл из табличного редактора как «CSV UTF-8»"),
    ("bad_catalogue", "not TOML in UTF-8", "это не TOML в кодировке UTF-8"),
    ("bad_catalogue", "faults in all", "в справочнике ошибки; все назовёт «socpass issuer catalogue check»"),
    ("bad_source", "No such file", "нет такого файла"),
    ("bad_source", "not a regular file", "это не обычный файл"),
    ("incomplete", "missing", "нужны все коды, а некоторых нет"),
    ("bad_source", "larger than", "файл больше допустимого"),
    (
        "base_missing",
        "get the full list",
        "на кассе другая версия списка, чем та, с которой начинаются изменения; получите полный список",
    ),
    # What sync, 'root' and 'card' say of a file; a till's verdict has words of its own (verdicts.py).
    ("malformed", "", "файл повреждён, обрезан или это другой файл; возьмите его заново"),
    (
        "untrusted_root",
        "is the one that this till trusts",
        "подписано под другим корнем, не под тем, которому здесь доверяют; проверьте, тот ли это источник и тот ли корень",
    ),
    ("untrusted_root", "one between is missing", "одного из корней между прежним и новым не хватает"),
    ("untrusted_root", "follows no root", "запрос начинается не с первого корня"),
    ("threshold_not_met", "", "ключами корня подписано меньше раз, чем нужно"),
    ("rolled_back", "is to follow", "номер списка в запросе не больше, чем у действующего"),
    ("forged", "", "подпись не подходит: файл изменён или подписан другим ключом"),
    ("not_a_pass", "there is no run of", "в тексте нет цифр пропуска"),
    ("misread", "", "цифры прочитаны с ошибкой; отсканируйте код ещё раз"),
    ("bad_claims", "the issuer's id", "краткое имя ведомства: от 1 до 32 знаков A-Z, 0-9 и «-»"),
    ("bad_claims", "a name of issuer", "название ведомства нужно, и не длиннее 200 знаков"),
    ("bad_claims", "the scopes of issuer", "диапазоны категорий: от меньшей к большей, без пересечений, например 2001-2999"),
    ("bad_claims", "the status base", "адрес списков статусов начинается с http(s):// и оканчивается на «/»"),
    ("bad_register", "must be writable", "в файл реестра и его папку нужно право записи, даже для чтения; проверьте, чьи они"),
)


def say_fault(fault: RowError) -> str:
    """Return where a CSV file is wrong, and how."""
    text = FAULTS.get(fault.code) if chosen() == "ru" else None
    if text is None:
        return str(fault)
    facts = {name: show_day(fact) if isinstance(fact, date) else fact for name, fact in fault.facts.items()}
    place = f"строка {fault.line}" if fault.column is None else f"строка {fault.line}, столбец {fault.column}"
    return f"{place}: {text.format_map(facts)}"


def say_error(error: SocpassError) -> str:
    """Return what went wrong, and what to type next where the catalogues have ``cli.next.REASON`` for it.

    The library names no command; what to type is ours. The hint may speak of the error's facts. An error without a reason slug is
    said in Russian by the table, with the library's own words in parentheses.
    """
    if isinstance(error, Contradicted):
        from socpass_cli.app.alarms import say_alarm  # noqa: PLC0415 -- alarms are rare

        return say_alarm(error)
    sentence = error.said_by(speaker())
    if has_sentence(f"cli.next.{error.reason}"):
        return f"{sentence}; {tr(f'cli.next.{error.reason}', **error.facts)}"
    if chosen() == "ru" and not has_sentence(error.reason, "ru"):
        for code, words, text in ERRORS:
            if error.code == code and words in sentence:
                return f"{text} ({sentence})"
        text_of_system = system_words.say_in_russian(sentence)
        if text_of_system is not None:
            return f"{text_of_system} ({sentence})"
    return sentence


@contextmanager
def naming(path: Path | str) -> Iterator[None]:
    """Let what is wrong with the file *path*, or at this URL, begin with its name."""
    try:
        yield
    except SocpassError as error:
        if not str(error).startswith(str(path)):
            error.at(path)
        raise
