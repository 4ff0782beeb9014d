"""The functions of the public API: what `import k20kg` offers to do.

They are imported with the package's names, `k20kg.validate`. Everything heavy is imported by the
function that needs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from k20kg.definition.shipped import DEFAULT_DEFINITION
from k20kg.errors import UsageError

if TYPE_CHECKING:
    import pyoxigraph as ox

    from k20kg.batches.summary import BatchSummary
    from k20kg.judging.as_of import Snapshot
    from k20kg.judging.cases import Case
    from k20kg.model import Assessment

Source = str | Path
"""A file, a folder, or ``-`` for standard input."""


def validate(
    *sources: Source,
    reading: str | Sequence[str] = (),
    definition: str = DEFAULT_DEFINITION,
    engine: str = "shacl",
    evidence: bool = True,
) -> list[Assessment]:
    """Return one assessment per case and reading, in the order of the input and of the readings.

    `sources` are files, folders or ``-`` for standard input; `reading` names one or several
    readings, all by default; `definition` is an id or the path of a Turtle file. Without
    `evidence` only verdicts and what is missing are worked out, and nodes are named by their
    address. Raises `InputError` for what cannot be read and `RecordError` for RDF that is no
    well-formed case record: never a verdict on either.
    """
    from k20kg.judging.cases import read_cases
    from k20kg.judging.judge import Judge

    judge = Judge(_names(reading), definition=definition, engine=engine, evidence=evidence)
    return [a for assessments in judge.assess_all(read_cases(sources)) for a in assessments]


def batch(
    sources: Source | Iterable[Source],
    out: Source | BinaryIO,
    *,
    reading: str | Sequence[str] = (),
    definition: str = DEFAULT_DEFINITION,
    engine: str = "shacl",
    format: str = "",  # noqa: A002
    syntax: str | None = None,
    as_of: str | None = None,
    shuffled: bool = False,
    strict: bool = False,
    excel: bool = False,
    jobs: int = 1,
    resume: bool = False,
) -> BatchSummary:
    """Judge every case of a corpus, write its rows to a file or stream, and return the counts.

    The ending of `out` chooses the `format` (jsonl, csv or parquet) unless it is given. Faults of
    single cases are told on stderr and the run goes on, unless `strict`. Raises `Interrupted` for
    Ctrl-C and lost workers; a later call with `resume` goes on where the output ends.
    """
    from k20kg.batches.runner import Options, judge_corpus

    ending = Path(out).suffix.removeprefix(".") if isinstance(out, str | Path) else ""
    options = Options(
        definition=definition,
        readings=_names(reading),
        engine=engine,
        format=format or (ending if ending in ("jsonl", "csv", "parquet") else "jsonl"),
        syntax=syntax,
        shuffled=shuffled,
        strict=strict,
        as_of=as_of,
        excel=excel,
    )
    many = [sources] if isinstance(sources, str | Path) else sources
    target = str(out) if isinstance(out, Path) else out
    return judge_corpus(many, target, options, jobs=jobs, resume=resume)


def query(
    text_or_name: str,
    *,
    data: Source | Iterable[Source] | None = None,
    store: Source | None = None,
    endpoint: str | None = None,
    **parameters: str,
) -> list[dict[str, ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None]] | bool:
    """Return the rows of a query in SPARQL as terms by column; ASK gives a boolean.

    It is asked of the packaged data; of `data`, files and folders; of a `store` on disk; or of a
    SPARQL `endpoint`. A text without blanks is the name of a packaged query, whose parameters are
    given by name. CONSTRUCT and DESCRIBE give a row of subject, predicate and object a triple.
    Raises `UsageError` for a query that is none.
    """
    from k20kg.sparql.named_queries import find_query, parse_text
    from k20kg.sparql.sparql import AskResult, Triples, answer

    by_name = not any(map(str.isspace, text_or_name))
    asked = find_query(text_or_name) if by_name else parse_text(text_or_name, "query")
    text = asked.bound(parameters)
    found = answer(_source(data, store, endpoint), text, where=asked.where)
    if isinstance(found, AskResult):
        return found.value
    if isinstance(found, Triples):
        parts = ("subject", "predicate", "object")
        return [dict(zip(parts, triple, strict=True)) for triple in found.triples]
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def snapshot(case: Case, day: str) -> Snapshot:
    """Return a case as it stood on a day, in a month or in a year: ``2006-06-30``, ``2006``.

    Raises `UsageError` for what is no date and `RecordError` for a date in the record that is none.
    """
    from k20kg.judging.as_of import snapshot as snapshot_at
    from k20kg.judging.dates import instant_of

    return snapshot_at(case, instant_of(day))


def _names(reading: str | Sequence[str]) -> tuple[str, ...]:
    return (reading,) if isinstance(reading, str) else tuple(reading)


def _source(
    data: Source | Iterable[Source] | None, store: Source | None, endpoint: str | None
) -> Any:
    """Return what a query is asked of."""
    if sum(one is not None for one in (data, store, endpoint)) > 1:
        raise UsageError("data, store and endpoint exclude each other", remedy="give one")
    if endpoint is not None:
        from k20kg.sparql.remote import Endpoint

        return Endpoint(endpoint)
    from k20kg.sparql.store import open_files, open_store
    from k20kg.verdicts import open_with_verdicts

    if store is not None:
        return open_store(Path(store))
    if data is None:
        return open_with_verdicts()
    return open_files(map(Path, [data] if isinstance(data, str | Path) else data))
