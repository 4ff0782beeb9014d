"""Make strings from a record harmless for a terminal, a page or Markdown.

Every renderer works on `cleanse`d values, so none of them can forget to ask.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar
from unicodedata import normalize

from k20kg.rdf.text import neutralise

T = TypeVar("T")

_ASCII = str.maketrans(
    {
        "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "‘": "'", "’": "'", "“": '"', "”": '"',
        "…": "...", "·": "|", "•": "*", "×": "x", "→": "->", "≥": ">=", "≤": "<=", "\xa0": " ",
        "ß": "ss", "æ": "ae", "ø": "o", "Æ": "AE", "Ø": "O",
    }
)  # fmt: skip

_MARKUP = re.compile(r"([\\`*_\[\]|~$])")
_AT_START = re.compile(r"^([0-9]{0,9})([-+#=.)])(?=\s|\d|$|[-+#=])")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"})
_LINK = re.compile(r"(?i)\b(https?|ftp|mailto|xmpp)(:)|\b(www)(\.)")


def to_ascii(text: str) -> str:
    r"""Return a text in plain ASCII; what has no near letter is spelled out.

    >>> to_ascii("Université — 東")
    'Universite - \\u6771'
    """
    if text.isascii():
        return text
    plain = "".join(
        c for c in normalize("NFKD", text.translate(_ASCII)) if not "\u0300" <= c <= "\u036f"
    )
    return plain.encode("ascii", "backslashreplace").decode("ascii")


def is_web_address(iri: str) -> bool:
    """Tell whether an IRI may become a link: ``http`` or ``https`` and nothing else."""
    return iri.startswith(("http://", "https://"))


def cleanse(value: T, seen: dict[int, Any] | None = None) -> T:
    """Return a model value with every string in it neutralised and on one line.

    What is clean comes back as the same object. `seen` remembers what many assessments share,
    such as their definition.
    """
    result: T = _cleanse(value, {} if seen is None else seen)
    return result


def _cleanse(value: Any, seen: dict[int, Any]) -> Any:
    if isinstance(value, str):
        clean = neutralise(value)
        return " ".join(clean.split()) if "\n" in clean or "\t" in clean else clean
    kind = type(value)
    if kind is tuple:
        parts = [_cleanse(part, seen) for part in value]
        return value if all(a is b for a, b in zip(parts, value, strict=True)) else tuple(parts)
    if isinstance(value, tuple):
        old = list(value)
    elif hasattr(kind, "__dataclass_fields__"):
        old = [getattr(value, name) for name in kind.__dataclass_fields__]
    else:
        return value
    key = id(value)
    if key not in seen:
        new = [_cleanse(part, seen) for part in old]
        same = all(a is b for a, b in zip(new, old, strict=True))
        seen[key] = value if same else kind(*new)
    return seen[key]


def markdown_address(iri: str) -> str:
    """Return a link if the IRI is a web address that Markdown takes as it stands, else text."""
    plain = is_web_address(iri) and re.fullmatch(r"[A-Za-z0-9:/?#@!$&'()*+,;=._~%-]+", iri)
    return f"<{iri}>" if plain else markdown(iri)


def markdown(text: str) -> str:
    """Return a text in which GitHub's Markdown sees no markup, mention, formula or link."""
    safe = _MARKUP.sub(r"\\\1", text.strip()).translate(_ENTITIES)
    safe = _LINK.sub(lambda m: f"{m[1] or m[3]}{'&#58;' if m[2] else '&#46;'}", safe)
    return _AT_START.sub(r"\1\\\2", safe)
