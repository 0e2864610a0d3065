"""A reader of the output folder sees the old file or the new one, whole, whatever happens."""

import errno
import hashlib
import os
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from feedsmith.errors import OutputError
from feedsmith.publish import folder as folder_module
from feedsmith.publish.folder import (
    PREFIX,
    SUFFIX,
    Staging,
    check_folder,
    prepare_folder,
    publish_files,
    remove_leftovers,
    same_content,
)
from feedsmith.publish.refusals import REFUSALS, refused

ROOT = Path(__file__).resolve().parents[2]
OLD, NEW = b"old" * 1_000, b"new" * 700_000


def publish(folder, name="feed.xml", content=NEW):
    with Staging(folder, name) as staging:
        staging.file.write(content)
        return staging.commit(name)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def sealed(folder, contents, stack):
    """Sealed temporary files with these contents; their final names are f1, f2 …"""
    pairs = []
    for number, content in enumerate(contents, 1):
        staging = stack.enter_context(Staging(folder, f"f{number}"))
        staging.file.write(content)
        staging.seal()
        pairs.append((staging.path, f"f{number}"))
    return pairs


def test_a_file_is_published_whole_in_a_new_folder(tmp_path):
    folder = tmp_path / "a" / "out"
    assert publish(folder) == folder / "feed.xml"
    assert (folder / "feed.xml").read_bytes() == NEW
    assert names(folder) == ["feed.xml"]


def test_nothing_is_seen_under_the_final_name_before_commit(tmp_path):
    publish(tmp_path, content=OLD)
    with Staging(tmp_path, "feed.xml") as staging:
        staging.file.write(NEW)
        staging.seal()
        assert staging.path.read_bytes() == NEW
        assert (tmp_path / "feed.xml").read_bytes() == OLD
        staging.seal()
        staging.commit("feed.xml")
    assert (tmp_path / "feed.xml").read_bytes() == NEW


def interrupted(path, target):
    raise KeyboardInterrupt


def test_without_commit_the_old_file_stays_alone(tmp_path, monkeypatch):
    publish(tmp_path, content=OLD)
    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        publish(tmp_path)
    with Staging(tmp_path, "feed.xml") as staging:
        staging.file.write(NEW)
    assert names(tmp_path) == ["feed.xml"]
    assert (tmp_path / "feed.xml").read_bytes() == OLD


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o000, 0o644), (0o027, 0o640)])
def test_mode_is_for_a_web_server_unless_the_umask_forbids(tmp_path, umask, mode):
    former = os.umask(umask)
    try:
        published = publish(tmp_path)
    finally:
        os.umask(former)
    assert stat.S_IMODE(published.stat().st_mode) == mode


def test_the_order_of_calls(tmp_path, monkeypatch):
    calls = []
    fsync, replace = os.fsync, os.replace

    def recorded_fsync(descriptor):
        calls.append("fsync folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "fsync file")
        fsync(descriptor)

    def recorded_replace(path, target):
        assert path.stat().st_size == len(NEW)
        calls.append(f"replace {target.name}")
        replace(path, target)

    monkeypatch.setattr(os, "fsync", recorded_fsync)
    monkeypatch.setattr(Path, "replace", recorded_replace)
    publish(tmp_path)
    assert calls == ["fsync file", "replace feed.xml", "fsync folder"]


FAULTS = [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS, errno.EDQUOT]


@pytest.mark.parametrize("fault", FAULTS, ids=errno.errorcode.get)
def test_when_the_nth_call_fails_the_file_is_old_or_new_and_whole(tmp_path, monkeypatch, fault):
    """Call number 1, 2 … to the system fails, until a run is undisturbed."""
    publish(tmp_path, content=OLD)
    left = 0

    def failing(call):
        def instead(*args, **more):
            nonlocal left
            left -= 1
            if left == 0:
                raise OSError(fault, os.strerror(fault))
            return call(*args, **more)

        return instead

    for owner, name in [(os, "open"), (os, "fsync"), (Path, "replace"), (Path, "mkdir"), (Path, "lstat")]:
        monkeypatch.setattr(owner, name, failing(getattr(owner, name)))
    for number in range(1, 30):
        left = number
        try:
            publish(tmp_path)
        except OutputError as error:
            left = 0
            told = str(error)
        else:
            break
        assert REFUSALS[fault][0] in told
        assert str(tmp_path) in told
        assert names(tmp_path) == ["feed.xml"]
        assert (tmp_path / "feed.xml").read_bytes() in (OLD, NEW)
    assert 6 < number < 29
    assert (tmp_path / "feed.xml").read_bytes() == NEW


def test_a_full_disk_while_writing_tells_bytes(tmp_path):
    error = refused(tmp_path / "feed.xml", OSError(errno.ENOSPC, "full"), 1_234_567)
    assert "feed.xml: the disk is full (1,234,567 bytes were written, " in str(error)
    assert "bytes are free)" in str(error)
    assert error.exit_code == 8


def child(code, folder):
    """Runs `code` in a process of its own, in `folder`; gives what it printed."""
    setup = f"import os, sys; sys.path.insert(0, {str(ROOT)!r})\n"
    setup += "from pathlib import Path; import resource; from feedsmith.publish.folder import Staging, OutputError\n"
    command = [sys.executable, "-c", setup + textwrap.dedent(code)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=30, check=False)
    assert done.stderr == ""
    return done.stdout


def test_a_file_that_may_not_grow_leaves_the_old_one(tmp_path):
    publish(tmp_path, content=OLD)
    code = """
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))
        try:
            with Staging(Path("."), "feed.xml") as staging:
                for _ in range(30):
                    staging.file.write(b"x" * 100_000)
                staging.commit("feed.xml")
        except OutputError as error:
            print(error)
    """
    told = child(code, tmp_path)
    assert "feed.xml: the file grew larger than allowed" in told
    assert "hint: " in told
    assert names(tmp_path) == ["feed.xml"]
    assert (tmp_path / "feed.xml").read_bytes() == OLD


def test_a_refusal_of_the_last_bytes_leaves_the_old_one(tmp_path):
    publish(tmp_path, content=OLD)
    code = """
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_500, 1_500))
        try:
            with Staging(Path("."), "feed.xml") as staging:
                staging.file.write(b"x" * 3_000)
                staging.commit("feed.xml")
        except OutputError as error:
            print(error)
    """
    assert "larger than allowed" in child(code, tmp_path)
    assert (tmp_path / "feed.xml").read_bytes() == OLD
    assert names(tmp_path) == ["feed.xml"]


def test_a_folder_without_permission(tmp_path):
    """Permission bits do not stop root, so the child gives its rights up first."""
    publish(tmp_path, content=OLD)
    tmp_path.chmod(0o555)
    code = """
        if os.getuid() == 0:
            os.setgroups([]); os.setgid(65534); os.setuid(65534)
        try:
            with Staging(Path("."), "feed.xml") as staging:
                staging.commit("feed.xml")
        except OutputError as error:
            print(error, error.exit_code)
    """
    try:
        told = child(code, tmp_path)
    finally:
        tmp_path.chmod(0o755)
    assert "feed.xml: no permission to write here" in told
    assert told.endswith(" 8\n")
    assert (tmp_path / "feed.xml").read_bytes() == OLD


def test_a_file_in_the_folders_place(tmp_path):
    (tmp_path / "out").write_bytes(OLD)
    for folder in (tmp_path / "out", tmp_path / "out" / "nl"):
        with pytest.raises(OutputError, match="a file stands where a folder is needed"):
            publish(folder)
        with pytest.raises(OutputError, match="a file stands where a folder is needed"):
            prepare_folder(folder)
    assert (tmp_path / "out").read_bytes() == OLD


def link(target):
    return lambda path, outside: path.symlink_to(outside / target)


IN_THE_WAY = {
    "link": (link("victim"), "a link has the name"),
    "dangling link": (link("nothing"), "a link has the name"),
    "link to a folder": (link("."), "a link has the name"),
    "folder": (lambda path, outside: path.mkdir(), "a folder has this name"),
    "pipe": (lambda path, outside: os.mkfifo(path), "no plain file"),
}


@pytest.mark.parametrize(("make", "problem"), IN_THE_WAY.values(), ids=IN_THE_WAY)
def test_something_else_at_the_final_name_is_refused(tmp_path, make, problem):
    folder, outside = tmp_path / "out", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (outside / "victim").write_bytes(OLD)
    make(folder / "feed.xml", outside)
    with pytest.raises(OutputError, match=problem) as caught:
        publish(folder)
    assert "feed.xml" in str(caught.value)
    assert caught.value.hint
    assert (outside / "victim").read_bytes() == OLD
    assert names(folder) == ["feed.xml"]
    with pytest.raises(OutputError, match=problem):
        check_folder(folder, ["other.xml", "feed.xml"])


def test_a_link_put_at_the_final_name_at_the_last_moment_is_replaced_not_followed(tmp_path, monkeypatch):
    victim = tmp_path / "victim"
    victim.write_bytes(OLD)
    folder = tmp_path / "out"
    replace = Path.replace

    def swapped(path, target):
        target.symlink_to(victim)
        replace(path, target)

    monkeypatch.setattr(Path, "replace", swapped)
    publish(folder)
    assert victim.read_bytes() == OLD
    assert not (folder / "feed.xml").is_symlink()


def test_a_link_at_the_temporary_name_is_not_followed(tmp_path, monkeypatch):
    monkeypatch.setattr(folder_module.secrets, "token_hex", lambda _: "0" * 16)
    (tmp_path / "victim").write_bytes(OLD)
    (tmp_path / f"{PREFIX}{'0' * 16}{SUFFIX}").symlink_to(tmp_path / "victim")
    with pytest.raises(OutputError, match="in the way"):
        publish(tmp_path)
    assert (tmp_path / "victim").read_bytes() == OLD


def test_a_link_on_the_folder_is_fine(tmp_path):
    (tmp_path / "www").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "www")
    publish(tmp_path / "out")
    assert names(tmp_path / "www") == ["feed.xml"]


@pytest.mark.parametrize("name", ["", ".", "..", "../feed.xml", "a/b", "/etc/x", "a\\b", "a\0b"])
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path, name):
    with pytest.raises(OutputError, match="not the name of a file"):
        publish(tmp_path, name or ".")
    with pytest.raises(OutputError, match="not the name of a file"):
        publish_files(tmp_path, [], [name])
    assert names(tmp_path) == []


def test_a_name_that_is_too_long(tmp_path):
    with pytest.raises(OutputError, match="too long"):
        publish(tmp_path, "x" * 300)
    assert names(tmp_path) == []


def test_check_folder_leaves_no_trace(tmp_path):
    publish(tmp_path, content=OLD)
    check_folder(tmp_path, ["feed.xml", "new.xml"])
    assert names(tmp_path) == ["feed.xml"]


def test_numbered_files_go_last_to_first_then_strays(tmp_path, monkeypatch, stack):
    for number in range(1, 6):
        publish(tmp_path, f"f{number}", OLD)
    seen = []
    replace, unlink = Path.replace, Path.unlink
    monkeypatch.setattr(Path, "replace", lambda path, target: (seen.append(target.name), replace(path, target)))
    monkeypatch.setattr(Path, "unlink", lambda path, **more: (seen.append(f"-{path.name}"), unlink(path, **more)))
    publish_files(tmp_path, sealed(tmp_path, [b"1", b"2", b"3"], stack), ["f4", "f5", "f3", "gone"])
    assert seen == ["f3", "f2", "f1", "-f4", "-f5", "-gone"]
    assert [(tmp_path / name).read_bytes() for name in names(tmp_path)] == [b"1", b"2", b"3"]


def test_no_file_is_replaced_when_one_target_is_refused(tmp_path, stack):
    publish(tmp_path, "f2", OLD)
    (tmp_path / "f1").mkdir()
    with pytest.raises(OutputError, match="f1: a folder"):
        publish_files(tmp_path, sealed(tmp_path, [b"1", b"2"], stack), ["f2"])
    assert (tmp_path / "f2").read_bytes() == OLD


def test_a_stray_that_is_a_folder_is_left(tmp_path):
    (tmp_path / "f9").mkdir()
    with pytest.raises(OutputError, match="f9"):
        publish_files(tmp_path, [], ["f9"])
    assert names(tmp_path) == ["f9"]


def test_a_reader_that_keeps_the_file_open_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(folder_module, "PATIENCE", 5.0)
    monkeypatch.setattr(folder_module, "PAUSE", 0.001)
    tries = []
    replace = Path.replace

    def busy(path, target):
        tries.append(target)
        if len(tries) < 4:
            raise PermissionError(errno.EACCES, "in use")
        replace(path, target)

    monkeypatch.setattr(Path, "replace", busy)
    publish(tmp_path)
    assert len(tries) == 4
    monkeypatch.setattr(folder_module, "PATIENCE", 0.0)
    tries.clear()
    with pytest.raises(OutputError, match="no permission"):
        publish(tmp_path)
    assert len(tries) == 1


def test_same_content(tmp_path):
    path = publish(tmp_path, content=OLD)
    digest = hashlib.sha256(OLD).hexdigest()
    assert same_content(path, digest, len(OLD))
    assert not same_content(path, digest, len(OLD) + 1)
    assert not same_content(path, hashlib.sha256(NEW).hexdigest(), len(OLD))
    assert not same_content(tmp_path / "missing.xml", digest, len(OLD))
    assert not same_content(tmp_path, digest, tmp_path.stat().st_size)
    (tmp_path / "link.xml").symlink_to(path)
    assert not same_content(tmp_path / "link.xml", digest, len(OLD))


def test_the_janitor_removes_our_own_leftovers_only(tmp_path):
    ours = f"{PREFIX}{'0a' * 8}{SUFFIX}"
    others = ["feed.xml", f"{PREFIX}notes.md", f"{PREFIX}{'0a' * 8}{SUFFIX}.bak", f"x{ours}"]
    for name in [ours, *others]:
        (tmp_path / name).write_bytes(b"x")
    assert remove_leftovers(tmp_path) == [tmp_path / ours]
    assert names(tmp_path) == sorted(others)
    assert remove_leftovers(tmp_path / "missing") == []


def test_what_a_killed_run_leaves_is_a_leftover(tmp_path):
    publish(tmp_path, content=OLD)
    code = """
        with Staging(Path("."), "feed.xml") as staging:
            staging.file.write(b"half")
            staging.file.flush()
            os._exit(1)
    """
    child(code, tmp_path)
    assert len(names(tmp_path)) == 2
    assert len(remove_leftovers(tmp_path)) == 1
    assert (tmp_path / "feed.xml").read_bytes() == OLD
