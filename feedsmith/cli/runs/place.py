"""Where the history lies that the `runs` commands look at: found without reading the project, which may be broken."""

from pathlib import Path
from typing import Annotated

from feedsmith.cli.options import option

OutFolder = Annotated[
    Path | None,
    option("--out", "DIR", "The feeds' folder, where one feed was written to several or there is no project."),
]


def state_of(project: Path | None, out: Path | None) -> Path:
    """The state folder of the project, or without one that of the feeds' folder.

    Raises:
        UsageError: there is neither.
    """
    from feedsmith.definitions.load import project_file
    from feedsmith.errors import UsageError
    from feedsmith.issues import Place
    from feedsmith.run.request import STATE

    path = project_file(project, Path.cwd())
    folder = path.parent if path is not None else out or Path("out")
    if path is None and not (folder / STATE).is_dir():
        hint = "go to the project's folder, name it by --project, or name the feeds' folder by --out"
        raise UsageError(Place(str(Path.cwd())), "there is no feedsmith.yaml here or above", hint)
    return folder / STATE
