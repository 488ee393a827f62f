"""`python -m bench [SECTION…]`: measures the sections named, or all of them, some minutes in all.

What one run says of another machine is only in its ratios: both sides of each are taken in turns, in the same run.
"""

import importlib
import sys
import time

from bench.report import machine
from bench.stand import stand

SECTIONS = (
    "reads",
    "postgraphile",
    "hits",
    "hostile",
    "profile",
    "pages",
    "visibility",
    "memory",
    "startup",
    "imports",
    "screens",
    "queues",
)


def main(names: list[str]) -> int:
    """This will measure the sections named, all where none is; 1 where one of them could not be measured."""
    if unknown := set(names) - set(SECTIONS):
        print(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}", file=sys.stderr)
        return 2
    print(machine(), flush=True)
    failed, began = False, time.monotonic()
    with stand() as put_up:
        for name in names or SECTIONS:
            try:
                importlib.import_module(f"bench.{name}").run(put_up)
            except Exception as fault:
                failed = True
                print(f"\n{name}: could not be measured: {fault}", flush=True)
    print(f"\n{time.monotonic() - began:.0f} s in all.")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
