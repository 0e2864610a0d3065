"""How long `feedsmith --help` takes, against `python -c "import typer"`: `python benchmarks/startup.py [--runs N]`."""

import argparse
import statistics
import sys

from measure import feedsmith, seconds


def main() -> None:
    """Runs both in turn and prints the medians and their ratio."""
    parser = argparse.ArgumentParser(description="Start-up time.")
    parser.add_argument("--runs", type=int, default=30)
    runs = parser.parse_args().runs
    commands = {"feedsmith --help": feedsmith("--help"), "import typer": [sys.executable, "-c", "import typer"]}
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            taken[name].append(seconds([command]))
    middle = {name: statistics.median(times) for name, times in taken.items()}
    for name, value in middle.items():
        print(f"{name:18}{value * 1000:>8.0f} ms   (lowest {min(taken[name]) * 1000:.0f} ms)")
    print(f"ratio {middle['feedsmith --help'] / middle['import typer']:.2f}, median of {runs} runs each")


if __name__ == "__main__":
    main()
