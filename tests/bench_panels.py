"""How long a panel takes from a control's event to the new chart, in a real kernel.

Every event is a control's new value as a browser would send it; the time ends when sentence, chart,
table and command have been handed to the browser. On a machine with other work the processor's
time says more than the clock's. Slow panels: until they say that they work, and
until their answer stands.
"""

from typing import Any

from jupyter_client.manager import start_new_kernel

from analysis.run.execution import QUIET as QUIET_KERNEL

LIMIT_MS = 100.0
EVENTS = 60
PANELS = {
    "01_what_is_committed": ("commitment", "rate"),
    "02_is_the_price_high": ("price", "hours_month"),
    "04_does_it_pay_for_the_site": ("site", "assume.power_usd_mwh"),
    "05_how_much_to_lease_out": ("lease_out", "assume.own_use_to_fee"),
    "06_lease_build_or_rent": ("build_or_rent", "assume.worth_to_fee"),
    "07_how_is_it_booked": ("accounting", "rate"),
    "08_does_it_set_a_precedent": ("precedent", "capacity_mw"),
    "10_what_changed": ("changes", "as_of"),
}
SLOW_PANELS = {
    "03_who_owns_the_exit": ("exit", "rate"),
    "09_what_drives_the_answer": ("drivers", "as_of"),
}
DAYS = {"01_what_is_committed": ("commitment", "as_of")}
TIMED = """
from importlib import import_module
from statistics import median, quantiles
from time import perf_counter, process_time
from analysis.page import theme
from analysis.questions import panel as panels
theme.setup()
panel = panels.made(import_module("analysis.questions.{module}.answer").Answer())
slider, _ = panel.fields["{control}"].box.children[1].children
def moved(slider, share):
    started, worked = perf_counter(), process_time()
    slider.value = slider.min + (slider.max - slider.min) * share
    return 1e3 * (perf_counter() - started), 1e3 * (process_time() - worked)
"""
QUICK = """
spans = [moved(slider, (2 * n + 1) / {events} / 2) for n in range({events})]
for each in zip(*spans):
    print(f"{{median(each):.0f}} {{quantiles(each, n=20)[-1]:.0f}}")
"""
SLOW = """
panel.work.thread.join()
started = perf_counter()
begun, _ = moved(slider, 0.7)
panel.work.thread.join()
print(f"{begun:.0f} {1e3 * (perf_counter() - started):.0f}")
"""


def ran(client: Any, code: str) -> list[float]:
    """The numbers that a piece of code prints in the kernel."""
    lines: list[str] = []

    def hear(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream":
            lines.append(message["content"]["text"])

    reply = client.execute_interactive(code, output_hook=hear, timeout=120)
    assert reply["content"]["status"] == "ok", reply["content"]
    return [float(number) for number in "".join(lines).split()]


def main() -> None:
    """Print median and 95th percentile for each quick panel, and the two times of each slow one."""
    manager, client = start_new_kernel(kernel_name="python3", extra_arguments=QUIET_KERNEL)
    try:
        cases = [*PANELS.items(), *DAYS.items()]
        for notebook, (module, control) in cases:
            names = {"module": module, "control": control}
            ran(client, TIMED.format(**names))
            middle, high, worked, most = ran(client, QUICK.format(events=EVENTS))
            over = "" if high <= LIMIT_MS else f" (over {LIMIT_MS:.0f} ms)"
            print(
                f"{notebook}, {control}: median {middle:.0f} ms, 95 % {high:.0f} ms{over};", end=""
            )
            print(f" of the processor {worked:.0f} and {most:.0f} ms")
        for notebook, (module, control) in SLOW_PANELS.items():
            names = {"module": module, "control": control}
            ran(client, TIMED.format(**names))
            begun, done = ran(client, SLOW)
            print(f"{notebook}, {control}: at work in {begun:.0f} ms, answer in {done:.0f} ms")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


if __name__ == "__main__":
    main()
