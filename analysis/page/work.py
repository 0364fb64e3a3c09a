"""Slow work beside the kernel's main thread: it says how far it is, and can be cancelled."""

import contextvars
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

Map = Callable[..., Iterator[Any]]
T = TypeVar("T")


class CancelledError(Exception):
    """The work was given up, by its reader or for newer work."""


class Work:
    """One piece of work at a time; a newer one takes the place of an older one."""

    def __init__(self, *, moved: Callable[[float], None]) -> None:
        """`moved` is told how much of the work is done, from 0 to 1."""
        self._moved = moved
        self._stop = threading.Event()
        self._showing = threading.RLock()
        self.thread: threading.Thread | None = None

    def start(self, work: Callable[[Map], T], show: Callable[[T], None]) -> None:
        """Run `work` with a map that counts its steps, then `show` what it gives if still asked."""
        self.cancel()
        stop = self._stop = threading.Event()

        def counted(function: Callable[..., Any], *rows: Any) -> Iterator[Any]:
            listed = list(zip(*rows, strict=True))
            for done, row in enumerate(listed):
                if stop.is_set():
                    raise CancelledError
                self._moved(done / len(listed))
                yield function(*row)
            if stop.is_set():
                raise CancelledError

        def run() -> None:
            try:
                found = work(counted)
            except CancelledError:
                return
            with self._showing:
                if not stop.is_set():
                    show(found)

        context = contextvars.copy_context()  # where the kernel keeps whom it answers
        self.thread = threading.Thread(target=context.run, args=(run,), daemon=True)
        self.thread.start()

    def cancel(self) -> None:
        """Give up what runs; nothing of it is shown from here on."""
        with self._showing:
            self._stop.set()
