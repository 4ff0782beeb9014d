"""SPARQL and Turtle as marked-up lines: keywords, names, variables and comments told apart.

The tokeniser is that of the queries, so that a page colours what the tool reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from markupsafe import Markup, escape

from k20kg.query.sparql import TOKEN
from k20kg.text import neutralise

__all__ = ["lines", "markup"]

_LONGEST: Final = 30_000
_WORD: Final = re.compile(
    r"""a|as|ask|asc|avg|base|bind|bound|by|coalesce|concat|construct|contains|count|datatype|day|desc
    |describe|distinct|exists|filter|from|graph|group|group_concat|having|hours|if|in|iri|isblank
    |isiri|isliteral|isnumeric|lang|langmatches|lcase|limit|max|min|minus|minutes|month|named|not
    |now|offset|optional|order|prefix|reduced|regex|replace|round|sameterm|sample|select|separator
    |service|seconds|silent|str|strafter|strbefore|strdt|strends|strlang|strlen|strstarts|substr|sum
    |true|false|ucase|undef|union|uri|values|where|year|abs|ceil|floor|encode_for_uri""",
    re.VERBOSE,
)
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
            plain = said.lstrip("@").lower()
            known = plain in ("prefix", "base") if said.startswith("@") else _WORD.fullmatch(plain)
            yield "k" if known else "", said
        else:
            yield _CLASSES.get(group, ""), said


def _span(kind: str, text: str) -> Markup:
    if not kind or not text:
        return escape(text)
    return Markup('<span class="{}">{}</span>').format(kind, text)
