"""How a notebook's kernel ends: asked to, without being interrupted first."""

from typing import Any

from jupyter_client.manager import AsyncKernelManager


class Manager(AsyncKernelManager):
    """The manager of a kernel that has nothing more to run when it is shut down.

    Jupyter interrupts every kernel before it asks it to end, in case a cell still runs. One that
    is only tidying up takes this for a Ctrl-C, and says so in the terminal. A kernel that does not
    end when asked is still killed, some seconds later.
    """

    async def _async_interrupt_kernel(self) -> Any:
        if not self.shutting_down:
            await super()._async_interrupt_kernel()
