"""The site as static files for any host: a walk through what the application answers.

The application is asked within this process and its workers, without a network: for all that has an
IRI, and then for whatever pages link to, so that a dead link is one that gets no answer. Files are
written into a new folder beside the one that was asked for, which takes its place when every file
is there. Made twice, the two are the same, byte for byte.
"""

from __future__ import annotations

import asyncio
import gc
import json
import multiprocessing
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from k20kg.errors import K20Error, UsageError
from k20kg.rdf.text import escape_controls
from k20kg.vocabulary import BASE
from k20kg.web.app import create_router
from k20kg.web.dataset import Dataset, open_dataset
from k20kg.web.http.responses import quoted
from k20kg.web.linkeddata.describe import iri_of
from k20kg.web.pages import Links, Site, front
from k20kg.web.pictures import ask
from k20kg.web.settings import Limits, Settings
from k20kg.web.site.paths import (
    FileNames,
    Made,
    addresses,
    file_of,
    files_of,
    list_variants,
    local,
    verify,
)
from k20kg.web.site.w3id import htaccess, site_rules

MARK: Final = "site.json"
"""The file that tells a folder of ours from another's."""
MISSING: Final = "404.html"
"""The page that a host shows where there is no file; no address of the application."""
_CHUNK: Final = 250
_SETTINGS: Final = Settings(query=Limits(seconds=120, rows=1_000_000, bytes=256 << 20))

Say = Callable[[str], None]
_Task = tuple[str, list[str]]
"""An address, and the paths at which its answer is written."""


class Exported(NamedTuple):
    """Result of an export."""

    files: int
    bytes: int
    links: int
    left_out: tuple[str, ...]
    """Paths that cannot be names of files."""


def export(
    folder: Path,
    base: str,
    *,
    root: str | None = None,
    paths: Sequence[Path] = (),
    jobs: int = 0,
    formats: Sequence[str] = (),
    say: Say = lambda _: None,
) -> Exported:
    """Write the site that will be reached at `base` into a folder, and return what it holds.

    `root` is the path of `base` unless said otherwise. A folder that is not empty is replaced only
    if it is a former site. With `formats`, there are pages, Turtle, CSV and these only. Raises
    `UsageError` if it may not be, `K20Error` if a link is dead.
    """
    base = _address(base)
    root = urlsplit(base).path.rstrip("/") if root is None else root
    _refuse_foreign(folder)
    dataset = open_dataset(paths)
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        made = asyncio.run(
            _walk(_Writer(fresh, root, dataset, frozenset(formats)), tuple(paths), jobs, say)
        )
        verify(made, root)
        extra = _extras(fresh, base, root, dataset, len(made.sizes), formats)
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
            f"{escape_controls(base)} is no address of a site",
            where="--base",
            remedy="say something like https://example.org/k20kg/",
        )
    return base.rstrip("/") + "/"


def _refuse_foreign(folder: Path) -> None:
    """Refuse a folder in which there is something else than a site of ours."""
    where = escape_controls(str(folder))
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


async def _walk(writer: _Writer, paths: tuple[Path, ...], jobs: int, say: Say) -> Made:
    """Write what the application has, by `jobs` processes; answers to queries by this one."""
    made, names, asked = Made(), FileNames(), set[str]()
    jobs = jobs or min(os.cpu_count() or 1, 8)
    # Not forked: engines that have run in this process have threads.
    context = multiprocessing.get_context("spawn")
    given = (writer.folder, writer.root, paths, writer.site.formats)
    async with writer.router.lifespan_context(writer.router):
        with ProcessPoolExecutor(jobs, context, initializer=_start, initargs=given) as pool:
            found: Iterable[str] = addresses(writer.site)
            while todo := [one for one in dict.fromkeys(found) if one not in asked]:
                asked.update(todo)
                tasks = [(one, [p for p in files_of(one) if names.take(p)]) for one in todo]
                here = [task for task in tasks if jobs == 1 or task[0].startswith("query/")]
                there = [] if jobs == 1 else [task for task in tasks if task[0][:6] != "query/"]
                chunks = [there[n : n + _CHUNK] for n in range(0, len(there), _CHUNK)]
                parts = pool.map(_write, chunks)
                for part in (await writer.write(here), *parts):
                    made.add(part)
                    say(f"{len(made.sizes)} files")
                links = (local(address, writer.root) for address in made.links)
                found = [address for address in links if address]
    return made


_here: list[_Writer] = []
"""The writer of a process of the pool; set once."""


def _start(folder: Path, root: str, paths: tuple[Path, ...], formats: frozenset[str]) -> None:
    gc.set_threshold(100_000, 50, 100)  # little of what is written is garbage in between
    _here[:] = [_Writer(folder, root, open_dataset(paths), formats)]


def _write(tasks: Sequence[_Task]) -> Made:
    """Ask for addresses, and write each answer to its paths."""
    return asyncio.run(_here[0].write(tasks))


class _Writer:
    """Asks the application for addresses and writes the answers into a folder."""

    def __init__(
        self, folder: Path, root: str, dataset: Dataset, formats: frozenset[str] = frozenset()
    ) -> None:
        self.folder, self.root = folder, root
        self.site = Site(dataset, Links(root, static_site=True), live=False, formats=formats)
        self._variants = list_variants(self.site)
        self.router = create_router(self.site, _SETTINGS)

    async def write(self, tasks: Sequence[_Task]) -> Made:
        """Ask for addresses, and write each answer to its paths."""
        made = Made()
        for address, paths in tasks:
            status, body = await self.read(address)
            if status == 404:
                made.missing.add(address)
                continue
            if status == 406 or not paths:
                made.left_out.add(file_of(address))
                continue
            for path in paths:
                signpost = address.startswith("doc/") and not path.startswith("doc/")
                content = body
                if signpost:  # the page of a thing, which leads to its document
                    iri = iri_of(path.removesuffix("/index.html"))
                    title = self.site.names.label(iri) or iri.removeprefix(BASE)
                    there = {"iri": iri, "canonical": quoted(iri), "title": title}
                    content = self.site.render("signpost.html", **there).encode()
                target = self.folder.joinpath(*path.split("/"))
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
                made.sizes[path] = len(content)
            if file_of(address).endswith(".html"):
                made.note(self.root, address, body.decode())
        return made

    async def read(self, address: str) -> tuple[int, bytes]:
        """Return the status and the body of an address of the static site."""
        if address == MISSING:
            return 200, front.error(self.site, 404, "there is nothing at this address").encode()
        accept = b"text/html" if file_of(address).endswith(".html") else b"*/*"
        status, body = await ask(self.router, self._variants.get(address, address), accept)
        if status == 404 and address.endswith(".html"):
            status, body = await ask(self.router, address.removesuffix(".html"), accept)
        if status not in (200, 404, 406):
            raise K20Error(
                f"the application answers {status}: {escape_controls(body.decode())}",
                where=address,
                remedy="tell the maintainers, or mend the data that this is made of",
            )
        return status, body


def _extras(
    folder: Path, base: str, root: str, dataset: Dataset, count: int, formats: Sequence[str]
) -> list[int]:
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
        ".htaccess": site_rules(base, root, formats),
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
