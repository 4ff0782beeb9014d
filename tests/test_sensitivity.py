"""Every flip that sensitivity claims is found again by validating the changed graph another way."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from functools import cache
from itertools import product

import pyoxigraph as ox
import pytest
from scale import some
from shipped import case

from k20kg import validate
from k20kg.analysis.sensitivity import Sensitivity, find_sensitivity
from k20kg.definition.loader import load
from k20kg.judging.cases import case_of
from k20kg.judging.judge import Judge
from k20kg.model import Verdict
from k20kg.rdf.graph import Graph
from k20kg.report.sensitivity import render_sensitivity
from k20kg.sources.published import read_published
from k20kg.sources.shipped_cases import shipped_cases
from k20kg.vocabulary import K20, OWL, RDF_TYPE, packaged

CASES = shipped_cases()
_FEW = ["lamsig", "guie", "one-cycle-open", "no-role-group-asked", "professor-and-teacher-alone"]
_MORE = ["dyad-network", "two-departments", "partner-in-no-joint-task"]
OPEN = some([*_FEW, *_MORE, "agreement-of-parent-project"], sample=5, always=_FEW)
FORMATS = ("text", "json", "csv", "markdown", "html", "turtle")
CYCLES = "completed cycles of one written procedure"


@cache
def found(name: str, definition: str = "clifford-millar-2007") -> Sensitivity:
    return find_sensitivity(case(name), definition)


@cache
def found_again(name: str) -> Sensitivity:
    return find_sensitivity(case(name))


@cache
def judge(engine: str = "shacl", definition: str = "clifford-millar-2007") -> Judge:
    return Judge(engine=engine, definition=definition, evidence=False)


def number(result: Sensitivity, name: str, reading: str) -> list[tuple[int, int | None, Verdict]]:
    (one,) = (n for n in result.numbers if n.parameter.name == name and n.reading.id == reading)
    return [(s.first, s.last, s.verdict) for s in one.spans]


def test_lamsig_flips_where_the_paper_gives_the_counts() -> None:
    """Three goals common to all (298), two units by the procedure (391), one district."""
    met, open_ = Verdict.MET, Verdict.NOT_ESTABLISHED
    lamsig = found("lamsig")
    goals = number(lamsig, "goals common to all role groups asked", "as-applied")
    assert goals == [(1, 3, met), (4, None, open_)]
    assert number(lamsig, CYCLES, "literal") == [(1, 2, met), (3, None, open_)]
    assert number(lamsig, "member school districts", "literal")[0] == (1, 1, met)


@pytest.mark.parametrize(
    ("engine", "name"),
    some(
        product(["shacl", "pyshacl"], ["lamsig", "disputed-membership", "one-cycle-open"]), sample=1
    ),
)
def test_each_flip_of_a_number_shows_when_a_reading_states_that_number(
    name: str, engine: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each value on either side of a flip, written as a user would, judged by the public way."""
    graph = load("clifford-millar-2007").graph
    folder = tmp_path_factory.mktemp("variants")
    checked = 0
    numbers = found(name).numbers
    for one in some(numbers, sample=2, always=[n for n in numbers if len(n.spans) > 1][:2]):
        (parameter,) = {
            p
            for p in graph.subjects(K20 + "ofReading", one.reading.iri)
            if graph.value(p, K20 + "parameterName") == one.parameter.name
        }
        for span in one.spans:
            for value in {span.first, span.last or span.first + 7}:
                path = folder / f"v{checked}.ttl"
                path.write_text(
                    f"@prefix k20: <{K20}> .\n<https://example.org/v> a k20:Reading ;\n"
                    f"    k20:variantOf <{one.reading.iri}> ;\n"
                    f"    k20:sets [ k20:parameter <{parameter}> ; k20:value {value} ] .\n"
                )
                (changed,) = validate(
                    CASES[name], definition=str(path), reading="v", engine=engine, evidence=False
                )
                assert changed.finding(one.criterion.iri).verdict is span.verdict
                assert changed.verdict is span.overall
                checked += 1
        if engine == "pyshacl" and checked > 2:  # minutes otherwise, on LAMSIG
            break
    assert checked > 2


@pytest.mark.parametrize("name", OPEN)
def test_each_addition_does_what_is_claimed_when_the_case_is_judged_with_it(name: str) -> None:
    result = found(name)
    settlements = [*some(result.settlements, sample=6), *result.completions]
    assert settlements
    before = {a.reading.id: a for a in judge().assess(case(name))}
    for s in settlements:
        changed = case_of(
            case(name).group,
            "changed",
            [*case(name).quads, *(ox.Quad(*t) for t in s.triples)],
        )
        after = {a.reading.id: a for a in judge().assess(changed)}
        one = after[s.reading.id]
        reached = one.finding(s.criterion.iri).verdict if s.criterion else one.verdict
        assert reached is s.verdict
        effects = {(e.reading, e.code): (e.before, e.after) for e in s.effects}
        for reading, old in before.items():
            pairs = [("", old.verdict, after[reading].verdict)]
            pairs += [
                (f.criterion.code, f.verdict, g.verdict)
                for f, g in zip(old.findings, after[reading].findings, strict=True)
            ]
            for code, was, now in pairs:
                assert effects.get((reading, code), (was, was)) == (was, now)


@pytest.mark.parametrize("name", some(["one-cycle-open", "lamsig"], sample=1))
def test_the_reference_engine_confirms_the_additions(name: str) -> None:
    for s in some(found(name).settlements[:: 6 if name == "lamsig" else 1], sample=1):
        triples = {ox.Quad(*t) for t in s.triples}
        changed = case_of(case(name).group, "changed", [*case(name).quads, *triples])
        (one,) = Judge([s.reading.id], engine="pyshacl", evidence=False).assess(changed)
        assert s.criterion
        assert one.finding(s.criterion.iri).verdict is s.verdict


def test_nothing_in_an_addition_is_superfluous() -> None:
    """Without any one of the records that are made up, the criterion is not settled."""
    for name in ("lamsig", "guie", "no-role-group-asked"):
        for s in some(found(name).settlements, sample=4):
            triples = s.triples
            nodes = {
                t.subject
                for t in triples
                if t.predicate.value == K20 + "evidencedBy"
                and any(u.subject == t.subject and u.predicate.value == RDF_TYPE for u in triples)
            }
            assert nodes
            for node in nodes:
                rest = [t for t in triples if node not in (t.subject, t.object)]
                changed = case_of(
                    case(name).group, "rest", [*case(name).quads, *(ox.Quad(*t) for t in rest)]
                )
                (one,) = (
                    a for a in judge().assess_unchecked(changed) if a.reading.iri == s.reading.iri
                )
                assert s.criterion
                assert one.finding(s.criterion.iri).verdict is not s.verdict, (name, str(node))


def test_what_is_on_record_is_used_and_costs_nothing() -> None:
    added = {
        (name, s.reading.id, s.criterion.code): (s, s.triples)
        for name in ("one-cycle-open", "lamsig", "no-role-group-asked")
        for s in found(name).settlements
        if s.criterion and s.verdict is Verdict.MET
    }
    cycle, triples = added["one-cycle-open", "literal", "1b"]
    procedure = ox.NamedNode(case("one-cycle-open").group + "/procedure")
    assert cycle.records == 1
    assert [t.subject for t in triples if t.predicate.value == K20 + "enactment"] == [procedure]
    signed, triples = added["lamsig", "literal", "2c"]
    known = {t.subject for t in case("lamsig").quads}
    assert signed.records == 2
    assert all(t.object in known for t in triples if t.predicate.value == K20 + "onBehalfOf")
    assert all(t.subject in known for t in triples if t.predicate.value == K20 + "signature")
    asked, triples = added["no-role-group-asked", "literal", "1a"]
    known = {t.subject for t in case("no-role-group-asked").quads}
    assert asked.records == 4
    assert all(t.object in known for t in triples if t.predicate.value == K20 + "askedRoleGroup")


def test_no_record_says_more_than_one_thing_for_two_requirements() -> None:
    """A use of each kind of resource is a record of its own, as is a membership of either side."""
    by_code = {
        s.criterion.code: s
        for s in found("professor-and-teacher-alone").settlements
        if s.criterion and s.reading.id == "literal" and s.verdict is Verdict.MET
    }
    triples = by_code["2e"].triples
    uses = [t for t in triples if t.object == ox.NamedNode(K20 + "ResourceUse")]
    assert len(uses) == 3
    assert by_code["2e"].records == 5  # resources count of partners only, and none is on record


def test_a_made_up_record_hangs_on_one_record() -> None:
    """Not on two tasks, nor among the members of now and those of before."""
    ontology = Graph(read_published(*sorted(packaged("ontology").glob("*.ttl"))))
    single = set(ontology.of_type(OWL + "FunctionalProperty"))
    for name in OPEN:
        for s in (*found(name).settlements, *found(name).completions):
            triples = s.triples
            items = {t.object for t in triples if t.predicate.value == K20 + "evidencedBy"}
            records = {t.subject for t in triples if t.predicate.value == K20 + "evidencedBy"}
            made = {t.subject for t in triples if t.predicate.value == RDF_TYPE}
            places = Counter(t.object for t in triples if t.predicate.value not in single)
            twice = [n for n in (records & made) - items if places[n] > 1]
            assert not twice, (name, s.reading.id, twice)


def test_where_a_dispute_stands_in_the_way_a_record_is_made_up_beside_it() -> None:
    """A task with a disputed contribution that lacks an aspect: another task has to be found."""
    quads = [q for q in case("full-partnership").quads if q.predicate.value != K20 + "aspect"]
    parts = {q.object for q in quads if q.predicate.value == K20 + "contribution"}
    disputed, proof = ox.NamedNode(K20 + "disputedBy"), K20 + "evidencedBy"
    quads += [
        ox.Quad(q.subject, disputed, q.object)
        for q in quads
        if q.subject in parts and q.predicate.value == proof
    ]
    one = case_of(case("full-partnership").group, "disputed", quads)
    settled = [
        s
        for s in find_sensitivity(one).settlements
        if s.criterion and (s.reading.id, s.criterion.code) == ("as-applied", "4")
    ]
    assert [s.verdict for s in settled] == [Verdict.MET]
    made = {t.predicate.value for t in settled[0].triples}
    assert K20 + "task" in made


def test_what_the_record_says_is_not_denied() -> None:
    """People who routinely took part, or who contributed to a task, are not said to be absent."""
    for name in OPEN:
        said = set(case(name).quads)
        contributors = {q.object for q in said if q.predicate.value == K20 + "contributor"}
        for s in found(name).settlements:
            for t in s.triples:
                if t.predicate.value == K20 + "tookPart":
                    assert t.subject not in contributors
                    assert not any(
                        q.subject == t.subject and q.predicate.value == K20 + "routine"
                        for q in said
                    )


def test_lamsig_by_the_letter_lacks_what_the_design_says() -> None:
    lamsig = found("lamsig")
    ways = {(s.criterion.code, s.verdict): s for s in lamsig.settlements if s.criterion}
    signatures = ways["2c", Verdict.MET]
    assert signatures.records == 2
    assert all("signature" in said for said in signatures.statements)
    # Line 329 tells of later decisions: neither sector is shown to commit in an agreement.
    assert ways["2d", Verdict.MET].records == 2
    assert "school district" in ways["2d", Verdict.MET].statements[0]
    assert ways["2e", Verdict.MET].records == 1
    assert ("3", Verdict.NOT_MET) in ways
    (whole,) = lamsig.completions
    assert whole.reading.id == "literal"
    assert whole.verdict is Verdict.MET


def test_what_decides_most_comes_first() -> None:
    ranks = [s.rank for s in found("lamsig").settlements]
    assert ranks == sorted(ranks)
    assert found("lamsig").settlements[-1].effects[0].code


def test_what_no_addition_settles_is_said() -> None:
    left = {(u.criterion.code, u.towards) for u in found("lamsig").unsettled}
    assert ("4", Verdict.NOT_MET) in left
    settled = {
        (s.reading.id, s.criterion.code, s.verdict)
        for s in found("lamsig").settlements
        if s.criterion
    }
    for one in found("lamsig").assessments:
        for f in one.findings:
            if f.verdict is Verdict.NOT_ESTABLISHED:
                for way in (Verdict.MET, Verdict.NOT_MET):
                    key = (one.reading.id, f.criterion.code, way)
                    assert key in settled or (f.criterion.code, way) in left


def test_the_papers_open_questions_are_answered_for_the_case() -> None:
    answers = {a.source: a for a in found("lamsig").answers}
    assert list(answers) == [
        "paper 6.1, line 318", "paper 6.1, line 319", "paper 6.3.2, line 434",
    ]  # fmt: skip
    agreement = answers["paper 6.1, line 319"]
    counts = [option.outcomes[0].met_up_to for option in agreement.options]
    # Chart 3: three goals of all four role groups, none of three, five of two.
    assert counts == [3, 3, 8]
    once = answers["paper 6.3.2, line 434"]
    by_label = {o.label: o.outcomes[0].verdict for o in once.options}
    assert by_label["one completed cycle"] is by_label["two completed cycles"] is Verdict.MET
    assert by_label["three completed cycles"] is Verdict.NOT_ESTABLISHED
    # Goals 5 and 6 are pursued by the design of training (curators), 7 by that of materials (428):
    # all three lie within the charge, so that it makes no difference whether others count.
    charge = [option.outcomes[0].met_up_to for option in answers["paper 6.1, line 318"].options]
    assert charge == [3, 3, 3]


def test_one_iteration_decides_where_there_was_one() -> None:
    (once,) = (a for a in found("one-cycle-open").answers if "434" in a.source)
    assert once.decides
    outcomes = {o.label: o.outcomes[0] for o in once.options}
    assert outcomes["one completed cycle"].overall is Verdict.MET


def test_rivals_have_flips_of_their_own() -> None:
    goodlad = found("lamsig", "goodlad-1991")
    (overlap,) = (n for n in goodlad.numbers if n.parameter.name.startswith("overlap"))
    assert [(s.first, s.last) for s in overlap.spans] == [(1, 3), (4, None)]


def test_each_reading_of_the_curators_is_withdrawn_and_told() -> None:
    """Second pass, C: those asked, two completions, four mappings, the holder of the awards."""
    whole = [a for a in found("lamsig").assessments[0].assumptions if a.decides_whole]
    assert sorted(a.decides for a in whole) == [
        ("1a", "3"), ("1b",), ("1b",), ("2d",), ("3",), ("3",), ("3",), ("3",),
    ]  # fmt: skip
    tree = json.loads(render_sensitivity(found("lamsig"), "json", version="0"))
    literal = [a for a in tree["assumptions"] if a["reading"] == "literal" and a["decides"]]
    assert [(a["criteria"], a["overall"]) for a in literal] == [
        (["1a"], False), (["1b"], False), (["1b"], False),
    ]  # fmt: skip
    # Of 16 mappings 4 are used; the dates of 2 agreements, the Institute, the goals of training,
    # that its first iteration ran to its end, the sector of one principal investigator, and the
    # year of the third unit.
    assert len(tree["idle_assumptions"]) == 12 + 2 + 1 + 1 + 1 + 1 + 1
    text = render_sensitivity(found("lamsig"), "text", version="0")
    assert "as-applied: 1a, 3, the whole" in text


def test_without_what_if_no_evidence_is_made_up() -> None:
    plain = find_sensitivity(case("one-cycle-open"), what_if=False)
    assert plain.numbers
    assert not plain.settlements
    assert not plain.completions


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_is_stable_and_names_the_case(format_: str) -> None:
    text = render_sensitivity(found("one-cycle-open"), format_, version="0")
    assert text == render_sensitivity(found_again("one-cycle-open"), format_, version="0")
    assert "one-cycle-open" in text or "One cycle, open record" in text


def test_turtle_holds_the_additions_of_every_settlement() -> None:
    text = render_sensitivity(found("lamsig"), "turtle", version="0")
    written = {q.triple for q in ox.parse(text, format=ox.RdfFormat.TURTLE)}
    for s in found("lamsig").settlements:
        assert s.triples <= written


def test_json_and_csv_hold_every_flip() -> None:
    tree = json.loads(render_sensitivity(found("lamsig"), "json", version="0"))
    assert len(tree["numbers"]) == len(found("lamsig").numbers) >= 10
    assert len(tree["settlements"]) == len(found("lamsig").settlements)
    rows = list(
        csv.DictReader(io.StringIO(render_sensitivity(found("lamsig"), "csv", version="0")))
    )
    assert sum(r["kind"] == "number" for r in rows) == sum(
        len(n.spans) for n in found("lamsig").numbers
    )
