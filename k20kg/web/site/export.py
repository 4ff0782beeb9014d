"""The site as static files for any host: what the application answers, with every link verified.

The application is asked within this process and its like, without a network. Files are written
into a new folder beside the one that was asked for, which takes its place when every file is there
and every link leads somewhere. Made twice, the two are the same, byte for byte.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from starlette.types import ASGIApp, Message

from k20kg.errors import K20Error, UsageError
from k20kg.rdf.text import neutralise
from k20kg.vocabulary import BASE
from k20kg.web.app import create_router
from k20kg.web.dataset import Dataset, open_dataset
from k20kg.web.http.responses import RefusalError, quoted
from k20kg.web.linkeddata.describe import label, path_of
from k20kg.web.pages import Links, Site
from k20kg.web.settings import Limits, Settings
from k20kg.web.site.manifest import MISSING, File, plan
from k20kg.web.site.w3id import htaccess, site_rules

MARK: Final = "site.json"
"""The file that tells a folder of ours from another's."""
_LINK: Final = re.compile(r'\s(?:href|src|action|data)="([^"]*)"')
_ID: Final = re.compile(r'\sid="([^"]+)"')
_CHUNK: Final = 250
_SHOWN: Final = 20
_SETTINGS: Final = Settings(query=Limits(seconds=120, rows=1_000_000, bytes=256 << 20))

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    files: int
    bytes: int
    links: int
    left_out: tuple[str, ...]
    """Paths that cannot be names of files."""


@dataclass(slots=True)
class _Made:
    """What came of some files: their sizes, and what the pages among them link to."""

    sizes: list[int] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    """Address → a page that has it."""
    ids: dict[str, frozenset[str]] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    """Paths of files whose format cannot hold what they would say."""


def export(
    folder: Path,
    base: str,
    *,
    root: str | None = None,
    paths: Sequence[Path] = (),
    jobs: int = 0,
    say: Say = lambda _: None,
) -> Exported:
    """Write the site that will be reached at `base` into a folder, and return what it holds.

    `root` is the path of `base` unless said otherwise. A folder that is not empty is replaced only
    if it is a former site. Raises `UsageError` if it may not be, `K20Error` if a link is dead.
    """
    base = _address(base)
    root = urlsplit(base).path.rstrip("/") if root is None else root
    _refuse_foreign(folder)
    dataset = open_dataset(paths)
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        writer = _Writer(fresh, root, dataset)
        planned, left_out = plan(writer.site)
        made = _make(writer, tuple(paths), planned, jobs, say)
        left_out |= made.left_out
        say(f"verifying {len(made.links)} links")
        _verify(made, left_out.union(file.path for file in planned), root)
        extra = _extras(fresh, base, root, dataset, len(made.sizes))
        fresh.chmod(0o755)
        _swap(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    sizes = [*made.sizes, *extra]
    return Exported(len(sizes), sum(sizes), len(made.links), tuple(sorted(left_out)))


def _address(base: str) -> str:
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise UsageError(
            f"{neutralise(base)} is no address of a site",
            where="--base",
            remedy="say something like https://example.org/k20kg/",
        )
    return base.rstrip("/") + "/"


def _refuse_foreign(folder: Path) -> None:
    """Refuse a folder in which there is something else than a site of ours."""
    where = neutralise(str(folder))
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError("this is no folder", where=where, remedy="name a new one")
    if folder.is_dir() and any(folder.iterdir()):
        try:
            mark = json.loads((folder / MARK).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            mark = None
        if not isinstance(mark, dict) or mark.get("made by") != "k20kg site":
            raise UsageError(
                "the folder is not empty, and no site of ours",
                where=where,
                remedy="name a new one, or empty it yourself",
            )


# ---------------------------------------------------------------- making


def _make(
    writer: _Writer, paths: tuple[Path, ...], planned: list[File], jobs: int, say: Say
) -> _Made:
    """Write the files: answers to queries from this process, the rest from `jobs` processes."""
    jobs = jobs or min(os.cpu_count() or 1, 8)
    queries = [file for file in planned if _is_query(file)]
    others = [file for file in planned if not _is_query(file)]
    chunks = [others[n : n + _CHUNK] for n in range(0, len(others), _CHUNK)]
    made = _Made()
    _here[:] = [writer]

    def add(parts: Iterable[_Made]) -> None:
        for part in parts:
            made.sizes += part.sizes
            made.links |= part.links
            made.ids |= part.ids
            made.left_out |= part.left_out
            say(f"{len(made.sizes)} of {len(planned)} files")

    if jobs == 1:
        add(map(_write, [queries, *chunks]))
        return made
    # Not forked: engines that have run in this process have threads.
    context = multiprocessing.get_context("spawn")
    given = (writer.folder, writer.root, paths)
    with ProcessPoolExecutor(jobs, context, initializer=_start, initargs=given) as pool:
        parts = pool.map(_write, chunks)
        add([_write(queries)])
        add(parts)
    return made


_here: list[_Writer] = []
"""The writer of this process; set once."""


def _start(folder: Path, root: str, paths: tuple[Path, ...]) -> None:
    _here[:] = [_Writer(folder, root, open_dataset(paths))]


def _write(chunk: Sequence[File]) -> _Made:
    """Write some files, and return what the pages among them link to."""
    return asyncio.run(_here[0].write(chunk))


class _Writer:
    """Asks the application for files and writes them into a folder."""

    def __init__(self, folder: Path, root: str, dataset: Dataset) -> None:
        self.folder, self.root = folder, root
        self.site = Site(dataset, Links(root, static_site=True), live=False)
        self._router = create_router(self.site, _SETTINGS)

    async def write(self, chunk: Sequence[File]) -> _Made:
        made, router = _Made(), self._router
        asks = any(_is_query(file) for file in chunk)
        async with router.lifespan_context(router) if asks else nullcontext():
            for file in chunk:
                body = self._page(file) or await read(router, file)
                if body is None:
                    made.left_out.add(file.path)
                    continue
                path = self.folder.joinpath(*file.path.split("/"))
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(body)
                made.sizes.append(len(body))
                if file.path.endswith(".html"):
                    self._note_links(made, file.path, body.decode())
        return made

    def _page(self, file: File) -> bytes:
        """Return a page that stands for what only a server can do, or nothing."""
        if file.path == MISSING:
            from k20kg.web.pages import errors

            return errors.page(self.site, 404, "there is nothing at this address").encode()
        title = file.thing and (label(self.site.dataset, file.thing) or path_of(file.thing))
        there = {"iri": file.thing, "canonical": quoted(file.thing)}
        return self.site.render("signpost.html", title=title, **there).encode() if title else b""

    def _note_links(self, made: _Made, page: str, text: str) -> None:
        """Note what a page links to, and the places in it that can be linked to."""
        here = f"{self.root}/{quote(page)}"
        for address in map(unescape, _LINK.findall(text)):
            made.links[here + address if address.startswith("#") else address] = page
        made.ids[page] = frozenset(map(unescape, _ID.findall(text)))


def _is_query(file: File) -> bool:
    return file.address.startswith("/query/")


async def read(app: ASGIApp, file: File) -> bytes | None:
    """Return the body that an application has for a file, None if its format cannot hold it.

    Raises `K20Error` if there is no answer.
    """
    path, _, query = file.address.partition("?")
    accept = b"text/html" if file.path.endswith(".html") else b"*/*"
    scope = {
        "type": "http",
        "method": "GET",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"accept", accept)],
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    try:
        await app(scope, receive, send)
    except RefusalError as refusal:
        status, body = refusal.status, refusal.what.encode()
    else:
        status, body = sent[0]["status"], b"".join(one.get("body", b"") for one in sent)
    if status == 406:
        return None
    if status != 200:
        raise K20Error(
            f"the application answers {status}: {neutralise(body.decode())}",
            where=file.address,
            remedy="tell the maintainers, or mend the data that this is made of",
        )
    return body


# ---------------------------------------------------------------- links


def _verify(made: _Made, names: set[str], root: str) -> None:
    """Raise `K20Error` if a link leads to a file, or a place in it, that is not there."""
    faults = {address: _fault(address, made, names, root) for address in sorted(made.links)}
    dead = [f"{a} on {made.links[a]}: {fault}" for a, fault in faults.items() if fault]
    if dead:
        more = [f"and {len(dead) - _SHOWN} more"] if len(dead) > _SHOWN else []
        lines = "\n".join(neutralise(line) for line in [*dead[:_SHOWN], *more])
        raise K20Error(
            f"{len(dead)} dead links in the site; nothing was written\n{lines}",
            remedy="tell the maintainers, or mend the data that name what is not there",
        )


def _fault(address: str, made: _Made, names: set[str], root: str) -> str:
    """Return what is wrong with a link, or nothing."""
    parts = urlsplit(address)
    path = unquote(parts.path)
    if address.startswith(BASE):
        path = unquote(parts.path).removeprefix(urlsplit(BASE).path)
        there = {path, f"{path}.html", f"doc/{path}.html", f"{path}index.html"}
        return "" if there & names or not path else "there is no such document"
    if parts.scheme or parts.netloc:
        return "" if parts.scheme in ("http", "https", "mailto", "data") else "it is no web address"
    if not parts.path.startswith(root + "/"):
        return "it leads out of the site"
    target = unquote(parts.path.removeprefix(root + "/"))
    target += "index.html" if not target or target.endswith("/") else ""
    if target not in names:
        return "there is no such file"
    if parts.fragment and target in made.ids and unquote(parts.fragment) not in made.ids[target]:
        return "there is no such place in it"
    return ""


# ---------------------------------------------------------------- putting it there


def _extras(folder: Path, base: str, root: str, dataset: Dataset, count: int) -> list[int]:
    """Write what hosts need, and the mark; return their sizes."""
    mark = {
        "made by": "k20kg site",
        "version": dataset.version,
        "contents": dataset.digest,
        "base": base,
        "root": root,
        "files": count + 3,
    }
    extras = {
        ".htaccess": site_rules(base, root),
        "w3id.htaccess": htaccess(base),
        MARK: json.dumps(mark, indent=1) + "\n",
    }
    for name, text in extras.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [len(text.encode()) for text in extras.values()]


def _swap(fresh: Path, folder: Path) -> None:
    """Put the new folder in the place of the former one."""
    old = fresh.with_name(fresh.name + "-old")
    if folder.exists():
        folder.rename(old)
    try:
        fresh.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
