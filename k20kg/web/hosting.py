"""Rules for Apache where it hosts the static site: media types, and what a server would decide."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from k20kg.web.formats import CSV, FORMATS, HTML
from k20kg.web.guard import PAGE_POLICY
from k20kg.web.indexes import INDEXES
from k20kg.web.results import ROW_FORMATS
from k20kg.web.w3id import asked, front, negotiated, vary

__all__ = ["rules"]

_TYPES: Final = {
    **{form.suffix: form.media_type for form in FORMATS},
    "rq": "application/sparql-query",
    "tsv": "text/tab-separated-values",
    "gz": "application/gzip",
    "js": "text/javascript",
}
_NAMED: Final = {"void": "text/turtle", "SHA256SUMS": "text/plain"}
"""Files without a suffix."""
_ANSWERS: Final = {f.suffix: f.media_type for f in ROW_FORMATS if f.suffix in ("json", "xml")}
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Access-Control-Allow-Origin": "*",
}
"""Of every answer: those that Apache is not told to send always are missing from redirects."""
_INDEXES: Final = "|".join(index.path for index in INDEXES)
_DOCUMENTS: Final = r"(?:doc|ontology|shapes|data|void)(?:/.*?)??"


def rules(base: str, root: str) -> str:
    """Return the ``.htaccess`` of the site that is reached at `base`."""
    return "\n".join(_lines(base, root)) + "\n"


def _lines(base: str, root: str) -> Iterator[str]:
    suffixes = "|".join(("html", *_TYPES))
    yield "# Made by k20kg site. Other hosts do without: every page has an address of its own."
    yield "Options -MultiViews -Indexes"
    yield "DirectorySlash Off"
    yield "DirectoryIndex index.html"
    yield "AddDefaultCharset Off"
    yield "AddCharset UTF-8 .html .css .js .ttl .csv .tsv .txt"
    for suffix, media_type in _TYPES.items():
        yield f"AddType {media_type} .{suffix}"
    yield "RemoveEncoding .gz"
    yield f"ErrorDocument 404 {root}/404.html"
    yield "<IfModule mod_headers.c>"
    for name, value in _HEADERS.items():  # once, even where the host itself sets one
        yield f"Header onsuccess unset {name}"
        yield f'Header always set {name} "{value}"'
    pages = '"expr=%{CONTENT_TYPE} =~ m#^text/html#"'
    yield f'Header always set Content-Security-Policy "{PAGE_POLICY}" {pages}'
    yield "Header merge Vary Accept"
    yield from vary()
    yield "</IfModule>"
    for name, media_type in _NAMED.items():
        yield f'<FilesMatch "^{name}$">'
        yield f'ForceType "{media_type}; charset=UTF-8"'
        yield "</FilesMatch>"
    if root:  # no rule for rewriting is asked about the folder without its slash
        yield "<IfModule mod_alias.c>"
        yield f"RedirectMatch 301 ^{re.escape(root)}$ {base}"
        yield "</IfModule>"
    yield "RewriteEngine on"
    yield f"RewriteBase {root}/"
    yield ""
    yield "# The site itself"
    yield from front(base, "-")
    yield ""
    yield "# Files, and the folders that are addresses themselves"
    yield "RewriteRule ^linkset\\.json$ - [T=application/linkset+json,L]"
    for suffix, media_type in _ANSWERS.items():
        yield f"RewriteRule ^query/[^/]+\\.{suffix}$ - [T={media_type},L]"
    yield "RewriteCond %{REQUEST_FILENAME} -f"
    yield "RewriteRule ^ - [L]"
    yield "RewriteRule ^dump/$ - [L]"
    yield f"RewriteRule \\.(?:{suffixes})$ - [L]"
    yield "RewriteRule ^dump$ dump/ [R=301,L]"
    yield "RewriteRule ^(.+?)/+$ $1 [R=301,L]"
    yield ""
    yield "# Documents that are negotiated"
    yield "RewriteCond %{REQUEST_FILENAME}.ttl !-f"
    yield f"RewriteRule ^{_DOCUMENTS}$ - [R=404,L]"
    yield from negotiated(_DOCUMENTS, base)
    yield ""
    yield "# Indexes: pages, or data for who asks for them"
    csv = (CSV, f"RewriteCond %{{HTTP_ACCEPT}} {CSV.media_type} [NC]")
    for form, condition in (*asked(), csv):
        to, flags = ("", "L") if form is HTML else (base, "R=303,L")
        yield f"RewriteCond %{{REQUEST_FILENAME}}.{form.suffix} -f"
        yield condition
        yield f"RewriteRule ^({_INDEXES})$ {to}$1.{form.suffix} [{flags}]"
    yield ""
    yield "# Pages"
    yield "RewriteCond %{REQUEST_FILENAME}.html -f"
    yield "RewriteRule ^(.+)$ $1.html [L]"
    yield ""
    yield "# Things: what they are cannot be sent, the document about them can"
    yield "RewriteCond %{REQUEST_FILENAME}/index.html !-f"
    yield "RewriteRule ^ - [R=404,L]"
    yield from negotiated(".+?", f"{base}doc/")
