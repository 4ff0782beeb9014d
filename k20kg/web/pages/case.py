"""The page of a case: verdict, glance, criteria, gaps, charts, time, conflicts, reuse.

What the record says of goals, benefits, labour, work, people and conflicts are answers of named
queries, which the template asks; the pictures of them are made here.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from k20kg.query.catalogue import Query
from k20kg.report.outline import MADE_UP, concerned, place, told
from k20kg.vocabulary import BASE, DCTERMS, RDFS, shorten
from k20kg.web.figures.flow import Band, flow
from k20kg.web.figures.marks import glyph, goal_mark, people
from k20kg.web.figures.network import Tie, network
from k20kg.web.figures.svg import Node
from k20kg.web.formats import FORMATS
from k20kg.web.pages import Site, counted, reading_words, upper_first
from k20kg.web.pages.facts import case_graphs, judged
from k20kg.web.pages.findings import findings_of
from k20kg.web.pages.history import history_of
from k20kg.web.pages.rows import Row, ask, catalogue, column, grouped, where
from k20kg.web.pages.terms import Names, Shown, local, names_of

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    names = names_of(dataset)
    case = found.assessments
    label = case[0].label if case else names.name(iri)
    readings = {one.reading.iri: reading_words(one.reading) for one in case}
    # Our licence is for what comes with us.
    ours = "" if case_graphs(dataset, iri) & dataset.own else LICENCE
    work = ask(dataset, "who-had-which-part-in-each-task", case=iri).rows
    benefits = where(ask(dataset, "which-benefits-came-from-whom", case=iri), denied=False)
    return {
        "title": f"{label}: verdict and evidence",
        "description": f"{label}, judged criterion by criterion, with evidence, gaps and sources.",
        "label": label,
        "name": _short_name(label),
        "about": names.value(iri, RDFS + "comment"),
        "fault": found.fault,
        "made_up": MADE_UP if found.synthetic else "",
        "statements": len(found.case.quads),
        "mark": goal_mark,
        "glyph": glyph,
        "dots": people,
        "place": place,
        "told": told,
        "concerned": concerned,
        "licence": names.value(iri, DCTERMS + "license") or ours,
        "flow": _flow(names, [row for row in benefits if row["source"]], iri),
        "network": _network([row for row in work if row["who"]]),
        "history": history_of(names, found.case, case[0].definition, readings) if case else None,
        "cite_key": re.sub(r"[^a-z0-9]+", "-", f"k20kg-{local(iri)}".lower()).strip("-"),
        "cite_title": re.sub(r"([&%$#_])", r"\\\1", re.sub(r"[{}\\~^]", " ", label)),
        **findings_of(case),
    }


def _short_name(label: str) -> str:
    """Return the short name that a label gives in brackets at its end, else the label.

    >>> _short_name("Los Angeles Middle School Immersion Group (LAMSIG)")
    'LAMSIG'
    """
    found = re.search(r"\(([A-Z0-9][A-Za-z0-9-]{1,15})\)$", label)
    return found[1] if found else re.sub(r" \(made up\)$", "", label)


# ---------------------------------------------------------------- pictures


def _flow(names: Names, rows: Sequence[Row], group: str) -> Markup | str:
    """Return how many benefits came from whom to whom as a picture."""

    def stop(end: Shown) -> Node:
        if end.iri == group:
            return Node(group, "Taking part in the group")
        sector = names.get(end.iri, "sector")
        return Node(end.iri, end.words, names.name(sector).removesuffix(" sector"))

    if not rows:
        return ""
    sides = {stop(row["source"]): row["giverSide"] for row in rows}
    givers = sorted(sides, key=lambda giver: (sides[giver], giver.name, giver.key))
    takers = list(dict.fromkeys(stop(row["recipient"]) for row in rows))
    bands = [
        Band(
            source.iri,
            taker.iri,
            len(found),
            "own" if source == taker else "group" if source.iri == group else "",
        )
        for (source, taker), found in grouped(rows, "source", "recipient")
    ]
    given = [sum(b.count for b in bands if b.source == giver.key) for giver in givers]
    said = ", ".join(f"{n} from {giver.name}" for giver, n in zip(givers, given, strict=True))
    return flow(
        givers,
        takers,
        bands,
        "Benefits named, from source to receiver",
        f"{counted(len(rows), 'mention')}: {said}. The numbers are in the table below.",
    )


def _network(rows: Sequence[Row]) -> Markup | str:
    """Return who had a part in which task as a picture, K-12 on the left."""
    if not rows:
        return ""
    sides: tuple[list[Row], list[Row]] = ([], [])
    for row in rows:
        sides[row["side"] != 0].append(row)
    people = [
        list(dict.fromkeys(Node(r["who"].iri, r["name"], str(r["home"] or r["sector"] or
                                "sector not stated")) for r in side))
        for side in sides
    ]  # fmt: skip
    heads = [
        upper_first(" and ".join(dict.fromkeys(str(r["sector"] or "sector not stated") for r in s)))
        for s in sides
    ]
    tasks = [Node(task.iri, task.words) for task in column(rows, "task")]
    joint = column(where(rows, joint=True), "task")
    return network(
        people[0],
        tasks,
        people[1],
        [
            Tie(who.iri, task.iri, found[0]["decides"])
            for (task, who), found in grouped(rows, "task", "who")
        ],
        (heads[0], "Task", heads[1]),
        "Who works with whom, task by task",
        f"{counted(len(people[0]) + len(people[1]), 'participant')} in "
        f"{counted(len(tasks), 'task')}; both sectors meet in {counted(len(joint), 'task')}. "
        "The table below says the same.",
    )


# ---------------------------------------------------------------- reuse


@lru_cache(maxsize=1)
def _queries_of_a_case() -> tuple[tuple[Query, str], ...]:
    """Return the queries that can be put to a case, each with the case that it asks of itself."""
    return tuple(
        (query, p.default or "") for query in catalogue() for p in query.parameters
        if p.name == "case"
    )  # fmt: skip


def _questions(site: Site, iri: str) -> list[tuple[str, str]]:
    """Return the saved questions that can be asked of this case: words and address.

    A static site answers with the defaults only, so there it is those whose default is this case.
    """
    found = []
    for query, default in _queries_of_a_case():
        same = default == shorten(iri)
        if site.live or same:
            parameters = {} if same else {"case": shorten(iri)}
            found.append((query.summary, site.links.query(query.name, **parameters)))
    return found
