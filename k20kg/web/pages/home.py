"""The front page: in ten seconds what this is, then one case as proof and three doors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from k20kg.model import Assessment, Finding, Verdict
from k20kg.query.catalogue import list_queries
from k20kg.report.outline import LEGEND
from k20kg.vocabulary import BASE, DCTERMS, K20, RDFS
from k20kg.web.pages import Site
from k20kg.web.pages.facts import Judged, definitions_of, facts_of, judged_all, source_of

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset

__all__ = ["page"]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What one reading leaves open or turned down in the leading case."""

    assessment: Assessment
    short_of: tuple[Finding, ...]


def page(site: Site) -> str:
    """Return the front page."""
    from k20kg.web.publish import schema_org

    return site.render(
        "home.html",
        here="/",
        iri=BASE,
        title=_title(),
        jsonld=schema_org(site.dataset),
        **_model(site.dataset),
    )


def _title() -> str:
    return f"k20kg: is this group a {definitions_of()[0].affirmed}?"


@lru_cache(maxsize=2)
def _model(dataset: Dataset) -> dict[str, object]:
    facts = facts_of(dataset)
    definition = definitions_of()[0]
    cases = judged_all(dataset)
    real = [one for one in cases if not one.synthetic and one.assessments]
    leading = max(real, key=_weight, default=None)
    source = source_of(dataset, definition)
    return {
        "description": f"{len(definition.criteria)} checks that decide, on evidence, whether a "
        f"group is a {definition.affirmed}. Worked example, data and queries.",
        "definition": definition,
        "rivals": definitions_of()[1:],
        "authors": [facts.label(who) for who in facts.values(source, DCTERMS + "creator")],
        "printed": facts.value(source, DCTERMS + "date"),
        "work": (source, facts.value(source, DCTERMS + "title") or facts.label(source)),
        "leading": leading,
        "about": facts.value(leading.iri, RDFS + "comment") if leading else "",
        "outcomes": [
            _Outcome(a, tuple(f for f in a.findings if f.verdict is not Verdict.MET))
            for a in (leading.assessments if leading else ())
        ],
        "real": len(real),
        "made_up": sum(one.synthetic for one in cases),
        "works": len(facts.of_type(K20 + "Work")),
        "queries": len(list_queries()),
        "legend": LEGEND,
        "spoken_against": any(
            f.verdict in (Verdict.NOT_MET, Verdict.CONTESTED)
            for a in (leading.assessments if leading else ())
            for f in a.findings
        ),
    }


def _weight(one: Judged) -> tuple[int, str]:
    """Return how full a record is: the fullest real one leads."""
    return len(one.case.quads), one.iri
