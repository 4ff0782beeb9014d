"""The reference of ontology and shapes: every term and shape with meaning, use and example.

Terms, alignments, constructs and parameters are answers of queries; the templates look up what
they show of a single term.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from k20kg.vocabulary import BASE, DCTERMS, K20, KS, OWL, SH, shorten
from k20kg.web.dataset import Dataset
from k20kg.web.http.responses import RefusalError
from k20kg.web.pages import Site
from k20kg.web.pages.cases import definitions_of
from k20kg.web.pages.names import Names, Shown, local, names_of
from k20kg.web.pages.rows import Row, ask, column, grouped, where
from k20kg.web.pages.wording import upper_first

ONTOLOGY: Final = BASE + "ontology"
_TERMS: Final = "which-terms-does-each-ontology-document-define"
_DEEPEST: Final = 12


def page(site: Site, iri: str = ONTOLOGY) -> str:
    """Return the page of an ontology document; that of the namespace holds every term.

    A version is shown by the page of the document that it is a version of.
    """
    names = site.names
    document = next(iter(names.subjects(OWL + "versionIRI", iri)), iri)
    terms = ask(site.dataset, _TERMS)
    shared: dict[str, Any] = {"iri": document, "uses": _uses(site.dataset), "terms": terms}
    if document == ONTOLOGY:
        every = sorted({row["term"].iri for row in terms}, key=names.by_name)
        counts = dict.fromkeys(names.of_type(OWL + "Ontology"), 0)
        counts |= {d.iri: len(_sorted(rows)) for d, rows in grouped(terms, "document")}
        return site.render(
            "ontology.html",
            documents=sorted(counts.items(), key=lambda pair: (not pair[1], pair[0])),
            letters=grouped([{"letter": names.name(t)[:1].upper(), "term": t} for t in every],
                            "letter"),
            trees=[
                (document, _tree(site, where(rows, kind="class")))
                for document, rows in grouped(terms, "document")
            ],
            **shared,
            **_constructs(site),
        )  # fmt: skip
    return site.render(
        "ontology_module.html",
        abstract=names.value(document, DCTERMS + "abstract"),
        own=_sorted(where(terms, document=names.link(document))),
        **shared,
    )


def term(site: Site, name: str) -> str:
    """Return the page of a term of the ontology; `RefusalError` if there is none."""
    names, iri = site.names, K20 + name
    terms = ask(site.dataset, _TERMS)
    rows = [row for row in terms if row["term"].iri == iri]
    if not rows and iri not in names:
        raise RefusalError(404, "there is no such term", f"/term/{name}", "see /ontology for all")
    every = sorted({row["term"].iri for row in terms}, key=names.by_name)
    at = every.index(iri) if rows else -1
    return site.render(
        "term.html",
        iri=iri,
        kind=rows[0]["kind"] if rows else "",
        documents=column(rows, "document"),
        use=_uses(site.dataset).get(iri),
        beside=_beside(site.dataset).get(iri, []),
        asked_terms=terms,
        prev=names.link(every[at - 1]) if at > 0 else None,
        next=names.link(every[at + 1]) if 0 <= at < len(every) - 1 else None,
    )


def _sorted(rows: Sequence[Row]) -> list[str]:
    """Return the terms of some rows, by name."""
    found = {row["term"].iri: row["term"].words.lower() for row in rows}
    return sorted(found, key=lambda iri: (found[iri], iri))


@lru_cache(maxsize=2)
def _beside(dataset: Dataset) -> Mapping[str, list[Shown]]:
    """Return for each of our terms those elsewhere that it is set beside, and how."""
    names = names_of(dataset)
    found: dict[str, list[Shown]] = {}
    for document in names.of_type(OWL + "Ontology"):
        for row in ask(dataset, "which-terms-of-others-stand-beside-ours", document=document):
            theirs = row["theirs"].iri
            parts = (Shown(f"{row['how']} "), names.link(theirs, shorten(theirs)))
            found.setdefault(row["term"].iri, []).append(Shown("", parts=parts))
    return found


def _uses(dataset: Dataset) -> Mapping[str, Row]:
    """Return how each of our terms is used outside ontology and shapes."""
    return {row["term"].iri: row for row in ask(dataset, "how-often-is-each-term-used")}


def _constructs(site: Site) -> dict[str, Any]:
    """Return the constructs in columns, and what joins them: one property where there are many."""
    uses = _uses(site.dataset)
    answer = ask(site.dataset, "how-do-the-six-constructs-hang-together")
    boxes: dict[int, tuple[str, str, str]] = {}
    for row in answer:
        for one, at in ((row["from"], row["place"]), (row["to"], row["next"])):
            boxes[at] = (one.iri, upper_first(one), site.links.page(one.iri))
    columns: dict[int, list[tuple[str, str, str]]] = {}
    for at, box in sorted(boxes.items()):
        columns.setdefault(at // 10, []).append(box)
    edges = []
    for (start, end), rows in grouped(answer, "from", "to"):
        through = max(
            (row["through"] for row in rows),
            key=lambda one: uses[one.iri]["cases"] if one and one.iri in uses else 0,
        )
        edges.append((start.iri, end.iri, str(through or "is a"), not through))
    strong = {row["from"].iri for row in answer if row["core"]}
    strong |= {row["to"].iri for row in answer if row["nextCore"]}
    return {"boxes": list(columns.values()), "edges": edges, "strong": strong, "joints": answer}


def _tree(site: Site, rows: Sequence[Row]) -> list[tuple[int, str, str]]:
    """Return depth, words and address of some classes, each below the first that it is a kind of.

    One among them goes before another; of fewer than three there is no tree.
    """
    names = site.names
    above = {
        term.iri: [row["above"].iri for row in found if row["above"]]
        for term, found in grouped(rows, "term")
    }
    below: dict[str, list[str]] = {}
    for term, parents in above.items():
        inside = [parent for parent in parents if parent in above]
        below.setdefault(next(iter([*inside, *parents]), ""), []).append(term)

    def walk(term: str, depth: int) -> Iterator[tuple[int, str, str]]:
        yield depth, upper_first(names.name(term)), site.links.page(term)
        for child in sorted(below.get(term, ()), key=names.name) if depth < _DEEPEST else ():
            yield from walk(child, depth + 1)

    roots = [*below.get("", ()), *(p for p in below if p and p not in above)]
    found = [row for root in sorted(roots, key=names.name) for row in walk(root, 0)]
    return found if len(above) > 2 else []


_ROWS: Final = (
    ("Looks at", "targetClass targetSubjectsOf targetObjectsOf targetNode"),
    ("Path", "path"),
    ("At least", "minCount qualifiedMinCount minInclusive minLength"),
    ("At most", "maxCount qualifiedMaxCount maxInclusive"),
    ("Of the class", "class"),
    ("Of the datatype", "datatype"),
    ("One of", "in"),
    ("With the value", "hasValue"),
    ("Pattern", "pattern"),
    ("Not after", "lessThanOrEquals lessThan"),
    ("Conforms to", "node qualifiedValueShape"),
    ("Parts", "property"),
    ("Any of", "or xone"),
    ("All of", "and"),
    ("Not", "not"),
)
"""Words, and the properties of SHACL whose values stand behind them."""
_Part = tuple[str, str, list[str]]
"""Anchor, heading and shapes of a part of a group: those on one criterion."""


def shapes(site: Site) -> str:
    """Return the page that lists all shapes, those that bear on verdicts first."""
    known = [iri for iri in sorted(site.names.ours) if iri.startswith(KS)]
    return _shapes(site, "shapes.html", "Shapes", count=len(known), groups=_groups(site.names))


def shapes_of(site: Site, definition: str, criterion: str) -> str:
    """Return the page of the shapes on a criterion; `RefusalError` if there are none."""
    anchor = f"on-{definition}-{criterion}"
    for _, label, parts in _groups(site.names):
        for one, heading, members in parts:
            if one == anchor:
                title = f"Shapes: {heading}"
                return _shapes(site, "shape.html", title, label=label, members=members)
    where = f"/shapes/{definition}/{criterion}"
    raise RefusalError(404, "there are no such shapes", where, "see /shapes for all")


def shape(site: Site, name: str) -> str:
    """Return the page of a shape; `RefusalError` if there is none."""
    iri = KS + name
    if iri not in site.names:
        raise RefusalError(404, "there is no such shape", f"/shape/{name}", "see /shapes for all")
    return _shapes(site, "shape.html", f"Shape {name}", label="", members=[iri])


def _shapes(site: Site, template: str, title: str, **model: Any) -> str:
    names = site.names
    choices = ask(site.dataset, "what-does-each-reading-choose")
    chosen: dict[str, list[str]] = {}
    for row in choices:
        words = f"{row['parameter']}: {row['value']} ({local(row['reading'].iri)})"
        chosen.setdefault(row["shape"].iri, []).append(words)

    def qualified(iri: str, name: str) -> list[Shown]:
        """Return criteria or readings, each with its definition where it is not the first."""
        return [
            names.link(one, f"{names.name(one)} ({names.name(above)})")
            if (above := names.parent(one))
            else names.link(one)
            for one in names.all(iri, name)
        ]

    return site.render(
        template,
        title=title,
        choices=choices,
        chosen=chosen,
        says=lambda iri: [
            (words, [names.show(t) for name in said.split() for t in names.terms(iri, SH + name)])
            for words, said in _ROWS
        ],
        qualified=qualified,
        **model,
    )


@lru_cache(maxsize=2)
def _groups(names: Names) -> list[tuple[str, str, list[_Part]]]:
    """Return the shapes by definition and criterion; each stands once, where it is first needed."""
    left = dict.fromkeys(iri for iri in sorted(names.ours) if iri.startswith(KS))
    groups: list[tuple[str, str, list[_Part]]] = []
    for definition in definitions_of():
        parts: list[_Part] = []
        for criterion in definition.criteria:
            mine = [s for s in names.subjects(K20 + "tests", criterion.iri) if s in left]
            for shape in mine:
                del left[shape]
            if mine:
                anchor = f"on-{definition.id}-{criterion.id}"
                parts.append((anchor, f"{criterion.code} {criterion.label}", mine))
        groups.append((f"for-{definition.id}", definition.label, parts))
    checks = [s for s in left if names.get(s, "remedy")]
    blocks = [s for s in left if not names.get(s, "remedy")]
    groups.append(("record-check", "Is the record well formed?", [("", "", checks)]))
    groups.append(("blocks", "Building blocks", [("", "", blocks)]))
    return [group for group in groups if any(part[2] for part in group[2])]
