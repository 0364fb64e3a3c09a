"""Where work runs: in processes of this machine, or on the workers of a Dask scheduler.

Either way a job is one call of a function with one argument, its outcome comes back when it is
ready, and a process that dies takes no job with it: the job is tried again, and
alone. Each job carries the digest of the code that it was made for: who has another refuses it.
"""

import multiprocessing
import os
import re
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing import resource_tracker
from typing import Any, TypeVar

from analysis.run import store

TRIES = 2  # deaths of a process after which its job is given up
ANSWER_SECONDS = 8  # for a scheduler to answer: the work cannot begin before
PATIENCE_SECONDS = 30  # for its first worker to come
ENDS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}  # Ctrl-C, and a terminal that is closed
AHEAD = 2  # jobs on a cluster for each thread: one runs, and the next is there already
NO_START = (
    "no process can be started here, as each begins by reading the script that starts it; "
    'allowed: a call below `if __name__ == "__main__":`'
)

T = TypeVar("T")
Following = Callable[[int], Any]  # the next job or None, given how many run side by side


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a job: its result, or in `error` why there is none."""

    job: Any
    result: Any = None
    error: str | None = None


@contextmanager
def each(
    function: Callable[[Any], Any],
    following: Following,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    begin: tuple[Any, ...] = (),
    module: str = "",
) -> Iterator[Iterator[Done]]:
    """The outcomes of `function(job)` for each job that `following` hands out, as they end.

    The first jobs run from the start of the block, and no process of this machine outlives it.
    Without a `scheduler` there are `workers` processes (default: one a core). `begin`, a
    function and its arguments, is called once in each; `module` names one whose file counts as
    code of the work too. Raises ConnectionError where a scheduler or its workers cannot do it,
    RuntimeError where no process can be started.
    """
    before = set(multiprocessing.active_children())
    call = partial(_do, function, begin, module, store.code(module))
    client: Any
    with _client(scheduler) if scheduler else nullcontext() as client:
        idle: list[Executor] = [] if client else [_process() for _ in range(workers or cores())]
        slots, running = len(idle), dict[Future[Any], tuple[Executor, Any, int]]()
        suspects = list[Any]()  # jobs of a worker that died: which of them killed it is not known
        cluster: Any = client and client.get_executor(pure=False)

        def lost() -> ConnectionError:
            return ConnectionError(f"scheduler {scheduler!r} was lost; run again to resume")

        def threads() -> int:
            try:
                return sum(_answer(PATIENCE_SECONDS, client.nthreads).values())
            except OSError as error:  # a TimeoutError is one
                raise lost() from error

        def fill() -> None:
            if suspects or any(tries > 1 for pool, _, tries in running.values() if pool is cluster):
                return  # until these are done, each alone
            side_by_side = slots
            if client:  # workers come and go
                side_by_side = threads()
                idle[:] = [cluster] * (AHEAD * max(side_by_side, 1) - len(running))
            while idle and (job := following(side_by_side)) is not None:
                begun(idle.pop(), job, 1)

        def begun(pool: Executor, job: Any, tries: int) -> None:
            with _deaf():
                try:
                    future = pool.submit(call, job)
                except BrokenProcessPool:  # it died of an earlier job, after its end
                    pool = _process()
                    future = pool.submit(call, job)
            running[future] = pool, job, tries

        def outcomes() -> Iterator[Done]:
            while running or suspects:
                if not running:
                    begun(cluster, suspects.pop(), TRIES)
                future = ended()
                pool, job, tries = running.pop(future)
                if future.cancelled():
                    raise lost()
                error = future.exception()
                killed = client and type(error).__name__ == "KilledWorker"
                if isinstance(error, store.OtherCodeError) or (client and error and not killed):
                    raise ConnectionError(f"a worker cannot do the work: {error}")
                died = killed or isinstance(error, BrokenProcessPool)
                if died and not client and not _can_start():
                    raise RuntimeError(NO_START)
                if died and tries < TRIES:
                    suspects.append(job) if client else begun(_process(), job, tries + 1)
                    continue
                idle.append(_process() if died and not client else pool)
                fill()
                yield Done(job, error="its process died") if died else _done(job, future)
                fill()  # what the outcome has led to

        def ended() -> Future[Any]:
            while not (done := wait(running, PATIENCE_SECONDS, FIRST_COMPLETED).done):
                if client:
                    threads()  # whether it is still there
            return next(iter(done))

        try:
            fill()
            yield outcomes()
        except BaseException:
            for child in set(multiprocessing.active_children()) - before:
                child.terminate()
                child.join()
            raise
        finally:
            for pool in {*idle, *(pool for pool, *_ in running.values())} - {cluster}:
                pool.shutdown(cancel_futures=True)


def check(workers: int | None, scheduler: str | None) -> None:
    """ValueError where nobody would work, ConnectionError where no worker of a scheduler could."""
    if workers is not None and workers < 1:
        raise ValueError(f"workers = {workers} must be 1 or more")
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


def _process() -> ProcessPoolExecutor:
    """One fresh process, so that a death says which job it was."""
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=_apart)


def _can_start() -> bool:
    """Whether a process starts at all: where it does, a job was what ended it."""
    with _process() as pool:
        return pool.submit(int).exception() is None


@contextmanager
def _deaf() -> Iterator[None]:
    """A process that is started here hears no end of the terminal before it is apart from it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
    try:
        resource_tracker.ensure_running()  # hears two of them again once it is there
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _apart() -> None:
    """In a process of this machine: deaf to the terminal, and gone when its parent is."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # it says nothing where it is ended
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent:
            parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def _do(
    function: Callable[[Any], Any], begin: tuple[Any, ...], module: str, code: str, job: Any
) -> Any:
    """In a worker: the result of one job and None, or None and what went wrong, as text.

    Raises OtherCodeError where the code is not that of the job, before its work and after it.
    """
    store.check_code(code, module)
    try:
        if begin:
            _once(*begin)
        result, error = function(job), None
    except BaseException as raised:  # of a kind that may not travel between processes, or an exit
        result, error = None, _told(raised)
    store.check_code(code, module)
    return result, error


def _told(error: BaseException) -> str:
    """What went wrong; an exit's text is a number."""
    return (str(error) if isinstance(error, Exception) else "") or repr(error)


@cache
def _once(begin: Callable[..., None], *arguments: Any) -> None:
    begin(*arguments)


def _done(job: Any, future: Any) -> Done:
    """The outcome of a job that has ended: what it could not send back is an error too."""
    error = future.exception()
    return Done(job, error=_told(error)) if error else Done(job, *future.result())


def _answer(seconds: float, ask: Callable[..., T], *given: Any) -> T:
    """What is answered in time, else TimeoutError. The thread that waits can be interrupted."""
    told: Future[T] = Future()

    def wait_for() -> None:
        try:
            told.set_result(ask(*given))
        except BaseException as error:
            told.set_exception(error)

    threading.Thread(target=wait_for, daemon=True).start()
    return told.result(seconds)


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
        ask = partial(Client, address, timeout=ANSWER_SECONDS, set_as_default=False)
        client: Any = _answer(ANSWER_SECONDS, ask)
    except (OSError, ValueError, TypeError) as error:  # a TimeoutError is an OSError
        raise ConnectionError(f"scheduler {address!r} cannot be reached") from error
    with client:
        try:
            _answer(PATIENCE_SECONDS, client.wait_for_workers, 1)
            theirs = _answer(PATIENCE_SECONDS, client.run, store.code)
        except TimeoutError as error:
            raise ConnectionError(f"scheduler {address!r} has no worker") from error
        except ImportError as error:
            raise ConnectionError(f"a worker of {address!r} lacks this package: {error}") from error
        if other := [worker for worker, code in theirs.items() if code != store.code()]:
            raise ConnectionError(f"worker {other[0]} has another version of this package")
        yield client
