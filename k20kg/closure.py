"""What a reasoner is told of a case: its facts, and which of its lists are closed.

A reasoner works in an open world, so a record is handed over from two sides. *Facts* are what
stands: affirmed by evidence and disputed by nobody. *Closing axioms* say that there is nothing
beyond what is not ruled out; they are written for a list only where somebody declared it complete,
and each remembers that licence. What lies between the two stays open. docs/reasoning.md tells more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import pyoxigraph as ox

from k20kg.cases import Case
from k20kg.graph import Graph, key, read_turtle
from k20kg.snapshot import Calendar
from k20kg.vocabulary import K20, OWL, RDF_TYPE, RDFS, XSD, packaged

__all__ = ["Closing", "Premises", "decisive", "logic", "premises"]

RDF: Final = RDF_TYPE.removesuffix("type")
ONTOLOGY_FILES: Final = ("core", "definition", "evidence", "schemes")
_EVIDENCE: Final = tuple(K20 + n for n in ("evidencedBy", "leftOpenBy", "disputedBy"))
_STATEMENTS: Final = frozenset(K20 + n for n in ("GoalStatement", "BenefitStatement"))
# Statements about the record itself, and about its sources, are no part of the world judged.
_LEFT_ASIDE: Final = frozenset(
    K20 + n
    for n in (
        "EvidenceItem", "CompletenessStatement", "ReportedFigure", "RoleGroupMapping", "NameUse",
        "AttributedVerdict", "ReadingNote", "ExpectedVerdict", "CaseRecord", "SourceDocument",
    )
)  # fmt: skip
# A record that does not stand is no part of what it would be a part of.
_PARTS: Final = frozenset(
    K20 + n
    for n in (
        "membership", "participation", "goal", "procedure", "enactment", "signature", "commits",
        "commitment", "task", "contribution", "aspect", "uses",
    )
)  # fmt: skip
# What is recorded of an entry of a closed list is all there is of it.
_OF_AN_ENTRY: Final = tuple(K20 + n for n in ("memberFirm", "onBehalfOf", "byFirm", "contributor"))
# A closed list of tasks says who worked; how the labour was divided it leaves open.
_NEVER_CLOSED: Final = frozenset({K20 + "aspect"})
_LOGICAL: Final = (
    OWL,
    RDFS + "subClassOf",
    RDFS + "subPropertyOf",
    RDFS + "domain",
    RDFS + "range",
)
_BOOLEAN, _INTEGER = XSD + "boolean", XSD + "integer"

Node = ox.NamedNode | ox.BlankNode


@dataclass(frozen=True, slots=True)
class Closing:
    """A closing axiom and what licenses it."""

    words: str
    """The axiom for people: ``membership only {…}``."""
    licence: str
    """IRI of the completeness statement."""


@dataclass(frozen=True, slots=True)
class Premises:
    """All that a reasoner is told of one case, apart from the ontology."""

    group: str
    triples: tuple[ox.Triple, ...]
    closings: tuple[Closing, ...]
    labels: dict[str, str] = field(repr=False)
    """Label of each individual by IRI."""


@cache
def logic(*extra: str) -> tuple[ox.Triple, ...]:
    """Return the logical axioms of the ontology's core files, and of further ones by name.

    Annotations and the documents' own individuals are left out: no reasoner looks at them, and
    they would take most of its time. So are dates, which HermiT refuses and no axiom compares.
    """
    quads = read_turtle(*(packaged("ontology", f"{n}.ttl") for n in (*ONTOLOGY_FILES, *extra)))
    graph = Graph(quads)
    spoken = set(graph.of_type(OWL + "AnnotationProperty"))
    return tuple(q.triple for q in quads if _is_logical(q, spoken))


def _is_logical(quad: ox.Quad, spoken: set[str]) -> bool:
    subject, predicate, value = key(quad.subject), quad.predicate.value, key(quad.object)
    if subject in spoken or predicate in spoken or predicate == OWL + "versionInfo":
        return False
    if predicate in (OWL + "versionIRI", RDFS + "seeAlso") or value == OWL + "Ontology":
        return False
    if predicate == RDF_TYPE:
        return value.startswith(OWL) and value != OWL + "NamedIndividual"
    return predicate.startswith(_LOGICAL) or predicate in (RDF + "first", RDF + "rest")


@cache
def _terms() -> Graph:
    """Return the ontology as a graph: which property closes what, which class lies below which."""
    return Graph(read_turtle(*(packaged("ontology", f"{n}.ttl") for n in ONTOLOGY_FILES)))


def premises(case: Case) -> Premises:
    """Return facts and closing axioms of a case. Raises `InputError` where the text is no RDF."""
    writer = _Writer(case)
    writer.write_facts()
    for statement in writer.graph.values(case.group, K20 + "completeness"):
        if writer.stands(statement):
            for kind in writer.graph.values(statement, K20 + "listKind"):
                writer.close(kind, statement)
    subjects = {key(t.subject) for t in writer.triples} | {key(t.object) for t in writer.triples}
    return Premises(
        group=case.group,
        triples=tuple(writer.triples),
        closings=tuple(writer.closings),
        labels={s: writer.graph.label(s) for s in sorted(subjects) if s in writer.graph},
    )


class _Writer:
    """The axioms of one case in the making."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.graph = Graph(case.quads)
        self.late = self._late_agreements()
        self.triples: dict[ox.Triple, None] = {}
        self.closings: list[Closing] = []
        self._blank = 0

    # ------------------------------------------------------------ what stands

    def stands(self, node: str) -> bool:
        """Tell whether a node is affirmed and undisputed, or is none that needs evidence."""
        affirmed, left_open, disputed = (self.graph.values(node, p) for p in _EVIDENCE)
        return not disputed and (bool(affirmed) or not left_open)

    def _may_stand(self, node: str) -> bool:
        affirmed, left_open, disputed = (self.graph.values(node, p) for p in _EVIDENCE)
        return bool(affirmed or left_open) or not disputed

    def _late_agreements(self) -> frozenset[str]:
        """Return the agreements that were certainly made after the group was formed."""
        dates = Calendar(self.case)
        formed = dates.group.latest_begin
        firsts = {
            a: dates.own[a].earliest_begin for a in self.graph.of_type(K20 + "FormalAgreement")
        }
        return frozenset(a for a, first in firsts.items() if first and formed and first > formed)

    # ------------------------------------------------------------ facts

    def write_facts(self) -> None:
        """Write what stands."""
        aside = {s for kind in _LEFT_ASIDE for s in self.graph.of_type(kind)}
        for quad in self.case.quads:
            subject, value = key(quad.subject), key(quad.object)
            if subject not in aside and value not in aside and self._is_fact(quad):
                self._add(quad.triple)

    def _is_fact(self, quad: ox.Quad) -> bool:
        subject, predicate, value = key(quad.subject), quad.predicate.value, key(quad.object)
        kinds = set(self.graph.values(subject, RDF_TYPE))
        if predicate == RDF_TYPE:
            return value.startswith(K20) or value == OWL + "AllDifferent"
        if kinds & _STATEMENTS and not (self.stands(subject) and not self._is_taken_back(subject)):
            return False
        if predicate in _PARTS and not self._is_part(subject, predicate, value):
            return False
        if isinstance(quad.object, ox.Literal):
            return quad.object.datatype.value in (_BOOLEAN, _INTEGER) and _is(
                predicate, "DatatypeProperty"
            )
        if predicate.startswith((OWL, RDF)):
            return True
        # Where nothing is stated there is no fact, though a concept says so.
        return _is(predicate, "ObjectProperty") and not value.endswith("NotStated")

    def _is_part(self, whole: str, predicate: str, part: str) -> bool:
        """Tell whether a part stands; a signature does only on an agreement made in time."""
        if predicate == K20 + "signature" and (whole in self.late or not self.stands(whole)):
            return False
        return self.stands(part)

    def _is_taken_back(self, statement: str) -> bool:
        """Tell whether somebody who affirms here denies elsewhere: then nothing is said."""
        if K20 + "Denies" in self.graph.values(statement, K20 + "stance"):
            return False
        return any(
            K20 + "Denies" in self.graph.values(other, K20 + "stance") and self.stands(other)
            for speaker in self.graph.values(statement, K20 + "statedBy")
            for other in self.graph.subjects(K20 + "statedBy", speaker)
        )

    # ------------------------------------------------------------ closing axioms

    def close(self, kind: str, licence: str) -> None:
        """Write that there is nothing on a list but what is recorded."""
        if kind == K20 + "AskedRoleGroupList":
            self._say_what_a_shared_goal_is(licence)
        if kind == K20 + "GoalStatementList":
            self._close_statements_about_goals(licence)
        closed = [p for p in _terms().values(kind, K20 + "closes") if p not in _NEVER_CLOSED]
        waiting, seen = [self.case.group], {self.case.group}
        while waiting:
            node = waiting.pop(0)
            for predicate in closed:
                if not self._applies(predicate, node):
                    continue
                entries = self._entries(node, predicate)
                self._close_property(node, predicate, entries, licence)
                for entry in entries:
                    self._close_entry(entry, licence)
                fresh = [e for e in entries if e not in seen]
                seen.update(fresh)
                waiting += fresh

    def _entries(self, node: str, predicate: str) -> list[str]:
        if predicate == K20 + "signature" and (node in self.late or not self._may_stand(node)):
            return []
        found = sorted(self.graph.values(node, predicate))
        return [e for e in found if self._may_stand(e)] if predicate in _PARTS else found

    def _applies(self, predicate: str, node: str) -> bool:
        """Tell whether a node is of a kind that has this property, by the property's domain."""
        domains = [
            d
            for domain in _terms().values(predicate, RDFS + "domain")
            for d in (list(_terms().items(domain, OWL + "unionOf")) or [domain])
        ]
        kinds = _with_superclasses(self.graph.values(node, RDF_TYPE))
        return bool(kinds & set(domains))

    def _close_entry(self, entry: str, licence: str) -> None:
        """Write that an entry is what it is recorded to be: whose, and of what kind."""
        for predicate in _OF_AN_ENTRY:
            if not self._applies(predicate, entry):
                continue
            values = sorted(self.graph.values(entry, predicate))
            if not _is(predicate, "FunctionalProperty") or not values:
                self._close_property(entry, predicate, values, licence)
            for firm in values:
                self._close_kind(firm, licence)

    def _close_kind(self, firm: str, licence: str) -> None:
        kinds = self.graph.values(firm, RDF_TYPE)
        known = _with_superclasses(kinds)
        if K20 + "Firm" not in known:
            return
        ruled_out = {d for k in known for d in _disjoint(k)}
        for kind in _partner_kinds():
            if kind not in known and kind not in ruled_out:
                self._assert_not(firm, kind, licence)

    def _close_property(self, node: str, predicate: str, values: list[str], licence: str) -> None:
        name = predicate.removeprefix(K20)
        filler = self._one_of(values) if values else ox.NamedNode(OWL + "Nothing")
        restriction = self._restriction(ox.NamedNode(predicate), "allValuesFrom", filler)
        if self._add(_triple(node, RDF_TYPE, restriction)):
            listed = ", ".join(self.graph.label(v) for v in values) or "nothing"
            self.closings.append(
                Closing(f"{self.graph.label(node)}: {name} only {listed}", licence)
            )

    def _assert_not(self, node: str, kind: str, licence: str) -> None:
        blank = self._new()
        self._add(_triple(blank, RDF_TYPE, ox.NamedNode(OWL + "Class")))
        self._add(_triple(blank, OWL + "complementOf", ox.NamedNode(kind)))
        self._add(_triple(node, RDF_TYPE, blank))
        words = f"{self.graph.label(node)} is no {_terms().label(kind)}"
        if Closing(words, licence) not in self.closings:
            self.closings.append(Closing(words, licence))

    # ------------------------------------------------------------ one goal, held by all asked

    def _say_what_a_shared_goal_is(self, licence: str) -> None:
        """Write that a goal is shared exactly if each role group that was asked holds it.

        OWL cannot say it of whoever was asked; of a closed list it can, one conjunct for each.
        That people of both sectors are among them is asked on the sufficient side alone: where
        nobody of a sector was asked, nothing follows.
        """
        asked = sorted(self.graph.values(self.case.group, K20 + "askedRoleGroup"))
        shared, subclass_of = ox.NamedNode(K20 + "SharedGoal"), RDFS + "subClassOf"
        own = self._goals_of_the_group()
        for one in asked:
            both_of = self._intersection([shared, own])
            self._add(_triple(both_of, subclass_of, self._held_by(one)))
        held: list[Node] = [self._held_by(a) for a in asked]
        both = [self._held_in("K12RoleGroup"), self._held_in("HigherEducationRoleGroup")]
        goal = ox.NamedNode(K20 + "Goal")
        enough = self._intersection([goal, own, *held, *both])
        self._add(_triple(enough, subclass_of, shared))
        listed = ", ".join(self.graph.label(a) for a in asked) or "nobody"
        self.closings.append(Closing(f"a shared goal is one held by {listed}", licence))

    def _goals_of_the_group(self) -> ox.NamedNode:
        """Return a class for the goals of this very group.

        Pellet cannot put into words what a nominal behind an inverse says, hence a class.
        """
        own = ox.NamedNode(f"{self.case.group}/reasoning#GoalOfTheGroup")
        self._add(_triple(own, RDF_TYPE, ox.NamedNode(OWL + "Class")))
        for goal in sorted(self.graph.values(self.case.group, K20 + "goal")):
            if self._may_stand(goal):
                self._add(_triple(goal, RDF_TYPE, own))
        return own

    def _held_by(self, asked: str) -> Node:
        return self._stated(
            self._restriction(ox.NamedNode(K20 + "heldBy"), "hasValue", ox.NamedNode(asked))
        )

    def _held_in(self, role_group: str) -> Node:
        return self._stated(
            self._restriction(
                ox.NamedNode(K20 + "heldBy"), "someValuesFrom", ox.NamedNode(K20 + role_group)
            )
        )

    def _stated(self, holder: Node) -> Node:
        """Return what a goal is that is named by all asked of somebody."""
        quantifiers = self._one_of([K20 + "AllInterviewed", K20 + "AllMembers"])
        parts = [
            ox.NamedNode(K20 + "GoalStatement"),
            holder,
            self._restriction(ox.NamedNode(K20 + "quantifier"), "someValuesFrom", quantifiers),
        ]
        return self._restriction(
            self._inverse("aboutGoal"), "someValuesFrom", self._intersection(parts)
        )

    def _close_statements_about_goals(self, licence: str) -> None:
        for goal in sorted(self.graph.values(self.case.group, K20 + "goal")):
            found = self.graph.subjects(K20 + "aboutGoal", goal)
            statements = [s for s in found if self._may_stand(s)]
            filler = self._one_of(statements) if statements else ox.NamedNode(OWL + "Nothing")
            only = self._restriction(self._inverse("aboutGoal"), "allValuesFrom", filler)
            self._add(_triple(goal, RDF_TYPE, only))
            for statement in statements:
                values = sorted(self.graph.values(statement, K20 + "heldBy"))
                self._close_property(statement, K20 + "heldBy", values, licence)
            words = f"{self.graph.label(goal)}: named in no statement but those recorded"
            self.closings.append(Closing(words, licence))

    # ------------------------------------------------------------ OWL in triples

    def _add(self, triple: ox.Triple) -> bool:
        fresh = triple not in self.triples
        self.triples[triple] = None
        return fresh

    def _new(self) -> ox.BlankNode:
        self._blank += 1
        return ox.BlankNode(f"closing{self._blank}")

    def _restriction(self, on: Node, how: str, filler: Node) -> ox.BlankNode:
        node = self._new()
        self._add(_triple(node, RDF_TYPE, ox.NamedNode(OWL + "Restriction")))
        self._add(_triple(node, OWL + "onProperty", on))
        self._add(_triple(node, OWL + how, filler))
        return node

    def _inverse(self, name: str) -> ox.BlankNode:
        node = self._new()
        self._add(_triple(node, OWL + "inverseOf", ox.NamedNode(K20 + name)))
        return node

    def _one_of(self, values: Iterable[str]) -> ox.BlankNode:
        return self._listed("oneOf", [ox.NamedNode(v) for v in values])

    def _intersection(self, parts: list[Node]) -> ox.BlankNode:
        return self._listed("intersectionOf", parts)

    def _listed(self, how: str, members: Iterable[Node]) -> ox.BlankNode:
        node, rest = self._new(), self._new()
        self._add(_triple(node, RDF_TYPE, ox.NamedNode(OWL + "Class")))
        self._add(_triple(node, OWL + how, rest))
        items = list(members)
        for at, item in enumerate(items):
            self._add(_triple(rest, RDF + "first", item))
            following: Node = self._new() if at + 1 < len(items) else ox.NamedNode(RDF + "nil")
            self._add(_triple(rest, RDF + "rest", following))
            if isinstance(following, ox.BlankNode):
                rest = following
        return node


def _triple(subject: str | Node, predicate: str, value: Node) -> ox.Triple:
    node = ox.NamedNode(subject) if isinstance(subject, str) else subject
    return ox.Triple(node, ox.NamedNode(predicate), value)


def _is(predicate: str, kind: str) -> bool:
    return OWL + kind in _terms().values(predicate, RDF_TYPE)


@cache
def _superclasses(kind: str) -> frozenset[str]:
    above = _terms().values(kind, RDFS + "subClassOf")
    return frozenset({kind}.union(*(_superclasses(a) for a in above)))


def _with_superclasses(kinds: Iterable[str]) -> set[str]:
    return set[str]().union(*(_superclasses(k) for k in kinds))


def _disjoint(kind: str) -> Iterator[str]:
    """Yield the classes declared disjoint with one, either way round."""
    yield from _terms().values(kind, OWL + "disjointWith")
    yield from _terms().subjects(OWL + "disjointWith", kind)


@cache
def decisive() -> frozenset[str]:
    """Return the properties that a class expression mentions, or that tell two things apart."""
    named = {
        p
        for restriction in _terms().of_type(OWL + "Restriction")
        for p in _terms().values(restriction, OWL + "onProperty")
    }
    inverse = {i for p in named for i in _terms().values(p, OWL + "inverseOf")}
    goals = {K20 + n for n in ("aboutGoal", "heldBy", "quantifier", "sequenceNumber")}
    return frozenset(named | inverse | goals)


@cache
def _partner_kinds() -> tuple[str, ...]:
    """Return the kinds of firm that a definition asks for by name."""
    fillers = {
        f
        for r in _terms().of_type(OWL + "Restriction")
        for f in _terms().values(r, OWL + "someValuesFrom")
    }
    named = [f for f in fillers if K20 + "Firm" in _superclasses(f) - {f}]
    return tuple(sorted(f for f in named if not _terms().values(f, OWL + "equivalentClass")))
