"""Class expressions, as SHACL shapes ask for them and as OWL classes do, and what one lacks.

SHACL is read so: a value that fits is *some*, all that do *only*, `sh:hasValue` *value*. Evidence
is not asked for, as a reasoner is told only of what stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import pyoxigraph as ox

from k20kg.rdf.graph import Graph
from k20kg.sources.terms import ontology
from k20kg.vocabulary import K20, OWL, RDF_TYPE, RDFS, SH, shorten

RDF: Final = RDF_TYPE.removesuffix("type")


# ---------------------------------------------------------------- class expressions


@dataclass(frozen=True)
class Said:
    """A class expression; `by`, which is not compared, names the shape or class that says it."""

    kind: str
    on: str = ""
    parts: tuple[Said, ...] = ()
    by: str = field(default="", compare=False)

    def __str__(self) -> str:
        within = sorted(part.by if self.kind == "not" else str(part) for part in self.parts)
        if self.kind in ("and", "or"):
            return f"({f' {self.kind} '.join(within)})" if within else "anything"
        return " ".join(filter(None, (self.on, self.kind, *within))).replace("  ", " ")


def joined(kind: str, parts: Iterable[Said], by: str) -> Said:
    """Return the conjunction or disjunction of some expressions."""
    flat = {p: None for each in parts for p in (each.parts if each.kind == kind else (each,))}
    return next(iter(flat)) if len(flat) == 1 else Said(kind, "", tuple(flat), by)


def restricted(kind: str, on: str, end: Said | None, by: str) -> Said:
    """Return a restriction on a property.

    A functional property has one value, for which the record check asks, so that *some* is *only*.
    """
    if not end:
        return Said(kind, on, (), by)
    there = Said("some", f"inverse {on}", (ANYTHING,))
    if there in end.parts:
        end = joined("and", [part for part in end.parts if part != there], end.by)
    if kind == "only" and on in functional():
        kind = "some"
    if kind == "some" and end.kind.startswith("one of "):
        names = end.kind.removeprefix("one of ").split(", ")
        return joined("or", [Said(f"value {name}", on, (), by) for name in names], by)
    if kind == "some" and end.kind == "or":
        return joined("or", [Said(kind, on, (part,), by) for part in end.parts], by)
    return Said(kind, on, (end,), by)


@cache
def functional() -> frozenset[str]:
    return frozenset(map(shorten, ontology().of_type(OWL + "FunctionalProperty")))


def implies(one: Said, other: Said) -> bool:
    """Tell whether, by their form, whatever one expression holds of the other holds of."""
    if one == other:
        return True
    if other.kind == "and":
        return all(implies(one, part) for part in other.parts)
    if one.kind == "or":
        return all(implies(part, other) for part in one.parts)
    if other.kind == "or" and any(implies(one, part) for part in other.parts):
        return True
    if one.kind == "and":
        return any(implies(part, other) for part in one.parts)
    alike = (one.kind, one.on) == (other.kind, other.on) and one.kind != "not"
    return alike and bool(one.parts) and implies(one.parts[0], other.parts[0])


def missing(asked: Said, other: Said) -> list[tuple[Said, str]]:
    """Return the smallest conditions that are asked and do not follow, each with who lacks it."""
    if implies(other, asked):
        return []
    if asked.kind == "and":
        return [lack for part in asked.parts for lack in missing(part, other)]
    if asked.kind == "or" == other.kind:
        rest = [part for part in other.parts if not implies(part, asked)]
        return [lack for part in rest for lack in nearest(asked.parts, part)]
    beside = other.parts if other.kind == "and" else (other,)
    near = [o for o in beside if (o.kind, o.on) == (asked.kind, asked.on) and o.parts]
    if near and asked.kind != "not":
        found = [missing(asked.parts[0], o.parts[0]) for o in near]
        return min(found, key=lambda lacks: sum(len(str(said)) for said, _ in lacks))
    return [(asked, other.by)]


def nearest(asked: Iterable[Said], other: Said) -> list[tuple[Said, str]]:
    """Return what is missing for that of some expressions that is about the same as another."""
    found = [(-len(about(one) & about(other)), missing(one, other)) for one in asked]
    return min(found, key=lambda f: (f[0], len(f[1])))[1]


def about(said: Said) -> set[str]:
    """Return the properties and classes that an expression mentions."""
    return {said.on}.union(*map(about, said.parts)) - {""}


ANYTHING: Final = Said("and")


# ---------------------------------------------------------------- what the shapes ask for


class Shapes:
    """The shapes of a definition as class expressions.

    `taken` names the shapes that a class says by a query of the record, with ``not`` before one
    that must not hold, and the class; none where the ontology rules it out for every class.
    """

    def __init__(self, quads: Iterable[ox.Quad], taken: Mapping[str, str]) -> None:
        self.graph = Graph(quads)
        self.taken = taken

    def of(self, criterion: str, reading: str) -> Said:
        """Return what a criterion asks for under a reading."""
        shapes = [
            shape
            for shape in self.graph.subjects(K20 + "tests", criterion)
            if reading in self.graph.values(shape, K20 + "under")
            and K20 + "Support" in self.graph.values(shape, K20 + "role")
        ]
        by = shorten(shapes[0])
        found = joined("and", [self.asked(shape, "") for shape in shapes], by)
        holding = found.parts if found.kind == "and" else (found,)
        return joined("and", [self._where(holding, part) for part in holding], by)

    def _where(self, holding: Iterable[Said], said: Said) -> Said:
        """Return a disjunction without what is ruled out: that something asked is missing."""
        if said.kind != "or":
            return said
        left = [p for p in said.parts if not (p.kind == "not" and p.parts[0] in holding)]
        return joined("or", left, said.by)

    def asked(self, shape: str, by: str) -> Said:
        """Return what a shape asks for; a shape without a name belongs to its user."""
        by = by if shape.startswith("_:") else shorten(shape)
        if shorten(shape) in self.taken:
            return self._as_taken(shorten(shape), by)
        values = self._values(shape)
        if path := values("path"):
            return joined("and", self._of_path(path[0], values, by), by)
        found = [self.asked(s, by) for name in ("node", "property") for s in values(name)]
        found += [Said("", shorten(c), (), by) for c in values("class")]
        for other in values("not"):
            name = f"not {shorten(other)}"
            found.append(
                self._as_taken(name, by)
                if name in self.taken
                else Said("not", "", (self.asked(other, by),), by)
            )
        for members in values("or"):
            found.append(joined("or", [self.asked(s, by) for s in self._list(members)], by))
        for members in values("in"):
            found.append(one_of(self._list(members), by))
        found += [Said("sh:sparql", "", (), by) for _ in values("sparql")]
        return joined("and", found, by)

    def _as_taken(self, name: str, by: str) -> Said:
        return Said("", self.taken[name], (), by) if self.taken[name] else ANYTHING

    def _of_path(self, path: str, values: Callable[[str], list[str]], by: str) -> Iterator[Said]:
        if path == K20 + "evidencedBy":
            return  # a reasoner is told only of what stands
        count = "".join(values("qualifiedMinCount"))
        some = "some" if count == "1" else f"min {count}"
        ends = [(some, self.asked(s, by)) for s in values("qualifiedValueShape")]
        ends += [(f"value {shorten(v)}", None) for v in values("hasValue")]
        ends += [("only", self.asked(s, by)) for s in values("node")]
        ends += [("only", Said("", shorten(c), (), by)) for c in values("class")]
        for name in ("minCount", "maxCount", "lessThan"):
            ends += [(f"sh:{name} {shorten(v)}", None) for v in values(name)]
        for kind, end in ends:
            yield self._along(path, kind, end, by)

    def _along(self, path: str, kind: str, end: Said | None, by: str) -> Said:
        """Return a restriction on what a path leads to."""
        if ways := self.graph.values(path, SH + "alternativePath"):
            ended = [self._along(way, kind, end, by) for way in self._list(ways[0])]
            return joined("and" if kind == "only" else "or", ended, by)
        if (steps := self._list(path)) and len(steps) > 1:
            for step in reversed(steps):
                end = self._along(step, kind, end, by)
                kind = "only" if kind == "only" else "some"
            assert end
            return end
        if may := self.graph.values(path, SH + "zeroOrOnePath"):
            assert end
            return joined("or", [end, self._along(may[0], kind, end, by)], by)
        return restricted(kind, self._link(steps[0] if steps else path), end, by)

    def _link(self, path: str) -> str:
        """Return a path of one link, or of any number of it: ``inverse k20:uses``, ``k20:x*``."""
        for how, mark in (("zeroOrMorePath", "*"), ("oneOrMorePath", "+")):
            for inner in self.graph.values(path, SH + how):
                return self._link(inner) + mark
        if ways := self.graph.values(path, SH + "alternativePath"):
            return "|".join(dict.fromkeys(map(self._link, self._list(ways[0]))))
        if back := self.graph.values(path, SH + "inversePath"):
            return shorten(back[0]) if both_ways(back[0]) else f"inverse {self._link(back[0])}"
        return shorten(path)

    def _values(self, shape: str) -> Callable[[str], list[str]]:
        return lambda name: self.graph.values(shape, SH + name)

    def _list(self, node: str) -> list[str]:
        """Return the members of an RDF list, none of what is no list."""
        found = []
        while first := self.graph.value(node, RDF + "first"):
            found.append(first)
            node = self.graph.value(node, RDF + "rest")
        return found


def one_of(names: Iterable[str], by: str) -> Said:
    """Return the class of some individuals."""
    return Said(f"one of {', '.join(sorted(map(shorten, names)))}", "", (), by)


# ---------------------------------------------------------------- what the classes ask for


def both_ways(iri: str) -> bool:
    return OWL + "SymmetricProperty" in ontology().values(iri, RDF_TYPE)


def led(prop: str, kind: str, end: Said | None, by: str, *, back: bool = False) -> Said:
    """Return a restriction on what a property leads to, by the links that data state.

    A property that data do not state is the inverse of one, or follows from chains of others: that
    of one with itself stands for any number of it.
    """
    terms = ontology()
    if inverse := terms.value(prop, OWL + "inverseOf"):
        return led(inverse, kind, end, by, back=not back)
    chains = [list(terms.members(c)) for c in terms.values(prop, OWL + "propertyChainAxiom")]
    if not chains:
        return restricted(kind, f"inverse {shorten(prop)}" if back else shorten(prop), end, by)
    first = [f"{shorten(c[0])}*" for c in chains if c[-1] == prop]
    last = [f"{shorten(c[1])}*" for c in chains if c[0] == prop]
    ways = [[below] for below in terms.subjects(RDFS + "subPropertyOf", prop)]
    ways += [c for c in chains if prop not in c]
    found = []
    for way in ways:
        steps = [*first, *way, *last]
        said = end
        for step in steps if back else reversed(steps):
            if step.endswith("*"):
                said = restricted(kind, f"inverse {step}" if back else step, said, by)
            else:
                said = led(step, kind, said, by, back=back)
        assert said
        found.append(said)
    return joined("and" if kind == "only" else "or", found, by)


_GROUP: Final = K20 + "WorkingGroup"


class Classes:
    """The classes of an ontology as class expressions."""

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        self.graph = Graph(quads)

    def asked(self, name: str, by: str = "", certain: Iterable[str] = (_GROUP,)) -> Said:
        """Return what a class asks for; a class without a name belongs to its user.

        What is `certain`, that a value is of its property's range, is not asked for.
        """
        graph = self.graph
        by = by if name.startswith("_:") else shorten(name)
        defined = [graph.value(name, OWL + "equivalentClass"), *self._unions(name)]
        if any(defined):
            return self.asked(next(filter(None, defined)), by, certain)
        if parts := list(graph.items(name, OWL + "unionOf")):
            return self._either(parts, by, certain)
        if parts := list(graph.items(name, OWL + "intersectionOf")):
            used = [graph.value(part, OWL + "onProperty") for part in parts]
            certain = [*certain, *(d for p in used for d in ontology().values(p, RDFS + "domain"))]
            return joined("and", [self.asked(part, by, certain) for part in parts], by)
        if individuals := list(graph.items(name, OWL + "oneOf")):
            return one_of(individuals, by)
        if prop := graph.value(name, OWL + "onProperty"):
            return self._restriction(name, prop, by)
        assert not name.startswith("_:"), f"{by} says what this test does not read"
        known = name in (*certain, OWL + "Thing")
        return Said("and", "", (), by) if known else Said("", shorten(name), (), by)

    def _restriction(self, name: str, prop: str, by: str) -> Said:
        for value in self.graph.values(name, OWL + "hasValue"):
            return led(prop, f"value {shorten(value)}", None, by)
        count = self.graph.value(name, OWL + "minQualifiedCardinality")
        hows = {"someValuesFrom": "some", "allValuesFrom": "only", "onClass": f"min {count}"}
        (how,) = [how for how in hows if self.graph.value(name, OWL + how)]
        filler = self.graph.value(name, OWL + how)
        end = self.asked(filler, by, ontology().values(prop, RDFS + "range"))
        return led(prop, hows[how], end, by)

    def _unions(self, name: str) -> Iterator[str]:
        """Yield what a class that is not defined lies below, if that is a choice."""
        for above in self.graph.values(name, RDFS + "subClassOf"):
            if above.startswith("_:") and self.graph.value(above, OWL + "unionOf"):
                yield above

    def _either(self, parts: list[str], by: str, certain: Iterable[str]) -> Said:
        """Return a choice; what leads back to the class stands for any number of links."""
        again = {part: prop for part in parts if (prop := self._back_to(part, by))}
        said = joined("or", [self.asked(p, by, certain) for p in parts if p not in again], by)
        for prop in again.values():
            inverse = ontology().value(prop, OWL + "inverseOf")
            link = f"inverse {shorten(inverse)}*" if inverse else f"{shorten(prop)}*"
            said = restricted("some", link, said, by)
        return said

    def _back_to(self, part: str, by: str) -> str:
        """Return the property by which a part of a choice leads back to the class, if any."""
        whole = [*self.graph.values(part, RDFS + "subClassOf"), part]
        for one in whole:
            filler = self.graph.value(one, OWL + "someValuesFrom")
            if filler and shorten(filler) == by:
                return self.graph.value(one, OWL + "onProperty")
        return ""
