"""The tables that lie beside this code as YAML."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""The loader that leaves every scalar as text (`no` is a word here), in C where it was built."""


@cache
def read_table(name: str) -> dict[str, Any]:
    """The table `name`.yaml of this package: mappings and lists of text."""
    with files(__package__).joinpath(f"{name}.yaml").open(encoding="utf-8") as file:
        table: dict[str, Any] = yaml.load(file, Loader=_LOADER)  # noqa: S506  (the base loader makes text only)
    return table
