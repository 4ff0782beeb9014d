"""Judge batches on a Dask scheduler: the same rows as on one machine.

This process finds the cases and sends them out in batches, so that workers need see no file of
ours. A batch whose worker is lost is judged again by another.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from k20kg.batches.runner import Batch, Judging, Options, Part, in_order, judge_batch
from k20kg.errors import InputError, UsageError, install
from k20kg.rdf.text import escape_controls

_IN_FLIGHT_A_WORKER: Final = 3


@contextmanager
def judging_on(scheduler: str, options: Options, jobs: int = 2) -> Iterator[Judging]:
    """Give the way of judging on a scheduler (``tcp://…``), for `judge_corpus`.

    ``local`` starts a scheduler with `jobs` worker processes on this machine. Raises `InputError`
    if nobody answers.
    """
    client = connect(scheduler, jobs)
    try:
        yield partial(judge_with, client, options=options)
    finally:
        client.close()
        if scheduler == "local":
            client.cluster.close()


def connect(scheduler: str, jobs: int) -> Any:
    """Return a client of a scheduler; ``local`` starts one with `jobs` worker processes."""
    try:
        import distributed
    except ImportError:
        raise UsageError("Dask is not installed", remedy=install("cluster")) from None
    library: Any = distributed
    if scheduler == "local":
        return library.Client(n_workers=jobs, threads_per_worker=1, dashboard_address=None)
    try:
        return library.Client(scheduler)
    except (OSError, ValueError) as fault:
        raise InputError(
            f"no Dask scheduler answers ({escape_controls(str(fault)) or type(fault).__name__})",
            where=escape_controls(scheduler),
            remedy="give its address, as in tcp://host:8786, or say local",
        ) from None


def judge_with(client: Any, batches: Iterator[Batch], options: Options) -> Iterator[Part]:
    """Yield the parts in the order of the batches; only so many are on their way."""
    workers = len(client.scheduler_info(n_workers=-1)["workers"])
    submit = partial(client.submit, judge_batch, options=options, pure=False, retries=2)
    return in_order(batches, submit, max(2, _IN_FLIGHT_A_WORKER * workers))
