"""Run a notebook in a kernel of its own, and keep of it what does not differ from run to run."""

import logging
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from analysis.page import embed, quickly
from analysis.page.notebooks import Notebook
from analysis.run.pages import LIVE, OURS, SVG

with quickly():
    import papermill

logging.getLogger("papermill").addHandler(logging.NullHandler())  # it comes as an error too

STARTS = 3  # of a kernel that dies before it answers
DIED = "Kernel died before replying to kernel_info"  # Jupyter's words, before any cell has run
ARGV = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
QUIET = ["--IPKernelApp.log_level=ERROR"]  # no warning about the loopback in a terminal


class Manager(AsyncKernelManager):
    """The manager of a kernel of this interpreter, with nothing more to run when it is shut down.

    Jupyter looks for a kernel by name, first in the user's own folders, where `python3` may be
    another interpreter. It interrupts every kernel before it asks it to end, and one that is only
    tidying up takes this for a Ctrl-C. What a kernel's process itself says while it starts or
    ends, because its folder or port is gone, is no finding: it does not reach the terminal.
    """

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(argv=ARGV, language="python", display_name="Python 3")

    async def _async_launch_kernel(self, kernel_cmd: list[str], **given: Any) -> None:
        await super()._async_launch_kernel(kernel_cmd, stderr=subprocess.DEVNULL, **given)

    async def _async_interrupt_kernel(self) -> Any:
        if not self.shutting_down:
            await super()._async_interrupt_kernel()


def execute(notebook: Notebook, given: Mapping[str, Any], cwd: Path) -> tuple[dict[str, Any], str]:
    """Run the notebook with papermill, working in `cwd`.

    Returns the executed notebook, cleaned of all that differs from run to run, and what it wrote
    to stderr. Raises RuntimeError with the cell and its error where one fails.
    """
    try:
        done = _executed(notebook, given, cwd)
    except papermill.exceptions.PapermillExecutionError as error:
        lines = "\n".join(f"    {line}" for line in error.source.splitlines()[:15])
        what = f"{error.ename}: {error.evalue}"
        raise RuntimeError(
            f"cell {error.exec_count} of {notebook.name}:\n{lines}\n{what}"
        ) from None
    cells = [_clean(cell, f"cell-{n}") for n, cell in enumerate(done.cells, start=1)]
    errors = "".join(_text(o) for cell in done.cells for o in cell.get("outputs", []) if _loud(o))
    ours = {"name": notebook.name, "parameters": {**notebook.parameters, **given}}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}, OURS: ours}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, errors


def _executed(notebook: Notebook, given: Mapping[str, Any], cwd: Path, tries: int = STARTS) -> Any:
    """What papermill makes of the notebook; a kernel that dies before it answers is begun anew.

    Its ports are chosen before it has them, so that on a busy machine another may take one.
    """
    source: Any = nbformat.reads(notebook.text, as_version=4)  # type: ignore[no-untyped-call]
    try:
        return papermill.execute_notebook(
            source,
            None,
            parameters=dict(given),
            kernel_name="python3",
            resources={"metadata": {"path": str(cwd)}},  # cwd= would move the whole process
            progress_bar=False,
            extra_arguments=QUIET,
            kernel_manager_class=Manager,
        )
    except RuntimeError as error:
        if str(error) != DIED or tries <= 1:
            raise
        return _executed(notebook, given, cwd, tries - 1)


def _clean(cell: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The cell without timings, random ids, widget models, and with its printed lines in one."""
    tags = cell["metadata"].get("tags")
    plain = {"id": name, "cell_type": cell["cell_type"], "source": cell["source"]}
    plain["metadata"] = {"tags": list(tags)} if tags else {}
    if cell["cell_type"] != "code":
        return plain
    outputs: list[dict[str, Any]] = []
    for output in cell["outputs"]:
        kept = {key: value for key, value in output.items() if key != "transient"}
        if "data" in kept:
            data = kept["data"].items()
            kept["data"] = drawn({mime: v for mime, v in data if "jupyter.widget" not in mime})
        if kept["output_type"] == "stream" and outputs and outputs[-1]["output_type"] == "stream":
            outputs[-1]["text"] += "" if _loud(output) else _text(output)
        elif not _loud(output) and not _empty(kept):
            outputs.append(kept)
    return plain | {"execution_count": cell["execution_count"], "outputs": outputs}


def drawn(data: dict[str, Any]) -> dict[str, Any]:
    """An output's data with the picture of its chart, where the kernel has left that to us."""
    if LIVE not in data or SVG in data:
        return data
    return data | {SVG: embed.picture(data[LIVE])}


def _empty(output: Mapping[str, Any]) -> bool:
    """Whether it is a table without rows, or a chart without data: nothing to show."""
    data = output.get("data", {})
    if LIVE in data:
        datasets = data[LIVE].get("datasets", {})
        return bool(datasets) and not any(datasets.values())
    return "".join(data.get("text/plain", "")).startswith("Empty DataFrame")


def _loud(output: Mapping[str, Any]) -> bool:
    return bool(output["output_type"] == "stream" and output["name"] == "stderr")


def _text(output: Mapping[str, Any]) -> str:
    return "".join(output["text"])
