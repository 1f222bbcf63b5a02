"""The entry of ``socpass``: which commands there are, loaded when they are used; and the last net under them all.

It knows names of modules, and that no user ever sees a traceback.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TextIO

import click

from socpass_cli import language, shell
from socpass_cli.language import tr
from socpass_vc.errors import SocpassError

# Name, module, what it does: written here so that the help page does not load every command.
_COMMANDS: dict[str, tuple[str, str, str]] = {
    "verify": ("verify", "Check passes, offline.", "Проверить пропуска без сети."),
    "show": ("show", "Show what is inside a pass, unchecked.", "Показать содержимое пропуска без проверки."),
    "sync": ("sync", "Bring newer trust and status lists to this till.", "Обновить списки доверия и статусов на кассе."),
    "store": ("store", "Show what this till holds.", "Показать, что хранит касса."),
    "issuer": ("issuer", "Run an agency: import, issue, revoke, publish.", "Ведомство: загрузка, выпуск, отзыв, публикация."),
    "root": ("root", "Run a root: make keys, sign trust lists.", "Корень доверия: ключи и подпись списков."),
    "key": ("key", "Make, show, import and export keys.", "Создать, показать, ввезти и вывезти ключи."),
    "demo": ("demo", "Play the whole story on made-up residents.", "Показать всё на выдуманных жителях."),
}


class _Commands(shell.Group):
    """The commands, each imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- click's signature
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"socpass_cli.{_COMMANDS[cmd_name][0]}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 -- click's signature
        with formatter.section(tr("Commands", "Команды")):
            formatter.write_dl([(name, tr(english, russian)) for name, (_, english, russian) in _COMMANDS.items()])


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    help_texts=(
        "Social-benefit passes that verify offline.\n\nExit codes of verify: 0 accepted, 1 rejected, 2 wrong usage, "
        "3 unreadable, 4 undecided.",
        "Социальные пропуска, которые проверяются без сети.\n\nКоды выхода verify: 0 принято, 1 отказ, "
        "2 ошибка в команде, 3 не прочитано, 4 не решено.",
    ),
)
@click.version_option(package_name="socpass-vc", prog_name="socpass")
@shell.lang_option
def socpass() -> None:
    """Hold the commands."""


def run(arguments: Sequence[str] | None = None) -> None:
    """Run one command line and exit; what escapes a command is shown as one sentence.

    Args:
        arguments: without the program's name; by default those of the process.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    language.choose(given, os.environ)
    for stream in (sys.stdout, sys.stderr):
        _forgive(stream)
    try:
        left = socpass.main(args=given, prog_name="socpass", standalone_mode=False)
        if isinstance(left, int):  # what click makes of its Exit, as after --help
            sys.exit(left)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except SocpassError as error:
        shell.fail(error)
    except (KeyboardInterrupt, click.Abort):
        click.echo(tr("\nInterrupted; what was finished is kept.", "\nПрервано; сделанное сохранено."), err=True)
        sys.exit(shell.EXIT_INTERRUPTED)
    except BrokenPipeError:  # the reader of our output, such as head, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(shell.EXIT_FAILED)
    except Exception as error:  # noqa: BLE001 -- the last net: a cashier must not see a traceback
        _show_bug(error)
        sys.exit(70)


def _forgive(stream: TextIO) -> None:
    """Let a terminal that lacks a letter show a question mark instead of failing."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")


def _show_bug(error: Exception) -> None:
    if os.environ.get("SOCPASS_DEBUG"):
        import traceback  # noqa: PLC0415 -- only for whoever asked

        traceback.print_exception(error)
    click.echo(
        tr(
            f"A fault of this program, please report it: {type(error).__name__}. (SOCPASS_DEBUG=1 shows more.)",
            f"Ошибка программы, сообщите о ней: {type(error).__name__}. (SOCPASS_DEBUG=1 покажет больше.)",
        ),
        err=True,
    )
