"""Pictures: their facts, their text, and no invented description."""

import io

import pytest
from PIL import Image, ImageDraw, ImageFont
from zxingcpp import BarcodeFormat, create_barcode


def picture(words, size=(640, 160), **save):
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((20, 40), words, fill="black", font=ImageFont.load_default(36))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", **save)
    return buffer.getvalue()


async def test_text_is_read_with_its_box(analyse):
    analysed = await analyse("sign.png", picture("Invoice 4711 is due"))
    document = analysed.documents[0]
    line = next(each for each in document.segments if each.kind == "ocr")
    assert "4711" in line.text
    assert line.modality == "image"
    assert 0 <= line.place.box[0] < line.place.box[2] <= 1
    assert document.metadata["width"] == 640
    assert "remote engine" in document.metadata["description"]


async def test_without_content_the_text_is_not_read(analyse):
    assert (await analyse("sign.png", picture("Hello"), content=False)).documents[0].segments == ()


async def test_exif_is_read(analyse):
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(buffer, "JPEG", exif=exif)
    document = (await analyse("photo.jpg", buffer.getvalue())).documents[0]
    assert document.metadata["exif"]["Make"] == "Maker"
    assert document.metadata["colours"][0]["colour"].startswith("#f")


async def test_a_code_is_read(analyse):
    code = create_barcode("https://example.com/7", BarcodeFormat.QRCode)
    buffer = io.BytesIO()
    Image.fromarray(code.to_image(scale=6)).convert("RGB").save(buffer, "PNG")
    document = (await analyse("qr.png", buffer.getvalue())).documents[0]
    assert document.metadata["barcodes"][0]["text"] == "https://example.com/7"


async def test_the_hash_survives_a_resize_and_tells_pictures_apart(analyse):
    def pattern(size, step):
        image = Image.new("L", size)
        ImageDraw.Draw(image).ellipse([size[0] // step, size[1] // 4, size[0] // 2, size[1] * 3 // 4], fill=200)
        buffer = io.BytesIO()
        image.save(buffer, "PNG")
        return buffer.getvalue()

    async def hash_of(content):
        return int((await analyse("a.png", content, content=False)).documents[0].metadata["perceptual_hash"], 16)

    small, large, other = [
        await hash_of(each) for each in (pattern((200, 200), 8), pattern((600, 600), 8), picture("text"))
    ]
    assert (small ^ large).bit_count() <= 4
    assert (small ^ other).bit_count() > 10


@pytest.mark.parametrize(
    "content", [picture("x")[:200], b"\x89PNG\r\n\x1a\n" + b"\0" * 50, b"GIF89a", b"\xff\xd8\xff\xe0" + b"x" * 20]
)
async def test_a_broken_picture_gives_issues(analyse, content):
    document = (await analyse("broken.png", content)).documents[0]
    assert document.issues


async def test_a_picture_of_too_many_pixels_is_not_decoded(analyse):
    buffer = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(buffer, "PNG")
    document = (await analyse("bomb.png", buffer.getvalue())).documents[0]
    assert document.issues
    assert document.segments == ()
