"""Make strings from a record harmless before they reach a terminal, a page or a spreadsheet.

Every renderer works on `cleansed` assessments, so none of them can forget to ask.
"""

from __future__ import annotations

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
