"""Queries are found by name, file or text, bound safely, and refused with a reason."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from k20kg.cli import main
from k20kg.errors import InputError, UsageError
from k20kg.sparql import named_queries
from k20kg.sparql.named_queries import QueryParameter, parse_text, term_of
from k20kg.sparql.sparql import AskResult, Rows, bind, form_of
from k20kg.sparql.store import Store

EX = "http://example.org/"
NAME = "which-databases-were-searched"
HEAD = "#+ summary: S\n#+ parameters: {}\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.ttl"
    path.write_text(
        "@prefix : <http://example.org/> .\n"
        ':a :name "Ann" ; :age 9 .\n:b :name "Bob" ; :age 10 .\n:c :name "=1+1" .\n',
        encoding="utf-8",
    )
    return path


def run(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    code = main(["query", *map(str, words)])
    said = capsys.readouterr()
    return code, said.out, said.err


# ---------------------------------------------------------------- where a query comes from


def test_packaged_query_by_name_group_and_id(capsys: pytest.CaptureFixture[str]) -> None:
    query = named_queries.find_query(NAME)
    answers = {run(capsys, name)[1] for name in (NAME, f"literature/{NAME}", query.id)}
    assert len(answers) == 1
    assert "ERIC" in answers.pop()


def test_unknown_name_says_what_was_perhaps_meant(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "which-database-was-searched")
    assert (code, out) == (2, "")
    assert f"did you mean {NAME}?" in err


@pytest.mark.parametrize(
    "name",
    ["../../pyproject", "literature/../x", f"case/../literature/{NAME}", "", "/etc/passwd.", "."],
)
def test_names_do_not_reach_other_files(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert run(capsys, name)[0] == 2


def test_list_is_grouped_with_names_unbroken(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    code, out, _ = run(capsys, "--list")
    assert code == 0
    assert "The literature" in out
    names = {query.name for query in named_queries.list_queries()}
    assert len(names) >= 40
    assert names <= {line.strip() for line in out.splitlines()}


def test_list_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    listed = json.loads(run(capsys, "--list", "-f", "json")[1])
    assert {query.name for query in named_queries.list_queries()} == {one["name"] for one in listed}


def test_file_stdin_and_option_ask_alike(
    capsys: pytest.CaptureFixture[str], data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"SELECT ?n WHERE {{ ?s <{EX}name> ?n }} ORDER BY ?n"
    path = data.with_name("mine.rq")
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    answers = {
        run(capsys, *words, "--data", data, "-f", "csv")[1]
        for words in ((path,), ("-",), ("--sparql", text))
    }
    assert answers == {"n\r\n'=1+1\r\nAnn\r\nBob\r\n"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "--list"),
        (["x", "--sparql", "ASK {}"], "not both"),
        (["--list", NAME], "--list takes no query"),
        (["no-such.rq"], "no-such.rq"),
        (["--sparql", "ASK {}", "--store", "x", "--endpoint", "http://127.0.0.1/"], "exclude"),
        (["--sparql", "ASK {}", "--endpoint", "http://127.0.0.1/", "--timeout", "0"], "above 0"),
        (["--sparql", "ASK {}", "--data", "no-such-folder"], "no such file"),
        (["--sparql", ""], "no SPARQL query"),
        (["--sparql", "hello"], "no SPARQL query"),
        ([NAME, "--set", "x"], "no value"),
        ([NAME, "--set", "x=1"], "no parameter x"),
        ([NAME, "--set", "x=1", "--set", "x=2"], "twice"),
        ([NAME, "-f", "turtle"], "no triples"),
    ],
)
def test_wrong_use_is_told(capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    code, out, err = run(capsys, *words)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { <http://a> <http://b> 1 }",
        "PREFIX x: <http://x/> DELETE WHERE { ?s ?p ?o }",
        "# SELECT\nLOAD <http://127.0.0.1:9/>",
        "DROP ALL",
        "with <http://g> insert { ?s ?p 1 } where { ?s ?p ?o }",
    ],
)
def test_updates_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="may only ask"):
        Store(ox.Store()).select(text)


def test_two_operations_at_once_are_refused() -> None:
    with pytest.raises(UsageError):
        Store(ox.Store()).select("ASK {} ; DROP ALL")


def test_syntax_errors_have_line_and_column(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "--sparql", "SELECT ?s WHERE {\n  ?s ?p )\n}")
    assert code == 2
    assert re.search(r"--sparql:[23]:\d+: this is not SPARQL, from '.' on", err)
    assert "breaks off" in run(capsys, "--sparql", "SELECT ?s WHERE {\n  ?s ?p ?o")[2]


def test_undeclared_prefix_is_told_and_house_prefixes_are_known() -> None:
    store = Store(ox.Store())
    assert store.select("ASK { ?s a k20:Task ; rdfs:label ?l }") == AskResult(False)
    with pytest.raises(UsageError, match="prefix foo: is not declared"):
        store.select("ASK { ?s a foo:Task }")


@pytest.mark.parametrize(
    "text",
    [
        "ASK " + "{" * 50_000 + "}" * 50_000,
        "ASK { FILTER(" + "(" * 50_000 + "1" + ")" * 50_000 + ") }",
        "ASK { FILTER(" + "!" * 50_000 + "1) }",
        "ASK { FILTER(" + "1+" * 50_000 + "1) }",
        "ASK { " + "OPTIONAL { ?a ?b ?c } " * 5_000 + "}",
        "ASK { ?s " + "<a:b>/" * 50_000 + "<a:b> ?o }",
        "ASK { ?s ?p " + "[ ?p " * 5_000 + "1" + "]" * 5_000 + " }",
    ],
    ids=["groups", "parentheses", "not", "sum", "optional", "path", "blank-nodes"],
)
def test_monstrous_queries_are_refused_and_do_not_crash(text: str) -> None:
    with pytest.raises(UsageError, match="nested"):
        Store(ox.Store()).select(text)


def test_many_values_are_no_monster() -> None:
    values = " ".join(f"<{EX}{n}>" for n in range(10_000))
    found = Store(ox.Store()).select(f"SELECT ?v WHERE {{ VALUES ?v {{ {values} }} }}")
    assert isinstance(found, Rows)
    assert len(found.rows) == 10_000


# ---------------------------------------------------------------- binding


def store_of(*quads: tuple[str, str, ox.Literal]) -> Store:
    store = ox.Store()
    for subject, predicate, value in quads:
        store.add(ox.Quad(ox.NamedNode(EX + subject), ox.NamedNode(EX + predicate), value))
    return Store(store)


HOSTILE = [
    "Ann",
    'x" } UNION { ?s ?p ?o } #',
    "x' } ; DROP ALL #",
    'back\\slash" }',
    '"""',
    "'''",
    "line\nend\r\t",
    "?name $name",
    "\\u0022 }",
    "<http://example.org/a>",
    "\u202e\x1b[31m\x00",
    "",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_strings_are_only_ever_strings(value: str) -> None:
    store = store_of(("a", "name", ox.Literal(value)), ("b", "name", ox.Literal("other")))
    for clause in ("", 'VALUES ?name { "default" }', "VALUES (?name) { (UNDEF) }"):
        text = f"{HEAD.format('name string')}SELECT ?s WHERE {{ {clause} ?s <{EX}name> ?name }}"
        found = store.select(parse_text(text, "mine.rq").bound({"name": value}))
        assert found == Rows(("s",), [(ox.NamedNode(f"{EX}a"),)])


@given(st.text())
def test_any_string_comes_back_as_it_was(value: str) -> None:
    if any("\ud800" <= c <= "\udfff" for c in value):
        return
    found = Store(ox.Store()).select(bind("SELECT ?v WHERE { }", {"v": ox.Literal(value)}))
    assert found == Rows(("v",), [(ox.Literal(value),)])


@pytest.mark.parametrize(
    "value",
    ["http://a> } #", "<http://a>", "http://a b", 'http://a"', "k20:a> ?p ?o . #", "", "#x", "\n"],
)
def test_hostile_iris_are_refused(value: str) -> None:
    with pytest.raises(UsageError, match="is no iri"):
        term_of(QueryParameter("x", "iri"), value)


@pytest.mark.parametrize(
    ("kind", "value", "term"),
    [
        ("iri", "k20:Task", "<https://w3id.org/k20kg/ontology#Task>"),
        ("iri", "case/lamsig", "<https://w3id.org/k20kg/case/lamsig>"),
        ("iri", "http://example.org/a", "<http://example.org/a>"),
        ("iri", "urn:x:1", "<urn:x:1>"),
        ("integer", "+007", '"7"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("decimal", "6", '"6.0"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
        ("decimal", "-.50", '"-0.5"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
        ("boolean", "true", '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
        (
            "date",
            "2006-06-30",
            '"2006-06-30T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>',
        ),
    ],
)
def test_values_become_terms_of_their_type(kind: str, value: str, term: str) -> None:
    assert str(term_of(QueryParameter("x", kind), value)) == term


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", "1.0"),
        ("integer", "1 } #"),
        ("integer", "٣"),
        ("integer", "9" * 5000),
        ("decimal", "1e5"),
        ("decimal", "NaN"),
        ("decimal", "."),
        ("boolean", "yes"),
        ("boolean", "1"),
        ("date", "2006-02-30"),
        ("date", "2006"),
    ],
)
def test_values_of_another_type_are_refused(kind: str, value: str) -> None:
    with pytest.raises(UsageError, match=f"is no {kind}"):
        term_of(QueryParameter("x", kind), value)


def test_parameter_is_bound_at_every_place_that_the_query_names(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    path = data.with_name("older.rq")
    path.write_text(
        "#+ summary: Who is of this age, and how many are?\n#+ parameters: age integer 9\n"
        f"SELECT ?n ?many WHERE {{ VALUES ?age {{ 9 }} ?s <{EX}age> ?age ; <{EX}name> ?n .\n"
        "  { SELECT (COUNT(*) AS ?many) WHERE { VALUES (?age) { (9) } "
        f"?x <{EX}age> ?age }} }} }}",
        encoding="utf-8",
    )
    assert run(capsys, path, "--data", data, "-f", "csv")[1] == "n,many\r\nAnn,1\r\n"
    found = run(capsys, path, "--data", data, "-f", "csv", "--set", "age=10")[1]
    assert found == "n,many\r\nBob,1\r\n"


def test_parameter_without_a_default_must_be_set(capsys: pytest.CaptureFixture[str]) -> None:
    text = HEAD.format("who iri") + "SELECT ?o WHERE { ?who ?p ?o }"
    code, _, err = run(capsys, "--sparql", text)
    assert code == 2
    assert "--set who=… (iri)" in err


@pytest.mark.parametrize(
    "form", ["CONSTRUCT { ?s ?p ?v }", "SELECT (EXISTS { ?a ?b ?c } AS ?x) ?v"]
)
def test_binding_goes_into_the_where_clause(form: str) -> None:
    text = f"{form} WHERE {{ ?s ?p ?v }}"
    assert bind(text, {"v": ox.Literal("1")}).endswith('WHERE { VALUES ?v { "1" }  ?s ?p ?v }')


def test_form_is_found_behind_prologue_and_comments() -> None:
    text = "# ASK\nBASE <http://ask/> PREFIX ask: <http://select/> construct { ?s ?p 1 } { }"
    assert form_of(text) == "CONSTRUCT"


# ---------------------------------------------------------------- heads


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("#+ summary: a\n#+ summary: b\n", "twice"),
        ("#+ sumary: a\n", "sumary"),
        ("#+ nothing\n", "nothing"),
        ("#+ parameters: x\n", "parameter 'x'"),
        ("#+ parameters: x text\n", "x text"),
        ("#+ parameters: s iri; s iri\n", "s iri"),
        ("#+ parameters: y iri\n", "no variable ?y"),
        ("#+ parameters: s integer nine\n", "is no integer"),
        ("#+ expects: many\n", "many"),
    ],
)
def test_wrong_head_is_an_error_that_says_where(head: str, said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)) as caught:
        parse_text(f"{head}SELECT ?s WHERE {{ ?s ?p ?o }}", "mine.rq")
    assert "mine.rq" in str(caught.value)


def test_packaged_query_must_say_all(tmp_path: Path) -> None:
    path = tmp_path / "q.rq"
    path.write_text("#+ summary: a\nASK { }", encoding="utf-8")
    with pytest.raises(InputError, match="nothing of id"):
        named_queries.parse(path)


def test_long_values_go_on_in_further_lines() -> None:
    text = (
        "#+ summary: a\n#+   b\n#+ parameters:\n#+   - s iri\n#+   - o integer 9\n"
        "SELECT ?s WHERE { ?s ?p ?o }"
    )
    query = parse_text(text, "mine.rq")
    assert query.summary == "a b"
    assert query.parameters == (QueryParameter("s", "iri"), QueryParameter("o", "integer", "9"))


# ---------------------------------------------------------------- answers


def test_all_forms_of_query_from_the_command_line(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    def ask(text: str, *words: str) -> str:
        code, out, err = run(capsys, "--sparql", text, "--data", data, *words)
        assert code == 0, err
        return out

    assert ask("ASK { ?s ?p 9 }") == "true\n"
    turtle = ask(f"CONSTRUCT {{ ?s k20:order ?o }} WHERE {{ ?s <{EX}age> ?o }}")
    assert "k20:order 9" in turtle
    assert ask(f"DESCRIBE <{EX}a>", "-f", "ntriples").count("\n") == 2
    assert json.loads(ask(f"DESCRIBE <{EX}a>", "-f", "jsonld"))
    assert "subject" in ask(f"DESCRIBE <{EX}a>", "-f", "table")
