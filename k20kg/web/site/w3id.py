"""Rules for Apache: the redirects of https://w3id.org/k20kg/, and those of a static site.

One file at w3id.org serves a live server and a static site alike: it sends each request for a thing
to the document of the format that was asked for. Apache knows no weights, so that a header which
names a page gets the page, and of several formats of data our order decides; the host itself
negotiates in full.

For another host: ``python -m k20kg.web.site.w3id https://example.org/k20kg/ > .htaccess``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection
from typing import Final

from k20kg.web.http.formats import CSV, FORMATS, HTML, OFFERS, ROW_FORMATS, Format
from k20kg.web.http.security import PAGE_POLICY
from k20kg.web.indexes import INDEXES
from k20kg.web.serializer import fill

HOST: Final = "https://k20kg.example.org/"
"""Stands for the host, until there is one."""
_TYPES: Final = {
    **{form.suffix: form.media_type for form in FORMATS},
    "rq": "application/sparql-query",
    "tsv": "text/tab-separated-values",
    "gz": "application/gzip",
    "js": "text/javascript",
}
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Access-Control-Allow-Origin": "*",
}
_NOT_REFUSED: Final = r"(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))"


def htaccess(host: str = HOST) -> str:
    """Return the redirects to a host, whose address ends with a slash."""
    host = host if host.endswith("/") else host + "/"
    if not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]_/~-]+", host):
        raise ValueError(f"{host} is no address of a host")
    return fill("w3id.htaccess", base=host, asked=_asked())


def site_rules(base: str, root: str, formats: Collection[str] = ()) -> str:
    """Return the rules of the static site that is reached at `base`: types, and what to send.

    With `formats` there are these only, beside pages and Turtle.
    """
    csv = (CSV, f"RewriteCond %{{HTTP_ACCEPT}} {CSV.media_type} [NC]")
    look = {"types": _TYPES, "headers": _HEADERS, "policy": PAGE_POLICY, "csv": csv}
    told = {"answers": ROW_FORMATS[:2], "indexes": "|".join(index.path for index in INDEXES)}
    return fill("site.htaccess", base=base, root=root, asked=_asked(formats), **look, **told)


def _asked(formats: Collection[str] = ()) -> list[tuple[Format, str]]:
    """Return each format, and the condition that it was asked for."""
    found = []
    for form in (HTML, *FORMATS):
        if formats and form.key not in (*formats, "html", "ttl"):
            continue
        names = [offer.media_type for offer in OFFERS if offer.key == form.key]
        kinds = "|".join(re.escape(name).replace(r"\-", "-") for name in names)
        condition = f"RewriteCond %{{HTTP_ACCEPT}} (?:{kinds}){_NOT_REFUSED} [NC]"
        found.append((form, condition))
    return found


if __name__ == "__main__":
    sys.stdout.write(htaccess(*sys.argv[1:2]))
