"""A copy of a workbook with its faults marked: coloured cells, notes, and a list in front."""

from __future__ import annotations

import io
from collections.abc import Sequence

from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.utils.exceptions import InvalidFileException

from k20kg.errors import InputError
from k20kg.sheets.excel import INK, paint, to_bytes
from k20kg.sheets.rows import FAULTS

_RED, _INK = "FFC7CE", "9C0006"


def mark(data: bytes, where: str, faults: Sequence[tuple[str, str, str]]) -> bytes:
    """Return a copy of an xlsx workbook in which each fault (where, what, what to do) is marked."""
    try:
        book = load_workbook(io.BytesIO(data))
    except (InvalidFileException, KeyError, OSError) as fault:
        raise InputError(
            "only an xlsx workbook can be marked", where=where, remedy="save it as .xlsx"
        ) from fault
    if FAULTS in book.sheetnames:
        del book[FAULTS]
    page = book.create_sheet(FAULTS, 0)
    for letter, width in (("A", 30), ("B", 60), ("C", 60), ("D", 22)):
        page.column_dimensions[letter].width = width
    count = f"{len(faults)} faults" if len(faults) != 1 else "One fault"
    page["A1"] = f"{count}. Mend them in this copy and check it again: the notes go then."
    for index, head in enumerate(("where", "what is wrong", "what to do", "done? (your notes)"), 1):
        paint(page.cell(2, index), head, bold=True, color="FFFFFF", ground=INK)
    notes: dict[tuple[str, str], list[str]] = {}
    for number, (place, what, remedy) in enumerate(faults, 3):
        sheet, _, cell = place.partition("!")[2].rpartition("!")
        found = sheet in book.sheetnames
        shown = f"{sheet}, {cell}" if found else place
        for index, value in enumerate((shown, what, remedy, None), 1):
            paint(page.cell(number, index), value)
        if found:
            link = page.cell(number, 1)
            link.hyperlink = f"#'{sheet}'!{cell}"
            paint(link, shown, color="0563C1")
            notes.setdefault((sheet, cell), []).append(f"{what}\n→ {remedy}")
    for (sheet, cell), texts in notes.items():
        target = book[sheet][cell]
        paint(target, target.value, bold=True, color=_INK, ground=_RED)
        target.comment = Comment("\n".join(texts), "k20kg", height=110, width=320)
    page.freeze_panes = "A3"
    for other in book.worksheets:
        other.sheet_view.tabSelected = other is page
    book.active = 0
    return to_bytes(book)
