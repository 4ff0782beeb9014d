"""A made-up corpus, and the rows that come of one."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from k20kg.batches.runner import judge_corpus
from k20kg.synthetic.corpus import make_corpus
from k20kg.synthetic.generator import make_case
from k20kg.synthetic.nquads import write_case

CASES = 24


def corpus(cases: int = CASES, *, shuffled: bool = False) -> bytes:
    out = io.BytesIO()
    for _ in make_corpus(cases, 21, out, shuffled=shuffled, size="thin"):
        pass
    return out.getvalue()


def text_of(number: int) -> str:
    return "".join(write_case(make_case(21, number, "thin")))


def rows_of(sources: list[Path | str], **how: Any) -> bytes:
    """Return the rows of a corpus as JSON Lines; fail if a case was bad."""
    out = io.BytesIO()
    said = io.StringIO()
    judge_corpus(sources, out, messages=said, **how)
    assert said.getvalue() == ""
    return out.getvalue()


def as_rows(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.splitlines()]
