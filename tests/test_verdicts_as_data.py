"""Computed verdicts are a graph, for the command line as for the site, at no cost to others."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from shipped import with_verdicts as store

from k20kg.errors import K20Error
from k20kg.sparql.sparql import Rows
from k20kg.sparql.store import Store, open_packaged
from k20kg.verdicts import open_with_verdicts
from k20kg.vocabulary import BASE, VERDICTS
from k20kg.web.dataset import Dataset

DIFFERENT = """BASE <https://w3id.org/k20kg/>
SELECT ?case ?reading ?criterion ?meant ?found {
    ?case k20:expectedVerdict ?expected .
    ?expected k20:onReading ?reading ; k20:verdict ?meant .
    ?assessment a k20:Assessment ; prov:wasDerivedFrom ?case ; k20:onReading ?reading .
    { ?expected k20:onCriterion ?criterion . ?assessment dcterms:hasPart ?part .
      ?part k20:onCriterion ?criterion ; k20:verdict ?found }
    UNION
    { FILTER NOT EXISTS { ?expected k20:onCriterion ?any } ?assessment k20:verdict ?found }
    %s
}"""


def rows(query: str) -> list[tuple[str, ...]]:
    found = store().select(query)
    assert isinstance(found, Rows)
    return [tuple(getattr(term, "value", "") for term in row) for row in found.rows]


def test_every_case_reading_and_criterion_has_a_verdict() -> None:
    cases = "SELECT DISTINCT ?case { ?case a k20:CandidateGroup . ?x prov:wasDerivedFrom ?case }"
    parts = "SELECT ?part { GRAPH <%s> { ?part a k20:CriterionVerdict ; k20:verdict ?verdict } }"
    assert len(rows(parts % VERDICTS)) == len(rows(cases + " # Assessment")) * 2 * 9


def test_computed_verdicts_are_those_worked_out_by_hand() -> None:
    assert len(rows(DIFFERENT % "")) == 620
    assert rows(DIFFERENT % "FILTER (?meant != ?found)") == []


def test_the_graph_is_the_one_of_the_site(dataset: Dataset) -> None:
    here = store().raw.quads_for_pattern(None, None, None, ox.NamedNode(VERDICTS))
    there = dataset.store.quads_for_pattern(None, None, None, ox.NamedNode(VERDICTS))
    assert {quad.triple for quad in here} == {quad.triple for quad in there}


def test_who_does_not_ask_for_verdicts_does_not_wait_for_them() -> None:
    def never() -> str:
        raise AssertionError

    waiting = open_packaged(verdicts=never)
    waiting.select("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    waiting.select(f"SELECT ?v {{ <{BASE}case/lamsig> k20:attributedVerdict/k20:verdict ?v }}")
    with pytest.raises(AssertionError):
        waiting.select("SELECT ?s { ?s a k20:Assessment }")


def test_they_come_after_a_query_that_counted_and_with_their_graph_named() -> None:
    late = open_with_verdicts()
    late.select("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    counted = late.select("SELECT (COUNT(?s) AS ?n) { ?s a k20:CriterionVerdict }")
    named = late.select(
        f"SELECT (COUNT(?s) AS ?n) FROM <{VERDICTS}> {{ ?s a k20:CriterionVerdict }}"
    )
    assert counted == named


def test_files_of_ones_own_have_no_verdicts_of_ours() -> None:
    with pytest.raises(K20Error):
        Store(ox.Store()).select(f"SELECT ?s FROM <{VERDICTS}> {{ ?s ?p ?o }}")
