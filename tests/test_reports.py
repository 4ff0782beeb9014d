"""Reports: what each format says, that nothing hostile gets through, and that bytes are stable."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from decimal import Decimal
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pyoxigraph
import pytest
import rdflib

from k20kg.errors import UsageError
from k20kg.model import (
    Assessment,
    Assumption,
    Coverage,
    Criterion,
    Definition,
    Evidence,
    Figure,
    Finding,
    Gap,
    Parameter,
    Reading,
    Verdict,
)
from k20kg.report import FORMATS, render

BASE = "https://w3id.org/k20kg/"
GOLDEN = Path(__file__).parent / "golden"
MET, NOT_MET = Verdict.MET, Verdict.NOT_MET
OPEN, CONTESTED = Verdict.NOT_ESTABLISHED, Verdict.CONTESTED
HOSTILE = "<script>alert(1)</script> \x1b[31mred\x07 \u202egnp.exe\u2066 `tick` |pipe| \x9b2J"

ACTIVE = "agreed, of both sectors, active"
CRITERIA = tuple(
    Criterion(
        iri=f"{BASE}criterion/{key}",
        id=key,
        code=code,
        label=label,
        order=order,
        phrase=phrase,
        phrase_order=int(code[0]),
        section=section,
        definition=f"What {label.lower()} means.",
        indicator=f"The least that shows {label.lower()}.",
        shuts_out="what lacks it",
    )
    for order, (key, code, label, phrase, section) in enumerate(
        [
            ("shared-goal", "1a", "Shared goal", "a lasting organization", "5.0, 6.1"),
            ("routine", "1b", "Routine", "a lasting organization", "5.0, 6.3.1"),
            ("k12-member", "2a", "K-12 member", ACTIVE, "5.0"),
            ("higher-ed-member", "2b", "Higher-education member", ACTIVE, "5.0"),
            ("formal-agreement", "2c", "Formal agreement", ACTIVE, "5.0"),
            ("dedicated-resources", "2d", "Dedicated resources", ACTIVE, "5.0"),
            ("active-engagement", "2e", "Active engagement", ACTIVE, "5.0, 6.2"),
            ("mutual-benefit", "3", "Mutual benefit", "for the benefit of every side", "5.0, 6.4"),
            ("joint-work", "4", "Joint work", "by work that needs them all", "5.0, 6.3.2"),
        ],
        start=1,
    )
)  # fmt: skip
AS_APPLIED = Reading(
    f"{BASE}reading/as-applied", "as-applied", "As applied", "What the authors accepted.", "6", 1,
    assumptions=("A parent project's agreement counts for the group",),
    parameters=(
        Parameter("completed enactments", "2", f"{BASE}criterion/routine", "ks:a", "sh:minCount"),
    ),
)  # fmt: skip
LITERAL = Reading(
    f"{BASE}reading/literal", "literal", "Literal", "Word for word.", "5", 2,
    assumptions=("Only a signature on the agreement counts",),
)  # fmt: skip
DEFINITION = Definition(
    f"{BASE}definition/clifford-millar-2007", "clifford-millar-2007", "Clifford and Millar (2007)",
    "K-20 partnership", "not a K-20 partnership", CRITERIA, (AS_APPLIED, LITERAL),
)  # fmt: skip
ASKED = Assumption("The list of role groups asked is complete", "curators, paper 6.1")
OUTSIDE = Assumption("Commitments outside the agreement count", "curators")


def item(
    number: int,
    locator: str,
    statement: str = "",
    *,
    source: str = "paper",
    direction: str = "supports",
) -> Evidence:
    record = f"{BASE}case/lamsig/record/{number}"
    return Evidence(
        f"{record}/evidence", record, f"Record {number}", statement, source, locator,
        "interview", direction,
    )  # fmt: skip


def assess(
    reading: Reading, findings: dict[str, Finding], *assumptions: Assumption, **changes: object
) -> Assessment:
    """Every criterion that is not given is met without more ado."""
    full = tuple(findings.get(c.id) or Finding(c, MET, f"{c.label} was shown.") for c in CRITERIA)
    one = Assessment(
        f"{BASE}case/lamsig",
        "Los Angeles Middle School Immersion Group",
        DEFINITION,
        reading,
        Verdict.all_of(f.verdict for f in full),
        full,
        assumptions,
        engine="shacl 0.3.4",
    )
    return one._replace(**changes)  # type: ignore[arg-type]


def finding(key: str, verdict: Verdict, message: str = "", **rest: object) -> Finding:
    return Finding(DEFINITION.criterion(key), verdict, message, **rest)  # type: ignore[arg-type]


def read_lamsig() -> list[Assessment]:
    goal = finding(
        "shared-goal", MET, "Three goals were held by every role group that was asked.",
        coverage=Coverage("role groups asked", Decimal(4), Decimal("4.0")),
        evidence=(
            item(5, "6.1, Chart 3, row 5, line 307", "All four role groups named goal 5."),
            item(6, "6.1, Chart 3, row 6, line 308"),
            item(9, "6.1, line 314", "A difference was thought likely.", direction="leaves open"),
        ),
    )  # fmt: skip
    unsigned = finding(
        "formal-agreement", OPEN, "No signature is recorded.",
        missing=(
            Gap(
                "No signature by an upper-echelon leader of a school district is recorded.",
                ("SCALE agreement", "QED agreement"),
                "A signed award, memorandum or subcontract that names the group",
                "The project offices of SCALE and QED",
            ),
        ),
        coverage=Coverage("signatures", Decimal(2), Decimal(0)),
    )  # fmt: skip
    backed = finding(
        "formal-agreement", MET, "Leaders of both sectors backed the parent agreements.",
        coverage=Coverage("sides", Decimal(2), Decimal(2)),
        evidence=(item(20, "6.2, line 329", "Leaders of both sectors entered the agreements."),),
    )  # fmt: skip
    asked = (
        Figure("13", "paper Chart 1, line 113"),
        Figure("14", "slides, line 103"),
        Figure("15", "paper 6.1, line 298"),
    )
    unasked = finding(
        "mutual-benefit", OPEN, "Not every participant was asked.",
        missing=(
            Gap(
                "No benefit to the home organization is recorded for these role groups.",
                ("Education professors", "Cal State administrator"),
                "An answer from each",
                "The members",
            ),
            Gap("The list of participants is not declared complete."),
        ),
        coverage=Coverage("participants", Decimal(38), Decimal(0), asked),
    )  # fmt: skip
    named = finding(
        "mutual-benefit", MET, "Every role group named a benefit.",
        coverage=Coverage("role groups asked", Decimal(4), Decimal(4)),
        evidence=(
            item(30, "6.4, Chart 7, rows 1-26, lines 453-478", "26 benefits were named."),
            item(31, "line 103", "Benefits were named.", source="slides"),
        ),
    )  # fmt: skip
    return [
        assess(
            AS_APPLIED,
            {"shared-goal": goal, "formal-agreement": backed, "mutual-benefit": named},
            ASKED,
            OUTSIDE,
        ),
        assess(
            LITERAL,
            {"shared-goal": goal, "formal-agreement": unsigned, "mutual-benefit": unasked},
            ASKED,
        ),
    ]


def read_vending() -> list[Assessment]:
    """A made-up case that is not met under one reading and contested under the other."""
    one_way = (
        item(50, "p. 1", "The district paid for snacks."),
        item(51, "p. 2", "The company named no benefit to schools.", direction="disputes"),
    )
    against = finding(
        "mutual-benefit", NOT_MET, "A participant said that no benefit was expected.",
        missing=(Gap("Benefits flowed one way.", ("The company",)),),
        coverage=Coverage("enactments", Decimal(2), Decimal(3)),
        evidence=one_way,
    )  # fmt: skip
    both = finding("mutual-benefit", CONTESTED, "The record says both.", evidence=one_way)
    about = {
        "case": f"{BASE}case/vending",
        "label": "Vending-machine service contract",
        "synthetic": True,
    }
    return [
        assess(AS_APPLIED, {"mutual-benefit": both}, **about),
        assess(LITERAL, {"mutual-benefit": against}, **about),
    ]


def read_hostile() -> list[Assessment]:
    bad = Evidence(
        "javascript:alert(1)", "javascript:alert(2)", HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE,
        "supports",
    )  # fmt: skip
    poisoned = finding(
        "joint-work", OPEN, HOSTILE,
        missing=(Gap(HOSTILE, (HOSTILE, "x" * 300), "=cmd|' /C calc'!A0", "@SUM(1)"),),
        coverage=Coverage(
            HOSTILE, Decimal(2), Decimal(1), (Figure("=1+1", HOSTILE), Figure("2", ""))
        ),
        evidence=(bad,),
    )  # fmt: skip
    return [
        assess(
            reading,
            {"joint-work": poisoned},
            Assumption(HOSTILE, HOSTILE),
            case='javascript:alert("1")',
            label="=cmd() " + HOSTILE,
            engine=HOSTILE,
        )
        for reading in (AS_APPLIED, LITERAL)
    ]


def read_all() -> list[Assessment]:
    return [*read_lamsig(), *read_vending(), *read_hostile()]


def show(assessments: list[Assessment], format: str, **look: object) -> str:  # noqa: A002
    return render(assessments, format, version="0.1.0", **look)  # type: ignore[arg-type]


# ------------------------------------------------------------------ all formats


@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_input_gives_the_same_bytes(kind: str) -> None:
    assert show(read_all(), kind) == show(read_all(), kind)


@pytest.mark.parametrize("kind", FORMATS)
def test_bytes_depend_on_no_hash_seed_and_no_locale(kind: str) -> None:
    program = (
        "import sys; sys.path[:0] = sys.argv[1:3]; import test_reports as t;"
        "sys.stdout.buffer.write(t.show(t.read_all(), sys.argv[3]).encode())"
    )
    here = Path(__file__).parent
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program, str(here), str(here.parent), kind],
            env={"PYTHONHASHSEED": seed, "LC_ALL": "C", "PATH": ""},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert outputs == {show(read_all(), kind).encode()}


@pytest.mark.parametrize("kind", FORMATS)
def test_no_control_or_bidi_character_gets_through(kind: str) -> None:
    text = show(read_hostile(), kind)
    if kind == "json":
        text += "".join(strings(json.loads(text)))
    assert not re.search("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    assert "alert(1)" in text, "the words themselves are kept"


@pytest.mark.parametrize("kind", FORMATS)
def test_no_assessment_is_a_report_too(kind: str) -> None:
    assert show([], kind).endswith("\n")


@pytest.mark.parametrize("kind", FORMATS)
def test_made_up_cases_are_marked(kind: str) -> None:
    text = show(read_vending(), kind)
    assert re.search(r'made up|Made-up|"synthetic": true|,true,', text)


def test_an_unknown_format_is_named_with_the_choices() -> None:
    with pytest.raises(UsageError, match=r"no format 'pdf'.*text, json"):
        show([], "pdf")


def test_two_definitions_do_not_share_a_report() -> None:
    other = DEFINITION._replace(iri=f"{BASE}definition/other")
    mixed = [read_lamsig()[0], read_lamsig()[1]._replace(definition=other)]
    with pytest.raises(ValueError, match="more than one definition"):
        show(mixed, "text")


def test_reports_import_no_library_and_only_the_format_asked_for() -> None:
    program = (
        "import sys; from k20kg.report import render; render([], 'text', version='1');"
        "print(sorted(set(sys.modules) & {'rdflib', 'pyoxigraph', 'jinja2', 'csv', 'json',"
        "'html', 'hashlib', 'k20kg.report.html', 'k20kg.report.turtle'}))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        check=True,
        text=True,
    )
    assert run.stdout.strip() == "[]"


def strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [s for part in value.values() for s in strings(part)]
    if isinstance(value, list):
        return [s for part in value for s in strings(part)]
    return [value] if isinstance(value, str) else []


# ------------------------------------------------------------------------- text


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_no_line_is_wider_than_the_width(width: int, ascii_only: bool) -> None:
    text = show(read_all(), "text", width=width, ascii_only=ascii_only)
    assert [line for line in text.splitlines() if len(line) > width] == []


def test_wide_letters_take_two_cells() -> None:
    wide = [one._replace(label="学" * 50) for one in read_lamsig()]
    lines = show(wide, "text", width=60).splitlines()
    assert max(line.count("学") * 2 for line in lines) <= 60
    assert sum(line.count("学") for line in lines) >= 50


def test_ascii_only_is_pure_ascii() -> None:
    text = show(read_all(), "text", ascii_only=True)
    assert text.isascii()
    assert "[x] met" in text
    assert "[ ] not established" in text
    assert "[-] not met" in text
    assert "[?] contested" in text


def test_colour_comes_only_when_asked_for_and_changes_no_word() -> None:
    plain = show(read_lamsig(), "text")
    coloured = show(read_lamsig(), "text", colour=True)
    assert "\x1b" not in plain
    assert coloured != plain
    assert re.sub(r"\x1b\[[0-9]+m", "", coloured) == plain


def test_readings_stand_side_by_side() -> None:
    text = show(read_lamsig(), "text", width=120)
    assert re.search(r"as-applied +literal", text)
    assert re.search(r"✔ K-20 partnership +◌ not established", text)
    assert re.search(
        r"1a +Shared goal +4 of 4 role groups asked +✔ met +✔ met +paper 6\.1, Chart 3", text
    )


def test_what_would_settle_a_reading_names_gap_people_remedy_and_keeper() -> None:
    text = " ".join(show(read_lamsig(), "text").split())
    settle = text.split("What would settle the literal reading")[1]
    assert settle.index("2c No signature by an upper-echelon leader") < settle.index("3 No benefit")
    assert "About: SCALE agreement; QED agreement." in settle
    assert "Would settle it: A signed award" in settle
    assert "Who could have it: The project offices" in settle
    assert "settle the as-applied" not in text


def test_readings_that_find_the_same_are_told_together() -> None:
    text = show(read_hostile(), "text")
    assert "What would settle the as-applied and the literal reading" in text


def test_every_figure_stands_with_its_source_when_sources_differ() -> None:
    text = " ".join(show(read_lamsig(), "text").split())
    assert "literal: 0 of 38 participants; 13 to 15 of 38 asked" in text
    assert "13 (paper Chart 1, line 113); 14 (slides, line 103); 15 (paper 6.1, line 298)" in text


def test_both_sides_are_shown_where_the_record_speaks_against() -> None:
    text = " ".join(show(read_vending(), "text").split())
    for reading, verdict in (("as-applied", "contested"), ("literal", "not met")):
        part = text.split(f"What speaks for and against under the {reading} reading")[1]
        assert part.startswith(f" 3 Mutual benefit: {verdict}.")
        assert "For: The district paid for snacks. (paper p. 1; interview)" in part
        assert "Against: The company named no benefit to schools. (paper p. 2; interview)" in part


def test_assumptions_say_by_whom_and_for_which_reading() -> None:
    text = show(read_lamsig(), "text", width=120)
    assert "- The list of role groups asked is complete (curators, paper 6.1).\n" in text
    assert "- Commitments outside the agreement count (curators). [as-applied only]\n" in text


def test_text_shows_no_iri_but_the_address_of_each_case_once() -> None:
    text = show([*read_lamsig(), *read_vending()], "text", width=200)
    assert re.findall(r"\w+://\S+", text) == [f"{BASE}case/lamsig", f"{BASE}case/vending"]


def test_many_cases_end_in_a_line_each() -> None:
    text = show([*read_lamsig(), *read_vending()], "text", width=120)
    summary = text.split("Summary of 2 cases\n")[1].splitlines()
    assert re.match(r"Los Angeles Middle.* ✔ K-20 partnership +◌ not established 2c 3$", summary[1])
    assert re.match(r"Vending.* ◐ contested 3 +✘ not a K-20 partnership 3$", summary[2])
    assert "Summary" not in show(read_lamsig(), "text")


# ------------------------------------------------------------------------- JSON


def test_json_follows_the_contract() -> None:
    document = json.loads(show(read_lamsig(), "json"))
    assert list(document) == ["version", "tool", "definition", "engine", "as_of", "assessments"]
    assert document["definition"] == "clifford-millar-2007"
    assert document["tool"] == {"name": "k20kg", "version": "0.1.0"}
    assert [one["reading"] for one in document["assessments"]] == ["as-applied", "literal"]
    literal = document["assessments"][1]
    assert literal["case"] == f"{BASE}case/lamsig"
    assert literal["verdict"] == "not established"
    assert literal["assumptions"] == [{"statement": ASKED.statement, "by": ASKED.by}]
    assert [c["code"] for c in literal["criteria"]] == [c.code for c in CRITERIA]
    first, benefit = literal["criteria"][0], literal["criteria"][7]
    assert first["evidence"][0] == {
        "iri": f"{BASE}case/lamsig/record/5/evidence",
        "source": "paper",
        "locator": "6.1, Chart 3, row 5, line 307",
        "method": "interview",
        "direction": "supports",
    }
    assert benefit["missing"][0]["about"] == ["Education professors", "Cal State administrator"]
    assert first["coverage"] == {
        "required": 4,
        "asked": [],
        "stated": 4,
        "unit": "role groups asked",
    }
    assert [figure["value"] for figure in benefit["coverage"]["asked"]] == [13, 14, 15]


def test_json_numbers_keep_their_digits_and_odd_figures_stay_strings() -> None:
    odd = ("0.50", "nearly 100", "1e999999", "9" * 40, "٣")
    asked = tuple(Figure(value, "paper") for value in odd)
    one = assess(
        LITERAL,
        {
            "routine": finding(
                "routine", OPEN, coverage=Coverage("cycles", Decimal("0.5"), None, asked)
            )
        },
    )
    coverage = json.loads(show([one], "json"))["assessments"][0]["criteria"][1]["coverage"]
    assert coverage["required"] == 0.5
    assert coverage["stated"] is None
    assert [f["value"] for f in coverage["asked"]] == [0.5, *odd[1:]]
    assert "nearly 100" in show([one], "text")


# -------------------------------------------------------------------------- CSV


def test_csv_has_a_row_for_each_criterion_and_one_for_the_whole() -> None:
    text = show([*read_lamsig(), *read_vending()], "csv")
    table = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(table) == 4 * (len(CRITERIA) + 1)
    assert text.count("\r\n") == text.count("\n") == len(table) + 1
    assert [row["verdict"] for row in table if row["criterion"] == "overall"] == [
        "met",
        "not established",
        "contested",
        "not met",
    ]
    signed = next(r for r in table if r["reading"] == "literal" and r["code"] == "2c")
    assert (signed["stated"], signed["required"], signed["unit"]) == ("0", "2", "signatures")
    assert signed["synthetic"] == "false"
    assert all(None not in row and None not in row.values() for row in table)


def test_no_csv_cell_is_a_formula() -> None:
    cells = [c for row in csv.reader(io.StringIO(show(read_hostile(), "csv"))) for c in row]
    assert [c for c in cells if c.lstrip().startswith(("=", "+", "-", "@"))] == []
    assert any(c.startswith("'=cmd()") for c in cells)


# ----------------------------------------------------------------------- Turtle

SHACL = rdflib.Namespace("http://www.w3.org/ns/shacl#")
K20 = rdflib.Namespace(f"{BASE}ontology#")
PROV = rdflib.Namespace("http://www.w3.org/ns/prov#")


def read_turtle(assessments: list[Assessment]) -> rdflib.Graph:
    text = show(assessments, "turtle")
    graph = rdflib.Graph().parse(data=text, format="turtle")
    quads = list(pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.TURTLE))
    assert len(quads) == len(graph), "two parsers read the same, and nothing is said twice"
    assert not any(isinstance(q.subject, pyoxigraph.BlankNode) for q in quads)
    return graph


def test_turtle_conforms_exactly_when_all_is_met() -> None:
    graph = read_turtle([*read_lamsig(), *read_vending()])
    conforms = {
        (str(graph.value(r, PROV.wasDerivedFrom)), str(graph.value(r, K20.onReading))): bool(c)
        for r, c in graph.subject_objects(SHACL.conforms)
    }
    assert len(conforms) == 4
    assert [key for key, value in conforms.items() if value] == [
        (f"{BASE}case/lamsig", AS_APPLIED.iri)
    ]
    for report, conforming in graph.subject_objects(SHACL.conforms):
        results = list(graph.objects(report, SHACL.result))
        assert bool(results) != bool(conforming)
        for result in results:
            assert graph.value(result, SHACL.focusNode) == graph.value(report, PROV.wasDerivedFrom)
            for needed in ("resultSeverity", "sourceConstraintComponent", "resultMessage"):
                assert len(list(graph.objects(result, SHACL[needed]))) == 1


def test_turtle_carries_the_verdicts_with_their_evidence_and_the_tool() -> None:
    graph = read_turtle(read_lamsig())
    verdicts = list(graph.subjects(rdflib.RDF.type, K20.CriterionVerdict))
    assert len(verdicts) == 2 * len(CRITERIA)
    goal = rdflib.URIRef(CRITERIA[0].iri)
    about = [v for v in verdicts if graph.value(v, K20.onCriterion) == goal]
    assert all(len(list(graph.objects(v, K20.hasEvidence))) == 3 for v in about)
    overall = {graph.value(a, K20.verdict) for a in graph.subjects(rdflib.RDF.type, K20.Assessment)}
    assert overall == {K20.IsK20Partnership, K20.NotEstablished}
    tool = rdflib.URIRef(f"{BASE}agent/k20kg-0.1.0")
    assert (tool, rdflib.RDF.type, PROV.SoftwareAgent) in graph
    assert len(list(graph.subjects(PROV.wasAttributedTo, tool))) == 2


@pytest.mark.parametrize(
    "iri",
    [
        "javascript:alert(1)",
        'x> . <urn:a> <urn:b> "c" . <',
        "not an iri",
        "",
        "http://[",
        "http://a:b/",
        "http://example.org/%zz",
        "http://example.org/a?b#c",
        "http://example.org/é",
        "urn:x:y",
    ],
)
def test_turtle_stays_whole_whatever_an_iri_holds(iri: str) -> None:
    assessments = [one._replace(case=iri) for one in read_lamsig()]
    graph = read_turtle(assessments)
    assert len(list(graph.subjects(SHACL.conforms))) == 2
    assert rdflib.URIRef("urn:b") not in set(graph.predicates())


def test_the_same_case_from_two_files_keeps_two_reports() -> None:
    graph = read_turtle([*read_lamsig(), *[a._replace(label="Again") for a in read_lamsig()]])
    assert len(list(graph.subject_objects(SHACL.conforms))) == 4


def test_hostile_records_make_valid_turtle() -> None:
    assert len(read_turtle(read_hostile())) > 50


# --------------------------------------------------------------------- Markdown


def test_markdown_escapes_tables_tags_code_and_links() -> None:
    text = show([a._replace(label=f"1. {HOSTILE} https://evil.example") for a in read_hostile()],
                "markdown")  # fmt: skip
    assert "<script>" not in text
    assert re.search(r"(?<!\\)`", text) is None
    assert "https://evil" not in text
    assert "](javascript:" not in text
    tables = [line for line in text.splitlines() if line.startswith("|")]
    widths = {len(re.findall(r"(?<!\\)\|", line)) for line in tables}
    assert widths == {5, 6, 7}, "no cell of a record breaks its table"


# ------------------------------------------------------------------------- HTML


class Page(HTMLParser):
    """What a browser would see of the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in {"meta", "link", "br", "img", "input"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.mark.parametrize("read", [read_lamsig, read_all])
def test_the_page_runs_nothing_and_asks_nobody(read: object) -> None:
    text = show(read(), "html")  # type: ignore[operator]
    page = Page(text)
    assert page.open == []
    assert not {"script", "link", "img", "iframe", "object", "form"} & {t for t, _ in page.tags}
    for tag, attributes in page.tags:
        assert not [n for n in attributes if n.startswith("on") or n in ("src", "style")], tag
        if "href" in attributes:
            allowed = ("#", "https://") if tag == "a" else ("#",)
            assert attributes["href"].startswith(allowed)
    style = text.split("<style>")[1].split("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    policy = [a["content"] for t, a in page.tags if a.get("http-equiv")]
    assert policy[0].startswith("default-src 'none'")


@pytest.mark.parametrize("read", [read_lamsig, read_all])
def test_the_page_is_accessible_in_structure(read: object) -> None:
    page = Page(show(read(), "html"))  # type: ignore[operator]
    names = [tag for tag, _ in page.tags]
    assert dict(page.tags)["html"] == {"lang": "en"}
    assert [names.count(t) for t in ("h1", "main", "header", "footer")] == [1, 1, 1, 1]
    levels = [int(t[1]) for t in names if re.fullmatch(r"h[1-6]", t)]
    assert all(b - a <= 1 for a, b in pairwise(levels))
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))
    for tag, attributes in page.tags:
        for key in ("aria-labelledby", "href"):
            target = attributes.get(key, "")
            if key == "aria-labelledby" or target.startswith("#"):
                assert not target or target.removeprefix("#") in ids
        assert tag != "th" or "scope" in attributes


def test_the_page_says_what_the_text_says() -> None:
    words = " ".join(" ".join(Page(show(read_lamsig(), "html")).words).split())
    for said in (
        "K-20 partnership",
        "Not established",
        "13 (paper Chart 1, line 113); 14 (slides, line 103); 15 (paper 6.1, line 298)",
        "A signed award, memorandum or subcontract that names the group.",
        "Supports, As applied only.",
        "Commitments outside the agreement count.",
    ):
        assert said in words


def test_the_page_shows_hostile_words_as_words() -> None:
    page = Page(show(read_hostile(), "html"))
    assert any("<script>alert(1)</script>" in words for words in page.words)
    assert not any("javascript" in a.get("href", "") for _, a in page.tags)


# ----------------------------------------------------------------------- golden


@pytest.mark.parametrize(
    ("name", "format", "width"),
    [
        ("report-60.txt", "text", 60),
        ("report-80.txt", "text", 80),
        ("report-120.txt", "text", 120),
        ("report.md", "markdown", 80),
    ],
)
def test_the_report_is_as_agreed(name: str, format: str, width: int) -> None:  # noqa: A002
    expected = (GOLDEN / name).read_text(encoding="utf-8")
    assert show([*read_lamsig(), *read_vending()], format, width=width) == expected
