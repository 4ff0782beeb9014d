"""Made-up corpora whose verdicts are known: for tests, benchmarks and method studies.

`case` says what a made-up case consists of, `generator` and `actors` draw one at random, `oracle`
judges it from those objects alone, `nquads` writes it, and `corpus` makes whole files. Nothing here
reads a shape.
"""

from __future__ import annotations

from k20kg.synthetic.corpus import known_verdicts, make_corpus

__all__ = ["known_verdicts", "make_corpus"]
