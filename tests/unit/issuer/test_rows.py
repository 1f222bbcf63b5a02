"""A CSV file of entitlements: what is taken, and what is said of what is not."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

import town
from socpass_vc.errors import ImportRefused, SocpassError
from socpass_vc.format.claims import Document, Entitlement
from socpass_vc.format.issuers import Issuer
from socpass_vc.issuer.rows import Row, Rows, read_rows

TODAY = date(2026, 6, 1)


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return town.agency(tmp_path_factory.mktemp("rows")).issuer


def read(issuer: Issuer, *lines: str, header: str = town.HEADER) -> Rows:
    return read_rows("\n".join((header, *lines)).encode(), issuer, today=TODAY)


def faults(issuer: Issuer, *lines: str) -> list[str]:
    rows = read(issuer, *lines)
    return [str(fault) for fault in rows.faults]


def test_a_full_row_becomes_a_resident_and_an_entitlement(issuer: Issuer) -> None:
    assert read(issuer, town.ANNA) == Rows(
        good=[
            Row(
                line=2,
                ref="1001",
                name="Иванова Анна Сергеевна",
                born_on=date(1951, 3, 4),
                born_in=None,
                entitlement=Entitlement(
                    category=2545, document=Document(kind=3, number="0123456789", issued_on=date(2006, 4, 1))
                ),
            )
        ]
    )


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
    rows = read_rows(content, issuer, today=TODAY)
    assert not rows.faults
    assert [(row.ref, row.name, row.entitlement.category) for row in rows.good] == [("1", "Ёлкина Ия", 2545)]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (";Ия;;2545;;;;;", "line 2, column ref: empty; it is needed in every row"),
        ("1;;;2545;;;;;", "line 2, column name: empty; it is needed in every row"),
        ("1;Ия;;;;;;;", "line 2, column category: empty; it is needed in every row"),
        ("1;Ия;1.1.51;2545;;;;;", "line 2, column born: '*.*.**' is not a day; write it as 2026-12-31 or 31.12.2026"),
        ("1;Ия;1700;2545;;;;;", "line 2, column born: 1700 is not a year from 1800 to this one"),
        ("1;Ия;1799-12-31;2545;;;;;", "line 2, column born: 1799-12-31 is not a day that exists, from 1800 on"),
        ("1;Ия;;2545;2026-02-30;;;;", "line 2, column from: 2026-02-30 is not a day that exists"),
        ("1;Ия;;2545;;31/12/2026;;;", "line 2, column until: '**/**/****' is not a day"),
        ("1;Ия;;2545;2026-02-01;31.01.2026;;;", "line 2, column until: 2026-01-31 lies before 'from', 2026-02-01"),
        ("1;Ия;;77-545;;;;;", "line 2, column category: 77-545 is not a category that RU-BA may grant: 1-999, 2001-2999"),
        ("1;Ия;;pensioner;;;;;", "line 2, column category: 'pensioner' is no category"),
        ("1;Ия;;2545;;;passport;1;", "line 2, column document_kind: 'passport' is not a number of a document kind, 1 to 65535"),
        ("1;Ия;;2545;;;70000;1;", "line 2, column document_kind: '*****' is not a number"),
        ("1;Ия;;2545;;;3;;", "line 2, column document_number: empty, though the row names a document"),
        ("1;Ия;;2545;;;;77;", "line 2, column document_kind: empty, though the row names a document"),
        ("1;Ия;;2545", "line 2: 4 fields; the header has 9"),
        ("1;Ия;3000;2545;;;;;", "line 2, column born: 3000 is not a year from 1800 to this one"),
        ("1;Ия;02.06.2026;2545;;;;;", "line 2, column born: 02.06.2026 is still to come"),
        ("1;Ия;112-233-445 95;2545;;;;;", "line 2, column born: '***-***-*** **' is not a day"),
        ("1;нБТЙС рЕФТПЧОБ;;2545;;;;;", "line 2, column name: looks like a name in another encoding, at character 1"),
        ("1;Њ\u00a0аЁп Џ\u2019ва®ў\u00a0;;2545;;;;;", "line 2, column name: looks like a name in another encoding"),
        ("1;---;;2545;;;;;", "line 2, column name: looks like a name in another encoding"),
        ("1;Ия;;2545;;;3;1,23457E+15;", "line 2, column document_number: a number that the spreadsheet has rounded"),
        ("1;Ия\u202eИя;;2545;;;;;", "line 2, column name: holds the character U+202E at position 3, which no name has"),
        (f"1;{'И' * 121};;2545;;;;;", "line 2, column name: has 121 characters; 1 to 120 are possible"),
        (f"1;{'И' * 1001};;2545;;;;;", "line 2, column name: 1001 characters; no field has more than 1000"),
        (f"{'1' * 65};Ия;;2545;;;;;", "line 2, column ref: has 65 characters; 1 to 64 are possible"),
    ],
)
def test_a_bad_field_is_named_with_its_line_and_column_and_what_would_be_right(issuer: Issuer, line: str, said: str) -> None:
    (found,) = faults(issuer, line)
    assert found.startswith(said)


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
    assert [row.ref for row in rows.good] == ["1001"]


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
    assert [row.ref for row in rows.good] == ["1001"]


def test_one_reference_is_one_person(issuer: Issuer) -> None:
    assert faults(issuer, "1;Ия;1950;2545;;;;;", "1;Мия;1950;2521;;;;;") == [
        "line 3, column ref: another name or birth than in line 2, which has the same ref"
    ]


def test_one_row_is_one_entitlement(issuer: Issuer) -> None:
    assert faults(issuer, "1;Ия;;2545;;;;;", "2;Ия;;2545;;;;;", "1;Ия;;02-545;;;;;") == [
        "line 4, column category: the same ref and category as in line 2; one row an entitlement"
    ]


def test_a_quoted_field_may_hold_the_separator_and_lines_are_counted_as_the_file_has_them(issuer: Issuer) -> None:
    rows = read(issuer, '1;"Ия\nБи";;2545;;;;;', "2;Ия;;bad;;;;;")
    assert [(fault.line, fault.column) for fault in rows.faults] == [(2, "name"), (4, "category")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1: empty; it names the columns: ref, name"),
        (b"\n\n", "line 1: empty"),
        (b"a;b\n", "line 1: columns unknown: a, b; possible: ref"),
        (b"ref;name\n", "line 1: columns missing: category"),
        (b"ref;name;category;name\n", "line 1: columns twice: name"),
        (b"ref;name;category" + b";x" * 10_000, "line 1: more than 100 columns"),
        (b"PK\x03\x04\0\0", "the file holds NUL bytes: it is not CSV"),
        (b"ref;name;category\n1;\x98;2545", "the file is neither UTF-8 nor cp1251"),
        (
            "ref;name;category\n1;Мария Петровна;2545\n2;П".encode() + b"\xd0;2545\n",
            "line 3: a damaged character in a file that is UTF-8",
        ),
    ],
)
def test_a_file_that_is_no_table_is_refused_as_a_whole(issuer: Issuer, content: bytes, said: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        read_rows(content, issuer, today=TODAY)
    assert str(refused.value).startswith(said)


@given(
    content=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"{town.HEADER}\n{text}".encode("utf-8", "ignore"))
)
def test_no_content_whatever_raises_anything_but_our_errors(issuer: Issuer, content: bytes) -> None:
    try:
        rows = read_rows(content, issuer, today=TODAY)
    except SocpassError:
        return
    assert isinstance(rows, Rows)


def test_what_looks_like_sql_is_a_name_like_any_other(issuer: Issuer) -> None:
    (row,) = read(issuer, "1;Robert') DROP TABLE residents --;;2545;;;;;").good
    assert row.name == "Robert') DROP TABLE residents --"
