"""Corpora: many cases on one machine or a cluster, judged by the same compiled shapes into rows.

`inputs` reads, `splitter` and `sort` find the lines of a case, `judging` judges it, `output` writes
rows, `summary` counts, `runner` holds it together, and `cluster` does the same on Dask.
"""

from __future__ import annotations

from k20kg.batches.runner import Interrupted, Options, judge_corpus
from k20kg.batches.summary import BatchSummary, summarize

__all__ = ["BatchSummary", "Interrupted", "Options", "judge_corpus", "summarize"]
