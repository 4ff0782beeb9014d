"""The redirects by which https://w3id.org/k20kg/ leads to whoever hosts the data.

One file serves a live server and a static site alike: it sends each request for a thing to the
document of the format that was asked for. Apache knows no weights, so that a header which names a
page gets the page, and of several formats of data our order decides; the host itself negotiates
in full. Headers are said to be of every answer: Apache leaves all others out of a redirect.

``python -m k20kg.web.w3id https://example.org/k20kg/ > .htaccess`` writes it for another host.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Final

from k20kg.web.formats import FORMATS, HTML, OFFERS, Format

__all__ = ["HOST", "asked", "front", "htaccess", "negotiated", "vary"]

HOST: Final = "https://k20kg.example.org/"
"""Stands for the host, until there is one."""
_DOCUMENTS: Final = ("doc", "ontology", "shapes", "data", "void")
"""What is a document itself, with all below it."""
_AS_THEY_ARE: Final = (
    *("dump", "query", "static", r"\.well-known"),
    *("sparql", "judge", r"(?:cases|literature|queries)(?:\.[a-z]+)?", "about", "health"),
    *(r"linkset\.json", r"context\.jsonld", r"openapi\.json", r"robots\.txt", r"sitemap.*\.xml"),
)
"""What the host has under the same path: pages and files."""
_SUFFIXES: Final = "|".join(form.suffix for form in (HTML, *FORMATS))
_NOT_REFUSED: Final = r"(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))"


def htaccess(host: str = HOST) -> str:
    """Return the file for a host, whose address ends with a slash."""
    host = host if host.endswith("/") else host + "/"
    if not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]_/~-]+", host):
        raise ValueError(f"{host} is no address of a host")
    return "\n".join(_lines(host)) + "\n"


def _lines(host: str) -> Iterator[str]:
    yield "# k20kg: a definition from the social sciences as data."
    yield "# Made by `python -m k20kg.web.w3id`; see README.md. Contact: the k20kg maintainers."
    yield "Options +FollowSymLinks -MultiViews"
    yield "<IfModule mod_headers.c>"
    yield "Header onsuccess unset Access-Control-Allow-Origin"
    yield 'Header always set Access-Control-Allow-Origin "*"'
    yield from vary()
    yield "</IfModule>"
    yield "RewriteEngine on"
    yield ""
    yield "# What the host has under the same path"
    documents, passed = "|".join(_DOCUMENTS), "|".join(_AS_THEY_ARE)
    yield f"RewriteRule ^((?:{passed})(?:/.*)?)$ {host}$1 [R=302,L]"
    yield f"RewriteRule ^((?:{documents})(?:/.*)?\\.(?:{_SUFFIXES}))$ {host}$1 [R=302,L]"
    yield f"RewriteRule ^(.+\\.(?:{_SUFFIXES}))$ {host}doc/$1 [R=303,L]"
    yield ""
    yield "# The front page, or the description of the dataset for programs"
    yield from front(host, host)
    yield ""
    yield "# Documents that are negotiated"
    yield from negotiated(f"(?:{documents})(?:/.*?)??", host)
    yield ""
    yield "# Things: what they are cannot be sent, the document about them can"
    yield from negotiated(".+?", f"{host}doc/")


def front(host: str, page: str) -> Iterator[str]:
    """Yield the rules for the address of all: `page`, or the formats of the description."""
    flags = "L" if page == "-" else "R=303,L"
    for form, condition in asked():
        yield condition
        if form is HTML:
            yield f"RewriteRule ^$ {page} [{flags}]"
        else:
            yield f"RewriteRule ^$ {host}void.{form.suffix} [R=303,L]"
    yield f"RewriteRule ^$ {page} [{flags}]"


def negotiated(pattern: str, target: str) -> Iterator[str]:
    """Yield the rules that send a path to one of its formats; without a preference, to Turtle.

    A slash at the end of the path counts for nothing.
    """
    for form, condition in asked():
        yield condition
        yield f"RewriteRule ^({pattern})/*$ {target}$1.{form.suffix} [R=303,L]"
    yield f"RewriteRule ^({pattern})/*$ {target}$1.{FORMATS[0].suffix} [R=303,L]"


def vary() -> Iterator[str]:
    """Yield what tells caches that a redirect was chosen by what was asked for."""
    yield 'Header always merge Vary Accept "expr=%{REQUEST_STATUS} == 303"'


def asked() -> Iterator[tuple[Format, str]]:
    """Yield each format, and the condition that it was asked for."""
    named: dict[str, list[str]] = {}
    for offer in OFFERS:
        named.setdefault(offer.key, []).append(re.escape(offer.media_type).replace(r"\-", "-"))
    for form in (HTML, *FORMATS):
        kinds = "|".join(named[form.key])
        yield form, f"RewriteCond %{{HTTP_ACCEPT}} (?:{kinds}){_NOT_REFUSED} [NC]"


if __name__ == "__main__":
    sys.stdout.write(htaccess(*sys.argv[1:2]))
