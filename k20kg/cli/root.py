"""The command line as a whole. The answer goes to stdout, all else to stderr.

Exit 0: done, whatever the verdict. 1: a verdict named by ``--fail-on``, faults found by ``check``,
or cases that `batch` could not judge. 2: wrong use or input that cannot be read.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, NoReturn

import typer

from k20kg.cli.streams import discard_output, not_written, prepare_streams, say
from k20kg.errors import K20Error
from k20kg.version import __version__

_MODULES = {
    "judge": ("validate", "check"),
    "listing": ("explain", "definitions", "cases"),
    "query": ("query", "find", "load"),
    "analysis": ("compare", "sensitivity", "timeline", "gaps", "reason"),
    "batch": ("batch", "synthesize"),
    "sheet": ("new", "sheet", "convert"),
    "web": ("serve", "site"),
}
"""Commands by the module that holds them, so that one command does not pay for all of them."""
_OF_BATCH = ("--jobs", "-j", "--resume", "--strict", "--shuffled", "--dask")


def make_app(command: str | None = None) -> typer.Typer:
    """Return the command line: the part that `command` stands in, or all of it."""
    app = typer.Typer(
        name="k20kg",
        help=root.__doc__,
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(root)
    wanted = [name for name, commands in _MODULES.items() if command in commands]
    for name in wanted or _MODULES:
        module = import_module(f"k20kg.cli.{name}")
        for one in _MODULES[name]:
            function = getattr(module, one)
            app.command(one, short_help=(function.__doc__ or "").partition("\n")[0])(function)
    return app


def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error arose.")] = False,
) -> None:
    """Says whether a group is a K-20 partnership, criterion by criterion, on what evidence."""
    if version:
        typer.echo(f"k20kg {__version__}")
        raise typer.Exit


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; nothing but Ctrl-C gets past it."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    try:
        code = _code_of(arguments)
    except Exception as error:
        if "--debug" in arguments:
            raise
        _tell(error)
        code = 2
    try:
        sys.stdout.flush()
    except OSError as error:
        discard_output(1)
        if code != 2:  # else this, or worse, is told already
            _tell(error)
        return 2
    return code


def _code_of(arguments: list[str]) -> int:
    """Return the exit code of a command; raise what it raises."""
    command = next((word for word in arguments if not word.startswith("-")), None)
    try:
        code = make_app(command)(args=arguments, standalone_mode=False)
        return code if isinstance(code, int) else 0
    except typer.Exit as end:
        return end.exit_code
    except typer.Abort:
        return 130
    except SystemExit as end:  # so the library ends where a pipe is closed
        if isinstance(end.__context__, OSError):
            discard_output(1)
            raise end.__context__ from None
        return end.code if isinstance(end.code, int) else 2


def _tell(error: Exception) -> None:
    """Say on stderr, in one line, what went wrong."""
    if isinstance(error, OSError):
        error = not_written(error)
    if isinstance(error, K20Error):
        say(f"k20kg: {error}")
    elif getattr(error, "option_name", None) in _OF_BATCH:
        say(f"k20kg: {error.option_name} is for many cases; say k20kg batch … -o rows.jsonl")  # type: ignore[attr-defined]
    elif usage := getattr(error, "format_message", None):
        said = usage().rstrip(".")
        say(said if said.startswith("Usage") else f"k20kg: {said}; see k20kg --help")
    else:
        say(f"k20kg: unexpected {type(error).__name__}: {error}; --debug shows where")


def run() -> NoReturn:
    """Run the command line as a program of its own."""
    prepare_streams()
    gc.set_threshold(100_000, 50, 100)  # little of what a command makes is garbage while it runs
    code = main()
    gc.freeze()  # and none of it is worth looking for at the end
    sys.exit(code)
