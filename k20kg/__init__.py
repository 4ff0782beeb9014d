"""k20kg says whether a group is a K-20 partnership, criterion by criterion, on what evidence.

>>> import k20kg
>>> [a.words for a in k20kg.validate(k20kg.shipped_cases()["lamsig"], reading="as-applied")]
['K-20 partnership']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k20kg.api import batch, query, snapshot, validate
    from k20kg.batches.runner import Interrupted
    from k20kg.batches.summary import BatchSummary
    from k20kg.definition.bundles import bundle
    from k20kg.definition.metadata import load_definition
    from k20kg.errors import InputError, K20Error, RecordError, RemoteError, UsageError
    from k20kg.judging.as_of import Snapshot
    from k20kg.judging.cases import Case, read_cases
    from k20kg.judging.dates import Interval, Validity
    from k20kg.judging.judge import Judge
    from k20kg.judging.record_check import Fault
    from k20kg.judging.timeline import DatedRecord, Span, Timeline, Track, timeline
    from k20kg.model import (
        Assessment,
        Assumption,
        Carrier,
        Coverage,
        Criterion,
        Dating,
        Definition,
        Disagreement,
        Evidence,
        Figure,
        Finding,
        Gap,
        MetPeriod,
        Moment,
        Opinion,
        Parameter,
        Reading,
        RecordHead,
        Verdict,
    )
    from k20kg.sources.documents import Document
    from k20kg.sources.shipped_cases import shipped_cases

from k20kg.version import __version__

__all__ = [
    "Assessment", "Assumption", "BatchSummary", "Carrier", "Case", "Coverage", "Criterion",
    "DatedRecord", "Dating", "Definition", "Disagreement", "Document", "Evidence", "Fault",
    "Figure", "Finding", "Gap", "InputError", "Interrupted", "Interval", "Judge", "K20Error",
    "MetPeriod", "Moment", "Opinion", "Parameter", "Reading", "RecordError", "RecordHead",
    "RemoteError", "Snapshot", "Span", "Timeline", "Track", "UsageError", "Validity", "Verdict",
    "__version__", "batch", "bundle", "load_definition", "query", "read_cases", "shipped_cases",
    "snapshot", "timeline", "validate",
]  # fmt: skip

_HOMES = {
    "k20kg.api": ("batch", "query", "snapshot", "validate"),
    "k20kg.batches.runner": ("Interrupted",),
    "k20kg.batches.summary": ("BatchSummary",),
    "k20kg.definition.bundles": ("bundle",),
    "k20kg.definition.metadata": ("load_definition",),
    "k20kg.errors": ("InputError", "K20Error", "RecordError", "RemoteError", "UsageError"),
    "k20kg.judging.as_of": ("Snapshot",),
    "k20kg.judging.cases": ("Case", "read_cases"),
    "k20kg.judging.dates": ("Interval", "Validity"),
    "k20kg.judging.judge": ("Judge",),
    "k20kg.judging.record_check": ("Fault",),
    "k20kg.judging.timeline": ("DatedRecord", "Span", "Timeline", "Track", "timeline"),
    "k20kg.sources.documents": ("Document",),
    "k20kg.sources.shipped_cases": ("shipped_cases",),
}
"""Module → names that it defines; all others are in `k20kg.model`."""


def __getattr__(name: str) -> Any:
    """Import public names when they are first used: start-up time counts for a command."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    home = next((home for home, names in _HOMES.items() if name in names), "k20kg.model")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
