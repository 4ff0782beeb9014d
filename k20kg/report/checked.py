"""What `check` found, as one JSON object.

- ``version``, ``tool``, ``engine``: as in the JSON of verdicts (`k20kg.report.json_`)
- ``cases``: one for each case: ``case`` (IRI), ``origin`` (files), ``well_formed``,
  ``faults`` ``[{where, node, what, remedy, text}]``, ``notes`` (as with verdicts, each a sentence
  with its place), ``not_read`` (parts of a folder that were passed over, each a sentence), of a
  workbook ``contains`` (how many rows of each kind, a sentence)
- ``not_read``: what stopped the reading, each a sentence; no case after it was checked
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from k20kg.errors import RecordError
from k20kg.report.json_ import FORMAT_VERSION


class Checked(NamedTuple):
    """One case that was checked."""

    case: str
    origin: str
    error: RecordError | None
    notes: tuple[str, ...] = ()
    not_read: tuple[str, ...] = ()
    contains: str = ""
    """What a workbook contains; empty where the case is of none."""


def render(found: Sequence[Checked], not_read: Sequence[str], engine: str, *, version: str) -> str:
    """Return the JSON object described above, indented, with a final line break."""
    document = {
        "version": FORMAT_VERSION,
        "tool": {"name": "k20kg", "version": version},
        "engine": engine,
        "cases": [
            {
                "case": one.case,
                "origin": one.origin,
                "well_formed": one.error is None,
                "faults": _faults(one.error) if one.error else [],
                "notes": list(one.notes),
                "not_read": list(one.not_read),
                **({"contains": one.contains} if one.contains else {}),
            }
            for one in found
        ],
        "not_read": list(not_read),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _faults(error: RecordError) -> list[dict[str, str]]:
    names = ("where", "node", "what", "remedy")
    if not error.details:
        values = (error.where, "", error.what, error.remedy)
        return [{**dict(zip(names, values, strict=True)), "text": str(error)}]
    return [
        {**dict(zip(names, values, strict=True)), "text": text}
        for values, text in zip(error.details, error.faults, strict=True)
    ]
