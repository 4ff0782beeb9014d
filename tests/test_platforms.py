"""All but the server runs where there is no POSIX: nothing of it is asked for on import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from k20kg.sources.shipped_cases import shipped_cases

HIDE = """
import os, signal, sys
for name in ("fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "posix_ipc"):
    sys.modules[name] = None
for place, names in (
    (os, "fork forkpty sched_getaffinity getuid geteuid setsid killpg mkfifo getpgid"),
    (signal, "SIGHUP SIGUSR1 SIGKILL SIGALRM SIGPIPE SIGQUIT pthread_sigmask setitimer"),
):
    for name in names.split():
        if hasattr(place, name):
            delattr(place, name)
import ctypes
def refuse(*_, **__):
    raise OSError("there is no such library")
ctypes.CDLL = refuse
"""


def run(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process in which what Windows does not have is hidden."""
    return subprocess.run(
        [sys.executable, "-c", HIDE + code, *words], capture_output=True, timeout=120, text=True
    )


def test_every_module_can_be_imported() -> None:
    done = run(
        "import importlib, pkgutil, k20kg\n"
        "for module in pkgutil.walk_packages(k20kg.__path__, 'k20kg.'):\n"
        "    if module.name != 'k20kg.cli.__main__':\n"
        "        importlib.import_module(module.name)\n"
    )
    assert done.returncode == 0, done.stderr


COMMANDS = [
    ["validate", "full-partnership"],
    ["validate", "guie", "--engine", "pyshacl", "--no-evidence"],
    ["validate", "full-partnership", "-o", "report.csv"],
    ["batch", "full-partnership", "-o", "rows.csv"],
    ["check", "full-partnership", "-f", "json"],
    ["query", "--sparql", "ASK {}"],
    ["query", "--sparql", "ASK {}", "--data", str(shipped_cases()["full-partnership"])],
    ["timeline", "full-partnership"],
    ["synthesize", "-n", "2", "-o", "corpus.nq"],
]


def test_commands_run_without_what_only_posix_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    root = str(Path(__file__).parent.parent)
    done = run(
        f"sys.path.insert(0, {root!r})\n"
        "from k20kg.cli import main\n"
        f"for words in {COMMANDS!r}:\n"
        "    assert main(words) == 0, words\n"
    )
    assert done.returncode == 0, done.stderr
    for words in COMMANDS:
        if "-o" in words:
            assert Path(words[-1]).stat().st_size > 200


def test_a_batch_in_several_processes_runs_too(tmp_path: Path) -> None:
    from corpora import corpus

    file = tmp_path / "corpus.nq"
    file.write_bytes(corpus())
    code = (
        "if __name__ == '__main__':\n"
        "    import k20kg.batches.runner as running\n"
        "    running._BYTES_A_BATCH = 40_000\n"
        "    from k20kg.cli import main\n"
        "    sys.exit(main(sys.argv[1:]))\n"
    )
    out = tmp_path / "rows.jsonl"
    done = run(code, "batch", str(file), "-j", "2", "-o", str(out))
    assert done.returncode == 0, done.stderr
    assert out.stat().st_size > 10_000
