"""Streams of bytes from paths, URLs and standard input: unpacked, counted, put back together."""

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

_URL: Final = re.compile(r"[a-z][a-z0-9+.-]+://", re.I)
_COMPRESSED: Final = {b"\x1f\x8b": "gz", b"\x28\xb5\x2f\xfd": "zst"}


def is_url(name: str) -> bool:
    """Tell whether a name is a URL, and so fsspec's to open."""
    return _URL.match(name) is not None


class Counted(io.RawIOBase):
    """A stream that knows how many bytes were read of it, for the time left."""

    def __init__(self, inner: BinaryIO) -> None:
        self.inner = inner
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count: int = cast(Any, self.inner).readinto(buffer)
        self.count += count
        return count


class Named(io.BytesIO):
    """Bytes that know where they came from, for error messages."""

    def __init__(self, data: bytes, name: str) -> None:
        super().__init__(data)
        self.name = name


class Chained(io.RawIOBase):
    """What was already read of a stream, and then the rest."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = io.BytesIO(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._head.read(len(buffer)) or self._rest.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def read_fully(stream: BinaryIO, size: int) -> bytes:
    """Return so many bytes, fewer only at the end; a pipe gives them in small parts."""
    parts: list[bytes] = []
    while size > 0 and (part := stream.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


@contextmanager
def open_stream(
    name: str, stdin: BinaryIO | None = None, progress: list[Counted] | None = None
) -> Iterator[BinaryIO]:
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
        stream = cast(BinaryIO, io.BufferedReader(counted, 1024 * 1024))
        kind = _COMPRESSED.get(cast(Any, stream).peek(4)[:2]) or _COMPRESSED.get(
            cast(Any, stream).peek(4)[:4]
        )
        unpacked = cast(BinaryIO, io.BufferedReader(cast(Any, _unpack(stream, kind, where))))
        if cast(Any, unpacked).peek(3)[:3] == codecs.BOM_UTF8:
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


def _unpack(stream: BinaryIO, kind: str | None, where: str) -> BinaryIO:
    if kind == "gz":
        return cast(BinaryIO, gzip.open(stream))
    if kind == "zst":
        try:
            import zstandard
        except ImportError:
            raise UsageError(
                f"{where} is compressed by Zstandard", remedy="pip install 'k20kg[corpus]'"
            ) from None
        return cast(
            BinaryIO, zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True)
        )
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
