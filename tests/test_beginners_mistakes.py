"""Mistakes of beginners, in Turtle and in cells, are told with place, cause and remedy.

The Turtle is the tutorial's, with one change; the cells are those of the full partnership.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import tutorial
import typed

from k20kg import cli

PAGE = Path(__file__).parent.parent / "docs" / "your-own-case.md"
TURTLE = "".join(text for language, text in tutorial.blocks(PAGE) if language == "turtle")
BASE = "https://example.org/case/river-city/"
DATE = '"2024-09-01T00:00:00Z"^^xsd:dateTime'
LONG_DATE = "does not give its earliest beginning as one date and time"

# what is written, what is written in its place; line of the place, cause, remedy
IN_TURTLE: dict[str, tuple[str, str, str, str, str]] = {
    "a class misspelt": ("a k20:K12SchoolDistrict", "a k20:K12SchooDistrict",
        ":district a", "uses k20:K12SchooDistrict, which the vocabulary does not have",
        "did you mean k20:K12SchoolDistrict?"),
    "a property misspelt": ("k20:memberFirm :district", "k20:memberFrim :district",
        ":membership-district a", "uses k20:memberFrim", "did you mean k20:memberFirm?"),
    "a value in another case": ("k20:AllInterviewed", "k20:allinterviewed",
        ":goal-teachers a", "uses k20:allinterviewed", "did you mean k20:AllInterviewed?"),
    "no evidence": ("k20:memberFirm :district ;\n    k20:evidencedBy :evidence-roll .",
        "k20:memberFirm :district .", ":membership-district a", "has no evidence",
        "add k20:evidencedBy with a source and a locator"),
    "evidence misspelt": ("k20:evidencedBy :evidence-roll", "k20:evidencedBy :evidence-rol",
        ":membership-district a", f"evidence that is not described ({BASE}evidence-rol)",
        f"did you mean {BASE}evidence-roll?"),
    "a member misspelt": ("k20:memberFirm :district", "k20:memberFirm :distict",
        ":membership-district a", f"described as a firm or a unit ({BASE}distict)",
        f"did you mean {BASE}district?"),
    "a number in quotes": ("k20:headcount 4.0", 'k20:headcount "4"', ":teachers a",
        'does not give its headcount as a decimal number of 0 or more ("4")',
        "write one number with a point and without quotes, such as 6.0"),
    "a comma in a number": ("k20:headcount 4.0", "k20:headcount 4,0", "    k20:headcount 4,0",
        "4,0 is two numbers in Turtle, 4 and 0", "write 4.0 with a point"),
    "a dot forgotten": ('2024–25"@en .', '2024–25"@en', ":evidence-roll a",
        "a dot is expected after", "end the statement before it with a dot"),
    "a semicolon forgotten": ("k20:source :minutes ;", "k20:source :minutes",
        "    k20:locator", "a ; is missing after :minutes in line 14", "put ; between properties"),
    "a dot for a semicolon": ("k20:source :minutes ;", "k20:source :minutes .", "    k20:locator",
        "the dot in line 14 ended the statement that goes on with k20:locator",
        "write ; in place of the dot in line 14"),
    "curly quote marks": ('"roll, page 1"', "“roll, page 1”", "    k20:locator",
        "“ (U+201C, left double quotation mark) stands here", 'write " (U+0022) in its place'),
    "a dash from Word": (":evidence-roll a", ":evidence–roll a", ":evidence–roll a",
        "– (U+2013, en dash) stands here", "write - (U+002D) in its place"),
    "a no-break space": ("-roll a k20:E", "-roll\u00a0a k20:E", ":evidence-roll",
        "a no-break space (U+00A0) stands here", "put an ordinary space in its place"),
    "a text left open": ('"roll, page 1"', '"roll, page 1', "    k20:locator",
        'the text that begins here with " is not closed', 'put " after its last word'),
    "another comment": (":evidence-roll a", "// the roll\n:evidence-roll a", "// the",
        "// begins no comment here", "begin each line of a comment with #"),
    "a prefix left out": ("@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n", "",
        "    rdfs:label", "the prefix rdfs: has not been declared",
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> ."),
    "another namespace": ("https://w3id.org/k20kg/ontology#", "http://w3id.org/k20kg/ontology#",
        "", "which is nearly k20:CandidateGroup and not the same",
        "write <https://w3id.org/k20kg/ontology#> as the namespace"),
    "two groups": (":minutes a", ":other a k20:CandidateGroup .\n\n:minutes a", ":other a",
        "holds 2 candidate groups", "put each case into a file of its own"),
    "no group": (" a k20:CandidateGroup ;", "", "", "there is no candidate group",
        "<…> a k20:CandidateGroup"),
    "no sector": ("    k20:sector k20:K12Sector ;\n    k20:homeFirm", "    k20:homeFirm",
        ":teachers a", "does not give its k20:sector (sector) as one value of the vocabulary",
        "give one k20:sector: K12Sector, HigherEducationSector or OtherSector"),
    "a person for a participation": ("k20:participation :teachers",
        "k20:participation :lead-teacher", "<https://example.org/case/river-city> a",
        "points by k20:participation to what is not described as a k20:Participation",
        "put a k20:Participation of its own between the two"),
    "a firm for a membership": ("k20:membership :membership-district", "k20:membership :district",
        "<https://example.org/case/river-city> a",
        "points by k20:membership to what is not described as a k20:FirmMembership",
        "put a k20:FirmMembership of its own between the two"),
    "a blank in an address": ("<https://example.org/case/river-city> k20:membership",
        "<https://example.org/case/river city> k20:membership",
        "<https://example.org/case/river city>", "a space (U+0020) stands in the address",
        "no blanks"),
    "a date without time": (DATE, '"2024-09-01"^^xsd:date', ":formation a", LONG_DATE,
        'write it like "2005-01-01T00:00:00Z"^^xsd:dateTime'),
    "a date of another country": (DATE, '"30/06/2025"', ":formation a", LONG_DATE, "write it like"),
    "a day number of Excel": (DATE, "45838", ":formation a", LONG_DATE, "write it like"),
    "a day that is none": (DATE, '"2024-06-31T00:00:00Z"^^xsd:dateTime', ":formation a",
        'has "2024-06-31T00:00:00Z", which is no date and time', "write a day of the calendar"),
    "yes in quotes": ("k20:onRoll true", 'k20:onRoll "yes"', ":teachers a",
        "does not say true or false by k20:onRoll", "once, without quotes"),
    "yes": ("k20:onRoll true", "k20:onRoll yes", "    k20:onRoll yes", "yes is no value",
        "write true, in small letters"),
    "True": ("k20:onRoll true", "k20:onRoll True", "    k20:onRoll True", "True is no value",
        "write true, in small letters"),
    "two homes": ("k20:homeFirm :district", "k20:homeFirm :district , :university", ":teachers a",
        "does not name one home that is described as a firm", "name one k20:homeFirm"),
    "no place in the source": ('    k20:locator "roll, page 1" ;\n', "", ":evidence-roll a",
        "does not name exactly one place in its source", "add one k20:locator"),
    "a method in words": ("k20:method k20:DocumentReview", 'k20:method "read"', ":evidence-roll a",
        "does not give its k20:method (method) as a value of the vocabulary",
        "give a k20:method: Interview"),
}  # fmt: skip

NOTED: dict[str, tuple[str, str, str, str, str]] = {
    "a link forgotten": ("k20:membership :membership-district , ", "k20:membership ",
        ":membership-district a", "is a firm membership that nothing leads to",
        "name it by k20:membership on the group"),
    "a signature of nobody at the top": (":district ;\n    k20:upperEchelon true", ":district",
        ":signature-district a",
        "does not say whether a leader at the top signed", "add k20:upperEchelon true or false"),
}  # fmt: skip


def line_of(text: str, begin: str) -> str:
    """Return the line that begins so, as places are told; nothing for a fault of the whole file."""
    lines = text.splitlines()
    return f":{next(n for n, line in enumerate(lines, 1) if line.startswith(begin))}" * bool(begin)


@pytest.mark.parametrize("name", [*IN_TURTLE, *NOTED])
def test_a_mistake_in_turtle_gets_its_line_its_cause_and_its_remedy(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    right, wrong, begin, what, remedy = (IN_TURTLE | NOTED)[name]
    assert right in TURTLE
    text = TURTLE.replace(right, wrong, 1)
    Path("river-city.ttl").write_text(text, encoding="utf-8")
    code = cli.main(["check", "river-city.ttl"])
    assert (code == 0) == (name in NOTED)
    said = "".join(capsys.readouterr()).splitlines()
    place = f"river-city.ttl{line_of(text, begin)}:"
    assert any(place in line and what in line and remedy in line for line in said), said


def test_an_integer_is_a_head_count(tmp_path: Path) -> None:
    path = tmp_path / "case.ttl"
    path.write_text(TURTLE.replace("headcount 4.0", "headcount 4"), encoding="utf-8")
    assert cli.main(["check", str(path)]) == 0


def test_a_copied_counter_case_is_told_what_came_along(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["cases", "--write", str(tmp_path)]) == 0
    path = tmp_path / "equal-partners.ttl"
    text = path.read_text(encoding="utf-8")
    assert "expected verdicts" not in text
    path.write_text(
        text.replace("https://w3id.org/k20kg/case/equal-partners", "https://example.org/copied"),
        encoding="utf-8",
    )
    assert cli.main(["check", str(path)]) == 0
    assert "it was copied from; take them out" in capsys.readouterr().out


# sheet, heading, what is typed, cause, remedy
IN_CELLS: dict[str, tuple[str, str, object, str, str]] = {
    "no evidence": ("organizations", "says so", None, "has no evidence",
        "write the short name of an evidence row under says so"),
    "evidence misspelt": ("organizations", "says so", "EE1",
        "names ‘EE1’, which is not on evidence", "did you mean ‘E1’?"),
    "a member misspelt": ("signed, promised", "organization", "distict",
        "names ‘distict’, which is not on organizations", "did you mean ‘district’?"),
    "no side": ("people", "side", None, "does not give its sector", "choose one sector"),
    "no place in the source": ("evidence", "place", None, "is empty, and place is needed",
        "page, line, minute, item"),
    "two homes": ("people", "home organization", "district; university",
        "does not name one home that is described as a firm",
        "write the short name of one organization"),
    "a number for nobody": ("people", "how many", "-1", "does not give its headcount",
        "write one number, such as 6 or 0.5"),
    "a kind misspelt": ("organizations", "kind", "School district", "says ‘School district’",
        "did you mean ‘K-12 school district’?"),
    "a stance in one's own words": ("benefits", "affirms or denies", "yes",
        "says ‘yes’, which is not on the list", "choose one of: affirms, denies"),
}  # fmt: skip


@pytest.mark.parametrize("name", IN_CELLS)
def test_a_mistake_in_a_cell_gets_its_address_its_cause_and_its_remedy(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet, heading, value, what, remedy = IN_CELLS[name]
    case = typed.full_partnership()
    place = case.put(sheet, heading, value)
    path = case.save(tmp_path / "case.xlsx")
    assert cli.main(["check", str(path)]) == 1
    said = capsys.readouterr().out
    assert any(
        line.startswith(f"case.xlsx!{place}: ") and what in line and remedy in line
        for line in said.splitlines()
    ), said
    assert "k20:" not in said


def test_a_signature_without_rank_is_noted_by_cell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = typed.full_partnership()
    place = case.put("signed, promised", "top leader?", "unknown")
    assert cli.main(["check", str(case.save(tmp_path / "case.xlsx"))]) == 0
    told = f"note: case.xlsx!{place}: does not say whether a leader at the top signed"
    assert told in capsys.readouterr().out
