"""Time of reasoning: each reasoner on each shipped case, and `reason` on LAMSIG.

Usage: python benchmarks/reason.py [CASE…]
"""

from __future__ import annotations

import sys
import time

from k20kg.judging.cases import read_cases
from k20kg.reasoning.premises import premises
from k20kg.reasoning.reason import reason
from k20kg.reasoning.reasoner import REASONERS, realise
from k20kg.sources.shipped_cases import shipped_cases
from k20kg.vocabulary import K20

CLASSES = [K20 + "K20Partnership"] + [
    K20 + "GroupWith" + name
    for name in (
        "SharedGoal", "Routine", "K12Member", "HigherEdMember", "FormalAgreement",
        "DedicatedResources", "ActiveEngagement", "MutualBenefit", "JointWork",
    )
]  # fmt: skip


def main(names: list[str]) -> None:
    """Print seconds for each case."""
    known = shipped_cases()
    print(f"{'case':44} {'axioms':>7}  " + "  ".join(f"{r:>7}" for r in REASONERS))
    total = dict.fromkeys(REASONERS, 0.0)
    for name in names or list(known):
        (case,) = read_cases([known[name]])
        given = premises(case)
        taken = []
        for reasoner in REASONERS:
            start = time.perf_counter()
            realise([given], CLASSES, reasoner)
            taken.append(time.perf_counter() - start)
            total[reasoner] += taken[-1]
        print(f"{name:44} {len(given.triples):7}  " + "  ".join(f"{t:7.1f}" for t in taken))
    print(f"{'all':44} {'':7}  " + "  ".join(f"{t:7.1f}" for t in total.values()))
    (case,) = read_cases([known["lamsig"]])
    start = time.perf_counter()
    reason(case)
    print(f"reason lamsig, explained: {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
