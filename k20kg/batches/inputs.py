"""Files, folders, globs, URLs, streams, stores and endpoints → the pieces of a corpus, in order.

A file of N-Quads or TriG with several candidate groups has a graph per case. Anything else is read
as everywhere in this tool: a file or folder with one candidate group is one case.
"""

from __future__ import annotations

import glob
import io
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final, cast

import pyoxigraph as ox

from k20kg.batches.sort import Seen, group_by_graph
from k20kg.batches.splitter import NotGroupedError, Piece, cut, name_graph
from k20kg.errors import InputError, K20Error, RecordError, UsageError
from k20kg.judging.cases import Case, cases_in, read_cases
from k20kg.judging.record_check import cell_faults
from k20kg.rdf.syntax import EXTENSIONS, seems_to_be, syntax_named, syntax_of_path
from k20kg.rdf.text import escape_controls
from k20kg.sources.byte_streams import HEAD, Advance, is_url, open_stream
from k20kg.sources.documents import read_files, tables_in
from k20kg.sources.folders import walk
from k20kg.vocabulary import K20

_READ: Final = 1024 * 1024
_STREAMED: Final = ("nquads", "trig")
_PACKED: Final = (".gz", ".zst")
_CANDIDATE: Final = re.compile(
    rb"[ \t]*(<[^<>\s]*>|_:\S+|[\w.-]*:[\w./-]+)[ \t]+(?:a|rdf:type|<[^<>]*#type>)[ \t]+"
    rb"(?:k20:|<" + re.escape(K20.encode()) + rb")CandidateGroup\b"
)


def expand(sources: Iterable[str | Path]) -> list[str]:
    """Return the sources with globs written out, each glob in the order of its names."""
    found: list[str] = []
    for source in map(str, sources):
        if is_url(source) or not glob.has_magic(source) or Path(source).exists():
            found.append(source)
        elif names := sorted(glob.glob(source, recursive=True)):  # noqa: PTH207 - may be absolute
            found += names
        else:
            raise InputError("no file has such a name", where=escape_controls(source))
    return found


def size_of(sources: Iterable[str]) -> int:
    """Return how many bytes there are to read, as far as anybody can tell."""
    paths = [Path(source) for source in sources if source != "-"]
    files = (p for path in paths for p in (path.rglob("*") if path.is_dir() else (path,)))
    return sum(file.stat().st_size for file in files if file.is_file())


def read_pieces(
    sources: Iterable[str],
    *,
    syntax: str | None = None,
    shuffled: bool = False,
    stdin: BinaryIO | None = None,
    advance: Advance = lambda _: None,
) -> Iterator[Piece]:
    """Yield a piece for each case; what cannot be read is a piece with a fault.

    Quads that do not stand together by graph are gathered on disk first: always with `shuffled`,
    else where that shows at the start of a file. Raises `NotGroupedError` where it shows later.
    """
    with closing(Seen()) as seen:
        open_ = partial(open_stream, stdin=stdin, advance=advance)
        read = _Reader(syntax_named(syntax) if syntax else None, open_, seen)
        if shuffled:
            yield from group_by_graph(line for name in sources for line in read.lines(name))
        else:
            for name in sources:
                yield from _or_fault(read.pieces(name), name)


def _or_fault(pieces: Iterator[Piece], name: str) -> Iterator[Piece]:
    """Yield pieces and, in place of what cannot be read, one with the fault."""
    try:
        yield from pieces
    except NotGroupedError:
        raise
    except K20Error as fault:
        yield Piece(escape_controls(name), 0, "", b"", "", fault=escape_controls(str(fault)))


@dataclass(frozen=True)
class _Reader:
    """Reader of the sources of one run."""

    syntax: str | None
    open: Callable[[str], Any]
    seen: Seen

    def pieces(self, name: str) -> Iterator[Piece]:
        path = Path(name)
        if (is_url(name) and _is_endpoint(name)) or (path / "CURRENT").is_file():
            yield from map(_whole, stored_cases(name))
        elif path.is_dir() and tables_in(path):
            yield from map(_whole, read_cases([path]))
        elif path.is_dir():
            for folder in walk(path, _PACKED):
                corpora = [p for p in folder.files if self.is_corpus(p)]
                for corpus in corpora:
                    yield from _or_fault(self.file(str(corpus)), str(corpus))
                single = [p for p in folder.files if p not in corpora]
                yield from self.single(folder.path, single, alone=not corpora)
        else:
            yield from self.file(name)

    def file(self, name: str) -> Iterator[Piece]:
        where = "<stdin>" if name == "-" else escape_controls(name)
        with self.open(name) as stream:
            head = stream.peek()
            syntax = self.syntax or _syntax(name, head)
            if syntax not in _STREAMED or (len(head) < HEAD and len(_candidates(head)) < 2):
                yield from map(_whole, self.one_case(stream.read(), name, where, syntax))
            elif syntax == "trig":  # written anew, line by line, so it has no lines to point to
                for piece in cut(_nquads(stream, where), where, partial(self.begin, where, None)):
                    yield replace(piece, line=0)
            elif _is_mixed(head, where):
                yield from group_by_graph(_number(where, _lines(stream)))
            else:
                chunks = iter(partial(stream.read, _READ), b"")
                yield from cut(chunks, where, lambda g, line: self.begin(where, line, g, line))

    def one_case(self, data: bytes, name: str, where: str, syntax: str | None) -> Iterator[Case]:
        """Yield the cases of a file that has no graph for each; refuse a part of another's."""
        if syntax == "nquads":
            first: dict[bytes, int] = {}
            for number, row in enumerate(data.split(b"\n"), 1):
                first.setdefault(name_graph(row), number)
            for graph, line in first.items():
                if graph:
                    self.begin(where, line, graph, line)
        if b"basedOn" in data and Path(name).is_file():
            return read_cases([Path(name)], syntax=syntax)  # a patch, with its base beside it
        return read_cases([_named(data, where)], syntax=syntax)

    def begin(self, where: str, line: int | None, graph: bytes, _: int) -> None:
        """Record that the lines of a graph begin; raise `NotGroupedError` if some came before."""
        if not self.seen.add(graph):
            raise NotGroupedError(
                f"{escape_controls(graph.decode('utf-8', 'replace'))} goes on here, and its case "
                "was closed before",
                where=f"{where}:{line}" if line else where,
                remedy="say --shuffled, and start over",
            )

    def single(self, folder: Path, files: list[Path], *, alone: bool) -> Iterator[Piece]:
        """Yield the cases of files that hold one or a part of one each."""
        names = [_groups(path) for path in files[:2]]
        if alone and len(files) > 1 and len(set().union(*names)) < 2:
            yield from _or_fault(self.together(files), str(folder))
            return
        for file in files:
            read = self.file(str(file)) if syntax_of_path(file) == "nquads" else None
            yield from _or_fault(read or self.together([file]), str(file))

    def together(self, files: list[Path]) -> Iterator[Piece]:
        yield from map(_whole, cases_in(read_files(files, self.syntax)))

    def is_corpus(self, path: Path) -> bool:
        if path.suffix == ".zst":
            return True  # only read by this way
        return syntax_of_path(path) in _STREAMED and (
            path.stat().st_size > HEAD or len(_groups(path)) > 1
        )

    def lines(self, name: str) -> Iterator[tuple[str, int, bytes]]:
        """Yield the lines of a source as N-Quads, whatever their order."""
        paths = [name]
        if name != "-" and Path(name).is_dir():
            paths = [str(p) for folder in walk(Path(name), _PACKED) for p in folder.files]
        for path in paths:
            where = "<stdin>" if path == "-" else escape_controls(path)
            with self.open(path) as stream:
                syntax = self.syntax or _syntax(path, stream.peek())
                if syntax not in _STREAMED:
                    raise UsageError(
                        f"{where} is neither N-Quads nor TriG",
                        remedy="--shuffled gathers graphs; leave it away for files of one case",
                    )
                rows = _lines(stream) if syntax == "nquads" else _nquads(stream, where)
                yield from _number(where, (row.rstrip(b"\n") for row in rows))


def _named(data: bytes, where: str) -> BinaryIO:
    """Return bytes as a stream that knows where they came from, for error messages."""
    stream: Any = io.BytesIO(data)
    stream.name = where
    return cast(BinaryIO, stream)


def _number(where: str, rows: Iterable[bytes]) -> Iterator[tuple[str, int, bytes]]:
    return ((where, number, row) for number, row in enumerate(rows, 1) if row.strip())


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    return (row.rstrip(b"\n") for row in stream)


def _nquads(stream: BinaryIO, where: str) -> Iterator[bytes]:
    """Yield the statements of TriG as lines of N-Quads."""
    try:
        for quad in ox.parse(stream, ox.RdfFormat.TRIG):
            yield f"{quad} .\n".encode()
    except SyntaxError as fault:
        raise InputError(
            f"this is no TriG: {escape_controls(str(fault.msg))}",
            where=f"{where}:{fault.lineno}",
            remedy="mend the TriG at that place; nothing after it was read",
        ) from None


def _is_mixed(head: bytes, where: str) -> bool:
    """Tell whether quads of different graphs are mixed at the start of a file."""
    known: set[bytes] = set()

    def check(graph: bytes, line: int) -> None:
        if graph in known:
            raise NotGroupedError(where)
        known.add(graph)

    try:
        for _ in cut([head[: head.rfind(b"\n") + 1]], where, check):
            pass
    except NotGroupedError:
        return True
    return False


def _whole(case: Case) -> Piece:
    if faults := cell_faults(case):
        raise RecordError.of(case.origin, faults)
    return Piece(case.origin, 0, "", case.text.encode(), case.syntax)


def _syntax(name: str, head: bytes) -> str | None:
    path = PurePosixPath(re.sub(r"\.zst$", "", name.partition("?")[0], flags=re.I))
    return syntax_of_path(path) or seems_to_be(head[:20_000].decode("utf-8", "replace"))


def _candidates(text: bytes) -> set[bytes]:
    """Return the candidate groups that stand at the start of a line: two of them are enough."""
    found: set[bytes] = set()
    at = text.find(b"CandidateGroup")
    while at >= 0 and len(found) < 2:
        if match := _CANDIDATE.match(text, text.rfind(b"\n", 0, at) + 1):
            found.add(match[1])
        at = text.find(b"CandidateGroup", at + 1)
    return found


def _groups(path: Path) -> set[bytes]:
    with open_stream(str(path)) as stream:
        return _candidates(stream.peek())


def _is_endpoint(url: str) -> bool:
    """Tell whether a web address is that of an endpoint: it does not end like an RDF file."""
    name = PurePosixPath(url.partition("?")[0])
    plain = name.with_suffix("") if name.suffix in (".gz", ".zst") else name
    return url.startswith("http") and plain.suffix.lower() not in EXTENSIONS


def stored_cases(name: str, graph: str | None = None) -> Iterator[Case]:
    """Yield the cases of an endpoint, or of a store on disk."""
    from k20kg.sparql.fetch import iter_cases
    from k20kg.sparql.remote import Endpoint
    from k20kg.sparql.store import open_store

    source = Endpoint(name) if is_url(name) else open_store(Path(name))
    return iter_cases(source, graph, origin=escape_controls(name))
