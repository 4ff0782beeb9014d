"""The pages of the site as a whole: the front page, about, the literature, errors."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from functools import lru_cache, partial
from heapq import nlargest
from typing import Final

from k20kg.definition.shipped import DEFAULT_DEFINITION
from k20kg.errors import K20Error
from k20kg.model import Definition, Verdict
from k20kg.rdf.text import escape_controls
from k20kg.vocabulary import BASE, DCTERMS, K20, PREFIXES
from k20kg.web.dataset import Dataset
from k20kg.web.pages import Site, case
from k20kg.web.pages.cases import definitions_of, judged_all
from k20kg.web.pages.names import Names, names_of
from k20kg.web.pages.rows import (
    Answered,
    ListChoice,
    ListPart,
    ask,
    catalogue,
    choose,
    column,
    grouped,
    part,
)
from k20kg.web.pages.wording import apart

_DOORS: Final = (
    ("/cases", "Cases and their verdicts"),
    (f"/definition/{DEFAULT_DEFINITION}", "The definition, phrase by phrase"),
    ("/literature", "The literature"),
    ("/ontology", "The ontology"),
    ("/queries", "Saved questions"),
)
_WORKS: Final = "which-works-are-there"
_CITES: Final = PREFIXES["cito"] + "hasCitedEntity"
_LONGEST: Final = 120
_MOST: Final = 5
_ALIKE: Final = 0.72
_ALIGNED: Final = 24


def warm(dataset: Dataset) -> None:
    """Make the front page of a dataset once, so that whoever comes first need not wait."""
    home(Site(dataset))


def home(site: Site) -> str:
    """Return the front page: what this is, the real case with the fullest record, three doors."""
    from k20kg.web.linkeddata.downloads import schema_org

    definition = definitions_of()[0]
    judged = [one for one in judged_all(site.dataset) if one.assessments]
    real = [one for one in judged if not one.synthetic]
    told = (one for one in real if one.whole)
    leading = max(told, key=lambda one: (len(one.case.quads), one.iri), default=None)
    found = {f.verdict for a in (leading.assessments if leading else ()) for f in a.findings}
    return site.render(
        "home.html",
        jsonld=json.loads(schema_org(site.dataset)),
        definition=definition,
        rivals=definitions_of()[1:],
        source=source_of(site.names, definition),
        leading=leading,
        dates=case.model(site.dataset, leading.iri)["history"].get("dates", {}) if leading else {},
        real=len(real),
        made_up_cases=len(judged) - len(real),
        works=len(site.names.of_type(K20 + "Work")),
        spoken_against=bool(found & {Verdict.NOT_MET, Verdict.CONTESTED}),
    )


def source_of(names: Names, definition: Definition) -> str:
    """Return the document that a definition was taken from.

    What it says of its source begins with the document's short name: ``paper 5.0, line 186``.
    """
    said = names.value(definition.iri, DCTERMS + "source")
    return f"{BASE}source/{said.replace(',', ' ').split(' ')[0]}" if said else ""


def about(site: Site) -> str:
    """Return the page on what the site rests on, what is in it, and how it may be used."""
    return site.render(
        "about.html",
        definition=definitions_of()[0],
        cases=sum(bool(one.assessments) for one in site.dataset.judged.values()),
    )


OF_WORKS: Final = ("title", "published", "in", "shows", "takes", "inList")
"""Columns of the answer on works: title, year, fields, patterns, stances, whether it is listed."""


def works(
    site: Site, given: Mapping[str, str], page: str = ""
) -> tuple[list[ListChoice], ListPart, Answered]:
    """Return what may be chosen, a page of works that are, each with its rows, and the answer.

    Raises `UsageError` for a value that there is none of.
    """
    every = ask(site.dataset, _WORKS)

    def options(name: str) -> dict[str, str]:
        return {"": "Any", **{str(one): str(one) for one in sorted(column(every, name))}}

    kept = [
        choose(given, "year", options("published")),
        choose(given, "field", options("in")),
        choose(given, "pattern", {"": "Any", **{str(site.names.get(one, "order")):
            site.names.name(one) for one in _members(site, "DefinitionPattern")}}),
        choose(given, "stance", {**{k: apart(v) for k, v in options("takes").items()}, "": "Any"}),
        choose(given, "listed", {"": "Any", "yes": "yes", "no": "no"}),
    ]  # fmt: skip
    sort = choose(given, "sort", {"": "name", "year": "year", "cited": "most cited"}, "In order of")
    answer = ask(site.dataset, _WORKS, **{one.name: one.value for one in kept if one.value})
    found = grouped(answer, "work")
    if sort.value == "year":
        found.sort(key=lambda pair: pair[1][0]["published"] or 0)
    elif sort.value:
        found.sort(key=lambda pair: -len(citations(site.names, pair[0].iri)))
    return [*kept, sort], part(found, page), answer


def citations(names: Names, work: str) -> list[str]:
    """Return the citations of a work."""
    return [one for one in names.subjects(_CITES, work) if K20 + "Citation" in names.kinds(one)]


def _members(site: Site, kind: str) -> list[str]:
    return sorted(site.names.of_type(K20 + kind), key=site.names.order)


def literature(site: Site, given: Mapping[str, str], fault: K20Error | None = None) -> str:
    """Return the page on how research defines partnership; with parameters, the works they choose.

    With a fault it is told before all works. Raises `UsageError` for a value there is none of.
    """
    choices, found, answer = works(site, given, given.get("page") or "1")
    return site.render(
        "works.html" if given or fault else "literature.html",
        asked=given,
        fault=fault,
        choices=choices,
        part=found,
        answer=answer,
        cites=lambda iri: len(citations(site.names, iri)),
        members=partial(_members, site),
        anchor=lambda iri: iri.removeprefix(BASE).replace("/", "-").replace("#", "-"),
        saved=[query for query in catalogue() if query.group == "literature"],
    )


def error(site: Site, status: int, what: str = "", where: str = "", remedy: str = "") -> str:
    """Return the page of an HTTP status; under 404 `where` is the path that was asked for."""
    return site.render(
        "error.html",
        status=status,
        what=escape_controls(what)[:1000],
        where=escape_controls(where)[:300],
        remedy=escape_controls(remedy)[:1000],
        near=suggest(site, where) if status == 404 and where else [],
        doors=_DOORS,
    )


def suggest(site: Site, path: str) -> list[tuple[str, str]]:
    """Return pages whose address is close to a path that leads nowhere: address and name."""
    above = escape_controls(path).removeprefix(site.links.root).strip("/").partition("?")[0]
    above = above.removeprefix("doc/").lower()
    for suffix in (".html", ".ttl", ".jsonld", ".nt", ".rdf", ".json"):
        above = above.removesuffix(suffix)
    found: list[str] = []
    while above and len(above) <= _LONGEST and not found:
        found = _close(above, _paths(site.dataset).get(above.count("/"), ()))
        above = above.rpartition("/")[0]
    names = {one: site.names.name(BASE + one) for one in found}
    return [
        (site.links.page(one), f"/{one}" if name in ("", one) else name)
        for one, name in names.items()
    ]


def _close(path: str, candidates: tuple[str, ...]) -> list[str]:
    """Return the closest paths; only those with the same letters are aligned, which takes time."""
    matcher = difflib.SequenceMatcher(b=path, autojunk=False)
    alike: list[tuple[float, str]] = []
    for one in candidates:
        matcher.set_seq1(one)
        if matcher.real_quick_ratio() > _ALIKE and (ratio := matcher.quick_ratio()) > _ALIKE:
            alike.append((ratio, one))
    letters = [one for _, one in nlargest(_ALIGNED, alike)]
    return difflib.get_close_matches(path, letters, n=_MOST, cutoff=_ALIKE)


@lru_cache(maxsize=2)
def _paths(dataset: Dataset) -> dict[int, tuple[str, ...]]:
    """Return the paths of all pages by how many steps they have."""
    paths = {iri.removeprefix(BASE) for iri in names_of(dataset).ours if "#" not in iri}
    paths |= {path.strip("/") for path, _ in _DOORS}
    paths |= {"sparql", "judge", "about", "shapes", "dump"}
    paths |= {f"query/{query.name}" for query in catalogue()}
    by_steps: dict[int, list[str]] = {}
    for path in sorted(paths):
        by_steps.setdefault(path.count("/"), []).append(path)
    return {steps: tuple(found) for steps, found in by_steps.items()}
