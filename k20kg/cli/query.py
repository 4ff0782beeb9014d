"""The commands `query`, `find` and `load`: parse, call, print."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from k20kg.cli.output import Output, writes
from k20kg.cli.streams import say
from k20kg.errors import InputError, UsageError
from k20kg.rdf.text import escape_controls

if TYPE_CHECKING:
    from k20kg.sparql.named_queries import Query
    from k20kg.sparql.sparql import Source

_LARGEST_QUERY_BYTES = 1_000_000


FORMATS = ("table", "csv", "tsv", "json", "markdown", "html", "turtle", "ntriples", "jsonld")


@writes(*FORMATS, usual="")
def query(
    to: Output,
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="A packaged query, a file *.rq, or - for stdin."),
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="List the packaged queries.")] = False,
    sparql: Annotated[str | None, typer.Option("--sparql", help="The query itself.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Set a parameter.")
    ] = None,
    data: Annotated[
        list[Path] | None, typer.Option("--data", help="Ask these files and folders instead.")
    ] = None,
    store: Annotated[
        Path | None, typer.Option("--store", metavar="DIR", help="Ask a store on disk instead.")
    ] = None,
    endpoint: Annotated[
        str | None, typer.Option("--endpoint", metavar="URL", help="Ask a SPARQL endpoint instead.")
    ] = None,
    method: Annotated[
        Literal["auto", "get", "post"], typer.Option("--method", help="For endpoints.")
    ] = "auto",
    timeout: Annotated[float, typer.Option("--timeout", help="For endpoints, in seconds.")] = 60,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Let SERVICE and FROM leave this machine.")
    ] = False,
) -> None:
    """Ask the packaged data, files, a store or an endpoint; without options, the packaged data.

    Example: k20kg query --list
    """
    from k20kg.report.table import render_answer
    from k20kg.sparql.hints import hints, says_nothing
    from k20kg.sparql.parameters import absent_defaults, check, heading
    from k20kg.sparql.sparql import answer

    if listing:
        if name or sparql:
            raise UsageError("--list takes no query", remedy="leave one of them out")
        _list(to)
        return
    asked = _asked(name, sparql)
    values = _settings(settings or [])
    text = asked.bound(values)
    source = _source(data, store, endpoint, method, timeout, allow_remote=allow_remote)
    check(asked, values, source)
    found = answer(source, text, where=asked.where)
    said = getattr(source, "hint", "")  # of an endpoint of ours
    title = heading(asked, values, source)
    to.write(render_answer(found, to.format or None, title=title, **to.terminal))
    empty = says_nothing(found)
    if asked.group:  # a packaged query, whose words are right
        told = absent_defaults(asked, values, source) if empty else []
    else:
        told = [said] if said else hints(text, getattr(source, "raw", None), empty=empty)
    for hint in told:
        print(f"hint: {hint}", file=sys.stderr)


@writes("text", "csv", "tsv", "json", "markdown", "html")
def find(
    to: Output,
    words: Annotated[list[str], typer.Argument(metavar="WORDS…", help="Words to look for.")],
    kind: Annotated[
        str, typer.Option(help="Only question, case, work, term or thing; or a class: task.")
    ] = "",
    most: Annotated[int, typer.Option("-n", min=1, help="How many to give at most.")] = 10,
    data: Annotated[list[Path] | None, typer.Option(help="Search these files instead.")] = None,
    store: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Search a store on disk instead.")
    ] = None,
) -> None:
    """Find things, terms, works, cases and saved questions by words, the best first.

    Example: k20kg find trust among leaders
    """
    from k20kg.find.index import HEADS, WordIndex, build, packaged_index, rows
    from k20kg.report.table import Table, render_table
    from k20kg.sparql.store import open_files, open_store

    if data and store:
        raise UsageError("--data and --store exclude each other", remedy="say one")
    opened = open_store(store) if store else open_files(data) if data else None
    index = WordIndex(build(opened.raw)) if opened else packaged_index()
    if kind and kind.lower() not in (known := index.kinds()):
        (like,) = difflib.get_close_matches(kind.lower(), known, n=1, cutoff=0)
        what = f"there is nothing of the kind {escape_controls(kind)!r}"
        raise UsageError(what, remedy=f"did you mean {like}?")
    said = " ".join(words)
    ranked = index.rank(said, kind)
    title = f"{said}: {len(ranked)} found" + (f", the first {most}" if len(ranked) > most else "")
    table = Table(title, HEADS, rows(index.look_up(ranked[:most])))
    to.write(render_table(table, to.format, **to.terminal))
    if not ranked:
        near = ", ".join(index.similar_words(said))
        say(f"nothing is found; {f'near: {near}' if near else 'try fewer words'}")


def load(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE…", help="Files or folders of RDF, also *.gz."),
    ] = None,
    *,
    store: Annotated[Path, typer.Option("--store", metavar="DIR", help="The store's folder.")],
) -> None:
    """Load files into a store on disk: all or none; what is in it already is skipped.

    Without files, bring a store of Oxigraph or an earlier version up to date.

    Example: k20kg load my-data/*.nq --store my-store
    """
    from k20kg.sparql.disk import load as load_files

    done = load_files(files or [], store)
    for path in done.skipped:
        say(f"{path}: in the store already")
    files_loaded, statements = (
        f"{count} {word}{'' if count == 1 else 's'}"
        for count, word in ((len(done.added), "file"), (done.quads, "statement"))
    )
    sys.stdout.write(f"{files_loaded} loaded; {statements} in the store\n")


def _asked(name: str | None, sparql: str | None) -> Query:
    """Return the query that the user named, typed, piped in or pointed at."""
    from k20kg.sparql.named_queries import find_query, parse_text

    if (name is None) == (sparql is None):
        raise UsageError(
            "name one query" if name is None else "name a query or type one, not both",
            remedy="say k20kg query --list to see what there is",
        )
    if sparql is not None:
        return parse_text(sparql, "--sparql")
    assert name is not None
    if name == "-":
        return parse_text(
            _decoded(sys.stdin.buffer.read(_LARGEST_QUERY_BYTES + 1), "<stdin>"), "<stdin>"
        )
    path = Path(name)
    if path.suffix == ".rq" or path.is_file():
        try:
            with path.open("rb") as file:
                return parse_text(_decoded(file.read(_LARGEST_QUERY_BYTES + 1), name), name)
        except OSError as fault:
            raise InputError(
                f"the query cannot be read ({fault.strerror})", where=name, remedy="check the path"
            ) from None
    return find_query(name)


def _decoded(data: bytes, where: str) -> str:
    if len(data) > _LARGEST_QUERY_BYTES:
        raise InputError("this is too large for a query", where=where, remedy="give a *.rq file")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError("the query is not UTF-8", where=where, remedy="save it as UTF-8") from None


def _settings(pairs: list[str]) -> dict[str, str]:
    settings: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or key in settings:
            raise UsageError(
                f"--set {key} is given twice" if equals else f"--set {pair} has no value",
                remedy="say --set key=value once for each key",
            )
        settings[key] = value
    return settings


def _source(
    data: list[Path] | None,
    store: Path | None,
    endpoint: str | None,
    method: str,
    timeout: float,
    *,
    allow_remote: bool,
) -> Source:
    """Return what is to be asked."""
    if sum(bool(one) for one in (data, store, endpoint)) > 1:
        raise UsageError("--data, --store and --endpoint exclude each other", remedy="say one")
    if endpoint is not None:
        from k20kg.sparql.remote import Endpoint

        if not timeout > 0:
            raise UsageError("--timeout must be above 0", remedy="say --timeout 60")
        return Endpoint(endpoint, method=method, timeout_seconds=timeout)
    from k20kg.sparql.store import open_files, open_store
    from k20kg.verdicts import open_with_verdicts

    if store is not None:
        return open_store(store, allow_remote=allow_remote)
    if data:
        return open_files(data, allow_remote=allow_remote)
    return open_with_verdicts(allow_remote=allow_remote)


def _list(to: Output) -> None:
    """Print the packaged queries: a table a group for people, one table for machines."""
    from k20kg.report.table import Table, lines, render_table
    from k20kg.sparql.named_queries import GROUPS, list_queries, tabulate

    if to.format not in ("", "table"):
        to.write(render_table(Table("Queries", *tabulate()), to.format, **to.terminal))
        return
    queries = list_queries()
    for group, heading in GROUPS.items():
        if members := [one for one in queries if one.group == group]:
            to.write(lines([(heading, 0, True)], **to.terminal))
            for one in members:  # each name on a line of its own, unbroken, to be copied
                to.write(f"  {one.name}\n")
                to.write(lines([(_with_parameters(one), 6, False)], **to.terminal))
            to.write("\n")


def _with_parameters(query: Query) -> str:
    said = ", ".join(f"{p.name}=…" for p in query.parameters)
    return f"{query.summary} (--set {said})" if said else query.summary
