"""The console script. Workers import it again, as `spawn` does with the main module: so it imports next to nothing."""

import sys

from feedsmith.cli.exits import ended


def main() -> None:
    """Run the command that the arguments name, and end the process with its exit code."""
    sys.exit(ended(_command))


def _command() -> None:
    from feedsmith.cli.app import app

    app(prog_name="feedsmith")
