"""JSON: assessments (version 2 of the format), checks, and other values as plain trees.

docs/formats.md has the contract: the keys, and what they mean. Lists keep the order of the
assessments, the definition and the findings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final, NamedTuple

from k20kg.errors import RecordError
from k20kg.judging.dates import stamp
from k20kg.model import Assessment, Coverage
from k20kg.report.wording import list_choices

FORMAT_VERSION: Final = 2
"""Rises when a key goes or changes its meaning."""

Spec = Mapping[str, "str | tuple[str, Spec] | Callable[[Any], Any]"]
"""For each key what stands there: an attribute (``criterion.id``), one with the spec of what is
found there, or a function of the value."""

# Longer or oddly written figures stay strings: a number would not keep every digit.
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?")


# ---------------------------------------------------------------- values as trees


def same(*names: str) -> dict[str, Any]:
    """Return the spec of attributes that are called as their keys are."""
    return {name: name for name in names}


def as_tree(value: Any, spec: Spec) -> dict[str, Any]:
    """Return an object with the keys of the spec; None where a path leads through None."""
    found = {}
    for key, how in spec.items():
        if callable(how):
            found[key] = how(value)
        else:
            path, inner = how if isinstance(how, tuple) else (how, None)
            there = value
            for name in path.split("."):
                there = None if there is None else getattr(there, name)
            found[key] = _plain(there, inner)
    return found


def _plain(value: Any, inner: Spec | None) -> Any:
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return [_plain(one, inner) for one in value]
    if inner and value is not None:
        return as_tree(value, inner)
    if isinstance(value, datetime):
        return stamp(value)
    return value.value if isinstance(value, Enum) else value


def dump(tree: object) -> str:
    """Return a tree as JSON, indented, with a final line break."""
    return json.dumps(tree, ensure_ascii=False, indent=2) + "\n"


# ---------------------------------------------------------------- assessments


def render(assessments: Sequence[Assessment], *, version: str) -> str:
    """Return the assessments as one JSON object."""
    first = assessments[0] if assessments else None
    return dump(
        {
            "version": FORMAT_VERSION,
            "tool": {"name": "k20kg", "version": version},
            "definition": first.definition.id if first else None,
            "defined": as_tree(first.definition, _DEFINITION) if first else None,
            "readings": [
                as_tree(one.reading, same("id", "label", "section", "definition"))
                | {"choices": list_choices(one.reading, one.definition)}
                for one in {a.reading.iri: a for a in assessments}.values()
            ],
            "engine": first.engine if first else None,
            "as_of": first.as_of if first else None,
            "assessments": [
                as_tree(one, _ASSESSMENT) | ({"moment": one.moment._asdict()} if one.moment else {})
                for one in assessments
            ],
        }
    )


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
ASSUMPTION: Final[Spec] = {
    **same("statement", "by"),
    "decides": lambda a: a.is_decisive if a.tried else None,
    "criteria": "decides",
    "overall": lambda a: a.decides_whole if a.tried else None,
    "evidence": ("evidence", _PLACE),
}
_CARRIER: Final[Spec] = {
    **same("kind", "iri", "label", "told"),
    "evidence": lambda c: [e.iri for e in c.evidence],
}
_DEFINITION: Final[Spec] = {"id": "id", "title": "label", **same("wording", "source")}
_OPINION: Final[Spec] = {**same("verdict", "by"), "evidence": ("evidence", _PLACE)}
_GAP: Final[Spec] = {
    **same("statement", "about", "settled_by", "supplied_by"),
    "whom": ("whom", _CARRIER),
}
_CRITERION: Final[Spec] = {
    "criterion": "criterion.iri",
    **{name: f"criterion.{name}" for name in ("id", "code", "phrase", "section", "source")},
    "name": "criterion.label",
    "asks": "criterion.indicator",
    **same("verdict", "message"),
    "missing": ("missing", _GAP),
    "coverage": lambda f: _coverage(f.coverage) if f.coverage else None,
    "evidence": ("evidence", {**_PLACE, **same("direction", "statement"), "about": "record_label"}),
    "carried_by": ("carried_by", _CARRIER),
    "near": ("near", _CARRIER),
    "authors": ("authors", _OPINION),
}
_ASSESSMENT: Final[Spec] = {
    **same("case", "label", "synthetic"),
    "reading": "reading.id",
    **same("verdict", "announced"),
    "authors": ("authors", _OPINION),
    "assumptions": ("assumptions", ASSUMPTION),
    "record": lambda a: {
        **as_tree(a.record, same("comment", "by", "created", "period")),
        "sources": dict(a.record.sources),
        "data": [{"file": name, "sha256": digest} for name, digest in a.record.data],
    },
    "disagreements": (
        "disagreements",
        {**same("label", "comment", "criteria"), "evidence": ("evidence", _PLACE)},
    ),
    "notes": "notes",
    "criteria": ("findings", _CRITERION),
}


# ---------------------------------------------------------------- checks


class Checked(NamedTuple):
    """One case that was checked."""

    case: str
    origin: str
    error: RecordError | None
    notes: tuple[str, ...] = ()
    not_read: tuple[str, ...] = ()
    contains: str = ""
    """Contents of a workbook; empty where the case is of none."""


def render_checked(
    found: Sequence[Checked], not_read: Sequence[str], engine: str, *, version: str
) -> str:
    """Return what `check` found; `not_read` says what stopped the reading."""
    return dump(
        {
            "version": FORMAT_VERSION,
            "tool": {"name": "k20kg", "version": version},
            "engine": engine,
            "cases": [
                as_tree(one, _CHECKED) | ({"contains": one.contains} if one.contains else {})
                for one in found
            ],
            "not_read": list(not_read),
        }
    )


def _faults(error: RecordError | None) -> list[dict[str, str]]:
    if error is None:
        return []
    values = error.details or [(error.where, "", error.what, error.remedy)]
    texts = error.faults if error.details else [str(error)]
    names = ("where", "node", "what", "remedy", "text")
    return [
        dict(zip(names, (*each, text), strict=True))
        for each, text in zip(values, texts, strict=True)
    ]


_CHECKED: Final[Spec] = {
    **same("case", "origin"),
    "well_formed": lambda one: one.error is None,
    "faults": lambda one: _faults(one.error),
    **same("notes", "not_read"),
}
