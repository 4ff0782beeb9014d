"""One reader for all commands: syntaxes, encodings and spellings count alike everywhere."""

from __future__ import annotations

import io
import json
import re
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from records import RIVER, by_rdflib, quads_of, with_literals, written
from scale import some

from k20kg.batches.runner import Options, judge_corpus
from k20kg.cli import main
from k20kg.errors import RecordError
from k20kg.judging.cases import Case, read_cases
from k20kg.judging.judge import Judge
from k20kg.rdf.literals import literal_fault, normal_form
from k20kg.sources.published import publish
from k20kg.sources.shipped_cases import shipped_cases
from k20kg.sparql.fetch import fetch_cases
from k20kg.sparql.store import open_files
from k20kg.vocabulary import XSD

CASES = shipped_cases()
SAMPLE = ("full-partnership", "disputed-membership", "one-cycle-closed", "guie")
XML = by_rdflib(RIVER.encode(), "xml").decode()


@cache
def judge() -> Judge:
    return Judge(evidence=False)


def verdicts(case: Case) -> list[str]:
    """Return the verdicts on a case by reading and criterion; check that it is well formed."""
    judge().check(case)
    return [f.verdict.value for a in judge().assess(case) for f in a.findings]


def only(source: Path | bytes, syntax: str | None = None) -> Case:
    given = [source] if isinstance(source, Path) else [io.BytesIO(source)]
    (case,) = read_cases(given, syntax=syntax)
    return case


@cache
def of_river() -> list[str]:
    return verdicts(only(RIVER.encode(), "turtle"))


def in_every_way(path: Path) -> list[list[str]]:
    """Return the verdicts on the case of a file: read, from a store, and as rows of a batch."""
    (of_store,) = fetch_cases(open_files([path]))
    out = io.BytesIO()
    tally = judge_corpus([path], out, Options(), messages=io.StringIO())
    assert (tally.cases, tally.faulty) == (1, 0)
    rows = [json.loads(line)["verdict"] for line in out.getvalue().splitlines()]
    return [verdicts(only(path)), verdicts(of_store), rows]


# ---------------------------------------------------------------- literals by value


@pytest.mark.parametrize(
    ("lexical", "datatype", "wanted", "form"),
    [
        *((w, "integer", "integer", "3") for w in ("3", "03", "+3", "+003")),
        *((w, "decimal", "decimal", "3.0") for w in ("3", "3.", "3.0", "03.00", "+3.000")),
        *((w, "double", "decimal", "0.5") for w in ("0.5", "5.0E-1", ".5e0", "+5E-1")),
        ("3", "integer", "decimal", "3.0"),
        ("3", "unsignedByte", "decimal", "3.0"),
        ("3", "int", "integer", "3"),
        ("3.00", "decimal", "integer", "3"),
        ("3.0E0", "double", "integer", "3"),
        ("-0.0", "decimal", "decimal", "0.0"),
        ("1E-999999999", "double", "decimal", "0.0"),
        ("1", "boolean", "boolean", "true"),
        ("0", "boolean", "boolean", "false"),
        ("2006-06-30T10:00:00+00:00", "dateTime", "dateTime", "2006-06-30T10:00:00Z"),
        ("2006-06-30T10:00:00-05:00", "dateTime", "dateTime", "2006-06-30T15:00:00Z"),
        ("2006-06-30T10:00:00.000Z", "dateTimeStamp", "dateTime", "2006-06-30T10:00:00Z"),
        ("2006-06-30T24:00:00Z", "dateTime", "dateTime", "2006-07-01T00:00:00Z"),
        ("2006-06-30T10:00:00", "dateTime", "dateTime", "2006-06-30T10:00:00Z"),
        ("2006-06-30+00:00", "date", "", "2006-06-30Z"),
        ("2006-00:00", "gYear", "", "2006Z"),
    ],
)
def test_a_literal_is_read_by_its_value(
    lexical: str, datatype: str, wanted: str, form: str
) -> None:
    assert literal_fault(lexical, XSD + datatype) is None
    assert normal_form(lexical, XSD + datatype, wanted) == (form, XSD + (wanted or datatype))


@pytest.mark.parametrize(
    ("lexical", "datatype"),
    [
        ("two", "integer"), ("3.0", "integer"), (" 3", "integer"), ("", "decimal"),
        ("5.0E-1", "decimal"), ("1,5", "decimal"), ("yes", "boolean"), ("True", "boolean"),
        ("-1", "nonNegativeInteger"), ("0", "positiveInteger"), ("256", "unsignedByte"),
        ("abc", "double"), ("2006-13-01T00:00:00Z", "dateTime"), ("2006-06-30", "dateTime"),
        ("2006-06-30T24:00:01Z", "dateTime"), ("2006-06-30T10:00:00+14:30", "dateTime"),
        ("2006-02-30", "date"), ("06", "gYear"),
    ],
)  # fmt: skip
def test_only_an_ill_typed_literal_is_a_fault(lexical: str, datatype: str) -> None:
    assert literal_fault(lexical, XSD + datatype)
    assert normal_form(lexical, XSD + datatype, "decimal") == (lexical, XSD + datatype)


def test_a_number_that_the_asked_type_does_not_have_is_told() -> None:
    record = RIVER.replace("k20:headcount 4.0", "k20:headcount 1e999")
    with pytest.raises(RecordError, match="headcount as a decimal number"):
        judge().check(only(record.encode(), "turtle"))
    for wrong in ('"4"', '"4"@en', "true", '"four"^^xsd:decimal'):
        record = RIVER.replace("k20:headcount 4.0", f"k20:headcount {wrong}")
        with pytest.raises(RecordError, match="headcount"):
            judge().check(only(record.encode(), "turtle"))


SPELLINGS = {
    "as an integer": {"decimal": lambda v: (v.removesuffix(".0"), "integer")},
    "as a double": {"decimal": lambda v: (f"{float(v)}E0", "double")},
    "without point": {"decimal": lambda v: (v.removesuffix(".0"), "decimal")},
    "with zeros": {
        "decimal": lambda v: (f"00{v}00", "decimal"),
        "integer": lambda v: (f"+0{v}", "integer"),
    },
    "as int": {"integer": lambda v: (v, "int")},
    "as digits": {"boolean": lambda v: (str(int(v == "true")), "boolean")},
    "with an offset": {"dateTime": lambda v: (v.replace("Z", "+00:00"), "dateTime")},
    "by parts of seconds": {"dateTime": lambda v: (v.replace("Z", ".00Z"), "dateTime")},
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("name", ["full-partnership", "one-cycle-closed"])
def test_a_record_is_judged_alike_however_its_values_are_written(
    name: str, spelling: str, tmp_path: Path
) -> None:
    def spell(literal: ox.Literal) -> ox.Literal:
        way = SPELLINGS[spelling].get(literal.datatype.value.removeprefix(XSD))
        if way is None:
            return literal
        lexical, kind = way(literal.value)
        return ox.Literal(lexical, datatype=ox.NamedNode(XSD + kind))

    quads = quads_of(publish(CASES[name]))
    path = tmp_path / "case.nt"
    path.write_bytes(written(with_literals(quads, spell), "nt"))
    expected = verdicts(only(CASES[name]))
    assert in_every_way(path) == [expected] * 3
    path = tmp_path / "graph.nq"
    graph = ox.NamedNode("https://example.org/g")
    spelt = with_literals(quads, spell)
    path.write_bytes(written([ox.Quad(*q.triple, graph) for q in spelt], "nq"))
    assert in_every_way(path) == [expected] * 3


# ---------------------------------------------------------------- what we publish, we accept


@pytest.mark.parametrize("name", CASES)
def test_a_packaged_case_is_well_formed_after_a_round_trip(name: str) -> None:
    path = CASES[name]
    files = sorted(path.rglob("*.t*")) if path.is_dir() else [path]
    parts = [publish(file) for file in files if file.suffix in (".ttl", ".trig")]
    if path.is_dir():
        quads = [q for part in parts for q in ox.parse(part, ox.RdfFormat.TRIG)]
        turtle = written(dict.fromkeys(q.triple for q in quads), "ttl")
    else:
        (turtle,) = parts
    ways = {
        "turtle": by_rdflib(turtle, "turtle"),
        "jsonld": written(quads_of(turtle), "jsonld"),
        "nquads": b"\n".join(sorted(written(quads_of(turtle), "nt").splitlines())),
    }
    if name in SAMPLE:
        ways["rdfxml"] = by_rdflib(turtle, "pretty-xml")
        ways["jsonld"] = by_rdflib(turtle, "json-ld")
        declared = re.sub(r"(?m)^@prefix (.*) \.$", r"PREFIX \1", ways["turtle"].decode())
        ways["turtle"] = declared.encode()  # as Jena writes it
        ways["trig"] = by_rdflib(turtle, "longturtle")
    for syntax, data in ways.items():
        case = only(data, syntax)
        assert judge().check(case) is not None
        if name in SAMPLE:
            assert verdicts(case) == verdicts(only(path)), syntax


def test_what_a_query_constructs_is_accepted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "river.ttl"
    path.write_text(RIVER, encoding="utf-8")
    for form in ("turtle", "ntriples", "jsonld"):
        ask = ["--sparql", "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", "-f", form]
        assert main(["query", "--data", str(path), *ask]) == 0
        assert verdicts(only(capsys.readouterr().out.encode(), form)) == of_river()


# ---------------------------------------------------------------- encodings


ENCODED = {
    "mark.ttl": b"\xef\xbb\xbf" + RIVER.encode(),
    "crlf.ttl": RIVER.replace("\n", "\r\n").encode(),
    "mark.nt": b"\xef\xbb\xbf" + written(quads_of(RIVER), "nt"),
    "crlf.nq": written(quads_of(RIVER), "nq").replace(b"\n", b"\r\n"),
    "mark.trig": b"\xef\xbb\xbf" + RIVER.encode(),
    "mark.jsonld": b"\xef\xbb\xbf" + written(quads_of(RIVER), "jsonld"),
    **{
        f"{name}.rdf": XML.replace('encoding="utf-8"', f'encoding="{name}"').encode(
            name, "xmlcharrefreplace"
        )
        for name in ("iso-8859-1", "us-ascii", "windows-1252", "utf-16", "koi8-r", "UTF-8")
    },
    "mark.rdf": b"\xef\xbb\xbf" + XML.encode(),
    "case.txt": RIVER.encode(),
    "case": b"\xef\xbb\xbf" + written(quads_of(RIVER), "nt"),
    "undeclared.rdf": XML.partition("?>")[2].strip().encode("utf-16"),
}


@pytest.mark.parametrize("name", ENCODED)
def test_an_encoding_is_read_by_every_command(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(ENCODED[name])
    assert in_every_way(path) == [of_river()] * 3
    assert main(["load", str(path), "--store", str(tmp_path / "store")]) == 0
    assert main(["check", str(path)]) == 0
    count = len(set(only(path).quads))
    ask = ["--sparql", "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }", "-f", "csv"]
    capsys.readouterr()
    for source in (["--data", str(path)], ["--store", str(tmp_path / "store")]):
        assert main(["query", *source, *ask]) == 0
        assert capsys.readouterr().out.split() == ["n", str(count)]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (RIVER.encode("utf-16"), "the text is in UTF-16"),
        (XML.replace('encoding="utf-8"', 'encoding="us-ascii"').encode(), "is not us-ascii"),
        (XML.replace('encoding="utf-8"', 'encoding="utf-16"').encode(), "encoding utf-16"),
        (XML.replace('encoding="utf-8"', 'encoding="rot13"').encode(), "encoding rot13"),
        (XML.replace("</rdf:RDF>", "").encode(), "no element found"),
        ((XML + XML.partition("?>")[2]).encode(), "junk after document element"),
    ],
)
def test_what_is_not_in_its_encoding_is_refused_by_every_command(
    data: bytes, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / ("case.ttl" if b"prefix" in data.replace(b"\0", b"") else "case.rdf")
    path.write_bytes(data)
    for command in (
        ["check", str(path)],
        ["validate", str(path)],
        ["query", "--data", str(path), "--sparql", "ASK { ?s ?p ?o }"],
        ["load", str(path), "--store", str(tmp_path / "store")],
    ):
        assert main(command) == 2
        assert says in capsys.readouterr().err


# ---------------------------------------------------------------- blank nodes


def test_evidence_and_records_may_be_blank_nodes(tmp_path: Path) -> None:
    item = (
        '[ a k20:EvidenceItem ; k20:source :minutes ; k20:locator "p. 1" ; '
        "k20:method k20:DocumentReview ]"
    )
    record = re.sub(r"(?<=k20:evidencedBy ):evidence-roll\b", item, RIVER)
    record = record.replace(":contribution-teachers", "_:c").replace(":aspect-writing", "_:a")
    path = tmp_path / "case.ttl"
    path.write_text(record, encoding="utf-8")
    assert in_every_way(path) == [of_river()] * 3
    first, second = (k20kg_json(path) for _ in range(2))
    assert first == second
    (again,) = fetch_cases(open_files([path]))
    assert again.text == fetch_cases(open_files([path]))[0].text


def k20kg_json(path: Path) -> str:
    from k20kg import validate
    from k20kg.report import render

    return render(validate(path), "json", version="0")


def test_who_must_be_pointed_to_is_no_blank_node() -> None:
    for node in (":teacher-group", ":minutes", ":secretary"):
        record = re.sub(rf"{node}(?![\w-])", "_:x", RIVER)
        with pytest.raises(RecordError, match=r"a blank node|anybody who asserts"):
            judge().check(only(record.encode(), "turtle"))


@pytest.mark.parametrize("engine", some(["shacl", "pyshacl"], sample=1))
def test_turtle_of_rdf_1_2_is_read_by_both_engines(engine: str) -> None:
    record = 'VERSION "1.2"\n' + RIVER.replace('"Teachers"@en', '"Teachers"@en--ltr')
    (one,) = Judge(["as-applied"], engine=engine, evidence=False).assess(
        only(record.encode(), "turtle")
    )
    assert [f.verdict.value for f in one.findings] == of_river()[: len(one.findings)]


# ---------------------------------------------------------------- one firm of two kinds


@pytest.mark.parametrize("ending", ["ttl", "nt", "rdf", "jsonld", "nq", "trig"])
def test_a_firm_that_is_a_district_and_a_university_is_refused(ending: str, tmp_path: Path) -> None:
    record = re.sub(r"(?m)^:district a k20:K12SchoolDistrict", r"\g<0> , k20:University", RIVER)
    path = tmp_path / f"case.{ending}"
    path.write_bytes(written(quads_of(record), ending))
    with pytest.raises(RecordError, match="of a class that no"):
        judge().assess(only(path))
    (of_store,) = fetch_cases(open_files([path]))
    with pytest.raises(RecordError, match="of a class that no"):
        judge().assess(of_store)
    tally = judge_corpus([path], io.BytesIO(), Options(), messages=io.StringIO())
    assert (tally.cases, tally.faulty) == (0, 1)
