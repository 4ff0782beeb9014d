"""Terms as pages show them: a name for everything, a link where there is a page.

Everything in the graph has a name, though not everything has a label: an evidence item goes by its
place, another record by its class and the last part of its address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from k20kg.model import Verdict
from k20kg.vocabulary import BASE, DCTERMS, K20, OWL, RDF_TYPE, RDFS, SKOS, XSD, shorten
from k20kg.web.pages.facts import Facts, facts_of, local

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset
    from k20kg.web.pages import Site

__all__ = ["Names", "Shown", "names_of", "natural", "show"]

RDF: Final = RDF_TYPE.removesuffix("type")
_LANGUAGES: Final = {"en": "English", "de": "German", "fr": "French", "es": "Spanish"}
_NUMBERS: Final = {XSD + t for t in ("integer", "decimal", "double", "float")}
_PLAIN: Final = {XSD + "string", XSD + "boolean", XSD + "dateTime", *_NUMBERS}
_UMBRELLAS: Final = (OWL + "NamedIndividual", OWL + "Thing", SKOS + "Concept", K20 + "Record")
_DEPTH: Final = 12


@dataclass(frozen=True, slots=True)
class Shown:
    """A term as a page shows it."""

    words: str
    iri: str = ""
    """Where it leads; empty for what has no page."""
    note: str = ""
    """Language or datatype."""
    numeric: bool = False
    verdict: Verdict | None = None
    """The verdict that the term stands for."""
    parts: tuple[Shown, ...] = ()
    """What an expression is made of, to be read one after the other."""


class Names:
    """Names, classes and addresses of all that a dataset describes."""

    def __init__(self, dataset: Dataset) -> None:
        self.facts: Facts = facts_of(dataset)
        self.store = dataset.store
        subjects = {
            quad.subject.value
            for quad in dataset.store
            if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(BASE)
        }
        self.subjects = frozenset(subjects)
        """IRIs of ours that something is said of."""
        self.documents = frozenset(
            iri.partition("#")[0] for iri in subjects if iri.startswith((K20, BASE + "shapes#"))
        )
        self._families: dict[str, list[str]] | None = None
        self._known: dict[str, str] = {}

    def __contains__(self, iri: str) -> bool:
        return iri in self.subjects or iri in self.documents

    def label(self, iri: str) -> str:
        """Return the label of a node, or ""."""
        for predicate in (RDFS + "label", SKOS + "prefLabel", DCTERMS + "title"):
            if found := self.facts.value(iri, predicate):
                return found
        return ""

    def name(self, iri: str) -> str:
        """Return what people may call a node."""
        if iri not in self._known:
            self._known[iri] = self.label(iri) or self._made_name(iri)
        return self._known[iri]

    def _made_name(self, iri: str) -> str:
        if not iri.startswith(BASE):
            return shorten(iri)
        if locator := self.facts.get(iri, "locator"):
            source = local(self.facts.get(iri, "source"))
            return f"{source[:1].upper()}{source[1:]} {locator}"
        value = self.facts.get(iri, "valueAsPrinted") or self.facts.get(iri, "value")
        if value and (topic := self.facts.get(iri, "figureTopic")):
            return f"{self.name(topic)}: {value}"
        if kind := self.kind(iri):
            below = iri.removeprefix(self.parent(iri) or BASE.rstrip("/")).strip("/")
            tail = " ".join(below.split("/")[1:]).replace("-", " ")
            return f"{kind[:1].upper()}{kind[1:]}{': ' if tail else ''}{tail}"
        if self.store.contains_named_graph(ox.NamedNode(iri)):
            return f"Graph {shorten(iri)}"
        return shorten(iri)

    def kinds(self, iri: str) -> list[str]:
        """Return the classes of a node, the telling one first."""
        found = self.facts.values(iri, RDF_TYPE)
        return sorted(
            found,
            key=lambda c: (c in _UMBRELLAS, not c.startswith(K20), c == K20 + "EvidenceItem", c),
        )

    def kind(self, iri: str) -> str:
        """Return the name of a node's class, or ""."""
        return next((self.name(c) for c in self.kinds(iri)), "")

    def parent(self, iri: str) -> str:
        """Return the thing in whose address this one lies, or ""."""
        path = iri
        while (path := path.rpartition("/")[0]) and len(path) >= len(BASE):
            if path in self.subjects:
                return path
        return ""

    def siblings(self, iri: str) -> list[str]:
        """Return the things of one class that lie beside each other, in order."""
        if self._families is None:
            families: dict[str, list[str]] = {}
            for one in self.subjects:
                if "#" not in one:
                    families.setdefault(one.rpartition("/")[0], []).append(one)
            self._families = {k: sorted(v, key=self.order) for k, v in families.items()}
        first = self.kinds(iri)[:1]
        beside = self._families.get(iri.rpartition("/")[0], [])
        return [one for one in beside if self.kinds(one)[:1] == first]

    def order(self, iri: str) -> tuple[int, tuple[Any, ...]]:
        """Return a key that sorts by the number that a source gives, then by address."""
        number = self.facts.get(iri, "order")
        return (int(number) if number.isascii() and number.isdigit() else 10**9, natural(iri))

    def by_name(self, iri: str) -> tuple[int, tuple[Any, ...], str]:
        """Return a key that sorts by the number that a source gives, then by name."""
        return (self.order(iri)[0], natural(self.name(iri).lower()), iri)

    def verdict(self, iri: str) -> Verdict | None:
        """Return the verdict that an individual of the ontology stands for."""
        if K20 + "Verdict" not in self.facts.values(iri, RDF_TYPE):
            return None
        stands_for = self.facts.subjects(K20 + "overallOutcome", iri)
        said = {self.label(one) for one in [iri, *stands_for]}
        return next((verdict for verdict in Verdict if verdict.value in said), None)


@lru_cache(maxsize=2)
def names_of(dataset: Dataset) -> Names:
    """Return the names of a dataset, which are worked out once."""
    return Names(dataset)


def natural(text: str) -> tuple[Any, ...]:
    """Return a key that sorts 2 before 10.

    >>> sorted(["goal/10", "goal/2"], key=natural)
    ['goal/2', 'goal/10']
    """
    parts = re.split(r"([0-9]+)", text)
    return tuple(
        (0, int(p), "") if n % 2 and len(p) < 20 else (1, 0, p) for n, p in enumerate(parts)
    )


def show(site: Site, term: Any, *, depth: int = 0) -> Shown:
    """Return a term for a page; blank nodes are written out as expressions."""
    names = names_of(site.dataset)
    if isinstance(term, ox.NamedNode):
        return show_iri(site, term.value)
    if isinstance(term, ox.Literal):
        kind = term.datatype.value
        note = _LANGUAGES.get(term.language, term.language) if term.language else ""
        if not note and kind not in _PLAIN:
            note = shorten(kind)
        words = _day(term.value) if kind == XSD + "dateTime" else term.value
        return Shown(words, note=note or "", numeric=kind in _NUMBERS)
    if isinstance(term, ox.BlankNode):
        if depth > _DEPTH:
            return Shown("…")
        return Shown("", parts=tuple(_expression(site, names.facts, f"_:{term.value}", depth)))
    return Shown(str(term))


def show_iri(site: Site, iri: str, words: str = "") -> Shown:
    """Return an IRI for a page: by its name, as a link where it leads somewhere."""
    names = names_of(site.dataset)
    dead = iri.startswith(BASE) and iri not in names
    return Shown(words or names.name(iri), "" if dead else iri, verdict=names.verdict(iri))


def _day(moment: str) -> str:
    """Return a dateTime at midnight as its day."""
    return moment.removesuffix("T00:00:00Z")


# ---------------------------------------------------------------- class expressions, paths, lists

_JOINED: Final = {"intersectionOf": " and ", "unionOf": " or "}
_RESTRICTED: Final = {
    "someValuesFrom": "some",
    "allValuesFrom": "only",
    "hasValue": "value",
    "minQualifiedCardinality": "min",
    "maxQualifiedCardinality": "max",
    "qualifiedCardinality": "exactly",
    "minCardinality": "min",
    "maxCardinality": "max",
    "cardinality": "exactly",
    "hasSelf": "self",
}
_PATHS: Final = {"inversePath": "^", "zeroOrMorePath": "*", "oneOrMorePath": "+"}


def _expression(site: Site, facts: Facts, node: str, depth: int) -> Iterable[Shown]:
    """Yield an anonymous class, list or path in words."""

    def shown(term: Any) -> Shown:
        return show(site, term, depth=depth + 1)

    for name, word in _JOINED.items():
        if lists := facts.terms(node, OWL + name):
            yield from _joined(_listed(site, facts, lists[0], depth), word)
            return
    if members := facts.terms(node, OWL + "oneOf"):
        yield from _joined(_listed(site, facts, members[0], depth), ", ", "one of ", "")
        return
    if (negated := facts.terms(node, OWL + "complementOf")) or (
        inverted := facts.terms(node, OWL + "inverseOf")
    ):
        yield Shown("not " if negated else "inverse of ")
        yield shown((negated or inverted)[0])
        return
    if properties := facts.terms(node, OWL + "onProperty"):
        yield shown(properties[0])
        for name, word in _RESTRICTED.items():
            for value in facts.terms(node, OWL + name):
                yield Shown(f" {word} ")
                yield shown(value)
        for value in facts.terms(node, OWL + "onClass"):
            yield Shown(" ")
            yield shown(value)
        return
    sh = "http://www.w3.org/ns/shacl#"
    for name, sign in _PATHS.items():
        for value in facts.terms(node, sh + name):
            before = name == "inversePath"
            yield from (Shown(sign), shown(value)) if before else (shown(value), Shown(sign))
            return
    if choices := facts.terms(node, sh + "alternativePath"):
        yield from _joined(_listed(site, facts, choices[0], depth), " | ")
        return
    if facts.values(node, RDF + "first"):
        list_head: Any = ox.BlankNode(node[2:])
        yield from _joined(_listed(site, facts, list_head, depth), " / ", "", "")
        return
    yield Shown("a part without a name")


def _joined(
    parts: Sequence[Shown], between: str, before: str = "(", after: str = ")"
) -> Iterable[Shown]:
    if before:
        yield Shown(before)
    for n, part in enumerate(parts):
        if n:
            yield Shown(between)
        yield part
    if after:
        yield Shown(after)


def _listed(site: Site, facts: Facts, head: Any, depth: int) -> list[Shown]:
    """Return the members of an RDF list."""
    found: list[Shown] = []
    seen: set[str] = set()
    while isinstance(head, ox.BlankNode) and str(head) not in seen and len(found) < 200:
        seen.add(str(head))
        found += [show(site, t, depth=depth + 1) for t in facts.terms(str(head), RDF + "first")]
        head = next(iter(facts.terms(str(head), RDF + "rest")), None)
    return found
