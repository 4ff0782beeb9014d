"""The LAMSIG record as a store, and questions to it."""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import NamedNode, QuerySolutions, RdfFormat, Store

HERE = Path(__file__).parent.parent
FOLDER = HERE / "data" / "cases" / "lamsig"
K20 = "https://w3id.org/k20kg/ontology#"
CASE = "https://w3id.org/k20kg/case/lamsig"
TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
XSD = "http://www.w3.org/2001/XMLSchema#"


def open_record() -> Store:
    """Return all graphs of the case, in one store; `rows` reads them as one."""
    files = sorted(FOLDER.glob("*.trig"))
    assert [f.name for f in files] == ["curators.trig", "paper.trig", "slides.trig"]
    store = Store()
    for file in files:
        store.bulk_load(path=str(file), format=RdfFormat.TRIG)
    return store


def rows(store: Store, where: str, *names: str) -> list[tuple[str, ...]]:
    """Return the named variables of a pattern, one tuple a solution; unbound ones are empty."""
    found = store.query(
        f"PREFIX k20: <{K20}> PREFIX dcterms: <http://purl.org/dc/terms/> "
        "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
        f"SELECT {' '.join('?' + n for n in names)} WHERE {{ {where} }}",
        base_iri=CASE + "/",
        use_default_graph_as_union=True,
    )
    assert isinstance(found, QuerySolutions)
    return [tuple(s[n].value if s[n] is not None else "" for n in names) for s in found]


def last(iri: str) -> str:
    """Return the last part of an IRI."""
    return iri.rsplit("/", 1)[-1].rsplit("#", 1)[-1]
