"""Runs commands for the benchmarks: wall time, memory of a whole process tree, catalogs made once."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from make_catalog import write_catalog

HERE = Path(__file__).resolve().parent
SCRATCH = HERE / "scratch"
SAMPLE_EVERY = 0.05
"""Seconds between two looks at the memory."""
Command = Sequence[str | Path]


def catalog(count: int, bad: int = 0, seed: int = 1) -> Path:
    """A catalog of that size in `benchmarks/scratch/`, made when it is not there yet."""
    made_by = int((HERE / "make_catalog.py").stat().st_mtime)
    path = SCRATCH / f"catalog-{count}-{bad}-{seed}-{made_by}.csv"
    SCRATCH.mkdir(exist_ok=True)
    if not path.exists():
        unfinished = path.with_suffix(".part")
        write_catalog(unfinished, count, bad, seed)
        unfinished.rename(path)
    return path


def feedsmith(*words: str | Path) -> list[str | Path]:
    """A feedsmith command of this environment.

    Raises:
        FileNotFoundError: feedsmith is not installed beside this Python.
    """
    program = shutil.which("feedsmith", path=str(Path(sys.executable).parent))
    if program is None:
        raise FileNotFoundError(f"no feedsmith beside {sys.executable}; run `make env` and use .venv/bin/python")
    return [program, *words]


def export(source: Path, out: Path, *options: str) -> list[str | Path]:
    """The command that exports the three feeds of `benchmarks/project` from `source` into `out`.

    It passes the guards: the benchmark's project exports catalogs of different sizes one after the other.
    """
    project = HERE / "project"
    return feedsmith("export", "--project", project, "--catalog", source, "--out", out, "--force", "--quiet", *options)


def seconds(commands: Iterable[Command]) -> float:
    """Wall time of the commands, one after the other.

    Raises:
        subprocess.CalledProcessError: one of them failed.
    """
    start = time.perf_counter()
    for command in commands:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def peak_memory(commands: Iterable[Command]) -> int:
    """The most bytes that a command and all its children held at one time; needs Linux.

    Raises:
        subprocess.CalledProcessError: one of them failed.
    """
    peak = 0
    for command in commands:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while process.poll() is None:
            peak = max(peak, sum(map(held, family(process.pid))))
            time.sleep(SAMPLE_EVERY)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, list(map(str, command)))
    return peak


def family(root: int) -> set[int]:
    """The process ids of `root` and its descendants."""
    names = [path.name for path in Path("/proc").iterdir()]
    parents = {int(name): parent(int(name)) for name in names if name.isdigit()}
    found = {root}
    while more := {child for child, above in parents.items() if above in found} - found:
        found |= more
    return found


def parent(process: int) -> int:
    """The id of a process's parent; 0 when the process is gone."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return 0
    return int(stat.rpartition(")")[2].split()[1])


def held(process: int) -> int:
    """Bytes of a process's proportional set: pages that n processes share count one n-th each."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def megabytes(size: int) -> str:
    """A size for the tables."""
    return f"{size / 1e6:,.0f} MB"
