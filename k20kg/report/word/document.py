"""A Word document in the making: styles, footnotes, captions, tables; the same bytes each time.

Texts are strings or tuples of pieces: plain strings, `Strong` ones, and `Note`s, which become
footnotes. Nothing in it rests on colour.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.opc.constants import CONTENT_TYPE as CT
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import nsmap, qn
from docx.shared import Length, Mm, Pt, RGBColor

from k20kg.archives import without_timestamps
from k20kg.rdf.text import escape_controls

PAPERS: Final = {"letter": (Mm(215.9), Mm(279.4)), "a4": (Mm(210), Mm(297))}
_FONT: Final = "Calibri"
_INK: Final = RGBColor(0x1F, 0x38, 0x64)
_BLACK: Final = RGBColor(0, 0, 0)
_SIZES: Final[tuple[tuple[str, float, float, float], ...]] = (
    # style, points, points before and after
    ("Normal", 10, 0, 4), ("Title", 22, 0, 2), ("Subtitle", 12, 0, 8), ("Heading 1", 14, 12, 3),
    ("Heading 2", 11.5, 9, 2), ("Heading 3", 10, 6, 1), ("Caption", 8.5, 4, 2),
    ("List Bullet", 10, 0, 2), ("Header", 8.5, 0, 0), ("Footer", 8.5, 0, 0),
)  # fmt: skip
_NOTES: Final = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:footnotes xmlns:w="{namespace}">'
    '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    '<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r>'
    "</w:p></w:footnote>{notes}</w:footnotes>"
)
_NOTE: Final = (
    '<w:footnote w:id="{number}"><w:p><w:pPr><w:pStyle w:val="{text}"/></w:pPr><w:r><w:rPr>'
    '<w:rStyle w:val="{reference}"/></w:rPr><w:footnoteRef/></w:r><w:r>'
    '<w:t xml:space="preserve"> {said}</w:t></w:r></w:p></w:footnote>'
)
_THEMED: Final = ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme")


class Strong(str):
    """A piece of text in bold."""

    __slots__ = ()


class Note(str):
    """A footnote, which stands where the piece stands."""

    __slots__ = ()


Text = str | tuple[str, ...]


class WordDocument:
    """A document to which paragraphs, lists and tables are added, and which is saved at the end."""

    def __init__(self, title: str, *, subject: str = "", paper: str = "letter",
                 running: str = "", foot: str = "") -> None:  # fmt: skip
        """Begin an empty document; `running` stands at the head of each page, `foot` at its foot.

        `paper` is one of `PAPERS`.
        """
        self._docx: Any = Document()
        self._notes: list[str] = []
        self._captions: Counter[str] = Counter()
        properties = self._docx.core_properties
        properties.title, properties.subject = _clean(title)[:255], _clean(subject)[:255]
        properties.author, properties.language, properties.comments = "k20kg", "en-US", ""
        self._set_styles()
        page = self._docx.sections[0]
        page.page_width, page.page_height = PAPERS[paper]
        page.left_margin = page.right_margin = Mm(23)
        page.top_margin, page.bottom_margin = Mm(22), Mm(20)
        self._width = Length(page.page_width - 2 * page.left_margin)
        for part, left in ((page.header, running), (page.footer, foot)):
            line = part.paragraphs[0]
            line.paragraph_format.tab_stops.add_tab_stop(self._width, WD_TAB_ALIGNMENT.RIGHT)
            line.add_run(_clean(left))
        line.add_run("\tPage ")
        self._field(line, "PAGE", "1")
        line.add_run(" of ")
        self._field(line, "NUMPAGES", "1")

    def title(self, text: str, subtitle: str = "") -> None:
        """Add the title, and what stands below it."""
        self._docx.add_paragraph(_clean(text), style="Title")
        if subtitle:
            self._docx.add_paragraph(_clean(subtitle), style="Subtitle")

    def heading(self, text: str, level: int = 1, *, new_page: bool = False) -> None:
        """Add a heading of level 1 to 3."""
        line = self._docx.add_heading(_clean(text), level)
        line.paragraph_format.page_break_before = new_page or None

    def paragraph(self, text: Text, style: str = "Normal", *, keep: bool = False) -> None:
        """Add a paragraph; `keep` it on the page of what follows."""
        line = self._docx.add_paragraph(style=style)
        line.paragraph_format.keep_with_next = keep or None
        self._fill(line, text)

    def bullets(self, texts: Iterable[Text]) -> None:
        """Add a list."""
        for text in texts:
            self.paragraph(text, "List Bullet")

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[Text]], widths: Sequence[float],
              *, caption: str, alt: str = "", together: bool = False) -> None:  # fmt: skip
        """Add a table with its number and caption above; its head is repeated on each page.

        `widths` are shares of the width of the text; `alt` is told to who cannot see it. The
        first column is in bold. With `together` on it is not split over pages.
        """
        self._caption("Table", caption)
        table = self._docx.add_table(0, len(heads), style="Table Grid")
        table.autofit = False
        shares = [Length(int(self._width * one / sum(widths))) for one in widths]
        for column, width in zip(table.columns, shares, strict=True):
            column.width = width
        for tag, said in (("w:tblCaption", caption), ("w:tblDescription", alt or caption)):
            table._tbl.tblPr.append(_element(tag, val=_clean(said)))
        every = [heads, *rows]
        for at, row in enumerate(every):
            keeps = (together or at == 0) and at + 1 < len(every)
            line = table.add_row()
            properties = line._tr.get_or_add_trPr()
            properties.append(_element("w:cantSplit"))
            if at == 0:
                properties.append(_element("w:tblHeader"))
            for column, (cell, text, width) in enumerate(zip(line.cells, row, shares, strict=True)):
                cell.width = width
                said = cell.paragraphs[0]
                said.style, said.paragraph_format.keep_with_next = "Table Text", keeps or None
                self._fill(said, text, strong=at == 0 or column == 0)
                if at == 0:
                    shade = _element("w:shd", val="clear", color="auto", fill="D9D9D9")
                    cell._tc.get_or_add_tcPr().append(shade)
        self._docx.add_paragraph(style="Table Gap")

    def save(self) -> bytes:
        """Return the file."""
        self._add_footnotes()
        written = io.BytesIO()
        self._docx.save(written)
        return without_timestamps(written.getvalue())

    # ---------------------------------------------------------------- within

    def _set_styles(self) -> None:
        styles = self._docx.styles
        for name, size, before, after in _SIZES:
            style = styles[name]
            style.font.name, style.font.size = _FONT, Pt(size)
            style.font.color.rgb = _INK if name[:5] in ("Title", "Headi") and size > 10 else _BLACK
            style.paragraph_format.space_before = Pt(before)
            style.paragraph_format.space_after = Pt(after)
            style.paragraph_format.line_spacing = 1.0
            if name == "Caption" or name.startswith("Heading"):
                style.paragraph_format.keep_with_next = True
            fonts = style.element.rPr.rFonts
            for theme in _THEMED:
                fonts.attrib.pop(qn(f"w:{theme}"), None)
            fonts.set(qn("w:eastAsia"), _FONT)
        for name, part in (("Title", "w:pBdr"), ("Header", "w:tabs"), ("Footer", "w:tabs")):
            properties = styles[name].element.pPr
            properties.remove(properties.find(qn(part)))
        subtitle = styles["Subtitle"].element.rPr
        subtitle.remove(subtitle.find(qn("w:spacing")))
        for name, size in (("Table Text", 8.5), ("Table Gap", 5), ("footnote text", 8)):
            style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=name[0] == "f")
            style.base_style, style.font.size = styles["Normal"], Pt(size)
            style.paragraph_format.space_after = Pt(1)
        mark = styles.add_style("footnote reference", WD_STYLE_TYPE.CHARACTER, builtin=True)
        mark.font.superscript = True

    def _caption(self, kind: str, text: str) -> None:
        line = self._docx.add_paragraph(f"{kind} ", style="Caption")
        self._captions[kind] += 1
        self._field(line, f"SEQ {kind} \\* ARABIC", str(self._captions[kind]))
        line.add_run(f". {_clean(text)}")

    def _fill(self, line: Any, text: Text, *, strong: bool = False) -> None:
        for piece in (text,) if isinstance(text, str) else text:
            if isinstance(piece, Note):
                self._notes.append(_clean(piece))
                run = line.add_run(style="footnote reference")
                run._r.append(_element("w:footnoteReference", id=str(len(self._notes))))
            elif piece:
                line.add_run(_clean(piece)).bold = strong or isinstance(piece, Strong) or None

    def _field(self, line: Any, code: str, shown: str) -> None:
        for kind, said in (
            ("begin", ""),
            ("", code),
            ("separate", ""),
            ("text", shown),
            ("end", ""),
        ):
            run = line.add_run(said if kind == "text" else "")
            if not kind:
                instruction = _element("w:instrText")
                instruction.text = f" {said} "
                run._r.append(instruction)
            elif kind != "text":
                run._r.append(_element("w:fldChar", fldCharType=kind))

    def _add_footnotes(self) -> None:
        """Add the part with the footnotes, which python-docx does not know."""
        names = {
            one: self._docx.styles[f"footnote {one}"].style_id for one in ("text", "reference")
        }
        notes = "".join(
            _NOTE.format(number=number, said=escape(said), **names)
            for number, said in enumerate(self._notes, start=1)
        )
        data = _NOTES.format(namespace=nsmap["w"], notes=notes).encode()
        part = Part(PackURI("/word/footnotes.xml"), CT.WML_FOOTNOTES, data, self._docx.part.package)
        self._docx.part.relate_to(part, RT.FOOTNOTES)
        known = _element("w:footnotePr")
        known.extend(_element("w:footnote", id=str(number)) for number in (-1, 0))
        self._docx.settings.element.find(qn("w:compat")).addprevious(known)


def _element(tag: str, **attributes: str) -> Any:
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


def _clean(text: str) -> str:
    """Return a text on one line, without what XML cannot hold."""
    return escape_controls(text).replace("\n", " ").replace("\t", " ")
