"""Two SHACL engines behind one function: the fast one by default, pySHACL as the reference.

Both are given the same shapes and the same case. What comes back is the list of the report's own
results, nothing nested, with shapes named by IRI and terms in N-Triples syntax.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pyoxigraph as ox

from k20kg.errors import InputError, UsageError
from k20kg.rdf.graph import ntriples
from k20kg.rdf.syntax import FORMATS

ENGINES = ("shacl", "pyshacl")


class Result(NamedTuple):
    """One result of a validation report."""

    shape: str
    """IRI of the nearest named shape that failed."""
    focus: str
    value: str | None
    message: str


Validator = Callable[[str, str], list[Result]]
"""Takes a case as text and its syntax (``turtle``, ``trig``, ``ntriples`` or ``nquads``; all
graphs are judged as one); returns the results in no particular order."""


def compile_shapes(shapes: str, subclasses: str, engine: str = "shacl") -> Validator:
    """Return a validator for a shapes graph in Turtle.

    `subclasses` holds the ontology's ``rdfs:subClassOf`` triples as N-Triples, which every engine
    needs for ``sh:class`` and ``sh:targetClass`` and a case does not repeat.
    Raises `UsageError` for an unknown engine.
    """
    if engine == "shacl":
        return _compile_fast(shapes, subclasses)
    if engine == "pyshacl":
        return _compile_reference(shapes, subclasses)
    raise UsageError(f"there is no engine {engine!r}", remedy=f"use {' or '.join(ENGINES)}")


def _compile_fast(shapes: str, subclasses: str) -> Validator:
    from shacl import Shapes

    try:
        compiled = Shapes.from_turtle(shapes)
    except ValueError as error:
        raise _unusable(error) from None

    def run(text: str, syntax: str) -> list[Result]:
        try:
            report = compiled.validate_text(f"{text}\n{subclasses}", format=syntax)
        except ValueError as error:
            raise InputError(f"the SHACL engine could not read the case ({error})") from error
        return [
            Result((r.root_shape or "<>")[1:-1], r.focus_node, r.value, r.message or "")
            for r in report.results
        ]

    return run


def _compile_reference(shapes: str, subclasses: str) -> Validator:
    import pyshacl
    import rdflib
    from pyshacl.errors import ConstraintLoadError, ReportableRuntimeError, ShapeLoadError
    from rdflib.namespace import SH

    shapes_graph = rdflib.Graph().parse(data=shapes, format="turtle")

    def run(text: str, syntax: str) -> list[Result]:
        # rdflib's Turtle is not everybody's: it is given what the fast engine reads, line by line.
        lines = ntriples(ox.parse(text, FORMATS[syntax]))
        with _literals_as_written():
            data = rdflib.Graph().parse(data=lines + subclasses, format="nt")
        try:
            _, report, explanation = pyshacl.validate(
                data, shacl_graph=shapes_graph, inference="none", inplace=True,
                max_validation_depth=30,
            )  # fmt: skip
        except (ReportableRuntimeError, ShapeLoadError, ConstraintLoadError) as error:
            raise _unusable(error) from None
        if not isinstance(report, rdflib.Graph):
            # pySHACL may hand back the failure itself in place of a report
            raise InputError(f"pySHACL could not judge the case ({explanation})")
        results = []
        for node in report.objects(report.value(predicate=SH.conforms), SH.result):
            value = report.value(node, SH.value)
            messages = sorted(map(str, report.objects(node, SH.resultMessage)))
            results.append(
                Result(
                    str(report.value(node, SH.sourceShape)),
                    _n3(report.value(node, SH.focusNode)),
                    None if value is None else _n3(value),
                    messages[0] if messages else "",
                )
            )
        return results

    return run


def _unusable(error: Exception) -> UsageError:
    what = " ".join(str(error).split())
    return UsageError(f"the SHACL engine cannot use the shapes ({what})", remedy="mend them")


@contextmanager
def _literals_as_written() -> Iterator[None]:
    """Keep rdflib from rewriting literals: ``…Z`` is not ``…+00:00`` for the other engine."""
    import rdflib

    before, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS = before


def _n3(term: object) -> str:
    return str(term.n3())  # type: ignore[attr-defined]
