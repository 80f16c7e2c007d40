"""python -m benchmarks [NAME ...]: run all benchmarks, or some, and print their tables."""

import subprocess
import sys
import time

ALL = ("overhead", "loop", "memory", "page", "viewers", "long")


def main(asked: list[str]) -> int:
    """Run each benchmark in a process of its own; return how many failed."""
    if unknown := set(asked) - set(ALL):
        print(f"no benchmark is called {', '.join(sorted(unknown))}. There are: {', '.join(ALL)}.", file=sys.stderr)
        return 2
    began = time.monotonic()
    failed = [name for name in asked or ALL if subprocess.call([sys.executable, "-m", f"benchmarks.{name}"])]
    print(f"{time.monotonic() - began:.0f} s in all." + (f" Failed: {', '.join(failed)}." if failed else ""))
    return len(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
