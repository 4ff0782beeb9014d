"""The errors that a user can mend. Each says what, where, and what to do.

K20Error
├── UsageError        wrong option, unknown name
├── InputError        a file, stream or folder that cannot be read as RDF
│   └── RemoteError   an endpoint or context that cannot, or may not, be reached
└── RecordError       RDF that is no well-formed case record
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class K20Error(Exception):
    """Root of all errors raised on purpose.

    `where` is a path, with a line if known (``lamsig.ttl:214``), or another place;
    `remedy` says what to do. ``str()`` joins them: ``where: what; remedy``.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        text = f"{where}: {what}" if where else what
        super().__init__(f"{text}; {remedy}" if remedy else text)


class UsageError(K20Error):
    """A wrong option or an unknown name."""


class InputError(K20Error):
    """Input that cannot be read as RDF."""


class RemoteError(InputError):
    """Something beyond this machine that cannot, or may not, be reached."""


class RecordError(K20Error):
    """RDF that is no well-formed case record.

    `faults` holds one line for each fault, and `details` its place, node, what and remedy.
    """

    def __init__(
        self, what: str, *, where: str = "", remedy: str = "", faults: tuple[str, ...] = ()
    ) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.faults = faults
        self.details: tuple[tuple[str, str, str, str], ...] = ()

    @classmethod
    def of(cls, where: str, faults: Sequence[tuple[str, str, str, str]]) -> RecordError:
        """Return one error for all faults of a record; as text, each is a full line."""
        count = f"{len(faults)} faults" if len(faults) > 1 else "a fault"
        lines = tuple(map(str, faults))
        error = cls(f"{count} in the record\n" + "\n".join(lines), where=where, faults=lines)
        error.details = tuple(faults)
        return error


def install(extra: str) -> str:
    """Return the command that installs an extra, in a checkout or from the index."""
    checkout = (Path(__file__).parents[1] / "pyproject.toml").is_file()
    return f"pip install {'-e ' if checkout else ''}'{'.' if checkout else 'k20kg'}[{extra}]'"
