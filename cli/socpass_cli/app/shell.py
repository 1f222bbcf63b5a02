"""What all commands share: two-language help, options, the clock, paths, passphrases, and how a refusal is shown.

It knows click and the terminal. What a command does is its module's.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from socpass_cli.app.language import LANGUAGES, tr
from socpass_vc.errors import SocpassError

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar  # click exports what makes bars, and not their type

EXIT_FAILED = 1
EXIT_BUG = 70
EXIT_NO_OUTPUT = 74
EXIT_INTERRUPTED = 130
EXIT_NO_READER = 141
MAX_PASSPHRASE_FILE_BYTES = 4_096

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Function = TypeVar("Function", bound=Callable[..., Any])


class Option(click.Option):
    """An option with its help in both languages."""

    def __init__(self, *arguments: Any, help_texts: tuple[str, str], **settings: Any) -> None:
        super().__init__(*arguments, **settings | {"help": help_texts[0]})
        self._texts = help_texts

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option's line of the help page."""
        self.help = tr(*self._texts)
        return super().get_help_record(ctx)


class Command(click.Command):
    """A command with its help in both languages."""

    def __init__(self, *arguments: Any, help_texts: tuple[str, str], **settings: Any) -> None:
        super().__init__(*arguments, **settings | {"help": help_texts[0]})
        self._texts = help_texts

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the option ``--help``, which click keeps once it is made, in the language of this run."""
        return _in_our_words(super().get_help_option(ctx))

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help page."""
        self.help = tr(*self._texts)
        super().format_help(ctx, formatter)

    def get_short_help_str(self, limit: int = 100) -> str:
        """Return the first sentence, for the page of the group."""
        self.help = tr(*self._texts)
        return super().get_short_help_str(limit)


class Group(click.Group):
    """A group of commands with its help in both languages; commands stand in the order in which they were added."""

    command_class = Command

    def __init__(self, *arguments: Any, help_texts: tuple[str, str], **settings: Any) -> None:
        super().__init__(*arguments, **settings | {"help": help_texts[0]})
        self._texts = help_texts

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        """Return the names of the commands."""
        return list(self.commands)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the option ``--help``, which click keeps once it is made, in the language of this run."""
        return _in_our_words(super().get_help_option(ctx))

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help page."""
        self.help = tr(*self._texts)
        super().format_help(ctx, formatter)

    def get_short_help_str(self, limit: int = 100) -> str:
        """Return the first sentence, for the page of the group above."""
        self.help = tr(*self._texts)
        return super().get_short_help_str(limit)


def _in_our_words(option: click.Option | None) -> click.Option | None:
    if option is not None:
        option.help = tr("Show this message and exit.", "Показать эту справку.")
    return option


class Folder(click.Path):
    """A folder of the user's; an empty name, as of a variable that was never set, would mean the current one."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, file_okay=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path."""
        if value == "":
            self.fail(tr("empty; name a folder", "пусто; укажите папку"), param, ctx)
        return super().convert(value, param, ctx)


def option(*names: str, en: str, ru: str, **settings: Any) -> Callable[[Function], Function]:
    """Add an option with its help in both languages."""
    return click.option(*names, cls=Option, help_texts=(en, ru), **settings)


def lang_option(function: Function) -> Function:
    """Add ``--lang``, which was looked for before click began (language.choose)."""
    return option(
        "--lang", type=click.Choice(LANGUAGES), expose_value=False, en="Language of what is said.", ru="Язык сообщений."
    )(function)


def store_option(function: Function) -> Function:
    """Add ``--store``, the till's folder."""
    return option(
        "--store",
        "store_folder",
        type=Folder(),
        envvar="SOCPASS_STORE",
        show_envvar=True,
        en="The till's folder; by default one of the user's.",
        ru="Папка кассы; по умолчанию — в данных пользователя.",
    )(function)


def agency_option(function: Function) -> Function:
    """Add ``--agency``, the agency's folder."""
    return option(
        "--agency",
        "agency_folder",
        type=Folder(),
        envvar="SOCPASS_AGENCY",
        show_envvar=True,
        en="The agency's folder; by default one of the user's.",
        ru="Папка ведомства; по умолчанию — в данных пользователя.",
    )(function)


def passphrase_option(function: Function) -> Function:
    """Add ``--passphrase-file``; a passphrase is never an argument, which every process can read."""
    return option(
        "--passphrase-file",
        type=click.Path(path_type=Path, dir_okay=False),
        envvar="SOCPASS_PASSPHRASE_FILE",
        show_envvar=True,
        en="File whose first line is the passphrase; without it, you are asked.",
        ru="Файл, первая строка которого — парольная фраза; без него она будет запрошена.",
    )(function)


def json_option(function: Function) -> Function:
    """Add ``--json``."""
    return option("--json", "as_json", is_flag=True, en="Say it as JSON (specs/cli.md).", ru="Вывести в JSON (specs/cli.md).")(
        function
    )


def user_folder(name: str) -> Path:
    """Return the default folder *name* among the user's data."""
    from platformdirs import user_data_path  # noqa: PLC0415 -- only where no folder was named

    return user_data_path("socpass", appauthor=False) / name


def now() -> datetime:
    """Return the time; the only place of the command that reads the clock."""
    return datetime.now(UTC)


def actor() -> str:
    """Return who runs the command, for the register's event log."""
    import getpass  # noqa: PLC0415 -- only for commands that change a register

    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"


def parse_moment(text: str) -> datetime:
    """Return the time that a user wrote; without an offset it is the machine's."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(
            tr(f"{text!r} is not a time such as 2026-12-31T10:00", f"{text!r} — не время вида 2026-12-31T10:00")
        ) from error
    try:
        moment = moment.astimezone(UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise click.BadParameter(tr(f"{text!r} is out of range", f"{text!r} вне допустимых пределов")) from error
    if moment < _EPOCH:
        raise click.BadParameter(tr(f"{text!r} is before 1970", f"{text!r} — раньше 1970 года"))
    return moment


def parse_text(_: click.Context, __: click.Parameter, text: str | None) -> str | None:
    """Let a text through that a register can hold; bytes of the command line that are no UTF-8 are wrong usage."""
    if text is not None and any("\ud800" <= character <= "\udfff" for character in text):
        raise click.BadParameter(tr("not text in UTF-8", "не текст в UTF-8"))
    return text


def passphrase(file: Path | None, *, confirm: bool = False) -> str:
    """Return the passphrase from a file, or ask for it.

    Args:
        file: whose first line it is, or None.
        confirm: ask twice, for a new one.
    """
    if file is not None:
        return first_line(file, "passphrase")
    if not sys.stdin.isatty():
        raise click.UsageError(
            tr(
                "a passphrase is needed and there is no terminal to ask at: use --passphrase-file or SOCPASS_PASSPHRASE_FILE",
                "нужна парольная фраза, а терминала нет: укажите --passphrase-file или SOCPASS_PASSPHRASE_FILE",
            )
        )
    asked: str = click.prompt(tr("Passphrase", "Парольная фраза"), hide_input=True, confirmation_prompt=confirm, err=True)
    return asked


def first_line(file: Path, what: str) -> str:
    """Return the first line of *file*, a secret; *what* names it in messages."""
    from socpass_vc.errors import KeyFileError  # noqa: PLC0415 -- not on the path of verify
    from socpass_vc.files import read_file  # noqa: PLC0415 -- likewise

    content = read_file(file, MAX_PASSPHRASE_FILE_BYTES, error=KeyFileError)
    try:
        line = content.decode("utf-8-sig").splitlines()[:1]
    except UnicodeDecodeError as error:
        raise KeyFileError(f"{file}: not UTF-8") from error
    if not line or not line[0]:
        raise KeyFileError(f"{file}: the first line, which is the {what}, is empty")
    return line[0]


def progress(length: int, english: str, russian: str) -> ProgressBar[int]:
    """Return a bar with rate and time left on standard error; without a terminal there it stays silent.

    Args:
        length: how many steps there are.
        english: what is done.
        russian: likewise.
    """
    bar: ProgressBar[int] = click.progressbar(
        length=length,
        label=tr(english, russian),
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
        show_pos=True,
        item_show_func=lambda _: tr("{:,.0f} a second", "{:,.0f} в секунду").format(1 / (bar.time_per_iteration or 1)),
    )
    return bar


@contextmanager
def naming(path: Path | str) -> Iterator[None]:
    """Let what is wrong with the file *path*, or at this URL, begin with its name."""
    try:
        yield
    except SocpassError as error:
        if str(error).startswith(str(path)):
            raise
        raise type(error)(f"{path}: {error}", **error.facts) from error


def is_there(path: Path, *, error: type[SocpassError]) -> bool:
    """Tell whether there is a file or folder *path*; that this may not be asked is raised as *error*."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as reason:
        raise error(f"{path}: {getattr(reason, 'strerror', None) or reason}") from reason
    return True


def is_empty(folder: Path, *, error: type[SocpassError]) -> bool:
    """Tell whether *folder* is not there, or is there and holds nothing."""
    if not is_there(folder, error=error):
        return True
    try:
        return not any(folder.iterdir())
    except OSError as reason:
        raise error(f"{folder}: {reason.strerror}") from reason


def printable(text: str) -> str:
    """Return *text* without what could command a terminal; for names of files and other things from outside."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def say(text: str = "") -> None:
    """Print a line for people."""
    click.echo(text)


def complain(text: str) -> None:
    """Print a line on standard error."""
    click.echo(text, err=True)


def fail(error: SocpassError) -> NoReturn:
    """Show a refusal that is no verdict, and leave."""
    from socpass_cli.app.errors import say_error  # noqa: PLC0415 -- most commands do not fail

    label = tr("Error", "Ошибка")
    text = "\n".join(printable(line) for line in say_error(error).split("\n"))
    complain(f"{click.style(label, fg='red', bold=True)} [{error.code}]: {text}")
    sys.exit(EXIT_FAILED)
