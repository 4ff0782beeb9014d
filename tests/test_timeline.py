"""The timeline shows when each criterion was met: in words, tables and a picture for all."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise

import pytest

from k20kg.judging.as_of import snapshot
from k20kg.judging.cases import read_cases
from k20kg.judging.judge import Judge
from k20kg.judging.timeline import Timeline, timeline
from k20kg.model import Assessment, Reading, Verdict
from k20kg.report.templates import Bar, Dated, Lane, draw
from k20kg.report.timeline import FORMATS, render
from k20kg.sources.published import publish
from k20kg.sources.shipped_cases import shipped_cases

SVG = "{http://www.w3.org/2000/svg}"
FIRST_SECOND_AFTER = timedelta(seconds=1)


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(evidence=False)


@pytest.fixture(scope="module")
def lamsig(judge: Judge) -> Timeline:
    (case,) = read_cases([shipped_cases()["lamsig"]])
    return timeline(case, judge)


def met(one: Timeline, reading: str, code: str | None) -> list[tuple[str, str]]:
    (track,) = [
        t
        for t in one.tracks
        if t.reading.id == reading and (t.criterion.code if t.criterion else None) == code
    ]
    return [(str(s.begin)[:10], str(s.end)[:10]) for s in track.met]


def test_lamsig_met_each_criterion_when_its_sources_let_it(lamsig: Timeline) -> None:
    assert met(lamsig, "as-applied", "2a") == [("2005-01-31", "None")]
    assert met(lamsig, "as-applied", "2e") == [("2005-10-31", "None")]
    assert met(lamsig, "as-applied", "1b") == [("2006-08-31", "None")]
    assert met(lamsig, "as-applied", "1a") == [("2005-01-31", "2007-05-10")]
    assert met(lamsig, "as-applied", None) == [("2006-08-31", "2007-05-10")]
    assert met(lamsig, "literal", None) == []


def test_lamsig_dates_its_formation_and_when_pittsburgh_left(lamsig: Timeline) -> None:
    found = {h.label: h.printed for h in lamsig.dated_records}
    assert found["Formation of LAMSIG by SCALE and QED"] == "January 2005"
    assert found["University of Pittsburgh in SCALE Partnership"] == "late 2006"


def test_spans_follow_each_other_without_gap_and_differ(lamsig: Timeline) -> None:
    assert len(lamsig.tracks) == 20
    for track in lamsig.tracks:
        assert track.spans[0].begin is None
        assert track.spans[-1].end is None
        for one, then in pairwise(track.spans):
            assert one.end == then.begin
            assert one.verdict is not then.verdict


def test_each_span_says_what_a_snapshot_in_it_says(lamsig: Timeline, judge: Judge) -> None:
    (case,) = read_cases([shipped_cases()["lamsig"]])

    @cache
    def judged(at: datetime) -> dict[Reading, Assessment]:
        return {a.reading: a for a in judge.assess(snapshot(case, at).case)}

    for track in lamsig.tracks:
        for span in track.spans:
            if span.begin is None or span.verdict is None:
                continue
            last = (span.end or span.begin + 2 * FIRST_SECOND_AFTER) - FIRST_SECOND_AFTER
            for at in (span.begin, last):
                one = judged(at)[track.reading]
                found = one.finding(track.criterion.iri) if track.criterion else one
                assert found.verdict is span.verdict


def test_a_case_without_dates_has_one_span_a_track(judge: Judge) -> None:
    (case,) = read_cases([shipped_cases()["guie"]])
    one = timeline(case, judge)
    assert one.begin is None
    assert {len(t.spans) for t in one.tracks} == {1}
    for name in FORMATS:
        assert render([one], name, version="0")


def test_before_the_group_there_is_no_verdict(lamsig: Timeline) -> None:
    assert {t.spans[0].verdict for t in lamsig.tracks} == {None}


def test_text_shows_bars_and_the_stretches_in_which_it_was_met(lamsig: Timeline) -> None:
    text = render([lamsig], "text", version="0", width=110)
    (line,) = [x for x in text.splitlines() if x.startswith("1b") and "met since" in x][:1]
    assert "◌" in line
    assert "✔" in line
    assert "met since 2006-08-31" in line
    assert all(len(x) <= 110 for x in text.splitlines())


def test_text_can_be_plain_ascii(lamsig: Timeline) -> None:
    assert render([lamsig], "text", version="0", ascii_only=True).isascii()


def test_json_and_csv_have_a_row_for_each_span(lamsig: Timeline) -> None:
    (found,) = json.loads(render([lamsig], "json", version="0"))["timelines"]
    spans = [s for t in found["tracks"] for s in t["spans"]]
    rows = list(csv.DictReader(io.StringIO(render([lamsig], "csv", version="0"))))
    assert len(rows) == len(spans) == sum(len(t.spans) for t in lamsig.tracks)
    assert {r["verdict"] for r in rows} == {"no group", "met", "not established"}


def test_the_picture_is_described_and_does_not_rest_on_colour(lamsig: Timeline) -> None:
    root = ET.fromstring(render([lamsig], "svg", version="0"))
    assert root.get("role") == "img"
    ids = (root.get("aria-labelledby") or "").split()
    named = {e.get("id"): e.text or "" for e in root if e.tag in (SVG + "title", SVG + "desc")}
    assert set(ids) == set(named)
    assert "K-20 partnership 2006-08-31 to 2007-05-09" in "".join(named.values())
    bars = [g for g in root.iter(SVG + "g") if g.find(SVG + "rect") is not None]
    assert len(bars) > 50
    for group in bars:
        title = group.find(SVG + "title")
        assert title is not None
        assert title.text
    wide = [
        g
        for g in bars
        if g.get("class") in ("stretch met", "stretch not-established")
        and float(g.find(SVG + "rect").get("width") or 0) > 20  # type: ignore[union-attr]
    ]
    assert all(g.find(SVG + "text") is not None for g in wide)


def test_the_page_asks_for_nothing_else_and_repeats_the_picture_in_tables(
    lamsig: Timeline,
) -> None:
    page = render([lamsig], "html", version="0")
    assert page.count("<table") == 3
    assert "http-equiv" in page
    assert " style=" not in page
    assert "src=" not in page.split("</head>")[1]


def test_what_a_record_says_cannot_break_the_picture(judge: Judge) -> None:
    text = publish(shipped_cases()["full-partnership"]).decode()
    hostile = text.replace("Full partnership (made up)", "<script>x</script> & more")
    assert hostile != text
    (case,) = read_cases([io.BytesIO(hostile.encode())], syntax="turtle")
    one = timeline(case, judge)
    for name in ("svg", "html"):
        assert "<script" not in render([one], name, version="0")
    ET.fromstring(render([one], "svg", version="0"))


def test_words_that_steer_a_terminal_or_a_browser_stay_out_of_every_picture() -> None:
    at = datetime(2006, 1, 1, tzinfo=UTC)
    bad = "a\x1b[31m\u202e<b>"
    event = Dated(bad, bad, (at, at), (None, None))
    lane = Lane(bad, (Bar(None, None, Verdict.MET, bad),))
    drawn = draw([("", [lane])], [event], at, at, title=bad, said=bad, name="scale")
    assert not {"\x1b", "\u202e"} & set(drawn)
    assert "<b>" not in drawn


def test_same_input_same_bytes(lamsig: Timeline, judge: Judge) -> None:
    (case,) = read_cases([shipped_cases()["lamsig"]])
    again = timeline(case, judge)
    for name in FORMATS:
        assert render([again], name, version="0") == render([lamsig], name, version="0")


def test_verdict_words_are_those_of_the_tool(lamsig: Timeline) -> None:
    assert {s.verdict for t in lamsig.tracks for s in t.spans} <= {None, *Verdict}
