"""Judging a record that somebody sends: nothing is stored, nothing is fetched, nothing runs.

`assess` is a pure function of bytes, made to run in a process that can be killed: what goes in and
what comes out can be pickled. `form` and `report` make the pages.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from pathlib import PurePosixPath
from typing import Any, Final

from k20kg.definition.metadata import load_definition
from k20kg.definition.shipped import DEFAULT_DEFINITION, shipped_definitions
from k20kg.errors import K20Error, RecordError, RemoteError, UsageError
from k20kg.judging.cases import Case, cases_in, read_cases, write_flat
from k20kg.judging.judge import Judge
from k20kg.judging.record_check import cell_faults
from k20kg.model import Assessment
from k20kg.rdf.syntax import NAMES, syntax_of_path
from k20kg.rdf.text import escape_controls, escape_strings
from k20kg.report import FORMATS as REPORTS
from k20kg.report import render
from k20kg.report.presentation import about_run, group_by_case
from k20kg.report.wording import case_title, list_chosen
from k20kg.sheets import form as typed
from k20kg.sheets.filling import fill
from k20kg.sheets.workbooks import workbook
from k20kg.sources.documents import Unit
from k20kg.version import __version__
from k20kg.vocabulary import BASE
from k20kg.web.http.formats import CSV, JSON, TURTLE, XLSX, Format
from k20kg.web.pages import Site

MOST_BYTES: Final = 2 * 1024 * 1024
"""The largest record that is judged on the web."""
_MOST_CASES: Final = 5
_MOST_FAULTS: Final = 100
_KEPT: Final = 200_000
"""The longest text that is shown again."""
_CARRIED: Final = 1 << 20
"""The longest record that the page of its report carries along."""
_WORD: Final = "k20kg.report.word"
_KNOWN: Final = {*REPORTS, *(["docx"] if find_spec("docx") and find_spec(_WORD) else [])}
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
FORMATS: Final = tuple(one for one in (
    Format("html", "text/html", "html", "page"),
    Format("docx", f"{_OFFICE}wordprocessingml.document", "docx", "Word"),
    JSON,
    Format("turtle", "text/turtle", "ttl", "Turtle (SHACL report and PROV)"),
    CSV,
    Format("markdown", "text/markdown", "md", "Markdown"),
) if one.key in _KNOWN)  # fmt: skip
"""Formats of a report."""
RECORDS: Final = (XLSX._replace(key="workbook", name="workbook"), TURTLE._replace(key="record"))
"""Formats in which a record itself may be had."""
SAVED: Final = (Format("file", "text/html", "html", "HTML, one file"), *FORMATS[1:], *RECORDS)
"""All that is saved rather than shown."""


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
    details: tuple[tuple[str, str, str, str], ...] = ()
    """Place, node, what and what to do, of each fault."""
    carried: tuple[str, str] = ("", "")
    """The record as text and its syntax, for another format; of a workbook, what it says."""


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
    name = clean_name(filename)
    if len(data) > MOST_BYTES:
        what = f"the record is larger than {MOST_BYTES // 1024 // 1024} MiB"
        remedy = "judge it with the command line, which takes more"
        return RecordOutcome((), 413, what, name, remedy)
    if not data.strip():
        remedy = "choose a file, or paste the text of one"
        return RecordOutcome((), 400, "nothing came in", "", remedy)
    try:
        judge = _judge(definition or DEFAULT_DEFINITION, reading)
        cases = _cases_of(data, name, syntax)
        found = [
            escape_strings(one)
            for case in cases
            for one in (judge.assess_at(case, as_of) if as_of else judge.assess(case))
        ]
        read = cases[0].documents[0]
        carried = (write_flat(cases[0]), "turtle") if read.cells else (read.text, read.syntax)
        if syntax == typed.FORM:
            carried = data.decode(), syntax
        return RecordOutcome(tuple(found), carried=carried)
    except K20Error as fault:
        return refused(fault)


def _cases_of(data: bytes, name: str, syntax: str) -> list[Case]:
    """Return the cases of a document, or the one of rows that were typed in the form."""
    if syntax == typed.FORM:
        return list(cases_in(Unit((typed.typed_document(typed.read_typed(data)),))))
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
    return cases


def only_case(data: bytes, filename: str, syntax: str) -> Case:
    """Return the one case of a document; `K20Error` where it holds another number."""
    cases = _cases_of(data, clean_name(filename), syntax)
    if len(cases) > 1:
        raise UsageError("the document holds several cases", remedy="send one at a time")
    return cases[0]


@lru_cache(maxsize=16)
def _judge(definition: str, reading: str) -> Judge:
    if definition not in shipped_definitions():  # a path must not be looked for
        raise UsageError(
            f"there is no definition {escape_controls(definition)[:80]}",
            remedy=f"choose one of {', '.join(shipped_definitions())}",
        )
    return Judge([reading] if reading else [], definition=definition)


def clean_name(filename: str) -> str:
    """Return the last part of a file's name, short and harmless."""
    last = re.split(r"[/\\]", filename)[-1].strip()
    return escape_controls(last.replace("\n", " ").replace("\t", " "))[-80:] or "record"


def refused(fault: K20Error) -> RecordOutcome:
    """Return what is wrong with a record, without the options of the command line."""
    status = 422 if isinstance(fault, RecordError | RemoteError) else 400
    if fault.what.startswith("this is not RDF"):
        status = 415
    faults = fault.faults[:_MOST_FAULTS] if isinstance(fault, RecordError) else ()
    option = r"say --syntax \w+( \(or what it is\))?"
    remedy = re.sub(option, "choose the syntax", fault.remedy)
    what, where, remedy = (
        escape_controls(text)[:500] for text in (fault.what.partition("\n")[0], fault.where, remedy)
    )
    lines = tuple(escape_controls(line)[:500] for line in faults)
    details = tuple(fault.details) if isinstance(fault, RecordError) else ()
    return RecordOutcome((), status, what, where, remedy, lines, details)


def download(outcome: RecordOutcome, key: str) -> bytes:
    """Return the report in one of `SAVED` that are of reports."""
    if key == "docx":
        word = import_module(f"{_WORD}.assessments")
        return bytes(word.write(outcome.assessments, version=__version__))
    kind = "html" if key == "file" else key
    return render(outcome.assessments, kind, version=__version__).encode()


def convert(data: bytes, filename: str, syntax: str, key: str) -> bytes:
    """Return a record in one of `RECORDS`; `K20Error` for what cannot be read.

    Of rows typed in the form a workbook has all, faulty or not; Turtle names what it leaves out.
    """
    if key == "workbook" and syntax == typed.FORM:
        return typed.write_typed(typed.read_typed(data))
    case = only_case(data, filename, syntax)
    faults = cell_faults(case)
    if faults and syntax != typed.FORM:
        raise RecordError.of(case.origin, faults)
    if key == "workbook":
        return typed.write_case(case.quads, case.group)
    left_out = "".join(f"# left out: {line}\n" for line in map(str, faults))
    return (left_out + write_flat(case)).encode()


def start(site: Site, name: str, key: str) -> bytes | None:
    """Return a file to start from, ``starter.xlsx`` or a published case; None if there is none."""
    found = site.dataset.judged.get(BASE + name)
    if found and key == "ttl":
        return write_flat(found.case).encode()
    if key != "xlsx" or not (found or name == "starter"):
        return None
    rows = fill(workbook(), found.case.quads, found.case.group).rows if found else {}
    return typed.write_workbook(workbook(), rows)


def form(site: Site, outcome: RecordOutcome | None = None, text: str = "", **chosen: str) -> str:
    """Return the page that takes a record; with an outcome, what was wrong with the last one.

    `text` is the record as sent; `chosen` holds the other fields of the form.
    """
    text = "" if "\0" in text else text  # of a workbook there is nothing to show
    found = re.search(r":([0-9]{1,7})(?::[0-9]{1,7})?$", outcome.where if outcome else "")
    line = int(found[1]) if found else 0
    first = max(0, line - 3)
    about = text.split("\n")[first : line + 2] if line else []
    return site.render(
        "judge.html",
        outcome=outcome,
        line=line,
        excerpt=[(n, said[:300]) for n, said in enumerate(about, first + 1)],
        text=text if len(text) <= _KEPT else "",
        too_long=len(text) > _KEPT,
        syntaxes=NAMES,
        formats=FORMATS,
        **choices(**chosen),
        most=MOST_BYTES // 1024 // 1024,
        workbooks=find_spec("openpyxl") is not None,
    )


def report(site: Site, outcome: RecordOutcome, text: str = "", **chosen: str) -> str:
    """Return the report on a record, or the form with what is wrong with it."""
    from k20kg.web.pages.case import findings_of

    if not outcome.assessments:
        return form(site, outcome, text, **chosen)
    carried, syntax = outcome.carried
    return site.render(
        "report.html",
        cases=[
            {"title": case_title(case[0]), **findings_of(case)}
            for case in group_by_case(outcome.assessments)
        ],
        choices=list_chosen(outcome.assessments),
        run=about_run(outcome.assessments, __version__),
        text=carried if len(carried) <= _CARRIED else "",
        formats=SAVED,
        chosen=_NOTHING_CHOSEN | chosen | {"syntax": syntax},
    )


def choices(**chosen: str) -> dict[str, Any]:
    """Return what a form says of how to judge: the definitions, and what is chosen."""
    definitions = [load_definition(name) for name in shipped_definitions()]
    return {"definitions": definitions, "chosen": _NOTHING_CHOSEN | chosen}


def shown_again(data: bytes) -> str:
    """Return a record as the text that its sender may mend; empty for what is no text."""
    text = data.decode("utf-8-sig", "replace")
    return "" if re.search(r"[\0-\x08\x0e-\x1f\ufffd]", text) else text


_NOTHING_CHOSEN: Final = dict.fromkeys(("definition", "reading", "as_of", "syntax", "format"), "")
