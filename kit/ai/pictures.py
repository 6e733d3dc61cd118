"""Decides from a file's first bytes whether it is a picture we read, and decodes it within bounds.

Nothing is decoded before kind, size in bytes and declared size in pixels are known to be acceptable (a PNG of 17 KB can
declare 144 million pixels). This module knows Pillow but no reader.
"""

import io
from dataclasses import dataclass

from PIL import Image, ImageOps

from kit.ai.ports import PictureRefused

MAX_PIXELS = 25_000_000
"""Largest declared size: phones send 12 MP, 25 MP as RGB is 75 MB of memory."""
MAX_BYTES = 10_000_000
LONG_SIDE_PX = 2_000
"""Longer sides are scaled down: above it the text reader gains nothing (measured) and takes minutes."""

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1"})
_OTHER_PICTURES = (b"GIF87a", b"GIF89a", b"BM", b"II*\0", b"MM\0*")
_EXIF_ORIENTATION = 0x0112
_TURNED = frozenset({5, 6, 7, 8})  # EXIF orientations that swap width and height
# JPEG markers (ITU-T T.81 table B.1): frame headers are C0..CF without DHT (C4), JPG (C8) and DAC (CC).
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length
_JPEG_SCAN = 0xDA
_WEBP_HEADER = 30  # bytes up to the end of the size in any of its three forms
_JPEG_END = b"\xff\xd9"


@dataclass(frozen=True, slots=True)
class PictureInfo:
    """What a picture file declares.

    Attributes:
        format: ``JPEG``, ``PNG`` or ``WEBP``.
        width: Declared pixels, before EXIF correction.
        height: Declared pixels, before EXIF correction.
    """

    format: str
    width: int
    height: int

    @property
    def media_type(self) -> str:
        """The media type that fits the bytes, whatever the file's name says."""
        return f"image/{self.format.lower()}"


@dataclass(frozen=True, slots=True)
class OpenPicture:
    """A decoded picture: upright, RGB, its long side at most ``LONG_SIDE_PX``.

    Attributes:
        image: The pixels.
        width: Width in EXIF-corrected pixels of the original.
        height: Height in EXIF-corrected pixels of the original.
    """

    image: Image.Image
    width: int
    height: int


def check_picture(data: bytes, max_pixels: int = MAX_PIXELS, max_bytes: int = MAX_BYTES) -> PictureInfo:
    """Decide from the bytes alone, before anything is decoded, whether a file may be read.

    Args:
        data: The whole file.
        max_pixels: Largest declared width × height.
        max_bytes: Largest file.

    Returns:
        What the file declares.

    Raises:
        PictureRefused: ``code`` is ``too_large``, ``not_a_picture``, ``heic``, ``unsupported``, ``too_many_pixels`` or
            ``broken`` (cut off, or without a size).
    """
    if len(data) > max_bytes:
        raise PictureRefused(
            "too_large",
            f"图片太大了，请发送 {max_bytes // 1_000_000} MB 以内的图片",
            f"The picture is too large; please send one below {max_bytes // 1_000_000} MB",
        )
    info = _declared(data)
    if info.width * info.height > max_pixels:
        limit = max_pixels // 1_000_000
        raise PictureRefused(
            "too_many_pixels",
            f"图片尺寸过大（上限 {limit} 百万像素），请压缩或截图后再发",
            f"The picture has too many pixels (limit {limit} megapixels); please send a smaller one or a screenshot",
        )
    return info


def open_picture(data: bytes, max_pixels: int = MAX_PIXELS, max_bytes: int = MAX_BYTES) -> OpenPicture:
    """Check and decode a picture: EXIF turned upright, transparency on white, scaled to ``LONG_SIDE_PX`` at most.

    Args:
        data: The whole file.
        max_pixels: Largest declared width × height.
        max_bytes: Largest file.

    Raises:
        PictureRefused: As ``check_picture``, or ``broken`` where it cannot be decoded.
    """
    info = check_picture(data, max_pixels, max_bytes)
    try:
        with Image.open(io.BytesIO(data), formats=(info.format,)) as image:
            # A JPEG can be decoded at 1/2, 1/4 or 1/8 of its size, which saves most of the time and memory.
            image.draft("RGB", (LONG_SIDE_PX, LONG_SIDE_PX))
            turned = image.getexif().get(_EXIF_ORIENTATION) in _TURNED
            image.thumbnail((LONG_SIDE_PX, LONG_SIDE_PX), Image.Resampling.LANCZOS)
            upright = _on_white(ImageOps.exif_transpose(image))
    # Pillow raises whatever its parsers meet in a damaged file; to the caller it is one thing.
    except Exception as error:
        raise _broken() from error
    width, height = (info.height, info.width) if turned else (info.width, info.height)
    return OpenPicture(upright, width, height)


def _on_white(image: Image.Image) -> Image.Image:
    """Return an RGB picture; what shines through becomes white, so that black writing stays readable."""
    if image.mode == "RGB":
        return image
    if image.mode.startswith("I;16"):  # Pillow clips 16-bit greys to white unless they are scaled first
        image = image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image)
    return image.convert("RGB")


def _declared(data: bytes) -> PictureInfo:
    """Recognise the kind by its magic number and read the declared size."""
    if data.startswith(_PNG):
        return _png(data)
    if data.startswith(_JPEG):
        return _jpeg(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    if data[4:8] == b"ftyp" and _HEIC_BRANDS & {data[8:12], *(data[i : i + 4] for i in range(16, 48, 4))}:
        raise PictureRefused(
            "heic",
            "暂不支持 HEIC 照片。请在 iPhone「设置 › 相机 › 格式」选「兼容性最佳」后重拍，或发送照片的截图（JPEG/PNG）",
            "HEIC photos cannot be read. On an iPhone choose Settings › Camera › Formats › Most Compatible and take it "
            "again, or send a screenshot of the photo (JPEG or PNG)",
        )
    if data.startswith(_OTHER_PICTURES) or data[4:12] in (b"ftypavif", b"ftypavis"):
        raise PictureRefused(
            "unsupported", "请发送 JPEG、PNG 或 WebP 格式的图片", "Please send the picture as JPEG, PNG or WebP"
        )
    raise PictureRefused(
        "not_a_picture",
        "这个文件不是图片，请发送 JPEG、PNG 或 WebP 图片",
        "This file is not a picture; send JPEG, PNG or WebP",
    )


def _png(data: bytes) -> PictureInfo:
    """Walk the chunks of a PNG (ISO/IEC 15948): IHDR first, whole up to IEND."""
    if data[12:16] != b"IHDR":
        raise _broken()
    place = len(_PNG)
    while data[place + 4 : place + 8] != b"IEND":
        place += 12 + int.from_bytes(data[place : place + 4], "big")
        if place + 12 > len(data):
            raise _broken()
    return _sized("PNG", int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"))


def _jpeg(data: bytes) -> PictureInfo:
    """Walk the segments of a JPEG up to its first scan; its end marker must follow."""
    place, width, height = 2, 0, 0
    while place + 4 <= len(data) and data[place] == 0xFF:  # noqa: PLR2004 - every marker begins with FF
        marker = data[place + 1]
        if marker == 0xFF or marker in _JPEG_BARE:  # noqa: PLR2004 - FF is a fill byte
            place += 1 if marker == 0xFF else 2  # noqa: PLR2004
            continue
        if marker in _JPEG_FRAMES:
            height = int.from_bytes(data[place + 5 : place + 7], "big")
            width = int.from_bytes(data[place + 7 : place + 9], "big")
        if marker == _JPEG_SCAN:
            if data.rfind(_JPEG_END) < place:
                raise _broken()
            return _sized("JPEG", width, height)
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    raise _broken()


def _webp(data: bytes) -> PictureInfo:
    """Read the size of a WebP (RFC 9649): lossy, lossless or extended; the RIFF length must be there."""
    if len(data) < _WEBP_HEADER or int.from_bytes(data[4:8], "little") + 8 > len(data):
        raise _broken()
    kind = data[12:16]
    if kind == b"VP8X":
        return _sized("WEBP", 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little"))
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return _sized("WEBP", 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if kind == b"VP8 ":
        size = int.from_bytes(data[26:28], "little"), int.from_bytes(data[28:30], "little")
        return _sized("WEBP", size[0] & 0x3FFF, size[1] & 0x3FFF)
    raise _broken()


def _sized(kind: str, width: int, height: int) -> PictureInfo:
    if not width or not height:
        raise _broken()
    return PictureInfo(kind, width, height)


def _broken() -> PictureRefused:
    return PictureRefused(
        "broken", "图片已损坏或没有传完，请重新发送", "The picture is damaged or incomplete; please send it again"
    )
