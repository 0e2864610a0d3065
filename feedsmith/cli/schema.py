"""`feedsmith schema`."""

from pathlib import Path
from typing import Annotated

import typer

from feedsmith.cli.options import ProjectPath, examples
from feedsmith.cli.output import write_json

EXAMPLES = examples(
    "feedsmith schema > feedsmith.schema.json",
    "feedsmith schema --channel > channel.schema.json",
    "feedsmith schema --system > system.schema.json",
)


def schema(
    channel: Annotated[bool, typer.Option("--channel", help="Of a channel's file, channels/NAME.yaml.")] = False,
    system: Annotated[bool, typer.Option("--system", help="Of a source system's file, systems/NAME.yaml.")] = False,
    project: ProjectPath = None,
) -> None:
    """Print the JSON Schema of feedsmith.yaml, for completion and checks in an editor.

    It knows the keys with what they mean, the channels (those of the project too) with their fields, and the steps.
    """
    from feedsmith.cli.channels.files import files_of
    from feedsmith.definitions.load import load_channel, project_file
    from feedsmith.definitions.node import load_yaml
    from feedsmith.errors import UsageError
    from feedsmith.issues import Place
    from feedsmith.run.schema import channel_schema, project_schema, system_schema

    if channel and system:
        raise UsageError(Place("command line"), "--channel and --system are two schemas", "ask for one of them")
    if channel or system:
        write_json(channel_schema() if channel else system_schema())
        return
    files = files_of(project)
    path = project_file(project, Path.cwd())
    own_steps = path is not None and "steps" in load_yaml(path, path.name).map
    write_json(project_schema((load_channel(name, files) for name in files), own_steps=own_steps))
