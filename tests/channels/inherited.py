"""Which checks of a channel are its own, and which stand in a channel that it extends."""

from feedsmith.definitions.load import channel_files, load_channel
from tests.channels.engine import HERE


def own_checks(name: str) -> set[str]:
    """The names of the checks that the channel has not in the very same words from the channel that it extends."""
    files = channel_files(HERE)
    channel = load_channel(name, files).definition
    checks = {**channel.checks, **channel.sets}
    if channel.extends is None:
        return set(checks)
    below = load_channel(channel.extends, files).definition
    known = {**below.checks, **below.sets}
    return {key for key, check in checks.items() if known.get(key) != check}
