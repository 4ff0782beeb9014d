"""Explanations of what OWL proves, reports on it, and what it proves by rival definitions."""

from __future__ import annotations

import json

import pytest
import rdflib
from scale import PROVE, some
from shipped import case as shipped
from test_reason import ROUTINE, by_pellet, changed, reasoned

from k20kg.errors import K20Error, UsageError
from k20kg.model import Verdict
from k20kg.reasoning.explain import explain
from k20kg.reasoning.premises import premises
from k20kg.reasoning.reason import reason
from k20kg.reasoning.reasoner import Answer, InconsistentError, agreed, find_java, realise
from k20kg.report import FORMATS
from k20kg.report.reasoning import render, render_lattice
from k20kg.vocabulary import K20

try:
    find_java()
except UsageError:
    pytest.skip("no Java runtime: install k20kg[reason]", allow_module_level=True)


@pytest.fixture(autouse=True)
def one_reasoner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask Pellet alone in `make test`; `test_reason` asks both."""
    if not PROVE:
        monkeypatch.setattr("k20kg.reasoning.reason.agreed", by_pellet)


# ---------------------------------------------------------------- explanations


def test_an_explanation_suffices_and_none_of_it_is_superfluous() -> None:
    case = shipped("full-partnership")
    class_iri = K20 + "GroupWithK12Member"
    axioms = explain(premises(case), class_iri, Answer.PROVED)
    facts = {a.words for a in axioms if a.kind == "fact"}
    assert facts == {
        "the group type CandidateGroup",
        "the group membership membership/district",
        "membership/district type FirmMembership",
        "membership/district memberFirm district",
        "district type K12SchoolDistrict",
    }
    lines = (
        ("<membership/district> a k20:FirmMembership ;", "<membership/district>"),
        ("    k20:memberFirm <district> ;\n", ""),
        ("<district> a k20:K12SchoolDistrict ;", "<district> a k20:Firm ;"),
    )
    for line in lines[1:]:
        less = premises(changed("full-partnership", line))
        assert realise([less], [class_iri], "Pellet")[0][class_iri] is not Answer.PROVED


def test_a_refutation_is_explained_by_the_closed_lists() -> None:
    axioms = explain(premises(shipped("curriculum-purchase")), ROUTINE, Answer.REFUTED)
    closed = {a.words for a in axioms if a.kind == "closed list"}
    assert closed == {
        "the group type ownProcedure only {procedure}",
        "procedure type enactment only {enactment/1}",
    }


def test_what_does_not_follow_has_no_explanation() -> None:
    assert explain(premises(shipped("guie")), ROUTINE, Answer.PROVED) == ()


# ---------------------------------------------------------------- reports


REPORTED = some([("guie", 1, 0), ("lamsig", 4, 1)], sample=1)
"""Cases, each with how many conclusions are proved and how many lists were closed for them."""


@pytest.mark.parametrize("format_", FORMATS)
def test_reports_say_what_follows(format_: str) -> None:
    text = render([reasoned("guie")], format_, version="0", width=100)
    assert "proved" in text
    assert "open" in text
    assert "met" in text.lower()
    assert render([reasoned("guie")], format_, version="0", width=100) == text


@pytest.mark.parametrize("name", [name for name, *_ in REPORTED])
def test_json_has_all_that_follows(name: str) -> None:
    (one,) = json.loads(render([reasoned(name)], "json", version="0"))["cases"]
    assert one["consistent"]
    assert one["reading"] == "literal"
    assert len(one["conclusions"]) == 10
    assert all(c["note"] for c in one["conclusions"])
    assert [c["code"] for c in one["conclusions"] if c["untied"]] == ["1a", "1b", "3", "4"]


@pytest.mark.parametrize(("name", "proved", "closed"), REPORTED)
def test_turtle_says_what_was_concluded_from_what_by_whom(
    name: str, proved: int, closed: int
) -> None:
    graph = rdflib.Graph().parse(data=render([reasoned(name)], "turtle", version="0"))
    k20, prov = rdflib.Namespace(K20), rdflib.PROV
    answers = [graph.value(c, k20.answer) for c in graph.subjects(rdflib.RDF.type, k20.Conclusion)]
    assert (answers.count(k20.Proved), answers.count(k20.Open)) == (proved, 10 - proved)
    (whole,) = graph.subjects(prov.wasDerivedFrom, None, unique=True)
    assert len(set(graph.objects(whole, prov.wasDerivedFrom))) == 1 + closed  # and the case
    agents = {
        str(graph.value(a, rdflib.RDFS.label)) for a in graph.objects(whole, prov.wasAttributedTo)
    }
    assert agents == {"k20kg 0", "HermiT", "Pellet"}


def test_the_page_asks_for_nothing_else() -> None:
    page = render([reasoned("guie")], "html", version="0")
    assert page.startswith("<!doctype html>")
    assert "Content-Security-Policy" in page
    assert "src=" not in page


@pytest.mark.parametrize("format_", FORMATS)
def test_the_order_of_definitions_can_be_had_in_every_format(format_: str) -> None:
    text = render_lattice([("k20:K20Partnership", "k20:GroupAtWork")], format_)
    assert "K20Partnership" in text
    assert "GroupAtWork" in text


# ---------------------------------------------------------------- rival definitions


def test_a_rival_definition_says_which_reading_its_classes_say_and_is_compared_with_it() -> None:
    found = reason(shipped("full-partnership"), "goodlad-1991", explained=())
    assert found.reading
    assert found.reading.id == "with-thresholds"
    assert {c.verdict for c in found.conclusions} == {Verdict.MET}
    assert {c.answer for c in found.conclusions} == {Answer.PROVED}
    text = " ".join(render([found], "text", version="0", width=100).split())
    assert "the reading with-thresholds" in text
    assert "commitments of each sector: 1" in text
    assert "The thresholds are the curators’" in text


def test_what_a_class_says_more_narrowly_than_its_criterion_refutes_nothing() -> None:
    found = reason(shipped("university-consortium"), "slides-2006", explained=())
    (one,) = [c for c in found.conclusions if c.criterion and c.criterion.id == "not-alone"]
    assert (one.answer, one.verdict) == (Answer.REFUTED, Verdict.MET)
    assert "left to SHACL" in one.note
    assert not any(c.contradicts for c in found.conclusions)


@pytest.mark.parametrize(
    ("definition", "name"),
    some(
        [("goodlad-1991", "one-sided-service"), ("catelli-2000", "agreement-after-formation")],
        sample=1,
    ),
)
def test_owl_and_shacl_do_not_contradict_each_other_on_rivals(definition: str, name: str) -> None:
    found = reason(shipped(name), definition, explained=())
    assert any(c.verdict is Verdict.NOT_MET for c in found.conclusions)
    assert not any(c.contradicts for c in found.conclusions)


def test_what_one_reasoner_alone_holds_to_be_a_contradiction_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def run(world: object, name: str, **_: object) -> None:
        if name == "Pellet":
            raise InconsistentError("no model")

    monkeypatch.setattr("k20kg.reasoning.reasoner.run", run)
    given = premises(shipped("full-partnership"))
    with pytest.raises(K20Error, match="only Pellet says that the record contradicts itself"):
        agreed(given, [ROUTINE])
