"""The options --format, --out and --excel, which every command that answers has, and what they do.

The format is that of ``--format``, else that of the ending of ``--out``, else the command's usual
one; never does it depend on the input. A file is written beside its place and moved there whole.
"""

from __future__ import annotations

import inspect
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import typer

from k20kg.errors import InputError, K20Error, UsageError
from k20kg.rdf.text import escape_controls

if TYPE_CHECKING:
    from k20kg.report import Terminal

ENDINGS: Final = {
    ".txt": ("text", "table"),
    ".md": ("markdown",),
    ".html": ("html",),
    ".htm": ("html",),
    ".json": ("json",),
    ".jsonl": ("jsonl",),
    ".csv": ("csv",),
    ".tsv": ("tsv",),
    ".ttl": ("turtle",),
    ".nt": ("ntriples",),
    ".jsonld": ("jsonld",),
    ".svg": ("svg",),
    ".parquet": ("parquet",),
    ".docx": ("docx",),
    ".xlsx": ("xlsx",),
}
"""The formats that an ending stands for: of these the one that a command knows."""
_ROWS: Final = ("jsonl", "parquet")
_MARK: Final = "\ufeff"


class Output:
    """The answer of a command: its format, and the file or standard output that takes it."""

    def __init__(self, format_: str, out: str | None, *, excel: bool) -> None:
        self.format = format_
        self.out = None if out == "-" else out
        self.excel = excel
        self._mark = _MARK if excel else ""
        self._parts: list[bytes] = []

    @property
    def terminal(self) -> Terminal:
        """Width, whether colour is wanted, and whether only ASCII can be shown."""
        if self.out:
            return {"width": 100, "colour": False, "ascii_only": False}
        encoding = (sys.stdout.encoding or "ascii").lower()
        asked = os.environ.get("PYTHONIOENCODING", "").lower()
        on_terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        return {
            "width": shutil.get_terminal_size((100, 24)).columns,
            "colour": on_terminal and "NO_COLOR" not in os.environ,
            "ascii_only": not encoding.startswith("utf") or asked.startswith("ascii"),
        }

    def write(self, part: str | bytes) -> None:
        """Add to the answer: at once on standard output, at the end to a file."""
        if isinstance(part, str):
            part, self._mark = self._mark + part, ""
        if self.out:
            self._parts.append(part.encode() if isinstance(part, str) else part)
        elif isinstance(part, str):
            sys.stdout.write(part)
        else:
            sys.stdout.buffer.write(part)

    def save(self) -> None:
        """Write the file, if there is one and anything to write."""
        if self.out and self._parts:
            with replacing(self.out) as file:
                file.writelines(self._parts)


def writes(*formats: str, usual: str | None = None) -> Callable[[Callable[..., None]], Any]:
    """Give a command the options ``--format``, ``--out`` and ``--excel``.

    The command takes an `Output` first. Without any of them the format is the `usual` one, the
    first if not said.
    """
    known = ", ".join(formats)
    options = [
        _option("format", str | None, None, "-f", help=f"How to write it: {known}."),
        _option("out", str | None, None, "-o", metavar="FILE", help="A file; its ending says how."),
    ]
    if "csv" in formats:
        words = "Begin CSV so that Excel takes it for UTF-8."
        options.append(_option("excel", bool, False, help=words))

    def with_options(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def run(**given: Any) -> None:
            asked, out, excel = (given.pop(name, None) for name in ("format", "out", "excel"))
            chosen = _format(asked, out, formats, formats[0] if usual is None else usual)
            if excel and chosen != "csv":
                raise UsageError("--excel is for CSV", remedy="say --format csv as well")
            if out:
                refuse_input(out, given.values())
            to = Output(chosen, out, excel=bool(excel))
            try:
                command(to, **given)
            except (K20Error, typer.Exit):
                to.save()  # `check` tells as far as it came
                raise
            to.save()

        _, *own = inspect.signature(command, eval_str=True).parameters.values()
        parameters = [*own, *options]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {one.name: one.annotation for one in parameters}
        return run

    return with_options


def _option(name: str, kind: Any, default: Any, *short: str, **more: Any) -> inspect.Parameter:
    option = typer.Option(default, f"--{name}", *short, **more)
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=option, annotation=kind)


def _format(asked: str | None, out: str | None, formats: Iterable[str], usual: str) -> str:
    """Return the format to write; raise `UsageError` if there is none of that name or ending."""
    ending = Path(out).suffix.lower() if out else ""
    if not asked and not ending:
        return usual
    named = (asked,) if asked else ENDINGS.get(ending, (ending,))
    for one in named:
        if one in formats:
            return one
    remedy = f"choose one of {', '.join(formats)} by --format"
    if named[0] in _ROWS:
        remedy = f"k20kg batch writes rows; here, {remedy}"
    raise UsageError(
        f"there is no format {escape_controls(named[0])!r} here",
        where="--format" if asked else escape_controls(str(out)),
        remedy=remedy,
    )


def refuse_input(out: str, given: Iterable[object]) -> None:
    """Raise `UsageError` if a file to be written is read, or would be next time, in a folder."""
    from k20kg.rdf.syntax import syntax_of_path

    target = Path(out)
    for value in given:
        for name in value if isinstance(value, list) else (value,):
            if not isinstance(name, str | Path) or name == "-":
                continue
            source = Path(name)
            if source.is_file() and target.exists() and source.samefile(target):
                fault = "this is the input"
            elif (
                source.is_dir()
                and syntax_of_path(target)
                and target.resolve().is_relative_to(source.resolve())
            ):
                fault = f"it would be read as a part of {escape_controls(str(source))}"
            else:
                continue
            raise UsageError(fault, where=escape_controls(out), remedy="write to another file")


@contextmanager
def naming(out: str | Path) -> Iterator[None]:
    """Name the file, or folder, that is written if the system refuses."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as fault:
        raise InputError(
            f"it cannot be written ({fault.strerror or fault})",
            where=escape_controls(str(out)),
            remedy="make room, or write elsewhere",
        ) from None


@contextmanager
def replacing(out: str | Path) -> Iterator[IO[bytes]]:
    """Open a file for writing that takes its place when it is whole; else nothing is left of it.

    What is no file, such as a device, is written to directly.
    """
    path = Path(out).resolve()
    direct = path.exists() and not path.is_file()
    beside = path if direct else path.with_name(f"{path.name}.{os.getpid()}.new")
    with naming(out):
        try:
            with beside.open("wb") as file:
                yield file
            if not direct:
                beside.replace(path)
        finally:
            if not direct:
                beside.unlink(missing_ok=True)
