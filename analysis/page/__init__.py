"""The kit that questions are written with; it knows no model and no question."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import cast

UNUSED = "rfc3987_syntax"


@contextmanager
def quickly() -> Iterator[None]:
    """Import altair or papermill in this block in less than half of the time.

    Both load jsonschema, which builds the grammar of an address format that no chart and no
    notebook has (`rfc3987_syntax`: 0.9 of altair's 1.8 s). Hidden here, it is looked for again
    by whoever wants it later.
    """
    hidden = UNUSED not in sys.modules
    if hidden:
        sys.modules[UNUSED] = cast(ModuleType, None)
    try:
        yield
    finally:
        if hidden:
            del sys.modules[UNUSED]
