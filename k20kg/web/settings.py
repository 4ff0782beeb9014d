"""Limits of a server: sizes, times, and who may read what it sends."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

READY: Final = "ready"
"""Answer of a worker that has done as told."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one query."""

    seconds: float = 20.0
    memory: int = 1 << 30
    """Bytes that a query may need beyond the data."""
    rows: int = 200_000
    bytes: int = 64 << 20
    """The size of an answer."""

    def __str__(self) -> str:
        return (
            f"A query may take {self.seconds:g} seconds and {self.memory >> 20} MiB of memory, "
            f"and give {self.rows:,} rows or {self.bytes >> 20} MiB."
        )


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """Limits of judging one uploaded record."""

    bytes: int = 2 << 20
    seconds: float = 20.0
    cpu_seconds: int = 4
    """LAMSIG takes less than one."""
    memory: int = 1 << 30
    at_once: int = 2
    """Number of records judged at a time."""
    waiting: int = 16
    """Number of those here at a time, those that are judged among them."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Limits of a request."""

    query: Limits = field(default_factory=Limits)
    upload: UploadLimits = field(default_factory=UploadLimits)
    query_workers: int | None = None
    """Processes that answer queries; None is as many as the machine suggests."""
    target_bytes: int = 16 << 10
    """The longest path with its query string."""
    header_bytes: int = 32 << 10
    header_count: int = 100
    body_bytes: int = 7 << 20
    """No body is larger, whatever it is for: forms can make a record three times as large."""
    body_seconds: float = 20.0
    """Seconds that a body may take to arrive."""
    request_seconds: float = 90.0
    """After this, a request is given up: above what queue, query and upload may take."""
    cors: bool = True
    """True if pages of other hosts may read the data."""
    behind_proxy: bool = False
    """True if X-Forwarded-For says who asks."""
    log: str = "off"
    """Format of the log of requests on stderr: ``off``, ``common`` or ``json``."""
    metrics: bool = False
    """True if ``/metrics`` gives counters."""
    passwords: tuple[str, ...] = field(default=(), repr=False)
    """Names with their passwords, ``name:password``; none: everybody may ask."""
    trusted_header: str = ""
    """Header by which a proxy says that it knows who asks; without it nobody is let in."""

    @property
    def watched(self) -> bool:
        """Say whether requests are logged or counted, or anything is asked of who sends them."""
        whom = self.passwords or self.trusted_header or self.behind_proxy
        return bool(whom or self.metrics or self.log != "off")


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Options of a server."""

    host: str = "127.0.0.1"
    port: int = 8020
    workers: int = 1
    root: str = ""
    data: tuple[Path, ...] = ()
    settings: Settings = field(default_factory=Settings)
