"""The same batches on a Dask scheduler: the same rows as on one machine.

This process finds the cases and sends them out in batches, so that workers need see no file of
ours. A batch whose worker is lost is judged again by another.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from k20kg.batch.runner import Batch, Options, Part, judge_batch, judge_corpus
from k20kg.batch.summary import Tally
from k20kg.errors import InputError, UsageError
from k20kg.rdf.text import neutralise

_IN_FLIGHT_A_WORKER: Final = 3


def judge_on_cluster(
    sources: Iterable[str | Path],
    out: str | BinaryIO,
    options: Options,
    scheduler: str,
    *,
    jobs: int = 2,
    resume: bool = False,
) -> Tally:
    """Judge a corpus on a scheduler (``tcp://…``), or with ``local`` on processes of this machine.

    Sources may be fsspec URLs, and so may `out`. Raises `InputError` if nobody answers there.
    """
    client = connect(scheduler, jobs)
    try:
        return judge_corpus(
            sources,
            out,
            options,
            resume=resume,
            judging=lambda batches: judge_with(client, batches, options),
        )
    finally:
        client.close()
        if scheduler == "local":
            client.cluster.close()


def connect(scheduler: str, jobs: int) -> Any:
    """Return a client of a scheduler; ``local`` starts one with `jobs` worker processes."""
    try:
        import distributed
    except ImportError:
        raise UsageError("Dask is not installed", remedy="pip install 'k20kg[cluster]'") from None
    library: Any = distributed
    if scheduler == "local":
        cluster = library.LocalCluster(
            n_workers=jobs, threads_per_worker=1, processes=True, dashboard_address=None
        )
        return library.Client(cluster)
    try:
        return library.Client(scheduler)
    except (OSError, ValueError) as fault:
        raise InputError(
            f"no Dask scheduler answers ({neutralise(str(fault)) or type(fault).__name__})",
            where=neutralise(scheduler),
            remedy="give its address, as in tcp://host:8786, or say local",
        ) from None


def judge_with(client: Any, batches: Iterator[Batch], options: Options) -> Iterator[Part]:
    """Yield the parts in the order of the batches; only so many are on their way."""
    waiting: deque[Any] = deque()
    try:
        for batch in batches:
            waiting.append(client.submit(judge_batch, batch, options, pure=False, retries=2))
            if len(waiting) > _limit(client):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def _limit(client: Any) -> int:
    workers = len(client.scheduler_info(n_workers=-1)["workers"])
    return max(2, _IN_FLIGHT_A_WORKER * workers)
