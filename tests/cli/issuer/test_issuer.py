"""``socpass issuer``, ``root``, ``key`` and ``demo``: an agency's day, and its mistakes."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

import town
from command import Shell
from first_register import first_register
from postgres import Server
from said import before_facts, text
from socpass_vc.errors import AgencyError, CodeTooLarge
from socpass_vc.issuer.imports.columns import RowKind
from socpass_vc.issuer.register.database import REVISIONS
from socpass_vc.messages import Message
from socpass_vc.qr.bulk import QrModules, draw
from socpass_vc.qr.sizes import Level


def imported(new: int, *, unchanged: int) -> str:
    """Return what is said of an import of *new* residents with one entitlement each."""
    parts = (text(f"cli.import.{name}", new=new, changed=0) for name in ("residents", "entitlements"))
    return f"{'; '.join(parts)}, {text('cli.import.unchanged', count=unchanged)}"


CSV = f"{town.HEADER}\n{town.ANNA}\n{town.RUSTEM}"


@pytest.fixture
def agency(tmp_path: Path) -> Path:
    """Give a fresh agency, named in the environment with its passphrase."""
    folder = town.agency(tmp_path).folder
    (tmp_path / "passphrase.txt").write_text(f"{town.PASSPHRASE}\nsecond line\n", encoding="utf-8")
    (tmp_path / "residents.csv").write_text(CSV, encoding="utf-8-sig")
    return folder


@pytest.fixture
def office(shell: Shell, agency: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Give the shell of an operator who has set the environment once."""
    monkeypatch.setenv("SOCPASS_AGENCY", str(agency))
    monkeypatch.setenv("SOCPASS_PASSPHRASE_FILE", str(tmp_path / "passphrase.txt"))
    return shell


def test_the_whole_story_as_an_operator_types_it(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pw").write_text("a long passphrase\n")
    (tmp_path / "residents.csv").write_bytes(CSV.encode("cp1251"))
    monkeypatch.setenv("SOCPASS_PASSPHRASE_FILE", "pw")
    names = ("--name", "ru=Город", "--name", "Town")
    said = shell("issuer", "init", "agency", "--id", "RU-BA", *names, "--scope", "1-999", "--scope", "2001-2999")
    assert (said.code, text("cli.issuer.init.fingerprint") in said.out) == (0, True)
    assert text("cli.issuer.init.set_status_base") in said.out
    monkeypatch.setenv("SOCPASS_AGENCY", "agency")
    said = shell("issuer", "import", "residents.csv")
    assert (said.code, said.out) == (0, imported(2, unchanged=0) + "\n")
    said = shell("issuer", "import", "residents.csv")
    assert (said.code, said.out) == (0, imported(0, unchanged=2) + "\n")
    said = shell("issuer", "issue", "--qr", "passes")
    assert (said.code, said.out.splitlines()[0]) == (0, text("cli.issue.done", count=2))
    assert shell("issuer", "issue", "--qr", "passes").out.splitlines()[0] == text("cli.issue.done", count=0)
    assert shell("issuer", "publish", "site").code == 0
    assert shell("sync", "site", "--root", "agency/roots/1.root").code == 0
    assert shell("verify", "passes").code == 0
    said = shell("issuer", "suspend", "1002", "--reason", "checking", "--note", "papers asked for")
    assert (said.code, said.out.splitlines()[0]) == (0, text("cli.revoke.done.suspend", who="1002", count=1))
    assert shell("issuer", "publish", "site").code == 0
    assert shell("verify", "passes").code == 0
    assert shell("sync", "site").code == 0
    assert shell("verify", "passes").code == 1
    said = shell("issuer", "reinstate", "1002", "--reason", "confirmed", "--lang", "ru")
    assert (said.code, said.out.splitlines()[0]) == (0, text("cli.revoke.done.reinstate", "ru", who="1002", count=1))
    assert shell("issuer", "publish", "site").code == 0
    assert shell("sync", "site").code == 0
    assert shell("verify", "passes").code == 0


def test_the_table_of_passes_opens_in_excel_and_names_no_person(office: Shell, tmp_path: Path) -> None:
    office("issuer", "import", "residents.csv")
    office("issuer", "issue", "--qr", "passes", "--format", "svg")
    content = (tmp_path / "passes" / "passes.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf" + b"ref;file;list;index;issued_at_utc;expires_at_utc\r\n")
    lines = content.decode("utf-8-sig").splitlines()[1:]
    assert [line.split(";")[0] for line in lines] == ["1001", "1002"]
    written = [path for path in (tmp_path / "passes").rglob("*") if path.is_file()]
    names = {path.relative_to(tmp_path / "passes").as_posix() for path in written}
    assert names == {"passes.csv", *(line.split(";")[1] for line in lines)}
    assert all(name.endswith((".svg", ".csv")) for name in names)
    assert (tmp_path / "passes").stat().st_mode & 0o777 == 0o700


def test_pictures_that_were_lost_are_written_again(office: Shell, tmp_path: Path) -> None:
    office("issuer", "import", "residents.csv")
    office("issuer", "issue")
    said = office("issuer", "passes", "--qr", "again")
    assert (said.code, len(list((tmp_path / "again").rglob("*.png")))) == (0, 2)
    assert (
        office("issuer", "passes", "--qr", "one", "--ref", "1002").out == text("cli.passes.written", target="one", count=1) + "\n"
    )
    assert office("issuer", "passes").code == 2


def test_pictures_that_are_there_are_left_alone_and_listed_once(office: Shell, tmp_path: Path) -> None:
    office("issuer", "import", "residents.csv")
    office("issuer", "issue", "--qr", "passes")
    table = (tmp_path / "passes" / "passes.csv").read_bytes()
    lost = next((tmp_path / "passes").rglob("*.png"))
    lost.unlink()
    assert office("issuer", "passes", "--qr", "passes").out == text("cli.passes.written", target="passes", count=1) + "\n"
    assert (lost.exists(), (tmp_path / "passes" / "passes.csv").read_bytes()) == (True, table)
    assert office("issuer", "passes", "--qr", "passes").out == text("cli.passes.written", target="passes", count=0) + "\n"


def test_pictures_that_cannot_be_written_are_counted_and_the_command_is_named(
    office: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    office("issuer", "import", "residents.csv")

    def refuse(*_: object) -> None:
        raise AgencyError("system.disk_full")

    monkeypatch.setattr("socpass_cli.handout.qr_folder.FolderDrawing._draw", refuse)
    said = office("issuer", "issue", "--qr", "passes", "--format", "svg", "--lang", "ru")
    command = "socpass issuer passes --qr passes --format svg"
    assert (said.code, text("cli.issue.pictures_missing", "ru", count=2, folders="passes", command=command) in said.err) == (
        1,
        True,
    )


def test_a_pass_too_large_for_a_code_is_named_and_the_others_are_drawn(
    office: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office("issuer", "import", "residents.csv")

    def refuse_the_first(text: str, *, level: Level) -> QrModules:
        if not drawn:
            drawn.append(text)
            raise CodeTooLarge("text_too_long_for_code", characters=7057, level="L")
        return draw(text, level=level)

    monkeypatch.setattr("socpass_cli.handout.qr_folder.bulk.draw", refuse_the_first)
    too_long = text("text_too_long_for_code", characters=7057, level="L")
    for command in ("issue", "passes"):
        drawn: list[str] = []
        said = office("issuer", command, "--qr", command)
        assert (said.code, said.err.count(f": {too_long}")) == (1, 1)
        assert len(list((tmp_path / command).rglob("*.png"))) == 1


def test_the_newest_pass_of_a_resident_is_shown_in_the_terminal(office: Shell) -> None:
    office("issuer", "import", "residents.csv")
    assert office("issuer", "passes", "--ref", "1001", "--show").code == 1
    office("issuer", "issue")
    said = office("issuer", "passes", "--ref", "1001", "--show")
    assert (said.code, set(said.out) <= set("█▀▄ \n"), len(said.out.splitlines()) > 30) == (0, True, True)
    assert office("issuer", "passes", "--show").code == 2
    assert office("issuer", "passes", "--ref", "1001", "--show", "--qr", "x").code == 2


def test_bytes_that_are_no_text_are_wrong_usage_and_a_name_of_a_file_may_be_of_any_bytes(office: Shell, tmp_path: Path) -> None:
    for arguments in (
        ("revoke", "\udcff", "--reason", "lost"),
        ("revoke", "1", "--reason", "lost", "--note", "\udcff"),
        ("issue", "--ref", "\udcff"),
        ("init", "new", "--id", "\udcff", "--name", "x"),
        ("init", "new", "--id", "RU", "--name", "\udcff"),
        ("init", "new", "--id", "RU", "--name", "x", "--prefix", "\udcff"),
    ):
        said = office("issuer", *arguments)
        assert (said.code, text("cli.usage.not_utf8") in said.err) == (2, True)
    (tmp_path / "\udce2\udcfb.csv").write_text(CSV, encoding="utf-8")
    assert office("issuer", "import", "\udce2\udcfb.csv").code == 0


def test_a_formula_in_a_reference_is_harmless_in_the_table(office: Shell, tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_text(f"{town.HEADER}\n=1+1;Ия;;2545;;;;;\n", encoding="utf-8")
    office("issuer", "import", "odd.csv")
    office("issuer", "issue", "--qr", "passes")
    assert "'=1+1;" in (tmp_path / "passes" / "passes.csv").read_text(encoding="utf-8-sig")


def test_bad_rows_are_all_said_and_nothing_is_imported_unless_asked(office: Shell, tmp_path: Path) -> None:
    (tmp_path / "mixed.csv").write_text(f"{CSV}\n1003;;;2545;x;;;;\n", encoding="utf-8")
    said = office("issuer", "import", "mixed.csv")
    assert said.code == 1
    assert f"mixed.csv: {text('at.column', line=4, column='name')}: {text('row.empty')}" in said.err
    assert f"mixed.csv: {text('at.column', line=4, column='from')}: {text('row.day_form', cell='x')}" in said.err
    assert f"mixed.csv: {text('row_file.bad_rows', count=1, good=2)}; {text('cli.next.row_file.bad_rows')}" in said.err
    said = office("issuer", "import", "mixed.csv", "--dry-run", "--skip-bad")
    assert (said.code, said.out.splitlines()) == (
        0,
        [
            imported(2, unchanged=0),
            text("cli.import.rows_skipped", count=1),
            text("cli.import.nothing_written"),
        ],
    )
    said = office("issuer", "import", "mixed.csv", "--skip-bad")
    assert (said.code, said.out.splitlines()) == (0, [imported(2, unchanged=0), text("cli.import.rows_skipped", count=1)])


ROWS: dict[str, tuple[str | None, str, dict[str, object]]] = {
    "1;;;2545;;;;;": ("name", "empty", {}),
    "1;И": (None, "field_count", {"found": 2, "expected": 9}),
    f"{'1' * 2000};Ия;;2545;;;;;": ("ref", "long_field", {"length": 2000, "longest": 1000}),
    "1;	Ия\u200bна;;2545;;;;;": ("name", "bad_text", {"why": Message("text_character", character="U+200B", position=3)}),
    "1;Ия;;2545;;;3;1,23457E+15;": ("document_number", "rounded_number", {}),
    "1;Ия;;2545;;31.02.2026;;;": ("until", "no_such_day", {"cell": "31.02.2026"}),
    "1;Ия;01.01.2999;2545;;;;;": ("born", "born_later", {"cell": "01.01.2999"}),
    "1;Ия;;2545;;31/12/26;;;": ("until", "day_form", {"cell": "**/**/**"}),
    "1;Ия;1700;2545;;;;;": ("born", "birth_year", {"cell": "1700", "first": 1800}),
    "1;Ия;;вдова;;;;;": ("category", "no_category", {"cell": "вдова"}),
    "1;Ия;;9999;;;;;": ("category", "out_of_scope", {"cell": "9999", "issuer": "RU-BA", "scopes": "1-999, 2001-2999"}),
    "1;Ия;;2545;;;сто;1;": ("document_kind", "document_kind", {"cell": "сто", "highest": 65_535}),
    "1;Ия;;2545;;;3;;": ("document_number", "document_incomplete", {}),
    "1;Ия;;2545;01.02.2026;01.01.2026;;;": (
        "until",
        "until_before_from",
        {"first": date(2026, 2, 1), "last": date(2026, 1, 1)},
    ),
    '1;"Ия"х;;2545;;;;;': (None, "not_csv", {}),
    f"1;{'И' * 121};;2545;;;;;": ("name", "long_text", {"length": 121, "longest": 120}),
    "1;Ия\u202eна;;2545;;;;;": ("name", "bad_text", {"why": text("text_character", "ru", character="U+202E", position=3)}),
    "1;Ивaнова;;2545;;;;;": ("name", "two_alphabets", {"position": 3}),
    "112-233-445 95;Ия;;2545;;;;;": ("ref", "snils", {"cell": "***-***-*** **"}),
}


@pytest.mark.parametrize("row", ROWS)
def test_a_fault_is_said_in_russian_too(office: Shell, tmp_path: Path, row: str) -> None:
    (tmp_path / "bad.csv").write_text(f"{town.HEADER}\n{row}\n", encoding="utf-8")
    said = office("issuer", "import", "bad.csv", "--lang", "ru")
    column, code, facts = ROWS[row]
    where = text("at.line", "ru", line=2) if column is None else text("at.column", "ru", line=2, column=column)
    assert (said.code, said.err.splitlines()[0]) == (1, f"bad.csv: {where}: {text(f'row.{code}', 'ru', **facts)}")


def test_rows_that_contradict_each_other_are_said_in_russian_too(office: Shell, tmp_path: Path) -> None:
    lines = ("1;Ия;;2545;;;;;", "1;Яна;;2521;;;;;", "1;Ия;;2545;;;;;")
    (tmp_path / "bad.csv").write_text("\n".join((town.HEADER, *lines)), encoding="utf-8")
    said = office("issuer", "import", "bad.csv", "--lang", "ru")
    first, second = (text("at.column", "ru", line=line, column=column) for line, column in ((3, "ref"), (4, "category")))
    assert f"{first}: {text('row.other_person', 'ru', other=2)}" in said.err
    assert f"{second}: {text('row.twice', 'ru', other=2)}" in said.err


MISSING = text("cannot_be_read", why=text("system.no_such_file"))
MISSING_IN_RUSSIAN = text("cannot_be_read", "ru", why=text("system.no_such_file", "ru"))


@pytest.mark.parametrize(
    ("arguments", "said_part"),
    [
        (
            ("issuer", "publish", "--agency", "nowhere"),
            f"[bad_agency]: nowhere: {text('no_agency_here', 'ru')}; {text('cli.next.no_agency_here', 'ru', folder='nowhere')}\n",
        ),
        (
            ("issuer", "init", "agency", "--id", "A", "--name", "n"),
            f"[bad_agency]: agency: {text('agency_folder_not_empty', 'ru')}",
        ),
        (
            ("issuer", "revoke", "nobody", "--reason", "lost"),
            ("[bad_register]", text("register.no_such_resident", "ru", ref="nobody")),
        ),
        (
            ("issuer", "revoke", "1001", "--reason", "lost"),
            ("[bad_register]", text("revocation.no_pass_to_revoke", "ru", ref="1001")),
        ),
        (
            ("issuer", "suspend", "1001", "--reason", "lost"),
            ("[bad_register]", text("revocation.no_pass_to_suspend", "ru", ref="1001")),
        ),
        (
            ("issuer", "reinstate", "1001", "--reason", "lost"),
            (
                "[bad_register]",
                *(text(f"{begin}revocation.no_pass_to_reinstate", "ru", ref="1001") for begin in ("", "cli.next.")),
            ),
        ),
        (("issuer", "issue", "--passphrase-file", "residents.csv"), text("wrong_passphrase", "ru")),
        (("issuer", "issue", "--passphrase-file", "nowhere"), f"[bad_key_file]: nowhere: {MISSING_IN_RUSSIAN}"),
        (("key", "show", "residents.csv"), f"[bad_key_file]: residents.csv: {text('not_a_key_file', 'ru')}"),
        (
            ("issuer", "import", "passphrase.txt"),
            ("[bad_rows]", text("row_file.columns_unknown", "ru", names="correct horse", possible=RowKind.APPLICATIONS.columns)),
        ),
        (("store", "--store", "nowhere"), f"[bad_store]: nowhere: {text('no_store_here', 'ru')}"),
    ],
)
def test_the_commonest_mistakes_are_said_in_russian_with_the_detail(
    office: Shell, arguments: tuple[str, ...], said_part: str | tuple[str, ...]
) -> None:
    office("issuer", "import", "residents.csv")
    said = office(*arguments, "--lang", "ru")
    parts = (said_part,) if isinstance(said_part, str) else said_part
    assert (said.code, [part for part in parts if part not in said.err]) == (1, []), said.err


def test_of_very_many_faults_the_first_thousand_are_written_out(office: Shell, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text(f"{town.HEADER}\n" + "1;;;2545;;;;;\n" * 1500, encoding="utf-8")
    said = office("issuer", "import", "bad.csv")
    assert (said.code, text("cli.import.more_faults", count=500) in said.err, len(said.err.splitlines())) == (1, True, 1002)


@pytest.mark.parametrize(
    "arguments",
    [
        ("issuer", "import", "nowhere.csv"),
        ("issuer", "import", "."),
        ("issuer", "issue", "--renew-within", "soon"),
        ("issuer", "revoke", "1001"),
        ("issuer", "init", "new", "--id", "A"),
        ("issuer", "init", "new", "--id", "A", "--name", "n", "--scope", "all"),
    ],
)
def test_wrong_usage_exits_with_2(office: Shell, arguments: tuple[str, ...]) -> None:
    assert office(*arguments).code == 2


@pytest.mark.parametrize(
    ("arguments", "said_part"),
    [
        (("issuer", "revoke", "nobody", "--reason", "lost"), "[bad_register]"),
        (("issuer", "issue", "--ref", "nobody"), "[bad_register]"),
        (("issuer", "issue", "--agency", "nowhere"), text("no_agency_here")),
        (
            ("issuer", "issue", "--passphrase-file", "nowhere"),
            f"[bad_key_file]: nowhere: {MISSING}",
        ),
        (("issuer", "issue", "--passphrase-file", "residents.csv"), "[wrong_passphrase]"),
        (("issuer", "issue", "--passphrase-file", "empty"), text("cli.error.passphrase_empty")),
        (("issuer", "init", "agency", "--id", "A", "--name", "n"), text("agency_folder_not_empty")),
        (("issuer", "init", "new", "--id", "ru", "--name", "n"), f"[bad_claims]: {text('issuer_id', id='ru')}"),
        (("issuer", "publish", "residents.csv"), None),
    ],
)
def test_a_mistake_is_named(office: Shell, tmp_path: Path, arguments: tuple[str, ...], said_part: str | None) -> None:
    (tmp_path / "empty").write_bytes(b"")
    said = office(*arguments)
    assert (said.code, said_part is None or said_part in said.err) == (1 if said_part else 2, True)


def test_without_a_terminal_and_a_file_the_passphrase_is_asked_for_in_words(
    office: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOCPASS_PASSPHRASE_FILE")
    said = office("issuer", "issue")
    assert (said.code, text("cli.usage.passphrase_needed") in said.err) == (2, True)


def test_a_pass_that_cannot_be_issued_is_named_and_the_others_are(office: Shell, tmp_path: Path) -> None:
    many = "\n".join(f"9;Ия;;{category};;;;;" for category in range(1, 34))
    (tmp_path / "many.csv").write_text(f"{town.HEADER}\n{many}\n{town.ANNA}\n", encoding="utf-8")
    office("issuer", "import", "many.csv")
    said = office("issuer", "issue")
    assert (said.code, said.out) == (1, text("cli.issue.done", count=1) + "\n")
    assert said.err.startswith("9: ")
    assert text("entitlement_count", count=33, most=32) in said.err


def test_an_interrupted_issue_keeps_what_was_stored(office: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office("issuer", "import", "residents.csv")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("socpass_cli.handout.qr_folder.FolderDrawing._draw", interrupt)
    said = office("issuer", "issue", "--qr", "passes")
    assert (said.code, text("cli.interrupted") in said.err) == (130, True)
    command = "socpass issuer passes --qr passes"
    assert text("cli.issue.pictures_missing", count=2, folders="passes", command=command) in said.err
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOCPASS_AGENCY", str(tmp_path / "agency"))
    assert office("issuer", "passes", "--qr", "passes").out == text("cli.passes.written", target="passes", count=2) + "\n"


def test_a_folder_that_cannot_hold_pictures_is_named_before_anything_is_signed(office: Shell, tmp_path: Path) -> None:
    office("issuer", "import", "residents.csv")
    (tmp_path / "passes" / "passes.csv").mkdir(parents=True)
    said = office("issuer", "issue", "--qr", "passes")
    why = Message("system.is_a_folder")
    assert (said.code, f"passes.csv: {text('cannot_be_written', why=why)}" in said.err) == (1, True)
    assert office("issuer", "passes", "--qr", "other").out == text("cli.passes.written", target="other", count=0) + "\n"


def test_two_agencies_under_one_root(office: Shell, agency: Path, tmp_path: Path) -> None:
    assert office("issuer", "describe", "ba.issuer").code == 0
    (tmp_path / "passphrase.txt").write_text(f"{town.PASSPHRASE}\n")
    assert office("root", "init", "federation", "--keys", "3", "--threshold", "2").code == 0
    said = office("root", "sign", "federation", "--issuer", "ba.issuer")
    assert (said.code, before_facts("cli.root.list", version=1) in said.out, "RU-BA" in said.out) == (0, True, True)
    assert before_facts("cli.root.list", version=2) in office("root", "sign", "federation", "--issuer", "ba.issuer").out
    assert office("root", "check", "federation/trust.spt", "federation/roots/1.root").code == 0
    said = office("root", "check", "federation/trust.spt", agency / "roots" / "1.root")
    assert (said.code, "[untrusted_root]" in said.err) == (1, True)
    shown = office("root", "show", "federation/trust.spt").out
    assert before_facts("cli.root.root", version=1, threshold=2, keys=3) in shown
    assert shown.splitlines()[:8] == office("root", "show", "federation/roots/1.root").out.splitlines()[:8]
    toml = agency / "agency.toml"
    own = 'root_keys = ["keys/root.json"]\nroots = ["roots/1.root"]'
    toml.write_text(toml.read_text(encoding="utf-8").replace(own, 'bundle = "../federation/trust.spt"'), encoding="utf-8")
    office("issuer", "import", "residents.csv")
    office("issuer", "issue", "--qr", "passes")
    assert office("issuer", "publish", "site").code == 0
    assert office("sync", "site", "--store", "till", "--root", "federation/roots/1.root").code == 0
    assert office("verify", "passes", "--store", "till").code == 0


@pytest.mark.parametrize(
    ("arguments", "said_part"),
    [
        (("root", "sign", ".", "--issuer", "residents.csv"), text("no_root_here")),
        (("root", "show", "residents.csv"), "[malformed]: residents.csv: "),
        (("root", "check", "residents.csv", "agency/roots/1.root"), "[malformed]: residents.csv: "),
        (("root", "init", "agency"), text("root_folder_not_empty")),
    ],
)
def test_a_mistake_with_roots_is_named(office: Shell, arguments: tuple[str, ...], said_part: str) -> None:
    said = office(*arguments)
    assert (said.code, said_part in said.err) == (1, True)


def test_a_description_that_is_none_is_named(office: Shell) -> None:
    assert office("root", "init", "federation", "--keys", "1").code == 0
    said = office("root", "sign", "federation", "--issuer", "residents.csv")
    assert (said.code, f"residents.csv: {before_facts('toml.unreadable')}" in said.err) == (1, True)


def test_keys_travel_to_openssl_and_back(office: Shell, tmp_path: Path) -> None:
    made = office("key", "make", "a.json")
    assert made.code == 0
    assert office("key", "show", "a.json").out.splitlines()[:2] == made.out.splitlines()
    assert office("key", "export", "a.json", "public.pem").code == 0
    assert office("key", "export", "a.json", "secret.pem", "--secret").code == 0
    public = subprocess.run(
        ["openssl", "pkey", "-in", tmp_path / "secret.pem", "-pubout"], capture_output=True, check=True, text=True
    ).stdout
    assert public == (tmp_path / "public.pem").read_text()
    assert office("key", "import", "secret.pem", "b.json").out == made.out
    assert (tmp_path / "secret.pem").stat().st_mode & 0o777 == 0o600
    said = office("key", "export", "a.json", "-")
    assert said.out == public


@pytest.mark.parametrize(
    ("arguments", "said_part"),
    [
        (("key", "make", "residents.csv"), text("key_file_exists")),
        (("key", "export", "agency/keys/pass.json", "residents.csv"), text("key_file_exists")),
        (("key", "show", "residents.csv"), f"[bad_key_file]: residents.csv: {text('not_a_key_file')}"),
        (("key", "show", "nowhere"), "[bad_key_file]"),
        (("key", "import", "residents.csv", "new.json"), "[bad_key]: residents.csv: "),
        (
            ("key", "export", "agency/keys/pass.json", "x.pem", "--secret", "--passphrase-file", "residents.csv"),
            f"agency/keys/pass.json: {text('wrong_passphrase')}",
        ),
    ],
)
def test_a_mistake_with_keys_is_named_and_nothing_is_written_over(
    office: Shell, tmp_path: Path, arguments: tuple[str, ...], said_part: str
) -> None:
    said = office(*arguments)
    assert (said.code, said_part in said.err) == (1, True)
    assert (tmp_path / "residents.csv").read_text(encoding="utf-8-sig") == CSV


def test_a_new_key_file_is_costly_to_guess_by_default(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("x\n")
    program = [sys.executable, "-m", "socpass_cli", "key"]
    subprocess.run([*program, "make", "a.json", "--passphrase-file", "pw"], cwd=tmp_path, capture_output=True, check=True)
    shown = subprocess.run([*program, "show", "a.json"], cwd=tmp_path, capture_output=True, check=True, text=True).stdout
    assert "Argon2id, 3 x 256 MiB" in shown


def test_the_demo_can_be_played_again_and_spares_what_is_not_its_own(shell: Shell, tmp_path: Path) -> None:
    said = shell("demo", "demo")
    assert said.code == 0
    assert [path.stem for path in sorted((tmp_path / "demo" / "passes").iterdir())] == sorted(
        ["accepted", "revoked", "suspended", "expired", "forged", "foreign"]
    )
    for word in ("ACCEPTED", "REJECTED", "UNDECIDED", "socpass verify demo/passes/accepted.png --store demo/till"):
        assert word in said.out
    (tmp_path / "demo" / "mine.txt").write_text("mine")
    said = shell("demo", "demo", "--lang", "ru")
    assert (said.code, "ПРИНЯТО" in said.out, (tmp_path / "demo" / "mine.txt").read_text()) == (0, True, "mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    said = shell("demo", "full")
    assert (said.code, f"full: {text('cli.demo.not_empty')}" in said.err) == (1, True)


def test_a_register_of_an_older_version_is_migrated_and_a_copy_kept(office: Shell, agency: Path) -> None:
    register = agency / "register.sqlite"
    assert text("cli.issuer.migrate.nothing_to_do", version=REVISIONS[-1]) in office("issuer", "migrate").out
    register.unlink()
    first_register(register)
    assert text("cli.next.register.older") in office("issuer", "issue").err
    done = office("issuer", "migrate")
    assert done.code == 0
    migrated = text("cli.issuer.migrate.done", before="0001", after=REVISIONS[-1])
    assert f"{migrated}\n{text('cli.issuer.migrate.copy', path=f'{register}.0001')}\n" in done.out
    assert office("issuer", "issue").code == 0


def test_an_agency_on_postgresql_does_all_that_one_on_a_file_does(shell: Shell, postgres: Server) -> None:
    url = postgres.new_database()
    Path("pw").write_text("a long passphrase\n", encoding="utf-8")
    secret = ("--passphrase-file", "pw")
    base = ("--status-base", "https://pass.example.ru/status/")
    made = shell("issuer", "init", "agency", "--id", "RU-BA", "--name", "en=Town", *base, "--register", url, *secret)
    assert made.code == 0, made.err
    assert not Path("agency/register.sqlite").exists()
    Path("r.csv").write_text("ref;name;category\n1;Иванова Анна;30\n", encoding="utf-8")
    for command in (("import", "r.csv"), ("issue", *secret), ("publish", *secret), ("migrate",)):
        done = shell("issuer", *command, "--agency", "agency")
        assert done.code == 0, done.err
    assert (Path("agency/site/status/0.cwt")).exists()
    again = shell("issuer", "init", "second", "--id", "RU-BA", "--name", "en=Town", "--register", url, *secret)
    assert again.code == 1
    assert text("register.exists_already") in again.err
    assert not Path("second/keys").exists()


def test_one_pass_is_revoked_by_its_place(office: Shell) -> None:
    assert office("issuer", "import", "residents.csv").code == 0
    assert office("issuer", "issue", "--qr", "qr").code == 0
    place = (
        Path("qr/passes.csv").read_text(encoding="utf-8-sig").splitlines()[1].split(";")[1].split("/")[-1].removesuffix(".png")
    )
    done = office("issuer", "revoke", "--credential", place, "--reason", "lost", "--lang", "ru")
    told = text("cli.revoke.done.revoke", "ru", who=place.replace("-", "/"), count=1)
    assert (done.code, done.out.splitlines()[0]) == (0, told)
    again = office("issuer", "revoke", "--credential", place.replace("-", "/"), "--reason", "lost", "--lang", "ru")
    assert again.code == 1
    list_number, index = place.split("-")
    assert text("revocation.revoked_already", "ru", list=int(list_number), index=int(index)) in again.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("revoke", "--reason", "lost"),
        ("revoke", "1001", "--credential", "0/1", "--reason", "lost"),
        ("revoke", "--credential", "0", "--reason", "lost"),
        ("revoke", "--credential", "999999999/999999999", "--reason", "lost"),
        ("revoke", "1001", "--reason", "because"),
        ("suspend", "1001", "--reason", "lost", "--note", "x" * 1001),
    ],
)
def test_an_order_that_is_no_order_is_wrong_usage(office: Shell, arguments: tuple[str, ...]) -> None:
    assert office("issuer", *arguments).code == 2
