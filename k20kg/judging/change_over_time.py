"""Test of a record's text for change over time: cheap; its yes may be needless, its no is right."""

from __future__ import annotations

import re
from typing import Final

from k20kg.vocabulary import K20

_NAMES: Final = ("earliestBegin", "earliestEnd", "latestEnd", "asOf")
_INSTANT: Final = re.compile(r'>?\s+"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"')


def may_change(text: str, syntax: str) -> bool:
    """Return whether one run may not be enough for a record in an RDF syntax of triples.

    One is enough where nothing ends, nothing begins after the lists are complete, and they all are
    so as of one instant. A date written in an unusual way counts as a change.
    """
    if "estEnd" in text or ("\\" in text and ("\\u" in text or "\\U" in text)):
        return True
    if syntax in ("turtle", "trig") and _cuts_a_name(text):
        return True
    lists = _instants(text, "asOf")
    if not lists:
        return lists is None
    begins = _instants(text, "earliestBegin")
    return len(lists) > 1 or begins is None or max(begins, default="") > max(lists)


def _instants(text: str, name: str) -> set[str] | None:
    """Return the values of a property; None if one of them is not written the usual way."""
    found = [_INSTANT.match(part) for part in text.split(name)[1:]]
    return {match[1] for match in found if match} if all(found) else None


def _cuts_a_name(text: str) -> bool:
    """Return whether a prefix may hold the beginning of a name."""
    starts = {part.partition(">")[0] for part in text.split(f"<{K20}")[1:]} - {"", *_NAMES}
    return any(name.startswith(start) for start in starts for name in _NAMES)
