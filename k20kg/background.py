"""Work begun early, in a thread of its own: the engine and the store need no Python meanwhile."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

T = TypeVar("T")


class LazyValue(Generic[T]):
    """Result of a function, returned or raised when it is asked for."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work: Callable[[], T] | None = work
        self._value: T
        self._fault: BaseException | None = None
        self._one = threading.Lock()

    def _do(self) -> None:
        work, self._work = self._work, None  # what it holds on to may be large
        assert work
        try:
            self._value = work()
        except BaseException as fault:
            self._fault = fault

    def result(self) -> T:
        """Return the value, or raise what the work raised; it is done once."""
        with self._one:  # another thread may ask as well
            if self._work:
                self._do()
        if self._fault is not None:
            raise self._fault
        return self._value


class BackgroundTask(LazyValue[T]):
    """The same, begun at once. A program that ends waits for it: no Rust call can be cut short."""

    def __init__(self, work: Callable[[], T]) -> None:
        super().__init__(work)
        self._thread = threading.Thread(target=self._do)
        self._thread.start()

    def result(self) -> T:
        """Wait for the end; return the value, or raise what the work raised."""
        self._thread.join()
        return super().result()


if TYPE_CHECKING:
    FutureValue = LazyValue[T] | Future[T]
    """The result of a piece of work."""
    Submit = Callable[[Callable[[], Any]], FutureValue[Any]]
    """Begins a piece of work, or puts it off."""


def pool() -> ThreadPoolExecutor:
    """Return threads for many pieces of work, one for each core."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(usable_cores())


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
