"""`make bench`: times and errors, side by side, in one run on one machine."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # one thread: ratios mean the same everywhere

import bench_contract
import bench_exits
import bench_panels
import bench_scenarios
import bench_sides
import bench_spread

if __name__ == "__main__":
    bench_contract.main()
    bench_exits.main()
    bench_sides.main()
    bench_scenarios.main()
    bench_panels.main()
    bench_spread.main()
