"""The pages that say what went wrong, where, and what to do about it."""

from __future__ import annotations

import difflib
from functools import lru_cache
from heapq import nlargest
from typing import TYPE_CHECKING, Final

from k20kg.definition.shipped import DEFAULT_DEFINITION
from k20kg.rdf.text import neutralise
from k20kg.vocabulary import BASE
from k20kg.web.pages import upper_first
from k20kg.web.pages.rows import catalogue
from k20kg.web.pages.terms import names_of

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset
    from k20kg.web.pages import Site

_TITLES: Final = {
    400: "This request cannot be understood",
    404: "There is nothing at this address",
    405: "That cannot be done here",
    406: "Not in that format",
    408: "The request took too long to come in",
    413: "That is too large",
    414: "The address is too long",
    415: "That is no format that can be read here",
    422: "The record cannot be judged",
    429: "Too many requests at once",
    500: "Something went wrong on this side",
    503: "Busy",
}
_REMEDIES: Final = {
    404: "Check the address, or start from one of the pages below.",
    405: "Use GET or HEAD, or POST where a form says so.",
    406: "Ask for one of the formats that are named here, or for none in particular.",
    429: "Wait a little and send it again.",
    500: "Try again. If it lasts, tell the maintainers the address and what you did.",
    503: "Wait a few seconds and send it again.",
}
_DOORS: Final = (
    ("/cases", "Cases and their verdicts"),
    (f"/definition/{DEFAULT_DEFINITION}", "The definition, phrase by phrase"),
    ("/literature", "The literature"),
    ("/ontology", "The ontology"),
    ("/queries", "Saved questions"),
)
_LONGEST: Final = 120
_MOST: Final = 5
_ALIKE: Final = 0.72
_ALIGNED: Final = 24


def page(site: Site, status: int, what: str = "", where: str = "", remedy: str = "") -> str:
    """Return the page of an HTTP status; under 404 `where` is the path that was asked for."""
    near = suggest(site, where) if status == 404 and where else []
    return site.render(
        "error.html",
        title=_TITLES.get(status, f"Status {status}"),
        status=status,
        what=neutralise(what)[:1000],
        where=neutralise(where)[:300],
        remedy=upper_first(neutralise(remedy)[:1000]) or _REMEDIES.get(status, ""),
        near=near,
        doors=_DOORS,
    )


def suggest(site: Site, path: str) -> list[tuple[str, str]]:
    """Return pages whose address is close to a path that leads nowhere: address and name."""
    names = names_of(site.dataset)
    asked = _bare(site, path)
    if not asked or len(asked) > _LONGEST:
        return []
    found: list[str] = []
    above = asked
    while not found and above:
        candidates = _candidates(site.dataset).get(above.count("/"), ())
        # Counting letters costs far less than aligning them, so that comes first.
        matcher = difflib.SequenceMatcher(b=above, autojunk=False)
        alike: list[tuple[float, str]] = []
        for one in candidates:
            matcher.set_seq1(one)
            if matcher.real_quick_ratio() > _ALIKE and (ratio := matcher.quick_ratio()) > _ALIKE:
                alike.append((ratio, one))
        near: list[tuple[float, str]] = []
        for _, one in nlargest(_ALIGNED, alike):
            matcher.set_seq1(one)
            if (ratio := matcher.ratio()) > _ALIKE:
                near.append((-ratio, one))
        found = [one for _, one in sorted(near)[:_MOST]]
        above = above.rpartition("/")[0]
    return [(site.links.page(one), _name(names.name(BASE + one), one)) for one in found]


def _name(name: str, path: str) -> str:
    return name if name and name != path else f"/{path}"


def _bare(site: Site, path: str) -> str:
    """Return a path without what stands around the name of a thing."""
    bare = neutralise(path).removeprefix(site.links.root).strip("/").partition("?")[0]
    bare = bare.removeprefix("doc/")
    for suffix in (".html", ".ttl", ".jsonld", ".nt", ".rdf", ".json"):
        bare = bare.removesuffix(suffix)
    return bare.lower()


@lru_cache(maxsize=2)
def _candidates(dataset: Dataset) -> dict[int, tuple[str, ...]]:
    """Return the paths of all pages by how many steps they have."""
    paths = {iri.removeprefix(BASE) for iri in names_of(dataset).ours if "#" not in iri}
    paths |= {path.strip("/") for path, _ in _DOORS}
    paths |= {"sparql", "judge", "about", "shapes", "dump"}
    paths |= {f"query/{query.name}" for query in catalogue()}
    by_steps: dict[int, list[str]] = {}
    for path in sorted(paths):
        by_steps.setdefault(path.count("/"), []).append(path)
    return {steps: tuple(found) for steps, found in by_steps.items()}
