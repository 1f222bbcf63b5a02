"""What the system says when a file cannot be read or written, in Russian; it says the same whatever the file is.

It knows words of the system's sentences, and what a person can do.
"""

from __future__ import annotations

_SENTENCES = (
    ("No space left on device", "на диске не осталось места; освободите его и повторите"),
    ("Disk quota exceeded", "отведённое место на диске исчерпано; освободите его и повторите"),
    ("File too large", "файл больше, чем здесь можно записать"),
    ("Read-only file system", "диск только для чтения; укажите место, куда можно писать"),
    ("Permission denied", "нет прав на этот файл или папку; проверьте, чьи они"),
    ("Operation not permitted", "система не разрешает этого с этим файлом или папкой"),
    ("Is a directory", "это папка, а нужен файл"),
    ("Not a directory", "часть этого пути — файл, а не папка"),
    ("File name too long", "имя файла слишком длинное"),
    ("Input/output error", "диск не читается или не пишется; проверьте его"),
    ("No such file or directory", "нет такого файла или папки"),
    ("not a regular file", "это не обычный файл"),
)


def say_in_russian(detail: str) -> str | None:
    """Return what the system's sentence in *detail* means, or None if it is none of those known."""
    return next((text for words, text in _SENTENCES if words in detail), None)
