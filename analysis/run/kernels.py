"""How a notebook's kernel starts, and how it ends: asked to, without being interrupted first."""

import subprocess
import sys
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

DIED = "Kernel died before replying to kernel_info"  # Jupyter's words, before any cell has run
ARGV = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]


class Manager(AsyncKernelManager):
    """The manager of a kernel of this interpreter, with nothing more to run when it is shut down.

    Jupyter looks for a kernel by name, first in the user's own folders, where `python3` may be
    another interpreter that has not this package.

    Jupyter interrupts every kernel before it asks it to end, in case a cell still runs. One that
    is only tidying up takes this for a Ctrl-C. A kernel that does not end when asked is still
    killed, some seconds later. What its process itself says while it starts or ends, a traceback
    because its folder or port is gone, is no finding: it does not reach the terminal.
    """

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(argv=ARGV, language="python", display_name="Python 3")

    async def _async_launch_kernel(self, kernel_cmd: list[str], **given: Any) -> None:
        await super()._async_launch_kernel(kernel_cmd, stderr=subprocess.DEVNULL, **given)

    async def _async_interrupt_kernel(self) -> Any:
        if not self.shutting_down:
            await super()._async_interrupt_kernel()
