"""Assessments as one JSON object, version 2 of the format.

Keys, in this order; lists keep the order of the assessments, the definition and the findings:

- ``version``: of this format; rises when a key goes or changes its meaning
- ``tool``: ``{name, version}``
- ``definition``: its id (``clifford-millar-2007``); ``null`` if there is no assessment
- ``engine``: what ran the shapes; ``as_of``: the date of the snapshot, or ``null``
- ``assessments``: one for each case and reading:

  - ``case`` (IRI), ``label``, ``synthetic`` (true: made up), ``reading`` (id)
  - ``verdict``: ``met``, ``not met``, ``not established`` or ``contested``
  - ``announced``: the reading's words, and how many assumptions decide the whole
  - ``authors``: what the sources' authors concluded on the whole,
    ``[{verdict, by, evidence: [{iri, source, locator, method}]}]``
  - ``assumptions``: ``[{statement, by, decides, criteria, overall}]``; ``decides`` is true where
    the verdict on the whole (``overall``) or on a criterion (codes in ``criteria``) would be
    another without it, and ``null`` where that was not tried, as with choices of the reading
  - ``notes``: what in the record is seldom meant, each a sentence with its place
  - ``criteria``: one for each criterion: ``criterion`` (IRI), ``id``, ``code``, ``phrase``,
    ``section``, ``verdict``, ``message``,
    ``missing`` ``[{statement, about, settled_by, supplied_by}]``,
    ``coverage`` ``{required, asked: [{value, source}], stated, unit}`` or ``null``; with
    ``unplaced`` where more would count, were they tied to those who are counted,
    ``evidence`` ``[{iri, source, locator, method, direction}]``,
    ``carried_by`` ``[{kind, iri, label}]`` where something supports it,
    ``authors`` as above
  - ``moment``, only where the record changes over time: ``{instant, begin, end, never_at_once}``:
    the instant shown, from when to when the overall verdict was so (``null``: open), and whether
    each criterion is met at some time, though all of them at none

Counts are JSON numbers. A figure's value is a number where it is one, else a string
(``nearly 100``). Empty strings stay empty; ``null`` is kept for what does not apply.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from k20kg.model import Assessment, Coverage
from k20kg.report.tree import ASSUMPTION, Spec, as_tree, same

FORMAT_VERSION = 2

# Longer or oddly written figures stay strings: a number would not keep every digit.
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?")


def render(assessments: Sequence[Assessment], *, version: str) -> str:
    """Return the JSON object described above, indented, with a final line break."""
    first = assessments[0] if assessments else None
    document = {
        "version": FORMAT_VERSION,
        "tool": {"name": "k20kg", "version": version},
        "definition": first.definition.id if first else None,
        "engine": first.engine if first else None,
        "as_of": first.as_of if first else None,
        "assessments": [
            as_tree(one, _ASSESSMENT) | ({"moment": one.moment._asdict()} if one.moment else {})
            for one in assessments
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _coverage(coverage: Coverage) -> dict[str, Any]:
    found = {
        "required": _number(coverage.required),
        "asked": [{"value": _figure(f.value), "source": f.source} for f in coverage.asked],
        "stated": _number(coverage.stated),
        "unit": coverage.unit,
    }
    return found | ({"unplaced": _number(coverage.unplaced)} if coverage.unplaced else {})


def _figure(value: str) -> int | float | str | None:
    return _number(Decimal(value)) if _NUMBER.fullmatch(value) else value


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


_PLACE: Final = same("iri", "source", "locator", "method")
_OPINION: Final[Spec] = {**same("verdict", "by"), "evidence": ("evidence", _PLACE)}
_CRITERION: Final[Spec] = {
    "criterion": "criterion.iri",
    "id": "criterion.id",
    "code": "criterion.code",
    "phrase": "criterion.phrase",
    "section": "criterion.section",
    **same("verdict", "message"),
    "missing": ("missing", same("statement", "about", "settled_by", "supplied_by")),
    "coverage": lambda f: _coverage(f.coverage) if f.coverage else None,
    "evidence": ("evidence", {**_PLACE, "direction": "direction"}),
    "carried_by": ("carried_by", same("kind", "iri", "label")),
    "authors": ("authors", _OPINION),
}
_ASSESSMENT: Final[Spec] = {
    **same("case", "label", "synthetic"),
    "reading": "reading.id",
    **same("verdict", "announced"),
    "authors": ("authors", _OPINION),
    "assumptions": ("assumptions", ASSUMPTION),
    "notes": "notes",
    "criteria": ("findings", _CRITERION),
}
