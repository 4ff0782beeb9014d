"""Cells ↔ values: words of lists, yes and no, numbers and dates, as people and Excel write them."""

from __future__ import annotations

import datetime as dt
import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from hashlib import sha256
from typing import Final, NamedTuple

import pyoxigraph as ox

from k20kg.rdf.graph import str_of
from k20kg.rdf.text import escape_controls
from k20kg.sheets.schema import CellKind, Workbook, fold
from k20kg.vocabulary import XSD

YES_NO: Final = ("yes", "no", "unknown")
_YES: Final = {"yes": "true", "y": "true", "true": "true", "1": "true"}
_NO: Final = {"no": "false", "n": "false", "false": "false", "0": "false"}
_LONGEST: Final = 60
_DAY: Final = r"\d{4}(?:-\d\d(?:-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?)?)?"
_DATE: Final = re.compile(
    rf"(?P<by>by )(?P<b>{_DAY})|(?P<after>after )(?P<a>{_DAY})|(?P<x>{_DAY})(?: to (?P<y>{_DAY}))?"
)
_LANGUAGE: Final = re.compile(r"(?P<text>.*) @(?P<tag>[a-z]{2,3}(?:-[A-Za-z0-9]+)*|)", re.DOTALL)

Raw = str | float | bool | dt.date | dt.time | dt.timedelta
"""Value of a cell once it is read."""


class Missing(str):
    """Content of a cell without a value: a formula that was never worked out, or an error."""


class CellError(Exception):
    """Fault of a cell, and its remedy."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


class Words(NamedTuple):
    """The words of one workbook."""

    book: Workbook
    language: str

    def term(self, kind: CellKind, text: str) -> str | None:
        """Return the term that a word of a list means; None for a word of one's own."""
        known = {fold(self.book.words[term]): term for term in kind.choices}
        for term in kind.choices:
            known.setdefault(fold(re.split("[#/]", term)[-1]), term)
        if found := known.get(fold(text)):
            return found
        words = [self.book.words[term] for term in kind.choices]
        if near := get_close_matches(fold(text), known, 1, 0.85 if kind.open else 0.7):
            word = quoted(self.book.words[known[near[0]]])
            raise CellError(f"says {quoted(text)}", f"did you mean {word}?")
        if kind.open:
            return None
        what = f"says {quoted(text)}, which is not on the list"
        raise CellError(what, f"choose one of: {', '.join(words)}")

    def literal(self, kind: CellKind, raw: Raw) -> ox.Literal | None:
        """Return the literal that a cell means; None where it means to say nothing."""
        if kind.name == "yesno":
            answer = yes_no(raw)
            return _typed(answer, "boolean") if answer else None
        if kind.name in ("number", "whole"):
            return _number(raw, kind.name == "whole")
        if kind.name == "date":
            bound = bounds(raw)[kind.last]
            return _typed(bound, "dateTime") if bound else None
        text = plain(raw)
        if kind.name == "words":
            tagged = _LANGUAGE.fullmatch(text)
            words, tag = (tagged["text"], tagged["tag"]) if tagged else (text, self.language)
            return ox.Literal(words, language=tag) if tag else ox.Literal(words)
        return ox.Literal(text)


def quoted(text: object) -> str:
    """Return words in quotes, cut short and safe to show."""
    shown = escape_controls(str(text))
    return f"‘{shown if len(shown) <= 60 else shown[:59] + '…'}’"


def suggestion(text: str, names: Iterable[str], least: float = 0.7) -> str:
    """Return a question after what was perhaps meant; nothing where no name is near."""
    known: dict[str, str] = {}
    for name in names:
        known.setdefault(fold(name), name)
    near = get_close_matches(fold(text), known, 1, least)
    return f"did you mean {quoted(known[near[0]])}?" if near else ""


def plain(raw: Raw) -> str:
    """Return the text of a cell that holds text."""
    if isinstance(raw, str):
        return raw.strip()
    if isinstance(raw, bool):
        word = str(raw).upper()
        raise CellError(
            f"holds {word} where text belongs", "set the cell to Text and write it again"
        )
    if isinstance(raw, (int, float)):
        raise CellError(
            f"holds the number {raw} where text belongs; Excel may have dropped zeros",
            "set the cell to Text and write it as the source has it",
        )
    raise CellError(
        f"holds the date or time {raw} where text belongs; Excel may have made it of other signs",
        "set the cell to Text and write it as the source has it, such as 6-8",
    )


def yes_no(raw: Raw) -> str:
    """Return ``true``, ``false`` or nothing for unknown."""
    if isinstance(raw, (dt.date, dt.time, dt.timedelta)):
        raise CellError(f"says {quoted(raw)}", "choose yes, no or unknown")
    word = fold(str(raw))
    if word in _YES:
        return "true"
    if word in _NO:
        return "false"
    if word in ("unknown", "?", "not known", "don't know"):
        return ""
    raise CellError(f"says {quoted(raw)}", suggestion(word, YES_NO) or "choose yes, no or unknown")


def _number(raw: Raw, whole: bool) -> ox.Literal:
    such = "a whole number such as 2" if whole else "a number such as 6 or 0.5"
    text = str(raw).strip() if not isinstance(raw, (bool, dt.date, dt.time, dt.timedelta)) else ""
    if re.fullmatch(r"-?\d+,\d+", text):
        raise CellError(f"says {quoted(text)}", f"write {text.replace(',', '.')} with a point")
    if not re.fullmatch(r"[+-]?\d+(\.\d*)?(e[+-]?\d+)?", text.lower()):
        raise CellError(f"says {quoted(raw)} where a number belongs", f"write {such}")
    value = float(text)
    if whole and value != int(value):
        raise CellError(f"says {quoted(text)} where a whole number belongs", f"write {such}")
    if whole:
        return _typed(str(int(value)), "integer")
    shown = f"{value:.12f}".rstrip("0")
    return _typed(shown + "0" * shown.endswith("."), "decimal")


def _typed(text: str, name: str) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(XSD + name))


def bounds(raw: Raw) -> tuple[str | None, str | None]:
    """Return the first and the last instant of a date, as ``2005-01-01T00:00:00Z``."""
    if isinstance(raw, dt.date):
        raw = raw.strftime("%Y-%m-%d")
    text = " ".join(quoted(raw)[1:-1].replace("–", "-").split())
    found = _DATE.fullmatch(text[:1].lower() + text[1:])
    try:
        if found and found["by"]:
            return None, _last(found["b"])
        if found and found["after"]:
            return _first(found["a"]), None
        if found:
            return _first(found["x"]), _last(found["y"] or found["x"])
    except ValueError:
        raise CellError(f"says {quoted(text)}, a day that there is not", "mend the date") from None
    raise CellError(f"says {quoted(text)} where a date belongs", f"write it as {_suggested(text)}")


def _suggested(text: str) -> str:
    if re.fullmatch(r"\d{5}(\.\d+)?", text):  # days since the end of 1899
        return str(dt.date(1899, 12, 30) + dt.timedelta(days=int(float(text))))
    for form in ("%d %B %Y", "%d %b %Y", "%B %d, %Y", "%d.%m.%Y", "%Y/%m/%d", "%B %Y", "%b %Y"):
        try:
            day = dt.datetime.strptime(text, form)
        except ValueError:
            continue
        return day.strftime("%Y-%m-%d" if "%d" in form else "%Y-%m")
    return "2020, 2020-02 or 2020-02-01"


def _first(text: str) -> str:
    if "T" in text:
        return text
    year, month, day = (*text.split("-"), "01", "01")[:3]
    return f"{dt.date(int(year), int(month), int(day))}T00:00:00Z"


def _last(text: str) -> str:
    if "T" in text:
        return text
    year, *rest = text.split("-")
    month = rest[0] if rest else "12"
    day = rest[1] if len(rest) > 1 else monthrange(int(year), int(month))[1]
    return f"{dt.date(int(year), int(month), int(day))}T23:59:59Z"


def instant_cell(instant: str, kind: CellKind) -> str:
    """Return how a cell says one instant: as short as it is read back the same."""
    reads = _last if kind.last else _first
    return next((t for n in (4, 7, 10) if reads(t := instant[:n]) == instant), instant)


def span_cell(first: str, last: str) -> str:
    """Return how a cell says two bounds, to the day; either may be empty."""
    start = first and _short(first[:10], _first)
    end = last and _short(last[:10], _last)
    if not (start and end):
        return f"after {start}" if start else f"by {end}" if end else ""
    if first[:10] == last[:10]:
        return first[:10]
    ends = (first[:10], last[:10])
    whole = (t for n in (4, 7, 10) if (_first(t := first[:n])[:10], _last(t)[:10]) == ends)
    return next(whole, f"{start} to {end}")


def _short(day: str, reads: Callable[[str], str]) -> str:
    return next(t for n in (4, 7, 10) if reads(t := day[:n])[:10] == day)


def literal_cell(term: ox.Literal, kind: CellKind, language: str) -> str | float:
    """Return how a cell says a literal."""
    value = str_of(term)
    if kind.name == "yesno":
        return {"true": "yes", "1": "yes", "false": "no", "0": "no"}.get(value, value)
    if kind.name in ("number", "whole"):
        try:
            return float(value) if kind.name == "number" else int(value)
        except ValueError:
            return value
    if kind.name == "words" and (term.language or "") != language:
        return f"{value} @{term.language or ''}"
    return value


def slug(text: str) -> str:
    """Return words as part of an address: small letters, hyphens, cut short."""
    found = re.sub(r"[^\w.~/-]+", "-", fold(text)).strip("-/.") or "-"
    if len(found) > _LONGEST:
        return f"{found[:_LONGEST].rstrip('-')}-{sha256(fold(text).encode()).hexdigest()[:6]}"
    return found.replace("/", "-")
