"""Does memory grow with the catalog? `python benchmarks/memory.py [--limit RATIO]`; needs Linux.

Exports a small and a large catalog, prints the peak memory of all processes together for both, and ends with 1 when the
large one takes more than `--limit` times the memory of the small one.
"""

import argparse
import sys
from pathlib import Path

from measure import SCRATCH, catalog, export, megabytes, peak_memory


def peak(count: int, out: Path, workers: int) -> int:
    """The peak of one export, in bytes; prints a line."""
    size = peak_memory([export(catalog(count, bad=5), out, "--workers", str(workers))])
    print(f"{count:>10,} products: {megabytes(size)}")
    return size


def main() -> int:
    """Measures both sizes; 1 when memory grew beyond the limit."""
    parser = argparse.ArgumentParser(description="Peak memory of a small and a large export.")
    parser.add_argument("--small", type=int, default=50_000)
    parser.add_argument("--large", type=int, default=500_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--limit", type=float, default=1.25, help="large / small that is still fine (default: 1.25)")
    options = parser.parse_args()
    small, large = (peak(count, SCRATCH / "memory", options.workers) for count in (options.small, options.large))
    print(f"ratio {large / small:.2f}, limit {options.limit:.2f}")
    return 0 if large <= small * options.limit else 1


if __name__ == "__main__":
    sys.exit(main())
