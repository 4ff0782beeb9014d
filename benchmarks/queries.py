"""Speed of queries and loading; all figures are ratios within this run.

    python benchmarks/queries.py [--runs 5] [--quads 2000000]

Three questions, each with its bound:

1. each packaged query over the packaged data, in process, against rdflib with the same query and
   graph (≤ 1/10), and the slowest of them;
2. ``k20kg query NAME`` as a process against ``python -c pass`` (≤ 20);
3. an N-Quads file into a new store: rate against Oxigraph's own loader (≥ 0.5), and peak memory
   for it and for half of it, whose ratio shows that memory is bounded (≤ 1.3).
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
from rdflib import Dataset

from k20kg.sparql.named_queries import list_queries
from k20kg.sparql.sparql import answer
from k20kg.sparql.store import open_packaged

BIN = Path(sys.executable).parent
NAME = "which-databases-were-searched"


def seconds(work: Callable[[], object], runs: int) -> float:
    """Return the median time of `runs` runs after one warm-up."""
    work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def report(what: str, ratio: float, bound: float, *, at_least: bool = False) -> None:
    kept = ratio >= bound if at_least else ratio <= bound
    sign = "≥" if at_least else "≤"
    print(f"{'ok  ' if kept else 'MISS'}  {what:<78} {ratio:8.3f}   {sign} {bound}", flush=True)


def against_rdflib(runs: int, folder: Path) -> None:
    store = open_packaged()
    quads = folder / "packaged.nq"
    store.raw.dump(str(quads), ox.RdfFormat.N_QUADS)
    graph = Dataset(default_union=True)
    graph.parse(quads, format="nquads")
    ratios: dict[str, float] = {}
    for query in list_queries():
        text = query.bound({})
        ours = seconds(lambda text=text: answer(store, text), runs)  # type: ignore[misc]
        start = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            list(graph.query(text))
        ratios[query.name] = ours / (time.perf_counter() - start)
    worst = max(ratios, key=lambda name: ratios[name])
    report(
        f"{len(ratios)} packaged queries / rdflib, median", statistics.median(ratios.values()), 0.1
    )
    report(f"{worst[:52]} / rdflib, worst", ratios[worst], 0.1)


def whole_process(runs: int) -> None:
    def run(*words: str) -> Callable[[], object]:
        line = [sys.executable, *words]
        return lambda: subprocess.run(line, check=True, capture_output=True)

    floor = seconds(run("-c", "pass"), 3 * runs)
    ours = seconds(run("-m", "k20kg.cli", "query", NAME), 3 * runs)
    report("k20kg query NAME, whole process / python -c pass", ours / floor, 20)


def make_quads(path: Path, count: int) -> None:
    """Write made-up quads, 400 a case, as many subjects, links and texts as a corpus has."""
    case, term = "https://w3id.org/k20kg/case/made-up-", "https://w3id.org/k20kg/ontology#"
    with path.open("w", encoding="utf-8") as file:
        for n in range(count):
            group = f"{case}{n // 400}"
            subject = f"<{group}/record/{n % 57}>"
            if n % 2:
                value = f'"statement {n} of a made-up record"@en'
                file.write(f"{subject} <{term}text{n % 23}> {value} <{group}> .\n")
            else:
                value = f"<{group}/record/{n % 400}>"
                file.write(f"{subject} <{term}link{n % 19}> {value} <{group}> .\n")


def loading(folder: Path, count: int) -> None:
    whole, half = folder / "whole.nq", folder / "half.nq"
    make_quads(whole, count)
    make_quads(half, count // 2)
    script = (
        "import sys, resource, time; from pathlib import Path; from k20kg.sparql.disk import load;"
        "start = time.perf_counter(); load([Path(sys.argv[1])], Path(sys.argv[2]));"
        "print(time.perf_counter() - start,"
        " resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )

    def ours(path: Path) -> tuple[float, float]:
        store = folder / "ours"
        shutil.rmtree(store, ignore_errors=True)
        line = [sys.executable, "-c", script, str(path), str(store)]
        told = subprocess.run(line, check=True, capture_output=True, text=True).stdout.split()
        return float(told[0]), float(told[1])

    def theirs() -> float:
        store = folder / "theirs"
        shutil.rmtree(store, ignore_errors=True)
        line = [str(BIN / "oxigraph"), "load", "--location", str(store), "-f", str(whole)]
        start = time.perf_counter()
        subprocess.run(line, check=True, capture_output=True)
        return time.perf_counter() - start

    _, peak_half = ours(half)
    taken, peak = ours(whole)
    report(f"{count} quads: our rate / rate of oxigraph load", theirs() / taken, 0.5, at_least=True)
    report("peak memory / peak memory for half the file", peak / peak_half, 1.3)
    print(
        f"      peak memory {peak:.0f} MiB for {whole.stat().st_size / 2**20:.0f} MiB", flush=True
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--quads", type=int, default=2_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        whole_process(options.runs)
        against_rdflib(options.runs, Path(name))
        loading(Path(name), options.quads)


if __name__ == "__main__":
    main()
