"""Derive the forms of a shape that others refer to by name: undisputed, perhaps, and not.

They are named ``XUndisputed``, ``PerhapsX`` and ``NotX`` (``x-undisputed``, ``perhaps-x``,
``not-x``); `k20:undisputed`, `k20:perhaps` and `k20:ruledOutBy` say what stands in for a condition
where a record has to be undisputed, or need only be not ruled out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from k20kg.rdf.graph import Term, str_of
from k20kg.rdf.quads import Statements, listed
from k20kg.vocabulary import K20, RDF_TYPE, SH, XSD, shorten


def _names(space: str, words: str) -> tuple[str, ...]:
    return tuple(space + word for word in words.split())


FAMILIES = {
    "undisputed": ("{}Undisputed", "{}-undisputed"),
    "perhaps": ("Perhaps{}", "perhaps-{}"),
    "not": ("Not{}", "not-{}"),
}
"""Names of the forms of a shape, in capitals and in lower case."""
_RDF = RDF_TYPE.removesuffix("type")
_NONE = ox.Literal("0", datatype=ox.NamedNode(XSD + "integer"))
_BEGUN = ox.NamedNode(K20 + "under-way")
"""In place of a form that is being derived."""
_DISPUTED = ox.NamedNode(K20 + "disputedBy")
_NODE_SHAPE = ox.NamedNode(SH + "NodeShape")
_PARTS = _names(SH, "property node qualifiedValueShape")
_LISTS = _names(SH, "and or xone")
_NO_CONDITION = _names(SH, "message severity name description order group targetClass targetNode")
_ON_VALUES = {
    *_names(SH, "hasValue in sparql pattern equals disjoint lessThan lessThanOrEquals"),
    *_names(SH, "minInclusive minExclusive maxInclusive maxExclusive"),
}
"""Conditions on a value, of which silence is not plainly a failure."""


class NotStatedError(Exception):
    """A condition of which it is not stated what stands in for it: node, what, remedy."""

    def __init__(self, node: str, what: str, remedy: str) -> None:
        super().__init__(node, what, remedy)
        self.fault = (node, what, remedy)


class Forms(Statements):
    """Statements to which derived ones are added."""

    def __init__(self, quads: Iterable[ox.Quad], swaps: list[tuple[Term, Term]]) -> None:
        self._stated = list(quads)
        super().__init__(self._stated)
        self._swaps = swaps
        self._swapped = {old for old, _ in swaps}
        self._forms: dict[tuple[Term, str], Term] = {}
        self._short_cuts: dict[ox.NamedNode, list[ox.NamedNode]] = {}
        """Shapes to add, by name: no record is disputed on the way of these forms."""
        self._blanks: dict[str, int] = {}
        self._derived: list[ox.Quad] = []

    def quads(self) -> list[ox.Quad]:
        """Return all statements, those that were derived last."""
        return [*self._stated, *self._derived]

    def _add(self, subject: Term, predicate: str, *values: Term) -> None:
        known = self.of.setdefault(subject, {}).setdefault(predicate, [])
        for value in values:
            if value not in known:
                known.append(value)
                self._derived.append(ox.Quad(subject, ox.NamedNode(predicate), value))  # type: ignore[arg-type]

    def _with(self, predicate: str) -> list[Term]:
        return [s for s, said in self.of.items() if predicate in said]

    def add_forms(self) -> None:
        """Add the forms that some shape refers to, and those of what is swapped for a block."""
        known: dict[Term, tuple[Term, str]] = {
            form_name(shape, family): (shape, family)
            for shape in list(self.of)
            if isinstance(shape, ox.NamedNode)
            for family in FAMILIES
        }
        while wanted := sorted(self._not_described() & set(known), key=str_of):
            for name in wanted:
                shape, family = known[name]
                if family == "not":
                    self._add(name, RDF_TYPE, _NODE_SHAPE)
                    self._add(name, SH + "not", shape)
                elif self._form(shape, family) != name:  # nothing in it changes: another name
                    self._add(name, RDF_TYPE, _NODE_SHAPE)
                    self._add(name, *self._reference(shape))
        for old, new in self._swaps:
            for family in ("undisputed", "perhaps"):
                if set(self.get(old, K20 + family)) - {old}:
                    self._form(new, family)

    def _not_described(self) -> set[Term]:
        values = (v for said in self.of.values() for vs in said.values() for v in vs)
        return {v for v in values if isinstance(v, ox.NamedNode) and v not in self.of}

    def _form(self, shape: Term, family: str) -> Term:
        """Return what stands in for a shape: stated, derived, or itself if nothing changes."""
        stated = self.get(shape, K20 + family)
        if stated and (stated[0] != shape or shape not in self._swapped):
            return stated[0]
        if (shape, family) not in self._forms:
            self._forms[shape, family] = _BEGUN
            self._forms[shape, family] = self._derive(shape, family)
        if (form := self._forms[shape, family]) == _BEGUN:
            raise NotStatedError(
                str_of(self._named(shape)),
                "asks for itself",
                "take the circle out: SHACL leaves open what such a shape means",
            )
        return form

    def _derive(self, shape: Term, family: str) -> Term:
        named = isinstance(shape, ox.NamedNode)
        name = form_name(shape, family) if named else self._blank(shape)
        if name in self.of:
            return name
        if family == "perhaps" and (against := self.get(shape, K20 + "ruledOutBy")):
            self._add(name, RDF_TYPE, _NODE_SHAPE)
            self._add(name, SH + "not", self._either(name, against))
        else:
            itself = shape in self.get(shape, K20 + family)
            conditions = [] if itself else list(self._conditions(shape, family, name))
            if all(new == old for _, new, old in conditions):
                on_values = sorted(map(shorten, _ON_VALUES & set(self.of.get(shape, {}))))
                if on_values and family == "perhaps" and not itself:
                    raise NotStatedError(
                        str_of(self._named(shape)),
                        f"puts a condition on a value ({', '.join(on_values)}) and does not state "
                        "what rules it out",
                        "state k20:ruledOutBy with a shape that holds where it surely fails; or "
                        "k20:perhaps with the shape itself, if silence rules it out",
                    )
                if shape not in self._swapped:
                    return shape
                conditions = [(*self._reference(shape), shape)]
            for predicate, new, _ in conditions:
                self._add(name, predicate, new)
        if named:
            self._add(shape, K20 + family, name)
        return name

    def _conditions(self, shape: Term, family: str, name: Term) -> Iterator[tuple[str, Term, Term]]:
        """Yield predicate, value in the form `name`, and value now, of each condition."""
        for predicate, values in list(self.of.get(shape, {}).items()):
            if predicate in _NO_CONDITION or not predicate.startswith((SH, _RDF)):
                continue
            for value in list(values):
                new = value
                if predicate in _PARTS:
                    new = self._form(value, family)
                elif predicate in _LISTS:
                    items = list(self.items(value))
                    forms = [self._form(item, family) for item in items]
                    new = value if forms == items else self._list(name, forms)
                elif predicate == SH + "not" and self._asks_for_record(value):
                    raise NotStatedError(
                        str_of(self._named(shape)),
                        "negates a block that asks for a record",
                        "state what stands in for it: k20:undisputed and k20:perhaps",
                    )
                if predicate == SH + "property" and new != value:
                    yield *self._reference(new), value
                else:
                    yield predicate, new, value

    def _asks_for_record(self, shape: Term) -> bool:
        """Tell whether a shape builds on one that stands otherwise if records are disputed."""
        stated = self.get(shape, K20 + "undisputed")
        if stated and shape not in self._swapped:
            return stated[0] != shape
        return any(self._asks_for_record(part) for part in self._parts(shape))

    def _parts(self, shape: Term) -> list[Term]:
        """Return the shapes that a shape refers to."""
        parts = [v for p in (*_PARTS, SH + "not") for v in self.get(shape, p)]
        return parts + [i for p in _LISTS for v in self.get(shape, p) for i in self.items(v)]

    def _named(self, node: Term) -> Term:
        """Return the named shape that a node without a name is part of."""
        while isinstance(node, ox.BlankNode):
            node = next(s for s, said in self.of.items() for vs in said.values() if node in vs)
        return node

    def _reference(self, shape: Term) -> tuple[str, Term]:
        return SH + ("property" if self.get(shape, SH + "path") else "node"), shape

    def add_short_cuts(self) -> None:
        """Add what holds where no record is disputed of those that a counter shape looks at.

        Then the undisputed form is the shape itself, and an engine need not try it: few records
        have disputes.
        """
        blocks = [swap for swap in self._swaps if all(block in self.of for block in swap)]
        swaps = frozenset(
            (self._form(old, "undisputed"), self._form(new, "undisputed")) for old, new in blocks
        )
        for name, forms in self._short_cuts.items():
            ways: dict[str, list[Term]] = {}
            for form in forms:
                for way in self._ways_to_disputes(form, swaps):
                    ways["/".join(map(self._path_key, way))] = way
            self._add(name, RDF_TYPE, ox.NamedNode(SH + "PropertyShape"))
            self._add(name, SH + "maxCount", _NONE)
            paths = [self._list(name, self._steps(way)) for way in ways.values()]
            if len(paths) > 1:
                either = self._blank(name)
                self._add(either, SH + "alternativePath", self._list(name, paths))
                paths = [either]
            self._add(name, SH + "path", *paths)

    def _ways_to_disputes(
        self, shape: Term, swaps: frozenset[tuple[Term, Term]]
    ) -> Iterator[list[Term]]:
        """Yield the paths from a node to what disputes it, or a record that its shape takes."""
        step = self.get(shape, SH + "path")
        if step == [_DISPUTED]:
            yield step
            return
        parts = self._parts(shape)
        for old, new in swaps:
            if old in parts:  # a variant may take the other block here
                parts.append(new)
                swaps = swaps - {(old, new)}
        for part in parts:
            for way in self._ways_to_disputes(part, swaps):
                yield [*step, *way]

    def _steps(self, way: Iterable[Term]) -> list[Term]:
        """Return the steps of paths one after the other: engines bound how deep paths may nest."""
        return [step for path in way for step in list(self.items(path)) or [path]]

    def _path_key(self, path: Term) -> str:
        """Return a path as text, the same for paths that are the same."""
        if not isinstance(path, ox.BlankNode):
            return str_of(path)
        if items := list(self.items(path)):
            return f"({' '.join(map(self._path_key, items))})"
        return str(sorted((p, self._path_key(v)) for p, vs in self.of[path].items() for v in vs))

    def _either(self, owner: Term, shapes: list[Term]) -> Term:
        """Return a shape that holds where one of these does."""
        if len(shapes) == 1:
            return shapes[0]
        either = self._blank(owner)
        self._add(either, RDF_TYPE, _NODE_SHAPE)
        self._add(either, SH + "or", self._list(owner, shapes))
        return either

    def _list(self, owner: Term, items: Iterable[Term]) -> Term:
        head, cells = listed(self._blank(owner).value, items)
        for cell in cells:
            self._add(cell.subject, cell.predicate.value, cell.object)
        return head

    def _blank(self, owner: Term) -> ox.BlankNode:
        """Return a new blank node, named after what it belongs to, so that names are stable."""
        name = re.sub(r"\W+", "-", str_of(owner).rsplit("#", 1)[-1]).strip("-")
        while True:
            self._blanks[name] = number = self._blanks.get(name, 0) + 1
            blank = ox.BlankNode(f"{name}-{number}")
            if blank not in self.of:
                return blank


def form_name(shape: Term, family: str) -> ox.NamedNode:
    """Return the name of a shape's form.

    >>> form_name(ox.NamedNode("https://example.org/#common-goal"), "perhaps").value
    'https://example.org/#perhaps-common-goal'
    """
    iri = str_of(shape)
    start = max(iri.rfind("#"), iri.rfind("/")) + 1
    pattern = FAMILIES[family][not iri[start:][:1].isupper()]
    return ox.NamedNode(iri[:start] + pattern.format(iri[start:]))
