"""Fixtures of the publishing tests."""

from contextlib import ExitStack

import pytest


@pytest.fixture
def stack():
    """Context managers that a test enters are left at its end."""
    with ExitStack() as open_contexts:
        yield open_contexts
