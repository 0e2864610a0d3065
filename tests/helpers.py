"""What tests share: file trees written inside a test, and tables of cases."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
"""The checkout."""


def write_tree(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Writes files below `folder`, text as UTF-8 with its line ends kept; gives `folder` back."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def cases(folder: str | Path) -> Iterator[Any]:
    """The cases of all YAML files in `folder`, as pytest parameters `(stem, case)` named "stem: case".

    Args:
        folder: relative to the checkout, such as `tests/checks/cases`; each file maps a case's name to the case.
    """
    for path in sorted((ROOT / folder).glob("*.yaml")):
        for name, case in yaml.safe_load(path.read_text("utf-8")).items():
            yield pytest.param(path.stem, case, id=f"{path.stem}: {name}")
