"""Made-up statements to add to a case: further evidence that nobody has, and its cost to find."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

import pyoxigraph as ox

from k20kg.definition.subclasses import subclass_slice
from k20kg.judging.cases import Case
from k20kg.rdf.graph import Term
from k20kg.sources.documents import Document
from k20kg.vocabulary import K20, PREFIXES, RDF_TYPE

_ITEM = ox.NamedNode(K20 + "EvidenceItem")


@dataclass(frozen=True, slots=True)
class Addition:
    """Made-up statements that are meant to change what one shape answers for one case."""

    shape: str
    """IRI of the shape."""
    triples: frozenset[ox.Triple] = field(repr=False)

    @property
    def made_up(self) -> frozenset[str]:
        """IRIs of the nodes that are made up, evidence items aside."""
        items = _evidence_of(self.triples).values()
        made = {t.subject for t in self.triples if t.predicate.value == RDF_TYPE}
        return frozenset(n.value for n in made - set(items) if isinstance(n, ox.NamedNode))

    @property
    def is_of_use(self) -> bool:
        """True: more is left of it than an evidence item."""
        items = {t.subject for t in self.triples if t.object == _ITEM}
        return any(t.subject not in items for t in self.triples)

    def without(self, node: str) -> Addition:
        """Return the addition without a node and all that is said of it."""
        gone = ox.NamedNode(node)
        kept = {t for t in self.triples if gone not in (t.subject, t.object)}
        return replace(self, triples=frozenset(kept))


class Templates:
    """SPARQL CONSTRUCT queries, filled in for a case and statements added to it."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._store: ox.Store | None = None

    def fill(
        self, template: str, node: Term, added: Iterable[ox.Triple], query: str = ""
    ) -> list[ox.Triple]:
        """Return what a template gives, sorted, of what neither case nor additions state.

        ``$this`` in it is the node, ``$violations`` the `query` of the shape for that node.
        """
        if self._store is None:
            self._store = ox.Store()
            self._store.extend(ox.Quad(*q.triple) for q in self._case.quads)
            self._store.load(subclass_slice().encode(), format=ox.RdfFormat.N_TRIPLES)
        quads = [q for t in added if (q := ox.Quad(*t)) not in self._store]
        self._store.extend(quads)
        query = re.sub(r"[$?]this\b", "", query, count=1)  # what it selects beside the node
        text = template.replace("$violations", f"{{ {query} }}")
        text = re.sub(r"[$?]this\b", lambda _: str(node), text)
        answer = self._store.query(text, prefixes=PREFIXES)
        assert isinstance(answer, ox.QueryTriples)
        stated = self._store.quads_for_pattern
        given = {t for t in answer if not any(stated(t.subject, t.predicate, t.object, None))}
        for quad in quads:
            self._store.remove(quad)
        return sorted(given, key=str)


def with_additions(case: Case, additions: Iterable[Addition]) -> Case:
    """Return the case with the additions, to be judged like any other."""
    triples = {t for a in additions for t in a.triples}
    lines = "".join(f"{line} .\n" for line in sorted(str(t) for t in triples))
    text = f"{case.text}\n{lines}"
    document = Document(case.origin, text, case.syntax)
    parsed = (*case.quads, *(ox.Quad(t.subject, t.predicate, t.object) for t in triples))
    return replace(case, text=text, documents=(document,), _parsed=parsed)


def count_records(triples: Collection[ox.Triple], group: str) -> int:
    """Return how many records would have to be found: made up or changed, evidence items aside.

    What is on record already costs nothing. What hangs on the group itself counts, made up or
    not, such as a role group that was asked. A statement that only leads to something made up is
    no finding of its own.
    """
    evidence = _evidence_of(triples)
    made = {t.subject for t in triples if t.predicate.value == RDF_TYPE}
    found: set[Term] = set(evidence)
    for t in triples:
        if t.subject == ox.NamedNode(group):
            found.add(t.object)
        elif not {t.subject, t.object} & made:
            found.add(t.subject)
    return max(1, len(found - set(evidence.values())))


def _evidence_of(triples: Iterable[ox.Triple]) -> dict[Term, Term]:
    """Return record → evidence item."""
    return {t.subject: t.object for t in triples if t.predicate.value == K20 + "evidencedBy"}
