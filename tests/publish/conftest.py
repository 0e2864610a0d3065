"""Fixtures of the publishing tests."""

import hashlib
from contextlib import ExitStack
from pathlib import Path

import pytest

from feedsmith.publish import deliver, target
from feedsmith.publish.deliver import open_target, tried
from feedsmith.publish.settings import TargetSettings, seconds
from feedsmith.publish.target import Budget, Parcel
from tests.publish.servers import SECRET


@pytest.fixture
def stack():
    """Context managers that a test enters are left at its end."""
    with ExitStack() as open_contexts:
        yield open_contexts


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    """Tries follow each other at once, and silence is noticed soon."""
    monkeypatch.setattr(deliver, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(target, "STALL", 1.0)


@pytest.fixture(autouse=True)
def secret(monkeypatch):
    """The one password of all servers."""
    monkeypatch.setenv("SHOP_SECRET", SECRET)


OURS = {"env": "SHOP_SECRET"}


@pytest.fixture
def put(tmp_path: Path):
    """Delivers bytes under a name to a target with these settings, as `feedsmith publish` does."""

    def deliver_bytes(content: bytes, name: str = "feed.xml", since: str = "", **settings):
        local = tmp_path / "local.bin"
        local.write_bytes(content)
        given = TargetSettings.model_validate(settings)
        budget = Budget(seconds(given.within))
        there = open_target(given, tmp_path)
        try:
            parcel = Parcel(local, name, hashlib.sha256(content).hexdigest(), len(content), budget, since)
            return tried(lambda: there.put(parcel), given.retries, budget)
        finally:
            there.close()

    return deliver_bytes
