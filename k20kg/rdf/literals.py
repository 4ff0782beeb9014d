"""Literals of XML Schema: which stand for a value, and the one form in which engines read it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from math import isfinite
from typing import Final

from k20kg.rdf.text import escape_controls
from k20kg.vocabulary import XSD

_INTEGERS: Final[dict[str, tuple[int | None, int | None]]] = {
    "integer": (None, None),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-128, 127),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 255),
}
"""The whole-number types with the least and the largest number of each."""
_KINDS: Final = dict.fromkeys(_INTEGERS, "integer") | {
    "float": "double",
    "dateTimeStamp": "dateTime",
}
_ZONE: Final = r"(Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?"
_DATE: Final = r"(\d{4})-(\d\d)-(\d\d)"
_TIME: Final = r"T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?"
_DOUBLE: Final = re.compile(
    r"[+-]?(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|INF)|NaN"
)
_NUMBERS: Final = ("integer", "decimal", "double")
_WORDS: Final = {
    "integer": "whole number",
    "decimal": "decimal number",
    "double": "number",
    "boolean": "truth value",
    "dateTime": "date and time",
    "date": "date",
    "gYear": "year",
    "gYearMonth": "year and month",
}
_EXAMPLES: Final = {
    "integer": "write digits, as in 2",
    "decimal": "write digits with a point, as in 6.0",
    "double": "write digits, as in 6.0",
    "boolean": "write true or false",
    "dateTime": 'write a day of the calendar, as in "2005-01-01T00:00:00Z"',
    "date": "write a day of the calendar, and for the record's own dates a date and time",
    "gYear": 'write four digits, as in "2005"',
    "gYearMonth": 'write year and month, as in "2005-01"',
}


@lru_cache(maxsize=4096)
def literal_fault(lexical: str, datatype: str) -> tuple[str, str] | None:
    """Return what is wrong with a literal, and the remedy; None if it stands for a value.

    >>> literal_fault("two", "http://www.w3.org/2001/XMLSchema#integer")
    ('has "two", which is no whole number,', 'write digits, as in 2')
    """
    if is_literal_of(lexical, datatype):
        return None
    name = datatype.removeprefix(XSD)
    kind = _KINDS.get(name, name)
    shown = escape_controls(lexical)
    shown = shown if len(shown) <= 60 else shown[:59] + "…"
    words = f"{_WORDS[kind]} of xsd:{name}" if name in _INTEGERS and name != kind else _WORDS[kind]
    return f'has "{shown}", which is no {words},', _EXAMPLES[kind]


def is_literal_of(lexical: str, datatype: str) -> bool:
    """Tell whether a lexical form stands for a value of its datatype."""
    name = datatype.removeprefix(XSD) if datatype.startswith(XSD) else ""
    if (kind := _KINDS.get(name, name)) not in _WORDS:
        return True
    form = canonical(lexical, kind)
    if form is None or kind != "integer":
        return form is not None
    least, most = _INTEGERS[name]
    return (least is None or int(form) >= least) and (most is None or int(form) <= most)


@lru_cache(maxsize=65536)
def normal_form(lexical: str, datatype: str, wanted: str = "") -> tuple[str, str]:
    """Return lexical form and datatype that stand for the same value, written one way.

    `wanted` is the XSD type that is asked for, ``decimal``: a number of another type is given in
    it if it has that value. What is ill-typed stays as it is, and so does what is of no XSD type.

    >>> normal_form("+3", "http://www.w3.org/2001/XMLSchema#int", "decimal")
    ('3.0', 'http://www.w3.org/2001/XMLSchema#decimal')
    """
    if not datatype.startswith(XSD) or not is_literal_of(lexical, datatype):
        return lexical, datatype
    name = datatype.removeprefix(XSD)
    kind = _KINDS.get(name, name)
    if kind not in _WORDS:
        return lexical, datatype
    form = canonical(lexical, kind) or lexical
    if wanted in _NUMBERS and kind in _NUMBERS and wanted != kind:
        converted = _converted(form, kind, wanted)
        return (converted, XSD + wanted) if converted else (form, datatype)
    return form, XSD + kind if wanted == kind else datatype


def _converted(form: str, kind: str, wanted: str) -> str | None:
    """Return a number in the canonical form of another type; None if it has no such value."""
    if kind == "double":
        if not isfinite(number := float(form)):
            return None
        form = format(Decimal(repr(number)), "f")
    if wanted == "double":
        return form
    if wanted == "decimal":
        return canonical(form, "decimal")
    whole, _, part = form.partition(".")
    return canonical(whole or "0", "integer") if not part.strip("0") else None


def canonical(lexical: str, kind: str) -> str | None:
    """Return the canonical form of a literal of this XSD type; None if it is not one at all.

    Decimals keep a point (``6.0``); times of day are in UTC, which one without a zone counts as.
    Floating-point numbers, for which no canonical form is needed, stay as they are.
    """
    if kind == "integer":
        return str(int(lexical)) if re.fullmatch(r"[+-]?[0-9]{1,4000}", lexical) else None
    if kind == "decimal":
        return _canonical_decimal(lexical)
    if kind == "double":
        return lexical if _DOUBLE.fullmatch(lexical) else None
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
    return re.sub(r"[+-]00:00$", "Z", lexical)


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
    midnight = found[4] == "24"  # the end of a day is the beginning of the next
    if midnight and (found[5], found[6], (found[7] or "").strip("0")) != ("00", "00", ""):
        return None
    clock = f"{lexical[:11]}00{lexical[13:19]}" if midnight else lexical[:19]
    try:
        moment = datetime.fromisoformat(clock + (found[8] or "Z").replace("Z", "+00:00"))
        moment += timedelta(days=midnight) - (moment.utcoffset() or timedelta())
    except (ValueError, OverflowError):
        return None
    part = (found[7] or "").rstrip("0")
    return moment.replace(tzinfo=None).isoformat() + (f".{part}" if part else "") + "Z"
