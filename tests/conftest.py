"""Fixtures of many tests: the site, a client, a corpus, an environment without a proxy."""

from __future__ import annotations

import gc
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from scale import PROVE

gc.set_threshold(100_000, 50, 100)  # as the command has it: else a tenth to a fifth of the time
settings.register_profile("sample", derandomize=True)
settings.register_profile("prove", print_blob=True)
settings.load_profile("prove" if PROVE else "sample")

if TYPE_CHECKING:
    from pathlib import Path

    from served import Served
    from web_client import Client, Make

    from k20kg.web.dataset import Dataset
    from k20kg.web.pages import Site


def pytest_collection_finish() -> None:
    """Leave what was imported and collected out of every look for garbage."""
    gc.freeze()


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    """All that is shipped, as it is published; no test changes it."""
    import in_process

    return in_process.dataset()


@pytest.fixture(scope="session")
def site(dataset: Dataset) -> Site:
    """Return the site that pages are made from."""
    from k20kg.web.pages import Site

    return Site(dataset)


@pytest.fixture(scope="session")
def rendered(site: Site) -> dict[str, str]:
    """Front page, definitions, matrices and cases, by name and text."""
    from page_checks import every_page

    return dict(every_page(site))


@pytest.fixture(scope="module")
def client(dataset: Dataset) -> Iterator[Client]:
    """A client of the web application, in this process."""
    from web_client import client_of

    with client_of(dataset) as client:
        yield client


@pytest.fixture
def make(dataset: Dataset) -> Iterator[Make]:
    """Make clients of applications of one's own."""
    from web_client import client_of

    with ExitStack() as stack:
        yield lambda root="", **own: stack.enter_context(client_of(dataset, root, **own))


@pytest.fixture(scope="session")
def server() -> Iterator[Served]:
    """A server of what is shipped, for clients that change nothing."""
    from served import Served

    with Served("--workers", "1", "--query-workers", "2") as server:
        yield server


@pytest.fixture(scope="session")
def corpus_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus as N-Quads, one case after the other."""
    from corpora import corpus

    path = tmp_path_factory.mktemp("corpus") / "plain.nq"
    path.write_bytes(corpus())
    return path


@pytest.fixture(scope="session")
def corpus_rows(corpus_file: Path) -> bytes:
    """The rows of that corpus, as JSON Lines."""
    from corpora import CASES, rows_of

    rows = rows_of([corpus_file])
    assert rows.count(b"\n") == CASES * 18
    return rows


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judge a corpus in batches of a case or two."""
    import k20kg.batches.runner as running

    monkeypatch.setattr(running, "_BYTES_A_BATCH", 40_000)


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask endpoints without the proxy and the credentials of whoever runs the tests."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("TOKEN", "USER", "PASSWORD"):
        monkeypatch.delenv(f"K20KG_ENDPOINT_{name}", raising=False)


@pytest.fixture
def no_orphans() -> Iterator[None]:
    """See that no process that answers queries outlives its pool."""
    yield
    found = subprocess.run(
        ["ps", "-o", "pid,args", "--ppid", str(os.getpid())], capture_output=True, text=True
    ).stdout
    assert "k20kg.web.sparql.fork_server" not in found
