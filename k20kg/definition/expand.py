"""Derive the shapes that a definition leaves unwritten, so that each condition is written once.

The words are documented in the ontology (`ontology/definition.ttl`, part 2):

- `k20:twin`: the other side of a shape, with every paired term and word replaced;
- `k20:counters`: a counter shape, by `k20:disputes`, or by `k20:whereComplete` and `k20:lacks`;
- `k20:undisputed`, `k20:perhaps`, `k20:ruledOutBy`: what stands in for a condition where a record
  has to be undisputed, or need only be not ruled out.

What a file states itself is never overwritten. No criterion is known here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pyoxigraph as ox

from k20kg.definition.forms import Forms, form_name
from k20kg.rdf.graph import Term, str_of
from k20kg.vocabulary import K20, RDF_TYPE, SH

DERIVING = {
    K20 + name
    for name in (
        *("counters", "whereComplete", "lacks", "disputes", "whileMet"),
        *("undisputed", "perhaps", "ruledOutBy", "twin", "twinWord"),
    )
}
"""Properties that say what is to be derived; nothing of an expanded definition needs them."""
_NODE_SHAPE = ox.NamedNode(SH + "NodeShape")


def expand(quads: Iterable[ox.Quad], swaps: Iterable[tuple[str, str]] = ()) -> list[ox.Quad]:
    """Return the statements with all that they leave to be derived.

    `swaps` are pairs of a block and the one that a variant takes in its place. Whatever forms are
    needed of the first get names of their own, and the second gets the same forms. Expanded
    statements are returned as they are. Raises `NotStatedError` for a condition of which it is not
    stated what stands in for it.
    """
    shapes = _Shapes(quads, [(ox.NamedNode(old), ox.NamedNode(new)) for old, new in swaps])
    shapes.add_twins()
    shapes.add_counters()
    shapes.add_forms()
    shapes.add_short_cuts()
    return shapes.quads()


class _Shapes(Forms):
    """Shapes to which twins and counter shapes are added."""

    def add_twins(self) -> None:
        """Add to the twin of each shape what is stated of the shape and not of the twin."""
        twin = K20 + "twin"
        pairs = [(one, other) for one in self._with(twin) for other in self.get(one, twin)]
        swap = dict(pairs) | {other: one for one, other in pairs}
        words = [
            (str_of(self.get(pair, K20 + "here")[0]), str_of(self.get(pair, K20 + "there")[0]))
            for node in self._with(K20 + "twinWord")
            for pair in self.get(node, K20 + "twinWord")
        ]
        words.sort(key=lambda pair: -len(pair[0]))

        for one, other in pairs:
            stated = set(self.of.get(other, {}))

            def change(term: Term, owner: Term = other) -> Term:
                if isinstance(term, ox.BlankNode):
                    return self._copy(term, owner, change)
                if isinstance(term, ox.Literal):
                    return reword(term, words)
                return swap.get(term, term)

            for predicate, values in list(self.of[one].items()):
                if predicate != twin and predicate not in stated:
                    self._add(other, predicate, *[change(value) for value in values])

    def _copy(self, blank: Term, owner: Term, change: Callable[[Term], Term]) -> Term:
        copy = self._blank(owner)
        for predicate, values in list(self.of.get(blank, {}).items()):
            self._add(copy, predicate, *[change(value) for value in values])
        return copy

    def add_counters(self) -> None:
        """Add to counter shapes what they test, and their alternatives where none are stated."""
        for shape in self._with(K20 + "counters"):
            for support in self.get(shape, K20 + "counters"):
                for predicate in (K20 + "tests", K20 + "under"):
                    self._add(shape, predicate, *self.get(support, predicate))
            self._add(shape, RDF_TYPE, _NODE_SHAPE)
            self._add(shape, SH + "targetClass", ox.NamedNode(K20 + "CandidateGroup"))
            self._add(shape, K20 + "role", ox.NamedNode(K20 + "Counter"))
            if SH + "or" not in self.of[shape]:
                self._add_alternatives(shape)

    def _add_alternatives(self, shape: Term) -> None:
        """State under which alternatives a counter shape does not speak against the group."""
        lists = self.get(shape, K20 + "whereComplete")
        lacking = self.get(shape, K20 + "lacks")
        disputed = self.get(shape, K20 + "disputes")
        met = self.get(shape, K20 + "whileMet") or disputed
        either = [form_name(s, "not") for s in (*lists, *met)]
        if disputed and not lists:
            none = ox.NamedNode(f"{str_of(shape)}-none")
            self._short_cuts[none] = [form_name(s, "undisputed") for s in disputed]
            either.insert(0, none)
        either += [form_name(s, "perhaps") for s in lacking]
        either += [form_name(s, "undisputed") for s in disputed]
        if either:
            self._add(shape, SH + "or", self._list(shape, either))
        if K20 + "witnessedBy" not in self.of[shape]:
            parts = [p for s in disputed for p in self.get(s, SH + "property") or [s]]
            if lists or parts:
                self._add(shape, K20 + "witnessedBy", *lists, *parts)


def reword(literal: ox.Literal, words: list[tuple[str, str]]) -> ox.Literal:
    """Return a text in a language with the words of one side replaced by those of the other."""
    if not literal.language:
        return literal
    text = literal.value
    for number, (here, _) in enumerate(words):
        text = text.replace(here, f"\0{number}\0")
    for number, (_, there) in enumerate(words):
        text = text.replace(f"\0{number}\0", there)
    return ox.Literal(text, language=literal.language)
