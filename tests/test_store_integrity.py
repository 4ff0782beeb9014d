"""Loads at once, killed, or into a store that is old: nothing is lost, doubled or left behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pyoxigraph as ox
import pytest

from k20kg.cli import main
from k20kg.errors import InputError, UsageError
from k20kg.sparql import disk
from k20kg.sparql.disk import load
from k20kg.sparql.fetch import fetch_cases
from k20kg.sparql.sparql import Rows
from k20kg.sparql.store import open_store

E = "http://example.org/"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
LOAD = [sys.executable, "-m", "k20kg.cli", "load"]
CASE = """
    <https://example.org/case/river-city> a <https://w3id.org/k20kg/ontology#CandidateGroup> ."""


def lines(name: str, count: int, graph: str = "") -> str:
    return "".join(f'<{E}{name}> <{E}p> "{n}" {graph} .\n' for n in range(count))


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def figure(folder: Path, text: str = COUNT) -> int:
    found = open_store(folder).select(text)
    assert isinstance(found, Rows)
    return int(found.rows[0][0].value)  # type: ignore[union-attr]


def left_in(folder: Path, *expected: str) -> list[str]:
    """Return what a folder holds once a process that clears up has had its time."""
    until = time.monotonic() + 20
    while True:
        found = sorted(path.name for path in folder.iterdir())
        if found == [*expected] or time.monotonic() > until:
            return found
        time.sleep(0.02)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    (tmp_path / "stores").mkdir()
    return tmp_path / "stores" / "people"


# ---------------------------------------------------------------- several at once


def test_first_loads_at_once_lose_nothing(tmp_path: Path, store: Path) -> None:
    files = [write(tmp_path / f"{n}.nt", lines(f"s{n}", 3000)) for n in range(3)]
    running = [subprocess.Popen([*LOAD, str(f), "--store", str(store)]) for f in files]
    ends = [process.wait() for process in running]
    assert set(ends) <= {0, 2}, "a load is done, or says that another is busy"
    assert figure(store) == 3000 * ends.count(0)
    assert load(files, store).quads == 9000
    assert left_in(store.parent, "people") == ["people"]


def test_a_load_that_finds_another_says_so(
    tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = write(tmp_path / "one.nt", lines("s", 3))
    monkeypatch.setattr(disk, "_PATIENCE", 0.1)
    with disk._locked(store), pytest.raises(UsageError, match="another process writes"):
        load([one], store)
    assert load([one], store).quads == 3


# ---------------------------------------------------------------- killed

KILLED = """
import os, signal, sys
from pathlib import Path
from k20kg.sparql import disk

left = int(sys.argv[1])

def counted(function):
    def run(*args, **more):
        global left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        return function(*args, **more)
    return run

for place, name in ((disk.tidy, "tidy"), (disk, "_digest"), (disk, "_add"), (disk, "_size"),
                    (Path, "write_text"), (Path, "rename")):
    setattr(place, name, counted(getattr(place, name)))
disk.load([Path(sys.argv[2])], Path(sys.argv[3]))
counted(print)()
"""
STEPS = {True: 6, False: 7}
"""Steps above that a load goes through, into a new store or not."""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize(
    ("new", "step"), [(new, step) for new, steps in STEPS.items() for step in range(steps + 1)]
)
def test_a_load_that_is_killed_leaves_all_or_nothing(
    tmp_path: Path, store: Path, new: bool, step: int
) -> None:
    one, two = (write(tmp_path / f"{n}.nt", lines(f"s{n}", 10)) for n in range(2))
    whole, above = step == STEPS[new], store.parent
    if new:
        store = above / "of" / "mine"  # a folder that is yet to be made
    else:
        load([one], store)
    line = [sys.executable, "-c", KILLED, str(step), str(two), str(store)]
    assert subprocess.run(line).returncode == -signal.SIGKILL
    if whole or not new:
        assert left_in(store.parent, store.name) == [store.name]
        assert figure(store) == (not new) * 10 + whole * 10
    else:
        assert left_in(above) == []
        with pytest.raises(InputError, match="there is no store here"):
            open_store(store)
    assert load([one, two], store).quads == 20


def test_what_a_power_cut_leaves_is_cleared_and_put_back(tmp_path: Path, store: Path) -> None:
    one = write(tmp_path / "one.nt", lines("s", 3))
    load([one], store)
    (store.parent / ".people.loading-x" / "store").mkdir(parents=True)
    store.rename(store.parent / ".people.loading-old")
    assert figure(store) == 3
    assert left_in(store.parent, "people") == ["people"]


def test_a_reader_keeps_its_store_while_others_take_the_place(
    tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Oxigraph opens many of the files only when a query needs them."""
    monkeypatch.setattr(disk, "_BATCH", 3)
    load([write(tmp_path / "one.nt", lines("s", 60))], store)
    reader = open_store(store)
    for n in range(3):
        load([write(tmp_path / f"{n}.nt", lines(f"t{n}", 60))], store)
    found = reader.select(COUNT)
    assert isinstance(found, Rows)
    assert str(found.rows[0][0].value) == "60"  # type: ignore[union-attr]
    assert figure(store) == 240
    del reader
    assert load([tmp_path / "one.nt"], store).quads == 240
    assert left_in(store.parent, "people") == ["people"]


# ---------------------------------------------------------------- many small files


def test_many_small_files_are_one_transaction(tmp_path: Path, store: Path) -> None:
    (tmp_path / "in").mkdir()
    for n in range(200):
        write(tmp_path / "in" / f"{n:03}.nt", lines("same", 5))
    assert load([tmp_path / "in"], store).quads == 1000
    assert figure(store) == 5
    write(tmp_path / "in" / "199.nt", "<broken")
    write(tmp_path / "in" / "000.nt", lines("other", 5))
    with pytest.raises(InputError, match=r"199\.nt:1"):
        load([tmp_path / "in"], store)
    assert figure(store) == 5


# ---------------------------------------------------------------- files that change


def test_what_a_changed_file_no_longer_says_is_gone_unless_others_say_it(
    tmp_path: Path, store: Path
) -> None:
    one = write(tmp_path / "one.ttl", lines("s", 4))
    two = write(tmp_path / "two.ttl", lines("s", 2))
    bare = write(tmp_path / "bare.nq", f'<{E}s> <{E}p> "2" .\n')
    load([one, two, bare], store)
    assert figure(store) == 4
    write(one, lines("t", 1))
    assert load([one], store).quads == 4
    assert figure(store) == 4, "0 and 1 of the second file, 2 of the third, and what is new"
    write(two, lines("t", 1))
    load([two], store)
    assert figure(store) == 2
    assert figure(store, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }") == 2


def test_patches_compressed_files_and_json_are_merged_too(tmp_path: Path, store: Path) -> None:
    import gzip

    (tmp_path / "a.nq.gz").write_bytes(gzip.compress(lines("s", 3, f"<{E}g>").encode()))
    write(tmp_path / "b.jsonld", f'{{"@id": "{E}s", "{E}p": ["0", "1", "7"]}}')
    write(tmp_path / "c.ttl", lines("s", 3))
    done = load([tmp_path / name for name in ("a.nq.gz", "b.jsonld", "c.ttl")], store)
    assert done.quads == 9
    assert figure(store) == 4


# ---------------------------------------------------------------- stores of others


@pytest.fixture
def old(store: Path) -> Path:
    """A store as earlier versions and Oxigraph make them: four triples, one in two graphs."""
    made = ox.Store(str(store))
    text = (
        f"<{E}one> {{ {CASE} <{E}a> <{E}p> 1 }} <{E}two> {{ <{E}a> <{E}p> 1, 2 }} <{E}a> <{E}q> 1 ."
    )
    made.load(text.encode(), ox.RdfFormat.TRIG)
    made.flush()
    return store


def test_a_store_that_is_not_merged_gives_no_wrong_figure(old: Path) -> None:
    with pytest.raises(UsageError, match="k20kg load --store") as caught:
        open_store(old).select(COUNT)
    assert "count twice" in str(caught.value)
    distinct = open_store(old).select("SELECT DISTINCT ?s ?p ?o { ?s ?p ?o }")
    assert isinstance(distinct, Rows)
    assert len(distinct.rows) == 4
    assert len(fetch_cases(open_store(old))) == 1


def test_a_store_that_is_not_merged_is_brought_up_to_date(
    old: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["load", "--store", str(old)]) == 0
    assert capsys.readouterr().out == "0 files loaded; 5 statements in the store\n"
    assert figure(old) == 4
    assert figure(old, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }") == 4
    assert main(["load", "--store", str(old)]) == 0
    assert figure(old) == 4


def test_a_store_that_is_not_merged_is_merged_by_the_next_load(old: Path, tmp_path: Path) -> None:
    load([write(tmp_path / "more.ttl", f"<{E}a> <{E}p> 1, 3 .")], old)
    assert figure(old) == 5


def test_a_store_of_one_graph_needs_no_merge(store: Path) -> None:
    made = ox.Store(str(store))
    made.load(lines("s", 3).encode(), ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(f"{E}g"))
    made.flush()
    del made
    assert figure(store) == 3


def test_without_files_there_must_be_a_store(store: Path) -> None:
    with pytest.raises(UsageError, match="no files to load"):
        load([], store)
    assert not store.exists()
