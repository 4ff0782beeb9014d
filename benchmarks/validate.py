"""Speed of judging; all figures are ratios within this run.

    python benchmarks/validate.py [--cases 1000] [--runs 7]

Four questions, each with its bound:

1. the whole command on LAMSIG, both readings, against pySHACL's command line on the same case with
   each of the two bundles (≤ 0.25), and against ``python -c pass`` (≤ 12);
2. many synthetic cases in one process against parsing the same bytes with pyoxigraph: verdicts and
   what is missing (≤ 3), with the evidence of met criteria too (≤ 10); one reading each;
3. the same against pySHACL, per case, on a sample (≥ 80 times faster);
4. peak memory of that process (< 150 MiB).

The synthetic cases are the shipped counter-cases under new names.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pyoxigraph as ox

from k20kg import Judge
from k20kg.judging.cases import read_cases
from k20kg.sources.published import publish
from k20kg.vocabulary import packaged

BIN = Path(sys.executable).parent
CASE = "https://w3id.org/k20kg/case/"


def make_cases(folder: Path, count: int) -> list[Path]:
    """Write `count` synthetic cases, one Turtle file each, and return the paths."""
    templates = [
        (path.stem, publish(path).decode())
        for path in sorted(packaged("data", "counter-cases").glob("*.ttl"))
    ]
    paths = []
    for number in range(count):
        name, text = templates[number % len(templates)]
        path = folder / f"{number:06}.ttl"
        renamed = re.sub(re.escape(CASE + name) + r"(?=[/>])", f"{CASE}{name}-{number}", text)
        path.write_text(renamed, encoding="utf-8")
        paths.append(path)
    return paths


def seconds(work: Callable[[], object], runs: int) -> float:
    """Return the median time of `runs` runs after one warm-up."""
    work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def command(*words: str | Path) -> Callable[[], object]:
    """Return a call that runs a command as a process of its own; any exit code will do."""
    line = [str(w) for w in words]
    # As for any user, the code's byte code is kept.
    usual = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return lambda: subprocess.run(line, capture_output=True, check=False, env=usual)


def report(what: str, ratio: float, bound: float, *, at_least: bool = False) -> None:
    kept = ratio >= bound if at_least else ratio <= bound
    sign = "≥" if at_least else "≤"
    print(f"{'ok  ' if kept else 'MISS'}  {what:<78} {ratio:8.2f}   {sign} {bound}", flush=True)


def whole_process(runs: int, folder: Path) -> None:
    subprocess.run(
        [BIN / "k20kg", "definitions", "--write", folder], check=True, capture_output=True
    )
    subprocess.run([BIN / "k20kg", "cases", "--write", folder], check=True, capture_output=True)
    ours = seconds(command(BIN / "k20kg", "validate", "lamsig"), runs)
    floor = seconds(command(sys.executable, "-c", "pass"), runs)
    reference = sum(
        seconds(
            command(BIN / "pyshacl", "-s", folder / f"{reading}.ttl", "-e",
                    folder / "subclasses.ttl", folder / "lamsig.ttl"),
            max(1, runs // 3),
        )
        for reading in ("as-applied", "literal")
    )  # fmt: skip
    report(
        "validate LAMSIG, both readings, whole process / pySHACL's command line",
        ours / reference,
        0.25,
    )
    report("validate LAMSIG, both readings, whole process / python -c pass", ours / floor, 12)


def judged(paths: list[Path], judge: Judge) -> Iterator[object]:
    yield from judge.assess_all(read_cases(paths))


def in_process(paths: list[Path], runs: int) -> None:
    def parse() -> None:
        for path in paths:
            for _ in ox.parse(path.read_bytes(), format=ox.RdfFormat.TURTLE):
                pass

    def drain(judge: Judge) -> Callable[[], object]:
        return lambda: sum(1 for _ in judged(paths, judge))

    floor = seconds(parse, runs)
    plain = seconds(drain(Judge(["literal"], evidence=False)), runs)
    both = seconds(drain(Judge(evidence=False)), runs)
    full = seconds(drain(Judge(["literal"], coverage=False)), max(1, runs // 2))
    report(f"{len(paths)} cases, verdicts and what is missing / parsing them", plain / floor, 3)
    report(f"{len(paths)} cases, the same under both readings / parsing them", both / floor, 4)
    report(
        f"{len(paths)} cases, with the evidence of met criteria / parsing them", full / floor, 10
    )
    sample = list(islice(read_cases(paths), 0, len(paths), max(1, len(paths) // 12)))
    slow = Judge(["literal"], engine="pyshacl", evidence=False)
    start = time.perf_counter()
    for case in sample:
        slow.assess(case)
    per_case = (time.perf_counter() - start) / len(sample)
    report(
        "times faster than pySHACL, per case", per_case / (plain / len(paths)), 80, at_least=True
    )


def memory(folder: Path) -> None:
    script = (
        "import sys, resource; from pathlib import Path; from k20kg import Judge;"
        "from k20kg.judging.cases import read_cases; judge = Judge(['literal'], evidence=False);"
        "paths = sorted(Path(sys.argv[1]).glob('*.ttl'));"
        "n = sum(1 for c in read_cases(paths) if judge.assess(c));"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    line = [sys.executable, "-c", script, str(folder)]
    peak = float(subprocess.run(line, capture_output=True, check=True, text=True).stdout)
    report("peak memory over all cases, MiB", peak, 150)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "cases"
        folder.mkdir()
        paths = make_cases(folder, options.cases)
        whole_process(options.runs, Path(name) / "bundles")
        in_process(paths, options.runs)
        memory(folder)


if __name__ == "__main__":
    main()
