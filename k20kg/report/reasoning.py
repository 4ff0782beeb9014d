"""What OWL proves of a case, as text, JSON or Markdown. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from k20kg.errors import UsageError
from k20kg.owl.explain import Axiom
from k20kg.owl.reasoner import Answer
from k20kg.reason import Conclusion, Reasoning
from k20kg.report.escape import cleanse
from k20kg.report.sheet import BOLD, Cell, Sheet
from k20kg.report.table import Table, render_table
from k20kg.text import neutralise

__all__ = ["FORMATS", "render", "render_lattice"]

FORMATS = ("text", "json", "csv", "markdown")
_ORDER = ("conclusion", "closed list", "fact", "ontology")
_MEANING = {
    Answer.PROVED: "follows from what is on record",
    Answer.REFUTED: "its opposite follows, from lists declared complete",
    Answer.OPEN: "neither follows",
}


def render(
    reasonings: Sequence[Reasoning],
    format: str,  # noqa: A002 - the option has this name everywhere
    *,
    version: str,
    width: int = 100,
    colour: bool = False,
    ascii_only: bool = False,
) -> str:
    """Return the report in one of `FORMATS`. Raises `UsageError` for an unknown format."""
    clean = [cleanse(one) for one in reasonings]
    match format:
        case "text":
            sheet = Sheet(max(width, 40), colour, ascii_only)
            for at, one in enumerate(clean):
                if at:
                    sheet.blank()
                _write(sheet, one)
            return "\n".join(sheet.lines) + "\n"
        case "json":
            found = {"k20kg": version, "cases": [_as_json(one) for one in clean]}
            return json.dumps(found, ensure_ascii=False, indent=2) + "\n"
        case "csv":
            rows = [row for one in clean for row in _rows(one)]
            return render_table(Table("", _HEADS, rows), "csv")
        case "markdown":
            return "\n".join(_markdown(one) for one in clean)
        case _:
            raise UsageError(
                f"there is no format {neutralise(format)!r}",
                remedy=f"choose one of {', '.join(FORMATS)}",
            )


def render_lattice(pairs: Sequence[tuple[str, str]]) -> str:
    """Return which class lies below which, one line a pair, those of whole definitions first."""
    return "".join(f"{neutralise(below)} is a {neutralise(above)}\n" for below, above in pairs)


def _name(one: Conclusion, whole: Reasoning) -> str:
    if one.criterion is None:
        return whole.definition.affirmed
    return f"{one.criterion.code} {one.criterion.label}"


def _sorted(axioms: Sequence[Axiom]) -> list[Axiom]:
    """Return conclusions first, then closed lists, facts and the ontology, each in order."""
    return sorted(axioms, key=lambda a: (_ORDER.index(a.kind), a.words))


# ---------------------------------------------------------------- text


def _write(sheet: Sheet, one: Reasoning) -> None:
    sheet.write(one.label, style=BOLD)
    agreed = " and ".join(one.reasoners)
    if not one.consistent:
        sheet.write(f"The record contradicts itself, by {agreed}. These axioms clash:")
        _write_axioms(sheet, one.clash)
        return
    sheet.write(f"The record does not contradict itself. {agreed} agree on what follows.")
    sheet.blank()
    shacl = f"SHACL, {one.reading.id}" if one.reading else ""
    sheet.row([Cell(("",), 30), Cell(("OWL",), 10, BOLD), Cell((shacl,), 30, BOLD)])
    for conclusion in one.conclusions:
        style = BOLD if conclusion.criterion is None else ""
        verdict = conclusion.verdict.value if conclusion.verdict else ""
        said = f"{verdict}: they contradict each other" if conclusion.contradicts else verdict
        sheet.row(
            [
                Cell((_name(conclusion, one),), 30, style),
                Cell((conclusion.answer.value,), 10, style),
                Cell((said,), 40, style),
            ]
        )
    sheet.blank()
    for answer, meaning in _MEANING.items():
        sheet.write(f"{answer.value}: {meaning}.")
    sheet.heading("Lists taken as closed")
    for licence, words in _closed(one):
        sheet.write(f"{'; '.join(words)}.", lead="  -", indent=4)
        sheet.write(f"by {licence}", indent=4)
    if not one.closings:
        sheet.write("None: nobody declared a list complete.")
    for conclusion in one.conclusions:
        if conclusion.explanation:
            sheet.heading(f"Why {_name(conclusion, one)} is {conclusion.answer.value}")
            _write_axioms(sheet, conclusion.explanation)


def _write_axioms(sheet: Sheet, axioms: Sequence[Axiom]) -> None:
    kind = ""
    for axiom in _sorted(axioms):
        if axiom.kind != kind:
            kind = axiom.kind
            sheet.write(kind, indent=2)
        sheet.write(axiom.words, lead="    -", indent=6)


def _closed(one: Reasoning) -> Iterator[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for closing in one.closings:
        place = closing.licence.removeprefix(one.case + "/")
        found.setdefault(place, []).append(closing.words.replace(one.case + "/", ""))
    yield from found.items()


# ---------------------------------------------------------------- JSON, CSV, Markdown

_HEADS = ("case", "code", "criterion", "class", "owl", "shacl", "contradiction")


def _rows(one: Reasoning) -> Iterator[tuple[str, ...]]:
    for c in one.conclusions:
        yield (
            one.case,
            c.criterion.code if c.criterion else "",
            c.criterion.label if c.criterion else one.definition.affirmed,
            c.class_iri,
            c.answer.value,
            c.verdict.value if c.verdict else "",
            "yes" if c.contradicts else "no",
        )


def _as_json(one: Reasoning) -> dict[str, Any]:
    return {
        "case": one.case,
        "label": one.label,
        "definition": one.definition.id,
        "reading": one.reading.id if one.reading else None,
        "reasoners": list(one.reasoners),
        "consistent": one.consistent,
        "clash": [_axiom(a) for a in _sorted(one.clash)],
        "conclusions": [
            {
                "criterion": c.criterion.id if c.criterion else None,
                "code": c.criterion.code if c.criterion else None,
                "class": c.class_iri,
                "answer": c.answer.value,
                "shacl": c.verdict.value if c.verdict else None,
                "contradiction": c.contradicts,
                "explanation": [_axiom(a) for a in _sorted(c.explanation)],
            }
            for c in one.conclusions
        ],
        "closed": [{"axiom": c.words, "licence": c.licence} for c in one.closings],
    }


def _axiom(axiom: Axiom) -> dict[str, str]:
    return {"kind": axiom.kind, "axiom": axiom.words}


def _markdown(one: Reasoning) -> str:
    from k20kg.report.markdown import _plain

    blocks = [f"# {_plain(one.label)}"]
    if not one.consistent:
        blocks.append("The record contradicts itself.")
        blocks += ["\n".join(f"- {_plain(a.words)}" for a in _sorted(one.clash))]
        return "\n\n".join(blocks) + "\n"
    rows = [
        (_name(c, one), c.answer.value, c.verdict.value if c.verdict else "")
        for c in one.conclusions
    ]
    heads = ("criterion", "OWL", f"SHACL, {one.reading.id}" if one.reading else "SHACL")
    blocks.append(render_table(Table("", heads, rows), "markdown").strip())
    for c in one.conclusions:
        if c.explanation:
            blocks.append(f"## Why {_plain(_name(c, one))} is {c.answer.value}")
            listed = [f"- {_plain(a.kind)}: {_plain(a.words)}" for a in _sorted(c.explanation)]
            blocks.append("\n".join(listed))
    return "\n\n".join(blocks) + "\n"
