"""Ends of a property path from a node of a case: on record, or made up for it.

A record that is there is added to only where it is silent. It is linked to anew only by a property
that has one value, for by any other it would have a second place. What is no record, such as a firm
or a role group, may be linked to from anywhere, and is not added to.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum, auto

import pyoxigraph as ox

from k20kg.analysis.drafted_case import REPEATED, Draft, DraftedCase, Node
from k20kg.analysis.templates import count_records
from k20kg.judging.cases import Case
from k20kg.rdf.graph import Graph, Term, closure, str_of
from k20kg.sources.terms import superclasses
from k20kg.vocabulary import BASE, K20, OWL, RDF_TYPE, RDFS, SH, XSD

DraftedEnd = tuple[Term, Draft]
"""The end of a path, and the draft by which it is reached."""

_RDF = RDF_TYPE.removesuffix("type")
_TYPE = ox.NamedNode(RDF_TYPE)

_EVIDENCE = K20 + "EvidenceItem"
_EVIDENCED_BY = ox.NamedNode(K20 + "evidencedBy")
_ITEM = (
    (_TYPE, ox.NamedNode(_EVIDENCE)),
    (ox.NamedNode(K20 + "source"), ox.NamedNode(BASE + "source/synthetic")),
    (ox.NamedNode(K20 + "locator"), ox.Literal("what if")),
    (ox.NamedNode(K20 + "method"), ox.NamedNode(K20 + "Invention")),
)
_SAMPLES = {
    XSD + "string": "what if",
    XSD + "boolean": "true",
    XSD + "dateTime": "2000-01-01T00:00:00Z",
}


class Addable(Enum):
    """The kinds of statement that may be added to a case."""

    ANYTHING = auto()
    BESIDE_RECORDS = auto()
    """Nothing to a record on file; firms, people and role groups on file may be linked to."""
    NEW_NODES = auto()
    """Nothing to what is on file, and no link to it."""
    LISTED_VALUES = auto()
    """Values that a shape names, where a record is silent; no node."""
    NOTHING = auto()


_WITHOUT_RECORDS = Addable.BESIDE_RECORDS, Addable.NEW_NODES


class CasePaths(DraftedCase):
    """One case, and drafts of what could be added to it."""

    def __init__(self, case: Case, vocabulary: Graph) -> None:
        """Index the case; `vocabulary` says what leads to what, and holds the shapes' paths."""
        super().__init__(case, vocabulary)
        self._allowed = Addable.ANYTHING
        self._requires: dict[str, frozenset[str]] = {}
        self._open: frozenset[Term] = frozenset()
        """Made-up nodes that are being described: more may be said of them."""
        self.evidence = [ox.Triple(self._item, p, o) for p, o in _ITEM]
        """The description of the one evidence item of all that is made up."""
        named = Counter(str_of(q.object) for q in case.quads)
        self._values_of: dict[str, dict[Term, None]] = {}
        for quad in case.quads:
            self._values_of.setdefault(quad.predicate.value, {})[quad.object] = None
        self._on_file: dict[str, list[ox.NamedNode]] = {}
        for node in sorted({str_of(q.subject) for q in case.quads}, key=lambda n: (-named[n], n)):
            if not node.startswith("_:"):
                for kind in self.classes(ox.NamedNode(node), ()):
                    self._on_file.setdefault(kind, []).append(ox.NamedNode(node))

    def cost(self, draft: Draft) -> tuple[int, int]:
        """Return what a draft asks for: records to find, and statements but for mere links.

        Those that the record check will ask for count as well.
        """
        statements = sum(not self.is_made_up(t.object) for t in draft)
        said: dict[ox.NamedNode, set[str]] = {}
        for t in draft:
            if self.is_made_up(t.subject):
                said.setdefault(t.subject, set()).add(t.predicate.value)
        for node, names in said.items():
            asked = (self._required(kind) for kind in self.classes(node, draft))
            statements += len(frozenset().union(*asked) - names)
        return count_records(draft, self._group.value), statements

    def checks(self, kind: str) -> list[str]:
        """Return the shapes of the record check for a class."""
        shapes = self._terms.subjects(SH + "targetClass", kind)
        return [s for s in shapes if K20 + "RecordCheck" in self._terms.values(s, K20 + "role")]

    def _required(self, kind: str) -> frozenset[str]:
        """Return the properties that the record check requires of a class."""
        if kind not in self._requires:
            said = self._terms
            parts = (p for check in self.checks(kind) for p in said.values(check, SH + "property"))
            asked = (p for p in parts if said.value(p, SH + "minCount", "0") != "0")
            paths = (path for p in asked for path in said.terms(p, SH + "path"))
            self._requires[kind] = frozenset(
                str_of(p) for p in paths if isinstance(p, ox.NamedNode)
            )
        return self._requires[kind]

    @property
    def may_add_any(self) -> bool:
        """True: something may be added."""
        return self._allowed is not Addable.NOTHING

    @property
    def may_add_nodes(self) -> bool:
        """True: made-up nodes may be added."""
        return self._allowed not in (Addable.NOTHING, Addable.LISTED_VALUES)

    @contextmanager
    def allowing(self, what: Addable | None = None, to: Iterable[Term] = ()) -> Iterator[None]:
        """Restrict what may be added, or let more be said of made-up nodes."""
        before = self._allowed, self._open
        self._allowed = what or self._allowed
        self._open = self._open.union(filter(self.is_made_up, to))
        try:
            yield
        finally:
            self._allowed, self._open = before

    def new_in(self, longer: Draft, draft: Draft) -> list[Term]:
        """Return the nodes that a longer draft describes and `draft` does not."""
        return [
            t.subject for t in longer[len(draft) :] if str_of(t.subject) not in self._added(draft)
        ]

    # ------------------------------------------------------------ paths

    def ends(self, path: Term, node: Term, draft: Draft) -> list[Term]:
        """Return where a path leads by what is there, near ends first."""
        with self.allowing(Addable.NOTHING):
            return list(dict.fromkeys(end for end, _ in self.possible_ends(path, node, draft)))

    def possible_ends(
        self, path: Term, node: Term, draft: Draft, choices: Sequence[Term] | None = None
    ) -> Iterator[DraftedEnd]:
        """Yield where a path can lead: what is there first, then what is on file, then made up.

        Where there are `choices` it has to lead to one of them. A step that may be repeated is
        repeated as far as the record goes; what is added begins where it need not be taken.
        """
        kind, parts = self.kind_of(path)
        if kind == _RDF + "first":
            yield from self._follow_all(parts, node, draft, choices)
        elif kind == SH + "alternativePath":
            for part in parts:
                yield from self.possible_ends(part, node, draft, choices)
        elif kind in REPEATED:
            there = self._repeated(kind, parts[0], node, draft)
            yield from ((e, draft) for e in there if choices is None or e in choices)
            if kind == SH + "oneOrMorePath":
                more = self.possible_ends(parts[0], node, draft, choices)
                yield from ((end, longer) for end, longer in more if end not in there)
        elif isinstance(parts[0], ox.NamedNode):
            step = self._back if kind else self._forth
            yield from step(parts[0], node, draft, choices)

    def _repeated(self, kind: str, step: Term, node: Term, draft: Draft) -> list[Term]:
        """Return where a step leads that may be taken several times, or never."""
        first = self.ends(step, node, draft)
        if kind == SH + "zeroOrOnePath":
            return list(dict.fromkeys([node, *first]))
        roots = first if kind == SH + "oneOrMorePath" else [node]
        return closure(roots, lambda end: self.ends(step, end, draft))

    def _follow_all(
        self, steps: list[Term], node: Term, draft: Draft, choices: Sequence[Term] | None
    ) -> Iterator[DraftedEnd]:
        first, *rest = steps
        if not rest:
            yield from self.possible_ends(first, node, draft, choices)
            return
        for middle, longer in self.possible_ends(first, node, draft):
            yield from self._follow_all(rest, middle, longer, choices)

    def _forth(
        self, name: ox.NamedNode, node: Term, draft: Draft, choices: Sequence[Term] | None
    ) -> Iterator[DraftedEnd]:
        there = self.values(node, name.value, draft)
        yield from ((v, draft) for v in there if choices is None or v in choices)
        if self._allowed is Addable.NOTHING or not (choices or self.may_add_nodes):
            return
        if isinstance(node, ox.Literal) or (there and self.has_one_value(name.value)):
            return
        kinds = self.classes_of(name.value, "range")
        if _EVIDENCE in kinds:  # made-up evidence speaks for a record, and disputes none
            if name == _EVIDENCED_BY and self._may(node, name, self._item, draft):
                yield self._item, self.evidenced(node, draft)
            return
        if choices is None:
            named = (
                ox.Literal(_SAMPLES[k], datatype=ox.NamedNode(k)) for k in kinds if k in _SAMPLES
            )
            choices = list(named) or None
        for value in self._on_record(name.value, kinds, draft) if choices is None else choices:
            if value not in there and self._may(node, name, value, draft):
                yield value, (*draft, ox.Triple(node, name, value))
        for new, longer in self._make_up(kinds, name, draft) if choices is None else ():
            with self.allowing(to=[new]):
                may = self._may(node, name, new, longer)
            if may:
                yield new, (*longer, ox.Triple(node, name, new))

    def _back(
        self, name: ox.NamedNode, node: Term, draft: Draft, choices: Sequence[Term] | None
    ) -> Iterator[DraftedEnd]:
        there = self.subjects(name.value, node, draft)
        yield from ((s, draft) for s in there if choices is None or s in choices)
        if choices is not None or not self.may_add_nodes:
            return
        if not self.has_one_value(name.value) and self._has_a_place(node, draft):
            return
        kinds = self.classes_of(name.value, "domain")
        for subject in self._on_file_of(kinds, draft):
            if subject not in there and self._may(subject, name, node, draft):
                yield subject, (*draft, ox.Triple(subject, name, node))
        for new, longer in self._make_up(kinds, name, draft):
            with self.allowing(to=[new]):
                may = self._may(new, name, node, longer)
            if may:
                yield new, (*self._linked(new, longer), ox.Triple(new, name, node))

    # ------------------------------------------------------------ what may be added

    def _has_a_place(self, node: Term, draft: Draft) -> bool:
        """Tell whether a made-up record hangs on something already."""
        links = (t.predicate.value for t in draft if t.object == node)
        return self.is_record(node, draft) and not all(map(self.has_one_value, links))

    def _may(self, subject: Node, name: ox.NamedNode, value: Term, draft: Draft) -> bool:
        """Tell whether a statement may be added."""
        single = self.has_one_value(name.value)
        has = self.values(subject, name.value, draft)
        if single and has:
            return False
        new = value in self._open
        if subject not in self._open and subject != self._group:
            if not self.is_record(subject, draft):
                return False
            if self._allowed in _WITHOUT_RECORDS and not self.is_made_up(subject):
                return False
            if has and not (new and self.is_record(value, draft)):
                return False
        if new or not (kinds := self.classes(value, draft)):
            return True
        if not single:
            return K20 + "Record" not in kinds
        owners = ((t.subject, t.predicate.value) for t in draft if t.object == subject)
        beside = (other for o, p in owners for other in self.values(o, p, draft))
        return not any(value in self.values(other, name.value, draft) for other in beside)

    def _on_record(self, name: str, kinds: list[str], draft: Draft) -> Iterable[Term]:
        """Return what a property could lead to, most named first."""
        if kinds or self._allowed is Addable.NEW_NODES:
            return self._on_file_of(kinds, draft)
        return self._values_of.get(name, ())

    def _on_file_of(self, kinds: list[str], draft: Draft) -> Iterable[Node]:
        """Return the nodes of these classes, most named first; those made up before come last."""
        if self._allowed is Addable.NEW_NODES:
            return ()
        known: dict[Node, None] = {n: None for kind in kinds for n in self._on_file.get(kind, ())}
        for node in dict.fromkeys(t.subject for t in draft):
            if self.is_made_up(node) and node not in self._open:
                known |= {node: None} if self.classes(node, draft) & {*kinds} else {}
        return known

    def _make_up(
        self, kinds: list[str], name: ox.NamedNode, draft: Draft
    ) -> Iterator[tuple[Node, Draft]]:
        """Yield a new node of the first of these classes, with evidence if it is a record."""
        if kinds and OWL + "Class" not in self._terms.values(kinds[0], RDF_TYPE):
            return  # a value of a list, or a literal
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", (kinds or [name.value])[0].rsplit("#")[-1])
        used = {str_of(n) for t in draft for n in (t.subject, t.object)}
        number = 1
        while (iri := f"{self._made}{words.lower()}/{number}") in used or iri in self._data:
            number += 1
        node = ox.NamedNode(iri)
        draft = (*draft, *(ox.Triple(node, _TYPE, ox.NamedNode(k)) for k in kinds[:1]))
        yield node, self.evidenced(node, draft) if self.is_record(node, draft) else draft

    def evidenced(self, node: Node, draft: Draft) -> Draft:
        """Return the draft with made-up evidence for a record."""
        more = [ox.Triple(node, _EVIDENCED_BY, self._item), *self.evidence]
        return (*draft, *(t for t in more if t not in draft))

    def _linked(self, node: Node, draft: Draft) -> Draft:
        """Return the draft with the link by which a made-up record is one of the group's.

        Of several links it is the one that shapes name most often.
        """
        groups = self.classes(self._group, ())
        kinds = self.values(node, RDF_TYPE, draft)
        names = {n for k in kinds for n in self._terms.subjects(RDFS + "range", str_of(k))}
        for name in sorted(names, key=lambda n: (-self._times_named(n), n)):
            if groups & {*self.classes_of(name, "domain")}:
                return (*draft, ox.Triple(self._group, ox.NamedNode(name), node))
        return draft

    def _times_named(self, name: str) -> int:
        links = SH + "path", SH + "inversePath", _RDF + "first"
        return sum(len(self._terms.subjects(link, name)) for link in links)

    def typed(self, kind: str, node: Term, draft: Draft) -> Draft | None:
        """Return the draft with a node of a class; None where it is surely of another."""
        kinds = self.classes(node, draft)
        if kind in kinds:
            return draft
        own = self.values(node, RDF_TYPE, draft)
        if not self.is_made_up(node) or not {*map(str_of, own)} <= superclasses(kind):
            return None
        kept = tuple(t for t in draft if t.subject != node or t.predicate != _TYPE)
        return (*kept, ox.Triple(node, _TYPE, ox.NamedNode(kind)))
