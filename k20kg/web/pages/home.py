"""The front page: in ten seconds what this is, then one case as proof and three doors."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from k20kg.model import Verdict
from k20kg.report.wording import LEGEND
from k20kg.vocabulary import BASE, K20
from k20kg.web.pages import Site
from k20kg.web.pages.facts import Judged, definitions_of, judged_all, source_of
from k20kg.web.pages.rows import catalogue
from k20kg.web.pages.terms import names_of

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset


def page(site: Site) -> str:
    """Return the front page."""
    from k20kg.web.linkeddata.discovery import schema_org

    definition = definitions_of()[0]
    leading = _leading(site.dataset)
    findings = [f for a in (leading.assessments if leading else ()) for f in a.findings]
    against = (Verdict.NOT_MET, Verdict.CONTESTED)
    return site.render(
        "home.html",
        here="/",
        iri=BASE,
        title=f"k20kg: is this group a {definition.affirmed}?",
        jsonld=schema_org(site.dataset),
        description=f"{len(definition.criteria)} checks that decide, on evidence, whether a "
        f"group is a {definition.affirmed}. Worked example, data and queries.",
        definition=definition,
        rivals=definitions_of()[1:],
        source=source_of(site.dataset, definition),
        leading=leading,
        synthetic=[one.synthetic for one in judged_all(site.dataset) if one.assessments],
        works=len(names_of(site.dataset).of_type(K20 + "Work")),
        queries=len(catalogue()),
        legend=LEGEND,
        spoken_against=any(finding.verdict in against for finding in findings),
    )


@lru_cache(maxsize=2)
def _leading(dataset: Dataset) -> Judged | None:
    """Return the real case with the fullest record."""
    real = [one for one in judged_all(dataset) if not one.synthetic and one.assessments]
    return max(real, key=lambda one: (len(one.case.quads), one.iri), default=None)
