"""Files, folders, globs, URLs, streams, stores and endpoints → the pieces of a corpus, in order.

A file of N-Quads or TriG with several candidate groups has a graph per case. Anything else is read
as everywhere in this tool: a file or folder with one candidate group is one case.
"""

from __future__ import annotations

import glob
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final, cast

import pyoxigraph as ox

from k20kg.batch.byte_streams import Chained, Counted, Named, is_url, open_stream, read_fully
from k20kg.batch.sort import Seen, gather
from k20kg.batch.splitter import NotGroupedError, Piece, cut, name_graph
from k20kg.errors import InputError, K20Error, RecordError, UsageError
from k20kg.judging.cases import Case, cases_in, read_cases
from k20kg.judging.record_check import cell_faults
from k20kg.rdf.syntax import EXTENSIONS, seems_to_be, syntax_named, syntax_of_path
from k20kg.rdf.text import neutralise
from k20kg.sources.documents import read_files, tables_in
from k20kg.sources.folders import walk
from k20kg.vocabulary import K20

_HEAD: Final = 4 * 1024 * 1024
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
        if source == "-" or is_url(source) or Path(source).exists():
            found.append(source)
        elif glob.has_magic(source):
            names = sorted(glob.glob(source, recursive=True))  # noqa: PTH207 - may be absolute
            if not names:
                raise InputError("no file has such a name", where=neutralise(source))
            found += names
        else:
            found.append(source)
    return found


def size_of(sources: Iterable[str]) -> int:
    """Return how many bytes there are to read, as far as anybody can tell."""
    total = 0
    for source in sources:
        path = Path(source)
        if source != "-" and path.is_dir():
            total += sum(p.stat().st_size for p in path.rglob("*") if p.is_file())
        elif source != "-" and path.is_file():
            total += path.stat().st_size
    return total


def read_pieces(
    sources: Iterable[str],
    *,
    syntax: str | None = None,
    shuffled: bool = False,
    stdin: BinaryIO | None = None,
    progress: list[Counted] | None = None,
) -> Iterator[Piece]:
    """Yield a piece for each case; what cannot be read is a piece with a fault.

    Quads that do not stand together by graph are gathered on disk first: always with `shuffled`,
    else where that shows at the start of a file. Raises `NotGroupedError` where it shows later.
    """
    names = list(sources)
    chosen = syntax_named(syntax) if syntax else None
    seen = Seen()
    read = _Reader(chosen, shuffled, stdin, progress if progress is not None else [], seen)
    try:
        if shuffled:
            yield from gather(line for name in names for line in read.lines(name))
            return
        for name in names:
            try:
                yield from read.pieces(name)
            except NotGroupedError:
                raise
            except K20Error as fault:
                yield _faulty(fault, name)
    finally:
        seen.close()


class _Reader:
    """How the sources of one run are read."""

    def __init__(
        self,
        syntax: str | None,
        shuffled: bool,
        stdin: BinaryIO | None,
        progress: list[Counted],
        seen: Seen,
    ) -> None:
        self.syntax = syntax
        self.stdin = stdin
        self.progress = progress
        self.seen = seen

    def pieces(self, name: str) -> Iterator[Piece]:
        path = Path(name)
        if name != "-" and not is_url(name):
            if (path / "CURRENT").is_file():
                yield from _from_store(path)
                return
            if path.is_dir():
                tables = tables_in(path)
                yield from map(_whole, read_cases([path])) if tables else self.folder(path)
                return
        elif is_url(name) and _is_endpoint(name):
            yield from _from_endpoint(name)
            return
        yield from self.file(name)

    def file(self, name: str) -> Iterator[Piece]:
        where = "<stdin>" if name == "-" else neutralise(name)
        with open_stream(name, self.stdin, self.progress) as stream:
            head = read_fully(stream, _HEAD)
            syntax = self.syntax or _syntax(name, head)
            whole = len(head) < _HEAD
            groups = _candidates(head)
            if syntax not in _STREAMED or (whole and len(groups) < 2):
                data = head + stream.read()
                if syntax == "nquads":
                    self.note_graphs(data, where)
                if b"basedOn" in data and Path(name).is_file():
                    source: Any = Path(name)  # a patch, with its base beside it
                else:
                    source = Named(data, where)
                yield from map(_whole, read_cases([source], syntax=syntax))
                return
            rest = cast(BinaryIO, Chained(head, stream))
            if syntax == "trig":
                yield from self.trig(rest, where)
            elif _is_mixed(head, where):
                yield from gather(_number(where, _lines(rest)))
            else:
                yield from cut(rest, where, self.begin(where))

    def begin(self, where: str) -> Any:
        def check(graph: bytes, line: int) -> None:
            if not self.seen.add(graph):
                raise NotGroupedError(
                    f"{neutralise(graph.decode('utf-8', 'replace'))} goes on here, and its case "
                    "was closed before",
                    where=f"{where}:{line}",
                    remedy="say --shuffled, and start over",
                )

        return check

    def note_graphs(self, data: bytes, where: str) -> None:
        """Refuse a file of one case that holds part of another."""
        check = self.begin(where)
        first: dict[bytes, int] = {}
        for number, row in enumerate(data.split(b"\n"), 1):
            first.setdefault(name_graph(row), number)
        for graph, line in first.items():
            if graph:
                check(graph, line)

    def trig(self, stream: BinaryIO, where: str) -> Iterator[Piece]:
        """Yield a piece for each graph of TriG, parsed and written anew as it comes."""
        check = self.begin(where)
        at_hand: Any = None
        quads: list[ox.Quad] = []
        try:
            for quad in ox.parse(cast(Any, stream), ox.RdfFormat.TRIG):
                graph: Any = quad.graph_name
                if isinstance(graph, ox.DefaultGraph):
                    graph = quad.subject  # what is said of a graph belongs to it
                if graph != at_hand:
                    if quads:
                        yield _written(where, at_hand, quads)
                    check(str(graph).encode(), 0)
                    at_hand, quads = graph, []
                quads.append(quad)
        except SyntaxError as fault:
            raise InputError(
                f"this is no TriG: {neutralise(str(fault.msg))}",
                where=f"{where}:{fault.lineno}",
                remedy="mend the TriG at that place; nothing after it was read",
            ) from None
        if quads:
            yield _written(where, at_hand, quads)

    def folder(self, top: Path) -> Iterator[Piece]:
        """Yield the cases of a folder and those in it; nothing of a large folder is kept."""
        for folder in walk(top, _PACKED):
            corpora = [p for p in folder.files if self.is_corpus(p)]
            single = [p for p in folder.files if p not in corpora]
            for path in corpora:
                try:
                    yield from self.file(str(path))
                except NotGroupedError:
                    raise
                except K20Error as fault:
                    yield _faulty(fault, str(path))
            yield from self.single(folder.path, single, alone=not corpora)

    def single(self, folder: Path, files: list[Path], *, alone: bool) -> Iterator[Piece]:
        """Yield the cases of files that hold one or a part of one each."""
        names = [_groups(p) for p in files[:2]]
        one_case = len(files) > 1 and (len(set().union(*names)) < 2)
        for sources in [files] if one_case and alone else [[file] for file in files]:
            try:
                if len(sources) == 1 and syntax_of_path(sources[0]) == "nquads":
                    yield from self.file(str(sources[0]))
                else:
                    yield from map(_whole, cases_in(read_files(sources, self.syntax)))
            except NotGroupedError:
                raise
            except K20Error as fault:
                yield _faulty(fault, str(sources[0] if len(sources) == 1 else folder))

    def is_corpus(self, path: Path) -> bool:
        if path.suffix == ".zst":
            return True  # only read by this way
        return syntax_of_path(path) in _STREAMED and (
            path.stat().st_size > _HEAD or len(_groups(path)) > 1
        )

    def lines(self, name: str) -> Iterator[tuple[str, int, bytes]]:
        """Yield the lines of a source as N-Quads, whatever their order."""
        paths = [name]
        if name != "-" and Path(name).is_dir():
            paths = [str(p) for folder in walk(Path(name), _PACKED) for p in folder.files]
        for path in paths:
            where = "<stdin>" if path == "-" else neutralise(path)
            with open_stream(path, self.stdin, self.progress) as stream:
                head = read_fully(stream, 20_000)
                syntax = self.syntax or _syntax(path, head)
                rest = cast(BinaryIO, Chained(head, stream))
                if syntax == "nquads":
                    yield from _number(where, _lines(rest))
                elif syntax == "trig":
                    quads = ox.parse(cast(Any, rest), ox.RdfFormat.TRIG)
                    yield from _number(where, (f"{quad} .".encode() for quad in quads))
                else:
                    raise UsageError(
                        f"{where} is neither N-Quads nor TriG",
                        remedy="--shuffled gathers graphs; leave it away for files of one case",
                    )


def _number(where: str, rows: Iterable[bytes]) -> Iterator[tuple[str, int, bytes]]:
    return ((where, number, row) for number, row in enumerate(rows, 1) if row.strip())


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a stream without their line breaks."""
    rest = b""
    while more := stream.read(1024 * 1024):
        rows = (rest + more).split(b"\n")
        rest = rows.pop()
        yield from rows
    if rest:
        yield rest


def _is_mixed(head: bytes, where: str) -> bool:
    """Tell whether quads of different graphs are mixed at the start of a file."""
    known: set[bytes] = set()

    def check(graph: bytes, line: int) -> None:
        if graph in known:
            raise NotGroupedError(where)
        known.add(graph)

    try:
        for _ in cut(io.BytesIO(head[: head.rfind(b"\n") + 1]), where, check):
            pass
    except NotGroupedError:
        return True
    return False


def _whole(case: Case) -> Piece:
    if faults := cell_faults(case):
        raise RecordError.of(case.origin, faults)
    return Piece(case.origin, 0, "", case.text.encode(), case.syntax)


def _written(where: str, graph: Any, quads: list[ox.Quad]) -> Piece:
    text = ox.serialize((q.triple for q in quads), format=ox.RdfFormat.N_TRIPLES)
    return Piece(where, 0, str(graph), cast(bytes, text), "ntriples")


def _faulty(fault: K20Error, name: str) -> Piece:
    return Piece(neutralise(name), 0, "", b"", "", fault=neutralise(str(fault)))


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
        return _candidates(read_fully(stream, _HEAD))


# ---------------------------------------------------------------- stores and endpoints


def _is_endpoint(url: str) -> bool:
    """Tell whether a web address is that of an endpoint: it does not end like an RDF file."""
    name = PurePosixPath(url.partition("?")[0])
    plain = name.with_suffix("") if name.suffix in (".gz", ".zst") else name
    return url.startswith("http") and plain.suffix.lower() not in EXTENSIONS


def _from_store(folder: Path) -> Iterator[Piece]:
    from k20kg.query.fetch import iter_cases
    from k20kg.query.store import open_store

    for case in iter_cases(open_store(folder), origin=neutralise(str(folder))):
        yield _whole(case)


def _from_endpoint(url: str) -> Iterator[Piece]:
    from k20kg.query.fetch import iter_cases
    from k20kg.query.remote import Endpoint

    for case in iter_cases(Endpoint(url), origin=neutralise(url)):
        yield _whole(case)
