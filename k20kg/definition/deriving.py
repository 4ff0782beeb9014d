"""The properties by which shapes say what is derived of them, and the names of what is derived."""

from __future__ import annotations

import pyoxigraph as ox

from k20kg.rdf.graph import Term, key
from k20kg.vocabulary import K20

COUNTER_LINKS = tuple(
    K20 + n for n in ("counters", "whereComplete", "lacks", "disputes", "whileMet")
)
FORM_LINKS = tuple(K20 + n for n in ("undisputed", "perhaps", "ruledOutBy"))
DERIVING = frozenset({*COUNTER_LINKS, *FORM_LINKS, K20 + "twin", K20 + "twinWord"})
"""Properties that say what is to be derived; nothing of an expanded definition needs them."""
FAMILIES = {
    "undisputed": ("{}Undisputed", "{}-undisputed"),
    "perhaps": ("Perhaps{}", "perhaps-{}"),
    "not": ("Not{}", "not-{}"),
}
"""How the forms of a shape are named, in capitals and in lower case."""


class NotStatedError(Exception):
    """A condition of which it is not stated what stands in for it: node, what, remedy."""

    def __init__(self, node: str, what: str, remedy: str) -> None:
        super().__init__(node, what, remedy)
        self.fault = (node, what, remedy)


def form_name(shape: Term, family: str) -> ox.NamedNode:
    """Return the name of a shape's form.

    >>> form_name(ox.NamedNode("https://example.org/#common-goal"), "perhaps").value
    'https://example.org/#perhaps-common-goal'
    """
    iri = key(shape)
    start = max(iri.rfind("#"), iri.rfind("/")) + 1
    pattern = FAMILIES[family][not iri[start:][:1].isupper()]
    return ox.NamedNode(iri[:start] + pattern.format(iri[start:]))


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
