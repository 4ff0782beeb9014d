"""Streams of bytes from paths, URLs and standard input: unpacked, counted, without their mark."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from k20kg.errors import InputError, UsageError
from k20kg.rdf.text import neutralise

HEAD: Final = 4 * 1024 * 1024
"""So much of a stream can be looked at before it is read."""
_URL: Final = re.compile(r"[a-z][a-z0-9+.-]+://", re.I)


def is_url(name: str) -> bool:
    """Tell whether a name is a URL, and so fsspec's to open."""
    return _URL.match(name) is not None


class Counted(io.RawIOBase):
    """A stream that counts the bytes read, and gives fewer than asked only at its end."""

    def __init__(self, inner: BinaryIO) -> None:
        self._inner = inner
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = 0
        while part := self._inner.read(len(buffer) - found):
            buffer[found : found + len(part)] = part
            found += len(part)
        self.count += found
        return found


@contextmanager
def open_stream(
    name: str, stdin: BinaryIO | None = None, progress: list[Counted] | None = None
) -> Iterator[io.BufferedReader[Any]]:
    """Open a path, a URL or ``-`` for reading, unpacked if its first bytes say it is packed."""
    where = "<stdin>" if name == "-" else neutralise(name)
    try:
        if name == "-":
            raw: BinaryIO = stdin or sys.stdin.buffer
        elif is_url(name):
            raw = _fsspec(name).open(name, "rb").open()
        else:
            raw = Path(name).open("rb")  # noqa: SIM115 - closed below
    except OSError as fault:
        why = fault.strerror or str(fault)
        raise InputError(f"it cannot be read ({why})", where=where, remedy="check it") from None
    counted = Counted(raw)
    if progress is not None:
        progress.append(counted)
    try:
        inner = _unpacked(io.BufferedReader(counted), where)
        unpacked: io.BufferedReader[Any] = io.BufferedReader(Counted(inner), HEAD)
        if unpacked.peek()[:3] == codecs.BOM_UTF8:
            unpacked.read(3)
        yield unpacked
    except (EOFError, zlib.error, gzip.BadGzipFile) as fault:
        raise InputError(
            f"this is no whole compressed file ({neutralise(str(fault)).rstrip('.')})",
            where=where,
            remedy="get the whole file; what came before the fault was judged",
        ) from None
    finally:
        if name != "-":
            raw.close()


def _unpacked(stream: io.BufferedReader[Any], where: str) -> BinaryIO:
    head = stream.peek()[:4]
    if head.startswith(b"\x1f\x8b"):
        return cast(BinaryIO, gzip.open(stream))
    if head == b"\x28\xb5\x2f\xfd":
        try:
            import zstandard
        except ImportError:
            raise UsageError(
                f"{where} is compressed by Zstandard", remedy="pip install 'k20kg[corpus]'"
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
            f"{neutralise(url)} is opened by fsspec", remedy="pip install 'k20kg[cluster]'"
        ) from None
    return fsspec
