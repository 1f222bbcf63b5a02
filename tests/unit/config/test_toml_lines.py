"""On which line something stands, in TOML as people write it and as they could."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socpass_vc.config.toml_lines import LineIndex


def lines_of(text: str, *paths: tuple[str | int, ...]) -> list[int]:
    """Return the lines of some paths in a good TOML file."""
    tomllib.loads(text)
    index = LineIndex(text)
    return [index.line_of(path) for path in paths]


def test_tables_and_options_of_a_plain_file_are_found() -> None:
    # given
    text = """\
# a comment
format = 1

[[measures]]
id = "a"
names.ru = "А"
names.en = "A"

[[measures]]   # the second
id = "b"
[measures.names]
ru = "Б"
"""

    # then
    assert lines_of(text, ("format",), ("measures", 0), ("measures", 0, "id"), ("measures", 0, "names", "en")) == [2, 4, 5, 7]
    assert lines_of(text, ("measures", 1), ("measures", 1, "names"), ("measures", 1, "names", "ru")) == [9, 11, 12]


def test_a_value_over_several_lines_stands_on_its_first() -> None:
    # given what looks like headers and options inside of texts and lists
    text = '''\
a = """
[[measures]]
b = 1
"""   # the end
c = [ # [
  "x", # ]
  """
]
""",
]
d = {e = """
f = 1""", g = [
1]}
h = \'\'\'
[i]\'\'\'
[i]
j = 2
'''

    # then
    assert lines_of(text, ("a",), ("c",), ("d",), ("d", "g"), ("h",), ("i",), ("i", "j")) == [1, 5, 11, 11, 14, 16, 17]


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ('\n"measures" = [\n{id = "a"},\n{id = "b"},\n]\n', ("measures", 1, "id"), 2),
        ("[ measures . 'a.b' ]\n\n\"x\\u0020y\" = 1", ("measures", "a.b", "x y"), 3),
        ("[[a]]\n[[a.b]]\nc = 1\n[[a.b]]\nc = 2\n[[a]]\n[[a.b]]\nc = 3\n", ("a", 1, "b", 0, "c"), 8),
        ("[[a]]\n[[a.b]]\nc = 1\n[[a.b]]\nc = 2\n", ("a", 0, "b", 1, "c"), 5),
        ("[a.b.c]\nd = 1\n[a]\ne = 2\n", ("a", "e"), 4),
        ("[a.b.c]\nd = 1\n", ("a",), 1),
        ("a.b.c = 1\na.b.d = 2\n", ("a", "b", "d"), 2),
        ("\ta = 1\n\t[b]\n\tc = 2", ("b", "c"), 3),
        ("a = 1\r\n\r\nb = '''\r\nx'''\r\nc = 2\r\n", ("c",), 5),
        ("names = {ru = 'a'}\nx = 1", ("names", "ru"), 1),
        ("1 = 2\n3.4 = 5\n", ("3", "4"), 2),
        ("a = '#' # b\nc = [\n'#', # ]\n1]\nd = 1\n", ("d",), 5),
        ("a = 1979-05-27T07:32:00Z\nb = inf\nc = 0x1F", ("c",), 3),
    ],
    ids=range(13),
)
def test_strange_but_valid_files_are_understood(text: str, path: tuple[str | int, ...], line: int) -> None:
    assert lines_of(text, path) == [line]


def test_what_is_not_there_has_the_line_of_what_would_hold_it() -> None:
    # given
    text = "a = 1\n[[b]]\nc = 1\n[[b]]\nd = 1\n"

    # then
    assert lines_of(text, ("b", 1, "c"), ("b", 1, "names", "ru"), ("e",), ("b", 7, "c"), ()) == [4, 4, 1, 2, 1]


def test_a_long_list_with_comments_takes_no_longer_than_its_length() -> None:
    # given 3,000 lines, none of which but the last can be an end
    rows = "".join(f'{{id = "m{number}", percent = 1}}, # number {number}\n' for number in range(3000))

    # then
    assert lines_of(f"measures = [\n{rows}]\nend = 1\n", ("measures", 7), ("end",)) == [1, 3003]


texts = st.text(st.sampled_from("abc #\"[]=\n\\'{}é,"), max_size=30)


@given(st.lists(st.tuples(texts, st.integers(0, 3)), max_size=8))
def test_an_option_after_any_texts_is_found_on_its_line(values: list[tuple[str, int]]) -> None:
    # given texts in the forms that TOML has for them
    forms: list[Any] = [
        lambda text: "'''\n" + text.replace("'", "") + "'''",
        lambda text: '"""' + text.replace("\\", "").replace('"', "") + '"""',
        lambda text: '"' + text.replace("\\", "").replace('"', "").replace("\n", "") + '" # ' + text.replace("\n", ""),
        lambda text: "[\n'" + text.replace("'", "").replace("\n", "") + "',\n]",
    ]
    text = ""
    wanted = []
    for number, (value, form) in enumerate(values):
        wanted.append(text.count("\n") + 1)
        text += f"k{number} = {forms[form](value)}\n"

    # then
    assert lines_of(text, *((f"k{number}",) for number in range(len(values)))) == wanted
