"""What is wrong with a catalogue.toml, in Russian; in English the library says it itself. Data, and one way to say it.

It knows codes and sentences. ``{...}`` are facts of the fault.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from socpass_cli.app.language import chosen

if TYPE_CHECKING:
    from socpass_vc.issuer.catalogue.load import CatalogueFault

FAULTS = {
    "missing": "нет этого параметра",
    "kind": "{value} — не то значение; нужно: {kind}",
    "no_table": "{value} — не таблица [[{option}]]",
    "empty": "пусто",
    "too_many": "записей {count}, а возможно не больше {most}",
    "twice_in_list": "{value} указано дважды",
    "language": "{value} — не язык; пишите две или три строчные латинские буквы, например ru",
    "bad_text": "такой текст нельзя показать на любом экране; допустимо знаков: {longest} ({why})",
    "unknown": "нет такого параметра; здесь возможны: {possible}",
    "version": "{value}, а нужно {format}: файл для другой версии socpass",
    "twice": "{value} уже есть выше",
    "place_word": "{value} — не вид места; пишите до {longest} строчных латинских букв, цифр и подчёркиваний, первой — букву",
    "id": "{value} — не имя меры; пишите до {longest} строчных латинских букв, цифр и дефисов, первой — букву",
    "no_category": '{value} — не категория; пишите "02-545"',
    "out_of_scope": "{value} — категория, которую {issuer} не вправе предоставлять: {scopes}",
    "category_unnamed": "{value} — категория без названия; добавьте её в [[categories]] или исправьте",
    "place_unnamed": "{value} — место без названия; добавьте его в [[places]] или выберите: {known}",
    "range": "{value}, а возможно от {lowest} до {highest}",
    "benefit": "{value} — не вид меры; возможны: {possible}",
    "not_with": "не сочетается с benefit = {benefit}",
    "amount": '{value} — не сумма; пишите "500 RUB" или "500.50 RUB"',
    "region": '{value} — не регион; пишите номер, как в категориях: "02", а для всей страны "00"',
    "day": "{value} — раньше {first} года",
    "until_before_from": "{last} раньше начала, {first}",
    "too_large": "справочник занял бы {size} байт, а возможно {longest}",
}

KINDS = {
    'text in quotes, as in "museum"': 'текст в кавычках, например "museum"',
    "a whole number": "целое число",
    'a list, as in ["museum", "park"]': 'список, например ["museum", "park"]',
    'texts by language, as in names.ru = "..."': 'тексты по языкам, например names.ru = "..."',
    "a day such as 2026-12-31, without quotes": "день вида 2026-12-31 без кавычек",
}


def say_catalogue_fault(fault: CatalogueFault) -> str:
    """Return where the file is wrong, and how."""
    text = FAULTS.get(fault.code) if chosen() == "ru" else None
    if text is None:
        return str(fault)
    facts = dict(fault.facts)
    facts["kind"] = KINDS.get(str(facts.get("kind")), facts.get("kind"))
    place = f"строка {fault.line}, {fault.where}" if fault.where else f"строка {fault.line}"
    return f"{place}: {text.format_map(facts)}"
