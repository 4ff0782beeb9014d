"""The timeline in reports: from when to when criteria were met, and which dates decide."""

from __future__ import annotations

import io
from pathlib import Path

import pyoxigraph as ox
import pytest
import shipped
from docx import Document
from records import quads_of, written
from scale import some
from shipped import CASES

import k20kg
from k20kg.cli import main
from k20kg.judging.cases import write_flat
from k20kg.judging.dates import after, stamp
from k20kg.judging.timeline import Track
from k20kg.report.terminal import clip_names
from k20kg.vocabulary import K20
from k20kg.web.dataset import Dataset
from k20kg.web.pages import Links, Site, judge

Captured = pytest.CaptureFixture[str]
LAMSIG = [
    ["2006-08-31 to 2007-05-09", "K-20 partnership (as-applied)"],
    ["2005-01-31 to 2007-05-09", "1a; 3 (as-applied)"],
    ["since 2005-01-31", "2a, 2b; 2c, 2d, 4 (as-applied)"],
    ["since 2005-10-31", "2e (as-applied)"],
    ["since 2006-08-31", "1b"],
    ["at no time", "K-20 partnership, 2c, 2d, 2e, 3, 4 (literal)"],
]
HEADS = ["When", "Met", "Begins with", "Ends with"]
CHANGING = ("district-left-before-first-cycle", "ended-with-second-cycle")


def tables_of(data: bytes) -> list[list[list[str]]]:
    found = Document(io.BytesIO(data)).tables
    return [[[cell.text for cell in row.cells] for row in one.rows] for one in found]


def report(case: str | Path, kind: str, tmp_path: Path) -> bytes:
    out = tmp_path / "report"
    main(["validate", str(case), "-f", kind, "-o", str(out)])
    return out.read_bytes()


def stretches(track: Track, *, lenient: bool) -> list[tuple[str | None, str | None]]:
    """Return the stretches in which a track was met; lenient: or may have been."""
    spans = sorted([*track.met, *(track.may_be if lenient else ())], key=lambda s: str(s.begin))
    found: list[list[str | None]] = []
    for span in spans:
        begin = span.begin and stamp(span.begin)
        end = span.end and stamp(after(span.end, -1))
        if found and span.begin and found[-1][1] == stamp(after(span.begin, -1)):
            found[-1][1] = end
        else:
            found.append([begin, end])
    return [(begin, end) for begin, end in found if begin or end]


@pytest.mark.parametrize("name", some(sorted(CASES), sample=4, always=["lamsig", *CHANGING]))
def test_it_says_what_judging_at_every_instant_says(name: str) -> None:
    (case,) = k20kg.read_cases([CASES[name]])
    judge = k20kg.Judge()
    judged = judge.assess(case)
    exact = k20kg.timeline(case, judge)
    for one in judged:
        for track in exact.of_reading(one.reading):
            code = track.criterion.code if track.criterion else ""
            said = [(stay.begin, stay.end) for stay in one.met_periods if stay.code == code]
            assert said == stretches(track, lenient=one.moment is not None), (name, code)


def test_a_date_that_decides_is_named_with_what_it_dates(capsys: Captured) -> None:
    main(["validate", str(CASES["district-left-before-first-cycle"])])
    said = " ".join(capsys.readouterr().out.split("Timeline")[1].split())
    assert (
        "2020-02-01 to 2020-05-31: 2a, 2d, 2e. Begins with formation; ends with firm membership: "
        "Example Valley Unified School District (made up)." in said
    )
    assert "since 2021-03-15: 1b. Begins with enactment: Unit on light." in said
    assert "at no time: K-20 partnership. " in said


@pytest.mark.parametrize("kind", ["text", "markdown", "html", "docx"])
def test_every_report_for_people_has_the_same_rows(kind: str, tmp_path: Path) -> None:
    data = report(CASES["lamsig"], kind, tmp_path)
    if kind == "docx":
        (table,) = [t for t in tables_of(data) if t[0] == HEADS]
        assert [row[:2] for row in table[1:]] == LAMSIG
        return
    said = " ".join(data.decode().replace("\\", "").split())
    for when, met in LAMSIG:
        assert {
            "text": f"{when}: {met}.",
            "markdown": f"| {when} | {met} |",
            "html": f'>{when[0].upper()}{when[1:]}</th><td role="cell" data-label="Met">{met}</td>',
        }[kind] in said
    assert said.count("Timeline") == 1


def test_the_site_has_it_on_the_page_and_in_the_word_report() -> None:
    data = write_flat(shipped.case("lamsig")).encode()
    outcome = judge.assess(data, "lamsig.ttl")
    site = Site(Dataset(ox.Store(), "0", "0"), Links("/"))
    page = " ".join(judge.report(site, outcome).split())
    (words,) = [rows for rows in tables_of(judge.download(outcome, "docx")) if rows[0] == HEADS]
    assert [row[:2] for row in words[1:]] == LAMSIG
    for when, met in LAMSIG:
        when = when[0].upper() + when[1:]
        assert f'{when}</th><td role="cell" data-label="Met">{met}</td>' in page


@pytest.mark.parametrize("kind", ["text", "markdown", "html"])
def test_where_nothing_is_dated_nothing_is_said_of_time(kind: str, tmp_path: Path) -> None:
    assert b"Timeline" not in report(CASES["guie"], kind, tmp_path)


def test_a_day_asked_about_has_no_timeline(capsys: Captured) -> None:
    main(["validate", str(CASES["lamsig"]), "--as-of", "2006"])
    assert "Timeline" not in capsys.readouterr().out


def test_a_begin_without_a_last_bound_is_not_certain(tmp_path: Path) -> None:
    path = tmp_path / "case.nt"
    lines = write_flat(shipped.case("full-partnership"))
    kept = [q for q in quads_of(lines) if not q.predicate.value.endswith("latestBegin")]
    path.write_bytes(written(kept, "nt"))
    (one,) = k20kg.validate(path, reading="literal")
    assert {stay.begin for stay in one.met_periods} == {""}
    said = report(path, "text", tmp_path).decode()
    assert "not certain since when, until 2021-06-30: " in " ".join(said.split())


def test_a_run_that_may_have_ended_after_the_lists_is_met_at_no_certain_time(
    tmp_path: Path,
) -> None:
    path = tmp_path / "case.nt"
    bounds = "".join(
        f"<https://w3id.org/k20kg/case/full-partnership/enactment/2> <{K20}{name}> "
        f'"{day}T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> .\n'
        for name, day in (("earliestEnd", "2021-01-01"), ("latestEnd", "2021-12-31"))
    )
    flat = written(quads_of(write_flat(shipped.case("full-partnership"))), "nt")
    path.write_bytes(flat + bounds.encode())
    (one,) = k20kg.validate(path, reading="literal")
    found = {stay.code: (stay.begin, stay.end) for stay in one.met_periods}
    assert one.verdict is k20kg.Verdict.MET
    assert found["1b"] == ("2021-12-31T00:00:00Z", None)
    assert found[""] == ("", "2021-06-30T23:59:59Z")


def test_of_several_names_the_first_stands_whole() -> None:
    names = "LAUSD released instructional guides; Rollout of the guides in grades 4 to 7"
    assert clip_names(names, 100) == names
    assert clip_names(names, 50) == "LAUSD released instructional guides and 1 more"
    assert clip_names(names, 20) == "LAUSD released ins.."
    assert clip_names("IFL; WestED; Administrators and 8 more", 20) == "IFL; WestED; Admin.."
