"""Why a picture or a code could not be read, in Russian for a cashier; in English the library says it itself.

It knows words of the library's sentences, and what they mean.
"""

from __future__ import annotations

from socpass_vc.errors import SocpassError

# Code, words of the library's sentence that tell what happened, what it means.
_SENTENCES = (
    ("no_code_found", "the file is empty", "файл пуст"),
    (
        "no_code_found",
        "not a picture of a kind",
        "это не изображение, или такие здесь не читаются (годятся PNG, JPEG, WebP, PDF)",
    ),
    ("no_code_found", "cut short or damaged", "изображение обрезано или повреждено; пришлите его ещё раз, файлом"),
    ("no_code_found", "packed in a way", "изображение сжато так, что здесь не читается; сохраните его как PNG или JPEG"),
    ("no_code_found", "is read where the extra", "для таких изображений здесь не всё установлено; пришлите PNG или JPEG"),
    ("no_code_found", "the file is larger", "файл слишком велик"),
    ("no_code_found", "pixels", "изображение слишком велико; уменьшите его"),
    ("no_code_found", "cut into more pieces", "изображение слишком велико; уменьшите его"),
    ("no_code_found", "needs more memory", "изображению не хватило памяти; уменьшите его"),
    ("no_code_found", "is a folder", "это папка, а не изображение"),
    ("not_a_pass", "longer than", "текст слишком длинный для пропуска"),
    ("not_a_pass", "there is no run of", "в тексте нет цифр пропуска"),
    ("not_a_pass", "a bulletin of status changes", "это бюллетень отозванных пропусков; он для «socpass sync»"),
    ("misread", "do not make the whole", "коды не складываются в одно целое; отсканируйте их заново"),
    ("misread", "check", "цифры прочитаны с ошибкой"),
)


def say_in_russian(error: SocpassError) -> str:
    """Return what went wrong, or nothing where the verdict has said all that a cashier can use."""
    detail = str(error)
    return next((text for code, words, text in _SENTENCES if error.code == code and words in detail), "")
