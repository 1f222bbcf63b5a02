"""What is wrong with a CSV file, and the commonest errors of the library, in Russian; in English the library says them itself.

It knows codes and sentences. ``{...}`` are facts of the fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from socpass_cli.app import system_words
from socpass_cli.app.language import chosen, speaker, tr
from socpass_vc.errors import Contradicted, SocpassError
from socpass_vc.messages import has_sentence

if TYPE_CHECKING:
    from socpass_vc.issuer.imports.row_errors import RowError

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
    ("wrong_passphrase", "does not open", "парольная фраза не подходит к файлу ключа"),
    ("bad_key_file", "No such file", "нет такого файла"),
    ("bad_key_file", "key file", "это не файл ключа socpass, или он повреждён"),
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
)


def say_fault(fault: RowError) -> str:
    """Return where a file of rows is wrong and how, and what to type next where the catalogues have ``cli.next.row.CODE``."""
    sentence = fault.said_by(speaker())
    key = f"cli.next.{fault.wrong.key}"
    return f"{sentence}; {tr(key, **fault.facts)}" if has_sentence(key) else sentence


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
