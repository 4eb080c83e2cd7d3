"""Files made for the tests: every format the analysers read."""

import io
import wave
import zipfile

import docx
import numpy as np
import openpyxl
from PIL import Image, ImageDraw, ImageFont
from pptx import Presentation
from pptx.util import Inches

CELLS = [["Item", "Price"], ["Apple", "12"], ["Pear", "34"]]


def png(words="Total 4711", size=(640, 160)):
    """A picture with words in it."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((20, 40), words, fill="black", font=ImageFont.load_default(36))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def html_pdf(html):
    """A PDF written from HTML."""
    from weasyprint import HTML

    return HTML(string=html).write_pdf()


def pdf():
    """Two pages: text with a ruled table and a link, then a second heading."""
    rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in CELLS)
    return html_pdf(
        "<style>td{border:1px solid black;padding:4px}table{border-collapse:collapse}h1{page-break-before:always}</style>"
        f"<p>The quarterly report</p><table>{rows}</table><h1>Second part</h1><p>More words here.</p>"
    )


def scanned_pdf():
    """One page that is nothing but a picture of words."""
    image = Image.new("RGB", (1240, 1754), "white")
    ImageDraw.Draw(image).text((120, 160), "Contract number 2288", fill="black", font=ImageFont.load_default(56))
    buffer = io.BytesIO()
    image.save(buffer, "PDF", resolution=150)
    return buffer.getvalue()


def two_columns_pdf():
    """Two columns whose lines are drawn alternately."""
    lines = "".join(
        f"<p style='position:absolute;left:{x}pt;top:{40 + 22 * n}pt;width:200pt;margin:0'>{side} column sentence number {n} ends</p>"
        for n in range(12)
        for side, x in (("left", 0), ("right", 240))
    )
    return html_pdf(f"<style>@page{{margin:40pt;size:A4}}</style>{lines}")


def word(picture=True):
    """A text document with headings, a table, a list, a header and a picture."""
    document = docx.Document()
    document.core_properties.title = "Plan"
    document.sections[0].header.paragraphs[0].text = "Confidential header"
    document.add_heading("Goals", 1)
    document.add_paragraph("We ship in May.")
    document.add_paragraph("First point", style="List Bullet")
    table = document.add_table(rows=3, cols=2)
    for row, cells in zip(table.rows, CELLS, strict=True):
        for cell, value in zip(row.cells, cells, strict=True):
            cell.text = value
    if picture:
        document.add_picture(io.BytesIO(png()))
    return saved(document)


def sheet(rows=3):
    """A workbook with a formula and a hidden sheet."""
    book = openpyxl.Workbook()
    first = book.active
    first.title = "Prices"
    for row in CELLS:
        first.append([int(cell) if cell.isdigit() else cell for cell in row])
    for number in range(rows - 3):
        first.append([f"row {number}", number])
    first["C1"] = "=SUM(B2:B3)"
    hidden = book.create_sheet("Secret plan")
    hidden["A1"] = "do not show"
    hidden.sheet_state = "hidden"
    return saved(book)


def slides():
    """A presentation with a title, text, a table and notes."""
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "Roadmap"
    slide.placeholders[1].text = "Three milestones"
    table = slide.shapes.add_table(3, 2, Inches(1), Inches(4), Inches(4), Inches(1)).table
    for at, row in enumerate(CELLS):
        for column, value in enumerate(row):
            table.cell(at, column).text = value
    slide.notes_slide.notes_text_frame.text = "Mention the budget"
    return saved(deck)


def saved(document):
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def zipped(members, **options):
    """A zip of names and contents."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def wav(samples, rate=16_000):
    """A mono recording of samples from -1 to 1."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.asarray(samples) * 32_000).astype("<i2").tobytes())
    return buffer.getvalue()
