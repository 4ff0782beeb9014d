"""Pages for people: what every page shares, and how a template is filled.

A page is a pure function of a `Site`; no clock, no host and nothing random goes into it, so that
the static export is the same, byte for byte, whenever it is made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from jinja2 import Environment
from markupsafe import Markup

from k20kg.definition.shipped import DEFAULT_DEFINITION
from k20kg.model import Reading
from k20kg.rdf.graph import key
from k20kg.rdf.text import neutralise
from k20kg.report import templates
from k20kg.report.escape import is_web_address
from k20kg.report.wording import number, sentence
from k20kg.vocabulary import BASE, shorten
from k20kg.web.pages.evidence import cited, placed, places
from k20kg.web.pages.figures import px, wrap
from k20kg.web.pages.rows import ask, column, compact, grouped, table, tally, where
from k20kg.web.pages.terms import Shown, names_of

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset

__all__ = ["Links", "Site", "counted", "spelled", "upper_first"]

_HERE: Final = Path(__file__).parent.parent
_SAFE: Final = "/-._~!$'()*+,;=:@%"
_SUFFIX: Final = re.compile(r"\.(html|ttl|nt|jsonld|rdf|trig|nq|rq|csv|json|txt|xml|gz)$")
_DOCUMENTS: Final = ("ontology", "shapes", "data", "dump", "void", "doc")
_PAGES: Final = (
    *("cases", "literature", "queries", "query", "about", "judge", "sparql"),
    *("health", "static", ".well-known"),
)
_NAV: Final = (
    ("/definition", f"/definition/{DEFAULT_DEFINITION}", "Definition"),
    ("/cases", "/cases", "Cases"),
    ("/literature", "/literature", "Literature"),
    ("/ontology", "/ontology", "Ontology"),
    ("/queries", "/queries", "Query"),
    ("/judge", "/judge", "Judge a case"),
)
"""Name for `here`, where it leads, words."""
_NEEDS_SERVER: Final = {"/judge"}


@dataclass(frozen=True, slots=True)
class Links:
    """Where things are, for a server and for a static site alike."""

    root: str = ""
    """Prefix of every path: empty, or ``/k20kg``."""
    static_site: bool = False

    def page(self, target: str, **parameters: str) -> str:
        """Return the address of the page of one of our IRIs or paths.

        >>> Links().page("https://w3id.org/k20kg/case/lamsig"), Links("/k").page("/cases")
        ('/case/lamsig', '/k/cases')
        >>> Links(static_site=True).page("/cases", reading="literal")
        '/cases/literal.html'
        """
        path, mark, fragment = target.removeprefix(BASE).lstrip("/").partition("#")
        path = quote(path, safe=_SAFE)
        given = {name: value for name, value in parameters.items() if value}
        tail = mark + quote(fragment, safe=_SAFE)
        if not self.static_site:
            return f"{self.root}/{path}{'?' + urlencode(given) if given else ''}{tail}"
        if not path or path.endswith("/"):
            return f"{self.root}/{path}{tail}"
        if _is_thing(path):
            path = f"doc/{path}"
        path = "/".join([path, *(quote(value, safe="-._~") for value in given.values())])
        plain = path.startswith("dump/") or _SUFFIX.search(path)
        return f"{self.root}/{path}{'' if plain else '.html'}{tail}"

    def data(self, target: str, key: str) -> str:
        """Return the address of what is stated of one of our IRIs in a format.

        >>> Links().data("https://w3id.org/k20kg/case/lamsig", "ttl")
        '/doc/case/lamsig.ttl'
        """
        path = quote(target.removeprefix(BASE).lstrip("/").partition("#")[0], safe=_SAFE)
        return f"{self.root}/{'doc/' if _is_thing(path) else ''}{path}.{key}"

    def query(self, name: str, **parameters: str) -> str:
        """Return the address of the answer to a saved question."""
        given = {key: value for key, value in parameters.items() if value}
        if self.static_site:
            return self.answer(name, {}, "html")
        tail = "?" + urlencode(given, safe="/:") if given else ""
        return f"{self.root}/query/{quote(name, safe='-')}{tail}"

    def answer(self, name: str, parameters: Mapping[str, str], key: str) -> str:
        """Return the address of an answer in a format, which a static site has by default only."""
        given = "" if self.static_site or not parameters else "?" + urlencode(parameters, safe="/:")
        return f"{self.root}/query/{quote(name, safe='-')}.{key}{given}"

    def static(self, name: str) -> str:
        """Return the address of a file of the look, which changes when the file does."""
        return f"{self.root}/static/{name}?v={_digest(name)}"

    def cite(self, name: str, parameters: Mapping[str, str]) -> str:
        """Return the address of an answer that can be cited, whatever host serves it."""
        given = "?" + urlencode(parameters, safe="/:") if parameters else ""
        return f"{BASE}query/{name}{given}"

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


def _is_thing(path: str) -> bool:
    """Tell whether a path is that of a thing, which has its document under ``doc/``."""
    first, slash, _ = path.partition("/")
    named = bool(slash) or not _SUFFIX.search(path)
    return bool(path) and named and first not in (*_DOCUMENTS, *_PAGES)


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

    def see(self, start: Shown | str, *paths: str, by: str = "") -> list[Shown]:
        """Return what paths such as ``task/contribution`` or ``^source`` lead to from a thing.

        `by` sorts: ``order`` by the number that a source gives, ``name`` by name.
        """
        names = names_of(self.dataset)
        found = names.reach(start if isinstance(start, str) else start.iri, *paths)
        if by:
            found.sort(key=lambda term: getattr(names, by)(key(term)))
        return [names.show(term) for term in found]

    def ordered(self, found: list[Shown]) -> list[Shown]:
        """Return things by the number that a source gives, then by address."""
        names = names_of(self.dataset)
        return sorted(found, key=lambda one: names.order(one.iri))

    def say(self, start: Shown | str, *paths: str) -> str:
        """Return the first text that a path leads to, the paths tried in turn; or ""."""
        names = names_of(self.dataset)
        iri = start if isinstance(start, str) else start.iri
        return next((min(map(key, found)) for p in paths if (found := names.reach(iri, p))), "")

    def render(self, template: str, **model: Any) -> str:
        """Return a page; every string of the model is escaped and made harmless.

        `title` is a must; `here` is the path whose entry in the navigation is the current one,
        `iri` what the page is about, `formats` the keys of the formats that it also comes in,
        `alternates` those of an index, whose address is `here`, and `jsonld` a text for machines.
        """
        found = _environment(self.links).get_template(template)
        nav = [entry for entry in _NAV if self.live or entry[0] not in _NEEDS_SERVER]
        given: dict[str, Any] = {
            "site": self,
            "see": self.see,
            "ordered": self.ordered,
            "say": self.say,
            "ask": partial(ask, self.dataset),
            "cited": lambda record: cited(names_of(self.dataset), record),
            "placed": lambda item: placed(names_of(self.dataset), item),
            "places": lambda records: places(names_of(self.dataset), records),
            "named": lambda iri, words="": names_of(self.dataset).link(iri, words),
            "version": self.dataset.version,
            "nav": nav,
            "here": "",
            "iri": "",
            "formats": (),
            "alternates": (),
            "description": "",
            **model,
            "jsonld": _inert(str(model.get("jsonld") or "")),
        }
        return found.render(given) + "\n"


@cache
def _environment(links: Links) -> Environment:
    environment = templates.environment(_HERE / "templates", _finalize)
    environment.globals.update(
        links=links, base=BASE, more=(_HERE / "static" / "more.css").is_file()
    )
    environment.filters.update(
        px=px,
        wrap=wrap,
        where=where,
        column=column,
        compact=compact,
        grouped=grouped,
        table=table,
        tally=tally,
        href=links.safe,
        short=shorten,
        sentences=lambda found, between=" ": [between.join(map(str, found))] if found else [],
        ours=lambda found: [one for one in found if not one.iri or one.iri.startswith(BASE)],
        upper_first=upper_first,
        lower_first=lower_first,
        counted=counted,
        spelled=spelled,
        reading=reading_words,
        sentence=sentence,
        figure=number,
        licence=licence_words,
        kind=lambda verdict: verdict.value.replace(" ", "-"),
    )
    return environment


_TEXT: Final = (str, Shown)  # a union of types would be made anew at each call


def _finalize(value: Any) -> Any:
    """Return text without controls and marks that turn the direction of writing."""
    if isinstance(value, Markup) or not isinstance(value, _TEXT):
        return value
    text = str(value)
    return text if text.isprintable() else neutralise(text)  # most text is, and it is told fast


def _inert(text: str) -> Markup:
    """Return JSON that cannot end the script element it stands in."""
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(neutralise(text))


def upper_first(text: str | Shown) -> str:
    """Return a text with its first letter as a capital."""
    text = str(text)
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """Return a text as it goes on in a sentence; an abbreviation keeps its capitals."""
    first = text.partition(" ")[0][1:]
    keep = any(c.isupper() or c.isdigit() for c in first)
    return text if keep else text[:1].lower() + text[1:]


def reading_words(reading: Reading) -> str:
    """Return the name of a reading as a heading: ``As applied``."""
    return upper_first(reading.label.replace("-", " "))


def licence_words(licence: str) -> str:
    """Return the name of a licence of Creative Commons, else its address.

    >>> licence_words("https://creativecommons.org/licenses/by/4.0/")
    'CC BY 4.0'
    """
    found = re.fullmatch(r"https?://creativecommons\.org/licenses/([a-z-]+)/([0-9.]+)/?", licence)
    return f"CC {found[1].upper()} {found[2]}" if found else licence


_NUMBERS: Final = [
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
]  # fmt: skip


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun, in words up to twelve.

    >>> counted(2, "reading"), counted(41, "person", "people")
    ('two readings', '41 people')
    """
    word = _NUMBERS[number] if 0 <= number < len(_NUMBERS) else str(number)
    return f"{word} {one if number == 1 else many or one + 's'}"


def spelled(number: int) -> str:
    """Return a small number in words.

    >>> spelled(9), spelled(26)
    ('nine', '26')
    """
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else str(number)
