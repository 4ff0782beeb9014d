"""Make strings from a record harmless before they reach a terminal, a page or a spreadsheet.

Every renderer works on `cleansed` assessments, so none of them can forget to ask.
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar
from unicodedata import normalize

__all__ = ["cleanse", "is_web_address", "neutralise", "to_ascii"]

T = TypeVar("T")

# Controls (C0, DEL, C1: every terminal escape starts with one), bidi embeddings, overrides and
# isolates, line separators, lone surrogates (no UTF-8), a stray BOM, annotation and tag characters.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e007f]"
)
_SPACES = frozenset("\t\n\r\u2028\u2029")
_ASCII = str.maketrans(
    {
        "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "‘": "'", "’": "'", "“": '"', "”": '"',
        "…": "...", "·": "|", "•": "*", "×": "x", "→": "->", "≥": ">=", "≤": "<=", "\xa0": " ",
        "ß": "ss", "æ": "ae", "ø": "o", "Æ": "AE", "Ø": "O",
    }
)  # fmt: skip


def neutralise(text: str) -> str:
    """Return a text of one line whose control and bidi characters are spelled out.

    >>> neutralise("red \\x1b[31m")
    'red \\\\x1b[31m'
    """
    return _UNSAFE.sub(_spell_out, text) if _UNSAFE.search(text) else text


def _spell_out(match: re.Match[str]) -> str:
    character = match[0]
    if character in _SPACES:
        return " "
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


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
    """Return a model value with every string in it neutralised; the same object where clean.

    `seen` remembers what many assessments share, such as their definition.
    """
    result: Any = _cleanse(value, {} if seen is None else seen)
    return result  # type: ignore[no-any-return]


def _cleanse(value: Any, seen: dict[int, Any]) -> Any:
    if isinstance(value, str):
        return neutralise(value)
    if isinstance(value, tuple):
        parts = [_cleanse(part, seen) for part in value]
        return value if all(a is b for a, b in zip(parts, value, strict=True)) else tuple(parts)
    if not is_dataclass(value):
        return value
    key = id(value)
    if key not in seen:
        old = [getattr(value, field.name) for field in fields(value)]
        new = [_cleanse(part, seen) for part in old]
        same = all(a is b for a, b in zip(new, old, strict=True))
        seen[key] = value if same else type(value)(*new)  # type: ignore[operator]
    return seen[key]
