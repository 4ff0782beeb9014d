"""Pages that are done block by block: Turtle is added to a file, tables are typed, commands run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import typed

_BLOCK = re.compile(r"```(\w+)\n(.*?)```|Sheet \*([^*]+)\*[^\n]*\n\n((?:\|[^\n]*\n)+)", re.DOTALL)


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    """Yield the blocks of a page in order: language and text, or ``sheet NAME`` and table."""
    for language, text, sheet, table in _BLOCK.findall(page.read_text(encoding="utf-8")):
        yield (f"sheet {sheet}", table) if sheet else (language, text)


def commands(text: str) -> Iterator[tuple[list[str], list[str]]]:
    """Yield each command of a console block, and the lines that it shows."""
    for part in re.split(r"(?m)^\$ ", text)[1:]:
        first, *shown = part.splitlines()
        yield first.partition("#")[0].split(), shown


def type_in(path: Path, sheet: str, table: str) -> None:
    """Type a table into a sheet: into the row of the same first cell, else into the next one."""
    case = typed.Typed(path)
    head, _, *rows = [[cell.strip() for cell in line[1:-1].split("|")]
                      for line in table.replace("\\|", "/").splitlines()]  # fmt: skip
    page = case.book[sheet]
    known = {page.cell(row, 1).value: row for row in range(typed.FIRST, page.max_row + 1)}
    known.pop(None, None)
    repeated = sheet not in ("organizations", "people", "complete lists")
    for cells in rows:
        if head == ["question", "answer"]:
            case.put(sheet, cells[0], cells[1])
            continue
        row = max(known.values(), default=typed.FIRST - 1) + 1
        row = row if repeated else known.get(cells[0], row)
        known[cells[0]] = row
        for heading, cell in zip(head, cells, strict=True):
            if cell:
                case.put(sheet, heading, float(cell) if cell.isdigit() else cell, row)
    case.save(path)


def do(page: Path, files: dict[str, Path], run: Callable[[list[str]], str]) -> int:
    """Do a page, files by language, and compare what it shows; return the number of commands."""
    done = 0
    for language, text in blocks(page):
        if language.startswith("sheet "):
            type_in(files["sheet"], language.removeprefix("sheet "), text)
        elif language == "turtle":
            with files["turtle"].open("a", encoding="utf-8") as file:
                file.write(text)
        elif language == "console":
            for words, shown in commands(text):
                out = run(words)
                for line in shown:
                    assert line in out, f"{' '.join(words)}\n{out}"
                done += 1
    return done
