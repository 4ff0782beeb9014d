"""The commands `serve` and `site`: parse, call, print."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from k20kg.cli.options import progress
from k20kg.cli.streams import say
from k20kg.errors import K20Error, UsageError, install

_NEEDED = ("granian", "python_multipart", "starlette")

Root = Annotated[
    str, typer.Option("--root", metavar="/PREFIX", help="The path under which all this is reached.")
]
Data = Annotated[
    list[Path] | None,
    typer.Option("--data", metavar="PATH", help="Publish this file or folder too; repeatable."),
]


def serve(
    host: Annotated[
        str, typer.Option("--host", help="The address to listen on; other machines reach 0.0.0.0.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="The port; 0 is any free one.")
    ] = 8020,
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=64, help="Processes that answer requests.")
    ] = 1,
    query_workers: Annotated[
        int | None,
        typer.Option("--query-workers", min=1, max=64, help="Processes a worker has for queries."),
    ] = None,
    root: Root = "",
    data: Data = None,
    time_limit: Annotated[
        float, typer.Option("--time-limit", help="Seconds that a query may take.")
    ] = 20.0,
    cors: Annotated[
        bool, typer.Option("--cors/--no-cors", help="Let pages of other hosts read the data.")
    ] = True,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="Believe X-Forwarded-For about who asks.")
    ] = False,
    log: Annotated[
        str, typer.Option("--log", help="Log each request on stderr: off, common or json.")
    ] = "off",
    metrics: Annotated[
        bool, typer.Option("--metrics", help="Give counters for Prometheus at /metrics.")
    ] = False,
    password_file: Annotated[
        Path | None,
        typer.Option(
            "--password-file", metavar="FILE", help="Ask for a password; lines are name:password."
        ),
    ] = None,
    trusted_header: Annotated[
        str,
        typer.Option(
            "--trusted-header", metavar="NAME", help="Let in whom a proxy names in this header."
        ),
    ] = "",
) -> None:
    """Serve cases, verdicts, ontology and queries: pages for people, RDF and SPARQL for machines.

    Prints the address when it is ready. Ctrl-C stops it; SIGHUP reads the data anew.

    Example: k20kg serve --port 8020
    """
    _need_the_extra()
    from k20kg.web.server import serve as run
    from k20kg.web.settings import Limits, ServerOptions, Settings

    if not 0 < time_limit <= 3600:
        raise UsageError("--time-limit is no sensible time", remedy="say --time-limit 20")
    if log not in ("off", "common", "json"):
        raise UsageError(f"{log} is no way to log", where="--log", remedy="say off, common, json")
    if trusted_header and not re.fullmatch(r"[A-Za-z0-9-]+", trusted_header):
        what = f"{trusted_header} is no name of a header"
        raise UsageError(what, where="--trusted-header", remedy="say something like X-User")
    settings = Settings(
        query=Limits(seconds=time_limit),
        query_workers=query_workers,
        request_seconds=time_limit + 60,
        cors=cors,
        behind_proxy=behind_proxy,
        log=log,
        metrics=metrics,
        passwords=_passwords(password_file) if password_file else (),
        trusted_header=trusted_header,
    )
    code = run(ServerOptions(host, port, workers, _checked(root), tuple(data or ()), settings))
    if code:
        raise typer.Exit(code)


def site(
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="DIR", help="A new folder, or that of a former site."),
    ],
    base: Annotated[
        str, typer.Option("--base", metavar="URL", help="The address at which it will be reached.")
    ],
    root: Annotated[
        str | None,
        typer.Option("--root", metavar="/PREFIX", help="The path of that address, if another."),
    ] = None,
    data: Data = None,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="KEY",
            help="Only this one beside pages, Turtle and CSV: nt, jsonld, rdf, json …; repeatable.",
        ),
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", min=0, max=64, help="Processes; 0 is one for each core.")
    ] = 0,
) -> None:
    """Write all that `serve` shows as static files, for any host; every link is verified.

    A folder is replaced only when the new site is whole.

    Example: k20kg site -o public --base https://example.org/k20kg/
    """
    _need_the_extra()
    from k20kg.web.site.export import export

    with progress() as show:
        done = export(
            out,
            base,
            root=None if root is None else _checked(root),
            paths=tuple(data or ()),
            jobs=jobs,
            formats=_formats(formats or ()),
            say=show,
        )
    for path in done.left_out:
        say(f"{path}: left out, since no file can have this name, or its format not hold the data")
    say(
        f"{done.files} files, {done.bytes / 1e6:.0f} MB, {done.links} addresses verified: "
        f"{out / 'index.html'}"
    )


def _need_the_extra() -> None:
    from importlib.util import find_spec

    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise K20Error(
            f"this needs {', '.join(missing)}, which not everybody needs", remedy=install("web")
        )


def _passwords(file: Path) -> tuple[str, ...]:
    """Return the lines of a file of names and passwords; `UsageError` if there are none."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        what = f"{file} cannot be read ({fault})"
        raise UsageError(what, where="--password-file", remedy="name a text file") from None
    found = tuple(line for line in lines if line.strip() and not line.startswith("#"))
    if not found or not all(re.fullmatch(r"[^:]+:.+", line) for line in found):
        what = f"{file} has a line that is not name:password, or none at all"
        raise UsageError(what, where="--password-file", remedy="write lines such as anna:secret")
    return found


def _formats(keys: Sequence[str]) -> Sequence[str]:
    known = ("ttl", "csv", "nt", "jsonld", "rdf", "trig", "nq", "tsv", "json", "xml")
    for key in keys:
        if key not in known:
            raise UsageError(
                f"there is no format {key}", where="--format", remedy=f"say {', '.join(known)}"
            )
    return keys


def _checked(root: str) -> str:
    """Return a prefix that begins with a slash and ends without one."""
    found = root.strip("/")
    if not re.fullmatch(r"(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*(?:/|$))*", found):
        raise UsageError(f"{root} is no path", where="--root", remedy="say something like /k20kg")
    return f"/{found}" if found else ""
