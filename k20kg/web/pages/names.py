"""The published graph as pages read it: lookups, names, places of evidence, terms to be shown.

All graphs of a dataset are read as one. Everything in it has a name, though not everything has a
label: an evidence item goes by its place, another record by its class and the last part of its
address. A dataset never changes after loading, so whatever was looked up is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

import pyoxigraph as ox

from k20kg.model import Evidence, Verdict
from k20kg.rdf.expressions import pieces
from k20kg.rdf.graph import StoredGraph, Term, most_specific_first, node_of, str_of
from k20kg.report.wording import list_places, place
from k20kg.vocabulary import BASE, DCTERMS, K20, PREFIXES, RDF_TYPE, RDFS, SKOS, XSD, shorten
from k20kg.web.dataset import Dataset
from k20kg.web.pages.wording import upper_first

_BEHIND: Final = ("evidencedBy", "disputedBy", "leftOpenBy")
_LANGUAGES: Final = {"en": "English", "de": "German", "fr": "French", "es": "Spanish"}
_NUMBERS: Final = {XSD + t for t in ("integer", "decimal", "double", "float")}
_PLAIN: Final = {XSD + "string", XSD + "boolean", XSD + "dateTime", *_NUMBERS}
_DEPTH: Final = 12


@dataclass(frozen=True, slots=True)
class Shown:
    """A term as a page shows it; as a text it is its words."""

    words: str
    iri: str = ""
    """Address it leads to; empty for what has no page."""
    note: str = ""
    """Language or datatype."""
    numeric: bool = False
    verdict: Verdict | None = None
    """The verdict that the term stands for."""
    parts: tuple[Shown, ...] = ()
    """Parts of an expression, to be read one after the other."""

    def __str__(self) -> str:
        return self.words


class Names(StoredGraph):
    """Statements, names, classes and addresses of all that a dataset describes."""

    def __init__(self, dataset: Dataset) -> None:
        super().__init__(store=dataset.store)
        self.store = dataset.store
        subjects = {quad.subject for quad in dataset.store}
        named = {term.value for term in subjects if isinstance(term, ox.NamedNode)}
        self.ours = frozenset(iri for iri in named if iri.startswith(BASE))
        """IRIs of ours that something is said of."""
        self.documents = frozenset(
            iri.partition("#")[0] for iri in self.ours if iri.startswith((K20, BASE + "shapes#"))
        )
        self._names: dict[str, str] = {}
        self._links: dict[str, Shown] = {}
        self._back: dict[tuple[str, str], list[str]] = {}

    def __contains__(self, iri: str) -> bool:
        return iri in self.ours or iri in self.documents

    def terms(self, subject: str, predicate: str) -> Sequence[Term]:
        if subject not in self._known:
            super().terms(subject, predicate)
            for found in self._known[subject].values():
                found.sort(key=str)
        return self._known[subject].get(predicate, [])

    def subjects(self, predicate: str, value: str) -> list[str]:
        if (predicate, value) not in self._back:
            self._back[predicate, value] = super().subjects(predicate, value)
        return self._back[predicate, value]

    def get(self, subject: str, name: str, default: str = "") -> str:
        """Return the value of a property of our ontology."""
        return self.value(subject, K20 + name, default)

    def all(self, subject: str, name: str) -> list[str]:
        """Return the values of a property of our ontology, sorted."""
        return self.values(subject, K20 + name)

    def reach(self, start: str, *paths: str) -> list[Term]:
        """Return what paths lead to from a node, each term once.

        A path is written as in SPARQL: ``component/k20:aboutConstruct``, ``^regards``,
        ``rdf:rest*``. A name without a prefix is one of our ontology.
        """
        found: dict[Term, None] = {}
        for path in paths:
            nodes: list[Term] = [node_of(start) or ox.Literal(start)]
            for back, predicate, again in _steps(path):
                step = self._beside(nodes, predicate, back)
                while again and (step := [node for node in step if node not in nodes]):
                    nodes += step
                    step = self._beside(step, predicate, back)
                nodes = nodes if again else step
            found |= dict.fromkeys(nodes)
        return list(found)

    def _beside(self, nodes: Iterable[Term], predicate: str, back: bool) -> list[Term]:
        if back:
            found = [one for node in nodes for one in self.subjects(predicate, str_of(node))]
            return [node for one in found if (node := node_of(one)) is not None]
        return [one for node in nodes for one in self.terms(str_of(node), predicate)]

    def label(self, iri: str) -> str:
        """Return the label of a node, or ""."""
        said = (self.value(iri, p) for p in (RDFS + "label", SKOS + "prefLabel", DCTERMS + "title"))
        return next(filter(None, said), "")

    def name(self, iri: str) -> str:
        """Return what people may call a node."""
        if iri not in self._names:
            self._names[iri] = self.label(iri) or self._made_name(iri)
        return self._names[iri]

    def _made_name(self, iri: str) -> str:
        if not iri.startswith(BASE) or "#" in iri:
            return shorten(iri)
        if locator := self.get(iri, "locator"):
            return f"{upper_first(local(self.get(iri, 'source')))} {locator}"
        value = self.get(iri, "valueAsPrinted") or self.get(iri, "value")
        if value and (topic := self.get(iri, "figureTopic")):
            return f"{self.name(topic)}: {value}"
        if kind := self.kind(iri):
            below = iri.removeprefix(self.parent(iri) or BASE.rstrip("/")).strip("/")
            tail = " ".join(below.split("/")[1:]).replace("-", " ")
            return f"{upper_first(kind)}{': ' if tail else ''}{tail}"
        is_graph = self.store.contains_named_graph(ox.NamedNode(iri))
        return f"Graph {shorten(iri)}" if is_graph else shorten(iri)

    def kinds(self, iri: str) -> list[str]:
        """Return the classes of a node, the telling one first."""
        return most_specific_first(self.values(iri, RDF_TYPE))

    def kind(self, iri: str) -> str:
        """Return the name of a node's class, or ""."""
        return next((self.name(c) for c in self.kinds(iri)), "")

    def parent(self, iri: str) -> str:
        """Return the thing in whose address this one lies, or ""."""
        path = iri
        while (path := path.rpartition("/")[0]) and len(path) >= len(BASE):
            if path in self.ours:
                return path
        return ""

    @cached_property
    def _families(self) -> dict[str, list[str]]:
        families: dict[str, list[str]] = {}
        for one in self.ours:
            if "#" not in one:
                families.setdefault(one.rpartition("/")[0], []).append(one)
        return {above: sorted(members, key=self.order) for above, members in families.items()}

    def siblings(self, iri: str) -> list[str]:
        """Return the things of one class that lie beside each other, in order."""
        first = self.kinds(iri)[:1]
        beside = self._families.get(iri.rpartition("/")[0], [])
        return [one for one in beside if self.kinds(one)[:1] == first]

    def order(self, iri: str) -> tuple[int, tuple[Any, ...]]:
        """Return a key that sorts by the number that a source gives, then by address."""
        number = self.get(iri, "order")
        return (int(number) if number.isascii() and number.isdigit() else 10**9, natural(iri))

    def by_name(self, iri: str) -> tuple[int, tuple[Any, ...], str]:
        """Return a key that sorts by the number that a source gives, then by name."""
        return (self.order(iri)[0], natural(self.name(iri).lower()), iri)

    def verdict(self, iri: str) -> Verdict | None:
        """Return the verdict that an individual of the ontology stands for."""
        if K20 + "Verdict" not in self.values(iri, RDF_TYPE):
            return None
        said = {self.label(one) for one in [iri, *self.subjects(K20 + "overallOutcome", iri)]}
        return next((verdict for verdict in Verdict if verdict.value in said), None)

    def _item(self, iri: str) -> Evidence:
        """Return an evidence item as reports know it."""
        source = self.get(iri, "source")
        short = source.removeprefix(BASE + "source/")
        where = short if short != source else self.name(source)
        said, locator = self.get(iri, "statement"), self.get(iri, "locator")
        return Evidence(iri, "", "", statement=said, source=where, locator=locator,
                        method="", direction="")  # fmt: skip

    def _behind(self, record: Shown | str) -> Iterator[Evidence]:
        iri = record if isinstance(record, str) else record.iri
        return map(self._item, map(str_of, self.reach(iri, *_BEHIND)))

    def placed(self, item: Shown) -> str:
        """Return where an evidence item lies: ``paper 6.1, Chart 3, row 5, line 307``."""
        return place(self._item(item.iri))

    def cited(self, record: Shown | str) -> str:
        """Return where the sources say what a record says, supporting places first."""
        return "; ".join(dict.fromkeys(map(place, self._behind(record))))

    def places(self, records: Iterable[Shown]) -> str:
        """Return the sections and charts that many records rest on."""
        return list_places(item for record in records for item in self._behind(record))

    def link(self, iri: str, words: str = "") -> Shown:
        """Return an IRI by its name, as a link where it leads somewhere."""
        found = None if words else self._links.get(iri)
        if found is None:
            dead = iri.startswith(BASE) and iri not in self
            found = Shown(words or self.name(iri), "" if dead else iri, verdict=self.verdict(iri))
            if not words:
                self._links[iri] = found
        return found

    def graph(self, iri: object) -> Shown:
        """Return a named graph the way people call it: the paper, a file."""
        graph = str(iri)
        if len(sources := self.values(graph, DCTERMS + "source")) == 1:
            return self.link(graph, local(sources[0]))
        path = graph.removeprefix(BASE).removeprefix("data/")
        words = path.removesuffix(".ttl").removesuffix(".trig")
        return Shown("worked out" if words == "verdicts" else words)

    def show(self, term: Any, depth: int = 0) -> Shown:
        """Return any term; blank nodes are written out as expressions."""
        if isinstance(term, ox.NamedNode):
            return self.link(term.value)
        if isinstance(term, ox.Literal):
            kind = term.datatype.value
            note = _LANGUAGES.get(term.language, term.language) if term.language else ""
            if not note and kind not in _PLAIN:
                note = shorten(kind)
            # A moment at midnight is its day.
            midnight = "T00:00:00Z" if kind == XSD + "dateTime" else ""
            return Shown(term.value.removesuffix(midnight), "", note or "", kind in _NUMBERS)
        if isinstance(term, ox.BlankNode) and depth <= _DEPTH:
            parts = (
                Shown(part) if isinstance(part, str) else self.show(part, depth + 1)
                for part in pieces(self, str(term))
                if part
            )
            return Shown("", parts=tuple(parts))
        return Shown("…" if isinstance(term, ox.BlankNode) else str(term))


@lru_cache(maxsize=2)
def names_of(dataset: Dataset) -> Names:
    """Return the names of a dataset: of the one that is served, and of one that takes its place."""
    return Names(dataset)


def local(iri: str) -> str:
    """Return the last part of an IRI."""
    return iri.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1] or iri.removeprefix(BASE)


def natural(text: str) -> tuple[Any, ...]:
    """Return a key that sorts 2 before 10.

    >>> sorted(["goal/10", "goal/2"], key=natural)
    ['goal/2', 'goal/10']
    """
    parts = re.split(r"([0-9]+)", text)
    return tuple(
        (0, int(p), "") if n % 2 and len(p) < 20 else (1, 0, p) for n, p in enumerate(parts)
    )


@lru_cache(maxsize=512)
def _steps(path: str) -> tuple[tuple[bool, str, bool], ...]:
    """Return the steps of a path: whether each leads backward, its property, any number of it."""
    steps = []
    for step in path.split("/"):
        prefix, _, name = step.strip("^*").rpartition(":")
        steps.append((step[0] == "^", PREFIXES[prefix or "k20"] + name, step[-1] == "*"))
    return tuple(steps)
