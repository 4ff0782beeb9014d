"""SPARQL and Turtle as marked-up lines: keywords, names, variables and comments told apart.

The tokeniser is that of the queries, so that a page colours what the tool reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from markupsafe import Markup, escape

from k20kg.query.tokens import TOKEN, WORDS
from k20kg.rdf.text import neutralise

_LONGEST: Final = 30_000
_CLASSES: Final = {"iri": "n", "name": "n", "variable": "v"}


def markup(text: str) -> Markup:
    """Return a text with its tokens marked.

    >>> print(markup("ASK { ?s a <urn:x> } # why"))
    <span class="k">ASK</span> { <span class="v">?s</span> <span class="k">a</span> \
<span class="n">&lt;urn:x&gt;</span> } <span class="c"># why</span>
    """
    return Markup("\n").join(lines(text))


def lines(text: str) -> list[Markup]:
    """Return the marked lines of a text; a token over several lines is closed on each."""
    whole: list[Markup] = []
    line: list[Markup] = []
    for kind, part in _runs(neutralise(text)):
        first, *rest = part.split("\n")
        line.append(_span(kind, first))
        for piece in rest:
            whole.append(Markup("").join(line))
            line = [_span(kind, piece)]
    return [*whole, Markup("").join(line)]


def _runs(text: str) -> Iterator[tuple[str, str]]:
    """Yield the style class of each token with its text; what is very long stays plain."""
    if len(text) > _LONGEST:
        yield "", text
        return
    for token in TOKEN.finditer(text):
        said, group = token[0], token.lastgroup or ""
        if group == "blank":
            yield "c" if said.startswith("#") else "", said
        elif group == "word":
            plain = said.lstrip("@").upper()
            known = plain in ("PREFIX", "BASE") if said.startswith("@") else plain in WORDS
            yield "k" if known else "", said
        else:
            yield _CLASSES.get(group, ""), said


def _span(kind: str, text: str) -> Markup:
    if not kind or not text:
        return escape(text)
    return Markup('<span class="{}">{}</span>').format(kind, text)
