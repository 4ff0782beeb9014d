"""The standard streams: UTF-8 where they are no terminal, and errors where they take nothing."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from collections.abc import Iterator

from k20kg.errors import InputError, K20Error, UsageError
from k20kg.rdf.text import neutralise

_MARK = "\ufeff"


def settle() -> None:
    """Make the standard streams of this process fit to be written to.

    What is no terminal takes UTF-8, and line ends as they are written, whatever the locale. A
    stream that was closed is there again: standard output refuses what is written to it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:  # the next file opened would take its place
            os.open(os.devnull, os.O_WRONLY if number == 2 else os.O_RDONLY)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):
            continue
        if stream.isatty():
            stream.reconfigure(errors="replace")
        else:
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="")


def write(text: str, *, excel: bool = False, format: str = "csv") -> None:  # noqa: A002
    """Write an answer to stdout; for Excel, CSV begins with a byte order mark."""
    refuse_for_excel(excel, format)
    sys.stdout.write(_MARK * excel + text)


def refuse_for_excel(excel: bool, format: str) -> None:  # noqa: A002
    """Raise `UsageError` if Excel is to be given anything but CSV."""
    if excel and format != "csv":
        raise UsageError("--excel is for CSV", remedy="say --format csv as well")


def say(text: str) -> None:
    """Write a remark to stderr, with nothing in it that could steer the terminal."""
    try:
        print(neutralise(text), file=sys.stderr)
    except OSError:
        let_go(2)


def not_written(fault: OSError) -> K20Error:
    """Return the error for an answer, or a file, that cannot be written or read."""
    why = fault.strerror or str(fault)
    if fault.filename:
        return K20Error(why, where=str(fault.filename), remedy="check the path and your rights")
    if fault.errno == errno.EBADF:
        return K20Error("standard output is closed")
    if isinstance(fault, BrokenPipeError):
        return K20Error("the answer was not read to its end", where="<stdout>")
    return K20Error(f"the answer cannot be written ({why})", where="<stdout>")


@contextlib.contextmanager
def writing(*names: object) -> Iterator[None]:
    """Name the files that are written where an error does not; ``-`` and None are no files."""
    files = [str(name) for name in names if name not in (None, "-")]
    try:
        yield
    except OSError as fault:
        if fault.filename or not files or isinstance(fault, BrokenPipeError):
            raise
        why = f"it cannot be written ({fault.strerror or fault})"
        raise InputError(why, where=", ".join(files), remedy="make room") from None


def let_go(number: int) -> None:
    """Give up a standard stream that takes nothing, so that what is held back for it is lost."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)
