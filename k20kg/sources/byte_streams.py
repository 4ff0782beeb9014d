"""Streams of bytes from paths, URLs and standard input: unpacked, counted, without their mark."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from k20kg.errors import InputError, UsageError, install
from k20kg.rdf.text import escape_controls
from k20kg.sources.folders import unreadable

HEAD: Final = 4 * 1024 * 1024
"""So much of a stream can be looked at before it is read."""
Advance = Callable[[int], None]
"""Is told that so many more bytes of a file have been read, packed as they are."""
_URL: Final = re.compile(r"[a-z][a-z0-9+.-]+://", re.I)


def is_url(name: str) -> bool:
    """Tell whether a name is a URL, and so fsspec's to open."""
    return _URL.match(name) is not None


class Counted(io.RawIOBase):
    """A stream that tells how many bytes are read, and gives fewer than asked only at its end."""

    def __init__(self, inner: BinaryIO, advance: Advance = lambda _: None) -> None:
        self._inner = inner
        self._advance = advance

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = 0
        while part := self._inner.read(len(buffer) - found):
            buffer[found : found + len(part)] = part
            found += len(part)
        self._advance(found)
        return found


@contextmanager
def open_stream(
    name: str, stdin: BinaryIO | None = None, advance: Advance = lambda _: None
) -> Iterator[io.BufferedReader[Any]]:
    """Open a path, a URL or ``-`` for reading, unpacked if its first bytes say it is packed."""
    where = "<stdin>" if name == "-" else escape_controls(name)
    try:
        if name == "-":
            raw: BinaryIO = stdin or sys.stdin.buffer
        elif is_url(name):
            raw = _fsspec(name).open(name, "rb").open()
        else:
            raw = Path(name).open("rb")  # noqa: SIM115 - closed below
    except OSError as fault:
        if not is_url(name):
            raise unreadable(Path(name), fault) from None
        why = fault.strerror or str(fault)
        raise InputError(f"it cannot be read ({why})", where=where, remedy="check it") from None
    try:
        inner = _unpacked(io.BufferedReader(Counted(raw, advance)), where)
        unpacked: io.BufferedReader[Any] = io.BufferedReader(Counted(inner), HEAD)
        if unpacked.peek()[:3] == codecs.BOM_UTF8:
            unpacked.read(3)
        yield unpacked
    except (EOFError, zlib.error, gzip.BadGzipFile) as fault:
        raise InputError(
            f"this is no whole gzip file ({escape_controls(str(fault)).rstrip('.')})",
            where=where,
            remedy="get the whole file, or name it without .gz if it is not compressed",
        ) from None
    finally:
        if name != "-":
            raw.close()


def _unpacked(stream: io.BufferedReader[Any], where: str) -> BinaryIO:
    head = stream.peek()[:4]
    if head.startswith(b"\x1f\x8b") or where.lower().endswith(".gz"):
        return cast(BinaryIO, gzip.open(stream))
    if head == b"\x28\xb5\x2f\xfd":
        try:
            import zstandard
        except ImportError:
            raise UsageError(
                f"{where} is compressed by Zstandard", remedy=install("corpus")
            ) from None
        reader = zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True)
        return cast(BinaryIO, reader)
    return stream


def open_out(url: str) -> BinaryIO:
    """Open a URL for writing."""
    return cast(BinaryIO, _fsspec(url).open(url, "wb").open())


def _fsspec(url: str) -> Any:
    try:
        import fsspec
    except ImportError:
        raise UsageError(
            f"{escape_controls(url)} is opened by fsspec", remedy=install("cluster")
        ) from None
    return fsspec
