"""The vocabulary: one label a term, a home for each, and one account of it for page and command."""

from __future__ import annotations

import re
import runpy
from collections import Counter
from functools import cache

import pytest
from test_cli import Captured, run

from k20kg.find.usage import usage
from k20kg.rdf.graph import Graph
from k20kg.report.listing import term_entries
from k20kg.sources.published import read_published
from k20kg.sources.terms import vocabulary
from k20kg.sparql.sparql import Rows
from k20kg.sparql.store import open_packaged
from k20kg.vocabulary import BASE, K20, OWL, RDFS, SKOS, packaged

FILES = sorted(packaged("ontology").rglob("*.ttl"))


@cache
def published() -> Graph:
    return Graph(read_published(*FILES))


@cache
def terms() -> list[str]:
    return [iri for iri in vocabulary().having(SKOS + "prefLabel") if iri.startswith(K20)]


def test_no_two_terms_have_one_label() -> None:
    labels = Counter(vocabulary().label(iri).lower() for iri in terms())
    assert [label for label, count in labels.items() if count > 1] == []


def test_each_term_says_where_it_is_defined_and_each_file_what_it_needs() -> None:
    known = set(published().of_type(OWL + "Ontology"))
    assert len(known) == len(FILES)
    for iri in terms():
        assert len(published().values(iri, RDFS + "isDefinedBy")) == 1, iri
        assert set(published().values(iri, RDFS + "isDefinedBy")) <= known
    for ontology in known:
        needed = set(published().values(ontology, OWL + "imports"))
        assert needed <= known - {ontology}
        assert ontology == BASE + "ontology" or needed, ontology


@pytest.mark.parametrize("name", ["k20:Work", "k20:goal", "k20:Interview", "k20:SubGroup"])
def test_explain_tells_how_often_a_term_is_used(name: str, capsys: Captured) -> None:
    code, out, _ = run(capsys, "explain", name, "-f", "csv")
    assert code == 0
    use = usage().get(K20 + name.removeprefix("k20:"))
    assert (f"{use.times} ×" in out and use.example in out) if use else "×" not in out


def test_uses_are_counted_as_a_query_counts_them() -> None:
    for pattern, term in (("?s a k20:Goal", "Goal"), ("?s k20:goal ?o", "goal")):
        found = open_packaged().select(f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}")
        assert isinstance(found, Rows)
        ((count,),) = found.rows
        assert count
        assert usage()[K20 + term].times == int(count.value)  # type: ignore[union-attr]


def test_the_page_says_of_each_term_what_explain_says() -> None:
    made = runpy.run_path(str(packaged("docs", "generate.py")), run_name="generate")
    page = "\n".join(made["Vocabulary"]().page())
    rows = dict(re.findall(r'^\| <a id="(\w+)"></a>(.*)$', page, re.MULTILINE))
    told = {iri: dict(term_entries(iri)) for iri in terms()}
    assert len(rows) > 400
    for name, row in rows.items():
        means = told[K20 + name]["means"].replace("|", "\\|")
        assert means in row, name
        use = usage().get(K20 + name)
        assert f"| {use.times}<br>" in row if use else row.endswith("| – |"), name
