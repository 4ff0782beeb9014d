"""A record judged in a process of its own, which may write no file and ends with its report.

It has limits on time and memory. What goes in is a line of JSON and the record; what comes out is
a line of JSON and the report, so that a record which got the better of the process says no more.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from k20kg.errors import K20Error
from k20kg.sheets.form import FORM
from k20kg.web.pages import Site
from k20kg.web.pages.case_form import STEP
from k20kg.web.pages.judge import RecordOutcome
from k20kg.web.settings import UploadLimits
from k20kg.web.sparql.answering import memory_in_use

_MOST_REPORT: Final = 48 << 20
_LONGEST_HEAD: Final = 1 << 20


_CHOICES: Final = ("definition", "reading", "as_of", "syntax", "format", *STEP)


@dataclass(frozen=True, slots=True)
class Job:
    """A record as it was sent, and how it is to be judged."""

    data: bytes = b""
    name: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    direct: bool = False
    """True if it came as the body itself, from a program."""

    @property
    def choices(self) -> dict[str, str]:
        """The fields that say how to judge, and what to show."""
        return {key: self.fields[key] for key in _CHOICES if self.fields.get(key)}


async def judge_in_subprocess(
    job: Job, key: str, site: Site, limits: UploadLimits
) -> tuple[bytes, str, int] | RecordOutcome:
    """Return what was made of a record, its format and status, or what is wrong with it."""
    head = {
        "size": len(job.data),
        "name": job.name,
        "choices": job.choices,
        "key": key,
        "root": site.links.root,
        "version": site.dataset.version,
        "digest": site.dataset.digest,
        "limits": asdict(limits),
    }
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-P", "-m", "k20kg.web.judge.process"),
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=_LONGEST_HEAD,
    )
    remedy = "judge it with the command line, which has no limits"
    try:
        async with asyncio.timeout(limits.seconds):
            said, body = await _exchange(child, head, job.data)
            await child.wait()
    except TimeoutError:
        what = f"the record took longer than {limits.seconds:g} seconds to judge"
        return RecordOutcome(status=422, what=what, remedy=remedy)
    except (OSError, EOFError, ValueError):
        what = "the record could not be judged within the limits on memory and time"
        return RecordOutcome(status=422, what=what, remedy=remedy)
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if "key" in said:
        return body, said["key"], said["status"]
    what, where, remedy = said["words"]
    return RecordOutcome((), said["status"], what, where, remedy, tuple(said["faults"]))


async def _exchange(
    child: asyncio.subprocess.Process, head: Mapping[str, Any], data: bytes
) -> tuple[dict[str, Any], bytes]:
    assert child.stdin
    assert child.stdout
    child.stdin.write(json.dumps(head).encode() + b"\n" + data)
    await child.stdin.drain()
    child.stdin.close()
    said: dict[str, Any] = json.loads(await child.stdout.readline() or "null") or {}
    if not said:
        raise EOFError
    if said["size"] > _MOST_REPORT:
        raise ValueError
    return said, await child.stdout.readexactly(said["size"])


def main() -> None:
    """Judge the record on standard input, in this process, which then ends."""
    import resource

    head = json.loads(sys.stdin.buffer.readline())
    limits = head["limits"]
    if in_use := memory_in_use():
        most = in_use + limits["memory"]
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    seconds = limits["cpu_seconds"]
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    said, body = _judge_here(head, sys.stdin.buffer.read(head["size"]))
    sys.stdout.buffer.write(json.dumps({**said, "size": len(body)}).encode() + b"\n" + body)
    sys.stdout.buffer.flush()


def _judge_here(head: Mapping[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    import pyoxigraph as ox

    from k20kg.web.dataset import Dataset
    from k20kg.web.pages import Links, Site, case_form, judge

    # The pages show nothing of the dataset but which edition this is.
    site = Site(Dataset(ox.Store(), head["version"], head["digest"]), Links(head["root"]))
    key, choices = head["key"], {k: v for k, v in head["choices"].items() if k != "format"}
    if key == "step":
        return _page(*case_form.step(site, data, head["name"], **choices))
    chosen = {k: v for k, v in choices.items() if k not in STEP}
    try:
        if key in {form.key for form in judge.RECORDS}:
            body = judge.convert(data, head["name"], chosen.get("syntax", ""), key)
            return {"key": key, "status": 200}, body
        outcome = judge.assess(data, head["name"], **chosen)
    except K20Error as fault:
        outcome = judge.refused(fault)
    if not outcome.assessments and chosen.get("syntax") == FORM:
        return _page(*case_form.step(site, data, "", outcome, **choices))
    if not outcome.assessments:
        words = [outcome.what, outcome.where, outcome.remedy]
        return {"status": outcome.status, "words": words, "faults": outcome.faults}, b""
    if key != "html":
        return {"key": key, "status": 200}, judge.download(outcome, key)
    return _page(200, judge.report(site, outcome, **head["choices"]))


def _page(status: int, text: str) -> tuple[dict[str, Any], bytes]:
    return {"key": "html", "status": status}, text.encode("utf-8", "replace")


if __name__ == "__main__":
    main()
