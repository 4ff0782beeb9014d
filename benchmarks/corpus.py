"""Speed of judging corpora; all figures are ratios within this run.

    python benchmarks/corpus.py [--cases 10000] [--largest 100000] [--figure docs/corpus-speed.svg]

Questions, each with its bound; on one core unless said:

1. sorted N-Quads, verdicts and what is missing, against parsing the same bytes with pyoxigraph:
   one reading (≤ 2.5), both (≤ 4), with the evidence of met criteria too (≤ 10); and how one
   reading does on cases of each size alone;
2. against pySHACL, per case (≥ 120 times faster), and the same verdicts on 300 cases;
3. two processes against one (≥ 1.8 times faster);
4. shuffled against sorted (≤ 2);
5. ten times the cases (≤ 10.5 times as long), from 1 000 to the largest corpus;
6. peak memory of all processes together (< 300 MiB) at the largest, and flat from a tenth of it.

``--profile`` says where the time of one case goes. Corpora are made up by `k20kg synthesize`.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pyoxigraph as ox
from shacl import Shapes

from k20kg.batches import Options
from k20kg.batches.judging import BatchJudge
from k20kg.batches.output import render
from k20kg.batches.runner import judge_corpus
from k20kg.batches.splitter import Piece, cut
from k20kg.judging.cases import Case, Document
from k20kg.judging.judge import Judge
from k20kg.synthetic.corpus import make_corpus
from k20kg.synthetic.generator import make_case
from k20kg.synthetic.nquads import write_case

DEFINITION = "clifford-millar-2007"
ONE = ("literal",)
ALONE = {"thin": 2000, "middling": 1000, "large": 100}


def report(what: str, found: float, bound: float | None = None, *, at_least: bool = False) -> None:
    if bound is None:
        print(f"      {what:<72} {found:9.2f}", flush=True)
        return
    kept = found >= bound if at_least else found <= bound
    sign = "≥" if at_least else "≤"
    print(f"{'ok  ' if kept else 'MISS'}  {what:<72} {found:9.2f}   {sign} {bound}", flush=True)


def seconds(
    work: Callable[[], object], runs: int = 3, clock: Callable[[], float] = time.process_time
) -> float:
    """Return the shortest of some runs, in time of this process's own on a core."""
    times = []
    for _ in range(runs):
        gc.collect()
        start = clock()
        work()
        times.append(clock() - start)
    return min(times)


def make(path: Path, cases: int, *, shuffled: bool = False, size: str | None = None) -> Path:
    with path.open("wb") as out:
        for _ in make_corpus(cases, 1, out, shuffled=shuffled, size=size):
            pass
    return path


def parse(path: Path) -> int:
    """Read a corpus and do nothing with it: the floor."""
    with path.open("rb") as stream:
        return sum(1 for _ in ox.parse(stream, format=ox.RdfFormat.N_QUADS))


def judge(path: Path, readings: tuple[str, ...] = (), jobs: int = 1) -> Callable[[], object]:
    options = Options(readings=readings)

    def work() -> object:
        with open(os.devnull, "wb") as out:  # noqa: PTH123 - not a path of ours
            return judge_corpus([path], out, options, jobs=jobs, messages=io.StringIO())

    return work


def pieces(path: Path) -> Iterator[Piece]:
    with path.open("rb") as stream:
        yield from cut(iter(lambda: stream.read(1 << 20), b""), path.name, lambda *_: None)


def with_evidence(path: Path) -> Callable[[], object]:
    full = Judge(ONE, coverage=False)

    def work() -> object:
        return sum(len(full.assess(as_case(piece))) for piece in pieces(path))

    return work


def as_case(piece: Piece) -> Case:
    text = piece.data.decode()
    group = piece.graph[1:-1].removesuffix("/record")
    return Case(group, piece.place, text, "ntriples", (Document(piece.where, text, "ntriples"),))


# ---------------------------------------------------------------- the questions


def against_parsing(path: Path) -> tuple[float, float]:
    floor = seconds(lambda: parse(path))
    one = seconds(judge(path, ONE))
    report("one reading / parsing", one / floor, 2.5)
    report("both readings / parsing", seconds(judge(path)) / floor, 4)
    report("one reading, with the evidence / parsing", seconds(with_evidence(path), 1) / floor, 10)
    for size, cases in ALONE.items():
        alone = make(path.with_name(f"{size}.nq"), cases, size=size)
        ratio = seconds(judge(alone, ONE)) / seconds(lambda p=alone: parse(p))  # type: ignore[misc]
        report(f"one reading / parsing, {size} cases alone", ratio)
    return floor, one


def against_reference(cases: int, per_case: float) -> float:
    """Compare verdicts with pySHACL's, and its time; return its seconds per case."""
    fast, slow = BatchJudge(DEFINITION, ONE), BatchJudge(DEFINITION, ONE, "pyshacl")
    spent = 0.0
    for number in range(cases):
        data = "".join(write_case(make_case(2, number))).encode()
        piece = Piece("made up", 1, "", data, "nquads")
        start = time.process_time()
        reference = slow.assess(piece)
        spent += time.process_time() - start
        assert not reference.fault
        assert fast.assess(piece) == reference, number
    print(f"      {cases} cases: same rows as pySHACL's, what is missing and about whom included")
    report("times faster than pySHACL, per case", spent / cases / per_case, 120, at_least=True)
    return spent / cases


def peak_mib(path: Path, jobs: int) -> float:
    """Return the most memory that a run holds in all its processes, sampled from /proc."""
    script = (
        "import sys, os\nfrom k20kg.batches import judge_corpus\n"
        "if __name__ == '__main__':\n"
        "    judge_corpus([sys.argv[1]], open(os.devnull, 'wb'), jobs=int(sys.argv[2]))\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "run.py"
        file.write_text(script)
        here = str(Path(__file__).parent.parent)
        line = [sys.executable, str(file), str(path), str(jobs)]
        run = subprocess.Popen(line, env={**os.environ, "PYTHONPATH": here})
        peak = 0.0
        while run.poll() is None:
            peak = max(peak, sum(map(resident_mib, family(run.pid))))
            time.sleep(0.05)
    assert run.returncode == 0
    return peak


def family(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from family(int(child))


def resident_mib(pid: int) -> float:
    """Return the memory of a process, what it shares with others counted by its part."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def growth(folder: Path, largest: int) -> list[tuple[int, float, float]]:
    """Return cases, seconds judging and seconds parsing, for corpora ten times as large each."""
    found = []
    cases = 100
    while cases <= largest:
        path = make(folder / f"{cases}.nq", cases)
        runs = 3 if cases <= 1000 else 1 + (cases <= 10_000)
        found.append(
            (cases, seconds(judge(path, ONE), runs), seconds(lambda p=path: parse(p), runs))
        )
        print(
            f"      {cases:>9,} cases: {found[-1][1]:9.2f} s, parsing {found[-1][2]:8.2f} s",
            flush=True,
        )
        cases *= 10
    for (fewer, before, _), (more, after, _) in pairwise(found):
        if fewer >= 1000:
            report(f"{more:,} cases / {fewer:,} cases, in time", after / before, 10.5)
    return found


def profile(path: Path) -> None:
    """Say where the time goes, as shares of parsing the same bytes."""
    floor = seconds(lambda: parse(path))
    found = list(pieces(path))
    batch_judge = BatchJudge(DEFINITION, ONE)
    engine = Shapes.from_turtle(batch_judge.judge.compiled.shapes)
    texts = [piece.data.decode() for piece in found]
    none = Shapes.from_turtle(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . "
        "<urn:s> a sh:NodeShape ; sh:targetNode <urn:n> ."
    )
    judged = [batch_judge.assess(piece) for piece in found]
    steps: dict[str, Callable[[], object]] = {
        "find the cases, take the graph's name off": lambda: list(pieces(path)),
        "look for misspelt terms, odd literals and addresses": lambda: [
            batch_judge._lines.are_plain(p.data) for p in found
        ],
        "engine: parse": lambda: [none.validate_text(t, format="ntriples") for t in texts],
        "engine: parse, check the record and judge": lambda: [
            engine.validate_text(t + batch_judge.judge.compiled.subclasses, format="ntriples")
            for t in texts
        ],
        "all of a case but finding it": lambda: [batch_judge.assess(p) for p in found],
        "write rows": lambda: render(judged, "jsonl"),
    }
    print(f"      {floor / len(found) * 1e6:.0f} µs a case is 1.00")
    for what, work in steps.items():
        print(f"      {what:<56} {seconds(work) / floor:6.2f}")


def draw(points: list[tuple[int, float, float]], reference: float, path: Path) -> None:
    """Draw time against cases, log–log, as SVG."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    plt.rcParams.update({"svg.hashsalt": "k20kg", "font.size": 10, "svg.fonttype": "none"})
    figure, axes = plt.subplots(figsize=(6.4, 4.2))
    cases = [n for n, _, _ in points]
    axes.loglog(
        cases,
        [reference * n for n in cases],
        "s--",
        color="#8a4b08",
        label="pySHACL (from 300 cases)",
    )
    axes.loglog(cases, [t for _, t, _ in points], "o-", color="#0b5394", label="k20kg, one reading")
    axes.loglog(cases, [t for _, _, t in points], "^:", color="#38761d", label="parsing alone")
    axes.set_xlabel("cases")
    axes.set_ylabel("seconds, one core")
    axes.set_title("Judging a corpus of made-up cases")
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend()
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None, "Creator": "benchmarks/corpus.py"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--largest", type=int, default=100_000)
    parser.add_argument("--reference", type=int, default=300, help="cases for pySHACL")
    parser.add_argument("--figure", type=Path)
    parser.add_argument("--profile", action="store_true", help="only say where the time goes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = make(folder / "sorted.nq", options.cases)
        print(f"      {options.cases} cases, {path.stat().st_size / 2**20:.0f} MiB", flush=True)
        if options.profile:
            profile(path)
            return
        _, one = against_parsing(path)
        reference = against_reference(options.reference, one / options.cases)
        mixed = make(folder / "mixed.nq", options.cases, shuffled=True)
        report("shuffled / sorted, in time", seconds(judge(mixed, ONE)) / one, 2)
        points = growth(folder, options.largest)
        # Two processes share no clock of their own: by the wall, one run of each in turn.
        wall = time.perf_counter
        large = folder / f"{min(options.largest, 10_000)}.nq"
        twice = [
            seconds(judge(large, ONE), 1, wall) / seconds(judge(large, ONE, jobs=2), 1, wall)
            for _ in range(3)
        ]
        report("two processes, times faster than one", statistics.median(twice), 1.8, at_least=True)
        tenth, whole = (folder / f"{points[n][0]}.nq" for n in (-2, -1))
        low, high = peak_mib(tenth, 2), peak_mib(whole, 2)
        report(f"peak memory at {points[-1][0]:,} cases, two processes, MiB", high, 300)
        report(f"the same / at {points[-2][0]:,} cases", high / low, 1.15)
        if options.figure:
            draw(points, reference, options.figure)
            data = {"points": points, "pyshacl_seconds_a_case": reference}
            options.figure.with_suffix(".json").write_text(json.dumps(data, indent=1) + "\n")


if __name__ == "__main__":
    main()
