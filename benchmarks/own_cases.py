"""Time until the site serves a thousand cases of one's own, and the memory it takes.

The data alone are a process that holds the same quads ready for queries. Linux only.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from servers import ask_once, processor_seconds, report, running, serve

from k20kg.synthetic.corpus import make_corpus

READY_TO_ASK = """
import sys
from pathlib import Path
from k20kg.web.dataset import merged, open_dataset
dataset = open_dataset([Path(sys.argv[1])], 0)
copy = merged(dataset)
print("ready", flush=True)
sys.stdin.read()
"""


def memory_of(process: int) -> int:
    """Return the memory of a process and those it started, shared pages once; Linux only."""
    found, waiting = 0, [process]
    while waiting:
        folder = Path(f"/proc/{waiting.pop()}")
        with suppress(OSError):
            lines = (folder / "smaps_rollup").read_text().splitlines()
            found += sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))
            for task in (folder / "task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
    return found


def own_cases(made: Path) -> None:
    with made.open("wb") as out:
        for _ in make_corpus(1000, 7, out, size="thin"):
            pass
    with subprocess.Popen(
        [sys.executable, "-c", READY_TO_ASK, str(made)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as alone:
        assert alone.stdout
        alone.stdout.readline()
        data = memory_of(alone.pid)
        alone.communicate()
    start = time.perf_counter()
    with running("k20kg", "/health", serve("--data", str(made))) as server:
        began, used = time.perf_counter(), processor_seconds(server.process)
        print(f"1 000 own cases: started within {began - start:.2f} s, {used:.2f} s of processor")
        ask_once(server, server.get("/", "text/html"))
        took, more = time.perf_counter() - began, processor_seconds(server.process) - used
        print(f"1 000 own cases: first page after {took:.2f} s, at most {more:.2f} s of processor")
        most = memory_of(server.process)
        while b'"waiting":0' not in ask_once(server, server.get("/ready", "application/json")):
            most = max(most, memory_of(server.process))
            time.sleep(0.2)
        ask_once(server, server.get("/cases", "text/html"))
        print(f"1 000 own cases: judged within {time.perf_counter() - start:.1f} s of the start")
        most = max(most, memory_of(server.process))
        report("memory with 1 000 own cases / data alone", most / data, 3.0, "≤")
        print(f"      {most >> 20} MiB, {data >> 20} MiB")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        own_cases(Path(name, "thousand.nq"))
