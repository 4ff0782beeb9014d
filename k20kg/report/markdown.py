"""Text as it may stand in GitHub-flavoured Markdown.

Whatever a record says is escaped: it can start no list, table, link, formula, mention or tag.
"""

from __future__ import annotations

import re

from k20kg.report.escape import is_web_address

_MARKUP = re.compile(r"([\\`*_\[\]|~$])")
_AT_START = re.compile(r"^([0-9]{0,9})([-+#=.)])(?=\s|\d|$|[-+#=])")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"})
_LINK = re.compile(r"(?i)\b(https?|ftp|mailto|xmpp)(:)|\b(www)(\.)")


def address(iri: str) -> str:
    """Return a link if the IRI is a web address that Markdown takes as it stands, else text."""
    plain = is_web_address(iri) and re.fullmatch(r"[A-Za-z0-9:/?#@!$&'()*+,;=._~%-]+", iri)
    return f"<{iri}>" if plain else escape(iri)


def escape(text: str) -> str:
    """Return a text in which nothing is markup, and no bare address turns into a link."""
    safe = _MARKUP.sub(r"\\\1", text.strip()).translate(_ENTITIES)
    safe = _LINK.sub(lambda m: f"{m[1] or m[3]}{'&#58;' if m[2] else '&#46;'}", safe)
    return _AT_START.sub(r"\1\\\2", safe)
