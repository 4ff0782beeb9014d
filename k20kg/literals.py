"""Which literals are written in the one canonical form that every engine reads alike."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from k20kg.text import neutralise
from k20kg.vocabulary import XSD

__all__ = ["canonical", "is_literal_of", "literal_fault"]

_INTEGERS: Final = {
    "integer",
    "int",
    "long",
    "short",
    "byte",
    "nonNegativeInteger",
    "positiveInteger",
    "nonPositiveInteger",
    "negativeInteger",
    "unsignedInt",
    "unsignedLong",
    "unsignedShort",
    "unsignedByte",
}
_ZONE: Final = r"(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?"
_DATE: Final = r"(\d{4})-(\d\d)-(\d\d)"
_TIME: Final = r"T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?"
_WORDS: Final = {
    "integer": "whole number",
    "decimal": "decimal number",
    "boolean": "truth value",
    "dateTime": "date and time",
    "date": "date",
    "gYear": "year",
    "gYearMonth": "year and month",
}
_EXAMPLES: Final = {
    "integer": "write digits, as in 2",
    "decimal": "write digits with a point, as in 6.0",
    "boolean": "write true or false",
    "dateTime": 'write a day of the calendar, as in "2005-01-01T00:00:00Z"',
    "date": "write a day of the calendar, and for the record's own dates a date and time",
    "gYear": 'write four digits, as in "2005"',
    "gYearMonth": 'write year and month, as in "2005-01"',
}


@lru_cache(maxsize=4096)
def literal_fault(lexical: str, datatype: str) -> tuple[str, str] | None:
    """Return what is wrong with a literal, and the remedy; None if it is canonical.

    >>> literal_fault("01", "http://www.w3.org/2001/XMLSchema#integer")
    ('has the whole number 01, which is not in canonical form,', 'write 1')
    """
    kind = _kind(datatype)
    if kind is None:
        return None
    form = canonical(lexical, kind)
    if form == lexical:
        return None
    shown = neutralise(lexical)
    shown = shown if len(shown) <= 60 else shown[:59] + "…"
    if form is None:
        return f'has "{shown}", which is no {_WORDS[kind]},', _EXAMPLES[kind]
    return (
        f"has the {_WORDS[kind]} {shown}, which is not in canonical form,",
        f'write "{form}"' if kind == "dateTime" else f"write {form}",
    )


def is_literal_of(lexical: str, datatype: str) -> bool:
    """Tell whether a lexical form, canonical or not, stands for anything of its datatype."""
    kind = _kind(datatype)
    return kind is None or canonical(lexical, kind) is not None


def _kind(datatype: str) -> str | None:
    name = datatype.removeprefix(XSD) if datatype.startswith(XSD) else ""
    kind = "integer" if name in _INTEGERS else name
    return kind if kind in _WORDS else None


def canonical(lexical: str, kind: str) -> str | None:
    """Return the canonical form of a literal of this XSD type; None if it is not one at all.

    Decimals keep a point (``6.0``); times of day are in UTC.
    """
    if kind == "integer":
        return str(int(lexical)) if re.fullmatch(r"[+-]?[0-9]{1,4000}", lexical) else None
    if kind == "decimal":
        return _canonical_decimal(lexical)
    if kind == "boolean":
        return {"1": "true", "0": "false", "true": "true", "false": "false"}.get(lexical)
    if kind == "dateTime":
        return _canonical_moment(lexical)
    pattern = {"date": _DATE, "gYear": r"-?\d{4}", "gYearMonth": r"\d{4}-(0[1-9]|1[0-2])"}[kind]
    if not re.fullmatch(pattern + _ZONE, lexical, re.ASCII):
        return None
    if kind == "date":
        try:
            datetime.fromisoformat(lexical[:10])
        except ValueError:
            return None
    return lexical


def _canonical_decimal(lexical: str) -> str | None:
    if not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", lexical):
        return None
    try:
        number = format(Decimal(lexical), "f")
    except InvalidOperation:
        return None
    whole, _, part = number.partition(".")
    part = part.rstrip("0") or "0"
    sign = "-" if whole.startswith("-") and (whole.strip("-0") or part != "0") else ""
    return f"{sign}{whole.lstrip('+-').lstrip('0') or '0'}.{part}"


def _canonical_moment(lexical: str) -> str | None:
    found = re.fullmatch(_DATE + _TIME + _ZONE, lexical, re.ASCII)
    if not found:
        return None
    try:
        moment = datetime.fromisoformat(lexical[:19] + (found[8] or "").replace("Z", "+00:00"))
    except ValueError:
        return None
    if moment.tzinfo is not None:
        try:
            moment = (moment - (moment.utcoffset() or moment - moment)).replace(tzinfo=None)
        except OverflowError:
            return None
    part = (found[7] or "").rstrip("0")
    return moment.isoformat() + (f".{part}" if part else "") + "Z"
