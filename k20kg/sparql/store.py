"""SPARQL over RDF on this machine: the packaged data, files, or a store on disk."""

from __future__ import annotations

import re
import weakref
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from k20kg.errors import InputError, K20Error, RemoteError, UsageError
from k20kg.rdf.text import escape_controls
from k20kg.sources.published import load_published, published_files
from k20kg.sparql.columns import arrange, number_blank_nodes
from k20kg.sparql.faults import syntax_error
from k20kg.sparql.merge import ask, counts, is_set, merge
from k20kg.sparql.reach import QueryReach, reach_of, refuse_oversized
from k20kg.sparql.sparql import Answer, AskResult, Rows, Triples, failure, form_of
from k20kg.vocabulary import BASE, PREFIXES, VERDICTS, packaged

_OF_VERDICTS: Final = re.compile("Assessment|CriterionVerdict|data/verdicts")


class Store:
    """An Oxigraph store that answers queries; its default graph is the merge of all graphs.

    It is merged for the first query that counts; a `frozen` store is not changed. Raises
    `RemoteError` for a query that would leave the machine, unless `allow_remote`.
    """

    def __init__(
        self,
        store: ox.Store,
        *,
        allow_remote: bool = False,
        frozen: bool = False,
        merged: bool = False,
        verdicts: Callable[[], str] | None = None,
    ) -> None:
        self.raw = store
        """The Oxigraph store itself; of one on disk, to be used while this object lives."""
        self._allow_remote = allow_remote
        self._frozen = frozen
        self._merged = merged
        self._verdicts = verdicts

    def select(self, text: str, *, where: str = "query") -> Rows | AskResult:
        """Answer SELECT or ASK."""
        found = self._run(text, where)
        if isinstance(found, Triples):
            raise UsageError("this query gives triples, not rows", where=where)
        return found

    def construct(self, text: str, *, where: str = "query") -> Triples:
        """Answer CONSTRUCT or DESCRIBE."""
        found = self._run(text, where)
        if not isinstance(found, Triples):
            raise UsageError("this query gives rows, not triples", where=where)
        return found

    def _run(self, text: str, where: str) -> Answer:
        """Answer a query of any form."""
        form_of(text, where=where)
        refuse_oversized(text, where=where)
        reach = reach_of(text, where=where)
        # Oxigraph's answers may be freed by the thread that made them only, so no error may carry
        # a frame that holds one: the fault is let go before ours is raised.
        try:
            self._judge_for(text)
            self._keep_here(text, reach, where)
            if not reach.graphs:
                self._merge_for(text, where)
            found = _collect(
                ask(
                    self.raw,
                    text,
                    default=reach.default_graphs if reach.graphs else None,
                    named=reach.named_graphs,
                    union=not self._merged,
                    prefixes=PREFIXES,
                )
            )
            return arrange(text, found) if isinstance(found, Rows) else found
        except SyntaxError as fault:
            error: K20Error = syntax_error(fault, text, where=where)
        except (OSError, RuntimeError, ValueError) as fault:
            error = failure(fault, text, where=where)
            if reach.services:
                remedy = "check the service that it asks"
                error = RemoteError(error.what, where=where, remedy=remedy)
        raise error

    def _judge_for(self, text: str) -> None:
        """Add the graph of computed verdicts for the first query that speaks of them."""
        if self._verdicts and _OF_VERDICTS.search(text):
            data, graph = self._verdicts().encode(), ox.NamedNode(VERDICTS)
            self.raw.load(data, format=ox.RdfFormat.TURTLE, to_graph=graph)
            self._verdicts, self._merged = None, False

    def _merge_for(self, text: str, where: str) -> None:
        """Merge the store if this query needs that; raise if it may not be changed."""
        if self._merged or not counts(text):
            return
        if not self._frozen:
            merge(self.raw)
        elif not is_set(self.raw):
            raise UsageError(
                "this store was not made by this version of k20kg: a statement that stands in "
                "two of its graphs would count twice",
                where=where,
                remedy="bring it up to date once: k20kg load --store DIR",
            )
        self._merged = True

    def _keep_here(self, text: str, reach: QueryReach, where: str) -> None:
        """Raise if a query would leave the machine; fetch its graphs if it may."""
        if reach.services and not self._allow_remote:
            raise RemoteError(
                f"SERVICE would send part of the query to {escape_controls(reach.services[0])}",
                where=where,
                remedy="say --allow-remote if it may",
            )
        for iri in reach.graphs:
            name = _graph_name(iri, where)
            if self.raw.contains_named_graph(name):
                continue
            if not self._allow_remote:
                ox.Store().query(text, prefixes=PREFIXES)  # what is no query is told first
                raise RemoteError(
                    f"FROM names {escape_controls(iri)}, which would have to be fetched",
                    where=where,
                    remedy="name a graph that is here, or say --allow-remote",
                )
            if self._frozen:
                raise UsageError(
                    f"FROM names {escape_controls(iri)}, which is not in this store",
                    where=where,
                    remedy="load it into the store first",
                )
            from k20kg.sparql.remote import fetch_graph

            self.raw.extend(
                ox.Quad(t.subject, t.predicate, t.object, name) for t in fetch_graph(iri)
            )
            self.raw.add_graph(name)
            self._merged = False


def open_packaged(
    *, allow_remote: bool = False, verdicts: Callable[[], str] | None = None
) -> Store:
    """Return ontology, cases, counter-cases and literature in memory, a named graph each file.

    A file of triples is the graph ``https://w3id.org/k20kg/data/…``, after its path; a TriG file
    names its graphs itself. `verdicts` gives, as Turtle, the graph of computed verdicts, which is
    added for a query that speaks of it.
    """
    store = ox.Store()
    load_published(store, {path: packaged_graph(path) for path in list_packaged()})
    return Store(store, allow_remote=allow_remote, verdicts=verdicts)


@cache
def open_vocabulary() -> Store:
    """Return what is packaged but for the cases: what any case may speak of."""
    cases = (packaged("data", "cases"), packaged("data", "counter-cases"))
    paths = [path for path in list_packaged() if not set(cases) & set(path.parents)]
    store = ox.Store()
    load_published(store, {path: packaged_graph(path) for path in paths})
    return Store(store)


def list_packaged() -> list[Path]:
    """Return the packaged files of RDF that queries run over, sorted."""
    return [
        path for path in published_files("ontology", "data") if path.suffix in (".ttl", ".trig")
    ]


def packaged_graph(path: Path) -> ox.NamedNode:
    """Return the graph that a packaged file of triples goes into."""
    return ox.NamedNode(BASE + path.relative_to(packaged()).as_posix())


def open_files(paths: Iterable[Path], *, allow_remote: bool = False) -> Store:
    """Return files and folders in memory; a file of triples becomes the graph ``file:///…``."""
    from k20kg.sparql.loading import list_files, load_file

    store = ox.Store()
    for path in list_files(paths):
        load_file(store, path)
    return Store(store, allow_remote=allow_remote)


def open_store(folder: Path, *, allow_remote: bool = False) -> Store:
    """Return a store on disk, open for reading: several readers may have it open at once."""
    from k20kg.sparql.disk import open_as_it_is

    try:
        store, merged, files = open_as_it_is(folder)
    except (OSError, RuntimeError) as fault:
        missing = not (folder / "CURRENT").exists()
        raise InputError(
            "there is no store here" if missing else f"the store cannot be opened: {fault}",
            where=escape_controls(str(folder)),
            remedy=f"make one: k20kg load FILE… --store {escape_controls(str(folder))}"
            if missing
            else "check that it is whole and that you may read it",
        ) from None
    opened = Store(store, allow_remote=allow_remote, frozen=True, merged=merged)
    weakref.finalize(opened, files.close)  # the files stay as long as it does
    return opened


def _graph_name(iri: str, where: str) -> ox.NamedNode:
    try:
        return ox.NamedNode(iri)
    except ValueError:
        raise UsageError(
            f"FROM {escape_controls(iri)} is no absolute IRI",
            where=where,
            remedy="write it in full",
        ) from None


def _collect(found: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples) -> Answer:
    if isinstance(found, ox.QueryBoolean):
        return AskResult(bool(found))
    if isinstance(found, ox.QueryTriples):
        return Triples(sorted(set(found), key=str))
    columns = tuple(variable.value for variable in found.variables)
    return Rows(columns, number_blank_nodes([tuple(row) for row in found]))
