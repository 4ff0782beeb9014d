"""Verdicts as data: what the tool computes for the shipped cases, beside what their authors say.

They are the graph ``https://w3id.org/k20kg/data/verdicts`` on the site; on the command line it is
there for a query that speaks of `k20:Assessment`, `k20:CriterionVerdict` or that graph.
"""

from __future__ import annotations

from k20kg.disk_cache import cached_on_disk
from k20kg.model import Assessment
from k20kg.rdf.text import escape_strings
from k20kg.sparql.store import Store, open_packaged


def open_with_verdicts(*, allow_remote: bool = False) -> Store:
    """Return what is packaged, with the computed verdicts for the queries that speak of them."""
    return open_packaged(
        allow_remote=allow_remote, verdicts=lambda: cached_on_disk("verdicts", _render, "data")
    )


def judge_shipped() -> dict[str, tuple[tuple[str, ...], tuple[Assessment, ...]]]:
    """Return for each shipped case the graphs of its record, and the assessments of it."""
    return cached_on_disk("assessments", _judge, "data")


def _judge() -> dict[str, tuple[tuple[str, ...], tuple[Assessment, ...]]]:
    from k20kg.judging.judge import Judge
    from k20kg.sparql.fetch import find_cases

    judge, cases = Judge(), find_cases(open_packaged())
    return {
        iri: (fetch.graphs, tuple(escape_strings(judge.assess(fetch()))))
        for iri, fetch in cases.items()
    }


def _render() -> str:
    """Return the verdicts under every reading of the definition as Turtle."""
    from k20kg.report import turtle
    from k20kg.version import __version__

    found = [one for _, assessments in judge_shipped().values() for one in assessments]
    return turtle.render(found, version=__version__)
