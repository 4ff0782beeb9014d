"""The Word report: what it says, how it is made, and that nothing in it names whom it must not."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from assessments import HOSTILE, LITERAL, assess, read_all, read_hostile, read_lamsig, read_vending
from docx import Document
from scale import proof, some
from shipped import CASES

import k20kg
from k20kg.cli import main
from k20kg.definition.shipped import DEFAULT_DEFINITION, shipped_definitions
from k20kg.model import Assessment
from k20kg.report.word.assessments import write

LAMSIG, GUIE = CASES["lamsig"], CASES["guie"]
Captured = pytest.CaptureFixture[str]
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
NAMES = ("LAUSD", "Los Angeles", "CSUDH", "Dominguez", "Northridge", "Madison", "Wisconsin",
         "SCALE", "QED", "Pittsburgh", "IFL", "WestEd", "Clifford &", "lamsig")  # fmt: skip


def show(assessments: Sequence[Assessment], **more: Any) -> bytes:
    return write(assessments, version="0.2.0", **more)


def opened(data: bytes) -> Any:
    return Document(io.BytesIO(data))


def part(data: bytes, name: str) -> str:
    return zipfile.ZipFile(io.BytesIO(data)).read(name).decode()


def body(data: bytes) -> str:
    """All that is read on the pages, footnotes included."""
    parts = ("word/document.xml", "word/footnotes.xml", "word/header1.xml", "word/footer1.xml")
    return " ".join(re.sub(r"<[^>]+>", "\0", part(data, name)) for name in parts).replace("\0", "")


def headings(data: bytes, level: int) -> list[str]:
    return [p.text for p in opened(data).paragraphs if p.style.name == f"Heading {level}"]


def judged(tmp_path: Path, *arguments: str) -> bytes:
    out = tmp_path / "report.docx"
    assert main(["validate", *arguments, "-o", str(out)]) == 0
    return out.read_bytes()


@pytest.fixture(scope="module")
def lamsig(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return judged(tmp_path_factory.mktemp("word"), str(LAMSIG))


def tables(data: bytes) -> dict[str, list[list[str]]]:
    """The cells of each table by the caption above it."""
    captions = [p.text for p in opened(data).paragraphs if p.style.name == "Caption"]
    found = [[[c.text for c in row.cells] for row in one.rows] for one in opened(data).tables]
    return {c.split(". ", 1)[1]: t for c, t in zip(captions, found, strict=True)}


# ---------------------------------------------------------------- content


def test_the_sections_stand_in_the_order_of_reading(lamsig: bytes) -> None:
    assert headings(lamsig, 1) == [
        "Summary", "Findings by criterion", "Whom to ask for what",
        "Assumptions on which the verdicts rest", "Where the sources disagree",
        "When each criterion was met", "Method and limits", "Appendix: evidence",
    ]  # fmt: skip
    codes = [title.split()[0] for title in headings(lamsig, 2)]
    assert codes == ["1a", "1b", "2a", "2b", "2c", "2d", "2e", "3", "4"]


def test_the_first_table_of_verdicts_has_readings_and_authors(lamsig: bytes) -> None:
    table = tables(lamsig)["Verdicts by criterion and reading"]
    assert table[0] == ["Criterion", "as-applied", "literal", "The authors"]
    assert table[1] == ["1a Shared goal", "✔ met ◆ (4 of 4)", "✔ met ◆ (4 of 4)", "Met, paper 6.1"]
    assert table[8][2] == "◌ not established (at least 1 of 38)"
    assert table[-1][1].startswith("✔ K-20 partnership, as the authors judged this very case (8 ")


def test_what_was_found_is_named_with_owners_and_positions(lamsig: bytes) -> None:
    said = body(lamsig)
    assert "QED funding, QED staff time (California State University, Dominguez Hills)" in said
    assert "(Los Angeles Unified School District, upper echelon administrators)" in said
    assert "Teacher leaders (6) (Los Angeles Unified School District)" in said
    assert "tied to nobody counted (literal): a STEM faculty member." in said


def sections(data: bytes) -> dict[str, str]:
    """The paragraphs below each heading, tables aside."""
    found: dict[str, str] = {}
    title = ""
    for one in opened(data).paragraphs:
        title = one.text if one.style.name.startswith("Heading") else title
        found[title] = found.get(title, "") + one.text
    return found


def test_a_criterion_takes_half_a_page_and_names_are_told_in_full_behind(lamsig: bytes) -> None:
    criteria = {t: said for t, said in sections(lamsig).items() if t in headings(lamsig, 2)}
    assert len(criteria) == 9
    assert max(map(len, criteria.values())) < 2000, "with three items a page has room for two"
    assert "17 contributions: CSU leaders" in criteria["4 Joint work"]
    assert "and 14 more, in the appendix" in criteria["4 Joint work"]
    (whole,) = [row[1] for row in tables(lamsig)["Summed up above"] if row[0] == "4 Joint work"]
    assert len(whole.split(": ", 1)[1].split(";")) == 17
    assert "Request 8" in criteria["3 Mutual benefit"]


def test_nothing_that_is_summed_up_is_lost(lamsig: bytes) -> None:
    said = unescape(body(lamsig))
    for one in k20kg.validate(LAMSIG):
        for finding in one.findings:
            for item in finding.evidence:
                assert (item.statement or item.record_label).rstrip(".") in said, item.iri
            for carrier in (*finding.carried_by, *(w for g in finding.missing for w in g.whom)):
                unnamed = carrier.label.startswith("case/")
                assert unnamed or carrier.label in said, carrier.iri


def test_the_appendix_has_the_rows_of_a_chart_together(lamsig: bytes) -> None:
    rows = tables(lamsig)["All evidence"][1:]
    (chart,) = [row for row in rows if row[1].startswith("paper 6.2, Chart 4, rows 1–")]
    assert "[row\xa02] Sub-district science specialists. [row\xa03] Central office" in chart[2]
    told = {n for row in rows for n in numbered(row[0])}
    (above,) = [p.text for p in opened(lamsig).paragraphs if p.text.endswith("the assumptions.")]
    told |= numbered(above.split(" stand ")[0])
    assert told == set(range(1, max(told) + 1)), "each number stands in the appendix or above"
    assert len(rows) < 0.7 * len(told)


def numbered(text: str) -> set[int]:
    """The numbers of ``E1–E3, E7``."""
    ends = [[int(n[1:]) for n in part.split("–")] for part in text.split(", ")]
    return {n for run in ends for n in range(run[0], run[-1] + 1)}


def test_no_address_is_read_anywhere(lamsig: bytes) -> None:
    assert not re.search(r"https?:|w3id|case/lamsig|k20:", body(lamsig))


def test_sources_stand_in_real_footnotes(lamsig: bytes) -> None:
    notes = re.findall(r'<w:footnote w:id="(\d+)">', part(lamsig, "word/footnotes.xml"))
    marks = re.findall(r'<w:footnoteReference w:id="(\d+)"', part(lamsig, "word/document.xml"))
    assert notes == marks == [str(n) for n in range(1, len(notes) + 1)]
    assert len(notes) > 20
    places = "Clifford &amp; Millar 2007, paper: 6.0, line 269; 6.0, line 283; 6.3, line 361"
    assert places in part(lamsig, "word/footnotes.xml")
    assert "footnotes.xml" in part(lamsig, "[Content_Types].xml")


def test_requests_come_once_and_the_one_record_first(lamsig: bytes) -> None:
    rows = tables(lamsig)["Requests"][1:]
    assert [row[0] for row in rows] == [str(n) for n in range(1, len(rows) + 1)]
    assert rows[0][3] == "2e Active engagement (literal)"
    assert all(row[2].startswith("☐ ") for row in rows)


def test_assumptions_that_decide_come_first_and_are_marked(lamsig: bytes) -> None:
    marks = [row[0][0] for row in tables(lamsig)["Assumptions"][1:]]
    assert marks == sorted(marks, reverse=True)
    assert marks.count("◆") == 8


def test_the_time_is_told_by_reading(lamsig: bytes) -> None:
    table = tables(lamsig)["When each criterion was met, by what the record dates"]
    assert table[1][:2] == ["2006-08-31 to 2007-05-09", "K-20 partnership (as-applied)"]
    assert table[-1][0] == "at no time"
    assert table[-1][1].startswith("K-20 partnership, ")
    assert table[-1][1].endswith(" (literal)")


def test_what_nobody_said_is_left_to_be_filled_in(lamsig: bytes, tmp_path: Path) -> None:
    about = dict(map(tuple, tables(lamsig)["About this report"]))
    assert about["Evaluated by"] == about["Period looked at"] == "[to be filled in]"
    told = judged(tmp_path, str(GUIE), "--evaluator", "Ann Lee", "--period", "2005 to 2007")
    about = dict(map(tuple, tables(told)["About this report"]))
    assert (about["Evaluated by"], about["Period looked at"]) == ("Ann Lee", "2005 to 2007")


def test_what_the_record_says_of_itself_is_used(tmp_path: Path) -> None:
    case = tmp_path / "case.ttl"
    source = CASES["two-departments"].read_text(encoding="utf-8")
    assert "<record> rdfs:label" in source
    said = '<record> dcterms:creator "Ann Lee" ; dcterms:temporal "autumn 2020" ; rdfs:label'
    source = source.replace("<record> rdfs:label", said)
    prefix = "@prefix dcterms: <http://purl.org/dc/terms/> .\n"
    case.write_text(prefix * ("dcterms: <" not in source) + source, encoding="utf-8")
    about = dict(map(tuple, tables(judged(tmp_path, str(case)))["About this report"]))
    assert (about["Evaluated by"], about["Period looked at"]) == ("Ann Lee", "autumn 2020")


def test_made_up_cases_say_so_and_several_are_parts_of_one_document() -> None:
    data = show([*read_lamsig(), *read_vending()])
    assert "Made-up case: invented to try the criteria" in body(data)
    parts = headings(data, 1)
    assert [title.rsplit(" a K-20", 1)[0] for title in parts] == [
        "Is Los Angeles Middle School Immersion Group",
        "Is Vending-machine service contract (made up)",
    ]
    assert tables(data)["The verdict on every case"][3][2:] == ["◐ contested", "3"]


def test_both_sides_are_shown_where_the_record_speaks_against() -> None:
    table = tables(show(read_vending()))["3 Mutual benefit: the evidence"]
    assert [row[4] for row in table[1:]] == ["– against", "+ for"]


def test_one_reading_and_no_evidence_make_a_report_too() -> None:
    data = show([assess(LITERAL, {}, label="Bare")])
    assert headings(data, 1) == ["Summary", "Findings by criterion", "Method and limits"]
    assert tables(data)["Verdicts by criterion and reading"][0] == ["Criterion", "literal"]


# ---------------------------------------------------------------- form


def test_styles_captions_fields_and_language_are_real(lamsig: bytes) -> None:
    document = opened(lamsig)
    used = {p.style.name for p in document.paragraphs}
    assert {"Title", "Subtitle", "Heading 1", "Heading 2", "Caption", "List Bullet"} <= used
    assert document.core_properties.title.startswith("Is Los Angeles Middle School")
    assert document.core_properties.language == "en-US"
    assert part(lamsig, "word/document.xml").count(" SEQ Table ") == len(document.tables)
    assert " PAGE " in part(lamsig, "word/footer1.xml")
    for table in document.tables:
        rows = table._tbl.tr_lst
        assert rows[0].find(f"{W}trPr/{W}tblHeader") is not None, "the head is repeated"
        assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)
        assert table._tbl.tblPr.find(f"{W}tblDescription").get(f"{W}val")


def test_nothing_rests_on_colour(lamsig: bytes) -> None:
    colours = set(
        re.findall(r'w:(?:fill|color)="([0-9A-F]{6})"', part(lamsig, "word/document.xml"))
    )
    assert all(len(set(re.findall("..", one))) == 1 for one in colours), "greys alone"
    signs = re.compile("[✔✘◌◐] (?!met|not met|not established|contested|K-20|not a K-20)")
    assert not signs.search(body(lamsig))


@pytest.mark.parametrize(("paper", "height"), [("letter", 279), ("a4", 297)])
def test_the_paper_is_as_asked(paper: str, height: int) -> None:
    assert round(opened(show(read_vending(), paper=paper)).sections[0].page_height.mm) == height


def test_the_same_input_gives_the_same_bytes() -> None:
    program = (
        "import sys; sys.path[:0] = sys.argv[1:3]; import assessments as t;"
        "from k20kg.report.word.assessments import write;"
        "sys.stdout.buffer.write(write(t.read_all(), version='0.2.0'))"
    )
    here = Path(__file__).parent
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program, str(here), str(here.parent)],
            env={"PYTHONHASHSEED": seed, "LC_ALL": "C", "PATH": ""},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert outputs == {show(read_all())}


def test_what_would_steer_or_break_the_file_becomes_a_mark() -> None:
    data = show(read_hostile())
    assert "alert(1)" in body(data)
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\u2066-\u2069]", body(data))
    assert HOSTILE not in body(data)


# ---------------------------------------------------------------- every case, every definition


@pytest.mark.parametrize("case", some(sorted(CASES), sample=3, always=["guie"]))
def test_every_shipped_case_is_written(case: str, tmp_path: Path) -> None:
    data = judged(tmp_path, str(CASES[case]))
    assert len(headings(data, 2)) == 9
    assert not re.search(r"https?:|w3id|k20:", body(data))


@pytest.mark.parametrize("definition", shipped_definitions())
def test_every_rival_is_written(definition: str, tmp_path: Path) -> None:
    data = judged(tmp_path, str(GUIE), "-d", definition)
    assert headings(data, 1)[0] == "Summary"
    assert headings(data, 2), definition == DEFAULT_DEFINITION


# ---------------------------------------------------------------- without names


def names_on_record() -> set[str]:
    text = "".join(p.read_text(encoding="utf-8") for p in sorted(LAMSIG.glob("*.trig")))
    kinds = "K12SchoolDistrict|University|OrganizationalUnit|Person|Project|CandidateGroup"
    return set(re.findall(rf'a k20:(?:{kinds}) ; rdfs:label "([^"]+)"@en', text))


@pytest.fixture(scope="module")
def redacted(tmp_path_factory: pytest.TempPathFactory) -> str:
    return body(judged(tmp_path_factory.mktemp("redacted"), str(LAMSIG), "--redact"))


@pytest.mark.parametrize("kind", ["docx", "text", "markdown", "html"])
def test_without_names_none_is_left(kind: str, redacted: str, tmp_path: Path) -> None:
    said, out = redacted, tmp_path / "report"
    if kind != "docx":
        assert main(["validate", str(LAMSIG), "--redact", "-f", kind, "-o", str(out)]) == 0
        said = out.read_text(encoding="utf-8")
    known = names_on_record()
    assert len(known) > 15
    assert {name for name in (*known, *NAMES) if name in said} == set()
    assert "organization" in said
    assert "[name]" in said.replace("\\", "")


def test_a_stand_in_is_the_same_throughout_and_quotations_go(redacted: str) -> None:
    (district,) = set(re.findall(r"1 K-12 school district: (organization [A-Z])", redacted))
    assert f"Teacher leaders (6) ({district})" in redacted
    assert "“" not in redacted


@pytest.mark.parametrize("kind", ["json", "csv", "turtle"])
def test_formats_with_addresses_are_refused_without_names(kind: str, capsys: Captured) -> None:
    assert main(["validate", str(GUIE), "--redact", "-f", kind]) == 2
    out, err = capsys.readouterr()
    assert "addresses have names in them; choose one of text, markdown, html, docx" in err
    assert not out


# ---------------------------------------------------------------- faults


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--paper", "a4"), "--paper is for Word; say --format docx as well"),
        (("--paper", "a5", "-f", "docx"), "there is no paper 'a5'; choose letter or a4"),
    ],
)
def test_options_that_mean_nothing_are_refused(
    options: tuple[str, ...], said: str, capsys: Captured
) -> None:
    assert main(["validate", str(GUIE), *options]) == 2
    assert capsys.readouterr() == ("", f"k20kg: {said}\n")


def test_without_the_extra_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Captured
) -> None:
    for name in [name for name in sys.modules if name.startswith("k20kg.report.word")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "docx", None)
    out = tmp_path / "report.docx"
    assert main(["validate", str(GUIE), "-o", str(out)]) == 2
    said = "Word documents are written by python-docx; pip install -e '.[office]'"
    assert capsys.readouterr().err == f"k20kg: {said}\n"
    assert not out.exists()


@proof
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_opens_it_and_makes_pages_of_it(lamsig: bytes, tmp_path: Path) -> None:
    (tmp_path / "report.docx").write_bytes(lamsig)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", "--headless", profile, "--convert-to", "pdf", "report.docx"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    pdf = (tmp_path / "report.pdf").read_bytes()
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert 5 < pages <= 13, "11 with a font of Calibri's widths, 13 with a wide one in its place"
