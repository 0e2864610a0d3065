"""Where the bundled channels, templates and samples lie, in a wheel or in a checkout."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def bundled(folder: str) -> Path:
    """The bundled folder of that name: inside the installed package, else beside it in the checkout.

    Args:
        folder: `channels`, `templates` or `samples`.

    Raises:
        FileNotFoundError: an installation without its data.
    """
    for candidate in (PACKAGE / "_bundled" / folder, PACKAGE.parent / folder):
        if candidate.is_dir():
            return candidate
    message = f"this installation of feedsmith lacks its {folder}; install it again"
    raise FileNotFoundError(message)
