"""Loading is all or nothing and happens once; queries stay on this machine."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from k20kg.cli import main
from k20kg.errors import InputError, K20Error, RemoteError, UsageError
from k20kg.sparql import disk, loading
from k20kg.sparql.disk import load
from k20kg.sparql.reach import reach_of
from k20kg.sparql.sparql import AskResult, Rows
from k20kg.sparql.store import Store, list_packaged, open_files, open_packaged, open_store

A, B = (f"<http://example.org/{c}>" for c in "ab")
QUADS = f"{A} {B} _:x <http://example.org/g> .\n_:x {B} 'y' <http://example.org/g> .\n"
QUADS = QUADS.replace("'y'", '"y"')
TRIPLES = f"{A} {B} [ {B} 1 ] .\n"
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }"


def count(folder: Path) -> int:
    return sum(quad.graph_name != ox.DefaultGraph() for quad in quads_of(folder))


def quads_of(folder: Path) -> list[ox.Quad]:
    store = open_store(folder)
    return list(store.raw)


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.parent.iterdir() if path.name.startswith(".")]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    one, two = tmp_path / "one.nq", tmp_path / "two.ttl"
    one.write_text(QUADS, encoding="utf-8")
    two.write_text(TRIPLES, encoding="utf-8")
    return one, two


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


# ---------------------------------------------------------------- loading


def test_triples_get_a_graph_for_their_file_and_quads_keep_theirs(
    files: tuple[Path, Path], store: Path
) -> None:
    done = load(files, store)
    assert done.quads == 4
    opened = open_store(store)
    graphs = {name.value for name in opened.raw.named_graphs()}  # type: ignore[union-attr]
    assert graphs == {"http://example.org/g", files[1].resolve().as_uri()}


def test_second_load_adds_nothing_not_even_blank_nodes(
    files: tuple[Path, Path], store: Path
) -> None:
    load(files, store)
    again = load(files, store)
    assert again.added == ()
    assert again.skipped == tuple(map(str, files))
    assert again.quads == 4


def test_same_quads_under_another_name_add_nothing(files: tuple[Path, Path], store: Path) -> None:
    other = files[0].with_name("copy.nq")
    shutil.copy(files[0], other)
    assert load([files[0], other], store).quads == 2


def test_changed_file_of_triples_replaces_its_graph(files: tuple[Path, Path], store: Path) -> None:
    load(files, store)
    files[1].write_text(f"{A} {B} 2, 3, 4 .", encoding="utf-8")
    assert load(files, store).quads == 5


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.nq", QUADS[:-20]),
        ("cut.ttl", TRIPLES[:-8]),
        ("cut.trig", "<http://example.org/g> { <http://example.org/a> "),
        ("wrong.nt", "<http://example.org/a> <http://example.org/b c> 1 ."),
        ("not.rdf", "<rdf:RDF"),
        ("not.jsonld", '{"@id": "http://example.org/a", '),
        ("afar.jsonld", '{"@context": "https://example.org/context", "a": 1}'),
        ("unknown.docx", "PK"),
    ],
)
def test_failed_load_changes_nothing(
    files: tuple[Path, Path], store: Path, name: str, content: str
) -> None:
    load(files, store)
    before = sorted(map(str, quads_of(store)))
    good, bad = files[0].with_name("more.nq"), files[0].with_name(name)
    good.write_text(f"{A} {B} {A} <http://example.org/h> .\n", encoding="utf-8")
    bad.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load([good, bad], store)
    assert name in str(caught.value)
    assert sorted(map(str, quads_of(store))) == before
    assert not leftovers(store)
    assert load([good], store).quads == 5, "the store is not locked and the good file not noted"


def test_failed_first_load_leaves_no_store(files: tuple[Path, Path], store: Path) -> None:
    bad = files[0].with_name("cut.nq")
    bad.write_text(QUADS[:-20], encoding="utf-8")
    with pytest.raises(InputError, match=r"cut\.nq:2"):
        load([files[0], bad], store)
    assert not store.exists()
    assert not leftovers(store)


def test_error_in_a_later_batch_names_the_right_line(
    tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "_SMALL", 0)
    monkeypatch.setattr(disk, "_BATCH", 20)
    path = tmp_path / "long.nt"
    path.write_text(f"{A} {B} {A} .\n" * 50 + f"{A} {B} ! .\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"long\.nt:51"):
        load([path], store)


def test_blank_nodes_hold_together_across_batches(
    tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "_BATCH", 10)
    path = tmp_path / "long.nt"
    lines = [f"{A} {B} <http://example.org/{n}> .\n" for n in range(20)]
    lines += [f"_:same {B} <http://example.org/{n}> .\n" for n in range(20)]
    path.write_text("".join(lines), encoding="utf-8")
    load([path], store)
    subjects = {quad.subject for quad in quads_of(store)}
    assert len(subjects) == 2
    assert count(store) == 40


def test_interrupted_load_changes_nothing(
    files: tuple[Path, Path], store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(files[:1], store)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(disk, "read_quads", interrupt)
    with pytest.raises(KeyboardInterrupt):
        load(files, store)
    assert count(store) == 2
    assert not leftovers(store)


def test_readers_go_on_while_a_load_takes_the_place(files: tuple[Path, Path], store: Path) -> None:
    load(files[:1], store)
    reader, other = open_store(store), open_store(store)
    load(files, store)
    assert reader.select(COUNT) == other.select(COUNT)
    assert "2" in str(reader.select(COUNT))
    assert count(store) == 4


def test_store_that_another_process_writes_is_left_alone(
    files: tuple[Path, Path], store: Path
) -> None:
    load(files[:1], store)
    hold = (
        "import sys, pyoxigraph; s = pyoxigraph.Store(sys.argv[1]);"
        "print('open', flush=True); sys.stdin.read()"
    )
    line = [sys.executable, "-c", hold, str(store)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        with pytest.raises(UsageError, match="another process"):
            load(files, store)
        process.communicate(b"")
    assert load(files, store).quads == 4


def test_folder_with_other_files_is_refused(files: tuple[Path, Path]) -> None:
    with pytest.raises(UsageError, match="other files"):
        load(files, files[0].parent)


def test_folders_and_gzip_are_loaded(files: tuple[Path, Path], tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "one.nq.gz").write_bytes(gzip.compress(QUADS.encode()))
    (folder / "README.md").write_text("no RDF")
    shutil.copy(files[1], folder)
    assert load([folder], tmp_path / "store").quads == 4
    (folder / "cut.nt.gz").write_bytes(gzip.compress(b"x" * 1000)[:20])
    with pytest.raises(InputError, match="gzip"):
        load([folder], tmp_path / "store")


def test_store_made_by_oxigraph_itself_is_extended(files: tuple[Path, Path], store: Path) -> None:
    other = ox.Store(str(store))
    other.add(ox.Quad(ox.NamedNode("http://a"), ox.NamedNode("http://b"), ox.Literal("c")))
    other.flush()
    del other
    assert load(files, store).quads == 5


def test_missing_store_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="k20kg load"):
        open_store(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_progress_is_shown(files: tuple[Path, Path], store: Path) -> None:
    said: list[str] = []
    load(files, store, show=said.append)
    assert len(said) == 2, "once for each file, since they are small"
    assert said[-1] == "loading 100% of 0 MB"


def test_command_loads_and_asks(
    files: tuple[Path, Path], store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["load", *map(str, files), "--store", str(store)]) == 0
    assert "2 files loaded; 4 statements" in capsys.readouterr().out
    assert main(["load", str(files[0]), "--store", str(store)]) == 0
    assert "in the store already" in capsys.readouterr().err
    assert main(["query", "--sparql", COUNT, "--store", str(store), "-f", "csv"]) == 0
    assert capsys.readouterr().out == "n\r\n4\r\n"
    assert main(["load", "no-such-file.ttl", "--store", str(store)]) == 2


# ---------------------------------------------------------------- what queries run over


def test_packaged_data_have_a_graph_for_each_file() -> None:
    paths = list_packaged()
    assert len(paths) > 30
    store = open_packaged()
    names = {name.value for name in store.raw.named_graphs()}  # type: ignore[union-attr]
    assert "https://w3id.org/k20kg/data/counter-cases/full-partnership.ttl" in names
    assert "https://w3id.org/k20kg/ontology/core.ttl" in names
    assert "https://w3id.org/k20kg/case/lamsig/record/paper" in names
    assert not list(store.raw.quads_for_pattern(None, None, None, ox.DefaultGraph()))


def test_files_are_asked_as_one_graph(files: tuple[Path, Path]) -> None:
    found = open_files(files).select("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }")
    assert isinstance(found, Rows)
    assert str(found.rows[0][0]).startswith('"4"')


# ---------------------------------------------------------------- staying on this machine

HIDDEN: list[Callable[[str], str]] = [
    lambda url: f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
    lambda url: f"SELECT * {{ SERVICE SILENT <{url}> {{ ?s ?p ?o }} }}",
    lambda url: f"SELECT * {{ sErViCe<{url}>{{?s ?p ?o}} }}",
    lambda url: f"ASK {{ ?s ?p ?o FILTER EXISTS {{ SERVICE <{url}> {{ ?s ?p ?o }} }} }}",
    lambda url: f"SELECT * {{ BIND(<{url}> AS ?e) SERVICE ?e {{ ?s ?p ?o }} }}",
    lambda url: f"PREFIX x: <{url}> SELECT * {{ SERVICE x: {{ ?s ?p ?o }} }}",
    lambda url: f"SELECT * {{ {{ SELECT ?s {{ SERVICE <{url}> {{ ?s ?p ?o }} }} }} }}",
    # A comment ends at a carriage return for Oxigraph, which rdflib reads on.
    lambda url: f"ASK {{ ?s ?p 1 #\r SERVICE <{url}> {{ ?a ?b ?c }}\n }}",
    lambda url: f"ASK {{\n# \r SERVICE <{url}> {{ ?a ?b ?c }}\n }}",
    # rdflib undoes escapes before it parses, so that the string would end early.
    lambda url: f'ASK {{ BIND("\\u0022 #" AS ?x) SERVICE <{url}> {{ ?a ?b ?c }}\n }}',
    lambda url: f"ASK {{ ?s ?p 1 . SERVICESILENT<{url}> {{ ?a ?b ?c }} }}",
    lambda url: f"CONSTRUCT {{ ?s ?p ?o }} {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
    lambda url: f"DESCRIBE ?s {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
    lambda url: f"SELECT * FROM <{url}> {{ ?s ?p ?o }}",
    lambda url: f"SELECT * FROM NAMED <{url}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
    lambda url: f"ASK FROM <{url}> {{ ?s ?p ?o }}",
]


@pytest.mark.parametrize("hidden", HIDDEN, ids=[f"{n:02}" for n in range(len(HIDDEN))])
def test_nothing_leaves_the_machine(hidden: Callable[[str], str]) -> None:
    import socket

    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("http://a"), ox.NamedNode("http://b"), ox.Literal("1")))
    with socket.create_server(("127.0.0.1", 0)) as server:
        text = hidden(f"http://127.0.0.1:{server.getsockname()[1]}/")
        with pytest.raises(K20Error):
            Store(store).select(text)
        server.settimeout(0.05)
        with pytest.raises(TimeoutError):
            server.accept()


def test_refusal_says_what_where_and_what_to_do() -> None:
    with pytest.raises(RemoteError) as caught:
        Store(ox.Store()).select(HIDDEN[0]("http://127.0.0.1:9/"), where="mine.rq")
    assert str(caught.value) == (
        "mine.rq: SERVICE would send part of the query to http://127.0.0.1:9/; "
        "say --allow-remote if it may"
    )


@pytest.mark.parametrize(
    "text",
    [
        "ASK { ?s rdfs:label 'SERVICE <http://127.0.0.1:9/> { ?s ?p ?o }' }",
        "ASK { ?s ?p <http://example.org/SERVICE/from> }",
        "ASK { ?service ?from k20:service }",
        "# SERVICE <http://127.0.0.1:9/> FROM <x>\nASK { ?s ?p 'FROM here' }",
    ],
)
def test_words_alone_are_no_service(text: str) -> None:
    assert Store(ox.Store()).select(text) == AskResult(False)


def test_from_chooses_among_the_graphs_that_are_here(files: tuple[Path, Path]) -> None:
    store = open_files(files)
    found = store.select("SELECT ?o FROM <http://example.org/g> { ?s <http://example.org/b> ?o }")
    assert isinstance(found, Rows)
    assert len(found.rows) == 2
    named = "SELECT ?s FROM NAMED <http://example.org/g> { GRAPH ?g { ?s ?p ?o } }"
    chosen = store.select(named)
    assert isinstance(chosen, Rows)
    assert len(chosen.rows) == 2


@pytest.mark.parametrize(
    ("head", "default", "named"),
    [
        ("FROM <urn:a#> FROM NAMED k20:x", ("urn:a#",), ("https://w3id.org/k20kg/ontology#x",)),
        ("# FROM <urn:b>\rfromnamed<urn:a>from <urn:c>", ("urn:c",), ("urn:a",)),
        ("", (), ()),
    ],
)
def test_graphs_of_from_are_read(
    head: str, default: tuple[str, ...], named: tuple[str, ...]
) -> None:
    reach = reach_of(f"BASE <urn:b> SELECT ('FROM <urn:d>' AS ?from) {head} {{ ?s k20:from ?o }}")
    assert (reach.default_graphs, reach.named_graphs) == (default, named)


def test_a_keyword_of_from_needs_a_blank() -> None:
    with pytest.raises(UsageError, match="blank is missing after FROM"):
        Store(ox.Store()).select("ASK FROMk20:x { }")


def test_most_queries_are_spared_rdflib() -> None:
    script = (
        "import sys; from k20kg.cli import main;"
        "main(['query', 'which-databases-were-searched']);"
        "main(['query', '--sparql', 'ASK FROM k20:x { ?service ?p \\'SERVICE of people\\' }']);"
        "sys.exit('rdflib' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], stdout=subprocess.DEVNULL).returncode == 0


@pytest.mark.parametrize("form", ["CONSTRUCT { ?s ?p ?o }", "SELECT *"])
def test_an_error_may_be_let_go_by_another_thread(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Oxigraph's answers may not: no error may hold on to one."""
    import gc
    import sys
    import threading

    complaints: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda args: complaints.append(args.exc_value))
    store = Store(ox.Store(), allow_remote=True)
    ask = store.construct if form.startswith("CONSTRUCT") else store.select
    with pytest.raises(RemoteError) as caught:
        ask(f"{form} {{ SERVICE <http://127.0.0.1:9/> {{ ?s ?p ?o }} }}")
    cycle: list[object] = [caught.value]
    cycle.append(cycle)
    del caught, cycle
    thread = threading.Thread(target=gc.collect)
    thread.start()
    thread.join()
    assert not complaints
