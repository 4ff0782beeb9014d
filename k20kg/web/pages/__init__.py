"""Pages for people: what every page shares, and how a template is filled.

A page is a pure function of a `Site`; no clock, no host and nothing random goes into it, so that
the static export is the same, byte for byte, whenever it is made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from jinja2 import Environment
from markupsafe import Markup

from k20kg.definitions.files import DEFAULT_DEFINITION
from k20kg.model import Reading
from k20kg.report import templates
from k20kg.report.escape import is_web_address
from k20kg.report.outline import number, sentence
from k20kg.text import neutralise
from k20kg.vocabulary import BASE, shorten

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
            return f"{self.root}/query/{quote(name, safe='-')}.html"
        return f"{self.root}/query/{quote(name, safe='-')}{'?' + urlencode(given) if given else ''}"

    def static(self, name: str) -> str:
        """Return the address of a file of the look, which changes when the file does."""
        return f"{self.root}/static/{name}?v={_digest(name)}"

    def absolute(self, target: str) -> str:
        """Return the address that can be cited, whatever host serves it."""
        return BASE + target.removeprefix(BASE).lstrip("/")

    def safe(self, iri: str) -> str:
        """Return where an IRI may lead: our own page, an address on the web, or nowhere."""
        if iri.startswith(BASE):
            return self.page(iri)
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
        href=links.safe,
        short=shorten,
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


def _finalize(value: Any) -> Any:
    """Return text without controls and marks that turn the direction of writing."""
    return neutralise(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _inert(text: str) -> Markup:
    """Return JSON that cannot end the script element it stands in."""
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(neutralise(text))


def upper_first(text: str) -> str:
    """Return a text with its first letter as a capital."""
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
