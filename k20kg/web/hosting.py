"""Rules for Apache where it hosts the static site: media types, and what a server would decide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from k20kg.web.formats import FORMATS
from k20kg.web.guard import PAGE_POLICY
from k20kg.web.w3id import negotiated

__all__ = ["rules"]

_TYPES: Final = {
    **{form.suffix: form.media_type for form in FORMATS},
    "rq": "application/sparql-query",
    "tsv": "text/tab-separated-values",
    "gz": "application/gzip",
    "js": "text/javascript",
}
_DOCUMENTS: Final = r"(?:doc|ontology|shapes|data|void)(?:/.*)?"


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
    yield 'Header set X-Content-Type-Options "nosniff"'
    yield 'Header set Referrer-Policy "no-referrer"'
    yield 'Header set Access-Control-Allow-Origin "*"'
    pages = '"expr=%{CONTENT_TYPE} =~ m#^text/html#"'
    yield f'Header set Content-Security-Policy "{PAGE_POLICY}" {pages}'
    yield "Header append Vary Accept"
    yield "</IfModule>"
    yield '<FilesMatch "^void$">'
    yield "ForceType text/turtle"
    yield "</FilesMatch>"
    yield "RewriteEngine on"
    yield f"RewriteBase {root}/"
    yield ""
    yield "# Files, and the folders that are addresses themselves"
    yield "RewriteCond %{REQUEST_FILENAME} -f"
    yield "RewriteRule ^ - [L]"
    yield "RewriteRule ^(?:dump/)?$ - [L]"
    yield f"RewriteRule \\.(?:{suffixes})$ - [L]"
    yield "RewriteRule ^(.+)/$ $1 [R=301,L]"
    yield ""
    yield "# Documents that are negotiated"
    yield from negotiated(_DOCUMENTS, base)
    yield ""
    yield "# Pages"
    yield "RewriteCond %{REQUEST_FILENAME}.html -f"
    yield "RewriteRule ^(.+)$ $1.html [L]"
    yield ""
    yield "# Things: what they are cannot be sent, the document about them can"
    yield from negotiated(".+", f"{base}doc/")
