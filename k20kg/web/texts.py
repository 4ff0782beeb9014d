"""Texts for programs from templates: Turtle, XML, rules for Apache; nothing is escaped unasked."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from k20kg.vocabulary import BASE
from k20kg.web.dataset import Dataset
from k20kg.web.serializer import NAMESPACES

_PREFIXES: Final = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in NAMESPACES.items())


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["regex"] = re.escape
    environment.globals["base"] = BASE
    return environment


def fill(name: str, **model: Any) -> str:
    """Return the text of a template."""
    return _environment().get_template(name).render(model)


def ask(dataset: Dataset, query: str) -> list[tuple[str, ...]]:
    """Return the rows of a SELECT over all graphs as texts; what is unbound is empty.

    The prefixes of `NAMESPACES` are known; ``<>`` is our base.
    """
    found = dataset.store.query(_PREFIXES + query, base_iri=BASE, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    return [tuple(getattr(term, "value", "") for term in row) for row in found]


def statements(dataset: Dataset, name: str, **model: Any) -> list[ox.Quad]:
    """Return what a template of Turtle says; in it, ``rows(query)`` are those of `ask`."""
    text = fill(name, dataset=dataset, rows=lambda query: ask(dataset, query), **model)
    return list(ox.parse(_PREFIXES + text, ox.RdfFormat.TURTLE, base_iri=BASE))
