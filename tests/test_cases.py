"""Files, folders and streams become cases, whatever the syntax."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pyoxigraph as ox
import pytest

from k20kg.definition.subclasses import subclass_slice
from k20kg.engines import compile_shapes
from k20kg.errors import InputError, RecordError, UsageError
from k20kg.judging.cases import Case, case_of, read_cases, write_flat
from k20kg.rdf.text import escape_controls, line_of
from k20kg.vocabulary import K20, packaged

COUNTER_CASES = sorted(packaged("data", "counter-cases").glob("*.ttl"))
LAMSIG = packaged("data", "cases", "lamsig")
CASE = "https://w3id.org/k20kg/case/"
GROUP = f"<{CASE}{{0}}> a k20:CandidateGroup ; k20:goal <{CASE}{{0}}/goal/1> ."
PREFIX = f"@prefix k20: <{K20}> .\n"
FORMATS = {
    "case.ttl": ox.RdfFormat.TURTLE,
    "case.trig": ox.RdfFormat.TRIG,
    "case.nt": ox.RdfFormat.N_TRIPLES,
    "case.nq": ox.RdfFormat.N_QUADS,
    "case.jsonld": ox.RdfFormat.JSON_LD,
    "case.rdf": ox.RdfFormat.RDF_XML,
}


def triples(case: Case) -> set[str]:
    return {str(quad.triple) for quad in case.quads}


def read(*sources: Path | str) -> list[Case]:
    return list(read_cases(sources))


def turtle(*names: str) -> str:
    return PREFIX + "\n".join(GROUP.format(name) for name in names) + "\n"


def test_there_are_cases_to_read() -> None:
    assert len(COUNTER_CASES) >= 20
    assert len(list(LAMSIG.glob("*.trig"))) == 3


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("source", COUNTER_CASES[:5], ids=lambda p: p.stem)
def test_every_syntax_gives_the_same_case(source: Path, name: str, tmp_path: Path) -> None:
    (original,) = read(source)
    path = tmp_path / name
    statements = [quad.triple for quad in original.quads]
    path.write_bytes(ox.serialize(statements, format=FORMATS[name]) or b"")
    (case,) = read(path)
    assert case.group == original.group
    assert triples(case) == triples(original)
    assert case.syntax in ("turtle", "trig", "ntriples", "nquads")
    assert {str(q.triple) for q in _parsed(case)} == triples(original)


def _parsed(case: Case) -> list[ox.Quad]:
    """Parse what the engine is given."""
    formats = {f.file_extension: f for f in FORMATS.values()}
    ends = {"turtle": "ttl", "trig": "trig", "ntriples": "nt", "nquads": "nq"}
    return list(ox.parse(case.text, formats[ends[case.syntax]]))


@pytest.mark.parametrize("name", FORMATS)
def test_a_stream_is_recognised_without_a_name(name: str) -> None:
    (original,) = read(COUNTER_CASES[0])
    statements = [quad.triple for quad in original.quads]
    data = ox.serialize(statements, format=FORMATS[name]) or b""
    (case,) = read_cases(["-"], stdin=io.BytesIO(data))
    assert (case.group, case.origin) == (original.group, "<stdin>")
    assert triples(case) == triples(original)


def test_the_syntax_can_be_said(tmp_path: Path) -> None:
    path = tmp_path / "case.data"
    path.write_text(turtle("a"), encoding="utf-8")
    (case,) = read_cases([path], syntax="TTL")
    assert case.syntax == "turtle"
    with pytest.raises(UsageError, match="there is no syntax named spoken"):
        list(read_cases([path], syntax="spoken"))


def test_a_file_of_one_text_syntax_reaches_the_engine_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "case.ttl"
    path.write_text(turtle("a"), encoding="utf-8")
    (case,) = read(path)
    assert case.text == turtle("a")


def test_gzip_is_read(tmp_path: Path) -> None:
    path = tmp_path / "case.ttl.gz"
    path.write_bytes(gzip.compress(turtle("a").encode()))
    (case,) = read(path)
    assert case.group == CASE + "a"


def test_a_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "case.ttl"
    path.write_bytes(b"\xef\xbb\xbf" + turtle("a").encode())
    (case,) = read(path)
    assert case.text == turtle("a")
    assert len(case.quads) == 2


def test_a_folder_with_one_candidate_is_one_case() -> None:
    (case,) = read(LAMSIG)
    assert case.group == CASE + "lamsig"
    whole = {
        str(quad.triple)
        for path in LAMSIG.glob("*.trig")
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TRIG)
    }
    assert triples(case) == whole
    assert {str(q.triple) for q in _parsed(case)} == whole


def test_a_folder_of_candidates_is_many_cases() -> None:
    cases = read(packaged("data", "counter-cases"))
    assert [case.origin for case in cases] == [str(path) for path in COUNTER_CASES]
    assert len({case.group for case in cases}) == len(COUNTER_CASES)


def test_folders_in_folders_are_read_each_for_itself() -> None:
    groups = {case.group for case in read(packaged("data", "cases"))}
    assert CASE + "lamsig" in groups


def test_what_is_no_rdf_in_a_folder_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("a k20:CandidateGroup", encoding="utf-8")
    (tmp_path / "table.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (tmp_path / "package.json").write_text('{"name": "x"}', encoding="utf-8")
    (tmp_path / ".hidden.ttl").write_text("broken", encoding="utf-8")
    (tmp_path / "case.ttl").write_text(turtle("a"), encoding="utf-8")
    (case,) = read(tmp_path)
    assert case.origin == str(tmp_path / "case.ttl")


def test_json_that_is_rdf_in_a_folder_is_not_lost(tmp_path: Path) -> None:
    (case,) = _case_of_two_files(tmp_path, "more.json", '{"@id": "urn:x", "urn:p": "said"}')
    assert '<urn:x> <urn:p> "said"' in triples(case)


def _case_of_two_files(folder: Path, name: str, text: str) -> list[Case]:
    (folder / "case.ttl").write_text(turtle("a"), encoding="utf-8")
    (folder / name).write_text(text, encoding="utf-8")
    return read(folder)


def test_blank_nodes_of_two_files_stay_apart(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(turtle("a") + '_:x k20:locator "1" .\n', encoding="utf-8")
    (tmp_path / "b.ttl").write_text(PREFIX + '_:x k20:locator "2" .\n', encoding="utf-8")
    (case,) = read(tmp_path)
    for quads in (case.quads, _parsed(case)):
        nodes = {q.subject for q in quads if "/genid/" in str(q.subject)}
        assert len(nodes) == 2


def test_reading_twice_gives_the_same_names_to_blank_nodes(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(turtle("a") + '[] k20:locator "1" .\n', encoding="utf-8")
    (tmp_path / "b.ttl").write_text(PREFIX + "[] k20:source [] .\n", encoding="utf-8")
    (first,), (second,) = read(tmp_path), read(tmp_path)
    assert first.quads == second.quads
    assert write_flat(first) == write_flat(second)


def test_a_file_cut_off_in_a_folder_is_never_mended_by_the_next(tmp_path: Path) -> None:
    whole = turtle("a")
    rest = f"<{CASE}a> k20:goal <{CASE}a/goal/2> .\n{PREFIX}<{CASE}a> k20:goal <{CASE}a/goal/3> .\n"
    run = compile_shapes(_ANY_SHAPE, subclass_slice())
    for end in range(len(whole) - 2, 0, -1):
        (tmp_path / "a.ttl").write_text(whole[:end], encoding="utf-8")
        (tmp_path / "b.ttl").write_text(PREFIX + rest + turtle("a"), encoding="utf-8")
        try:
            (case,) = read(tmp_path)
            run(case.text, case.syntax)
        except (InputError, RecordError):
            continue
        assert case.quads, "what the engine takes, each file must be good for by itself"


_ANY_SHAPE = """@prefix sh: <http://www.w3.org/ns/shacl#> .
<urn:shape> a sh:NodeShape ; sh:targetClass <urn:class> ; sh:nodeKind sh:IRI ."""


def test_a_file_with_several_candidates_is_a_corpus(tmp_path: Path) -> None:
    path = tmp_path / "corpus.trig"
    graphs = "".join(f"<{CASE}graph/{n}> {{ {GROUP.format(n)} }}\n" for n in "abc")
    about = f"<{CASE}graph/b> k20:synthetic true .\n"
    path.write_text(PREFIX + graphs + about, encoding="utf-8")
    cases = read(path)
    assert [case.group for case in cases] == [CASE + n for n in "abc"]
    assert [len(case.quads) for case in cases] == [2, 3, 2]
    assert cases[0].origin == f"{path} <{CASE}graph/a>"
    for case in cases:
        assert len(_parsed(case)) == len(case.quads)


def test_a_corpus_and_its_files_give_the_same_cases(tmp_path: Path) -> None:
    cases = read(packaged("data", "counter-cases"))
    quads = [
        ox.Quad(q.subject, q.predicate, q.object, ox.NamedNode(case.group + "/graph"))
        for case in cases
        for q in case.quads
    ]
    path = tmp_path / "corpus.nq"
    path.write_bytes(ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b"")
    corpus = read(path)
    assert [case.group for case in corpus] == [case.group for case in cases]
    assert [triples(case) for case in corpus] == [triples(case) for case in cases]


@pytest.mark.parametrize("path", [*COUNTER_CASES[:4], LAMSIG], ids=lambda p: p.stem)
def test_a_flat_case_says_what_the_case_says(path: Path) -> None:
    (case,) = read(path)
    flat = write_flat(case)
    assert {str(q.triple) for q in ox.parse(flat, ox.RdfFormat.TURTLE)} == triples(case)
    assert f"@prefix k20: <{K20}> ." in flat
    assert write_flat(case_of(case.group, "x", reversed(case.quads))) == flat


@pytest.mark.parametrize(
    "text",
    [
        f"<{CASE}a> a k20:WorkingGroup , k20:CandidateGroup .",
        f"<{CASE}a>\n    a k20:CandidateGroup .",
        f"<{CASE}a> a <{K20}CandidateGroup> .",
        f"@prefix o: <{K20}> .\n<{CASE}a> a o:CandidateGroup .",
        f"@prefix half: <{K20}Candidate> .\n<{CASE}a> a half:Group .",
        f"<{CASE}a> a <{K20}Candidate\\u0047roup> .",
        f"@base <{CASE}> .\n<a> a k20:CandidateGroup .",
        f"@prefix case: <{CASE}> .\ncase:a a k20:CandidateGroup ; k20:goal case:b .",
        f"<{CASE}a> a k20:CandidateGroup .\n# <{CASE}b> a k20:CandidateGroup .",
        f'<{CASE}a> a k20:CandidateGroup ; k20:goal """\n<{CASE}b> a k20:CandidateGroup .\n""" .',
        f"<{CASE}a> a k20:CandidateGroup ; k20:goal '''\n<{CASE}b> a k20:CandidateGroup .\n''' .",
        f'<{CASE}a> a k20:CandidateGroup ; k20:statement "<{CASE}b> a k20:CandidateGroup ." .',
        f"PREFIX c: <{CASE}>\nc:a a k20:CandidateGroup .",
        f"<{CASE}a> a k20:CandidateGroup .\n<{CASE}a> a k20:CandidateGroup .",
    ],
)
def test_the_candidate_is_found_however_it_is_written(text: str, tmp_path: Path) -> None:
    path = tmp_path / "case.ttl"
    path.write_text(PREFIX + text + "\n", encoding="utf-8")
    (case,) = read(path)
    assert case.group == CASE + "a"


def test_reading_leaves_the_words_of_a_record_alone(tmp_path: Path) -> None:
    words = "<b>\\u001b[31m \\u202e </b><script>alert(1)</script>"
    path = tmp_path / "case.ttl"
    path.write_text(turtle("a") + f'<{CASE}a> k20:statement "{words}" .', encoding="utf-8")
    (case,) = read(path)
    (said,) = [q.object.value for q in case.quads if isinstance(q.object, ox.Literal)]
    assert said == "<b>\x1b[31m \u202e </b><script>alert(1)</script>"
    shown = escape_controls(said)
    assert shown == "<b>␛[31m \ufffd </b><script>alert(1)</script>"


@pytest.mark.parametrize("code", [*range(0x20), 0x7F, *range(0x80, 0xA0), 0x202E, 0x2066, 0x2028])
def test_no_control_reaches_a_terminal(code: int) -> None:
    if chr(code) not in "\t\n":
        assert chr(code) not in escape_controls(f"a{chr(code)}b")
        assert len(escape_controls(f"a{chr(code)}b")) == 3


def test_words_of_any_language_pass() -> None:
    words = "Schüler, élèves, 学生, طلاب, ✔ – “quoted”\n\tindented"
    assert escape_controls(words) == words


def test_a_line_is_found_for_an_address_however_it_is_written() -> None:
    text = (
        f"@base <{CASE}a/> .\n@prefix k20: <{K20}> .\n@prefix c: <{CASE}a/> .\n"
        f"<{CASE}a> k20:goal <goal/1> , c:goal\\/10 .\n<goal/1> a k20:Goal .\n"
        "c:goal\\/10 a k20:Goal .\n"
        f"c:goal\\/2 a k20:Goal .\n"
    )
    assert line_of(text, CASE + "a") == 4
    assert line_of(text, CASE + "a/goal/1") == 5
    assert line_of(text, CASE + "a/goal/10") == 6
    assert line_of(text, CASE + "a/goal/2") == 7
    assert line_of(text, CASE + "a/goal/3") is None
