"""TC-05: fault codes on seven-segment displays, which text recognition alone does not read."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from kit.ai.adapters.rapidocr_reader import RapidOcrReader
from kit.ai.adapters.segment_display import read_display, wanted

# Which of the seven bars (a top, clockwise to f, g middle) each character lights.
BARS = {
    "0": "abcdef",
    "1": "bc",
    "2": "abged",
    "3": "abgcd",
    "4": "fgbc",
    "5": "afgcd",
    "6": "afgedc",
    "7": "abc",
    "8": "abcdefg",
    "9": "abcdfg",
    "E": "afged",
    "F": "afge",
    "H": "fbgec",
    "P": "abfge",
    "-": "g",
}
SIZE = (900, 640)
Colour = tuple[int, int, int]


def bar(name: str, left: float, top: float, width: float, height: float) -> list[tuple[float, float]]:
    """The six corners of one bar of a digit, with a gap to its neighbours."""
    half, gap, middle = height * 0.055, height * 0.02, top + height / 2
    if name in "agd":
        y = {"a": top, "g": middle, "d": top + height}[name]
        a, b = left + gap, left + width - gap
        across = [(a, 0.0), (a + half, -half), (b - half, -half), (b, 0.0), (b - half, half), (a + half, half)]
        return [(x, y + dy) for x, dy in across]
    x = left if name in "fe" else left + width
    a, b = (top + gap, middle - gap) if name in "fb" else (middle + gap, top + height - gap)
    down = [(0.0, a), (half, a + half), (half, b - half), (0.0, b), (-half, b - half), (-half, a + half)]
    return [(x + dx, y) for dx, y in down]


def display(text: str, lit: Colour, window: Colour, body: Colour) -> Image.Image:
    """Draw a control panel with a seven-segment display in the middle, slightly tilted and blurred."""
    image = Image.new("RGB", SIZE, body)
    draw = ImageDraw.Draw(image)
    height, width, pitch = 170.0, 92.0, 145.0
    left, top = (SIZE[0] - pitch * (len(text) - 1) - width) / 2, 200.0
    draw.rectangle((left - 70, top - 60, left + pitch * (len(text) - 1) + width + 70, top + height + 60), window)
    for index, char in enumerate(text):
        for name in BARS[char]:
            draw.polygon(bar(name, left + index * pitch, top, width, height), lit)
    return image.rotate(4, Image.Resampling.BICUBIC, fillcolor=body).filter(ImageFilter.GaussianBlur(1.4))


def jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def reader() -> RapidOcrReader:
    return RapidOcrReader(threads=1)


class TestDisplaysOnPictures:
    @pytest.mark.parametrize(
        ("text", "lit", "window", "body"),
        [
            ("F7", (255, 50, 40), (14, 12, 14), (235, 235, 232)),
            ("E8", (90, 190, 255), (12, 12, 16), (44, 46, 50)),
            ("P5", (250, 250, 250), (10, 10, 10), (120, 122, 126)),
            ("E-07", (120, 255, 220), (10, 20, 24), (30, 30, 30)),
            ("F2", (30, 34, 30), (168, 182, 160), (20, 20, 20)),
        ],
        ids=["red on dark", "blue on dark", "white on dark", "green on dark", "dark on light"],
    )
    def test_code_is_read_with_its_place(
        self, reader: RapidOcrReader, text: str, lit: Colour, window: Colour, body: Colour
    ) -> None:
        picture = reader.read(jpeg(display(text, lit, window, body)))

        (line,) = [line for line in picture.lines if line.text == text]
        assert line.box.x < SIZE[0] / 2 < line.box.x + line.box.width
        assert line.box.y < 290 < line.box.y + line.box.height

    def test_a_panel_without_a_display_gets_no_code(self, reader: RapidOcrReader) -> None:
        panel = Image.new("RGB", SIZE, (40, 42, 46))
        draw = ImageDraw.Draw(panel)
        for index in range(4):
            draw.ellipse((120 + index * 170, 260, 200 + index * 170, 340), (220, 220, 220))

        assert reader.read(jpeg(panel)).lines == ()


class TestReadDisplay:
    @pytest.fixture
    def pixels(self) -> np.ndarray:
        return np.asarray(display("E3", (255, 50, 40), (14, 12, 14), (235, 235, 232)))[:, :, ::-1].copy()

    def test_what_only_one_variant_says_is_not_believed(self, pixels: np.ndarray) -> None:
        readings = iter([("E3", 0.9)])

        assert read_display(pixels, lambda words: [next(readings, ("?", 0.9)) for _ in words]) is None

    def test_doubtful_readings_are_noise_however_many_agree(self, pixels: np.ndarray) -> None:
        assert read_display(pixels, lambda words: [("E3", 0.3)] * len(words)) is None

    def test_words_that_are_no_code_are_left_out(self, pixels: np.ndarray) -> None:
        assert read_display(pixels, lambda words: [("Lock", 0.99)] * len(words)) is None

    def test_a_reading_that_kept_the_thin_one_wins(self, pixels: np.ndarray) -> None:
        said = [("E10", 0.98), *[("E0", 0.9)] * 20]

        token = read_display(pixels, lambda words: said[: len(words)])

        assert token is not None
        assert token.text == "E10"

    def test_no_blob_asks_nobody(self) -> None:
        blank = np.full((60, 80, 3), 128, np.uint8)

        assert read_display(blank, lambda _: pytest.fail("nothing to read")) is None


class TestWanted:
    @pytest.mark.parametrize(
        ("lines", "looked"),
        [
            ([], True),
            ([("Power", 0.99), ("Mode", 0.99)], True),
            ([("E3", 0.99), ("Power", 0.99)], False),
            ([("F1", 0.7), ("Power", 0.99)], True),
        ],
    )
    def test_only_pictures_with_little_text_and_no_clear_code_are_looked_at_again(
        self, lines: list[tuple[str, float]], looked: bool
    ) -> None:
        assert wanted(lines) is looked

    def test_a_page_of_text_is_no_display(self) -> None:
        assert not wanted([("line", 0.99)] * 13)
