"""Nothing is dropped in silence: what no parser would state is an error, or told as not read."""

from __future__ import annotations

import gzip
import io
import json
import os
from pathlib import Path

import pyoxigraph as ox
import pytest
from records import FORMATS, RIVER, quads_of, written

from k20kg.batches.runner import Options, judge_corpus
from k20kg.cli import main
from k20kg.errors import InputError, K20Error, RecordError, RemoteError
from k20kg.judging.cases import read_cases
from k20kg.judging.judge import Judge
from k20kg.sparql.fetch import fetch_cases
from k20kg.sparql.store import Store
from k20kg.vocabulary import K20

JUDGE = Judge(evidence=False)
DISPUTE = ":task-units k20:disputedBy :evidence-minutes ."
CONTEXT = {"k": "urn:k#"}


def refusal(path: Path) -> str:
    """Return why a file is neither judged nor counted by any command."""
    assert main(["check", str(path)]) in (1, 2)
    assert main(["validate", str(path)]) == 2
    tally = judge_corpus([path], io.BytesIO(), Options(), messages=io.StringIO())
    assert tally.cases == 0
    with pytest.raises(K20Error) as caught:
        list(map(JUDGE.assess, read_cases([path])))
    return str(caught.value)


# ---------------------------------------------------------------- JSON-LD


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"@context": CONTEXT, "@id": "urn:a", "foo": 2}, '"foo" is mapped by no context'),
        ({"@context": CONTEXT, "@id": "urn:a", "@type": "Foo"}, '"Foo" is mapped by no context'),
        ({"@context": CONTEXT, "@id": "a", "k:x": 1}, 'the address "a" is relative'),
        ({"@context": CONTEXT, "@id": "urn:a", "k:x": {"@id": "b"}}, 'the address "b" is relative'),
        (
            {"@context": CONTEXT, "@id": "urn:a", "k:x": {"@list": [{"@id": "b"}]}},
            '"b" is relative',
        ),
        ({"@context": {**CONTEXT, "@base": None}, "@id": "a", "k:x": 1}, '"a" is relative'),
        ({"@context": {**CONTEXT, "x": None}, "@id": "urn:a", "x": 1}, '"x" is mapped by no'),
        ({"@context": {"@vocab": "urn:v#", "x": None}, "@id": "urn:a", "x": 1}, '"x" is mapped by'),
        ({"@context": {"x": {"@id": None}}, "@id": "urn:a", "x": 1}, '"x" is mapped by no'),
        ({"@context": [{"@vocab": "urn:v#"}, {"@vocab": None}], "x": 1}, '"x" is mapped by no'),
        ({"@context": [{"@vocab": "urn:v#"}, None], "x": 1}, '"x" is mapped by no'),
        ({"@context": CONTEXT, "k:x": {"@context": None, "y": 1}}, '"y" is mapped by no'),
        ({"@context": CONTEXT, "@graph": [{"@id": "urn:a", "y": 1}]}, '"y" is mapped by no'),
        ({"@context": CONTEXT, "@reverse": {"y": {"@id": "urn:b"}}}, '"y" is mapped by no'),
        ({"@context": CONTEXT, "@id": "urn:a", "k:x": 1, "@note": "y"}, '"@note" is no keyword'),
        ({"@context": CONTEXT, "@id": "@me", "k:x": 1}, '"@me" is no address'),
        ({"@context": CONTEXT, "@id": "urn:a", "_:p": 1}, '"_:p" is a property without an address'),
        ({"@context": {"p": "_:p"}, "@id": "urn:a", "p": 1}, '"p" is a property without an'),
        ({"@context": CONTEXT, "@id": "urn:a b", "k:x": 1}, 'such as a blank: "urn:a b"'),
        ({"@id": "urn:a", "https://a#b/c#d": 1}, 'such as a blank: "https://a#b/c#d"'),
        ({"@id": "urn:a", "urn:p": {"@id": "htt;p://a/"}}, 'such as a blank: "htt;p://a/"'),
        ({"@id": "urn:a", "urn:p": {"@id": "http://a:b/"}}, 'such as a blank: "http://a:b/"'),
        ({"@context": CONTEXT, "k:x": {"@value": "a", "@language": "e n"}}, '"e n" is no language'),
        ([{"@id": "urn:a", "urn:p": 1}, "loose"], '"loose" belongs to no node'),
    ],
)
def test_json_ld_that_would_be_dropped_is_refused(
    document: object, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "case.jsonld"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert says in refusal(path)
    for command in (
        ["query", "--data", str(path), "--sparql", "ASK { ?s ?p ?o }"],
        ["load", str(path), "--store", str(tmp_path / "store")],
    ):
        capsys.readouterr()
        assert main(command) == 2
        assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    "text",
    [
        '{"@context": {"k": "urn:k#", "id": "@id", "a": "@type"}, "id": "urn:a", "a": "k:A"}',
        '{"@context": {"@vocab": "urn:k#", "@base": "urn:b"}, "@id": "#a", "x": null, "y": [1]}',
        '{"@context": {"k:x": {"@container": "@index"}, "k": "urn:k#"}, "k:x": {"one": 1}}',
        '{"@context": {"k": "urn:k#"}, "k:x": {"@type": "@json", "@value": {"any": {"@id": "x"}}}}',
        '{"@context": {"k": "urn:k#", "t": {"@id": "k:t"}}, "t": "b c: d/e {f}", "k:u": "urn:a b"}',
        '{"@context": {"k": "urn:k#", "t": {"@id": "k:t", "@type": "@vocab"}}, "t": "k"}',
    ],
)
def test_json_ld_that_says_all_is_read(text: str) -> None:
    with pytest.raises(RecordError, match="no candidate group"):
        list(read_cases([io.BytesIO(text.encode())], syntax="jsonld"))


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "case.jsonld"
    path.write_text('{"@id": "urn:a", "urn:p": 1, "urn:p": 2}', encoding="utf-8")
    assert 'the key "urn:p" stands twice' in refusal(path)


def test_a_number_typed_as_a_decimal_is_one() -> None:
    document = json.loads(written(quads_of(RIVER), "jsonld"))
    text = json.dumps(document).replace('"@value": "4.0"', '"@value": 4.5')
    assert '"@value": 4.5' in text
    (case,) = read_cases([io.BytesIO(text.encode())], syntax="jsonld")
    JUDGE.check(case)
    assert '"4.5"^^<http://www.w3.org/2001/XMLSchema#decimal>' in case.text


# ---------------------------------------------------------------- statements about statements


ABOUT = {
    "annotation.ttl": "\n:s k20:memberFirm :f {| k20:disputedBy :evidence-roll |} .",
    "reifier.ttl": "\n:s k20:memberFirm :f ~ :r . :r k20:disputedBy :evidence-roll .",
    "triple.ttl": "\n<< :s k20:memberFirm :f >> k20:disputedBy :evidence-roll .",
    "term.trig": "\n:r k20:about <<( :s k20:memberFirm :f )>> .",
}


@pytest.mark.parametrize("name", ABOUT)
@pytest.mark.parametrize("ending", ["", ".nt", ".nq"])
def test_a_statement_about_a_statement_is_refused(
    name: str, ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_text(RIVER + ABOUT[name], encoding="utf-8")
    store = ox.Store()
    store.load(path=path)
    if ending:
        path = path.with_suffix(ending)
        path.write_bytes(written((q for q in store), ending[1:]))
    assert "a triple stands inside a triple" in refusal(path)
    with pytest.raises(InputError, match="inside a triple"):
        fetch_cases(Store(store))
    capsys.readouterr()
    for command in (
        ["query", "--data", str(path), "--sparql", "ASK { ?s ?p ?o }"],
        ["load", str(path), "--store", str(tmp_path / "store")],
    ):
        assert main(command) == 2
        assert "inside a triple" in capsys.readouterr().err


def test_a_described_statement_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "case.ttl"
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    path.write_text(
        f"{RIVER}\n:r <{rdf}subject> :s ; k20:disputedBy :evidence-roll .", encoding="utf-8"
    )
    assert "says something of a statement by rdf:subject" in refusal(path)


# ---------------------------------------------------------------- namespaces nearly right


NEARLY = [
    "http://w3id.org/k20kg/ontology#",
    "https://www.w3id.org/k20kg/ontology#",
    "https://w3id.org/k20kg/ontology/",
    "https://w3id.org/k20kg/ontology/#",
    "https://w3id.org/k20kg/",
    "https://w3id.org/k20kg#",
    "https://w3id.org/K20KG/ontology#",
    "https://w3id.org/k20kg/Ontology#",
    "https://w3id.org/k20kg/ontolgy#",
    "https://w3id.org/k20kg//ontology#",
]


@pytest.mark.parametrize(
    ("namespace", "ending"), zip(NEARLY, 2 * ["ttl", "nt", "nq", "rdf", "jsonld"], strict=True)
)
def test_a_namespace_nearly_right_is_told(namespace: str, ending: str, tmp_path: Path) -> None:
    quads = quads_of(RIVER)
    path = tmp_path / f"case.{ending}"
    near = written(quads, "nt").replace(K20.encode(), namespace.encode())
    path.write_bytes(written(quads_of(near), ending))
    said = refusal(path)
    assert "nearly k20:" in said
    assert f"write <{K20}>" in said
    dispute = f"<https://example.org/case/river-city/task-units> <{namespace}disputedBy> <urn:e> ."
    some = [*quads, *ox.parse(dispute, FORMATS["nt"])]
    path.write_bytes(written(some, ending))
    said = refusal(path)
    assert f"uses {namespace}disputedBy, which is nearly k20:disputedBy" in said


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (":task-units <k20:disputedBy> :evidence-minutes .", "does not declare the prefix k20:"),
        (':task-units <http://www.w3.org/2000/01/rdf-schema/label> "x" .', "nearly rdfs:label"),
        (
            ':task-units k20:statement "x"^^<https://www.w3.org/2001/XMLSchema#string> .',
            "nearly xsd:",
        ),
        (":x a <http://w3id.org/k20kg/ontology#Enactment> .", "nearly k20:Enactment"),
        (":x k20:uses <http://w3id.org/k20kg/ontology#Completed> .", "nearly k20:Completed"),
    ],
)
def test_a_word_in_a_namespace_nearly_right_is_told(line: str, says: str, tmp_path: Path) -> None:
    for ending in ("ttl", "nt", "nq"):
        path = tmp_path / f"case.{ending}"
        path.write_bytes(written(quads_of(f"{RIVER}\n{line}"), ending))
        assert says in refusal(path)


def test_a_namespace_nearly_right_is_told_where_data_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "case.ttl"
    path.write_text(RIVER.replace(K20, NEARLY[0]), encoding="utf-8")
    for command in (
        ["query", "--data", str(path), "--sparql", "ASK { ?s ?p ?o }"],
        ["load", str(path), "--store", str(tmp_path / "store")],
    ):
        assert main(command) == 0
        assert "which is nearly k20:" in capsys.readouterr().err


def test_names_of_ones_own_are_left_alone(tmp_path: Path) -> None:
    own = (
        ':task-units <https://example.org/ontology#method> "x" ; '
        "<https://w3id.org/k20kg/case/x/method> :y ; <http://purl.org/dc/elements/1.1/source> :z ."
    )
    path = tmp_path / "case.ttl"
    path.write_text(f"{RIVER}\n{own}", encoding="utf-8")
    assert main(["check", str(path)]) == 0


# ---------------------------------------------------------------- parts of a folder


def test_parts_of_a_folder_that_are_not_read_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    top = tmp_path / "case"
    (top / "more").mkdir(parents=True)
    (top / "case.ttl").write_text(RIVER, encoding="utf-8")
    part = RIVER.partition("\n\n")[0] + "\n" + DISPUTE
    unread = {
        "part.ttl.txt": part.encode(),
        "part.ttl.bak": part.encode(),
        "part.ttl~": part.encode(),
        "part.ttl.zst": b"\x28\xb5\x2f\xfd",
        "part.ttl.bz2": b"BZh",
        "parts.zip": b"PK",
        "part.txt": part.encode(),
        "part": part.encode(),
        ".part.ttl": part.encode(),
        "part.json": b'{"id": "urn:a"}',
    }
    for name, data in unread.items():
        (top / name).write_bytes(data)
    (top / "gone.ttl").symlink_to(tmp_path / "nowhere.ttl")
    (top / "folder").symlink_to(tmp_path)
    others = {"README.md": f"# A case\n\n{part}", "table.csv": "a,b\n1,2\n", "q.rq": part}
    for name, text in others.items():
        (top / name).write_text(text, encoding="utf-8")
    (top / "more" / "part.ttl.gz").write_bytes(gzip.compress(b"<urn:a> <urn:b> <urn:c> ."))
    names = {*unread, "gone.ttl", "folder"}
    ask = ["--sparql", "SELECT (COUNT(*) AS ?n) WHERE { ?s k20:disputedBy ?o }", "-f", "csv"]
    for command in (
        ["query", "--data", str(top), *ask],
        ["load", str(top), "--store", str(tmp_path / "store")],
    ):
        assert main(command) == 0
        told = capsys.readouterr().err.splitlines()
        assert {_name(line) for line in told if line.startswith("not read: ")} == names
    (top / "more" / "part.ttl.gz").rename(top / "more" / "part.ttl.xz")
    names.add("part.ttl.xz")
    for command in (["check", str(top)], ["validate", str(top), "-f", "json"]):
        assert main(command) == 0
        out, err = capsys.readouterr()
        told = [line for line in err.splitlines() if line.startswith("not read: ")]
        assert {_name(line) for line in told} == names
        if command[0] == "check":
            assert [line for line in out.splitlines() if line.startswith("not read: ")] == told
        else:
            notes = json.loads(out)["assessments"][0]["notes"]
            assert {_name(note) for note in notes if note.startswith("not read: ")} == names
    (case,) = read_cases([top])
    assert len(case.unread) == len(names)
    capsys.readouterr()
    tally = judge_corpus([top], io.BytesIO(), Options(), messages=io.StringIO())
    assert tally.cases == 1
    told = [t for t in capsys.readouterr().err.splitlines() if t.startswith("not read: ")]
    assert sorted(map(_name, told)) == sorted(names - {"part.ttl.zst"})


def _name(line: str) -> str:
    return os.path.basename(line.removeprefix("not read: ").partition(": ")[0])  # noqa: PTH119


def test_a_packed_part_of_a_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "case.ttl").write_text(RIVER, encoding="utf-8")
    part = RIVER.partition("\n\n")[0] + "\n" + DISPUTE
    (tmp_path / "part.ttl.gz").write_bytes(gzip.compress(part.encode()))
    (case,) = read_cases([tmp_path])
    assert case.unread == ()
    assert "disputedBy" in case.text


def test_a_part_that_may_not_be_read_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "case.ttl").write_text(RIVER, encoding="utf-8")
    usual = Path.open

    def deny(self: Path, *rest: object, **more: object) -> object:
        if self.suffix == ".ttl":
            raise PermissionError(13, "Permission denied")
        return usual(self, *rest, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", deny)
    with pytest.raises(InputError, match="you may not read this"):
        list(read_cases([tmp_path]))


def test_a_context_elsewhere_is_never_fetched() -> None:
    text = b'{"@context": "https://example.org/c", "@id": "urn:a", "x": "y"}'
    with pytest.raises(RemoteError):
        list(read_cases([io.BytesIO(text)], syntax="jsonld"))
