"""Sentences from the catalogues: facts as people of a language write them, and plural forms."""

from __future__ import annotations

import pytest

from said import text


@pytest.mark.parametrize(
    ("language", "beginnings"),
    [
        ("en", {1: "1 worker stopped", 2: "2 workers stopped", 5: "5 workers stopped", 21: "21 workers stopped"}),
        (
            "ru",
            {
                1: "остановился 1 процесс ",
                2: "остановились 2 процесса",
                5: "остановились 5 процессов",
                21: "остановился 21 процесс ",
            },
        ),
    ],
)
def test_a_count_chooses_the_plural_form_of_its_language(language: str, beginnings: dict[int, str]) -> None:
    for count, beginning in beginnings.items():
        assert text("workers_stopped", language, count=count, errors="-").startswith(beginning)
