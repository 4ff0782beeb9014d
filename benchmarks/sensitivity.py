"""Speed of `sensitivity`; both figures are ratios within this run.

    python benchmarks/sensitivity.py [--runs 3]

1. ``sensitivity`` on LAMSIG against 300 plain validations of it in one process (< 1);
2. ``compare`` over all shipped cases against validating them once per definition (≤ 3).

Plain validations gather no evidence, which is the harder bound.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

from k20kg import Judge
from k20kg.analysis.compare import compare, sides_of
from k20kg.analysis.sensitivity import find_sensitivity
from k20kg.definition.shipped import shipped_definitions
from k20kg.judging.cases import read_cases
from k20kg.sources.shipped_cases import shipped_cases

SAMPLE = 30


def seconds(work: Callable[[], object], runs: int) -> float:
    """Return the median time of `runs` runs after one warm-up."""
    work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def report(what: str, ratio: float, bound: float) -> None:
    mark = "ok  " if ratio <= bound else "MISS"
    print(f"{mark}  {what:<78} {ratio:8.2f}   ≤ {bound}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    (lamsig,) = read_cases([shipped_cases()["lamsig"]])
    judge = Judge(evidence=False)
    plain = seconds(lambda: [judge.assess(lamsig) for _ in range(SAMPLE)], runs) * 300 / SAMPLE
    report("sensitivity on LAMSIG / 300 plain validations of it",
           seconds(lambda: find_sensitivity(lamsig), runs) / plain, 1)  # fmt: skip

    paths = list(shipped_cases().values())

    def validate_all() -> None:
        for name in shipped_definitions():
            one = Judge(definition=name, evidence=False)
            for case in read_cases(paths):
                one.assess(case)

    once = seconds(validate_all, runs)
    matrix = seconds(lambda: compare(read_cases(paths), sides_of()).witnesses(), runs)
    report("compare over all shipped cases / validating them once per definition",
           matrix / once, 3)  # fmt: skip


if __name__ == "__main__":
    main()
