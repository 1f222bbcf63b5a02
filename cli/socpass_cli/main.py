"""The entry of ``socpass``: the commands, each loaded when it is used, and the last net under them all.

It knows names of modules, and makes sure that no user ever sees a traceback.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from types import FrameType
from typing import NoReturn, TextIO

import click
from click.exceptions import NoSuchCommand

from socpass_cli.app import click_classes, exit_codes, language, options, output
from socpass_cli.app.language import tr
from socpass_vc.errors import SocpassError, system_reason

# Name and module; what each does is said by cli.command.NAME, so that the help page does not load every command.
_COMMANDS = {
    "verify": "commands.verify",
    "scan": "commands.scan",
    "measures": "commands.measures",
    "show": "commands.show",
    "card": "commands.card",
    "sync": "commands.sync",
    "store": "commands.store",
    "log": "commands.log",
    "issuer": "commands.issuer.group",
    "root": "commands.root.group",
    "key": "commands.key",
    "demo": "commands.demo",
}


class _Commands(click_classes.Group):
    """The commands, each imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- click's signature
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"socpass_cli.{_COMMANDS[cmd_name]}").command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except NoSuchCommand as error:  # click looks for a similar name among commands that are loaded
            raise NoSuchCommand(error.command_name, possibilities=_COMMANDS, ctx=ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 -- click's signature
        with formatter.section(tr("cli.help.commands")):
            formatter.write_dl([(name, tr(f"cli.command.{name}")) for name in _COMMANDS])


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="cli.help.socpass",
)
@click.version_option(
    package_name="socpass-vc",
    prog_name="socpass",
    message="%(prog)s %(version)s",
    cls=click_classes.Option,
    help="cli.option.version",
)
@options.lang_option
def socpass() -> None:
    """Hold the commands."""


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command line and exit.

    Args:
        arguments: without the program's name; by default those of the process, which then ends at once: unloading all modules
            would take a tenth of the time of a verdict, and everything written is on the disk by then.
    """
    code = _exit_code_of(lambda: _run(arguments))
    if arguments is not None:
        sys.exit(code)
    code = _exit_code_of(_flush) or code
    os._exit(code)


def _exit_code_of(attempt: Callable[[], None]) -> int:
    try:
        attempt()
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else 0
    return 0


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            try:
                stream.flush()
            except OSError as error:
                _give_up_output(error)


def _run(arguments: Sequence[str] | None) -> None:
    """Run one command line; what escapes a command is shown as one sentence."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if arguments is None:
            _listen(_interrupt)
        language.choose(given, os.environ)
        language.teach_click()
        for stream in (sys.stdout, sys.stderr):
            _forgive(stream)
        with socpass.make_context("socpass", given) as context:  # not main(), which has an exit code of its own for a lost reader
            socpass.invoke(context)
    except click.exceptions.Exit as left:  # as after --help
        sys.exit(left.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except SocpassError as error:
        output.fail(error)
    except (KeyboardInterrupt, click.Abort):
        _leave_interrupted(at_once=arguments is None)
    except OSError as error:
        _give_up_output(error)
    except Exception as error:  # noqa: BLE001 -- the last net: a cashier must not see a traceback
        _show_bug(error)
    finally:
        if arguments is None:
            _listen(signal.SIG_DFL)


def _listen(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    """Handle Ctrl-C, and the system's request to end, with *handler*; a signal ignored from the start stays ignored."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _interrupt(_: int, frame: FrameType | None) -> None:
    """Interrupt the command; but while a module loads, leave at once: one written in C++ would not survive an exception."""
    while frame is not None:
        if "importlib" in frame.f_code.co_filename:
            _leave_interrupted(at_once=True)
        frame = frame.f_back
    raise KeyboardInterrupt


def _leave_interrupted(*, at_once: bool) -> NoReturn:
    """Print that the command was interrupted, and leave.

    Args:
        at_once: skip Python's own shutdown, which an interrupted import may break, or end with another exit code.
    """
    output.complain(f"\n{tr('cli.interrupted')}")
    if at_once:
        os._exit(exit_codes.EXIT_INTERRUPTED)
    sys.exit(exit_codes.EXIT_INTERRUPTED)


def _give_up_output(error: OSError) -> NoReturn:
    """Leave because nothing takes the output: a reader such as head has enough, or the disk is full."""
    if error.filename is not None:  # no output, but a file that a command did not look after
        _show_bug(error)
    with suppress(OSError, ValueError):  # so that Python does not try again when it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):
        sys.exit(exit_codes.EXIT_NO_READER)
    with suppress(OSError):
        output.complain(tr("cli.output_lost", why=system_reason(error)))
    sys.exit(exit_codes.EXIT_NO_OUTPUT)


def _forgive(stream: TextIO) -> None:
    """Show a question mark where a terminal lacks a letter, instead of failing."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")


def _show_bug(error: Exception) -> NoReturn:
    """Name the extra that brings what is not installed; anything else that escapes a command is a fault of this program."""
    if isinstance(error, ModuleNotFoundError):
        from socpass_cli.app.extras import missing_extra  # noqa: PLC0415 -- a till rarely meets it

        missing = missing_extra(error)
        if missing is not None:
            output.fail(missing)
    if os.environ.get("SOCPASS_DEBUG"):
        import traceback  # noqa: PLC0415 -- only for whoever asked

        traceback.print_exception(error)
    click.echo(tr("cli.bug", error=type(error).__name__), err=True)
    sys.exit(exit_codes.EXIT_BUG)
