"""Draw the pictures that the demo conversations send.

Usage: python -m api.demo.pictures OUTDIR

Everything in the pictures is invented. The same code and the same font give the
same pictures: all chance comes from a seed made of the file name.
"""

import argparse
import io
import json
import random
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

Colour = tuple[int, int, int]
Font = ImageFont.FreeTypeFont

SHOTS_FILE = Path(__file__).parent / "conversations" / "pictures" / "shots.json"
MAX_BYTES = 110_000
INK: Colour = (34, 36, 40)
GREY: Colour = (126, 130, 138)
RULE: Colour = (176, 180, 186)
ACCENT: Colour = (214, 84, 36)

FONT_FILES = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
    "/Library/Fonts/NotoSansCJK-Regular.ttc",
    "/Library/Fonts/NotoSansCJKsc-Regular.otf",
    "~/Library/Fonts/NotoSansCJK-Regular.ttc",
    "~/Library/Fonts/NotoSansCJKsc-Regular.otf",
    "~/.local/share/fonts/NotoSansCJK-Regular.ttc",
)

# Code 128: bar and space widths of the values 0..105, then the stop sign.
CODE_128 = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 "
    "231212 112232 122132 122231 113222 123122 123221 223211 221132 221231 213212 "
    "223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 232121 "
    "111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 "
    "132131 113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 "
    "311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 "
    "121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 "
    "413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 "
    "421211 212141 214121 412121 111143 111341 131141 114113 114311 411113 411311 "
    "113141 114131 311141 411131 211412 211214 211232 2331112"
)


@dataclass(frozen=True)
class Shot:
    """One picture: its file, what it shows and the words on it."""

    file: str
    kind: str
    title: str
    rows: tuple[tuple[str, str], ...] = ()
    code: str = ""  # the big code of a display, or the text of the barcode
    notes: tuple[str, ...] = ()
    backdrop: Colour = (150, 146, 138)


def read_shots() -> list[Shot]:
    """Read the list of pictures that lies beside them."""
    shots = json.loads(SHOTS_FILE.read_text(encoding="utf-8"))
    return [Shot(**{**shot, "backdrop": tuple(shot["backdrop"])}) for shot in shots]


def find_font() -> Path:
    """Return the first Noto Sans CJK font found; leave with a message if none is."""
    for name in FONT_FILES:
        path = Path(name).expanduser()
        if path.is_file():
            return path
    sys.exit(
        "No Noto Sans CJK font found. Install it (Debian: fonts-noto-cjk, Fedora: "
        "google-noto-sans-cjk-fonts, macOS: font-noto-sans-cjk), or use the pictures "
        "that come with the demo.\nLooked for:\n  " + "\n  ".join(FONT_FILES)
    )


def load(size: int) -> Font:
    """Load the font at a size, with simplified Chinese shapes."""
    path = find_font()
    return ImageFont.truetype(str(path), size, index=2 if path.suffix == ".ttc" else 0)


def barcode(text: str, module: int, height: int) -> Image.Image:
    """Draw a Code 128 (set B) barcode."""
    values = [104] + [ord(char) - 32 for char in text]
    check = (104 + sum(i * v for i, v in enumerate(values))) % 103
    signs = CODE_128.split()
    widths = "".join(signs[value] for value in [*values, check, 106])
    image = Image.new("RGB", (sum(map(int, widths)) * module, height), "white")
    draw, left = ImageDraw.Draw(image), 0
    for index, width in enumerate(map(int, widths)):
        if index % 2 == 0:
            box = (left, 0, left + width * module - 1, height)
            draw.rectangle(box, fill=INK)
        left += width * module
    return image


def put_barcode(image: Image.Image, text: str, top: int, height: int) -> None:
    """Put a barcode with its text below in the middle of an image."""
    bars, draw = barcode(text, 2, height), ImageDraw.Draw(image)
    image.paste(bars, ((image.width - bars.width) // 2, top))
    middle = (image.width // 2, top + height + 4)
    draw.text(middle, text, INK, load(26), anchor="ma")


def draw_nameplate(shot: Shot) -> Image.Image:
    """Draw the nameplate on the back of an appliance."""
    step = 58
    image = Image.new("RGB", (860, 150 + step * len(shot.rows) + 200), (236, 237, 235))
    draw = ImageDraw.Draw(image)
    box = (14, 14, image.width - 15, image.height - 15)
    draw.rounded_rectangle(box, 18, None, INK, 3)
    draw.text((44, 34), "岚途 LanTu", INK, load(52))
    draw.text((816, 56), shot.title, INK, load(30), anchor="ra")
    top = 126
    for label, value in shot.rows:
        draw.line((40, top, 820, top), GREY, 2)
        draw.text((52, top + 9), label, INK, load(27))
        draw.text((330, top + 5), value, INK, load(33))
        top += step
    draw.line((314, 126, 314, top, 820, top, 40, top), GREY, 2)
    put_barcode(image, shot.code, top + 26, 82)
    return image


def draw_display(shot: Shot) -> Image.Image:
    """Draw a control panel with an error on its screen, in printed letters."""
    image = Image.new("RGB", (900, 640), (44, 47, 52))
    draw = ImageDraw.Draw(image)
    draw.text((450, 22), "岚途 LanTu", (206, 208, 210), load(38), anchor="ma")
    draw.rounded_rectangle((70, 92, 830, 478), 22, (18, 42, 66), (92, 96, 102), 5)
    draw.text((450, 112), shot.title, (188, 214, 232), load(38), anchor="ma")
    draw.text((450, 276), shot.code, (246, 250, 252), load(172), anchor="mm")
    for index, note in enumerate(shot.notes):
        spot = (450, 388 + index * 38)
        draw.text(spot, note, (168, 196, 216), load(28), anchor="ma")
    for index, (label, _) in enumerate(shot.rows):
        left = 90 + index * 250
        box = (left, 520, left + 220, 592)
        draw.rounded_rectangle(box, 34, (66, 70, 76), (112, 116, 122), 2)
        draw.text((left + 110, 556), label, (226, 228, 230), load(28), anchor="mm")
    return image


def draw_order_page(shot: Shot) -> Image.Image:
    """Draw the order page of the shop's app on a phone."""
    image = Image.new("RGB", (720, 1180), (243, 244, 246))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 720, 236), ACCENT)
    draw.text((30, 12), "10:24", "white", load(26))
    draw.text((690, 12), "5G  82%", "white", load(26), anchor="ra")
    draw.text((360, 58), "订单详情", "white", load(36), anchor="ma")
    draw.text((40, 142), shot.title, "white", load(44))
    draw.rounded_rectangle((24, 256, 696, 428), 18, "white")
    for index, note in enumerate(shot.notes):
        size, colour = (32, INK) if index == 0 else (26, GREY)
        draw.text((52, 276 + index * 48), note, colour, load(size))
    draw.rounded_rectangle((24, 448, 696, 446 + 190), 18, "white")
    draw.rounded_rectangle((48, 472, 188, 612), 12, (222, 226, 232))
    draw.rounded_rectangle((78, 490, 158, 594), 10, (248, 249, 250), GREY, 3)
    draw.line((80, 512, 156, 512), GREY, 3)
    draw.text((212, 474), f"岚途 {shot.code}", INK, load(27))
    draw.text((212, 528), "官方商城 · 数量 x1", GREY, load(25))
    draw.text((212, 568), shot.rows[0][1], ACCENT, load(32))
    draw.rounded_rectangle((24, 658, 696, 676 + 74 * len(shot.rows)), 18, "white")
    for index, (label, value) in enumerate(shot.rows):
        top = 680 + index * 74
        draw.text((52, top), label, GREY, load(29))
        draw.text((668, top - 3), value, INK, load(32), anchor="ra")
    for left, label in ((300, "申请售后"), (504, "联系客服")):
        box = (left, 1084, left + 180, 1144)
        draw.rounded_rectangle(box, 30, "white", RULE, 2)
        draw.text((left + 90, 1114), label, INK, load(28), anchor="mm")
    return image


def draw_parcel_label(shot: Shot) -> Image.Image:
    """Draw the label on a parcel."""
    step = 66
    image = Image.new("RGB", (780, 384 + step * len(shot.rows)), (250, 250, 247))
    draw = ImageDraw.Draw(image)
    draw.rectangle((10, 10, 769, image.height - 11), None, INK, 3)
    draw.text((36, 26), shot.title, INK, load(46))
    draw.text((744, 40), "电子面单", INK, load(28), anchor="ra")
    draw.line((10, 104, 769, 104), INK, 3)
    put_barcode(image, shot.code, 126, 120)
    top = 304
    for label, value in shot.rows:
        draw.line((10, top, 769, top), INK, 2)
        draw.text((34, top + 15), label, INK, load(27))
        draw.text((166, top + 14), value, INK, load(28))
        top += step
    draw.line((10, top, 769, top), INK, 2)
    draw.text((36, top + 15), "收货请当面验货", INK, load(26))
    return image


DRAW: dict[str, Callable[[Shot], Image.Image]] = {
    "nameplate": draw_nameplate,
    "display": draw_display,
    "order_page": draw_order_page,
    "parcel_label": draw_parcel_label,
}


def surface(size: tuple[int, int], colour: Colour, rng: random.Random) -> Image.Image:
    """Make a plain surface with a slow change of light and a faint grain."""
    width, height = size
    grain = Image.frombytes("L", (width, height // 8), rng.randbytes(width * (height // 8)))
    grain = grain.filter(ImageFilter.GaussianBlur(2)).resize(size)
    return Image.blend(Image.new("RGB", size, colour), grain.convert("RGB"), 0.10)


def photograph(flat: Image.Image, backdrop: Colour, rng: random.Random) -> Image.Image:
    """Make a flat drawing look like a photograph: tilt, shade, blur and noise."""
    angle = rng.choice((-1, 1)) * rng.uniform(0.6, 2.0)
    sheet = flat.convert("RGBA").rotate(angle, Image.Resampling.BICUBIC, expand=True)
    size = sheet.width + 110, sheet.height + 100
    scene = surface(size, backdrop, rng)
    shadow = Image.new("L", size, 0)
    shadow.paste(sheet.getchannel("A").point(lambda alpha: alpha // 2), (63, 60))
    shadow = shadow.filter(ImageFilter.GaussianBlur(9))
    scene = Image.composite(Image.new("RGB", size, "black"), scene, shadow)
    scene.paste(sheet, (55, 50), sheet)
    near = [rng.uniform(2, 24) for _ in range(8)]
    right, low = size
    left_side = (near[0], near[1], near[2], low - near[3])
    right_side = (right - near[4], low - near[5], right - near[6], near[7])
    corners = (*left_side, *right_side)
    quad = Image.Transform.QUAD
    scene = scene.transform(size, quad, corners, Image.Resampling.BICUBIC)
    light = Image.linear_gradient("L").rotate(rng.choice((0, 90, 180, 270)))
    light = light.resize(size).point(lambda value: 214 + value * 41 // 255)
    scene = ImageChops.multiply(scene, Image.merge("RGB", (light,) * 3))
    scene = scene.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 0.8)))
    noise = Image.frombytes("L", size, rng.randbytes(size[0] * size[1]))
    return Image.blend(scene, noise.convert("RGB"), 0.035)


def to_jpeg(image: Image.Image) -> bytes:
    """Write a JPEG, at the best quality that keeps it small."""
    for quality in range(82, 30, -4):
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True)
        if buffer.tell() <= MAX_BYTES:
            break
    return buffer.getvalue()


def main() -> None:
    """Draw every picture of the demo into a folder."""
    parser = argparse.ArgumentParser(description="Draw the demo pictures.")
    parser.add_argument("outdir", type=Path)
    outdir: Path = parser.parse_args().outdir
    outdir.mkdir(parents=True, exist_ok=True)
    for shot in read_shots():
        rng = random.Random(zlib.crc32(shot.file.encode()))  # noqa: S311
        picture = photograph(DRAW[shot.kind](shot), shot.backdrop, rng)
        data = to_jpeg(picture)
        (outdir / shot.file).write_bytes(data)
        print(f"{shot.file}  {picture.width}x{picture.height}  {len(data)} bytes")


if __name__ == "__main__":
    main()
