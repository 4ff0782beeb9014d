"""The site as static files for any host: planned, made by several processes, links verified.

Files are written into a new folder beside the one that was asked for, which takes its place when
every file is there and every link leads somewhere. Made twice, the two are the same, byte for byte.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from html import unescape
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

from k20kg.errors import K20Error, UsageError
from k20kg.text import neutralise
from k20kg.vocabulary import BASE
from k20kg.web.dataset import Dataset, open_dataset
from k20kg.web.hosting import rules
from k20kg.web.pages import Links, Site
from k20kg.web.plan import files, is_safe
from k20kg.web.w3id import htaccess
from k20kg.web.wellformed import UnwritableError

__all__ = ["Exported", "export"]

MARK: Final = "site.json"
"""The file that tells a folder of ours from another's."""
_LINK: Final = re.compile(r'\s(?:href|src|action|data)="([^"]*)"')
_ID: Final = re.compile(r'\sid="([^"]+)"')
_CHUNK: Final = 250
_SHOWN: Final = 20

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    files: int
    bytes: int
    links: int
    left_out: tuple[str, ...]
    """Paths that cannot be names of files."""


@dataclass(frozen=True, slots=True)
class _Order:
    """What a process needs to know to make files."""

    folder: Path
    root: str
    paths: tuple[Path, ...]


@dataclass(slots=True)
class _Made:
    """What came of some files: their sizes, and what the pages among them link to."""

    sizes: list[int]
    links: dict[str, set[str]]
    """Address → one page that has it."""
    ids: dict[str, frozenset[str]]
    left_out: set[str]
    """What a format cannot hold."""


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
    if root is None:
        root = urlsplit(base).path.rstrip("/")
    _refuse_foreign(folder)
    dataset = open_dataset(paths)
    site = Site(dataset, Links(root, static_site=True), live=False)
    names, left_out = _plan(site)
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        made = _make(_Order(fresh, root, tuple(paths)), site, names, jobs, say)
        left_out |= made.left_out
        say(f"verifying {len(made.links)} links")
        _verify(made, set(names) - left_out, root, left_out)
        extra = _extras(fresh, base, root, dataset, len(made.sizes))
        fresh.chmod(0o755)
        _swap(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    total = sum(made.sizes) + extra
    return Exported(len(made.sizes) + 3, total, len(made.links), tuple(sorted(left_out)))


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


def _plan(site: Site) -> tuple[list[str], set[str]]:
    """Return the paths of all files, and those that cannot be names of files."""
    names: dict[str, None] = {}
    folders: set[str] = set()
    left_out: set[str] = set()
    for file in files(site):
        above = {str(one) for one in PurePosixPath(file.path).parents} - {"."}
        if not is_safe(file.path):
            left_out.add(file.path)
        elif file.path in names:
            continue
        elif file.path in folders or any(one in names for one in above):
            left_out.add(file.path)  # a file and a folder cannot have one name
        else:
            names[file.path] = None
            folders |= above
    return list(names), left_out


# ---------------------------------------------------------------- making


def _make(order: _Order, site: Site, names: list[str], jobs: int, say: Say) -> _Made:
    """Make the files, by several processes where there are several cores."""
    jobs = jobs or min(os.cpu_count() or 1, 8)
    chunks = [names[n : n + _CHUNK] for n in range(0, len(names), _CHUNK)]
    whole = _Made([], {}, {}, set())
    done = 0

    def add(part: _Made) -> None:
        nonlocal done
        whole.sizes += part.sizes
        for address, pages in part.links.items():
            whole.links.setdefault(address, set()).update(pages)
        whole.ids.update(part.ids)
        whole.left_out |= part.left_out
        done += len(part.sizes) + len(part.left_out)
        say(f"{done} of {len(names)} files")

    if jobs == 1:
        _start(order, site)
        for chunk in chunks:
            add(_write(chunk))
        return whole
    # Not forked: engines that have run in this process have threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, initializer=_start, initargs=(order,)) as pool:
        for part in pool.map(_write, chunks):
            add(part)
    return whole


_here: list[tuple[_Order, dict[str, Callable[[], bytes]]]] = []
"""What this process makes files from; set once."""


def _start(order: _Order, site: Site | None = None) -> None:
    if site is None:
        links = Links(order.root, static_site=True)
        site = Site(open_dataset(order.paths), links, live=False)
    makers: dict[str, Callable[[], bytes]] = {}
    for file in files(site):
        makers.setdefault(file.path, file.make)
    _here[:] = [(order, makers)]


def _write(names: Iterable[str]) -> _Made:
    """Write files, and return what the pages among them link to."""
    ((order, makers),) = _here
    made = _Made([], {}, {}, set())
    for name in names:
        try:
            body = makers[name]()
        except UnwritableError:
            made.left_out.add(name)
            continue
        path = order.folder.joinpath(*name.split("/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        made.sizes.append(len(body))
        if name.endswith(".html"):
            text = body.decode()
            for address in _LINK.findall(text):
                made.links.setdefault(unescape(address), {name})
            made.ids[name] = frozenset(unescape(one) for one in _ID.findall(text))
    return made


# ---------------------------------------------------------------- links


def _verify(made: _Made, names: set[str], root: str, left_out: set[str]) -> None:
    """Raise `K20Error` if a link leads to a file, or a place in it, that is not there."""
    dead: list[str] = []
    for address in sorted(made.links):
        for page in sorted(made.links[address]):
            fault = _fault(address, page, made, names, root)
            if fault and not _left_out(address, root, left_out):
                dead.append(f"{address} on {page}: {fault}")
    if dead:
        more = [f"and {len(dead) - _SHOWN} more"] if len(dead) > _SHOWN else []
        lines = "\n".join(neutralise(line) for line in [*dead[:_SHOWN], *more])
        raise K20Error(
            f"{len(dead)} dead links in the site; nothing was written\n{lines}",
            remedy="tell the maintainers, or mend the data that name what is not there",
        )


def _fault(address: str, page: str, made: _Made, names: set[str], root: str) -> str:
    """Return what is wrong with a link of a page, or nothing."""
    if address.startswith(BASE):
        path = unquote(address.removeprefix(BASE).partition("#")[0].partition("?")[0])
        there = {path, f"{path}.html", f"doc/{path}.html", f"{path}index.html"}
        return "" if there & names or not path else "there is no such document"
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return "" if parts.scheme in ("http", "https", "mailto", "data") else "it is no web address"
    target = page
    if parts.path:
        if not parts.path.startswith(root + "/"):
            return "it leads out of the site"
        target = unquote(parts.path.removeprefix(root + "/"))
        target += "index.html" if not target or target.endswith("/") else ""
    if target not in names:
        return "there is no such file"
    if parts.fragment and target in made.ids and unquote(parts.fragment) not in made.ids[target]:
        return "there is no such place in it"
    return ""


def _left_out(address: str, root: str, left_out: set[str]) -> bool:
    """Tell whether a link leads to what cannot be a file."""
    path = unquote(urlsplit(address).path).removeprefix(root + "/").removeprefix(BASE)
    return path in left_out or f"doc/{path}.html" in left_out


# ---------------------------------------------------------------- putting it there


def _extras(folder: Path, base: str, root: str, dataset: Dataset, count: int) -> int:
    """Write what hosts need, and the mark; return its size."""
    mark = {
        "made by": "k20kg site",
        "version": dataset.version,
        "contents": dataset.digest,
        "base": base,
        "root": root,
        "files": count + 3,
    }
    extras = {
        ".htaccess": rules(base, root),
        "w3id.htaccess": htaccess(base),
        MARK: json.dumps(mark, indent=1) + "\n",
    }
    for name, text in extras.items():
        (folder / name).write_text(text, encoding="utf-8")
    return sum(len(text.encode()) for text in extras.values())


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
