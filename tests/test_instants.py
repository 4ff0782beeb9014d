"""One time: all nine criteria at once, whatever command asks.

Each case is a patch of `full-partnership`, in which all nine are met under both readings and all
lists are complete as of 30 June 2021. What is expected follows from the rule in docs/time.md.
"""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
import pytest
from corpora import as_rows, rows_of
from scale import some

from k20kg.analysis.compare import compare, sides_of
from k20kg.analysis.thresholds import VariantJudge
from k20kg.definition.bundles import bundle
from k20kg.definition.cached import compiled_definition
from k20kg.definition.loader import load
from k20kg.definition.subclasses import subclass_slice
from k20kg.engines import Validator, compile_shapes
from k20kg.judging.as_of import snapshot
from k20kg.judging.cases import Case, read_cases, write_flat
from k20kg.judging.change_over_time import may_change
from k20kg.judging.dates import instant_of
from k20kg.judging.instants import Instants
from k20kg.judging.judge import Judge
from k20kg.judging.timeline import Span, timeline
from k20kg.model import Assessment, Verdict
from k20kg.rdf.graph import Graph, ntriples
from k20kg.report import render
from k20kg.report.timeline import FORMATS
from k20kg.report.timeline import render as draw
from k20kg.sources.shipped_cases import shipped_cases
from k20kg.vocabulary import K20
from k20kg.web.pages import judge as page

MADE: Final = "https://w3id.org/k20kg/case/made"
READINGS: Final = ("as-applied", "literal")
LISTS: Final = (
    "members", "participants", "asked", "enactments", "agreements", "commitments", "tasks",
    "goal-statements", "benefit-statements",
)  # fmt: skip
OF_TIME: Final = (
    "agreement-lapsed", "cycles-complete-earlier", "district-left-before-first-cycle",
    "ended-with-second-cycle",
)  # fmt: skip


def dated(node: str, **bounds: str) -> str:
    """Return a node's bounds; ``begin`` and ``end`` give both of theirs."""
    names = {"begin": ("earliestBegin", "latestBegin"), "end": ("earliestEnd", "latestEnd")}
    said = [
        f'k20:{name} "{day}T00:00:00Z"^^xsd:dateTime'
        for word, day in bounds.items()
        for name in names.get(word, (word,))
    ]
    return f"{node} {' ; '.join(said)} .\n"


def cycles(first: str, second: str) -> str:
    one = dated("<enactment/1>", begin="2020-03-01", end=first)
    return one + dated("<enactment/2>", begin="2020-04-01", end=second)


SECOND_DISTRICT: Final = """
case:made k20:membership <membership/district> , <membership/university> , <membership/other> ;
    k20:benefitStatement <benefit-statement/teachers> , <benefit-statement/faculty> , <denial> .
<other> a k20:K12SchoolDistrict ; rdfs:label "Other district (made up)"@en .
<membership/other> a k20:FirmMembership ; k20:memberFirm <other> ; k20:evidencedBy <evidence/1> .
<role-group/other> a k20:RoleGroup ; rdfs:label "Teachers of the other district"@en ;
    k20:sector k20:K12Sector ; k20:homeFirm <other> .
<denial> a k20:BenefitStatement ; k20:statedBy <role-group/other> ; k20:recipient <other> ;
    k20:stance k20:Denies ; k20:expectation k20:Expected ; k20:benefitScope k20:OwnOrganization ;
    k20:evidencedBy <evidence/3> .
""" + dated("<membership/other>", end="2020-08-31")

ALL_IN_2021: Final = "".join(
    dated(f"<{node}>", earliestBegin="2021-01-01", latestBegin="2021-12-31")
    for node in ("formation", "agreement", "membership/district", "membership/university",
                 "participation/teachers", "participation/faculty", "task/1")
) + "".join(
    dated(f"<enactment/{n}>", earliestBegin="2021-01-01", latestBegin="2021-12-31",
          earliestEnd="2021-01-01", latestEnd="2021-12-31") for n in (1, 2)
) + "".join(
    dated(f"<{node}>", earliestEnd="2021-01-01", latestEnd="2021-12-31")
    for node in ("membership/district", "membership/university", "task/1")
) + "".join(dated(f"<complete/{name}>", asOf="2021-12-31") for name in LISTS)  # fmt: skip

Expected = dict[str, Verdict]
NOT, OPEN = Verdict.NOT_MET, Verdict.NOT_ESTABLISHED
CASES: Final[dict[str, tuple[str, Expected]]] = {
    # name: (patch, criteria that are not met at the instant shown)
    "nothing ends": (cycles("2020-09-30", "2021-03-31"), {}),
    "the district left before the first cycle ended": (
        cycles("2020-09-30", "2021-03-31") + dated("<membership/district>", end="2020-05-31"),
        {"1b": NOT},
    ),
    "the district left on the day of the second cycle": (
        cycles("2020-09-30", "2021-03-31") + dated("<membership/district>", end="2021-03-31"),
        {},
    ),
    "the only joint task begins after the lists end": (
        dated("<task/1>", begin="2021-09-01"), {"2e": NOT, "4": NOT},
    ),
    "a cycle ended after the list of cycles": (cycles("2020-09-30", "2021-09-30"), {"1b": NOT}),
    "cycles complete as of March, one by then, other lists later": (
        dated("<complete/enactments>", asOf="2020-03-31")
        + dated("<enactment/1>", begin="2020-02-10", end="2020-03-20")
        + "<enactment/2> k20:enactmentStatus k20:UnderWay .\n",
        {"1b": OPEN},
    ),
    "cycles complete as of March, the second in April": (
        dated("<complete/enactments>", asOf="2020-03-31")
        + dated("<enactment/1>", begin="2020-02-10", end="2020-03-20")
        + dated("<enactment/2>", begin="2020-02-10", end="2020-04-20"),
        {},
    ),
    "the project ended on the day of its second cycle": (
        cycles("2020-09-30", "2021-06-30") + dated("case:made", end="2021-06-30")
        + dated("<membership/district>", end="2021-06-30")
        + dated("<task/1>", end="2021-06-30"),
        {},
    ),
    "the project ended before its second cycle": (
        cycles("2020-09-30", "2021-06-30") + dated("case:made", end="2021-06-01"), {"1b": NOT},
    ),
    "records are dated 2021 alone": (ALL_IN_2021, {}),
    "a denial by a former member's people": (
        SECOND_DISTRICT + dated("<denial>", begin="2021-01-15"), {},
    ),
    "a denial by a member's people": (SECOND_DISTRICT, {"3": Verdict.CONTESTED}),
    "the parent project lost a member": (
        """case:made k20:parentProject <parent> .
        <parent> a k20:Project ; rdfs:label "Parent (made up)"@en ; k20:formedThrough <agreement> .
        <steering> a k20:WorkingGroup ; rdfs:label "Steering group"@en ;
            k20:parentProject <parent> ; k20:membership <membership/parent> .
        <membership/parent> a k20:FirmMembership ; k20:memberFirm <university> ;
            k20:evidencedBy <evidence/1> .\n""" + dated("<membership/parent>", end="2020-06-30"),
        {},
    ),
}  # fmt: skip
JUDGED_ONCE: Final = ("nothing ends", "the parent project lost a member")


@cache
def written(name: str) -> str:
    """Return a case as one document of N-Triples."""
    import tempfile

    prefixes = "".join(
        f"@prefix {prefix}: <{iri}> .\n"
        for prefix, iri in {
            "case": "https://w3id.org/k20kg/case/",
            "k20": K20,
            "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        }.items()
    )
    head = f"@base <{MADE}/> .\n{prefixes}case:made k20:basedOn case:full-partnership .\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "made.ttl")
        path.write_text(head + CASES[name][0], encoding="utf-8")
        (case,) = read_cases([path])
        return ntriples(case.quads)


def made(name: str) -> Case:
    (case,) = read_cases([io.BytesIO(written(name).encode())], syntax="ntriples")
    return case


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(READINGS, evidence=False)


def verdicts(one: Assessment) -> dict[str, Verdict]:
    return {f.criterion.code: f.verdict for f in one.findings}


each_case = pytest.mark.parametrize("name", CASES)


@each_case
def test_all_nine_have_to_be_met_at_one_time(name: str, judge: Judge) -> None:
    for one in judge.assess(made(name)):
        lacking = {c: v for c, v in verdicts(one).items() if v is not Verdict.MET}
        assert lacking == CASES[name][1], one.reading.id
        assert one.verdict is Verdict.all_of([Verdict.MET, *CASES[name][1].values()])


@each_case
def test_whoever_asks_gets_the_same_verdict(name: str, judge: Judge, tmp_path: Path) -> None:
    case = made(name)
    expected = {
        (a.reading.id, f.criterion.id): f.verdict for a in judge.assess(case) for f in a.findings
    }
    for suffix in ("nt", "ttl"):  # the usual way of a corpus, and the careful one
        path = tmp_path / f"case.{suffix}"
        path.write_text(written(name), encoding="utf-8")
        rows = as_rows(rows_of([path]))
        assert {(r["reading"], r["criterion"]): Verdict(r["verdict"]) for r in rows} == expected
    (row,) = compare([case], sides_of(["clifford-millar-2007"])).rows
    sent = page.assess(written(name).encode(), "case.nt").assessments
    flips = VariantJudge(load("clifford-millar-2007"), case)
    for found in (row.assessments, sent, Judge(READINGS).assess(case)):
        assert {
            (a.reading.id, f.criterion.id): f.verdict for a in found for f in a.findings
        } == expected
    for one in judge.assess(case):
        for finding in one.findings:
            assert flips.base(one.reading.iri, finding.criterion.iri) is finding.verdict


@each_case
def test_the_instant_shown_lies_where_the_timeline_says_so(name: str, judge: Judge) -> None:
    case = made(name)
    drawn = timeline(case, judge)
    for one in judge.assess(case):
        if one.moment is None:
            continue
        at = instant_of(one.moment.instant)
        for finding in (None, *one.findings):
            (track,) = [
                t for t in drawn.tracks
                if t.reading == one.reading and t.criterion == (finding and finding.criterion)
            ]  # fmt: skip
            met = any(covers(span, at) for span in (*track.met, *track.may_be))
            assert met is ((finding or one).verdict is Verdict.MET)


def covers(span: Span, at: Any) -> bool:
    return (span.begin is None or span.begin <= at) and (span.end is None or at < span.end)


@each_case
def test_only_what_changes_over_time_is_judged_more_than_once(
    name: str, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[str] = []
    run = Judge.results
    monkeypatch.setattr(
        Judge, "results", lambda s, case, *a, **k: runs.append(case.text) or run(s, case, *a, **k)
    )  # type: ignore[func-returns-value]
    found = judge.assess(made(name))
    assert len(runs) == len(set(runs))
    assert (len(runs) == 1) is (name in JUDGED_ONCE)
    assert {one.moment is None for one in found} == {name in JUDGED_ONCE}


def test_every_shipped_case_in_which_nothing_changes_is_judged_once(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[str] = []
    run = Judge.results
    monkeypatch.setattr(
        Judge, "results", lambda s, case, *a, **k: runs.append(case.text) or run(s, case, *a, **k)
    )  # type: ignore[func-returns-value]
    for name, path in shipped_cases().items():
        if name not in OF_TIME:
            (case,) = read_cases([path])
            runs.clear()
            assert {one.moment for one in judge.assess(case)} == {None}
            assert len(runs) == 1, name


@each_case
def test_the_text_never_says_wrongly_that_nothing_changes(name: str) -> None:
    reach = compiled_definition("clifford-millar-2007", ()).reach
    case = made(name)
    for text, syntax in ((written(name), "ntriples"), (write_flat(case), "turtle")):
        if not may_change(text, syntax):
            assert not Instants(Graph(case.quads), case.group, "", reach).change


@pytest.mark.parametrize(
    "text",
    [
        "@prefix e: <https://w3id.org/k20kg/ontology#lates> . <a> e:tEnd 1 .",
        "<a> <https://w3id.org/k20kg/ontology#latest\\u0045nd> 1 .",
        "<a> k20:asOf '2021-01-01T00:00:00Z' .",
        '<a> k20:asOf "2021-01-01T00:00:00Z" . <b> k20:asOf "2021-02-01T00:00:00Z" .',
        '<a> k20:asOf "2021-01-01T00:00:00Z" . <b> k20:earliestBegin "2021-01-01T00:00:01Z" .',
        '<a> k20:asOf "2021-01-01T00:00:00+14:00" .',
    ],
)
def test_what_is_written_in_an_unusual_way_may_change(text: str) -> None:
    assert may_change(text, "turtle")


def test_what_is_met_by_turns_is_said_to_be_never_at_once(judge: Judge) -> None:
    found = judge.assess(made("the district left before the first cycle ended"))
    for one in found:
        assert one.moment
        assert one.moment.never_at_once
    for format_ in ("text", "markdown", "html", "csv", "turtle"):
        text = render(found, format_, version="0", width=400)
        assert "Each criterion is met at some time, all nine never at once." in text


def test_a_report_says_when_it_was_so(judge: Judge) -> None:
    name = "the district left on the day of the second cycle"
    (one, _) = found = judge.assess(made(name))
    assert one.moment
    assert one.moment[:] == (
        "2021-03-31T23:59:59Z",
        "2021-03-31T00:00:00Z",
        "2021-03-31T23:59:59Z",
        False,
    )
    for format_ in ("text", "markdown", "html", "csv", "turtle"):
        text = render(found, format_, version="0", width=400)
        assert "As it stood on 2021-03-31; the overall verdict is so on that day alone." in text
        assert "at some time" not in text


def test_a_day_asked_about_is_judged_alone(judge: Judge) -> None:
    case = made("the district left before the first cycle ended")
    for day, code, verdict in (
        ("2020-05-30", "1b", NOT), ("2020-05-30", "2a", Verdict.MET), ("2020-06-01", "2a", NOT),
        ("2021-04", "1b", Verdict.MET), ("2021-06-30", "1b", Verdict.MET),
    ):  # fmt: skip
        for one in judge.assess_at(case, day):
            assert verdicts(one)[code] is verdict, (day, code)
            assert one.moment is None


def test_a_membership_that_is_over_is_a_former_one() -> None:
    case = made("the district left before the first cycle ended")
    membership = ox.NamedNode(f"{MADE}/membership/district")
    for day, link in (("2020-05-30", "membership"), ("2020-06-01", "formerMembership")):
        then = snapshot(case, instant_of(day)).case
        links = [q.predicate.value.removeprefix(K20) for q in then.quads if q.object == membership]
        assert links == [link]
        assert any(q.subject == membership for q in then.quads)
    before = snapshot(case, instant_of("2019")).case
    assert not any(membership in (q.subject, q.object) for q in before.quads)


def test_a_departed_members_commitment_ends_with_its_membership() -> None:
    case = made("the district left before the first cycle ended")
    commitment = ox.NamedNode(f"{MADE}/commitment/district")
    for day, there in (("2020-05-30", True), ("2020-06-01", False)):
        then = snapshot(case, instant_of(day)).case
        assert any(q.subject == commitment for q in then.quads) is there


def test_a_list_counts_to_the_end_of_its_day(judge: Judge) -> None:
    case = made("nothing ends")
    for day, verdict in (("2021-06-30", Verdict.MET), ("2021-07-01", OPEN)):
        assert {a.verdict for a in judge.assess_at(case, day)} == {verdict}


@cache
def stock(reading: str) -> Validator:
    return compile_shapes(bundle("clifford-millar-2007", reading), subclass_slice())


@pytest.mark.parametrize("name", some(CASES, sample=4))
def test_other_engines_get_the_snapshot_that_decides(name: str, judge: Judge) -> None:
    case = made(name)
    for one, (reading, then) in zip(judge.assess(case), judge.deciding(case).items(), strict=True):
        assert (not stock(reading)(write_flat(then), "turtle")) is (one.verdict is Verdict.MET)
        judge.check(then)


def test_dates_at_the_ends_of_the_calendar_are_dates_like_others(judge: Judge) -> None:
    text = written("nothing ends").replace("2020-02-01T00:00:00Z", "0001-01-01T00:00:00Z")
    end = f'<{MADE}/membership/district> <{K20}latestEnd> "9999-12-31T23:59:59Z"'
    text += f"{end}^^<http://www.w3.org/2001/XMLSchema#dateTime> .\n"
    text = text.replace("2020-01-15T00:00:00Z", "0001-01-01T00:00:00Z")
    (case,) = read_cases([io.BytesIO(text.encode())], syntax="ntriples")
    assert {a.verdict for a in judge.assess(case)} == {Verdict.MET}
    drawn = timeline(case, judge)
    for format_ in FORMATS:
        assert draw([drawn], format_, version="0")
