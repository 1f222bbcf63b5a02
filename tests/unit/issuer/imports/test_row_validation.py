"""A CSV file of entitlements: what is taken, and what is said of what is not."""

from __future__ import annotations

import io
import os
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

import town
from said import refused, text
from socpass_vc.errors import ImportRefused, SocpassError
from socpass_vc.format.trust.issuers import Issuer
from socpass_vc.issuer.imports.columns import STATUS_WORDS, RowKind, kind_of
from socpass_vc.issuer.imports.readers import open_records
from socpass_vc.issuer.imports.row_errors import RowError
from socpass_vc.issuer.imports.row_validation import ImportedPerson, Row, RowReader
from socpass_vc.issuer.imports.text_file import survey
from socpass_vc.messages import Message

TODAY = date(2026, 6, 1)


class Found(NamedTuple):
    """What a file holds."""

    kind: RowKind
    good: list[Row]
    faults: list[RowError]


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return town.agency(tmp_path_factory.mktemp("rows")).issuer


def read_content(issuer: Issuer, content: bytes, name: str = "a.csv") -> Found:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        records = open_records(survey(path))
        kind = kind_of(records)
        good: list[Row] = []
        faults: list[RowError] = []
        for row in RowReader(records, kind, issuer, today=TODAY):
            if isinstance(row, list):
                faults.extend(row)
            else:
                good.append(row)
    return Found(kind, good, faults)


def read(issuer: Issuer, *lines: str, header: str = town.HEADER) -> Found:
    return read_content(issuer, "\n".join((header, *lines)).encode())


def faults(issuer: Issuer, *lines: str, header: str = town.HEADER) -> list[RowError]:
    return read(issuer, *lines, header=header).faults


def assert_is(fault: RowError, expected: tuple[str | None, str, dict[str, object]]) -> None:
    """Assert that *fault* is of line 2, of this column and code, and has at least these facts; and that it can be said."""
    column, code, facts = expected
    assert (fault.line, fault.column, fault.code) == (2, column, code)
    assert {name: fault.facts.get(name) for name in facts} == facts
    assert text(fault.wrong.key, **fault.facts) in str(fault)


def test_a_full_row_becomes_a_person_and_an_entitlement(issuer: Issuer) -> None:
    found = read(issuer, town.ANNA)
    anna = ImportedPerson("1001", "Иванова Анна Сергеевна", "1951-03-04", None, None)
    assert found == Found(RowKind.ENTITLEMENTS, [(anna, 2, [2545, None, None, 3, "0123456789", "2006-04-01"])], [])


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffref;name;category\r\n1;Ёлкина Ия;02-545\r\n".encode(),
        "ref;name;category\n1;Ёлкина Ия;02-545\n".encode(),
        "ref;name;category\r\n1;Ёлкина Ия;02-545\r\n".encode("cp1251"),
        "ref,name,category\n1,Ёлкина Ия,2545\n".encode(),
        'category\tref\tname\n2545\t1\t"Ёлкина Ия"\n'.encode(),
        "REF ; Name;category\n\n;;\n 1 ; Е\u0308лкина Ия ;2545".encode(),
    ],
    ids=["Excel's UTF-8", "plain UTF-8", "cp1251", "commas", "tabs, other order", "spaces, empty lines, decomposed letters"],
)
def test_the_shapes_in_which_spreadsheets_save_are_read(issuer: Issuer, content: bytes) -> None:
    found = read_content(issuer, content)
    assert not found.faults
    assert [(person.ref, person.name, values[0]) for person, _, values in found.good] == [("1", "Ёлкина Ия", 2545)]


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        (";Ия;;2545;;;;;", ("ref", "empty", {})),
        ("1;;;2545;;;;;", ("name", "empty", {})),
        ("1;Ия;;;;;;;", ("category", "empty", {})),
        ("1;Ия;1.1.51;2545;;;;;", ("born", "day_form", {"cell": "*.*.**"})),
        ("1;Ия;1700;2545;;;;;", ("born", "birth_year", {"cell": "1700", "first": 1800})),
        ("1;Ия;1799-12-31;2545;;;;;", ("born", "no_such_day", {"cell": "1799-12-31"})),
        ("1;Ия;;2545;2026-02-30;;;;", ("from", "no_such_day", {"cell": "2026-02-30"})),
        ("1;Ия;;2545;;31/12/2026;;;", ("until", "day_form", {"cell": "**/**/****"})),
        (
            "1;Ия;;2545;2026-02-01;31.01.2026;;;",
            ("until", "until_before_from", {"first": date(2026, 2, 1), "last": date(2026, 1, 31)}),
        ),
        ("1;Ия;;77-545;;;;;", ("category", "out_of_scope", {"cell": "77-545", "issuer": "RU-BA", "scopes": "1-999, 2001-2999"})),
        ("1;Ия;;pensioner;;;;;", ("category", "no_category", {"cell": "pensioner"})),
        ("1;Ия;;2545;;;passport;1;", ("document_kind", "document_kind", {"cell": "passport", "highest": 65535})),
        ("1;Ия;;2545;;;70000;1;", ("document_kind", "document_kind", {"cell": "*****", "highest": 65535})),
        ("1;Ия;;2545;;;3;;", ("document_number", "document_incomplete", {})),
        ("1;Ия;;2545;;;;77;", ("document_kind", "document_incomplete", {})),
        ("1;Ия;;2545", (None, "field_count", {"found": 4, "expected": 9})),
        ("1;Ия;3000;2545;;;;;", ("born", "birth_year", {"cell": "3000", "first": 1800})),
        ("1;Ия;02.06.2026;2545;;;;;", ("born", "born_later", {"cell": "02.06.2026"})),
        ("1;Ия;112-233-445 95;2545;;;;;", ("born", "day_form", {"cell": "***-***-*** **"})),
        ("1;нБТЙС рЕФТПЧОБ;;2545;;;;;", ("name", "garbled_name", {"position": 1})),
        ("1;Њ\u00a0аЁп Џ\u2019ва®ў\u00a0;;2545;;;;;", ("name", "garbled_name", {"position": 11})),
        ("1;---;;2545;;;;;", ("name", "garbled_name", {"position": 1})),
        ("1;Ия;;2545;;;3;1,23457E+15;", ("document_number", "rounded_number", {})),
        ("1;Ия\u202eИя;;2545;;;;;", ("name", "bad_text", {"why": Message("text_character", character="U+202E", position=3)})),
        ("1;Ия\u3164;;2545;;;;;", ("name", "bad_text", {"why": Message("text_character", character="U+3164", position=3)})),
        ("1;²;;2545;;;;;", ("name", "garbled_name", {"position": 1})),
        ("1;Ия;;2545;;;3;\u0301;", ("document_number", "bad_text", {"why": Message("text_invisible")})),
        (f"1;{'И' * 121};;2545;;;;;", ("name", "long_text", {"length": 121, "longest": 120})),
        (f"1;{'И' * 1001};;2545;;;;;", ("name", "long_field", {"length": 1001, "longest": 1000})),
        (f"{'1' * 65};Ия;;2545;;;;;", ("ref", "long_text", {"length": 65, "longest": 64})),
    ],
)
def test_a_bad_field_is_named_with_its_line_and_column_and_what_would_be_right(
    issuer: Issuer, line: str, wrong: tuple[str | None, str, dict[str, object]]
) -> None:
    (found,) = faults(issuer, line)
    assert_is(found, wrong)


def test_all_that_is_wrong_is_said_at_once_and_good_rows_are_kept(issuer: Issuer) -> None:
    rows = read(issuer, ";;;;x;;;;", town.ANNA, "1;Ия;x;y;;;;;")
    assert [(fault.line, fault.column) for fault in rows.faults] == [
        (2, "ref"),
        (2, "name"),
        (2, "category"),
        (2, "from"),
        (4, "born"),
        (4, "category"),
    ]
    assert [person.ref for person, _, _ in rows.good] == ["1001"]


@pytest.mark.parametrize(
    "name", ["Салауат Ҡәҙер улы", "О’Нил Шон-Мак", "Ўладзімір Ґ.", "д'Арк Ж. (Иванова)", "McDonald Ян", "Нгуен Ван Тхань"]
)
def test_names_of_many_kinds_are_names(issuer: Issuer, name: str) -> None:
    assert not faults(issuer, f"1;{name};;2545;;;;;")


def test_what_is_no_csv_is_a_fault_among_the_others_and_hides_none(issuer: Issuer) -> None:
    rows = read(
        issuer,
        "1;Ия;x;2545;;;;;",
        '2;"Рома"х;;2545;;;;;',
        town.ANNA,
        f"3;{'a' * 10_000_000};;2545;;;;;",
        '4;"Ия;;2545;;;;;',
        "5;Ия;;;;;;;",
    )
    assert [(fault.line, fault.code) for fault in rows.faults] == [
        (2, "day_form"),
        (3, "not_csv"),
        (5, "long_field"),
        (6, "not_csv"),
    ]
    assert [person.ref for person, _, _ in rows.good] == ["1001"]


def test_a_quoted_field_may_hold_the_separator_and_lines_are_counted_as_the_file_has_them(issuer: Issuer) -> None:
    rows = read(issuer, '1;"Ия\nБи";;2545;;;;;', "2;Ия;;bad;;;;;")
    assert [(fault.line, fault.column) for fault in rows.faults] == [(2, "name"), (4, "category")]


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"", (1, "row_file.empty", {})),
        (b"\n\n", (1, "row_file.empty", {})),
        (b"a;b\n", (1, "row_file.columns_unknown", {"names": ["a", "b"]})),
        (b"ref;name;until\n", (1, "row_file.columns_missing", {"names": ["category"]})),
        (b"name\n", (1, "row_file.columns_missing", {"names": ["ref"]})),
        (
            b"ref;name;status\n",
            (
                1,
                "row_file.columns_missing",
                {"names": ["submitted", Message("row_file.either_column", one="category", other="measure")]},
            ),
        ),
        (b'ref;"name\n', (1, "row_file.not_csv", {})),
        (b"[1]\n", (1, "row_file.columns_unknown", {"names": ["[1]"]})),
        (b"{}", (1, "row_file.empty", {})),
        (b'{"ref": "1", "nom": "x"}', (1, "row_file.columns_unknown", {"names": ["nom"]})),
        (b'{"ref": "1", "name"', (1, "row.not_json", {"position": 20})),
        (b"ref;name;category;name\n", (1, "row_file.columns_twice", {"names": ["name"]})),
        (b"ref;name;category" + b";x" * 10_000, (1, "row_file.too_many_columns", {"most": 100})),
        (b"PK\x03\x04\0\0", (None, "row_file.nul_bytes", {})),
        (b"ref;name;category\n1;\x98;2545", (None, "row_file.unknown_encoding", {})),
        (
            "ref;name;category\n1;Мария Петровна;2545\n2;П".encode() + b"\xd0;2545\n",
            (3, "row_file.damaged_character", {}),
        ),
    ],
)
def test_a_file_that_is_no_table_is_refused_as_a_whole(
    issuer: Issuer, content: bytes, wrong: tuple[int | None, str, dict[str, object]]
) -> None:
    line, reason, facts = wrong
    with refused(ImportRefused, reason, **facts) as caught:
        read_content(issuer, content)
    if reason in {"row_file.columns_unknown", "row_file.columns_missing"}:
        assert isinstance(caught.value.facts["possible"], list)
        assert caught.value.facts["possible"][0] == "ref"
    path, *rest = caught.value.where
    assert (Path(str(path)).name, rest) == ("a.csv", [] if line is None else [Message("at.line", line=line)])


@given(
    content=st.binary(max_size=200)
    | st.text(max_size=200).map(lambda text: f"{town.HEADER}\n{text}".encode("utf-8", "ignore"))
    | st.text(max_size=200).map(lambda text: f'{{"ref": "1", "name": "\u0418"}}\n{text}'.encode("utf-8", "ignore")),
    name=st.sampled_from(["a.csv", "a.jsonl"]),
)
def test_no_content_whatever_raises_anything_but_our_errors(issuer: Issuer, content: bytes, name: str) -> None:
    try:
        found = read_content(issuer, content, name)
    except SocpassError:
        return
    assert isinstance(found, Found)


def test_what_looks_like_sql_is_a_name_like_any_other(issuer: Issuer) -> None:
    ((person, _, _),) = read(issuer, "1;Robert') DROP TABLE residents --;;2545;;;;;").good
    assert person.name == "Robert') DROP TABLE residents --"


@pytest.mark.parametrize(
    ("name", "position"),
    [
        ("Ивaнова Мария", 3),
        ("Cергей Иванов", 2),
        ("Ҡәҙер әɘ", None),
        ("Петров-Vодкин Ян", 9),
        ("III Петров", None),
        ("Ia Ия", None),
    ],
)
def test_letters_of_two_alphabets_in_one_word_are_a_fault(issuer: Issuer, name: str, position: int | None) -> None:
    said = faults(issuer, f"1;{name};;2545;;;;;")
    if position is None and "ɘ" not in name:
        assert not said
    else:
        (only,) = said
        assert (only.column, only.code) == ("name", "two_alphabets")
        assert position is None or only.facts == {"position": position}


@pytest.mark.parametrize("ref", ["112-233-445 95", "112-233-445-95", "11223344595", " 112-233-445 95 "])
def test_a_number_that_the_state_gave_is_no_reference_and_is_not_shown(issuer: Issuer, ref: str) -> None:
    (fault,) = faults(issuer, f"{ref};Ия;;2545;;;;;")
    assert (fault.column, fault.code) == ("ref", "snils")
    assert not any(digit in str(fault).partition(":")[2] for digit in "3459")


@pytest.mark.parametrize("ref", ["11223344596", "00000012395", "1122334459", "112233445950", "112-233"])
def test_other_numbers_are_references(issuer: Issuer, ref: str) -> None:
    assert not faults(issuer, f"{ref};Ия;;2545;;;;;")


def test_what_the_columns_are_says_what_the_rows_are(issuer: Issuer) -> None:
    residents = read(issuer, "1;Ия;1950;Iya", header="ref;name;born;name_latin")
    assert residents == Found(RowKind.RESIDENTS, [(ImportedPerson("1", "Ия", None, 1950, "Iya"), 2, [])], [])
    applied = read(
        issuer,
        "1;Ия;02-545;;01.02.2026;;",
        "1;Ия;;bus-pass;2026-02-01;отказано;нет документа",
        header="ref;name;category;measure;submitted;status;reason",
    )
    assert applied.kind is RowKind.APPLICATIONS
    nothing = [None] * 5
    assert [values for _, _, values in applied.good] == [
        [2545, "2545", "2026-02-01", "in_progress", None, *nothing],
        [None, "bus-pass", "2026-02-01", "refused", "нет документа", *nothing],
    ]


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("1;Ия;2545;bus;2026-01-01;;", ("category", "no_subject", {})),
        ("1;Ия;;;2026-01-01;;", ("category", "no_subject", {})),
        ("1;Ия;2545;;2026-01-01;refused;", ("reason", "no_reason", {})),
        ("1;Ия;2545;;2026-06-02;;", ("submitted", "born_later", {"cell": "2026-06-02"})),
        ("1;Ия;2545;;;;", ("submitted", "empty", {})),
        ("1;Ия;2545;;2026-01-01;perhaps;", ("status", "no_choice", {"cell": "perhaps", "words": list(STATUS_WORDS)})),
        ("1;Ия;;Bus Pass;2026-01-01;;", ("measure", "no_measure", {"cell": "Bus Pass", "longest": 64})),
    ],
)
def test_what_is_wrong_with_an_application_is_named(
    issuer: Issuer, line: str, wrong: tuple[str | None, str, dict[str, object]]
) -> None:
    (found,) = faults(issuer, line, header="ref;name;category;measure;submitted;status;reason")
    assert_is(found, wrong)


@pytest.mark.parametrize(
    ("cell", "wrong"),
    [("Ivaнova", ("name_latin", "two_alphabets", {"position": 4})), ("Иванова", ("name_latin", "not_latin", {"position": 1}))],
)
def test_a_latin_name_has_latin_letters(issuer: Issuer, cell: str, wrong: tuple[str | None, str, dict[str, object]]) -> None:
    (found,) = faults(issuer, f"1;Ия;{cell}", header="ref;name;name_latin")
    assert_is(found, wrong)


def test_json_lines_say_the_same_as_csv(issuer: Issuer) -> None:
    lines = (
        '{"ref": "1001", "name": "Иванова Анна Сергеевна", "born": "1951-03-04", "category": 2545, "document_kind": 3,'
        ' "document_number": "0123456789", "document_issued": "2006-04-01", "until": null}\n\n'
        '{"ref": 1002, "name": "Габдуллин Рустем", "born": 1949, "category": "02-521", "from": "2026-01-01",'
        ' "until": "2026-12-31"}'
    )
    for name in ("a.jsonl", "a.ndjson", "a.csv"):
        found = read_content(issuer, lines.encode(), name)
        same = read(issuer, town.ANNA, town.RUSTEM)
        assert [(person, values) for person, _, values in found.good] == [(person, values) for person, _, values in same.good]
        assert [line for _, line, _ in found.good] == [1, 3]


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ('{"ref": "1", "name": "Ия", "category": true}', ("category", "json_type", {})),
        ('{"ref": "1", "name": ["Ия"], "category": 1}', ("name", "json_type", {})),
        ('{"ref": "1", "name": "Ия", "category": 2.5}', ("category", "json_type", {})),
        ('{"ref": "1", "name": "Ия", "category": NaN}', (None, "not_json", {"position": 1})),
        ('{"ref": "1", "name": "Ия", "category": 1, "ref": "2"}', (None, "field_twice", {})),
        ('{"ref": "1", "name": "Ия", "category": 1, "snils": "2"}', (None, "unknown_field", {"name": "snils"})),
        ('{"ref": "1", "name": "Ия", "category": 1', (None, "not_json", {"position": 1})),
        ('["1"]', (None, "no_object", {})),
        (
            '{"ref": "1", "name": "\\u0000И", "category": 30}',
            ("name", "bad_text", {"why": Message("text_character", character="U+0000", position=1)}),
        ),
        (
            '{"ref": "1", "name": "\\ud800И", "category": 30}',
            ("name", "bad_text", {"why": Message("text_character", character="U+D800", position=1)}),
        ),
        (
            '{"ref": "1", "name": "Ия", "category": "' + "9" * 5000 + '"}',
            ("category", "long_field", {"length": 5000, "longest": 1000}),
        ),
        ('{"ref": "1", "name": "Ия", "category": ' + "9" * 5000 + "}", (None, "not_json", {"position": 1})),
        ("[" * 100_000, (None, "not_json", {"position": 1})),
    ],
)
def test_what_is_wrong_with_an_object_is_named_with_its_line_and_field(
    issuer: Issuer, line: str, wrong: tuple[str | None, str, dict[str, object]]
) -> None:
    found = read_content(issuer, f'{{"ref": "0", "name": "Ян", "category": 30}}\n{line}\n'.encode(), "a.jsonl")
    (fault,) = found.faults
    assert_is(fault, wrong)
    assert len(found.good) == 1


def test_a_folder_and_a_pipe_are_no_files_and_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    missing = {"why": Message("system.no_such_file")}
    for name, reason, facts in (
        ("pipe", "not_a_regular_file", {}),
        (".", "system.is_a_folder", {}),
        ("nothing", "cannot_be_read", missing),
    ):
        with refused(ImportRefused, reason, **facts) as caught:
            survey(tmp_path / name)
        assert caught.value.where == (str(tmp_path / name),)


def test_a_line_longer_than_any_table_has_is_refused_before_it_fills_the_memory(issuer: Issuer) -> None:
    with refused(ImportRefused, "row_file.long_line", longest=16_777_216) as caught:
        read_content(issuer, f"{town.HEADER}\n".encode() + b"a" * (2**24 + 1))
    assert caught.value.where[1:] == (Message("at.line", line=2),)


def test_a_file_that_is_utf_8_to_its_last_byte_but_one_is_not_taken_for_cp1251(issuer: Issuer) -> None:
    content = io.BytesIO()
    content.write(f"{town.HEADER}\n".encode())
    content.write(f"{town.ANNA}\n".encode() * 30_000)
    content.write("2;П".encode()[:-1])
    with refused(ImportRefused, "row_file.damaged_character") as caught:
        read_content(issuer, content.getvalue())
    assert caught.value.where[1:] == (Message("at.line", line=30_002),)


@given(
    cells=st.lists(
        st.text(max_size=12) | st.sampled_from(["02-545", "2026-01-01", "1950", "3", "Ия", "1001"]), min_size=9, max_size=9
    )
)
def test_a_row_is_good_or_has_faults_and_the_same_cells_mean_the_same_twice(issuer: Issuer, cells: list[str]) -> None:
    line = ";".join(
        cell.replace(";", "").replace('"', "").replace("\n", "").replace("\r", "").replace("\0", "") for cell in cells
    )
    try:
        once, twice = (read(issuer, *[line] * times) for times in (1, 2))
    except ImportRefused:  # not text
        return
    assert len(twice.good) == 2 * len(once.good)
    assert len(twice.faults) == 2 * len(once.faults)
    assert {id(person) for person, _, _ in twice.good} == {id(person) for person, _, _ in twice.good[:1]}
