"""Judging a record that somebody sends: nothing is stored, nothing is fetched, nothing runs.

`assess` is a pure function of bytes, made to run in a process that can be killed: what goes in and
what comes out can be pickled. `form` and `report` make the pages.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from k20kg import __version__
from k20kg.definition.metadata import load_definition
from k20kg.definition.shipped import DEFAULT_DEFINITION, shipped_definitions
from k20kg.errors import InputError, K20Error, RecordError, RemoteError, UsageError
from k20kg.judging.cases import read_cases
from k20kg.judging.judge import Judge
from k20kg.model import Assessment, Definition
from k20kg.rdf.syntax import NAMES, syntax_of_path
from k20kg.rdf.text import neutralise
from k20kg.report import render
from k20kg.report.escape import cleanse
from k20kg.report.presentation import about_run, group_by_case
from k20kg.report.wording import (
    LEGEND,
    MADE_UP,
    case_title,
    concerned,
    list_choices,
    place,
    told,
)
from k20kg.vocabulary import K20

if TYPE_CHECKING:
    from k20kg.web.pages import Site

MOST_BYTES: Final = 2 * 1024 * 1024
"""The largest record that is judged on the web."""
_MOST_CASES: Final = 5
_MOST_FAULTS: Final = 100
_MOST_SAMPLES: Final = 5
_KEPT: Final = 200_000
"""The longest text that the page of its report carries along, for another format."""
FORMATS: Final = (
    ("html", "page", "text/html"),
    ("json", "JSON", "application/json"),
    ("turtle", "Turtle (SHACL report and PROV)", "text/turtle"),
    ("csv", "CSV", "text/csv"),
    ("markdown", "Markdown", "text/markdown"),
)
"""Name in forms, words, media type."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a record: assessments, or what is wrong with it."""

    assessments: tuple[Assessment, ...] = ()
    status: int = 200
    what: str = ""
    where: str = ""
    remedy: str = ""
    faults: tuple[str, ...] = ()
    """One line for each fault of a record that is not well formed."""


# ---------------------------------------------------------------- judging


class _Named(io.BytesIO):
    """Bytes with the name that their sender gave them."""

    name = ""


def assess(
    data: bytes,
    filename: str = "",
    *,
    syntax: str = "",
    definition: str = "",
    reading: str = "",
    as_of: str = "",
) -> Outcome:
    """Return the assessments of the cases in a document, or what is wrong with it and where.

    An empty `reading` is every reading, an empty `syntax` the one that the name or the text
    shows. Never raises for what a sender may get wrong.
    """
    name = _clean_name(filename)
    if len(data) > MOST_BYTES:
        return Outcome(
            status=413,
            what=f"the record is larger than {MOST_BYTES // 1024 // 1024} MiB",
            where=name,
            remedy="judge it with the command line, which takes more",
        )
    if not data.strip():
        return Outcome(
            status=400,
            what="nothing came in",
            remedy="choose a file, or paste the text of one",
        )
    try:
        return Outcome(tuple(_assess(data, name, syntax, definition, reading, as_of)))
    except RecordError as fault:
        return _refused(422, fault, fault.faults[:_MOST_FAULTS])
    except RemoteError as fault:
        return _refused(422, fault)
    except InputError as fault:
        return _refused(415 if fault.what.startswith("this is not RDF") else 400, fault)
    except UsageError as fault:
        return _refused(400, fault)


def _assess(
    data: bytes, name: str, syntax: str, definition: str, reading: str, as_of: str
) -> list[Assessment]:
    chosen = definition or DEFAULT_DEFINITION
    if chosen not in shipped_definitions():  # a path must not be looked for
        raise UsageError(
            f"there is no definition {neutralise(chosen)[:80]}",
            remedy=f"choose one of {', '.join(shipped_definitions())}",
        )
    judge = _judge(chosen, reading)
    stream = _Named(data)
    stream.name = name
    kind = syntax or syntax_of_path(PurePosixPath(name))
    cases = list(islice(read_cases([stream], syntax=kind), _MOST_CASES + 1))
    if len(cases) > _MOST_CASES:
        raise UsageError(
            f"the document holds more than {_MOST_CASES} cases",
            where=name,
            remedy="send fewer at a time, or judge them with the command line",
        )
    return [
        cleanse(one)
        for case in cases
        for one in (judge.assess_at(case, as_of) if as_of else judge.assess(case))
    ]


@lru_cache(maxsize=16)
def _judge(definition: str, reading: str) -> Judge:
    return Judge([reading] if reading else [], definition=definition)


def _clean_name(filename: str) -> str:
    """Return the last part of a file's name, short and harmless."""
    last = re.split(r"[/\\]", filename)[-1].strip()
    return neutralise(last.replace("\n", " ").replace("\t", " "))[-80:] or "record"


def _refused(status: int, fault: K20Error, faults: Sequence[str] = ()) -> Outcome:
    what = fault.what.partition("\n")[0]
    return Outcome(
        (),
        status,
        neutralise(what)[:500],
        neutralise(fault.where)[:500],
        neutralise(_for_the_web(fault.remedy))[:500],
        tuple(neutralise(line)[:500] for line in faults),
    )


def _for_the_web(remedy: str) -> str:
    """Return a remedy without the options of the command line."""
    return re.sub(r"say --syntax \w+( \(or what it is\))?", "choose the syntax", remedy)


def download(outcome: Outcome, key: str) -> tuple[bytes, str]:
    """Return the report in one of `FORMATS` but the page, with its media type."""
    media_type = {name: media for name, _, media in FORMATS}[key]
    text = render(outcome.assessments, key, version=__version__)
    return text.encode(), f"{media_type}; charset=utf-8"


# ---------------------------------------------------------------- pages


@lru_cache(maxsize=1)
def _definitions() -> tuple[Definition, ...]:
    return tuple(load_definition(name) for name in shipped_definitions())


def form(site: Site, outcome: Outcome | None = None, text: str = "", **chosen: str) -> str:
    """Return the page that takes a record; with an outcome, what was wrong with the last one.

    `text` is the record as sent; `chosen` holds the other fields of the form.
    """
    line = _line(outcome.where) if outcome else 0
    return site.render(
        "judge.html",
        title="Judge your own case",
        description="Paste or upload a case record and get a verdict; nothing is kept.",
        here="/judge",
        outcome=outcome,
        line=line,
        excerpt=_excerpt(text, line),
        text=text if len(text) <= _KEPT else "",
        too_long=len(text) > _KEPT,
        definitions=_definitions(),
        syntaxes=NAMES,
        formats=FORMATS,
        chosen=_chosen(chosen),
        most=MOST_BYTES // 1024 // 1024,
        samples=_samples(site),
    )


def report(site: Site, outcome: Outcome, text: str = "", **chosen: str) -> str:
    """Return the report on a record, or the form with what is wrong with it."""
    if not outcome.assessments:
        return form(site, outcome, text, **chosen)
    cases = [_case(case) for case in group_by_case(outcome.assessments)]
    readings = {one.reading.iri: one for one in outcome.assessments}
    return site.render(
        "report.html",
        title="Report on your record",
        description="Verdicts on a record that was sent; nothing of it is kept.",
        here="/judge",
        cases=cases,
        legend=LEGEND,
        place=place,
        told=told,
        concerned=concerned,
        choices=[
            (one.reading, choices)
            for one in readings.values()
            if (choices := list_choices(one.reading, one.definition))
        ],
        run=about_run(outcome.assessments, __version__),
        text=text if len(text) <= _KEPT else "",
        formats=FORMATS[1:],
        chosen=_chosen(chosen),
    )


_FIELDS: Final = ("definition", "reading", "as_of", "syntax", "format")


def _chosen(chosen: Mapping[str, str]) -> dict[str, str]:
    """Return every field of the form, empty where it was left alone."""
    return {name: chosen.get(name, "") for name in _FIELDS}


def _case(case: Sequence[Assessment]) -> dict[str, Any]:
    """Return what the page shows of a case."""
    from k20kg.web.pages.findings import findings_of

    return {
        "title": case_title(case[0]),
        "address": case[0].case,
        "made_up": MADE_UP if case[0].synthetic else "",
        **findings_of(case),
    }


def _line(where: str) -> int:
    found = re.search(r":([0-9]{1,7})(?::[0-9]{1,7})?$", where)
    return int(found[1]) if found else 0


def _excerpt(text: str, line: int) -> list[tuple[int, str]]:
    """Return the lines about a fault with their numbers."""
    if not line:
        return []
    said = text.split("\n")
    first = max(0, line - 3)
    return [(n, said[n - 1][:300]) for n in range(first + 1, min(len(said), line + 2) + 1)]


def _samples(site: Site) -> list[tuple[str, str]]:
    """Return a few made-up cases to try: words, and where each lies as one file."""
    from k20kg.web.pages.terms import names_of

    names = names_of(site.dataset)
    found: list[tuple[str, str]] = []
    record_of = ox.NamedNode(K20 + "recordOf")
    for quad in site.dataset.store.quads_for_pattern(None, record_of, None, None):
        graph = quad.graph_name
        made_up = isinstance(quad.subject, ox.NamedNode) and names.all(
            quad.subject.value, "synthetic"
        ) == ["true"]
        if made_up and isinstance(graph, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
            found.append((names.name(quad.object.value), site.links.data(graph.value, "ttl")))
    return sorted(found)[:_MOST_SAMPLES]
