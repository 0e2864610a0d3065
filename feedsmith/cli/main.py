"""The console script. Workers import it again, as `spawn` does with the main module: so it imports next to nothing."""

import gc
import sys

from feedsmith.cli.exits import ended, refused

COLLECT_AFTER = 500_000
"""New objects between two searches for garbage: imports make many that stay, and a search looks at all of them."""


def main() -> None:
    """Run the command that the arguments name, and end the process with its exit code."""
    code = ended(_command)
    gc.freeze()  # at its end Python would search all that was imported for garbage: a tenth of a second
    sys.exit(code)


def _command() -> None:
    gc.set_threshold(COLLECT_AFTER)
    from typer.exceptions import TyperException
    from typer.main import get_command

    from feedsmith.cli.app import app
    from feedsmith.cli.language import in_language

    command = get_command(app)
    in_language(command)
    try:
        sys.exit(command(prog_name="feedsmith", standalone_mode=False))
    except TyperException as error:
        sys.exit(refused(error))
