"""A case as it stood at an instant: what held stays, what may have held is left open."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from shipped import case as shipped

from k20kg.errors import RecordError, UsageError
from k20kg.judging.as_of import Calendar, snapshot
from k20kg.judging.cases import Case, read_cases
from k20kg.judging.dates import Interval, Validity, instant_of
from k20kg.judging.judge import Judge
from k20kg.model import Verdict
from k20kg.sources.published import publish
from k20kg.sources.shipped_cases import shipped_cases

YEARS = [datetime(year, 1, 1, tzinfo=UTC) for year in range(2000, 2010)]


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(evidence=False)


def verdicts(judge: Judge, case: Case, day: str, reading: str = "as-applied") -> dict[str, Verdict]:
    then = snapshot(case, instant_of(day))
    (one,) = [a for a in judge.assess(then.case) if a.reading.id == reading]
    return {f.criterion.id: f.verdict for f in one.findings} | {"overall": one.verdict}


# ---------------------------------------------------------------- dates


@pytest.mark.parametrize(
    ("text", "last_second"),
    [
        ("2006", "2006-12-31T23:59:59+00:00"),
        ("2004-02", "2004-02-29T23:59:59+00:00"),
        ("2006-06-30", "2006-06-30T23:59:59+00:00"),
        ("2006-06-30T12:00:00Z", "2006-06-30T12:00:00+00:00"),
    ],
)
def test_a_date_stands_for_its_last_second(text: str, last_second: str) -> None:
    assert instant_of(text).isoformat() == last_second


@pytest.mark.parametrize("text", ["", "06", "2006-13", "2006-02-30", "0000", "last year", "2006T"])
def test_what_is_no_date_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(UsageError, match="write it like"):
        instant_of(text)


# ---------------------------------------------------------------- intervals


@pytest.mark.parametrize(
    ("interval", "begun"),
    [
        (Interval(), "HHHHHHHHHH"),
        (Interval(earliest_begin=YEARS[3], latest_begin=YEARS[5]), "DDDMMHHHHH"),
        (Interval(earliest_begin=YEARS[3]), "DDDMMMMMMM"),
        (Interval(latest_begin=YEARS[5]), "MMMMMHHHHH"),
        (Interval(earliest_begin=YEARS[3], latest_end=YEARS[6]), "DDDMMMHHHH"),
    ],
)
def test_before_its_bounds_nothing_has_begun_between_them_perhaps(
    interval: Interval, begun: str
) -> None:
    assert "".join(interval.begun(at).name[0] for at in YEARS) == begun


@pytest.mark.parametrize(
    ("interval", "ended"),
    [
        (Interval(), "DDDDDDDDDD"),
        (Interval(earliest_begin=YEARS[2]), "DDDDDDDDDD"),
        (Interval(earliest_end=YEARS[3], latest_end=YEARS[5]), "DDDMMHHHHH"),
        (Interval(earliest_end=YEARS[3]), "DDDMMMMMMM"),
        (Interval(earliest_begin=YEARS[2], latest_end=YEARS[5]), "DDMMMHHHHH"),
    ],
)
def test_an_end_that_nobody_records_has_not_come(interval: Interval, ended: str) -> None:
    assert "".join(interval.ended(at).name[0] for at in YEARS) == ended


# ---------------------------------------------------------------- snapshots


def test_nothing_is_changed_where_everything_holds(judge: Judge) -> None:
    case = shipped("full-partnership")
    then = snapshot(case, instant_of("2021"))
    assert then.formed is Validity.HOLDS
    whole = [f.verdict for a in judge.assess(case) for f in a.findings]
    before = snapshot(case, instant_of("2021-06-30T00:00:00Z"))
    assert [f.verdict for a in judge.assess(before.case) for f in a.findings] == whole
    assert before.left_open == before.left_out == ()


def test_before_a_group_is_formed_nothing_is_established(judge: Judge) -> None:
    case = shipped("full-partnership")
    assert set(verdicts(judge, case, "2019").values()) == {Verdict.NOT_ESTABLISHED}
    assert "not there" in snapshot(case, instant_of("2019")).note


def test_a_list_complete_up_to_a_day_says_nothing_of_later(judge: Judge) -> None:
    case = shipped("one-cycle-closed")
    assert verdicts(judge, case, "2021-06-29")["routine"] is Verdict.NOT_MET
    assert verdicts(judge, case, "2022")["routine"] is Verdict.NOT_ESTABLISHED


def test_lamsig_while_it_was_formed_is_open(judge: Judge) -> None:
    then = snapshot(shipped("lamsig"), instant_of("2005-01-15"))
    assert then.formed is Validity.MAY_HOLD
    assert "open" in then.note


def test_lamsig_has_no_routine_until_both_units_were_designed(judge: Judge) -> None:
    case = shipped("lamsig")
    found = [verdicts(judge, case, day)["routine"] for day in ("2005-06", "2006-06", "2006-08")]
    assert found == [Verdict.NOT_ESTABLISHED, Verdict.NOT_ESTABLISHED, Verdict.MET]


def test_lamsig_is_a_partnership_as_applied_from_august_2006(judge: Judge) -> None:
    case = shipped("lamsig")
    days = ("2004", "2006-07", "2006-08", "2007-05-08", "2010")
    found = [verdicts(judge, case, day)["overall"] is Verdict.MET for day in days]
    assert found == [False, False, True, True, False]


def test_no_snapshot_of_lamsig_finds_anything_not_met(judge: Judge) -> None:
    dates = Calendar(shipped("lamsig"))
    assert len(dates.turns()) > 10
    for at in dates.turns():
        for one in judge.assess(snapshot(dates, at).case):
            assert Verdict.NOT_MET not in {f.verdict for f in one.findings}


def test_a_cycle_that_ended_later_was_under_way(judge: Judge, tmp_path: Path) -> None:
    text = publish(shipped_cases()["one-cycle-closed"]).decode()
    assert text.count("k20:enactmentStatus k20:Completed ;") == 1
    dated = text.replace(
        "k20:enactmentStatus k20:Completed ;",
        "k20:enactmentStatus k20:Completed ;\n"
        '    k20:earliestBegin "2020-03-01T00:00:00Z"^^xsd:dateTime ;\n'
        '    k20:latestBegin "2020-03-01T00:00:00Z"^^xsd:dateTime ;\n'
        '    k20:earliestEnd "2020-09-01T00:00:00Z"^^xsd:dateTime ;\n'
        '    k20:latestEnd "2020-09-01T00:00:00Z"^^xsd:dateTime ;',
    )
    path = tmp_path / "case.ttl"
    path.write_text(dated)
    (case,) = read_cases([path])
    for day, status in (("2020-02", None), ("2020-06", "UnderWay"), ("2020-10", "Completed")):
        then = snapshot(case, instant_of(day)).case
        found = [
            str(q.object).split("#")[1].rstrip(">")
            for q in then.quads
            if str(q.predicate).endswith("enactmentStatus>")
            and str(q.subject).endswith("enactment/1>")
        ]
        assert found == ([status] if status else [])


def test_a_snapshot_is_a_well_formed_record(judge: Judge) -> None:
    for name in shipped_cases():
        judge.check(snapshot(shipped(name), instant_of("2006-07")).case)


def test_as_time_goes_on_what_certainly_held_grows_unless_something_ends() -> None:
    dates = Calendar(shipped("full-partnership"))
    held = [
        {r for r in dates.intervals if dates.validity(r, at) is Validity.HOLDS}
        for at in dates.turns()
        if at <= instant_of("2021-06-29")
    ]
    assert len(held) == 2
    assert all(before <= after for before, after in pairwise(held))


def test_a_date_that_is_none_is_named(tmp_path: Path) -> None:
    text = shipped("full-partnership").text.replace("2020-02-01T00:00:00Z", "2020-02-31T00:00:00Z")
    path = tmp_path / "case.ttl"
    path.write_text(text)
    (case,) = read_cases([path])
    with pytest.raises(RecordError, match="2020-02-31"):
        snapshot(case, instant_of("2020"))


def test_the_ontology_says_how_each_kind_of_record_stands_in_time() -> None:
    from k20kg.sources.terms import temporal_kind
    from k20kg.vocabulary import K20

    found = {
        name: temporal_kind(K20 + name).removeprefix(K20)
        for name in ("Signature", "FirmMembership", "CompletenessStatement", "NameUse")
    }
    assert found == {
        "Signature": "Act",
        "FirmMembership": "State",
        "CompletenessStatement": "UpToItsDay",
        "NameUse": "AboutTheRecord",
    }
