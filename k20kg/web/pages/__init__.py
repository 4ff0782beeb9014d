"""Pages for people: the site with its addresses, and the environment that fills templates.

A page is a pure function of a `Site`; no clock, no host and nothing random goes into it, so that
the static export is the same, byte for byte, whenever it is made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from hashlib import sha256
from inspect import isfunction
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from jinja2 import Environment
from markupsafe import Markup

from k20kg.definition.shipped import DEFAULT_DEFINITION
from k20kg.rdf.graph import str_of
from k20kg.rdf.text import escape_controls, is_web_address
from k20kg.report import templates
from k20kg.report.content.grounds import concerned
from k20kg.report.wording import LEGEND, MADE_UP, evidence_words, number, place, sentence
from k20kg.vocabulary import BASE, K20, KS, shorten
from k20kg.web.dataset import Dataset
from k20kg.web.http.formats import FORMATS, INDEX_FORMATS
from k20kg.web.http.png import picture_forms
from k20kg.web.pages import rows, wording
from k20kg.web.pages.names import Names, Shown, names_of, natural

_HERE: Final = Path(__file__).parent.parent
_SAFE: Final = "/-._~!$'()*+,;=:@%"
_SUFFIX: Final = re.compile(r"\.(html|ttl|nt|jsonld|rdf|trig|nq|rq|csv|json|txt|xml|xlsx|gz)$")
_NO_THINGS: Final = {
    "ontology", "shapes", "data", "dump", "void", "doc", "cases", "literature", "queries", "term",
    "shape", "query", "about", "judge", "sparql", "search", "health", "ready", "picture",
    "metrics", "static", ".well-known",
}  # fmt: skip
"""First steps of the paths that are not those of things."""
_SPACES: Final = {K20: "term/", KS: "shape/"}
"""Namespaces of what shares a document, and where each thing in it has its page."""
_NAV: Final[tuple[tuple[str, str, str], ...]] = (
    ("/definition", f"/definition/{DEFAULT_DEFINITION}", "Definition"),
    ("/cases", "/cases", "Cases"),
    ("/literature", "/literature", "Literature"),
    ("/ontology", "/ontology", "Ontology"),
    ("/queries", "/queries", "Query"),
    ("/judge", "/judge", "Judge a case"),
)
"""Name for `here`, where it leads, words."""


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of things, for a server and for a static site alike."""

    root: str = ""
    """Prefix of every path: empty, or ``/k20kg``."""
    static_site: bool = False

    def page(self, target: str, **parameters: str) -> str:
        """Return the address of the page of one of our IRIs or paths.

        >>> Links().page("https://w3id.org/k20kg/case/lamsig"), Links("/k").page("/cases")
        ('/case/lamsig', '/k/cases')
        >>> Links().page("https://w3id.org/k20kg/ontology#Firm")
        '/term/Firm'
        >>> Links(static_site=True).page("/cases", reading="literal")
        '/cases/literal.html'
        """
        for space, folder in _SPACES.items():
            if target.startswith(space):  # a page a term
                target = folder + quote(target.removeprefix(space), safe=_SAFE.replace("/", ""))
        path, mark, fragment = target.removeprefix(BASE).lstrip("/").partition("#")
        path = quote(path, safe=_SAFE)
        tail = mark + quote(fragment, safe=_SAFE)
        if not self.static_site:
            return f"{self.root}/{path}{_tail(parameters)}{tail}"
        if not path or path.endswith("/"):
            return f"{self.root}/{path}{tail}"
        if _is_thing(path):
            path = f"doc/{path}"
        given = filter(None, parameters.values())
        path = "/".join([path, *(quote(value, safe="-._~") for value in given)])
        plain = path.startswith("dump/") or _SUFFIX.search(path)
        return f"{self.root}/{path}{'' if plain else '.html'}{tail}"

    def data(self, target: str, key: str, **parameters: str) -> str:
        """Return the address of what is stated of one of our IRIs or indexes in a format.

        >>> Links().data("https://w3id.org/k20kg/case/lamsig", "ttl")
        '/doc/case/lamsig.ttl'
        """
        return f"{self.root}/{_document(target)}.{key}{_tail(parameters)}"

    def query(self, name: str, **parameters: str) -> str:
        """Return the address of the answer to a named query."""
        if self.static_site:
            return self.answer(name, {}, "html")
        return f"{self.root}/query/{quote(name, safe='-')}{_tail(parameters)}"

    def answer(self, name: str, parameters: Mapping[str, str], key: str) -> str:
        """Return the address of an answer in a format, which a static site has by default only."""
        tail = "" if self.static_site else _tail(parameters)
        return f"{self.root}/query/{quote(name, safe='-')}.{key}{tail}"

    def picture(self, path: str, name: str, form: str = "svg", **parameters: str) -> str:
        """Return the address of a picture on a page as a file: svg or png."""
        tail = "" if self.static_site else _tail(parameters)
        return f"{self.root}/picture/{_document(path)}/{name}.{form}{tail}"

    def cite(self, path: str, parameters: Mapping[str, str]) -> str:
        """Return the address of an answer that can be cited, whatever host serves it."""
        return f"{BASE}{path}{_tail(parameters)}"

    def static(self, name: str) -> str:
        """Return the address of a file of the look, which changes when the file does."""
        return f"{self.root}/static/{name}?v={_digest(name)}"

    def absolute(self, target: str) -> str:
        """Return the address that can be cited, whatever host serves it."""
        return BASE + target.removeprefix(BASE).lstrip("/")

    def safe(self, iri: str) -> str:
        """Return where an IRI may lead: our own page, an address on the web, or nowhere."""
        return _safe(self, iri)


@lru_cache(maxsize=1 << 14)
def _safe(links: Links, iri: str) -> str:
    if iri.startswith(BASE):
        return links.page(iri)
    return quote(iri, safe=_SAFE + "?#[]&") if is_web_address(iri) else ""


def _tail(parameters: Mapping[str, str]) -> str:
    given = {name: value for name, value in parameters.items() if value}
    return "?" + urlencode(given, safe="/:") if given else ""


def _document(target: str) -> str:
    """Return the path of the document of one of our IRIs or paths."""
    path = quote(target.removeprefix(BASE).lstrip("/").partition("#")[0], safe=_SAFE)
    return f"doc/{path}" if _is_thing(path) else path


def _is_thing(path: str) -> bool:
    """Tell whether a path is that of a thing, which has its document under ``doc/``."""
    first, slash, _ = path.partition("/")
    named = bool(slash) or not _SUFFIX.search(path)
    return bool(path) and named and first not in _NO_THINGS


@cache
def _digest(name: str) -> str:
    return sha256((_HERE / "static" / name).read_bytes()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Site:
    """A dataset and the addresses under which it is shown."""

    dataset: Dataset
    links: Links = Links()
    live: bool = True
    """False on a static site: no form that needs a server."""
    formats: frozenset[str] = frozenset()
    """Keys of the formats that a static site has beside pages, Turtle and CSV; none: all."""

    def offers(self, key: str) -> bool:
        """Tell whether there are files in a format."""
        return not self.formats or key in self.formats or key in ("", "html", "ttl", "csv")

    @property
    def names(self) -> Names:
        """The names of all that the dataset describes."""
        return names_of(self.dataset)

    def see(self, start: Shown | str, *paths: str, by: str = "") -> list[Shown]:
        """Return what paths such as ``task/contribution`` or ``^source`` lead to from a thing.

        `by` sorts: ``order`` by the number that a source gives, ``name`` by name.
        """
        names = self.names
        found = names.reach(start if isinstance(start, str) else start.iri, *paths)
        if by:
            found.sort(key=lambda term: getattr(names, by)(str_of(term)))
        return [names.show(term) for term in found]

    def say(self, start: Shown | str, *paths: str) -> str:
        """Return the first text that a path leads to, the paths tried in turn; or ""."""
        names, iri = self.names, start if isinstance(start, str) else start.iri
        return next((min(map(str_of, found)) for p in paths if (found := names.reach(iri, p))), "")

    def render(self, template: str, **model: Any) -> str:
        """Return a page; every string of the model is escaped and made harmless.

        The template says its `title`, its `description`, and by `here` which entry in the
        navigation is the current one; `iri` is what the page is about, `formats` are those that it
        also comes in, and `alternates` those of an index, whose address is `here`.
        """
        names = self.names
        given: dict[str, Any] = {
            "site": self,
            "see": self.see,
            "say": self.say,
            "ask": partial(rows.ask, self.dataset),
            "shown": partial(rows.shown, self.dataset),
            "cited": names.cited,
            "placed": names.placed,
            "places": names.places,
            "named": names.link,
            "graph": names.graph,
            "version": self.dataset.version,
            "nav": [entry for entry in _NAV if self.live or entry[0] != "/judge"],
            "data_formats": [form for form in FORMATS if self.offers(form.key)],
            "list_formats": [form for form in INDEX_FORMATS if self.offers(form.key)],
            "here": "",
            "iri": "",
            "formats": (),
            "alternates": (),
            "asked": {},
            "description": "",
            **model,
        }
        return _environment(self.links).get_template(template).render(given) + "\n"


@cache
def _environment(links: Links) -> Environment:
    environment = templates.environment(_HERE / "templates", _finalize)
    environment.globals.update(
        links=links,
        base=BASE,
        place=place,
        evidence_words=evidence_words,
        concerned=concerned,
        made_up=MADE_UP,
        legend=LEGEND,
        catalogue=rows.catalogue,
        picture_forms=picture_forms(),
    )
    environment.filters |= {
        name: said
        for module in (wording, rows)
        for name, said in vars(module).items()
        if isfunction(said)
    }
    environment.filters.update(
        natural=lambda found: sorted(found, key=lambda one: natural(str(one).lower())),
        href=links.safe,
        short=shorten,
        sentences=lambda found, between=" ": [between.join(map(str, found))] if found else [],
        ours=lambda found: [one for one in found if not one.iri or one.iri.startswith(BASE)],
        property=_property,
        reading=wording.reading_words,
        sentence=sentence,
        figure=number,
        licence=wording.licence_words,
        kind=lambda verdict: verdict.value.replace(" ", "-"),
    )
    return environment


_TEXT: Final = (str, Shown)  # a union of types would be made anew at each call


def _finalize(value: Any) -> Any:
    """Return text without controls and marks that turn the direction of writing."""
    if isinstance(value, Markup) or not isinstance(value, _TEXT):
        return value
    text = str(value)
    return text if text.isprintable() else escape_controls(text)  # most is, and is told fast


def _property(shown: Shown) -> Shown:
    """Return a property as a heading; one without a label by its name as words."""
    words = shown.words
    if re.fullmatch(r"[\w-]*:\w+", words):
        words = re.sub("([A-Z])", lambda at: f" {at[1].lower()}", words.partition(":")[2]).strip()
    return replace(shown, words=wording.upper_first(words))
