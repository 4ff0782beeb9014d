"""Words to things: a full-text index over all that graphs say, and over the named queries.

A thing is found by its names, its texts and, with less weight, the names of its classes and of what
it is linked to; a question by its words and the names of the terms that it asks with. What has all
the words comes before what has some, and what a sentence names, as LAMSIG or Chart 4, before what
only speaks of it. SQLite stems English words. Other names of a thing (``skos:altLabel``,
``skos:hiddenLabel``) find what is said under the one and searched by another.
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

from k20kg.disk_cache import cached_on_disk
from k20kg.rdf.graph import most_specific_first, str_of
from k20kg.sources.terms import all_statements
from k20kg.sparql.named_queries import list_queries, term_of
from k20kg.sparql.store import open_packaged
from k20kg.sparql.tokens import terms
from k20kg.vocabulary import BASE, DCTERMS, K20, RDF_TYPE, RDFS, SKOS, XSD, shorten

GROUPS: Final = ("question", "case", "work", "term", "thing")
"""Sorts of hits, in the order in which a page shows them."""
HEADS: Final = ("kind", "label", "snippet", "address")
MARKS: Final = "\x02\x03"
"""Characters around each word found; they stand in no text."""
_SORTS: Final = {K20 + "CandidateGroup": "case", K20 + "Work": "work",
                 SKOS + "Concept": "term", SKOS + "ConceptScheme": "term"}  # fmt: skip
_NAMES: Final = (RDFS + "label", SKOS + "prefLabel", DCTERMS + "title")
_OTHERS: Final = (SKOS + "altLabel", SKOS + "hiddenLabel")
_CODES: Final = {K20 + "fieldBasis", K20 + "noteBasis"}
_TEXTS: Final = (XSD + "string", RDF_TYPE.replace("type", "langString"))
_WORD: Final = re.compile(r"[^\W_]+(?:[-'’./&][^\W_]+)*")
_LETTER: Final = re.compile(r"[^\W\d_]")
_PARTED: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|[-_./#]+")
_ASKING: Final = frozenset(["how", "what", "when", "where", "which", "who", "whose", "why"])
_VERBS: Final = ("is ", "are ", "was ", "were ", "does ", "do ", "did ", "can ", "has ", "have ")
_SPEAKER: Final = re.compile(r"\bdo(?:es)? the \w+ (?:say|tell|write)\b", re.IGNORECASE)
"""Words that name a speaker, about whom nothing is asked: what does the paper say about trust?"""
_PROPER: Final = re.compile(r"[0-9][A-Za-z]|\D[0-9]|.[A-Z]")
"""A name that stands for one thing, as no common word does: 2c, SCALE."""
_QUIET: Final = _ASKING.union(_WORD.findall(
    """a about all also an and any are as at be been but by can did do does each for from give gives
    given had has have i in into is it its many may me much no not of on one or other our so some
    than that the their them there these they this those to was we were will with would you"""
))  # fmt: skip
"""Words on which no search turns."""
_MOST_WORDS: Final = 32
_LONGEST: Final = 5
"""So many words have the names that are looked up whole."""
_FEW: Final = 10
_RANKED: Final = """
SELECT rowid, sort FROM thing WHERE thing MATCH ?1 AND (?2 IN ('', sort) OR ?2 = lower(kind))
ORDER BY lower(label) NOT IN (?3, ?4) AND NOT iri GLOB ?5,
    bm25(thing, 0, 0, 0, 0, 4, 3, 2, 0.5) * weight * iif(sort = 'question', ?6, 1), iri"""
_NAMED: Final = """
SELECT rowid, sort FROM thing WHERE rowid IN (SELECT row FROM proper WHERE name = ?1)
AND (?2 IN ('', sort) OR ?2 = lower(kind)) ORDER BY weight DESC LIMIT 3"""
_TABLES: Final = """
CREATE VIRTUAL TABLE thing USING fts5(iri UNINDEXED, sort UNINDEXED, kind UNINDEXED,
    weight UNINDEXED, label, names, body, around, tokenize='porter unicode61 remove_diacritics 2');
CREATE TABLE other (name TEXT, same TEXT);
CREATE INDEX others ON other (name);
CREATE TABLE proper (name TEXT, row INTEGER);
CREATE INDEX propers ON proper (name);"""


class Ranked(NamedTuple):
    """Something that was found, before it is looked up; `sort` is one of `GROUPS`."""

    row: int
    sort: str
    match: str


class Hit(NamedTuple):
    """Something that was found; `kind` is the label of its class, `sort` one of `GROUPS`."""

    sort: str
    kind: str
    label: str
    snippet: str
    """Passage with each word found between `MARKS`."""
    iri: str


class WordIndex:
    """Full-text index in memory; any thread may ask it."""

    def __init__(self, data: bytes) -> None:
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        self._db.deserialize(data)

    def rank(self, words: str, kind: str = "") -> list[Ranked]:
        """Return what is found by words, the best first; nothing is found by no words.

        `kind` is one of `GROUPS` or the label of a class. A question finds questions first that
        have all its words; then comes what is of a kind that the words name, then what they name.
        """
        words = _SPEAKER.sub(" ", words)
        said = words.strip().lower()
        asks = said.endswith("?") or said.startswith(_VERBS) or not _ASKING.isdisjoint(said.split())
        asked = _WORD.findall(words)[:_MOST_WORDS]
        told = [word for word in asked if word.lower() not in _QUIET] or asked
        name = " ".join(told).lower()
        slug = f"*/{re.sub('[^a-z0-9]+', '-', name)}"
        given = (said, name, slug, 1.25 if asks else 1)
        found: dict[int, Ranked] = {}
        for match, sort in self._narrow(told, kind.lower(), asks=asks):
            for row, group in self._db.execute(_RANKED, (match, sort, *given)):
                found.setdefault(row, Ranked(row, group, match))
        for one in self._named(told, kind.lower()):
            found.setdefault(one.row, one)
        before = len(found)
        for match, enough in dict(self._matches(asked, told) if told else ()).items():
            if len(found) - before < enough:
                for row, sort in self._db.execute(_RANKED, (match, kind.lower(), *given)):
                    found.setdefault(row, Ranked(row, sort, match))
        return list(found.values())

    def _narrow(self, told: list[str], kind: str, *, asks: bool) -> Iterator[tuple[str, str]]:
        """Yield what to match in names alone, each with the only kind in which to look for it."""
        if len(told) < 2 or kind not in ("", "question"):
            return
        plain = [_either(_forms(word)) for word in told]
        if asks and not self._db.execute(_NAMED, (_plain(" ".join(told)), kind)).fetchone():
            yield f"{{label names}} : ({' AND '.join(plain)})", "question"
        for at, word in enumerate(told if not kind else ()):
            yield f"{{label names}} : ({' AND '.join(plain[:at] + plain[at + 1 :])})", _plain(word)

    def _named(self, told: Sequence[str], kind: str) -> Iterator[Ranked]:
        """Yield what words name by a name of its own, the longest names first."""
        for size in range(min(_LONGEST, len(told)), 0, -1):
            for at in range(len(told) - size + 1):
                name = told[at : at + size]
                match = " OR ".join(_either(_forms(word)) for word in name)
                rows = self._db.execute(_NAMED, (_plain(" ".join(name)), kind))
                yield from (Ranked(row, sort, match) for row, sort in rows)

    def look_up(self, ranked: Sequence[Ranked]) -> list[Hit]:
        """Return what was found with label and snippet, in the same order."""
        found: dict[int, Hit] = {}
        for match in {one.match for one in ranked}:
            rows = ", ".join(str(one.row) for one in ranked if one.match == match)
            sql = f"""SELECT rowid, sort, kind, label, snippet(thing, 6, ?, ?, '…', 16), iri
                FROM thing WHERE thing MATCH ? AND rowid IN ({rows})"""
            found |= {row: Hit(*hit) for row, *hit in self._db.execute(sql, (*MARKS, match))}
        return [found[one.row] for one in ranked]

    def kinds(self) -> list[str]:
        """Return what `kind` may be."""
        known = self._db.execute("SELECT DISTINCT lower(kind) FROM thing WHERE kind <> ''")
        return sorted({*GROUPS, *(row[0] for row in known)})

    def similar_words(self, words: str) -> list[str]:
        """Return words of the index like those asked for that it does not have."""
        texts = self._db.execute("SELECT label || ' ' || names || ' ' || body FROM thing")
        known = {w: 1 for (text,) in texts for w in _WORD.findall(text.lower()) if len(w) > 3}
        asked = (w for w in _WORD.findall(words.lower()) if w not in known)
        close = (difflib.get_close_matches(w, known, n=3, cutoff=0.7) for w in asked)
        return list(dict.fromkeys(word for found in close for word in found))

    def _matches(self, asked: list[str], told: list[str]) -> Iterator[tuple[str, float]]:
        """Yield what to match, each with the number of hits from which on the next are not asked.

        First all words, then the last half typed, then other names for them, then any of them.
        """
        plain = [_either(_forms(word)) for word in told]
        yield " AND ".join(plain), 1
        yield " AND ".join([*plain[:-1], f'"{told[-1]}" *']), math.inf
        yield " AND ".join(_either([*_forms(w), *self._same(w)]) for w in told), math.inf
        if asked[1:]:  # else the same again
            yield _either([*self._same(" ".join(asked)), " ".join(asked)]), math.inf
        yield " OR ".join(plain), _FEW

    def _same(self, name: str) -> list[str]:
        """Return the other names of what goes by a name."""
        found = self._db.execute("SELECT same FROM other WHERE name = ?", (_plain(name),))
        return [row[0] for row in found]


@cache
def packaged_index() -> WordIndex:
    """Return the index of all that is packaged, made anew when a file has changed."""
    return WordIndex(cached_on_disk("find", lambda: build(open_packaged().raw), "data", "queries"))


def rows(hits: Iterable[Hit]) -> list[tuple[str, str, str, ox.NamedNode]]:
    """Return hits as rows of a table under `HEADS`, what was found in brackets."""
    marks = str.maketrans(MARKS, "[]")
    return [(h.kind, h.label, h.snippet.translate(marks), ox.NamedNode(h.iri)) for h in hits]


def build(quads: Iterable[ox.Quad]) -> bytes:
    """Return the index of what quads say and of the named queries, as SQLite keeps it."""
    said = _Entries(quads)
    db = sqlite3.connect(":memory:")
    db.executescript(_TABLES)
    db.executemany("INSERT INTO other VALUES (?, ?)", said.others())
    every = (*said.things(), *said.questions())
    db.executemany("INSERT INTO thing VALUES (?, ?, ?, ?, ?, ?, ?, ?)", every)
    proper = ((name, n) for n, row in enumerate(every, 1) for name in said.proper(str(row[0])))
    db.executemany("INSERT INTO proper VALUES (?, ?)", proper)
    db.execute("INSERT INTO thing(thing) VALUES ('optimize')")
    db.commit()
    return db.serialize()


class _Entries:
    """Names, texts, links and classes of each thing, sorted."""

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        self.names, self.other, self.texts, self.links, self.kinds = (
            defaultdict[str, dict[str, None]](dict) for _ in range(5)
        )
        self.degree: Counter[str] = Counter()
        self.told = set[str]()
        self.made_up = set[str]()
        for quad in sorted(set(quads), key=str):
            if isinstance(quad.subject, ox.NamedNode):
                self._add(quad)
                self.told.add(quad.subject.value)
                if quad.predicate.value == K20 + "synthetic" and str_of(quad.object) == "true":
                    self.made_up.add(_case(quad.subject.value))
        for quad in all_statements():  # what classes are called, where the data do not say it
            if str_of(quad.subject) not in self.told and quad.predicate.value in (
                *_NAMES,
                *_OTHERS,
            ):
                self._add(quad)

    def _add(self, quad: ox.Quad) -> None:
        subject, predicate, value = str_of(quad.subject), quad.predicate.value, quad.object
        if isinstance(value, ox.NamedNode):
            self.degree[value.value] += 1
            (self.kinds if predicate == RDF_TYPE else self.links)[subject][value.value] = None
        elif isinstance(value, ox.Literal) and value.datatype.value in _TEXTS:
            text = " ".join(value.value.split())
            if predicate in (*_NAMES, *_OTHERS):
                (self.names if predicate in _NAMES else self.other)[subject][text] = None
            elif predicate == K20 + "code":
                self.other[subject][text] = None
            elif predicate in _CODES or "{" in text:
                return  # a code of the curators, or a query
            elif _LETTER.search(text):
                self.texts[subject][text] = None

    def things(self) -> Iterator[tuple[object, ...]]:
        """Yield the rows of all things that have a name or a text."""
        for iri in sorted(self.told & {*self.names, *self.other, *self.texts}):
            first, *more = [*self.names[iri], *self.other[iri]] or [shorten(iri)]
            classes = most_specific_first(self.kinds[iri])
            near = " ".join([*map(self.called, classes), *map(self.all_names, self.links[iri])])
            tail = re.sub("^[a-z0-9]+:", "", shorten(iri))[-60:]
            names = " ".join([*more, _PARTED.sub(" ", tail)])
            body = " · ".join(sorted(self.texts[iri], key=len, reverse=True))
            sort = next((_SORTS[c] for c in classes if c in _SORTS), "thing")
            sort = "term" if iri.startswith(K20) else sort
            weight = 1 + 0.08 * math.log1p(self.degree[iri]) - 0.5 * (_case(iri) in self.made_up)
            weight -= 0.2 * (first == shorten(iri))  # it has no name of its own
            kind = next(map(self.called, classes), "")
            yield iri, sort, kind, weight, first, names, body, near

    def questions(self) -> Iterator[tuple[object, ...]]:
        """Yield the rows of the named queries."""
        for query in list_queries():
            named = dict.fromkeys(iri for _, iri in terms(query.text) if iri)
            said = f"{query.description} {', '.join(query.tags)}"
            words = f"{query.name.replace('-', ' ')} {query.id}"
            given = (term_of(p, p.default) for p in query.parameters if p.default)
            named |= dict.fromkeys(one.value for one in given if isinstance(one, ox.NamedNode))
            near, iri = " ".join(map(self.all_names, named)), f"{BASE}query/{query.name}"
            yield iri, "question", "question", 1.2, query.summary, words, said, near

    def called(self, iri: str) -> str:
        """Return the first name of a node, or its local name as words."""
        return next(iter(self.names[iri]), _PARTED.sub(" ", re.split("[/#]", iri)[-1]).lower())

    def all_names(self, iri: str) -> str:
        """Return all names of a node."""
        return " ".join([self.called(iri), *self.other[iri]])

    def proper(self, iri: str) -> set[str]:
        """Return the names that a thing alone goes by, and short ones in brackets behind a name."""
        said = [] if _case(iri) in self.made_up else [*self.names[iri], *self.other[iri]]
        parted = (part for name in said for part in (name, *re.split(r" \(|\)$", name)))
        return {_plain(n) for n in parted if len(n.split()) <= _LONGEST and _PROPER.search(n)}

    def others(self) -> Iterator[tuple[str, str]]:
        """Yield the short names of things that have several, each with another of its names."""
        for iri, other in self.other.items():
            said = (n for n in (*self.names[iri], *other) if n and not n.isdigit())
            names = sorted({n for n in said if len(n.split()) <= _LONGEST})
            yield from ((_plain(a), b) for a in names for b in names if a != b)


def _case(iri: str) -> str:
    return "/".join(iri.split("/")[:6])


def _forms(word: str) -> list[str]:
    """Return a word as it may be written: K-12 and K12."""
    joined = word.replace("-", "")
    return list(dict.fromkeys([word, joined, re.sub(r"(?<=[A-Za-z])(?=\d)", "-", joined)]))


def _either(forms: Iterable[str]) -> str:
    quoted = ('"' + form.replace('"', " ") + '"' for form in forms)
    return f"({' OR '.join(quoted)})"


def _plain(name: str) -> str:
    """Return a name as it is looked up: small letters, no hyphens, no ending of plurals."""
    return " ".join(word.rstrip("s") for word in _WORD.findall(name.lower().replace("-", "")))
