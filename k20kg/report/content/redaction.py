"""Assessments without names: stand-ins for persons and bodies, quotations left out.

The names are those on record of every node whose class has a `k20:standIn`, with the short forms
that follow from them: ``LAUSD`` for Los Angeles Unified School District. Of what is left, words
that only names have, such as ``Angeles``, become *[name]*; a word that the ontology uses, such as
``science``, is taken for a common one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from hashlib import sha256
from string import ascii_uppercase
from typing import Final

import pyoxigraph as ox

from k20kg.definition.subclasses import kinds
from k20kg.judging.cases import Case
from k20kg.model import Assessment, RecordHead
from k20kg.rdf.graph import Graph, str_of
from k20kg.rdf.text import escape_strings
from k20kg.sources.terms import statements
from k20kg.vocabulary import BASE, DCTERMS, K20, RDF_TYPE, RDFS, SKOS, shorten

_NAMES: Final = (RDFS + "label", SKOS + "prefLabel", SKOS + "altLabel")
_PEOPLE: Final = (K20 + "assertedBy", K20 + "codedBy", DCTERMS + "creator")
_OURS: Final = (BASE + "agent/curators", BASE + "source/")
_ASIDE: Final = re.compile(r"\s*\(([^()]*)\)")
_SHORT: Final = re.compile(r"[A-Z][A-Za-z0-9-]*[A-Z0-9]")
_TOGETHER: Final = re.compile(r"\[name\](?:[ –-]\[name\])+")
_WORD: Final = re.compile(r"\w+(?:[’'-]\w+)*")
_QUOTED: Final = re.compile(r"“[^”]*”|\"[^\"]*\"|«[^»]*»|‘[^’]{12,}’")
_UNNAMED, _UNQUOTED = "[name]", "[quotation]"


class Redaction:
    """The stand-ins for the names of some cases, the same name the same in all."""

    def __init__(self, cases: Iterable[Case]) -> None:
        self._stand_ins: dict[str, str] = {}
        self._comments: set[str] = set()
        self._addresses: set[str] = set()
        count: Counter[str] = Counter()
        for case in cases:
            graph = Graph(case.quads)
            self._comments |= {
                str_of(q.object) for q in case.quads if q.predicate.value == RDFS + "comment"
            }
            for term in (t for q in case.quads for t in (q.subject, q.object)):
                if not isinstance(term, ox.Literal):
                    self._addresses |= {str_of(term), shorten(str_of(term))}
            for node, word in sorted(_named(case).items()):
                names = sorted(_names_of(node, graph))
                known = [self._stand_ins[one] for one in names if one in self._stand_ins]
                if not known:
                    count[word] += 1
                    known = [f"{word} {_letter(count[word], word)}"]
                for name in names:
                    self._stand_ins.setdefault(name, known[0])
        short = {s: n for name, n in self._stand_ins.items() for s in _initials(name)}
        self._stand_ins = {**short, **self._stand_ins}
        longest = sorted(self._stand_ins, key=lambda name: (-len(name), name))
        self._known = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest)) or '(?!)'})(?!\w)")
        self._rare = {
            word
            for name in longest
            for word in re.findall(r"\w+", name)
            if len(word) > 1 and word[0].isupper() and word.lower() not in _common_words()
        }
        self._starts = {
            name[:end] for name in longest if name.isupper() for end in range(2, len(name) + 1)
        }

    def apply(self, assessments: Sequence[Assessment]) -> list[Assessment]:
        """Return assessments without names; definition, criteria and readings stay as they are."""
        seen: dict[int, object] = {}
        for one in assessments:
            kept = (one.definition, one.reading, *one.definition.criteria)
            seen |= {id(part): part for part in (*kept, *(f.criterion for f in one.findings))}
        return [
            escape_strings(one, seen, self.text)._replace(
                case=self.text(one.label), record=self._head(one)
            )
            for one in assessments
        ]

    def _head(self, one: Assessment) -> RecordHead:
        data = [(f"file {n}", digest) for n, (_, digest) in enumerate(one.record.data, start=1)]
        return RecordHead(created=one.record.created, period=self.text(one.record.period),
                          data=tuple(data))  # fmt: skip

    def text(self, text: str) -> str:
        """Return a text without names and quotations; of a comment on record nothing is left."""
        if text in self._comments:
            return ""
        if text in self._addresses:
            return sha256(shorten(text).encode()).hexdigest()
        text = self._known.sub(lambda m: self._stand_ins[m[0]], _QUOTED.sub(_UNQUOTED, text))
        return _TOGETHER.sub(_UNNAMED, _WORD.sub(self._unnamed, text))

    def _unnamed(self, match: re.Match[str]) -> str:
        """Return a word, or the mark for one that only names have."""
        for part in re.findall(r"\w+", match[0]):
            short = part.removesuffix("s") if part[:-1].isupper() else part
            is_start = len(short) > 1 and short.isupper() and short in self._starts
            if part in self._rare or is_start:
                return _UNNAMED
        return match[0]


def _named(case: Case) -> dict[str, str]:
    """Return the nodes of a case that have names, with the word for what they are."""
    found: dict[str, str] = {}
    words = {iri: kind.stand_in for iri, kind in kinds().items() if kind.stand_in}
    for quad in case.quads:
        if quad.predicate.value == RDF_TYPE and (word := words.get(str_of(quad.object))):
            found[str_of(quad.subject)] = word
        elif quad.predicate.value in _PEOPLE and isinstance(quad.object, ox.NamedNode):
            found.setdefault(quad.object.value, "person")
    return {node: word for node, word in found.items() if not node.startswith(_OURS)}


def _names_of(node: str, graph: Graph) -> Iterator[str]:
    """Yield the names of a node, those in brackets apart: ``LAMSIG``."""
    printed = [v for use in graph.values(node, K20 + "nameUse")
               for v in graph.values(use, K20 + "nameAsPrinted")]  # fmt: skip
    labels = [value for name in _NAMES for value in graph.values(node, name)]
    for name in (*labels, *printed) or (node.rsplit("/", 1)[-1],):
        yield name
        yield _ASIDE.sub("", name).strip() or name
        yield from (aside for aside in _ASIDE.findall(name) if _SHORT.fullmatch(aside))


def _initials(name: str) -> Iterator[str]:
    """Yield the short forms of a name of several words: of its great letters, and of all."""
    words = re.findall(r"\w+", name)
    for some in (words, [word for word in words if word[0].isupper()]):
        short = "".join(word[0] for word in some).upper()
        if len(short) > 2:
            yield short


def _letter(number: int, word: str) -> str:
    """Return a letter for a body, ``A`` to ``Z``, then ``A2``; a number for all else."""
    if word != "organization":
        return str(number)
    turn, at = divmod(number - 1, len(ascii_uppercase))
    return ascii_uppercase[at] + (str(turn + 1) if turn else "")


@cache
def _common_words() -> frozenset[str]:
    """Return the words that the ontology writes small."""
    texts = (q.object.value for q in statements() if isinstance(q.object, ox.Literal))
    return frozenset(word for text in texts for word in re.findall(r"\w+", text) if word.islower())
