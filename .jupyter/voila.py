"""The app: code hidden, for who holds the token only, and no more kernels than it may have."""

from typing import Any

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.web import HTTPError
from traitlets import Int

FULL = "All {} sessions of this app are in use. Close one, or try again in five minutes."


class FewKernels(AsyncMappingKernelManager):
    """Kernels up to a number; a browser that asks for one more is told so."""

    most = Int(8, config=True, help="how many sessions there may be")
    _starting = 0

    async def start_kernel(self, **given: Any) -> str:
        if len(self) + self._starting >= self.most:
            raise HTTPError(503, reason=FULL.format(self.most))
        self._starting += 1
        try:
            return await super().start_kernel(**given)
        finally:
            self._starting -= 1


c = get_config()  # noqa: F821
c.Voila.ip = "127.0.0.1"
# no page may reach out to a network
policy = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; frame-ancestors 'self'"
c.Voila.tornado_settings = {"headers": {"Content-Security-Policy": policy}}
c.VoilaConfiguration.template = "plain"
c.VoilaConfiguration.allow_template_override = "NO"
c.VoilaConfiguration.classic_tree = True
c.VoilaConfiguration.file_allowlist = []  # Voilà gives files to who has no token too
c.VoilaConfiguration.multi_kernel_manager_class = FewKernels
c.FewKernels.cull_idle_timeout = 300  # seconds without a browser
c.FewKernels.cull_interval = 30
