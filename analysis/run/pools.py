"""Where work runs: in processes of this machine, or on the workers of a Dask scheduler.

Either way a job is one call of a function with one argument, its outcome comes back when it is
ready, and a process that dies takes no job with it: the job is tried again elsewhere.
"""

import multiprocessing
import os
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from analysis.run import kept

TRIES = 2  # deaths of a process after which its job is given up
ANSWER_SECONDS = 8  # for a scheduler to answer: the work cannot begin before
PATIENCE_SECONDS = 30  # for its first worker to come
AHEAD = 2  # jobs on a cluster for each thread: one runs, and the next is there already

Following = Callable[[int], Any]  # the next job or None, given how many run side by side


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a job: its result, or in `error` why there is none."""

    job: Any
    result: Any = None
    error: str | None = None


def each(
    function: Callable[[Any], Any],
    following: Following,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    begin: tuple[Any, ...] = (),
) -> AbstractContextManager[Iterator[Done]]:
    """The outcomes of `function(job)` for each job that `following` hands out, as they end.

    The first jobs run from the start of the block, and no process of this machine outlives it.
    Without a `scheduler` there are `workers` processes (default: one a core). `begin`, a
    function and its arguments, is called once in each. Raises ConnectionError where a scheduler
    or its workers cannot do the work.
    """
    if workers is not None and workers < 1:
        raise ValueError(f"workers = {workers} must be 1 or more")
    call = partial(_do, function, begin)
    return _there(call, following, scheduler) if scheduler else _here(call, following, workers)


def reached(scheduler: str | None) -> None:
    """ConnectionError unless the scheduler, if there is one, and its workers can do the work."""
    if scheduler:
        with _client(scheduler):
            pass


def listed(jobs: list[Any]) -> Following:
    """The jobs of a list, in its order."""
    left = iter(jobs)
    return lambda _: next(left, None)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _here(
    call: Callable[[Any], Any], following: Following, workers: int | None
) -> Iterator[Iterator[Done]]:
    before = set(multiprocessing.active_children())
    slots = workers or cores()
    idle = [_process() for _ in range(slots)]
    running: dict[Future[Any], tuple[ProcessPoolExecutor, Any, int]] = {}

    def fill() -> None:
        while idle and (job := following(slots)) is not None:
            pool = idle.pop()
            running[pool.submit(call, job)] = pool, job, 1

    def outcomes() -> Iterator[Done]:
        while running:
            ended = []
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                pool, job, tries = running.pop(future)
                if died := isinstance(future.exception(), BrokenProcessPool):
                    pool = _process()
                if died and tries < TRIES:
                    running[pool.submit(call, job)] = pool, job, tries + 1
                else:
                    idle.append(pool)
                    ended.append(
                        Done(job, error="its process died") if died else _done(job, future)
                    )
            fill()
            yield from ended
            fill()  # what the outcomes have led to

    fill()
    try:
        yield outcomes()
    except BaseException:
        for child in set(multiprocessing.active_children()) - before:
            child.terminate()
            child.join()
        raise
    finally:
        for pool in [*idle, *(pool for pool, *_ in running.values())]:
            pool.shutdown(cancel_futures=True)


def _process() -> ProcessPoolExecutor:
    """One fresh process, so that a death says which job it was."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, context, initializer=_apart)


def _apart() -> None:
    """In a process of this machine: deaf to the terminal, and gone when its parent is."""
    os.setsid()
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent:
            parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def _do(function: Callable[[Any], Any], begin: tuple[Any, ...], job: Any) -> Any:
    """In a worker: the result of one job and None, or None and what went wrong, as text."""
    try:
        if begin:
            _once(*begin)
        return function(job), None
    except Exception as error:  # of a kind that may not travel between processes
        return None, str(error) or type(error).__name__


@cache
def _once(begin: Callable[..., None], *arguments: Any) -> None:
    begin(*arguments)


def _done(job: Any, future: Any) -> Done:
    """The outcome of a job that has ended: what it could not send back is an error too."""
    if error := future.exception():
        told = str(error) if isinstance(error, Exception) else ""  # an exit's text is a number
        return Done(job, error=told or repr(error))
    return Done(job, *future.result())


@contextmanager
def _there(
    call: Callable[[Any], Any], following: Following, address: str
) -> Iterator[Iterator[Done]]:
    with _client(address) as client:
        from distributed import as_completed

        ended: Any = as_completed(loop=client.loop)  # type: ignore[no-untyped-call]
        jobs: dict[Any, Any] = {}

        def fill() -> None:
            slots = sum(client.nthreads().values())
            while len(jobs) < AHEAD * max(slots, 1) and (job := following(slots)) is not None:
                future = client.submit(call, job, pure=False)
                jobs[future] = job
                ended.add(future)

        def outcomes() -> Iterator[Done]:
            while jobs:
                future = next(ended)
                job = jobs.pop(future)
                if future.cancelled():
                    raise ConnectionError(f"scheduler {address!r} was lost; run again to resume")
                fill()
                yield _done(job, future)
                fill()  # what the outcome has led to

        fill()
        yield outcomes()


@contextmanager
def _client(address: str) -> Iterator[Any]:
    """A connection to a scheduler whose workers have the code that runs here."""
    try:
        from distributed import Client
    except ImportError as error:
        raise ConnectionError("a scheduler needs Dask: pip install 'dask[distributed]'") from error
    if not re.fullmatch(r"(tcp|tls)://\S+:\d+", address):
        raise ConnectionError(f"scheduler {address!r} is not allowed; allowed: tcp://host:port")
    try:
        client: Any = Client(address, timeout=ANSWER_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TypeError) as error:
        raise ConnectionError(f"scheduler {address!r} cannot be reached") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE_SECONDS)
            theirs = client.run(kept.code)
        except TimeoutError as error:
            raise ConnectionError(f"scheduler {address!r} has no worker") from error
        except ImportError as error:
            raise ConnectionError(f"a worker of {address!r} lacks this package: {error}") from error
        if other := [worker for worker, code in theirs.items() if code != kept.code()]:
            raise ConnectionError(f"worker {other[0]} has another version of this package")
        yield client
