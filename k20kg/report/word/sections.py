"""Sections of sentences and tables as a Word document."""

from __future__ import annotations

from k20kg.report.document import Report
from k20kg.report.word.document import WordDocument


def write(document: Report, *, version: str, paper: str = "letter") -> bytes:
    """Return a report of sections as a Word document; widths follow what the columns hold."""
    word = WordDocument(
        document.title, paper=paper, running=document.title, foot=f"k20kg {version}"
    )
    word.title(document.title)
    for one in document.sections():
        if one.title:
            word.heading(one.title)
        for said in one.sentences:
            word.paragraph(said)
        if one.table:
            rows = [["" if v is None else str(v) for v in row] for row in one.table.rows]
            heads = [name[:1].upper() + name[1:] for name in one.table.columns]
            shares = [
                min(max(8, *map(len, column)), 60) ** 0.7
                for column in zip(heads, *rows, strict=True)
            ]
            word.table(heads, rows, shares, caption=one.table.title or one.title or document.title)
    return word.save()
