"""The site as static files for any host: a walk through what the application answers.

The application is asked within this process and its like, without a network: for all that has an
IRI, and then for whatever pages link to, so that a dead link is one that gets no answer. Files are
written into a new folder beside the one that was asked for, which takes its place when every file
is there. Made twice, the two are the same, byte for byte.
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

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message

from k20kg.errors import K20Error, UsageError
from k20kg.rdf.text import neutralise
from k20kg.vocabulary import BASE
from k20kg.web.app import create_router
from k20kg.web.dataset import Dataset, open_dataset
from k20kg.web.http.responses import RefusalError, quoted
from k20kg.web.linkeddata.describe import iri_of, label
from k20kg.web.pages import Links, Site, errors
from k20kg.web.settings import Limits, Settings
from k20kg.web.site.paths import Names, addresses, file_of, files_of, list_variants
from k20kg.web.site.w3id import htaccess, site_rules

MARK: Final = "site.json"
"""The file that tells a folder of ours from another's."""
MISSING: Final = "404.html"
"""The page that a host shows where there is no file; no address of the application."""
_LINK: Final = re.compile(r'\s(?:href|src|action|data)="([^"]*)"')
_ID: Final = re.compile(r'\sid="([^"]+)"')
_CHUNK: Final = 250
_SHOWN: Final = 20
_SETTINGS: Final = Settings(query=Limits(seconds=120, rows=1_000_000, bytes=256 << 20))

Say = Callable[[str], None]
_Task = tuple[str, list[str]]
"""An address, and the paths at which its answer is written."""


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
    """What came of some addresses."""

    sizes: dict[str, int] = field(default_factory=dict)
    """Path of each file → its size."""
    links: dict[str, str] = field(default_factory=dict)
    """Address → a page that has it."""
    ids: dict[str, frozenset[str]] = field(default_factory=dict)
    """Path of each page → the places in it that can be linked to."""
    left_out: set[str] = field(default_factory=set)
    """Paths that cannot be names of files, or whose format cannot hold what they would say."""
    missing: set[str] = field(default_factory=set)
    """Addresses to which there is no answer."""

    def add(self, other: _Made) -> None:
        self.sizes |= other.sizes
        self.links |= other.links
        self.ids |= other.ids
        self.left_out |= other.left_out
        self.missing |= other.missing


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
        made = _walk(_Writer(fresh, root, dataset), tuple(paths), jobs, say)
        _verify(made, root)
        extra = _extras(fresh, base, root, dataset, len(made.sizes))
        fresh.chmod(0o755)
        _swap(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    sizes = [*made.sizes.values(), *extra]
    return Exported(len(sizes), sum(sizes), len(made.links), tuple(sorted(made.left_out)))


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


# ---------------------------------------------------------------- walking


def _walk(writer: _Writer, paths: tuple[Path, ...], jobs: int, say: Say) -> _Made:
    """Write what the application has, by `jobs` processes; answers to queries by this one."""
    made, names, asked = _Made(), Names(), set[str]()
    _here[:] = [writer]
    jobs = jobs or min(os.cpu_count() or 1, 8)
    # Not forked: engines that have run in this process have threads.
    context = multiprocessing.get_context("spawn")
    given = (writer.folder, writer.root, paths)
    with (
        ProcessPoolExecutor(jobs, context, initializer=_start, initargs=given)
        if jobs > 1
        else nullcontext()
    ) as pool:
        found: Iterable[str] = addresses(writer.site)
        while todo := [one for one in dict.fromkeys(found) if one not in asked]:
            asked.update(todo)
            tasks = [(one, [path for path in files_of(one) if names.take(path)]) for one in todo]
            queries = [task for task in tasks if task[0].startswith("query/")]
            others = [task for task in tasks if not task[0].startswith("query/")]
            chunks = [others[n : n + _CHUNK] for n in range(0, len(others), _CHUNK)]
            parts = pool.map(_write, chunks) if pool else map(_write, chunks)
            for part in (_write(queries), *parts):
                made.add(part)
                say(f"{len(made.sizes)} files")
            found = filter(None, (local(address, writer.root) for address in list(made.links)))
    return made


_here: list[_Writer] = []
"""The writer of this process; set once."""


def _start(folder: Path, root: str, paths: tuple[Path, ...]) -> None:
    _here[:] = [_Writer(folder, root, open_dataset(paths))]


def _write(tasks: Sequence[_Task]) -> _Made:
    """Ask for addresses, and write each answer to its paths."""
    return asyncio.run(_here[0].write(tasks))


class _Writer:
    """Asks the application for addresses and writes the answers into a folder."""

    def __init__(self, folder: Path, root: str, dataset: Dataset) -> None:
        self.folder, self.root = folder, root
        self.site = Site(dataset, Links(root, static_site=True), live=False)
        self._variants = list_variants(self.site)
        self._router = create_router(self.site, _SETTINGS)

    async def write(self, tasks: Sequence[_Task]) -> _Made:
        made, router = _Made(), self._router
        asks = any(address.startswith("query/") for address, _ in tasks)
        async with router.lifespan_context(router) if asks else nullcontext():
            for address, paths in tasks:
                status, body = await self.read(address)
                if status == 404:
                    made.missing.add(address)
                elif status == 406 or not paths:
                    made.left_out.add(file_of(address))
                for path in paths if status == 200 else ():
                    signpost = address.startswith("doc/") and not path.startswith("doc/")
                    content = self._signpost(path) if signpost else body
                    target = self.folder.joinpath(*path.split("/"))
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(content)
                    made.sizes[path] = len(content)
                if status == 200 and file_of(address).endswith(".html"):
                    self._note_links(made, file_of(address), body.decode())
        return made

    async def read(self, address: str) -> tuple[int, bytes]:
        """Return the status and the body of an address of the static site."""
        if address == MISSING:
            return 200, errors.page(self.site, 404, "there is nothing at this address").encode()
        accept = b"text/html" if file_of(address).endswith(".html") else b"*/*"
        status, body = await ask(self._router, self._variants.get(address, address), accept)
        if status == 404 and address.endswith(".html"):
            status, body = await ask(self._router, address.removesuffix(".html"), accept)
        if status not in (200, 404, 406):
            raise K20Error(
                f"the application answers {status}: {neutralise(body.decode())}",
                where=address,
                remedy="tell the maintainers, or mend the data that this is made of",
            )
        return status, body

    def _signpost(self, path: str) -> bytes:
        """Return the page of a thing, which leads to its document."""
        iri = iri_of(path.removesuffix("/index.html"))
        title = label(self.site.dataset, iri) or iri.removeprefix(BASE)
        there = {"iri": iri, "canonical": quoted(iri)}
        return self.site.render("signpost.html", title=title, **there).encode()

    def _note_links(self, made: _Made, page: str, text: str) -> None:
        """Note what a page links to, and the places in it that can be linked to."""
        here = f"{self.root}/{quote(page)}"
        for address in map(unescape, _LINK.findall(text)):
            made.links[here + address if address.startswith("#") else address] = page
        made.ids[page] = frozenset(map(unescape, _ID.findall(text)))


async def ask(app: ASGIApp, address: str, accept: bytes) -> tuple[int, bytes]:
    """Return the status and the body of an application's answer; one redirect is followed."""
    path, _, query = address.partition("?")
    scope = {
        "type": "http",
        "method": "GET",
        "path": f"/{unquote(path)}",
        "raw_path": f"/{path}".encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"accept", accept)],
        "app": app,
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    try:
        await app(scope, receive, send)
    except RefusalError as refusal:
        return refusal.status, refusal.what.encode()
    except HTTPException as fault:
        return fault.status_code, fault.detail.encode()
    if sent[0]["status"] == 302:
        location = dict(sent[0]["headers"])[b"location"].decode()
        return await ask(app, location.rpartition("/")[2], accept)
    return sent[0]["status"], b"".join(one.get("body", b"") for one in sent)


# ---------------------------------------------------------------- links


def local(address: str, root: str) -> str:
    """Return the address of a file of the site below its root, or nothing."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or not parts.path.startswith(root + "/"):
        return ""
    return parts.path.removeprefix(root + "/") or "index.html"


def _verify(made: _Made, root: str) -> None:
    """Raise `K20Error` if a link leads to a file, or a place in it, that is not there."""
    faults = {address: _fault(address, made, root) for address in sorted(made.links)}
    dead = [f"{a} on {made.links[a]}: {fault}" for a, fault in faults.items() if fault]
    if dead:
        more = [f"and {len(dead) - _SHOWN} more"] if len(dead) > _SHOWN else []
        lines = "\n".join(neutralise(line) for line in [*dead[:_SHOWN], *more])
        raise K20Error(
            f"{len(dead)} dead links in the site; nothing was written\n{lines}",
            remedy="tell the maintainers, or mend the data that name what is not there",
        )


def _fault(address: str, made: _Made, root: str) -> str:
    """Return what is wrong with a link, or nothing."""
    parts = urlsplit(address)
    if address.startswith(BASE):
        path = unquote(parts.path).removeprefix(urlsplit(BASE).path)
        there = {path, f"{path}.html", f"doc/{path}.html", f"{path}index.html"}
        known = any(one in made.sizes or one in made.left_out for one in there)
        return "" if known or not path else "there is no such document"
    if parts.scheme or parts.netloc:
        return "" if parts.scheme in ("http", "https", "mailto", "data") else "it is no web address"
    target = local(address, root)
    if not target:
        return "it leads out of the site"
    if target in made.missing:
        return "there is no such file"
    path = file_of(target)
    if parts.fragment and path in made.ids and unquote(parts.fragment) not in made.ids[path]:
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
