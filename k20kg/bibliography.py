"""The works on record as a BibTeX file.

Everything is taken from the graph: names in the order of `k20:order`, the year, volume and pages as
printed. Works that are cited and not listed are kept, with a note that says so; printed forms that
may only be slips (`k20:PossibleWork`) are not works and are left out.
"""

from __future__ import annotations

import pyoxigraph as ox

from k20kg.rdf.graph import Lookup, StoredGraph
from k20kg.vocabulary import DCTERMS, K20, PREFIXES, RDF_TYPE

BIBO = PREFIXES["bibo"]
FABIO = PREFIXES["fabio"]

ENTRY_TYPES = {
    BIBO + "AcademicArticle": "article",
    BIBO + "Book": "book",
    BIBO + "Chapter": "incollection",
    BIBO + "Report": "techreport",
    FABIO + "ConferencePaper": "inproceedings",
    FABIO + "WorkingPaper": "unpublished",
    BIBO + "Document": "misc",
}
CONTAINER_FIELDS = {"article": "journal", "incollection": "booktitle", "inproceedings": "booktitle"}
PLAIN_FIELDS = (
    ("volume", BIBO + "volume"),
    ("number", BIBO + "issue"),
    ("pages", BIBO + "pages"),
    ("editor", K20 + "editorsAsPrinted"),
    ("address", K20 + "placeAsPrinted"),
)
SPECIAL = "\\&%$#_"


def escape_bibtex(text: str) -> str:
    r"""Return text with the signs that BibTeX reads as commands escaped.

    >>> escape_bibtex("Teaching & Learning")
    'Teaching \\& Learning'
    """
    return "".join("\\" + sign if sign in SPECIAL else sign for sign in text)


def render_bibtex(store: ox.Store) -> str:
    """Return one BibTeX entry for each `k20:Work` in any graph of the store, sorted by key.

    The key is the last step of the IRI: ``goodlad-1991``. An empty store gives an empty string.
    """
    graph = StoredGraph(store=store)
    works = [work for work in graph.of_type(K20 + "Work") if not work.startswith("_:")]
    return "\n".join(_render_entry(graph, work) for work in works)


def _render_entry(graph: Lookup, work: str) -> str:
    types = graph.values(work, RDF_TYPE)
    kind = next((ENTRY_TYPES[t] for t in ENTRY_TYPES if t in types), "misc")
    fields: list[tuple[str, str]] = []
    if authors := _authors(graph, work):
        fields.append(("author", " and ".join(authors)))
    if title := graph.value(work, DCTERMS + "title"):
        # inner braces keep the capitals as printed, whatever the style
        fields.append(("title", "{" + escape_bibtex(title) + "}"))
    if container := graph.value(work, K20 + "containerAsPrinted"):
        fields.append((CONTAINER_FIELDS.get(kind, "howpublished"), escape_bibtex(container)))
    year = graph.value(work, K20 + "publicationYear")
    if year:
        fields.append(("year", year))
    fields += [
        (field, escape_bibtex(value))
        for field, predicate in PLAIN_FIELDS
        if (value := graph.value(work, predicate))
    ]
    if publisher := graph.value(work, K20 + "publisherAsPrinted"):
        field = "institution" if kind == "techreport" else "publisher"
        fields.append((field, escape_bibtex(publisher)))
    if note := _note(graph, work, year):
        fields.append(("note", escape_bibtex(note)))
    body = "".join(f"  {field} = {{{value}}},\n" for field, value in fields)
    return f"@{kind}{{{work.rpartition('/')[2]},\n{body}}}\n"


def _authors(graph: Lookup, work: str) -> list[str]:
    """Return the names in the order of print; one without a family name is kept in one piece."""
    found: list[tuple[int, str]] = []
    for authorship in graph.values(work, K20 + "authorship"):
        name = escape_bibtex(graph.value(authorship, K20 + "authorName"))
        if not graph.value(authorship, K20 + "familyName"):
            name = "{" + name + "}"
        found.append((int(graph.value(authorship, K20 + "order")), name))
    return [name for _, name in sorted(found)]


def _note(graph: Lookup, work: str, year: str) -> str:
    """Return what a reader must know and no other field can hold."""
    parts = [] if year else [graph.value(work, K20 + "dateAsPrinted")]
    listed = any(
        K20 + "ListEntry" in graph.values(item, RDF_TYPE)
        for item in graph.values(work, K20 + "evidencedBy")
    )
    if not listed:
        parts.append("cited, not listed")
    return "; ".join(part for part in parts if part)
