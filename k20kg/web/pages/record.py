"""What a case's record says of a group, its people and their work, ready to be shown.

Only words of the ontology stand here; every name, figure and place comes from the graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from k20kg.model import Evidence
from k20kg.report.outline import list_places, number, place
from k20kg.vocabulary import BASE, K20, RDF_TYPE, RDFS
from k20kg.web.pages.facts import Facts, local

__all__ = [
    "SECTORS",
    "Glance",
    "Home",
    "Named",
    "Part",
    "People",
    "Work",
    "as_evidence",
    "cited",
    "glance_of",
    "kind_of",
    "named",
    "ordered",
    "people_of",
    "places_of",
    "sector_rank",
    "work_of",
]

Named = tuple[str, str]
"""An IRI and the words for it."""

SECTORS: Final = (K20 + "K12Sector", K20 + "HigherEducationSector", K20 + "OtherSector")


def named(facts: Facts, iri: str) -> Named:
    """Return an IRI with its label."""
    return iri, facts.label(iri)


def as_evidence(facts: Facts, item: str, record: str = "", direction: str = "") -> Evidence:
    """Return an evidence item as reports know it."""
    source = facts.get(item, "source")
    short = source.removeprefix(BASE + "source/")
    return Evidence(
        iri=item,
        record=record,
        record_label=facts.label(record) if record else "",
        statement=facts.get(item, "statement"),
        source=short if short != source else facts.label(source),
        locator=facts.get(item, "locator"),
        method="",
        direction=direction,
    )


def evidence_behind(facts: Facts, record: str) -> list[Evidence]:
    """Return the evidence items behind a record, supporting ones first."""
    ways = (("evidencedBy", "supports"), ("disputedBy", "disputes"), ("leftOpenBy", "leaves open"))
    return [
        as_evidence(facts, item, record, direction)
        for name, direction in ways
        for item in facts.all(record, name)
    ]


def cited(facts: Facts, record: str) -> str:
    """Return where the sources say something: ``paper 6.1, Chart 3, row 5, line 307``."""
    return "; ".join(dict.fromkeys(place(item) for item in evidence_behind(facts, record)))


def places_of(facts: Facts, records: Iterable[str]) -> str:
    """Return the sections and charts that many records rest on."""
    return list_places(item for record in records for item in evidence_behind(facts, record))


def sector_rank(facts: Facts, node: str) -> int:
    """Return where the sector of a node stands: K-12, higher education, other, not stated."""
    sector = facts.get(node, "sector")
    return SECTORS.index(sector) if sector in SECTORS else len(SECTORS)


def sector_name(facts: Facts, sector: str) -> str:
    """Return a sector's label."""
    return facts.label(sector) if sector else "sector not stated"


def ordered(facts: Facts, nodes: Iterable[str]) -> list[str]:
    """Return nodes by the number printed with them, then by label."""
    return sorted(
        set(nodes),
        key=lambda n: (_number(facts.get(n, "order")), facts.label(n), n),
    )


def _number(text: str) -> float:
    return float(text) if text.isdigit() else float("inf")


# ---------------------------------------------------------------- at a glance


@dataclass(frozen=True, slots=True)
class Claim:
    """A verdict that somebody gave of the whole group, and where."""

    verdict: str
    by: tuple[Named, ...]
    place: str


@dataclass(frozen=True, slots=True)
class Glance:
    """What a reader wants to know of a group before its verdict is explained."""

    firms: tuple[tuple[Named, str], ...]
    """Each member firm with what kind of firm it is."""
    parents: tuple[Named, ...]
    formed: tuple[tuple[str, str], ...]
    """Each date of formation, as printed or as bounds, with its place."""
    headcount: str
    figures: tuple[tuple[str, str], ...]
    """Each reported number of members, with its place."""
    names: tuple[str, ...]
    sub_groups: tuple[Named, ...]
    claims: tuple[Claim, ...]


def glance_of(facts: Facts, case: str) -> Glance:
    """Return the group at a glance; figures of the topic *members* stand beside the count."""
    firms = []
    for record in facts.all(case, "membership"):
        for firm in facts.all(record, "memberFirm"):
            firms.append((named(facts, firm), kind_of(facts, firm)))
    heads = [
        Decimal(count)
        for one in facts.all(case, "participation")
        if facts.get(one, "onRoll") == "true" and (count := facts.get(one, "headcount"))
    ]
    return Glance(
        firms=tuple(sorted(set(firms), key=lambda f: (f[1], f[0][1]))),
        parents=tuple(named(facts, p) for p in facts.all(case, "parentProject")),
        formed=tuple(_formed(facts, case)),
        headcount=number(sum(heads, Decimal(0))) if heads else "",
        figures=tuple(
            (facts.get(f, "valueAsPrinted") or facts.get(f, "value"), cited(facts, f))
            for f in facts.all(case, "reportedFigure")
            if local(facts.get(f, "figureTopic")) == "members"
        ),
        names=tuple(
            dict.fromkeys(
                name for n in facts.all(case, "nameUse") for name in facts.all(n, "nameAsPrinted")
            )
        ),
        sub_groups=tuple(named(facts, s) for s in facts.all(case, "subGroup")),
        claims=tuple(_claims(facts, case)),
    )


def kind_of(facts: Facts, node: str) -> str:
    """Return the label of a node's class in our ontology."""
    kinds = [k for k in facts.values(node, RDF_TYPE) if k.startswith(K20)]
    return facts.label(min(kinds)) if kinds else ""


def _formed(facts: Facts, case: str) -> Iterable[tuple[str, str]]:
    for record in facts.all(case, "formation"):
        printed = "; ".join(facts.all(record, "dateAsPrinted"))
        yield printed or bounds_in_words(facts, record) or "date not stated", cited(facts, record)


def bounds_in_words(facts: Facts, record: str) -> str:
    """Return the bounds of a record's begin: ``2020-02-01``, ``2005-01-01 to 2005-01-31``."""
    first = facts.get(record, "earliestBegin")[:10]
    last = facts.get(record, "latestBegin")[:10]
    if first and last:
        return first if first == last else f"{first} to {last}"
    return f"not before {first}" if first else f"by {last}" if last else ""


def _claims(facts: Facts, case: str) -> Iterable[Claim]:
    for record in facts.all(case, "attributedVerdict"):
        if not facts.all(record, "onCriterion"):
            yield Claim(
                facts.label(facts.get(record, "verdict")),
                tuple(named(facts, who) for who in facts.all(record, "assertedBy")),
                cited(facts, record),
            )


# ---------------------------------------------------------------- work


@dataclass(frozen=True, slots=True)
class Part:
    """What somebody did in a task."""

    who: Named
    sector: str
    home: str
    roles: tuple[str, ...]
    did: tuple[str, ...]
    dashed: bool
    """Whether the part is only to decide on the work of others."""


@dataclass(frozen=True, slots=True)
class Work:
    """Tasks with those who had a part in them."""

    tasks: tuple[tuple[Named, tuple[Part, ...]], ...]
    others: tuple[Named, ...]
    """Tasks in which nobody is named."""
    sides: dict[str, str]
    """Participation → IRI of its sector."""

    @property
    def joint(self) -> list[str]:
        """Labels of the tasks in which both sectors had a part."""
        wanted = set(SECTORS[:2])
        return [
            label
            for (_, label), parts in self.tasks
            if wanted <= {self.sides[part.who[0]] for part in parts}
        ]


def work_of(facts: Facts, case: str) -> Work | None:
    """Return who had which part in which task; None where nobody is named in any."""
    tasks, others = [], []
    sides: dict[str, str] = {}
    for task in ordered(facts, facts.all(case, "task")):
        by: dict[str, list[str]] = {}
        for contribution in facts.all(task, "contribution"):
            for who in facts.all(contribution, "contributor"):
                by.setdefault(who, []).append(contribution)
        parts = []
        for who, contributions in by.items():
            sides[who] = facts.get(who, "sector")
            parts.append(_part(facts, who, contributions))
        parts.sort(key=lambda p: (sector_rank(facts, p.who[0]), p.who[1], p.who[0]))
        if parts:
            tasks.append((named(facts, task), tuple(parts)))
        else:
            others.append(named(facts, task))
    return Work(tuple(tasks), tuple(others), sides) if tasks else None


def _part(facts: Facts, who: str, contributions: Sequence[str]) -> Part:
    roles = [r for c in contributions for r in facts.all(c, "contributionRole")]
    return Part(
        who=(who, name_of(facts, who)),
        sector=sector_name(facts, facts.get(who, "sector")),
        home=home_of(facts, who)[1],
        roles=tuple(dict.fromkeys(facts.label(r) for r in roles)),
        did=tuple(
            dict.fromkeys(said for c in contributions if (said := facts.value(c, RDFS + "label")))
        ),
        dashed=bool(roles) and set(roles) == {K20 + "Decides"},
    )


def name_of(facts: Facts, participation: str) -> str:
    """Return the name of a participation: its own, or that of who takes part."""
    own = facts.value(participation, RDFS + "label")
    who = facts.get(participation, "participant")
    return own or (facts.label(who) if who else facts.label(participation))


def home_of(facts: Facts, participation: str) -> Named:
    """Return where somebody comes from: a firm, else a unit; nothing where it is not stated."""
    home = facts.get(participation, "homeFirm") or facts.get(participation, "homeUnit")
    return named(facts, home) if home else ("", "")


# ---------------------------------------------------------------- people


@dataclass(frozen=True, slots=True)
class Home:
    """The participants from one home, with their number."""

    home: Named
    sector: str
    count: Decimal
    rows: tuple[tuple[Named, Decimal | None], ...]


@dataclass(frozen=True, slots=True)
class People:
    """Everybody on the roll, by home."""

    homes: tuple[Home, ...]
    total: Decimal
    by_sector: tuple[tuple[str, Decimal], ...]
    places: str


def people_of(facts: Facts, case: str) -> People | None:
    """Return those on the roll by home; None where no number of people is on record."""
    roll = [p for p in facts.all(case, "participation") if facts.get(p, "headcount")]
    if not roll:
        return None
    homes: dict[tuple[int, str, str], list[str]] = {}
    for one in ordered(facts, roll):
        home = home_of(facts, one)[0]
        homes.setdefault((sector_rank(facts, one), facts.get(one, "sector"), home), []).append(one)
    found = []
    for (_, sector, home), members in sorted(homes.items(), key=lambda h: (h[0][0], h[0][2] == "")):
        rows = tuple(((m, name_of(facts, m)), _headcount(facts, m)) for m in members)
        found.append(
            Home(
                named(facts, home) if home else ("", "home organization not stated"),
                sector_name(facts, sector),
                sum((count for _, count in rows), Decimal(0)),
                rows,
            )
        )
    sectors = dict.fromkeys(home.sector for home in found)
    by_sector = [(s, sum((h.count for h in found if h.sector == s), Decimal(0))) for s in sectors]
    total = sum((home.count for home in found), Decimal(0))
    return People(tuple(found), total, tuple(by_sector), places_of(facts, roll))


def _headcount(facts: Facts, participation: str) -> Decimal:
    try:
        return Decimal(facts.get(participation, "headcount"))
    except ArithmeticError:
        return Decimal(0)
