"""Corpora: a million cases on one machine or a cluster, judged by the same compiled shapes.

`sources` reads, `pieces` and `gather` find what belongs to a case, `bench` judges it, `output`
writes rows, `tally` counts, `run` holds it together, and `cluster` does the same on Dask.
"""

from __future__ import annotations

from k20kg.batch.runner import Interrupted, Options, judge_corpus
from k20kg.batch.summary import Tally, summarize

__all__ = ["Interrupted", "Options", "Tally", "judge_corpus", "summarize"]
