"""Verdicts as data: what the tool computes for the shipped cases, beside what their authors say.

They are the graph ``https://w3id.org/k20kg/data/verdicts`` on the site; on the command line it is
there for a query that speaks of `k20:Assessment`, `k20:CriterionVerdict` or that graph.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from k20kg.disk_cache import kept
from k20kg.sparql.store import Store, open_packaged

if TYPE_CHECKING:
    from k20kg.model import Assessment


def open_with_verdicts(*, allow_remote: bool = False) -> Store:
    """Return what is packaged, with the computed verdicts for the queries that speak of them."""
    return open_packaged(
        allow_remote=allow_remote, verdicts=lambda: kept("verdicts", _judge, "data")
    )


def as_turtle(assessments: Iterable[Assessment]) -> str:
    """Return the graph of some verdicts."""
    from k20kg.report import turtle
    from k20kg.version import __version__

    return turtle.render(list(assessments), version=__version__)


def _judge() -> str:
    from k20kg.judging.judge import Judge
    from k20kg.rdf.text import cleanse
    from k20kg.sparql.fetch import fetch_cases

    judge = Judge()
    cases = fetch_cases(open_packaged())
    return as_turtle(one for case in cases for one in cleanse(judge.assess(case)))
