"""TC-05: what every picture reader keeps to, for the fake and for RapidOCR."""

import io
import socket
from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw, ImageFont

from fakes.reader import FakeReader
from kit.ai.adapters.rapidocr_reader import RapidOcrReader
from kit.ai.ports import PictureRefused, Reader, ReadPicture

LINES = ("LanTu WX100-HD", "Order LT20261103004821", "E-07")
SIZE = (900, 420)
EXIF_ORIENTATION = 0x0112


def page(lines: tuple[str, ...] = LINES, size: tuple[int, int] = SIZE) -> Image.Image:
    """Draw lines with Pillow's built-in font, so that no machine needs another."""
    image = Image.new("RGB", size, "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=48)
    for index, line in enumerate(lines):
        draw.text((50, 40 + index * 120), line, "black", font)
    return image


def jpeg(image: Image.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90, **options)
    return buffer.getvalue()


def texts(picture: ReadPicture) -> list[str]:
    return [line.text for line in picture.lines if line.kind == "text"]


@pytest.fixture(scope="module")
def rapidocr() -> RapidOcrReader:
    return RapidOcrReader(threads=1)


@pytest.fixture(params=["fake", "rapidocr"])
def reader(request: pytest.FixtureRequest, rapidocr: RapidOcrReader) -> Reader:
    return FakeReader(lines=LINES) if request.param == "fake" else rapidocr


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be looked up or fetched at run time, not even from this machine."""

    def refuse(*args: object) -> None:
        pytest.fail(f"the reader wanted a connection: {args}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.usefixtures("no_network")
class TestEveryReader:
    def test_lines_come_from_top_to_bottom_with_boxes_inside_the_picture(self, reader: Reader) -> None:
        picture = reader.read(jpeg(page()))

        assert texts(picture) == list(LINES)
        assert (picture.width, picture.height) == SIZE
        tops = [line.box.y for line in picture.lines]
        assert tops == sorted(tops)
        for line in picture.lines:
            assert line.box.x >= 0
            assert line.box.x + line.box.width <= SIZE[0]
            assert line.box.y + line.box.height <= SIZE[1]
            assert 0 < line.confidence <= 1

    @pytest.mark.parametrize("data", [b"text named .jpg", b"", b"\xff\xd8\xff\xe0cut off"])
    def test_what_is_no_picture_is_refused(self, reader: Reader, data: bytes) -> None:
        with pytest.raises(PictureRefused):
            reader.read(data)


@pytest.mark.usefixtures("no_network")
class TestRapidOcrReader:
    def test_boxes_count_pixels_of_the_original_size(self, rapidocr: RapidOcrReader) -> None:
        small = rapidocr.read(jpeg(page()))
        large = rapidocr.read(jpeg(page().resize((SIZE[0] * 3, SIZE[1] * 3))))

        assert (large.width, large.height) == (SIZE[0] * 3, SIZE[1] * 3)
        for one, thrice in zip(small.lines, large.lines, strict=True):
            assert thrice.box.x == pytest.approx(one.box.x * 3, abs=15)
            assert thrice.box.y == pytest.approx(one.box.y * 3, abs=15)

    def test_a_picture_turned_by_exif_reads_like_an_upright_one(self, rapidocr: RapidOcrReader) -> None:
        exif = Image.Exif()
        exif[EXIF_ORIENTATION] = 6

        turned = rapidocr.read(jpeg(page().transpose(Image.Transpose.ROTATE_90), exif=exif))

        assert (turned.width, turned.height) == SIZE
        assert texts(turned) == list(LINES)

    @pytest.mark.parametrize(
        "turn",
        [
            lambda image: image.rotate(180),
            lambda image: image.rotate(90, expand=True),
            lambda image: image.rotate(270, expand=True),
            lambda image: image.rotate(8, expand=True, fillcolor="white"),
        ],
        ids=["upside down", "on its left side", "on its right side", "tilted"],
    )
    def test_a_turned_picture_is_read_in_reading_order(
        self, rapidocr: RapidOcrReader, turn: Callable[[Image.Image], Image.Image]
    ) -> None:
        lines = ("First line of all", "Second line", "Third and last line")

        assert texts(rapidocr.read(jpeg(turn(page(lines))))) == list(lines)

    def test_columns_of_a_tilted_page_stay_rows(self, rapidocr: RapidOcrReader) -> None:
        image = page(("Model", "Serial", "Power"), (900, 500))
        draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=48)
        for index, value in enumerate(("WX100-HD", "A1029384756", "2000W")):
            draw.text((520, 40 + index * 120), value, "black", font)

        found = texts(rapidocr.read(jpeg(image.rotate(6, expand=True, fillcolor="white"))))

        assert found == ["Model", "WX100-HD", "Serial", "A1029384756", "Power", "2000W"]

    def test_bar_codes_come_last_and_are_certain(self, rapidocr: RapidOcrReader) -> None:
        import zxingcpp

        image = page(("Parcel label of somebody",), (900, 700))
        for place, text in ((250, "LT20261103004821"), (470, "岚途 WX75G")):
            code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
            drawn = Image.fromarray(code.to_image(scale=6))
            image.paste(drawn.convert("RGB"), (350, place))

        lines = rapidocr.read(jpeg(image)).lines

        codes = [line for line in lines if line.kind == "barcode"]
        assert [(c.text, c.confidence) for c in codes] == [("LT20261103004821", 1.0), ("岚途 WX75G", 1.0)]
        assert list(lines[-2:]) == codes
        assert 330 < codes[0].box.x < 420

    def test_a_blank_picture_has_no_lines(self, rapidocr: RapidOcrReader) -> None:
        assert rapidocr.read(jpeg(page(()))).lines == ()
