"""Inquiries: missing evidence, disputes and assumptions to ask about, by power to decide.

What would settle a criterion is found by judging (`missing_evidence`), and which assumption decides
by withdrawing it. Whom to ask is read off the record: who or what the evidence would be tied to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import pyoxigraph as ox

from k20kg.analysis.missing_evidence import Effect, EvidenceFinder, Settlement
from k20kg.definition.loader import load
from k20kg.judging.cases import Case
from k20kg.judging.evidence import CaseFile
from k20kg.judging.judge import Judge
from k20kg.model import Assessment, Criterion, Definition, Verdict
from k20kg.rdf.graph import Graph, str_of
from k20kg.sheets.schema import GAPS, STARTER
from k20kg.sheets.workbooks import workbook
from k20kg.vocabulary import K20, RDF_TYPE, RDFS

FOR, AGAINST, EITHER = "for", "against", "either way"
_MOST_NAMES = 6
_FAR = 2
"""So many steps from what the evidence would be tied to stand those who may know of it."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One thing to ask or to look for."""

    what: str
    criterion: Criterion
    direction: str
    """`FOR` or `AGAINST` the group, or `EITHER`."""
    effects: tuple[Effect, ...] = ()
    """The verdicts that it would change, with what it needs beside it."""
    decides: tuple[tuple[str, str], ...] = ()
    """Reading and code of the verdicts that hang on it, where it is not said how they would be."""
    whom: tuple[str, ...] = ()
    """Names of organizations and people whom the record ties to it."""
    others: tuple[str, ...] = ()
    """Names of some who would do as well."""
    role: str = ""
    """Those who could have it, whatever the record says."""
    about: tuple[str, ...] = ()
    """Names of other records that it is tied to."""
    sheets: tuple[str, ...] = ()
    """The sheets of the workbook on which an answer is entered."""
    together: tuple[str, ...] = field(default=(), repr=False)
    """Other evidence that it takes."""
    rank: tuple[int, int, int] = (0, 0, 1)
    """Sort key; what decides most comes first, and of that what asks least."""


@dataclass(frozen=True, slots=True)
class Gaps:
    """The gaps of one case."""

    case: str
    label: str
    definition: Definition
    assessments: tuple[Assessment, ...]
    gaps: tuple[Inquiry, ...]
    synthetic: bool = False


def find_gaps(
    case: Case, definition: str = "clifford-millar-2007", *, engine: str = "shacl"
) -> Gaps:
    """Return what to ask and look for, what decides most first.

    Raises `RecordError` for a malformed record.
    """
    loaded = load(definition)
    finder = EvidenceFinder(
        loaded, Judge(definition=definition, engine=engine, evidence=False), case
    )
    assessments = Judge(definition=definition, engine=engine).assess(case)
    names = _Names(case)
    # What would meet a criterion that is not met goes against a complete list, or a denial.
    fitting = (
        s for s in finder.settlements()[0]
        if all(e.before is not Verdict.NOT_MET for e in s.effects if e.code)
    )  # fmt: skip
    found = [*(gap for s in fitting for gap in _missing(s, names)), *_unsure(assessments)]
    merged: dict[tuple[str, str, str], Inquiry] = {}
    for gap in found:
        same = gap.what, gap.criterion.iri, gap.direction
        merged[same] = _both(merged[same], gap) if same in merged else gap
    gaps = tuple(sorted(merged.values(), key=lambda gap: gap.rank))
    whole = assessments[0].definition
    return Gaps(case.group, names.file.label, whole, assessments, gaps, case.made_up)


def _missing(settled: Settlement, names: _Names) -> Iterator[Inquiry]:
    assert settled.criterion
    for part in settled.parts:
        others = tuple(o.statement for o in settled.parts if o is not part)
        whom, likewise, about = names.tied_to(part.triples)
        yield Inquiry(
            part.statement,
            settled.criterion,
            FOR if settled.verdict is Verdict.MET else AGAINST,
            settled.effects,
            (),
            whom,
            likewise,
            part.supplied_by,
            about,
            tuple(names.sheets(part.triples)),
            others,
            settled.rank,
        )


def _unsure(assessments: Iterable[Assessment]) -> Iterator[Inquiry]:
    """Yield what sources disagree on, and the assumptions without which a verdict would be another.

    Whoever wrote the sources may say which holds.
    """
    for one in assessments:
        for finding in one.findings:
            code, found = finding.criterion.code, []
            if finding.verdict is Verdict.CONTESTED:
                sources = tuple(dict.fromkeys(e.source for e in finding.evidence))[:_MOST_NAMES]
                said = f"Sources disagree; find out which holds: {finding.message}"
                found.append((said, sources, one.verdict is Verdict.CONTESTED))
            for a in (a for a in one.assumptions if code in a.decides):
                said = f"Confirm or correct what is assumed ({a.by}): {a.statement}"
                found.append((said, (), a.decides_whole))
            for what, whom, whole in found:
                decides, rank = ((one.reading.id, code),), (-whole, -1, 1)
                yield Inquiry(what, finding.criterion, EITHER, (), decides, whom, rank=rank)


def _both(one: Inquiry, other: Inquiry) -> Inquiry:
    """Return one gap for the same words under two readings."""
    return replace(
        one,
        effects=tuple(dict.fromkeys(one.effects + other.effects)),
        decides=tuple(dict.fromkeys(one.decides + other.decides)),
        whom=tuple(dict.fromkeys(one.whom + other.whom)),
        about=tuple(dict.fromkeys(one.about + other.about)),
        together=one.together if one.rank <= other.rank else other.together,
        rank=min(one.rank, other.rank),
    )


class _Names:
    """Names of whom and what in a case made-up statements are tied to, by name."""

    def __init__(self, case: Case) -> None:
        self.file = CaseFile(case)
        self._group = case.group
        self._quads = case.quads
        self._graph = Graph(case.quads)
        self._starter = workbook(STARTER)
        self._next: dict[str, dict[str, None]] = {}
        self._paths: dict[tuple[str, ...], dict[str, None]] = {}
        """Ends of each path of one or two properties from the group."""
        for quad in case.quads:
            ends = [str_of(quad.subject), str_of(quad.object)]
            if isinstance(quad.object, ox.NamedNode) and case.group not in ends:
                for one, other in (ends, ends[::-1]):
                    self._next.setdefault(one, {})[other] = None
        (asked,) = filter(None, (column.leads_to for column in workbook(GAPS).sheets[0].columns))
        self._asked = {kind for iri in asked for kind in self._starter.records[iri].classes}

    def tied_to(self, triples: Iterable[ox.Triple]) -> tuple[tuple[str, ...], ...]:
        """Return the names of whom to ask, of others like them, and of records it is about."""
        ends = {str_of(end) for t in sorted(triples, key=str) for end in (t.subject, t.object)}
        there = sorted(e for e in ends if e in self._graph and e != self._group)
        people = [one for one in there if self._may_be_asked(one)]
        others = [one for one in there if one not in people]
        near = dict.fromkeys(others)
        for _ in range(_FAR):
            if people:
                break
            near = dict.fromkeys(n for one in near for n in self._next.get(one, ()))
            people = [one for one in near if self._may_be_asked(one)]
        known = [node for node in others if self._graph.values(node, RDFS + "label")]
        return self._named(people), self._named(self._like(people)), self._named(known)

    def sheets(self, triples: Iterable[ox.Triple]) -> Iterator[str]:
        """Yield the sheets on which these statements would be entered."""
        made = {str_of(t.object) for t in triples if t.predicate.value == RDF_TYPE}
        made.discard(K20 + "EvidenceItem")  # which everything needs
        links = {
            (kind, t.predicate.value)
            for t in triples for kind in self._graph.values(str_of(t.subject), RDF_TYPE)
        }  # fmt: skip
        for sheet in self._starter.sheets:
            if any(
                made & {*record.classes}
                or links
                & {(k, r.predicate) for k in record.classes for r in record.rules if r.column}
                for record in sheet.records
            ):
                yield sheet.name

    def _may_be_asked(self, node: str) -> bool:
        return bool(self._asked & {*self._graph.values(node, RDF_TYPE)})

    def _like(self, nodes: list[str]) -> list[str]:
        """Return some of the same kind that lie as near to the group as the only one named."""
        if len(nodes) != 1:
            return []
        if not self._paths:
            for one in (q for q in self._quads if str_of(q.subject) == self._group):
                self._paths.setdefault((one.predicate.value,), {})[str_of(one.object)] = None
                for two in (q for q in self._quads if q.subject == one.object):
                    path = one.predicate.value, two.predicate.value
                    self._paths.setdefault(path, {})[str_of(two.object)] = None
        kinds = self._graph.values(nodes[0], RDF_TYPE)
        alike = [
            [n for n in ends if n != nodes[0] and self._graph.values(n, RDF_TYPE) == kinds]
            for _, ends in sorted(self._paths.items(), key=lambda item: (len(item[0]), item[0]))
            if nodes[0] in ends
        ]
        return sorted(next(filter(None, alike), []))[:_MOST_NAMES]

    def _named(self, nodes: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.file.graph.label(node) for node in nodes))
