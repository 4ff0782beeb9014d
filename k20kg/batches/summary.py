"""Counts over a corpus: verdicts, what kept cases undecided, and how fast it goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from textwrap import fill
from typing import Any

from k20kg.batches.judging import Judged
from k20kg.model import Definition, Verdict

Key = tuple[str, str, str]


@dataclass(slots=True)
class BatchSummary:
    """Counts of a part of a corpus; parts add up."""

    cases: int = 0
    faulty: int = 0
    verdicts: Counter[Key] = field(default_factory=Counter)
    """By reading, criterion (or ``overall``) and verdict."""
    reasons: Counter[Key] = field(default_factory=Counter)
    """Gaps where a criterion was not established: reading, criterion, statement."""

    def add(self, judged: Judged, readings: Iterable[str]) -> None:
        """Count one case."""
        if judged.fault:
            self.faulty += 1
            return
        self.cases += 1
        for reading, verdict in zip(readings, judged.whole, strict=True):
            self.verdicts[reading, "overall", verdict] += 1
        for row in judged.rows:
            self.verdicts[row.reading, row.criterion, row.verdict] += 1
            if row.verdict == Verdict.NOT_ESTABLISHED.value:
                for statement, _ in row.missing:
                    self.reasons[row.reading, row.criterion, statement] += 1

    def merge(self, other: BatchSummary) -> None:
        """Add what another part came to."""
        self.cases += other.cases
        self.faulty += other.faulty
        self.verdicts.update(other.verdicts)
        self.reasons.update(other.reasons)

    def to_json(self) -> dict[str, Any]:
        """Return the counts as plain data, for the checkpoint."""
        counts = {"verdicts": self.verdicts, "reasons": self.reasons}
        listed = {name: [[*key, n] for key, n in some.items()] for name, some in counts.items()}
        return {"cases": self.cases, "faulty": self.faulty, **listed}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> BatchSummary:
        """Return the counts that `to_json` wrote."""
        verdicts, reasons = (
            Counter({(a, b, c): n for a, b, c, n in data[name]}) for name in ("verdicts", "reasons")
        )
        return cls(data["cases"], data["faulty"], verdicts, reasons)


def summarize(
    tally: BatchSummary, definition: Definition, readings: Iterable[str], seconds: float
) -> str:
    """Return the counts for people: a table for each reading, then the commonest gaps."""
    rate = f", {tally.cases / seconds:,.0f} cases a second" if seconds > 0 and tally.cases else ""
    bad = f", {tally.faulty:,} not judged for faults" if tally.faulty else ""
    lines = [f"{tally.cases:,} cases judged{bad}{rate}"]
    words = {v.value: max(len(v.value), 9) + 2 for v in Verdict}
    names = [(c.id, f"{c.code:<3} {c.label}") for c in definition.criteria] + [("overall",) * 2]
    first = max(len(label) for _, label in names)
    for reading in readings:
        heads = "".join(f"{word:>{width}}" for word, width in words.items())
        lines += ["", f"{reading:<{first}}{heads}"]
        for key, label in names:
            counts = [f"{tally.verdicts[reading, key, w]:>{n},}" for w, n in words.items()]
            lines.append(f"{label:<{first}}{''.join(counts)}")
        reasons = [(-n, c, s) for (r, c, s), n in tally.reasons.items() if r == reading]
        if reasons:
            lines += ["", f"What was missing most often ({reading})"]
        for count, criterion, statement in sorted(reasons)[:10]:
            lead = f"{-count:>12,}  {definition.criterion(criterion).code:<3} "
            lines.append(fill(lead + statement, 80, subsequent_indent=" " * len(lead)))
    return "\n".join(lines) + "\n"


def progress_words(cases: int, seconds: float, read: int, total: int) -> str:
    """Return how far a run is: cases, rate and, where the size is known, the time left."""
    line = f"{cases:,} cases, {cases / max(seconds, 0.001):,.0f} a second"
    if total and read:
        left = max(0.0, seconds * (total / read - 1))
        percent = min(100, 100 * read // total)
        line += f", {percent} %, {int(left) // 60}:{int(left) % 60:02} left"
    return line
