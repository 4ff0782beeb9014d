"""Words to things: a full-text index over all that graphs say, and over the named queries.

A thing is found by its names, its texts and, with less weight, the names of its classes and of what
it is linked to; a question by its words and the names of the terms that it asks with. What has all
the words comes before what has some. SQLite stems English words. Other names of a thing
(``skos:altLabel``, ``skos:hiddenLabel``) find what is said under the one and searched by another.
"""

from __future__ import annotations

import difflib
import math
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple

import pyoxigraph as ox

from k20kg.disk_cache import kept
from k20kg.rdf.graph import key
from k20kg.sources.terms import statements
from k20kg.sparql.named_queries import list_queries
from k20kg.sparql.store import open_packaged
from k20kg.sparql.tokens import terms
from k20kg.vocabulary import BASE, DCTERMS, K20, OWL, PREFIXES, RDF_TYPE, RDFS, SKOS, shorten

GROUPS: Final = ("question", "case", "work", "term", "thing")
"""Sorts of hits, in the order in which a page shows them."""
UMBRELLAS: Final = (OWL + "NamedIndividual", OWL + "Thing", SKOS + "Concept", K20 + "Record")
"""Classes that tell little of a thing."""
_NAMES: Final = (RDFS + "label", SKOS + "prefLabel", DCTERMS + "title")
_OTHERS: Final = (SKOS + "altLabel", SKOS + "hiddenLabel")
_SYNTHETIC: Final = ox.NamedNode(K20 + "synthetic")
_SORTS: Final = {
    K20 + "CandidateGroup": "case",
    K20 + "Work": "work",
    SKOS + "Concept": "term",
    SKOS + "ConceptScheme": "term",
}
_TEXTS: Final = (PREFIXES["xsd"] + "string", PREFIXES["rdf"] + "langString")
_WORD: Final = re.compile(r"[^\W_]+(?:[-'’./&][^\W_]+)*")
_WORDY: Final = re.compile(r"[^\W\d_]{2}")
_PARTED: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|[-_./#]+")
_ASKING: Final = frozenset(["how", "what", "when", "where", "which", "who", "whose", "why"])
_QUIET: Final = _ASKING.union(
    re.findall(
        r"\w+",
        """a about all also an and any are as at be been but by can did do does each for from give
        given gives had has have i in into is it its many may me much no not of on one or other our
        so some than that the their them there these they this those to very was we were whom will
        with would you""",
    )
)
"""Words on which no search turns."""
_MOST_WORDS: Final = 32
_FEW: Final = 10
_WEIGHTS: Final = "0, 0, 0, 0, 4, 3, 2, 0.5"
_TABLE: Final = """
CREATE VIRTUAL TABLE thing USING fts5(iri UNINDEXED, sort UNINDEXED, kind UNINDEXED,
    weight UNINDEXED, label, names, body, around, tokenize='porter unicode61 remove_diacritics 2');
CREATE TABLE other (name TEXT, same TEXT);
"""


class Ranked(NamedTuple):
    """Something that was found, before it is looked up."""

    row: int
    sort: str
    """One of `GROUPS`."""
    match: str


class Hit(NamedTuple):
    """Something that was found."""

    sort: str
    """One of `GROUPS`."""
    kind: str
    """Label of its class."""
    label: str
    snippet: str
    """Passage with each word found between `MARKS`."""
    iri: str


HEADS: Final = ("kind", "label", "snippet", "address")
MARKS: Final = ("\x02", "\x03")
"""Characters around each word found; they stand in no text."""


class Index:
    """Full-text index in memory; any thread may ask it."""

    def __init__(self, data: bytes) -> None:
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        self._db.deserialize(data)

    def rank(self, words: str, kind: str = "") -> list[Ranked]:
        """Return what is found by words, the best first; nothing is found by no words.

        `kind` is one of `GROUPS` or the label of a class. A question finds questions first.
        """
        given = (kind.lower(), words.strip().lower(), 1.4 if _asks(words) else 1)
        sql = f"""SELECT rowid, sort FROM thing WHERE thing MATCH ?1
            AND (?2 = '' OR ?2 = sort OR ?2 = lower(kind)) ORDER BY lower(label) <> ?3,
            bm25(thing, {_WEIGHTS}) * weight * iif(sort = 'question', ?4, 1), iri"""
        found: dict[int, Ranked] = {}
        for match, enough in self._matches(words):
            if len(found) < enough:
                for row, sort in self._db.execute(sql, (match, *given)):
                    found.setdefault(row, Ranked(row, sort, match))
        return list(found.values())

    def look_up(self, ranked: Sequence[Ranked]) -> list[Hit]:
        """Return what was found with label and snippet, in the same order."""
        found: dict[int, Hit] = {}
        for match in {one.match for one in ranked}:
            rows = [one.row for one in ranked if one.match == match]
            sql = f"""SELECT rowid, sort, kind, label, snippet(thing, 6, ?, ?, '…', 16), iri
                FROM thing WHERE thing MATCH ? AND rowid IN ({", ".join(map(str, rows))})"""
            for row, *hit in self._db.execute(sql, (*MARKS, match)):
                found[row] = Hit(*hit)
        return [found[one.row] for one in ranked]

    def kinds(self) -> list[str]:
        """Return what `kind` may be."""
        known = self._db.execute("SELECT DISTINCT lower(kind) FROM thing WHERE kind <> ''")
        return sorted({*GROUPS, *(row[0] for row in known)})

    def near(self, words: str) -> list[str]:
        """Return words of the index like those asked for that it does not have."""
        texts = self._db.execute("SELECT label || ' ' || names || ' ' || body FROM thing")
        known = Counter(w for (text,) in texts for w in _WORD.findall(text.lower()) if len(w) > 3)
        asked = [w for w in _WORD.findall(words.lower()) if w not in known]
        close = (difflib.get_close_matches(w, known, n=3, cutoff=0.7) for w in asked)
        return list(dict.fromkeys(word for found in close for word in found))

    def _matches(self, words: str) -> Iterator[tuple[str, float]]:
        """Yield what to match, each with how many hits make it needless.

        First all words, then the last half typed, then other names for them, then any of them.
        """
        asked = _WORD.findall(words)[:_MOST_WORDS]
        if told := [word for word in asked if word.lower() not in _QUIET]:
            plain = [_either(_forms(word)) for word in told]
            wide = [_either(forms) for forms in self._widened(told)]
            yield " AND ".join(plain), 1
            yield " AND ".join([*plain[:-1], f"{_quoted(told[-1])} *"]), math.inf
            yield " AND ".join(wide), math.inf
            yield " OR ".join(wide), _FEW
        elif asked:
            yield _quoted(" ".join(asked)), 1

    def _widened(self, words: Sequence[str]) -> Iterator[list[str]]:
        """Yield for each word, or run of words that is a name, the forms to be found."""
        at = 0
        while at < len(words):
            for size in (4, 3, 2, 1):
                said = " ".join(words[at : at + size])
                rows = self._db.execute("SELECT same FROM other WHERE name = ?", (_plain(said),))
                same = [row[0] for row in rows] if at + size <= len(words) else []
                if same or size == 1:
                    yield [*_forms(said), *same]
                    at += size
                    break


@cache
def packaged_index() -> Index:
    """Return the index of all that is packaged, made anew when a file has changed."""
    return Index(kept("find", lambda: build(open_packaged().raw), "data", "queries"))


def build(quads: Iterable[ox.Quad]) -> bytes:
    """Return the index of what quads say and of the named queries, as SQLite keeps it."""
    said = _Said(quads)
    db = sqlite3.connect(":memory:")
    db.executescript(_TABLE)
    db.executemany("INSERT INTO other VALUES (?, ?)", said.others())
    db.executemany("INSERT INTO thing VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [*said.rows()])
    db.execute("INSERT INTO thing(thing) VALUES ('optimize')")
    db.execute("CREATE INDEX others ON other (name)")
    db.commit()
    return db.serialize()


class _Said:
    """What is said of each thing, in the order of the graph, sorted by what it is for a search."""

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        self.names, self.other, self.texts, self.links, self.kinds = (
            defaultdict[str, dict[str, None]](dict) for _ in range(5)
        )
        self.degree: Counter[str] = Counter()
        homes = defaultdict[object, set[str]](set)
        made_up: list[set[str]] = []
        for quad in sorted(set(quads), key=str):
            if isinstance(quad.subject, ox.NamedNode):
                homes[quad.graph_name].add(quad.subject.value)
                self._add(quad.subject.value, quad.predicate.value, quad.object)
                if quad.predicate == _SYNTHETIC and key(quad.object) == "true":
                    made_up.append(homes[quad.graph_name])
        self.told, self.made_up = set[str]().union(*homes.values()), set[str]().union(*made_up)
        for quad in statements():  # what classes are called, where the data do not say it
            if key(quad.subject) not in self.told and quad.predicate.value in (*_NAMES, *_OTHERS):
                self._add(key(quad.subject), quad.predicate.value, quad.object)

    def _add(self, subject: str, predicate: str, value: object) -> None:
        if isinstance(value, ox.NamedNode):
            self.degree[value.value] += 1
            (self.kinds if predicate == RDF_TYPE else self.links)[subject][value.value] = None
        elif isinstance(value, ox.Literal) and value.datatype.value in _TEXTS:
            of = self.names if predicate in _NAMES else self.other
            text = " ".join(value.value.split())
            if predicate in (*_NAMES, *_OTHERS):
                of[subject][text] = None
            elif _WORDY.search(text) and "{" not in text:  # a figure or a query is no text
                self.texts[subject][text] = None

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Yield the rows of the index."""
        for iri in sorted(self.told & {*self.names, *self.other, *self.texts}):
            first, *more = [*self.names[iri], *self.other[iri]] or [""]
            classes = telling(self.kinds[iri])
            kind = self.called(classes[0]) if classes else ""
            near = " ".join(self.all_names(one) for one in (*classes, *self.links[iri]))
            names = " ".join([*more, _PARTED.sub(" ", shorten(iri).partition(":")[2] or iri[-60:])])
            body = " · ".join(sorted(self.texts[iri], key=len, reverse=True))
            sort = next((_SORTS[c] for c in classes if c in _SORTS), "thing")
            sort = "term" if iri.startswith(K20) else sort
            weight = 1 + 0.08 * math.log1p(self.degree[iri]) - 0.4 * (iri in self.made_up)
            yield iri, sort, kind, weight, first or shorten(iri), names, body, near
        for query in list_queries():
            named = [iri for _, iri in terms(query.text) if iri]
            near = " ".join(self.all_names(iri) for iri in dict.fromkeys(named))
            said = f"{query.description} {', '.join(query.tags)}"
            where = f"{BASE}query/{query.name}"
            words = f"{query.name.replace('-', ' ')} {query.id}"
            yield where, "question", "question", 1.2, query.summary, words, said, near

    def called(self, iri: str) -> str:
        """Return the first name of a node, or its local name as words."""
        local = _PARTED.sub(" ", re.split("[/#]", iri)[-1]).lower()
        return next(iter(self.names[iri]), local)

    def all_names(self, iri: str) -> str:
        """Return all names of a node."""
        return " ".join([self.called(iri), *self.other[iri]])

    def others(self) -> Iterator[tuple[str, str]]:
        """Yield the short names of things that have several, each with another of its names."""
        for iri, other in self.other.items():
            names = {n for n in (*self.names[iri], *other) if n and len(n.split()) <= 5}
            yield from ((_plain(a), b) for a in sorted(names) for b in sorted(names) if a != b)


def telling(classes: Iterable[str]) -> list[str]:
    """Return classes, that first which tells most of a thing."""
    return sorted(
        classes,
        key=lambda c: (c in UMBRELLAS, not c.startswith(K20), c == K20 + "EvidenceItem", c),
    )


def rows(hits: Iterable[Hit]) -> list[tuple[str, str, str, ox.NamedNode]]:
    """Return hits as rows of a table, what was found in brackets."""
    marks = str.maketrans(dict(zip(MARKS, "[]", strict=True)))
    return [(h.kind, h.label, h.snippet.translate(marks), ox.NamedNode(h.iri)) for h in hits]


def _asks(words: str) -> bool:
    return words.rstrip().endswith("?") or not _ASKING.isdisjoint(words.lower().split())


def _forms(word: str) -> list[str]:
    """Return a word as it may be written: K-12 and K12."""
    joined = word.replace("-", "")
    return list(dict.fromkeys([word, joined, re.sub(r"(?<=[A-Za-z])(?=\d)", "-", joined)]))


def _either(forms: Iterable[str]) -> str:
    return f"({' OR '.join(map(_quoted, forms))})"


def _quoted(phrase: str) -> str:
    return '"' + phrase.replace('"', " ") + '"'


def _plain(name: str) -> str:
    """Return a name as it is looked up: small letters, without the ending of plurals."""
    return " ".join(word.rstrip("s") for word in _WORD.findall(name.lower()))
