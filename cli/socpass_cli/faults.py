"""What is wrong with a CSV file, and the commonest errors of the library, in Russian; in English the library says them itself.

It knows codes and sentences. ``{...}`` are facts of the fault.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from socpass_cli.language import chosen, show_day
from socpass_vc.errors import SocpassError

if TYPE_CHECKING:
    from socpass_vc.issuer.cells import Fault

FAULTS = {
    "field_count": "полей {found}, а в заголовке столбцов {expected}",
    "not_csv": "отсюда файл не читается как CSV; проверьте, закрыты ли кавычки ({why})",
    "empty": "пусто, а нужно в каждой строке",
    "long_field": "знаков {length}, а в поле помещается не больше {longest}",
    "bad_text": "такой текст не может стоять в пропуске; допустимо знаков: {longest} ({why})",
    "garbled_name": "похоже на имя в другой кодировке, знак {position}; сохраните файл как «CSV UTF-8»",
    "rounded_number": "номер округлён табличным редактором; задайте столбцу текстовый формат",
    "day_form": "{cell} — не дата; пишите 2026-12-31 или 31.12.2026",
    "no_such_day": "{cell} — нет такого дня, или он раньше 1800 года",
    "born_later": "{cell} — этот день ещё не наступил",
    "birth_year": "{cell} — не год рождения от {first} до нынешнего",
    "no_category": "{cell} — не категория; пишите 02-545 или 2545",
    "out_of_scope": "{cell} — не та категория, которую вправе предоставлять {issuer}: {scopes}",
    "document_kind": "{cell} — не номер вида документа от 1 до {highest}",
    "document_incomplete": "пусто, хотя документ в строке назван",
    "until_before_from": "{last} раньше начала, {first}",
    "other_person": "другое имя или рождение, чем в строке {other} с тем же ref",
    "twice": "те же ref и категория, что в строке {other}; на каждую льготу — одна строка",
}

# Code, words of the library's sentence that tell what happened, what it means.
ERRORS = (
    ("bad_agency", "there is no agency here", "здесь нет ведомства; создайте его: «socpass issuer init»"),
    ("bad_agency", "not empty", "папка не пуста; ведомство создаётся в новой папке"),
    ("bad_agency", "no active key may sign", "нет ключа, которым сейчас можно подписывать"),
    ("bad_store", "there is no store here", "здесь нет хранилища кассы; создайте его: «socpass sync SOURCE --root FILE»"),
    ("bad_store", "damaged", "файл хранилища кассы повреждён; удалите его и выполните «socpass sync»"),
    ("bad_register", "there is no resident", "такого жителя нет в реестре"),
    ("bad_register", "has no pass that could be revoked", "у жителя нет пропуска, который можно отозвать"),
    ("bad_register", "has no valid pass that could be", "у жителя нет действующего пропуска, который можно приостановить"),
    (
        "bad_register",
        "has no suspended pass",
        "у жителя нет приостановленного пропуска; отозванный не возобновить",
    ),
    ("bad_register", "the register is missing", "реестра нет; восстановите его из копии"),
    ("bad_register", "damaged", "реестр повреждён; восстановите его из копии"),
    ("bad_register", "another command is writing", "реестр занят другой командой; повторите, когда она закончит"),
    ("wrong_passphrase", "does not open", "парольная фраза не подходит к файлу ключа"),
    ("bad_key_file", "No such file", "нет такого файла"),
    ("bad_key_file", "is the passphrase, is empty", "первая строка файла, парольная фраза, пуста"),
    ("bad_key_file", "key file", "это не файл ключа socpass, или он повреждён"),
    ("bad_rows", "columns unknown", "в заголовке есть неизвестные столбцы"),
    ("bad_rows", "columns missing", "в заголовке нет нужных столбцов"),
    ("bad_rows", "columns twice", "столбцы в заголовке повторяются"),
    ("bad_rows", "it names the columns", "первая строка пуста, а в ней должны быть названия столбцов"),
    ("bad_rows", "neither UTF-8 nor cp1251", "файл не в UTF-8 и не в cp1251; сохраните его как «CSV UTF-8»"),
    ("bad_rows", "a damaged character", "в файле UTF-8 повреждён знак; исправьте его"),
    ("bad_rows", "NUL bytes", "это не CSV; сохраните файл из табличного редактора как «CSV UTF-8»"),
    ("bad_source", "No such file", "нет такого файла"),
    ("bad_source", "not a regular file", "это не обычный файл"),
    ("incomplete", "missing", "нужны все коды, а некоторых нет"),
    (
        "base_missing",
        "get the full list",
        "на кассе другая версия списка, чем та, с которой начинаются изменения; получите полный список",
    ),
)


def say_fault(fault: Fault) -> str:
    """Return where a CSV file is wrong, and how."""
    text = FAULTS.get(fault.code) if chosen() == "ru" else None
    if text is None:
        return str(fault)
    facts = {name: show_day(fact) if isinstance(fact, date) else fact for name, fact in fault.facts.items()}
    place = f"строка {fault.line}" if fault.column is None else f"строка {fault.line}, столбец {fault.column}"
    return f"{place}: {text.format_map(facts)}"


def say_error(error: SocpassError) -> str:
    """Return what went wrong; where Russian is spoken and the error is a common one, the library's own words in parentheses."""
    detail = str(error)
    if chosen() == "ru":
        for code, words, text in ERRORS:
            if error.code == code and words in detail:
                return f"{text} ({detail})"
    return detail
