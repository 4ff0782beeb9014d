"""The page of a case: verdict, glance, criteria, gaps, charts, time, conflicts, reuse."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from k20kg.query.catalogue import Query, list_queries
from k20kg.report.outline import (
    MADE_UP,
    concerned,
    place,
    told,
)
from k20kg.vocabulary import BASE, DCTERMS, RDFS, shorten
from k20kg.web.figures.flow import Band, flow
from k20kg.web.figures.marks import glyph, goal_mark, people
from k20kg.web.figures.network import Tie, network
from k20kg.web.figures.svg import Node
from k20kg.web.formats import FORMATS
from k20kg.web.pages import Site, counted, reading_words, upper_first
from k20kg.web.pages.charts import (
    Benefits,
    aspects_of,
    benefits_of,
    goals_of,
    kinds_of_interdependency,
)
from k20kg.web.pages.disputes import disputes_of
from k20kg.web.pages.facts import Facts, case_graphs, facts_of, judged, local
from k20kg.web.pages.findings import findings_of
from k20kg.web.pages.history import history_of
from k20kg.web.pages.record import SECTORS, Work, glance_of, people_of, work_of

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset

__all__ = ["page"]

LICENCE: Final = "https://creativecommons.org/licenses/by/4.0/"


def page(site: Site, iri: str) -> str:
    """Return the page of a case; `KeyError` if the dataset holds none of this IRI."""
    model = _model(site.dataset, iri)
    return site.render(
        "case.html",
        here="/cases",
        iri=iri,
        formats=FORMATS,
        questions=_questions(site, iri),
        jsonld=_schema(model, site.dataset.version, iri),
        **model,
    )


def _schema(model: dict[str, Any], version: str, iri: str) -> str:
    """Return the case in the words of schema.org."""
    told: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": iri,
        "url": iri,
        "name": model["label"],
        "description": model["about"] or model["description"],
        "version": version,
        "distribution": [
            {
                "@type": "DataDownload",
                "contentUrl": f"{BASE}doc/{iri.removeprefix(BASE)}.{form.suffix}",
                "encodingFormat": form.media_type,
            }
            for form in FORMATS
        ],
    }
    if model["licence"]:
        told["license"] = model["licence"]
    return json.dumps(told, ensure_ascii=False)


@lru_cache(maxsize=512)
def _model(dataset: Dataset, iri: str) -> dict[str, Any]:
    found = judged(dataset, iri)
    facts = facts_of(dataset)
    label = found.assessments[0].label if found.assessments else facts.label(iri)
    case = found.assessments
    model: dict[str, Any] = {
        "title": f"{label}: verdict and evidence",
        "description": f"{label}, judged criterion by criterion, with evidence, gaps and sources.",
        "label": label,
        "name": _short_name(label),
        "about": facts.value(iri, RDFS + "comment"),
        "fault": found.fault,
        "made_up": MADE_UP if found.synthetic else "",
        "glance": glance_of(facts, iri),
        "statements": len({quad.triple for quad in found.case.quads}),
        "goals": goals_of(facts, iri),
        "disputes": disputes_of(facts, iri),
        "people": people_of(facts, iri),
        "aspects": aspects_of(facts, iri),
        "kinds": kinds_of_interdependency(facts),
        "mark": goal_mark,
        "glyph": glyph,
        "dots": people,
        "place": place,
        "told": told,
        "concerned": concerned,
        "expected": _expected(facts, iri),
        "licence": _licence(dataset, iri),
    }
    names = {one.reading.iri: reading_words(one.reading) for one in case}
    model["benefits"] = benefits = benefits_of(facts, iri)
    model["flow"] = _flow(facts, benefits) if benefits and benefits.counts else None
    model["work"] = work = work_of(facts, iri)
    model["network"] = _network(work) if work else None
    model["history"] = history_of(facts, found.case, case[0].definition, names) if case else None
    model |= findings_of(case)
    model["left_out"] = _left_out(model)
    model["cite_key"] = re.sub(r"[^a-z0-9]+", "-", f"k20kg-{local(iri)}".lower()).strip("-")
    model["cite_title"] = re.sub(r"([&%$#_])", r"\\\1", re.sub(r"[{}\\~^]", " ", label))
    return model


def _licence(dataset: Dataset, iri: str) -> str:
    """Return the address of the licence of a case's record; ours is for what comes with us."""
    stated = facts_of(dataset).value(iri, DCTERMS + "license")
    return stated or ("" if case_graphs(dataset, iri) & dataset.own else LICENCE)


def _short_name(label: str) -> str:
    """Return the short name that a label gives in brackets at its end, else the label.

    >>> _short_name("Los Angeles Middle School Immersion Group (LAMSIG)")
    'LAMSIG'
    """
    found = re.search(r"\(([A-Z0-9][A-Za-z0-9-]{1,15})\)$", label)
    return found[1] if found else re.sub(r" \(made up\)$", "", label)


def _expected(facts: Facts, iri: str) -> list[tuple[str, str]]:
    """Return the verdicts on the whole that a made-up case is meant to receive, by reading."""
    return [
        (
            facts.label(facts.get(e, "onReading")).replace("-", " "),
            facts.label(facts.get(e, "verdict")),
        )
        for e in facts.all(iri, "expectedVerdict")
        if not facts.all(e, "onCriterion")
    ]


# ---------------------------------------------------------------- charts


def _flow(facts: Facts, benefits: Benefits) -> Markup:
    def stop(iri: str, name: str) -> Node:
        if iri == benefits.group:
            return Node(iri, "Taking part in the group")
        sector = benefits.sectors.get(iri, "")
        return Node(iri, name, facts.label(sector).removesuffix(" sector") if sector else "")

    bands = []
    for (giver, taker), count in benefits.counts.items():
        kind = "own" if giver == taker else "group" if giver == benefits.group else ""
        bands.append(Band(giver, taker, count, kind))
    said = ", ".join(
        f"{count} from {stop(*giver).name}"
        for giver, count in zip(benefits.givers, benefits.given(), strict=True)
    )
    return flow(
        [stop(*giver) for giver in benefits.givers],
        [stop(*taker) for taker in benefits.takers if any(benefits.row(taker[0]))],
        bands,
        "Benefits named, from source to receiver",
        f"{counted(benefits.mentions, 'mention')}: {said}. The numbers are in the table below.",
    )


def _network(work: Work) -> Markup:
    left: dict[str, Node] = {}
    right: dict[str, Node] = {}
    ties = []
    for (task, _), parts in work.tasks:
        for part in parts:
            who, name = part.who
            side = left if work.sides[who] == SECTORS[0] else right
            side.setdefault(who, Node(who, name, part.home or part.sector))
            ties.append(Tie(who, task, part.dashed))
    here = [part for _, parts in work.tasks for part in parts]
    sides = [dict.fromkeys(p.sector for p in here if p.who[0] in side) for side in (left, right)]
    heads = (upper_first(" and ".join(sides[0])), "Task", upper_first(" and ".join(sides[1])))
    tasks = [Node(iri, label) for (iri, label), _ in work.tasks]
    return network(
        list(left.values()),
        tasks,
        list(right.values()),
        ties,
        heads,
        "Who works with whom, task by task",
        f"{counted(len(left) + len(right), 'participant')} in {counted(len(tasks), 'task')}; "
        f"both sectors meet in {counted(len(work.joint), 'task')}. The table below says the same.",
    )


_CHARTS = (
    ("goals", "goals by role group"),
    ("benefits", "benefits"),
    ("aspects", "a division of labour"),
    ("work", "names of those who worked on a task"),
    ("people", "numbers of people"),
    ("history", "dates"),
)


def _left_out(model: dict[str, Any]) -> str:
    """Return in a sentence which charts the record has no data for."""
    lacking = [words for key, words in _CHARTS if not model[key]]
    if not lacking:
        return ""
    listed = lacking[0] if len(lacking) == 1 else f"{', '.join(lacking[:-1])} or {lacking[-1]}"
    return f"The record holds no {listed}, so there is nothing to draw of that."


# ---------------------------------------------------------------- reuse


@lru_cache(maxsize=1)
def _queries_of_a_case() -> tuple[Query, ...]:
    return tuple(q for q in list_queries() if any(p.name == "case" for p in q.parameters))


def _questions(site: Site, iri: str) -> list[tuple[str, str]]:
    """Return the saved questions that can be asked of this case: words and address.

    A static site answers with the defaults only, so there it is those whose default is this case.
    """
    found = []
    for query in _queries_of_a_case():
        default = next(p.default for p in query.parameters if p.name == "case")
        same = default == shorten(iri)
        if site.live or same:
            parameters = {} if same else {"case": iri}
            found.append((query.summary, site.links.query(query.name, **parameters)))
    return found
