"""Each condition is written once: what is derived of it, and what is refused for want of a word."""

# ruff: noqa: E501  a fault reads best on one line

from __future__ import annotations

import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest

from k20kg.definition import loader
from k20kg.definition.expand import DERIVING, expand
from k20kg.definition.forms import NotStatedError
from k20kg.definition.loader import load
from k20kg.engines import compile_shapes
from k20kg.errors import UsageError
from k20kg.rdf.graph import Graph, read_turtle, str_of
from k20kg.vocabulary import K20, KS, RDF_TYPE, SH, packaged

FOLDER = packaged("shapes", "clifford-millar-2007")
HEAD = """
@prefix k20: <https://w3id.org/k20kg/ontology#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix my: <https://example.org/my#> .
"""
# One record counts if it is backed; a disputed one is not undisputed, one left open is not ruled out.
COUNTS = (
    HEAD
    + """
my:Backed a sh:PropertyShape ; sh:path my:backedBy ; sh:minCount 1 ;
    k20:undisputed my:Firm ; k20:perhaps my:Conceivable .
my:Firm a sh:NodeShape ; sh:property my:Backed ; sh:not my:Doubted ;
    k20:undisputed my:Firm ; k20:perhaps my:Conceivable .
my:Doubted a sh:PropertyShape ; sh:path my:doubtedBy ; sh:minCount 1 .
my:Open a sh:PropertyShape ; sh:path my:openTo ; sh:minCount 1 .
my:Conceivable a sh:NodeShape ; sh:or ( my:Backed my:Open ) .
"""
)
VISIT = (
    COUNTS
    + """
my:some-visit a sh:PropertyShape ; sh:path my:visit ; sh:qualifiedValueShape my:Visit ;
    sh:qualifiedMinCount 1 ; sh:message "Nobody came."@en .
my:Visit a sh:NodeShape ; sh:property my:Backed , my:Long .
my:Long a sh:PropertyShape ; sh:path my:long ; sh:hasValue true ;
    k20:ruledOutBy [ sh:path my:long ; sh:hasValue false ] .
my:asked a sh:NodeShape ; sh:targetNode my:inn ; sh:property my:some-visit-undisputed .
my:open a sh:NodeShape ; sh:targetNode my:inn ; sh:property my:perhaps-some-visit .
my:empty a sh:NodeShape ; sh:targetNode my:inn ; sh:node my:not-some-visit .
"""
)


def expanded(text: str) -> Graph:
    return Graph(expand(ox.parse(text, format=ox.RdfFormat.TURTLE)))


def failing(text: str, record: str) -> set[str]:
    """Return which of the shapes of VISIT a record fails."""
    quads = expand(ox.parse(text, format=ox.RdfFormat.TURTLE))
    shapes = ox.serialize((q.triple for q in quads), format=ox.RdfFormat.N_TRIPLES)  # type: ignore[union-attr]
    assert shapes is not None
    run = compile_shapes(shapes.decode(), "")
    names = {
        "some-visit-undisputed": "undisputed",
        "perhaps-some-visit": "perhaps",
        "empty": "not",
    }
    found = {r.shape.rsplit("#", 1)[-1] for r in run(HEAD + record, "turtle")}
    return {names[name] for name in found & set(names)}


@pytest.mark.parametrize(
    ("record", "fails"),
    [
        ("my:inn my:visit my:v . my:v my:backedBy my:e ; my:long true .", {"not"}),
        ("my:inn my:visit my:v . my:v my:openTo my:e ; my:long true .", {"undisputed"}),
        ("my:inn my:visit my:v . my:v my:openTo my:e .", {"undisputed"}),
        ("my:inn my:visit my:v . my:v my:backedBy my:e .", {"undisputed"}),
        (
            "my:inn my:visit my:v . my:v my:backedBy my:e ; my:long false .",
            {"undisputed", "perhaps"},
        ),
        (
            "my:inn my:visit my:v . my:v my:backedBy my:e ; my:doubtedBy my:d ; my:long true .",
            {"undisputed", "not"},
        ),
        ("my:inn my:visit my:v . my:v my:long true .", {"undisputed", "perhaps"}),
    ],
    ids=["backed", "open", "open-and-silent", "silent", "ruled-out", "disputed", "unbacked"],
)
def test_forms_hold_where_their_words_say(record: str, fails: set[str]) -> None:
    assert failing(VISIT, record) == fails


def test_a_form_keeps_counts_and_leaves_messages_behind() -> None:
    graph = expanded(VISIT)
    form = "https://example.org/my#perhaps-some-visit"
    assert graph.value(form, SH + "qualifiedMinCount") == "1"
    assert graph.values(form, SH + "message") == []
    assert graph.value("https://example.org/my#some-visit", K20 + "perhaps") == form


def test_a_twin_says_the_same_of_the_other_side_but_for_what_it_states_itself() -> None:
    graph = expanded(
        HEAD
        + """
my:words k20:twinWord [ k20:here "left" ; k20:there "right" ] .
my:Left k20:twin my:Right .
my:left-hand a sh:PropertyShape ; sh:path ( my:has my:hand ) ; sh:class my:Left ;
    sh:message "No left hand."@en ; k20:wouldSettle "A left hand."@en ; k20:twin my:right-hand .
my:right-hand k20:wouldSettle "Another hand."@en .
"""
    )
    twin = "https://example.org/my#right-hand"
    assert graph.values(twin, SH + "class") == ["https://example.org/my#Right"]
    assert graph.values(twin, SH + "message") == ["No right hand."]
    assert graph.values(twin, K20 + "wouldSettle") == ["Another hand."]
    assert [*graph.items(twin, SH + "path")] == [f"https://example.org/my#{n}" for n in ("has", "hand")]  # fmt: skip


def test_a_counter_shape_takes_over_what_it_counters() -> None:
    graph = expanded(
        VISIT
        + """
my:support a sh:NodeShape ; k20:tests my:criterion ; k20:under my:plain ; sh:property my:some-visit .
my:nobody k20:counters my:support ; k20:whereComplete my:listed ; k20:lacks my:some-visit .
my:listed a sh:PropertyShape ; sh:path my:listed ; sh:minCount 1 .
"""
    )
    shape = "https://example.org/my#nobody"
    assert graph.values(shape, K20 + "tests") == ["https://example.org/my#criterion"]
    assert graph.values(shape, K20 + "role") == [K20 + "Counter"]
    assert graph.values(shape, K20 + "witnessedBy") == ["https://example.org/my#listed"]
    alternatives = [*graph.items(shape, SH + "or")]
    assert alternatives == [f"https://example.org/my#{n}" for n in ("not-listed", "perhaps-some-visit")]  # fmt: skip


def test_what_a_file_states_itself_is_never_overwritten() -> None:
    graph = expanded(
        VISIT
        + "my:PerhapsVisit a sh:NodeShape ; sh:property my:Long . my:Visit k20:perhaps my:PerhapsVisit ."
    )
    assert graph.values("https://example.org/my#PerhapsVisit", SH + "property") == [
        "https://example.org/my#Long"
    ]


def test_a_condition_on_a_value_says_what_rules_it_out() -> None:
    silent = VISIT.replace("sh:hasValue true ;\n    k20:ruledOutBy [ sh:path my:long ; sh:hasValue false ] .", "sh:hasValue true .")  # fmt: skip
    assert silent != VISIT
    with pytest.raises(NotStatedError) as error:
        expanded(silent)
    assert error.value.fault[0] == "https://example.org/my#Long"
    by_silence = silent.replace("sh:hasValue true .", "sh:hasValue true ; k20:perhaps my:Long .")
    assert "perhaps" in failing(by_silence, "my:inn my:visit my:v . my:v my:backedBy my:e .")


def test_a_shape_that_asks_for_itself_is_refused() -> None:
    circle = VISIT.replace(
        "my:Visit a sh:NodeShape ;", "my:Visit a sh:NodeShape ; sh:node my:Visit ;"
    )
    with pytest.raises(NotStatedError) as error:
        expanded(circle)
    assert error.value.fault[:2] == ("https://example.org/my#Visit", "asks for itself")


def test_what_is_expanded_already_stays_as_it_is() -> None:
    stated = [*load("clifford-millar-2007").shapes]
    assert expand(stated) == stated


def test_no_shape_file_states_what_would_be_derived() -> None:
    """Without any one statement on a derived form, derivation gives something else."""
    stated = read_turtle(*sorted(FOLDER.glob("*.ttl")))
    names = {str_of(q.subject) for q in stated}
    forms = {
        str_of(q.object)
        for q in stated
        if q.predicate.value in (K20 + "undisputed", K20 + "perhaps") and str_of(q.object) in names
    } - {KS + "Anything"}  # a block of its own
    for form in sorted(forms):
        without = [
            q
            for q in stated
            if str_of(q.subject) != form
            and not (q.predicate.value in DERIVING and str_of(q.object) == form)
        ]
        try:
            derived = Graph(expand(without))
        except NotStatedError:
            continue
        whole = Graph(stated)
        same = all(
            derived.values(form, p) == whole.values(form, p)
            for p in (SH + n for n in ("property", "node", "not", "or", "path", "sparql"))
        )
        assert not same, form


def test_every_criterion_of_the_definition_has_a_file_of_its_own() -> None:
    graph = load("clifford-millar-2007").graph
    for criterion in graph.subjects(RDF_TYPE, K20 + "Criterion"):
        code = graph.value(criterion, K20 + "code")
        if not criterion.startswith("https://w3id.org/k20kg/criterion/"):
            continue
        name = criterion.rsplit("/", 1)[-1]
        assert (FOLDER / f"{code}-{name}.ttl").is_file(), criterion


def test_the_folder_stays_small_enough_to_read() -> None:
    lines = sum(len(p.read_text(encoding="utf-8").splitlines()) for p in FOLDER.glob("*.ttl"))
    assert lines <= 2300  # 1 450 before the ties


MISTAKES = {
    "a block that is not there": (
        "2a-k12-member.ttl",
        "sh:property ks:Affirmed , ks:OfDistrict",
        "sh:property ks:Affirmed , ks:OfDistrct",
        r"2a-k12-member\.ttl:\d+: ks:DistrictMembership refers by sh:property to ks:OfDistrct, which is not there",
    ),
    "a term that nobody declared": (
        "2c-formal-agreement.ttl",
        "k20:upperEchelon ; sh:hasValue false",
        "k20:upperEchelons ; sh:hasValue false",
        r"2c-formal-agreement\.ttl.*k20:upperEchelons, which the vocabulary does not have",
    ),
    "a value of which silence says nothing": (
        "1b-routine.ttl",
        "k20:ruledOutBy",
        "k20:wouldSettle",
        r"1b-routine\.ttl:\d+: ks:\w+ puts a condition on a value \(sh:hasValue\) and does not state what rules it out",
    ),
    "a counter shape that lacks nothing known": (
        "1a-shared-goal.ttl",
        "k20:lacks ks:common-goal",
        "k20:lacks ks:comon-goal",
        r"1a-shared-goal\.ttl:\d+: ks:shared-goal-shortfall refers by k20:lacks to ks:comon-goal",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_shipped_file_is_refused_at_load(
    mistake: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, old, new, message = MISTAKES[mistake]
    copy = tmp_path / "clifford-millar-2007"
    shutil.copytree(FOLDER, copy)
    text = (copy / name).read_text(encoding="utf-8")
    assert old in " ".join(text.split())
    changed = text.replace(old, new)
    if changed == text:  # the formatter broke the line
        first = old.split(" ; ")[0]
        changed = text.replace(first, new.split(" ; ")[0])
    (copy / name).write_text(changed, encoding="utf-8")
    monkeypatch.setattr(loader, "_shape_files", lambda _: tuple(sorted(copy.glob("*.ttl"))))
    loader._shipped.cache_clear()
    loader._stated.cache_clear()
    try:
        with pytest.raises(UsageError, match=message):
            load("clifford-millar-2007")
    finally:
        loader._shipped.cache_clear()
        loader._stated.cache_clear()


def test_derived_names_are_those_that_are_published() -> None:
    graph = load("clifford-millar-2007").graph
    for name in ("common-goal-undisputed", "perhaps-common-goal", "PerhapsJointTask"):
        assert KS + name in graph
