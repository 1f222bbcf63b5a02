"""``socpass issuer report``, ``statement``, ``events`` and ``audit``: what is read from a register, and how it is shown."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

import town
from command import Shell
from named_passes import add_list, add_pass, add_resident, log, named, three_passes
from said import text
from socpass_cli.words.agency_names import AgencyNames, OpenMeasure
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.register.event_log import Event
from socpass_vc.issuer.register.schema import applications, entitlements

HOSTILE = "</style><script>alert(1)</script>\u202e' OR 1=1; -- & \x1b[31m\"Анна"
SHOWN = HOSTILE.replace("\u202e", "\ufffd").replace("\x1b", "\ufffd")
REF = "<b>1001</b>"
FREE = text("measure.benefit.free")
VOID = {"meta", "br", "hr", "img", "input", "link", "col"}


@pytest.fixture
def agency(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Agency:  # noqa: ARG001 -- it clears the environment
    """Give a fresh agency, named in the environment."""
    made = town.agency(tmp_path)
    monkeypatch.setenv("SOCPASS_AGENCY", str(made.folder))
    return made


@pytest.fixture
def with_passes(agency: Agency) -> Agency:
    """Give an agency with two residents and three passes."""
    with agency.register() as register:
        three_passes(register)
        with register.transaction() as connection:
            rows = [{"resident_id": 1, "category": 2545}, {"resident_id": 2, "category": 30}]
            connection.execute(entitlements.insert(), rows)
    return agency


@pytest.fixture
def hostile(agency: Agency) -> Agency:
    """Give an agency with a resident whose name and texts are written to do harm."""
    with agency.register() as register, register.transaction() as connection:
        add_list(connection, 0)
        resident = add_resident(connection, REF, name=HOSTILE, born_on=date(1951, 3, 4), name_latin=HOSTILE)
        values = {"document_kind": 5, "document_number": "АБ<99>8877", "document_issued_on": date(2004, 5, 12)}
        connection.execute(
            entitlements.insert().values(resident_id=resident, category=2521, first_day=date(2020, 1, 1), **values)
        )
        refused = {"status": "refused", "reason": HOSTILE, "decided_at": 1776435200}
        for subject, decision in (("2580", refused), ("<measure>", {"status": "in_progress"})):
            row = {"resident_id": resident, "subject": subject, "submitted_on": date(2026, 4, 4), **decision}
            connection.execute(applications.insert().values(**row))
        add_pass(connection, resident, (0, 5))
    return agency


class Page(HTMLParser):
    """A page taken apart: its elements in order, each closed where it must be, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def lines(said: str) -> list[str]:
    """Return the lines without the spaces that align them."""
    return [" ".join(line.split()) for line in said.splitlines()]


def test_the_report_of_an_empty_register_says_so(shell: Shell, agency: Agency) -> None:
    said = shell("issuer", "report", "--lang", "en")
    assert said.code == 0
    assert said.out.splitlines()[0].startswith(text("cli.report.heading", issuer="Town", moment="20"))
    for title in ("cli.report.by_category", "cli.statement.applications", "cli.report.lists"):
        assert text("cli.report.none", title=text(title)) in said.out
    assert "agency" in json.loads(shell("issuer", "report", "--json").out)
    assert agency.folder.exists()


@pytest.mark.usefixtures("with_passes")
def test_the_report_is_a_table_for_people_in_both_languages(shell: Shell) -> None:
    english, russian = (shell("issuer", "report", "--lang", lang) for lang in ("en", "ru"))
    assert (english.code, russian.code) == (0, 0)
    for lang, said, name, full in (("en", english, "Pensioner", "4.7%"), ("ru", russian, "Пенсионер", "4,7%")):
        people, superseded = text("cli.report.people", lang), text("cli.report.passes_superseded", lang)
        for row in (f"{people} 2", f"{superseded} 1", f"02-545 {name} 1 1 1 0 0 0 0", f"0 64 3 {full} — —"):
            assert row in lines(said.out)
    assert max(map(len, (english.out + russian.out).splitlines())) <= 100
    by_region = lines(shell("issuer", "report", "--by", "region", "--lang", "en").out)
    country = text("cli.report.whole_country")
    assert ("02 1 1 1 0 0 0 0" in by_region, f"00 {country} 1 1 0 0 1 0 0" in by_region) == (True, True)


@pytest.mark.usefixtures("with_passes")
def test_the_report_as_csv_opens_in_excel_and_holds_the_figures_of_the_json(shell: Shell) -> None:
    said = shell("issuer", "report", "--csv", "--lang", "ru")
    assert said.out.startswith("\ufeffsection;key;name;figure;value")
    cells = list(csv.DictReader(io.StringIO(said.out.removeprefix("\ufeff")), delimiter=";"))
    figures = {(cell["section"], cell["key"], cell["figure"]): cell["value"] for cell in cells}
    assert len(figures) == len(cells)
    found = json.loads(shell("issuer", "report", "--json", "--lang", "ru").out)
    assert found["people"] == {"all": 2, "entitled": 2, "with_pass": 1, "due": 2}
    assert found["by"] == "category"
    assert [row["code"] for row in found["rows"]] == ["00-030", "02-545"]
    for section in ("people", "passes"):
        assert {name: figures[section, "", name] for name in found[section]} == {k: str(v) for k, v in found[section].items()}
    for row in found["rows"]:
        assert figures["category", row["code"], "live"] == str(row["live"])
    assert (figures["lists", "0", "entries"], found["lists"][0]["entries"]) == ("64", 64)


def test_applications_are_shown_by_status_and_age(shell: Shell, hostile: Agency) -> None:
    said = lines(shell("issuer", "report", "--lang", "en").out)
    at = next(number for number, line in enumerate(said) if line.startswith(text("cli.statement.applications")))
    waiting, refused = (text(f"application_status.{status}") for status in ("in_progress", "refused"))
    assert said[at + 1 : at + 3] == [f"{waiting} 1 0 0 1 2026-04-04", f"{refused} 1 0 0 1 2026-04-04"]
    assert "over_30_days;1" in shell("issuer", "report", "--csv").out
    assert hostile.folder.exists()


def test_one_form_at_a_time(shell: Shell, agency: Agency) -> None:
    assert shell("issuer", "report", "--csv", "--json").code == 2
    assert shell("issuer", "statement", "1001", "--html", "x.html", "--json").code == 2
    assert agency.folder.exists()


@pytest.mark.usefixtures("hostile")
def test_a_statement_in_the_terminal_masks_numbers_and_commands_nothing(shell: Shell) -> None:
    said = shell("issuer", "statement", REF, "--lang", "ru")
    assert said.code == 0
    for words in (
        SHOWN,
        text("cli.document_of_day", "ru", document="удостоверение ветерана *8877", day="12.05.2004"),
        text("from_day", "ru", day="01.01.2020"),
        text("no_end", "ru"),
        f"{text('application_status.refused', 'ru')} 17.04.2026",
        text("application_status.in_progress", "ru"),
    ):
        assert words in said.out
    assert not {"\x1b", "\u202e"} & set(said.out)
    assert "АБ<99>8877" not in said.out
    assert "АБ<99>8877" in shell("issuer", "statement", REF, "--full-numbers").out
    assert "Large family [02-580]" in shell("issuer", "statement", REF, "--lang", "en").out
    said = shell("issuer", "statement", "nobody' --", "--lang", "ru")
    assert (said.code, text("register.no_such_resident", "ru", ref="nobody' --") in said.err) == (1, True)


@pytest.mark.usefixtures("hostile")
def test_a_statement_as_json(shell: Shell) -> None:
    found = json.loads(shell("issuer", "statement", REF, "--json", "--lang", "ru").out)
    assert (found["ref"], found["name"], found["born_on"], found["today"][:2]) == (REF, HOSTILE, "1951-03-04", "20")
    document = {"kind": 5, "name": "удостоверение ветерана", "number": "*8877", "issued_on": "2004-05-12"}
    assert found["entitlements"] == [
        {
            "category": 2521,
            "code": "02-521",
            "name": "Ветеран труда",
            "standing": "counts",
            "from": "2020-01-01",
            "until": None,
            "document": document,
        }
    ]
    assert found["applications"][1]["subject"]["code"] == "02-580"
    assert found["applications"][0] == {
        "subject": {"measure": "<measure>", "name": "<measure>"},
        "status": "in_progress",
        "reason": None,
        "submitted_on": "2026-04-04",
        "decided_at": None,
    }
    assert found["passes"][0]["list"] == 0


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize("lang", ["ru", "en"])
def test_a_statement_as_a_page_holds_all_it_needs_and_runs_nothing(shell: Shell, tmp_path: Path, lang: str) -> None:
    said = shell("issuer", "statement", REF, "--html", "page.html", "--lang", lang)
    assert (said.code, "page.html" in said.out) == (0, True)
    content = (tmp_path / "page.html").read_bytes()
    assert (tmp_path / "page.html").stat().st_mode & 0o777 == 0o600
    page = Page(content.decode())
    names = [name for name, _ in page.elements]
    assert page.elements[0] == ("html", {"lang": lang})
    assert {"script", "img", "link", "iframe", "a", "form"}.isdisjoint(names)
    assert not any({"src", "href", "action", "style"} & attributes.keys() for _, attributes in page.elements)
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert b"url(" not in content
    assert b"@import" not in content
    assert names.count("h1") == names.count("main") == 1
    assert names.count("table") == names.count("h2") == 3
    headers = [attributes for name, attributes in page.elements if name == "th"]
    assert {attributes.get("scope") for attributes in headers} == {"col", "row"}
    pieces = [piece for piece in page.text if piece.strip()]
    assert pieces.count(SHOWN) == 3  # the name, the Latin name and the reason of the refusal
    assert text("cli.statement.title", lang) in pieces
    assert REF in pieces
    assert "АБ<99>8877" not in "".join(pieces)
    assert ("\u202e" in content.decode(), "\x1b" in content.decode()) == (False, False)


@pytest.mark.usefixtures("hostile")
def test_measures_stand_in_every_form_of_a_statement(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def two_measures(_: AgencyNames, categories: tuple[int, ...], __: date) -> tuple[OpenMeasure, ...]:
        assert categories == (2521,)
        free = OpenMeasure(id="museum", name="<i>Музей</i>", grants=FREE, places=("museum", "park"), until=None)
        return (free, replace(free, id="bus", name="Bus", until=date(2030, 12, 31)))

    monkeypatch.setattr(AgencyNames, "open_measures", two_measures)
    found = json.loads(shell("issuer", "statement", REF, "--json").out)
    assert found["measures"][1] == {
        "measure": "bus",
        "name": "Bus",
        "grants": FREE,
        "places": ["museum", "park"],
        "until": "2030-12-31",
    }
    said = lines(shell("issuer", "statement", REF, "--lang", "en").out)
    assert said[said.index(text("cli.statement.measures")) :][1:5] == [
        " ".join(text(f"cli.statement.column_{name}") for name in ("grants", "measure", "where")),
        f"{FREE} <i>Музей</i> museum, park",
        f"{FREE} Bus museum, park",
        text("until_day", day="2030-12-31"),
    ]
    assert shell("issuer", "statement", REF, "--html", "page.html").code == 0
    assert "<i>Музей</i>" in Page((tmp_path / "page.html").read_text(encoding="utf-8")).text
    monkeypatch.setattr(AgencyNames, "open_measures", lambda *_: ())
    assert text("cli.statement.no_measures") in shell("issuer", "statement", REF, "--lang", "en").out


def test_a_page_of_a_resident_without_anything(shell: Shell, agency: Agency, tmp_path: Path) -> None:
    with agency.register() as register, register.transaction() as connection:
        add_resident(connection, "x", born_in=1949)
    assert shell("issuer", "statement", "x", "--html", "page.html", "--lang", "en").code == 0
    pieces = Page((tmp_path / "page.html").read_text(encoding="utf-8")).text
    assert {"1949", text("cli.statement.none"), text("cli.statement.no_passes")} <= set(pieces)
    assert text("cli.statement.no_passes") in shell("issuer", "statement", "x", "--lang", "en").out


def test_a_page_that_cannot_be_written_is_named_and_leaves_nothing(shell: Shell, agency: Agency, tmp_path: Path) -> None:
    with agency.register() as register, register.transaction() as connection:
        add_resident(connection, "x")
    said = shell("issuer", "statement", "x", "--html", "nowhere/page.html", "--lang", "en")
    refusal = text("cannot_be_written", why=text("system.no_such_file"))
    assert (said.code, f"nowhere/page.html: {refusal}" in said.err) == (1, True)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.usefixtures("with_passes")
def test_a_notifier_gets_every_event_once_by_its_cursor(shell: Shell) -> None:
    seen = []
    cursor = 0
    while True:
        found = shell("issuer", "events", "--since", cursor, "--limit", 2, "--json", "--lang", "ru").out.splitlines()
        if not found:
            break
        events = [json.loads(line) for line in found]
        seen += events
        cursor = events[-1]["cursor"]
    assert [(event["cursor"], event["act"], event["ref"]) for event in seen] == [
        (1, "issue", "1001"),
        (2, "issue", "1002"),
        (3, "supersede", "1001"),
        (4, "issue", "1001"),
        (5, "suspend", "1002"),
    ]
    assert seen[0]["facts"] == {
        "list": 0,
        "index": 7,
        "expires_at": "2027-06-01T12:00:00Z",
        "categories": [
            {"category": 2545, "code": "02-545", "name": "Пенсионер"},
            {"category": 30, "code": "00-030", "name": "Ветеран боевых действий"},
        ],
    }
    assert (seen[4]["reason"], seen[4]["actor"], seen[4]["at"]) == ("checking", "anna", "2026-06-01T12:00:00Z")
    only = shell("issuer", "events", "--act", "suspend", "--act", "supersede", "--json").out.splitlines()
    assert [json.loads(line)["cursor"] for line in only] == [3, 5]


def test_events_are_lines_for_people(shell: Shell, agency: Agency) -> None:
    facts: dict[str, object] = {"subject": "2580", "submitted_on": "2026-05-04"}
    with agency.register() as register:
        log(
            register,
            Event("refuse", "1001\x1b[2J", "нет\nсправки", facts),
            Event("grant", "1001", None, facts | {"subject": "free-museum"}),
            named("issue", "1001", (0, 3)),
            Event("publish"),
            Event("publish", facts={"trust_list": 1, "lists": [0, 3], "not_valid": 5}),
            Event("publish", facts={"trust_list": 1, "lists": [], "not_valid": 5}),
            Event("rotate-key", facts={"key": "0102030405060708", "from": 1_798_306_549}),
        )
    said = shell("issuer", "events", "--lang", "en").out
    assert said.startswith("        1  2026-06-01 17:00:00  refuse     1001")
    assert lines(said) == [
        "1 2026-06-01 17:00:00 refuse 1001\ufffd[2J нет\ufffdсправки Large family [02-580], submitted_on 2026-05-04 (anna)",
        "2 2026-06-01 17:00:00 grant 1001 free-museum, submitted_on 2026-05-04 (anna)",
        "3 2026-06-01 17:00:00 issue 1001 0/3, expires_at 2027-06-01T12:00:00Z, 02-545, 00-030 (anna)",
        "4 2026-06-01 17:00:00 publish (anna)",
        "5 2026-06-01 17:00:00 publish trust_list 1, lists 0, 3, not_valid 5 (anna)",
        "6 2026-06-01 17:00:00 publish trust_list 1, lists -, not_valid 5 (anna)",
        "7 2026-06-01 17:00:00 rotate-key key 0102030405060708, from 2026-12-26T17:35:49Z (anna)",
    ]
    assert len(shell("issuer", "events", "--act", "rotate-key").out.splitlines()) == 1
    first, second, *_ = (json.loads(line) for line in shell("issuer", "events", "--json", "--lang", "en").out.splitlines())
    assert first["facts"]["subject"] == {"category": 2580, "code": "02-580", "name": "Large family"}
    assert second["facts"]["subject"] == {"measure": "free-museum", "name": "free-museum"}
    assert "reason" not in second


@pytest.mark.usefixtures("with_passes")
def test_a_cursor_of_another_register_is_refused(shell: Shell) -> None:
    said = shell("issuer", "events", "--since", 6, "--lang", "ru")
    assert (said.code, text("event_log.ends_before_cursor", "ru", seen=6, last=5) in said.err, said.out) == (1, True, "")
    *_, fourth, last = map(json.loads, shell("issuer", "events", "--json").out.splitlines())
    mark = f"{last['cursor']}:{last['digest']}"
    assert shell("issuer", "events", "--since", mark).out == ""
    said = shell("issuer", "events", "--since", f"4:{last['digest']}", "--lang", "ru")
    assert (said.code, text("event_log.rewritten", "ru", event=4, digest=fourth["digest"]) in said.err) == (1, True)


@pytest.mark.parametrize("since", ["-1", "x", "1:", "1:abcd", "1" * 19, "٣"])
def test_a_cursor_that_is_none_is_wrong_usage(shell: Shell, since: str) -> None:
    for lang in ("en", "ru"):
        assert shell("issuer", "events", f"--since={since}", "--lang", lang).code == 2
        assert shell("issuer", "audit", f"--expect={since}", "--lang", lang).code == 2


def test_an_audit_prints_what_the_next_one_expects(shell: Shell, with_passes: Agency) -> None:
    said = shell("issuer", "audit", "--lang", "en")
    assert said.code == 0
    first, second, _, mark = said.out.splitlines()
    assert (first, second) == (text("cli.audit.events", count=5), text("cli.audit.passes", count=3))
    with with_passes.register() as register:
        log(register, Event("publish"))
    said = shell("issuer", "audit", "--expect", mark, "--lang", "en")
    assert said.code == 0
    assert said.out.splitlines()[:2] == [text("cli.audit.events", count=6), text("cli.audit.as_noted", event=5)]
    assert shell("issuer", "audit", "--expect", 5).code == 2
    said = shell("issuer", "audit", "--expect", "6:" + "0" * 64, "--lang", "ru")
    digest = json.loads(shell("issuer", "events", "--json").out.splitlines()[-1])["digest"]
    assert (said.code, f"[event_log_broken]: {text('event_log.rewritten', 'ru', event=6, digest=digest)}" in said.err) == (
        1,
        True,
    )


def test_an_audit_names_what_is_wrong(shell: Shell, with_passes: Agency) -> None:
    connection = sqlite3.connect(with_passes.folder / "register.sqlite")
    with connection:
        connection.execute("UPDATE credentials SET status = 0 WHERE list_index = 7")
    said = shell("issuer", "audit", "--lang", "ru")
    states = {"registered": text("pass_status.valid", "ru"), "logged": text("pass_status.revoked", "ru")}
    wrong = text("audit.other_status", "ru", list=0, index=7, ref="1001", **states)
    assert (said.code, f"[register_contradicts_log]: {wrong}" in said.err) == (1, True)
    with connection:
        connection.execute("DROP TRIGGER events_no_delete")
        connection.execute("DELETE FROM events WHERE id = 2")
    connection.close()
    said = shell("issuer", "audit", "--lang", "ru")
    assert (said.code, text("event_log.event_missing", "ru", event=2, found=3) in said.err) == (1, True)


def test_an_audit_says_what_the_log_cannot_vouch_for(shell: Shell, agency: Agency) -> None:
    with agency.register() as register:
        with register.transaction() as connection:
            add_list(connection, 0)
            add_pass(connection, add_resident(connection, "1001"), (0, 1))
        log(register, Event("issue", reason="1 passes"))
    for lang in ("en", "ru"):
        assert text("cli.audit.some_passes", lang, passes=1, named=0, unnamed=1) in shell("issuer", "audit", "--lang", lang).out


def test_a_statement_names_the_measures_of_the_agencys_own_catalogue(shell: Shell, agency: Agency) -> None:
    # given
    (agency.folder / "catalogue.toml").write_text(
        """format = 1
[[categories]]
code = "02-545"
names.en = "Pensioner of the town"
[[measures]]
id = "museum-free"
names.en = "Museums of the town"
categories = ["02-545"]
places = ["museum"]
benefit = "free"
companions = 1
[[measures]]
id = "over"
names.en = "Last year's"
categories = ["02-545"]
places = ["museum"]
benefit = "free"
until = 2020-12-31
""",
        encoding="utf-8",
    )
    with agency.register() as register:
        town.take(register, agency, town.ANNA)

    # when
    found = json.loads(shell("issuer", "statement", "1001", "--json", "--lang", "en").out)

    # then
    assert [measure["measure"] for measure in found["measures"]] == ["museum-free"]
    assert found["measures"][0]["grants"] == text("measure.with_one_companion", granted=FREE)
    assert found["entitlements"][0]["name"] == "Pensioner of the town"
    (agency.folder / "catalogue.toml").write_text("format = 1\nformat = 2\n", encoding="utf-8")
    assert "[bad_catalogue]" in shell("issuer", "statement", "1001").err


def test_everything_that_an_agency_does_is_a_line(shell: Shell, demo_folder: Path) -> None:
    said = shell("issuer", "events", "--agency", demo_folder / "agency", "--lang", "ru")
    found = shell("issuer", "events", "--agency", demo_folder / "agency", "--json").out.splitlines()
    assert (said.code, len(said.out.splitlines())) == (0, len(found)), said.err
    assert {json.loads(line)["act"] for line in found} >= {"import", "issue", "publish", "revoke", "suspend"}
