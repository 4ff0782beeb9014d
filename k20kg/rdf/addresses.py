"""Addresses in a record that are nearly right: misspelt terms, namespaces a sign off, scripts."""

from __future__ import annotations

import difflib
import re
from functools import cache, lru_cache
from typing import Final

from k20kg.disk_cache import cached_on_disk
from k20kg.rdf.graph import read_turtle, str_of
from k20kg.rdf.text import escape_controls
from k20kg.vocabulary import BASE, K20, PREFIXES, RDF_TYPE, packaged, shorten

_RDF: Final = RDF_TYPE.removesuffix("type")
_OF_STATEMENTS: Final = {_RDF + name for name in ("subject", "predicate", "object", "reifies")}
_ALIKE: Final = 0.85
"""So much alike to ours is a namespace nearly ours."""


@cache
def declared_terms() -> frozenset[str]:
    """Return the local names of all terms that the ontology declares."""
    return frozenset(cached_on_disk("terms", _terms))


def _terms() -> list[str]:
    quads = read_turtle(*sorted(packaged("ontology").glob("*.ttl")))
    names = {str_of(quad.subject) for quad in quads}
    return sorted(name.removeprefix(K20) for name in names if name.startswith(K20))


@lru_cache(maxsize=65536)
def address_fault(iri: str) -> tuple[str, str] | None:
    """Return what is wrong with an IRI wherever it stands, and the remedy."""
    if iri.lower().startswith(("javascript:", "vbscript:", "data:")):
        return (
            f"has an address that could run a script ({_cut(iri)})",
            "use an http, https or urn address",
        )
    if iri.startswith(K20):
        return _term_fault(iri.removeprefix(K20))
    return near_namespace(iri)


def _term_fault(local: str) -> tuple[str, str] | None:
    terms = declared_terms()
    if local in terms:
        return None
    small = {term.lower(): term for term in sorted(terms, reverse=True)}
    near = difflib.get_close_matches(local, terms, n=1, cutoff=0.6)
    near = near or [
        small[one] for one in difflib.get_close_matches(local.lower(), small, n=1, cutoff=0.6)
    ]
    return (
        f"uses k20:{_cut(local)}, which the vocabulary does not have",
        f"did you mean k20:{near[0]}?"
        if near
        else "use a term of the vocabulary, or a namespace of your own",
    )


@lru_cache(maxsize=65536)
def property_fault(iri: str) -> tuple[str, str] | None:
    """Return what is wrong with the IRI of a property, class or datatype, and the remedy."""
    if iri in _OF_STATEMENTS:
        return (
            f"says something of a statement by {shorten(iri)}, which no record does",
            "describe what is stated as a record, with evidence of its own",
        )
    if fault := address_fault(iri):
        return fault
    namespace, local = _split(iri)
    squeezed = _squeezed(namespace)
    for known in PREFIXES.values():
        if known != namespace and _squeezed(known) == squeezed:
            return _nearly(iri, known + local)
    if namespace == K20 or local not in declared_terms() or namespace.startswith(BASE + "case/"):
        return None
    alike = difflib.SequenceMatcher(None, namespace.lower(), K20).ratio()
    close = squeezed == _squeezed(BASE) or alike >= _ALIKE
    return _nearly(iri, K20 + local) if close else None


@lru_cache(maxsize=65536)
def near_namespace(iri: str) -> tuple[str, str] | None:
    """Return what is wrong with an IRI that is plainly meant to be a term of ours, and the remedy.

    So is one by a prefix that nobody declared, which JSON-LD takes for the scheme of an address.
    """
    prefix, _, rest = iri.partition(":")
    if prefix in PREFIXES and not rest.startswith("//"):
        return f"writes {_cut(iri)} and does not declare the prefix {prefix}:", "declare the prefix"
    if "k20" not in iri and "K20" not in iri:
        return None
    namespace, local = _split(iri)
    if namespace != K20 and local in declared_terms() and _squeezed(namespace) == _squeezed(K20):
        return _nearly(iri, K20 + local)
    return None


def _nearly(iri: str, meant: str) -> tuple[str, str]:
    return (
        f"uses {_cut(iri, 100)}, which is nearly {shorten(meant)} and not the same",
        f"write <{_split(meant)[0]}> as the namespace",
    )


def _split(iri: str) -> tuple[str, str]:
    """Return namespace and local name: what stands before and after the last sign between them."""
    end = max(map(iri.rfind, "#/:")) + 1
    return iri[:end], iri[end:]


@lru_cache(maxsize=4096)
def _squeezed(namespace: str) -> str:
    """Return a namespace without what people take for all the same in it."""
    bare = re.sub(r"^https?:/*(?:www\.)?", "", namespace.lower())
    return re.sub(r"[#/:]+", "/", re.sub(r"[^a-z0-9#/:.]", "", bare)).strip("/")


def _cut(text: str, most: int = 60) -> str:
    text = escape_controls(text)
    return text if len(text) <= most else text[: most - 1] + "…"
