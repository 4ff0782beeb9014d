"""Judging a record that somebody sends: nothing is stored, nothing is fetched, nothing runs.

`assess` is a pure function of bytes, made to run in a process that can be killed: what goes in and
what comes out can be pickled. `form` and `report` make the pages.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from k20kg.definition.metadata import load_definition
from k20kg.definition.shipped import DEFAULT_DEFINITION, shipped_definitions
from k20kg.errors import K20Error, RecordError, RemoteError, UsageError
from k20kg.judging.cases import read_cases
from k20kg.judging.judge import Judge
from k20kg.model import Assessment
from k20kg.rdf.syntax import NAMES, syntax_of_path
from k20kg.rdf.text import cleanse, neutralise
from k20kg.report import render
from k20kg.report.presentation import about_run, group_by_case
from k20kg.report.wording import LEGEND, case_title, list_chosen
from k20kg.version import __version__

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
class RecordOutcome:
    """Result of a record: assessments, or what is wrong with it."""

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
) -> RecordOutcome:
    """Return the assessments of the cases in a document, or what is wrong with it and where.

    An empty `reading` is every reading, an empty `syntax` the one that the name or the text
    shows. Never raises for what a sender may get wrong.
    """
    name = _clean_name(filename)
    if len(data) > MOST_BYTES:
        what = f"the record is larger than {MOST_BYTES // 1024 // 1024} MiB"
        remedy = "judge it with the command line, which takes more"
        return RecordOutcome((), 413, what, name, remedy)
    if not data.strip():
        remedy = "choose a file, or paste the text of one"
        return RecordOutcome((), 400, "nothing came in", "", remedy)
    try:
        return RecordOutcome(tuple(_assess(data, name, syntax, definition, reading, as_of)))
    except K20Error as fault:
        return _refused(fault)


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


def _refused(fault: K20Error) -> RecordOutcome:
    """Return what is wrong with a record, without the options of the command line."""
    status = 422 if isinstance(fault, RecordError | RemoteError) else 400
    if fault.what.startswith("this is not RDF"):
        status = 415
    faults = fault.faults[:_MOST_FAULTS] if isinstance(fault, RecordError) else ()
    option = r"say --syntax \w+( \(or what it is\))?"
    remedy = re.sub(option, "choose the syntax", fault.remedy)
    what, where, remedy = (
        neutralise(text)[:500] for text in (fault.what.partition("\n")[0], fault.where, remedy)
    )
    lines = tuple(neutralise(line)[:500] for line in faults)
    return RecordOutcome((), status, what, where, remedy, lines)


def download(outcome: RecordOutcome, key: str) -> tuple[bytes, str]:
    """Return the report in one of `FORMATS` but the page, with its media type."""
    media_type = {name: media for name, _, media in FORMATS}[key]
    text = render(outcome.assessments, key, version=__version__)
    return text.encode(), f"{media_type}; charset=utf-8"


# ---------------------------------------------------------------- pages


def form(site: Site, outcome: RecordOutcome | None = None, text: str = "", **chosen: str) -> str:
    """Return the page that takes a record; with an outcome, what was wrong with the last one.

    `text` is the record as sent; `chosen` holds the other fields of the form.
    """
    found = re.search(r":([0-9]{1,7})(?::[0-9]{1,7})?$", outcome.where if outcome else "")
    line = int(found[1]) if found else 0
    first = max(0, line - 3)
    about = text.split("\n")[first : line + 2] if line else []
    return site.render(
        "judge.html",
        title="Judge your own case",
        description="Paste or upload a case record and get a verdict; nothing is kept.",
        here="/judge",
        outcome=outcome,
        line=line,
        excerpt=[(n, said[:300]) for n, said in enumerate(about, first + 1)],
        text=text if len(text) <= _KEPT else "",
        too_long=len(text) > _KEPT,
        definitions=[load_definition(name) for name in shipped_definitions()],
        syntaxes=NAMES,
        formats=FORMATS,
        chosen=_NOTHING_CHOSEN | chosen,
        most=MOST_BYTES // 1024 // 1024,
        samples=_samples(site),
    )


def report(site: Site, outcome: RecordOutcome, text: str = "", **chosen: str) -> str:
    """Return the report on a record, or the form with what is wrong with it."""
    from k20kg.web.pages.case import findings_of

    if not outcome.assessments:
        return form(site, outcome, text, **chosen)
    return site.render(
        "report.html",
        title="Report on your record",
        description="Verdicts on a record that was sent; nothing of it is kept.",
        here="/judge",
        cases=[
            {"title": case_title(case[0]), **findings_of(case)}
            for case in group_by_case(outcome.assessments)
        ],
        legend=LEGEND,
        choices=list_chosen(outcome.assessments),
        run=about_run(outcome.assessments, __version__),
        text=text if len(text) <= _KEPT else "",
        formats=FORMATS[1:],
        chosen=_NOTHING_CHOSEN | chosen,
    )


_NOTHING_CHOSEN: Final = dict.fromkeys(("definition", "reading", "as_of", "syntax", "format"), "")


def _samples(site: Site) -> list[tuple[str, str]]:
    """Return a few made-up cases to try: words, and where each lies as one file."""
    made_up = [one.case for one in site.dataset.judged.values() if one.synthetic and one.whole]
    found = [
        (site.names.name(case.group), site.links.data(graph.value, "ttl"))
        for case in made_up
        for graph in {quad.graph_name for quad in case.quads}
        if isinstance(graph, ox.NamedNode)
    ]
    return sorted(found)[:_MOST_SAMPLES]
