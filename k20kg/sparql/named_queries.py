"""The named queries: where they lie, what their heads say, how their parameters are bound.

A query file is plain SPARQL 1.1 whose first lines are its head::

    #+ summary: Which works are criticised?
    #+ id: CQ071
    #+ description: One row a work, with the place.
    #+ tags: [citations, stance]
    #+ parameters: author string; limit integer 10
    #+ values: author: ?work dcterms:creator/rdfs:label ?author
    #+ expects: rows 6

A long value goes on in lines that start with ``#+`` and two blanks. A parameter is a name, a type
and perhaps a default; the variable of its name is bound by ``VALUES ?author { … }`` in the query,
whose data are replaced, or else in the outermost group. `values` gives for a parameter, one a line,
the graph pattern that its variable must match. A summary may name a parameter as
``{author|the words for its default|words for another, with * for it}``.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from k20kg.errors import InputError, UsageError
from k20kg.rdf.literals import canonical
from k20kg.rdf.text import escape_controls
from k20kg.sparql.sparql import Term, bind, form_of, has_values, mentions
from k20kg.vocabulary import BASE, PREFIXES, XSD, packaged

GROUPS: Final = {
    "literature": "The literature",
    "case": "The case",
    "compare": "Comparing and doubting",
}
"""Folder → heading, in the order in which they are listed."""
_KEYS: Final = ("summary", "id", "description", "tags", "parameters", "values", "expects")
_HEAD: Final = re.compile(r"^#\+ ?(.*)$")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
PART: Final = re.compile(r"\{(\w+)\|([^{}|]*)(?:\|([^{}|]*))?\}")
"""A parameter in a summary: its name, the words for its default, those for another with ``*``."""
_EXPECTS: Final = re.compile(r"rows \d+|triples \d+|true|false")


@dataclass(frozen=True, slots=True)
class QueryParameter:
    """One value that a user may set; `default` is None if it must be set."""

    name: str
    type: str
    default: str | None = None
    values: str = ""
    """The graph pattern that its variable must match; empty if any value will do."""

    def __str__(self) -> str:
        return " ".join(part for part in (self.name, self.type, self.default) if part is not None)


@dataclass(frozen=True, slots=True)
class Query:
    """A query with its head."""

    name: str
    group: str
    where: str
    text: str = field(repr=False)
    summary: str = ""
    id: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    parameters: tuple[QueryParameter, ...] = ()
    expects: str = ""
    template: str = field(default="", repr=False)
    """The summary with its parameters in it, as `heading` fills them in."""

    @property
    def form(self) -> str:
        """SELECT, ASK, CONSTRUCT or DESCRIBE."""
        return form_of(self.text, where=self.where)

    def bound(self, settings: Mapping[str, str]) -> str:
        """Return the text with its parameters bound; `UsageError` for a wrong name or value."""
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in settings:
            if name not in known:
                raise UsageError(
                    f"the query has no parameter {escape_controls(name)}",
                    where=self.where,
                    remedy=f"it has {', '.join(known)}" if known else "it takes none",
                )
        values: dict[str, Term] = {}
        for name, parameter in known.items():
            if name in settings:
                values[name] = term_of(parameter, settings[name])
            elif has_values(self.text, name):
                continue  # the query says its default itself
            elif parameter.default is not None:
                values[name] = term_of(parameter, parameter.default)
            else:
                raise UsageError(
                    f"the parameter {name} has no value",
                    where=self.where,
                    remedy=f"say --set {name}=… ({parameter.type})",
                )
        return bind(self.text, values, where=self.where)


# ---------------------------------------------------------------- finding


def list_queries() -> list[Query]:
    """Return the packaged queries by group, then name."""
    return [parse(path) for group in GROUPS for path in _files(group)]


def tabulate() -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the heads of a table of all packaged queries, and its rows."""
    heads = ("name", "group", "id", "summary", "tags", "parameters", "expects")
    rows: list[tuple[str, ...]] = []
    for q in list_queries():
        tags, parameters = ", ".join(q.tags), "; ".join(map(str, q.parameters))
        rows.append((q.name, q.group, q.id, q.summary, tags, parameters, q.expects))
    return heads, rows


def find_query(name: str) -> Query:
    """Return a packaged query by name, ``group/name`` or id; `UsageError` if there is none."""
    for group in GROUPS:
        file = f"{name.removeprefix(f'{group}/')}.rq"
        if _NAME_OF_FILE.fullmatch(file) and (path := packaged("queries", group, file)).is_file():
            return parse(path)
    queries = list_queries()
    for query in queries:
        if query.id.lower() == name.lower():
            return query
    near = difflib.get_close_matches(name, [query.name for query in queries], n=1, cutoff=0.4)
    raise UsageError(
        f"there is no query {escape_controls(name)}",
        remedy=f"did you mean {near[0]}?" if near else "see k20kg query --list",
    )


_NAME_OF_FILE: Final = re.compile(r"[a-z0-9][a-z0-9-]*\.rq")


def _files(group: str) -> list[Path]:
    return sorted(packaged("queries", group).glob("*.rq"))


# ---------------------------------------------------------------- reading


def parse(path: Path) -> Query:
    """Return a packaged query; `InputError` where its head is wrong or says too little."""
    query = parse_text(path.read_text(encoding="utf-8"), path.name, group=path.parent.name)
    for key in ("summary", "id", "description", "tags", "expects"):
        if not getattr(query, key):
            raise _wrong(f"the head says nothing of {key}", path.name, f"add #+ {key}: …")
    return query


def parse_text(text: str, where: str, *, group: str = "") -> Query:
    """Return any query; it may do without a head, but a wrong one is an `InputError`."""
    head = _read_head(text, where)
    tags = [tag.strip() for tag in head.get("tags", "").strip("[] ").split(",")]
    expects = head.get("expects", "")
    if expects and not _EXPECTS.fullmatch(expects):
        raise _wrong(f"expects is {expects!r}", where, "say rows N, triples N, true or false")
    parameters = _read_parameters(head.get("parameters", "none"), head.get("values", ""), where)
    query = Query(
        name=Path(where).stem,
        group=group,
        where=where,
        text=text.removeprefix("\ufeff"),
        summary=plain_summary(head.get("summary", ""), parameters),
        id=head.get("id", ""),
        description=head.get("description", ""),
        tags=tuple(tag for tag in tags if tag),
        parameters=parameters,
        expects=expects,
        template=head.get("summary", ""),
    )
    for parameter in query.parameters:
        if not mentions(query.text, parameter.name):
            raise _wrong(
                f"the query has no variable ?{parameter.name}", where, "name one that it has"
            )
        if parameter.default is not None:
            try:
                term_of(parameter, parameter.default)
            except UsageError as fault:
                raise _wrong(str(fault), where, "mend the default") from None
    return query


def _read_head(text: str, where: str) -> dict[str, str]:
    head: dict[str, str] = {}
    key = ""
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        found = _HEAD.match(line)
        if not found:
            break
        said = found[1]
        name, colon, value = said.partition(":")
        if said.startswith("  ") and key:
            separator = {"parameters": "; ", "values": "\n"}.get(key, " ")
            said = said.strip().removeprefix("- ") if key == "parameters" else said.strip()
            head[key] = f"{head[key]}{separator}{said}" if head[key] else said
        elif colon and name in _KEYS and name not in head:
            key = name
            head[key] = value.strip()
        else:
            raise _wrong(
                f"the head says {escape_controls(said)!r}" + (" twice" if name in head else ""),
                f"{where}:{number}",
                f"say each of {', '.join(_KEYS)} once, as #+ key: value",
            )
    return head


def _read_parameters(said: str, values: str, where: str) -> tuple[QueryParameter, ...]:
    parameters: dict[str, QueryParameter] = {}
    for part in said.split(";") if said not in ("", "none", "[]") else ():
        words = part.split(maxsplit=2)
        if (
            len(words) < 2
            or not _NAME.fullmatch(words[0])
            or words[1] not in TYPES
            or words[0] in parameters
        ):
            raise _wrong(
                f"there is a parameter {part.strip()!r}",
                where,
                f"say name, type ({', '.join(TYPES)}) and perhaps a default, with ; between two",
            )
        parameters[words[0]] = QueryParameter(*words)
    for line in filter(None, values.split("\n")):
        name, colon, pattern = line.partition(":")
        if not colon or name not in parameters or not mentions(pattern, name):
            raise _wrong(
                f"there are values {escape_controls(line)!r}",
                where,
                "say name: pattern, one a line, of a parameter whose variable is in the pattern",
            )
        parameters[name] = replace(parameters[name], values=pattern.strip())
    return tuple(parameters.values())


def _wrong(what: str, where: str, remedy: str) -> InputError:
    return InputError(what, where=where, remedy=remedy)


def plain_summary(template: str, parameters: tuple[QueryParameter, ...]) -> str:
    """Return a summary as it reads for the defaults.

    >>> plain_summary("Who has {n|two|* of them}?", (QueryParameter("n", "integer", "2"),))
    'Who has two?'
    """
    names = {parameter.name for parameter in parameters}
    return PART.sub(lambda part: part[2] if part[1] in names else part[0], template)


# ---------------------------------------------------------------- values


def term_of(parameter: QueryParameter, value: str) -> Term:
    """Return a value as an RDF term of the parameter's type; `UsageError` if it is none.

    An IRI may be written as reports show it. A date is bound as the dateTime of its first second:
    the data hold no ``xsd:date``.

    >>> str(term_of(QueryParameter("works", "iri"), "organization/lausd"))
    '<https://w3id.org/k20kg/organization/lausd>'
    """
    kind, form = parameter.type, None
    if kind == "string":
        return ox.Literal(value)
    with suppress(ValueError):
        if kind == "iri":
            return _iri(value)
        if kind == "date":
            kind, form = "dateTime", canonical(f"{value}T00:00:00Z", "dateTime")
        else:
            form = canonical(value, kind)
    if form is None or (kind == "boolean" and form != value):
        raise UsageError(
            f"{parameter.name}={escape_controls(value)} is no {parameter.type}",
            remedy=f"give {TYPES[parameter.type]}",
        )
    return ox.Literal(form, datatype=ox.NamedNode(XSD + kind))


TYPES: Final = {
    "iri": "an address such as https://w3id.org/k20kg/case/lamsig, case/lamsig or k20:Task",
    "string": "any text",
    "integer": "a whole number such as 9",
    "decimal": "a number such as 0.5",
    "boolean": "true or false",
    "date": "a date such as 2006-06-30",
}
"""Type of a parameter → what may be given."""


def _iri(value: str) -> ox.NamedNode:
    prefix, colon, local = value.partition(":")
    if colon and prefix in PREFIXES and not local.startswith("//"):
        return ox.NamedNode(PREFIXES[prefix] + local)
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", value):
        if not re.match(r"[A-Za-z]", value):
            raise ValueError(value)
        return ox.NamedNode(BASE + value)
    return ox.NamedNode(value)
