"""Additions are read off the shapes: of every definition, also of one's own."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from scale import some
from shipped import case
from test_sensitivity import found, judge

from k20kg.analysis.additions import AdditionFinder, sensitivity_quads
from k20kg.analysis.sensitivity import find_sensitivity
from k20kg.analysis.templates import with_additions
from k20kg.definition.loader import load
from k20kg.definition.metadata import load_definition
from k20kg.definition.shipped import shipped_definitions
from k20kg.judging.cases import Case, case_of
from k20kg.judging.judge import Judge
from k20kg.model import Verdict
from k20kg.vocabulary import K20, RDF_TYPE

NOTHING_TO_ADD = {
    "each-partner-in-joint-task": "a joint task has to be there before partners can be in it",
    "goodlad-enough-dissimilarity": "the source gives no threshold",
    "goodlad-enough-overlap": "the source gives no threshold",
    "goodlad-enough-commitment": "the source gives no threshold",
    "goodlad-enough-of-any": "the source gives no threshold",
}
"""Requirements for which nothing is on offer on a thin record, and why."""


def thin_cases() -> list[Case]:
    """A group of which nothing is recorded, GUIE, and counter-cases that lack most of a support."""
    group = "https://w3id.org/k20kg/case/nothing"
    candidate = ox.NamedNode(K20 + "CandidateGroup")
    bare = case_of(group, "bare", [ox.Quad(ox.NamedNode(group), ox.NamedNode(RDF_TYPE), candidate)])
    names = ("guie", "two-departments", "agreement-after-formation", "one-sided-service")
    return [bare, *map(case, names)]


@pytest.mark.parametrize("definition", shipped_definitions())
def test_whatever_a_record_lacks_is_read_off_the_shape_that_asks_for_it(definition: str) -> None:
    """With the addition each requirement that fails holds, and the record is well formed."""
    tried = 0
    for one in thin_cases():
        finder = AdditionFinder(load(definition), one)
        failed = {r.shape for r in judge("shacl", definition).results(one)}
        tests = judge("shacl", definition).compiled.tests
        for shape in sorted({r.shape for t in tests if not t.counter for r in t.requirements}):
            if shape not in failed:
                continue
            name = shape.rsplit("#", 1)[-1]
            addition = finder.addition(shape)
            if addition is None:
                assert name in NOTHING_TO_ADD, (one.group, name)
                continue
            more = with_additions(one, [addition])
            results = judge("shacl", definition).results(more)
            judge("shacl", definition).refuse_malformed(more, results)
            assert shape not in {r.shape for r in results}, (one.group, name)
            tried += 1
    assert tried > 3


@pytest.mark.parametrize("definition", shipped_definitions())
def test_an_addition_against_a_criterion_makes_its_shape_fail_or_is_not_claimed(
    definition: str,
) -> None:
    claimed = {
        (s.reading.id, s.criterion.code, s.verdict)
        for s in found("guie", definition).settlements
        if s.criterion
    }
    for one in found("guie", definition).assessments:
        for f in one.findings:
            if f.verdict is Verdict.NOT_ESTABLISHED:
                counters = [
                    t
                    for t in judge("shacl", definition).compiled.tests
                    if t.counter
                    and not t.shape.endswith("-dispute")  # by which it is contested at the most
                    and t.criterion == f.criterion.iri
                    and one.reading.iri in t.readings
                ]
                told = (one.reading.id, f.criterion.code, Verdict.NOT_MET) in claimed
                assert told or not counters, (one.reading.id, f.criterion.code)


OWN = """
@prefix k20: <https://w3id.org/k20kg/ontology#> .
@prefix ks: <https://w3id.org/k20kg/shapes#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix my: <https://example.org/funded/> .

my:funded a k20:Definition ; rdfs:label "Funded project"@en ; k20:hasCriterion my:money ;
    k20:affirmedAs "funded"@en ; k20:deniedAs "not funded"@en ; k20:usesReading my:plain ;
    k20:sharesBlocksOf <https://w3id.org/k20kg/definition/clifford-millar-2007> .
my:money a k20:Criterion ; rdfs:label "Money of its own"@en ; k20:code "1" ; k20:order 1 .
my:plain a k20:Reading ; rdfs:label "plain"@en ; k20:order 1 .
my:money-shape a sh:NodeShape ; sh:targetClass k20:CandidateGroup ; sh:property my:money-used ;
    k20:tests my:money ; k20:under my:plain ; k20:role k20:Support .
my:money-used a sh:PropertyShape ; sh:path ( k20:task k20:uses ) ;
    sh:qualifiedValueShape ks:FinancialOfPartner ; sh:qualifiedMinCount 2 ;
    sh:message "Less money of a partner was recorded than is asked for."@en .
my:no-money k20:counters my:money-shape ; k20:whereComplete ks:tasks-complete ;
    k20:lacks my:money-used ;
    sh:message "The tasks are declared complete, and none used money of a partner."@en .
"""


def test_a_definition_of_ones_own_needs_no_template(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.mktemp("own") / "funded.ttl"
    path.write_text(OWN)
    settled = {s.verdict: s for s in found("guie", str(path)).settlements}
    # Two uses of money, in one task, to which people of either sector contributed.
    assert settled[Verdict.MET].records == 2 + 1 + 2 + 2
    assert settled[Verdict.NOT_MET].records == 1


@pytest.mark.parametrize(
    "name", some(["curriculum-purchase", "full-partnership", "lamsig"], sample=1)
)
def test_an_answer_is_what_a_reading_of_ones_own_gives(
    name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Also where lists are complete and a block's forms decide: what no task pursues is gone."""
    kept = [q for q in case(name).quads if q.predicate.value != K20 + "pursues"]
    one = case_of(case(name).group, "without pursuits", kept)
    stated = sensitivity_quads(load("clifford-millar-2007"))
    blocks = "".join(f"{q.triple} .\n" for q in stated if "question" not in str(q.subject))
    options = {o.label: o for a in find_sensitivity(one, what_if=False).answers for o in a.options}
    path = tmp_path_factory.mktemp("own") / "own.ttl"
    tried = set()
    for setting in {q.subject for q in stated if q.predicate.value == K20 + "takes"}:
        said = {q.predicate.value: q.object for q in stated if q.subject == setting}
        for reading in load_definition().readings:
            path.write_text(
                f"<https://example.org/own> a <{K20}Reading> ; <{K20}variantOf> <{reading.iri}> ;\n"
                f"    <{K20}sets> [ <{K20}inPlaceOf> {said[K20 + 'inPlaceOf']} ;"
                f" <{K20}takes> {said[K20 + 'takes']} ] .\n{blocks}"
            )
            (own,) = Judge(["own"], definition=str(path), evidence=False).assess(one)
            option = options[str(next(v.value for p, v in said.items() if p.endswith("label")))]
            (outcome,) = (o for o in option.outcomes if o.reading.iri == reading.iri)
            assert outcome.verdict is own.findings[0].verdict
            assert outcome.overall is own.verdict
            tried.add(outcome.verdict)
    assert len(tried) > 1
