"""Hints on a query that was answered: unknown terms, and texts written otherwise.

A query for a term that the vocabulary does not have, or for a label without its language, is right
and has no rows. Nothing here changes an answer.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urljoin

import pyoxigraph as ox

from k20kg.rdf.addresses import declared_terms
from k20kg.rdf.text import escape_controls
from k20kg.sparql.sparql import Answer, AskResult, Triples
from k20kg.sparql.tokens import terms, tokens
from k20kg.vocabulary import BASE, K20, XSD

_LANGUAGES: Final = ("en", "en-us", "en-gb", "de", "es", "fr", "it", "la", "nl", "pt")
_KINDS: Final = tuple(
    ox.NamedNode(XSD + name)
    for name in ("integer", "decimal", "double", "boolean", "date", "dateTime", "gYear", "anyURI")
)
_NEARLY: Final = re.compile(r"https?://(?:www\.)?w3id\.org/k20kg/ontology(?:[#/]|$)", re.I)
"""IRIs of our namespace as people misspell it."""
_MENTIONED: Final = re.compile(r"(?:k20:|ontology#?)([^\s;,(){}\[\]/|^*+?!<>\"']*)")
"""Possible terms of ours, found in one pass: only if one is not declared, the query is parsed."""
_MOST: Final = 5
_SHOWN: Final = 100


def hints(text: str, store: ox.Store | None, *, empty: bool) -> list[str]:
    """Return what a reader of the answer should know; `empty` tells that there is none.

    Without a store, as of an endpoint elsewhere, the terms are looked up in the vocabulary only.
    """
    found = [_on_term(iri, said) for iri, said in unknown_terms(text, store).items()]
    if empty and store is not None:
        found += _absent(text, store)
        found += filter(None, (_on_text(one, store) for one in _literals(text)))
    return found[:_MOST]


def says_nothing(found: Answer) -> bool:
    """Tell whether an answer has no rows or triples, is false, or counts none."""
    if isinstance(found, AskResult):
        return not found.value
    if isinstance(found, Triples):
        return not found.triples
    return all(all(cell is None or _is_zero(cell) for cell in row) for row in found.rows[:2])


def _is_zero(cell: object) -> bool:
    return isinstance(cell, ox.Literal) and cell.value == "0"


def unknown_terms(text: str, store: ox.Store | None) -> dict[str, str]:
    """Return the terms of our namespace that are none, by IRI, as the query writes them."""
    if declared_terms().issuperset(_MENTIONED.findall(text)):
        return {}
    ours = {iri: said for iri, said in _terms(text).items() if iri.startswith(K20) and iri != K20}
    return {
        iri: said
        for iri, said in ours.items()
        if iri.removeprefix(K20) not in declared_terms()
        and not (store is not None and _any(store, ox.NamedNode(iri), None, None, None))
    }


def _on_term(iri: str, said: str) -> str:
    local = iri.removeprefix(K20)
    bare = re.sub(r"^(?:has|is)(?=[A-Z])|(?:Of|By|In)$", "", local)
    # A property begins with a small letter, a class and an individual with a capital.
    known = sorted(declared_terms())
    alike = [name for name in known if name[:1].isupper() == local[:1].isupper()]
    for names in (alike, known):
        for name in (local, bare[:1].lower() + bare[1:]):
            if near := difflib.get_close_matches(name, names, n=1, cutoff=0.7):
                return f"the vocabulary has no {_shown(said)}; did you mean k20:{near[0]}?"
    return f"the vocabulary has no {_shown(said)}"


def _absent(text: str, store: ox.Store) -> Iterator[str]:
    """Yield a hint on each term that occurs nowhere in a store."""
    for iri, said in _terms(text).items():
        if iri.startswith(K20):
            continue
        if _NEARLY.match(iri):
            yield f"{_shown(said)} is <{_shown(iri)}>; the namespace of the vocabulary is <{K20}>"
            continue
        try:
            node = ox.NamedNode(iri)
        except ValueError:
            continue
        places = ((node, None, None, None), (None, node, None, None), (None, None, node, None))
        if not any(_any(store, *place) for place in (*places, (None, None, None, node))):
            yield f"the data have no {_shown(said)}"


def _any(store: ox.Store, *pattern: ox.NamedNode | ox.Literal | None) -> bool:
    return next(store.quads_for_pattern(*pattern), None) is not None  # type: ignore[arg-type]


def _on_text(asked: ox.Literal, store: ox.Store) -> str:
    """Return a hint on a text that is there in another language, or as another kind of value."""
    others = [ox.Literal(asked.value)]
    others += [ox.Literal(asked.value, language=one) for one in _LANGUAGES]
    others += [ox.Literal(asked.value, datatype=one) for one in _KINDS]
    there = [str(o) for o in others if o != asked and _any(store, None, None, o, None)]
    word = " as well as" if _any(store, None, None, asked, None) else ", not"
    said = re.sub(rf"\^\^<{XSD}(\w+)>", r"^^xsd:\1", " and ".join(there))
    return f"the data have {_shown(said)}{word} {_shown(str(asked))}" if there else ""


# ---------------------------------------------------------------- reading a query


def _terms(text: str) -> dict[str, str]:
    """Return the IRIs that a query names, each as it is written."""
    found: dict[str, str] = {}
    for token, iri in terms(text):
        if iri:
            found.setdefault(urljoin(BASE, iri) if ":" not in iri else iri, token[0])
    return found


def _literals(text: str) -> Iterator[ox.Literal]:
    """Yield the texts of a query, each with its language or its kind."""
    known = list(tokens(text))
    for n, token in enumerate(known):
        if token.lastgroup != "string":
            continue
        after = "".join(one[0] for one in known[n + 1 : n + 4])
        language = re.match(r"@([A-Za-z]+(?:-[A-Za-z0-9]+)*)", after)
        written = token[0] + (language[0] if language else "")
        try:
            (quad,) = ox.parse(f"<urn:x> <urn:x> {written} .", ox.RdfFormat.TURTLE)
        except (SyntaxError, ValueError):
            continue
        if isinstance(quad.object, ox.Literal) and not after.startswith("^^"):
            yield quad.object


def _shown(text: str) -> str:
    return " ".join(escape_controls(text).split())[:_SHOWN]
