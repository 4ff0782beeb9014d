"""The standard streams: UTF-8 where they are no terminal, and errors where they take nothing."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys

from k20kg.errors import K20Error
from k20kg.rdf.text import escape_controls


def prepare_streams() -> None:
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


def say(text: str) -> None:
    """Write a remark to stderr, with nothing in it that could steer the terminal."""
    try:
        print(escape_controls(text), file=sys.stderr)
    except OSError:
        discard_output(2)


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


def discard_output(number: int) -> None:
    """Give up a standard stream that takes nothing, so that what is held back for it is lost."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)
