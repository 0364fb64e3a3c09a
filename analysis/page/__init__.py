"""The kit that questions are written with; it knows no model and no question."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import cast

UNUSED = ("isoduration", "rfc3986_validator", "rfc3987_syntax")


@contextmanager
def quickly() -> Iterator[None]:
    """Import altair or papermill in this block in less than half of the time.

    Both load jsonschema, which loads checks of formats that no chart and no notebook has (1.1 of
    altair's 1.8 s). Hidden here, they are looked for again by whoever wants them later.
    """
    hidden = [name for name in UNUSED if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden, cast(ModuleType, None)))
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
