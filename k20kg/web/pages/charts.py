"""The charts of a case, as data: goals by role group, benefits by source, division of labour."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Final

from k20kg.vocabulary import BASE, K20, RDFS, SKOS
from k20kg.web.pages.facts import Facts
from k20kg.web.pages.record import SECTORS, Named, cited, named, ordered, places_of, sector_rank

__all__ = [
    "Aspect",
    "Benefits",
    "Gain",
    "GoalRow",
    "Goals",
    "aspects_of",
    "benefits_of",
    "goals_of",
    "kinds_of_interdependency",
]

_ALL: Final = {K20 + "AllMembers", K20 + "AllInterviewed"}
_DENIES: Final = K20 + "Denies"


# ---------------------------------------------------------------- goals


@dataclass(frozen=True, slots=True)
class GoalRow:
    """A goal with one mark for each role group: ``all``, ``some`` or ``unsaid``."""

    goal: Named
    number: str
    marks: tuple[tuple[str, str], ...]
    """Kind of mark, and the words for it."""
    shared: int
    """How many role groups named it to a person."""


@dataclass(frozen=True, slots=True)
class Goals:
    """Goals by role group, those that most have in common first."""

    groups: tuple[Named, ...]
    rows: tuple[GoalRow, ...]
    places: str

    @property
    def common(self) -> int:
        """How many goals all groups named."""
        return sum(row.shared == len(self.groups) for row in self.rows)

    @property
    def parts(self) -> list[tuple[int, list[GoalRow]]]:
        """The rows, by how many groups share them."""
        return [(n, list(rows)) for n, rows in groupby(self.rows, key=lambda r: r.shared)]

    @property
    def totals(self) -> list[int]:
        """How many goals each group named to a person."""
        return [sum(r.marks[n][0] == "all" for r in self.rows) for n in range(len(self.groups))]


def goals_of(facts: Facts, case: str) -> Goals | None:
    """Return who holds which goal; None where nobody's goals are on record."""
    held: dict[tuple[str, str], str] = {}
    statements = facts.all(case, "goalStatement")
    for statement in statements:
        for goal in facts.all(statement, "aboutGoal"):
            for holder in facts.all(statement, "heldBy"):
                held[goal, holder] = facts.get(statement, "quantifier")
    if not held:
        return None
    holders = sorted(
        {holder for _, holder in held}, key=lambda h: (sector_rank(facts, h), facts.label(h), h)
    )
    rows = []
    for goal in ordered(facts, {goal for goal, _ in held}):
        marks = tuple(_goal_mark(facts, held.get((goal, holder))) for holder in holders)
        shared = sum(kind == "all" for kind, _ in marks)
        rows.append(GoalRow(named(facts, goal), facts.get(goal, "order"), marks, shared))
    rows.sort(key=lambda row: -row.shared)
    return Goals(tuple(named(facts, h) for h in holders), tuple(rows), places_of(facts, statements))


def _goal_mark(facts: Facts, quantifier: str | None) -> tuple[str, str]:
    if quantifier is None:
        return "unsaid", "nothing on record"
    if not quantifier:
        return "some", "named, by how many is not stated"
    return "all" if quantifier in _ALL else "some", facts.label(quantifier)


# ---------------------------------------------------------------- benefits


@dataclass(frozen=True, slots=True)
class Gain:
    """One statement of a benefit."""

    iri: str
    benefit: Named
    recipient: Named
    sources: tuple[Named, ...]
    stance: str
    """Empty for a benefit that was affirmed, else the words for the stance."""
    place: str


@dataclass(frozen=True, slots=True)
class Benefits:
    """Statements of benefits, and how they flow between those who take part."""

    gains: tuple[Gain, ...]
    givers: tuple[Named, ...]
    takers: tuple[Named, ...]
    counts: dict[tuple[str, str], int]
    """How many benefits came from whom to whom."""
    sectors: dict[str, str]
    group: str
    places: str

    @property
    def both_ways(self) -> bool:
        """Whether each of the two sectors gained from the other."""
        ways = {(self.sectors.get(a), self.sectors.get(b)) for a, b in self.counts}
        k12, higher = SECTORS[:2]
        return {(k12, higher), (higher, k12)} <= ways

    @property
    def denied(self) -> int:
        """How many statements deny a benefit."""
        return sum(bool(gain.stance) for gain in self.gains)

    @property
    def mentions(self) -> int:
        """How many times a source of a benefit was named."""
        return sum(self.counts.values())

    def row(self, taker: str) -> list[int]:
        """Return how many benefits came from each giver to one taker."""
        return [self.counts.get((giver, taker), 0) for giver, _ in self.givers]

    def given(self) -> list[int]:
        """Return how many benefits came from each giver."""
        return [sum(n for (g, _), n in self.counts.items() if g == iri) for iri, _ in self.givers]

    def kinds(self, taker: str) -> int:
        """Return how many statements one taker made."""
        return sum(gain.recipient[0] == taker and not gain.stance for gain in self.gains)


def benefits_of(facts: Facts, case: str) -> Benefits | None:
    """Return the benefits stated; None where nobody's are on record."""
    statements = ordered(facts, facts.all(case, "benefitStatement"))
    if not statements:
        return None
    gains: list[Gain] = []
    counts: dict[tuple[str, str], int] = {}
    for statement in statements:
        told_by = facts.get(statement, "statedBy")
        recipient = facts.get(statement, "recipient") or told_by
        benefit = facts.get(statement, "aboutBenefit")
        stance = facts.get(statement, "stance")
        sources = facts.all(statement, "benefitFrom")
        gains.append(
            Gain(
                statement,
                named(facts, benefit)
                if benefit
                else (statement, facts.value(statement, RDFS + "label") or "not named"),
                named(facts, recipient),
                tuple(named(facts, s) for s in sources),
                facts.label(stance) if stance == _DENIES else "",
                cited(facts, statement),
            )
        )
        if stance != _DENIES:
            for source in sources:
                counts[source, recipient] = counts.get((source, recipient), 0) + 1
    rank = {
        n: (n == case, sector_rank(facts, n), facts.label(n), n)
        for n in {end for way in counts for end in way} | {g.recipient[0] for g in gains}
    }
    givers = sorted({giver for giver, _ in counts}, key=rank.__getitem__)
    takers = sorted({g.recipient[0] for g in gains if not g.stance}, key=rank.__getitem__)
    gains.sort(key=lambda g: rank[g.recipient[0]])
    return Benefits(
        gains=tuple(gains),
        givers=tuple(named(facts, g) for g in givers),
        takers=tuple(named(facts, t) for t in takers),
        counts=counts,
        sectors={n: facts.get(n, "sector") for n in rank},
        group=case,
        places=places_of(facts, statements),
    )


# ---------------------------------------------------------------- division of labour


@dataclass(frozen=True, slots=True)
class Aspect:
    """One aspect of a task with its kinds of interdependency."""

    iri: str
    label: str
    kinds: tuple[Named, ...]
    place: str


def aspects_of(facts: Facts, case: str) -> list[tuple[Named, list[Aspect]]]:
    """Return the tasks for which a division of labour is on record, each with its aspects."""
    found = []
    for task in ordered(facts, facts.all(case, "task")):
        rows = [
            Aspect(
                aspect,
                facts.label(aspect),
                tuple(named(facts, k) for k in facts.all(aspect, "interdependency")),
                cited(facts, aspect),
            )
            for aspect in sorted(facts.all(task, "aspect"), key=lambda a: (_line(facts, a), a))
        ]
        if rows:
            found.append((named(facts, task), rows))
    return found


def _line(facts: Facts, record: str) -> int:
    """Return the first line that a record rests on: the order of the source."""
    lines = [facts.get(item, "firstLine") for item in facts.all(record, "evidencedBy")]
    return min((int(line) for line in lines if line.isdigit()), default=0)


def kinds_of_interdependency(facts: Facts) -> list[tuple[Named, str]]:
    """Return each kind of interdependency with its definition."""
    kinds = facts.values(BASE + "scheme/interdependency-types", SKOS + "hasTopConcept")
    return [(named(facts, k), facts.value(k, SKOS + "definition")) for k in kinds]
