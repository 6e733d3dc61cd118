"""TC-05: files are judged by their bytes before anything is decoded."""

import io
import struct
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from kit.ai.pictures import LONG_SIDE_PX, MAX_PIXELS, check_picture, open_picture
from kit.ai.ports import PictureRefused

EXIF_ORIENTATION = 0x0112


def encoded(kind: str, size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, 128 if mode in {"L", "I;16"} else "red").save(buffer, kind, **options)
    return buffer.getvalue()


def png_of(width: int, height: int, body: bytes = b"") -> bytes:
    """A PNG that declares a size, whatever its data holds."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def refusal(judge: Callable[[bytes], object], data: bytes) -> str:
    with pytest.raises(PictureRefused) as refused:
        judge(data)
    assert refused.value.message_zh
    assert refused.value.message_en
    return refused.value.code


class TestCheckPicture:
    @pytest.mark.parametrize(
        ("data", "kind"),
        [
            (encoded("JPEG"), "JPEG"),
            (encoded("JPEG", progressive=True), "JPEG"),
            (encoded("PNG"), "PNG"),
            (encoded("WEBP"), "WEBP"),
            (encoded("WEBP", lossless=True), "WEBP"),
            (encoded("WEBP", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"), "WEBP"),
        ],
    )
    def test_kind_and_size_come_from_the_bytes(self, data: bytes, kind: str) -> None:
        info = check_picture(data)

        assert (info.format, info.width, info.height, info.media_type) == (kind, 60, 40, f"image/{kind.lower()}")

    @pytest.mark.parametrize("data", [b"", b"just some text", b"<svg></svg>", b"%PDF-1.7", b"PK\x03\x04", b"\0" * 100])
    def test_what_is_no_picture_is_refused_whatever_its_name(self, data: bytes) -> None:
        assert refusal(check_picture, data) == "not_a_picture"

    @pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1"])
    def test_heic_is_refused_with_the_way_to_send_it_as_jpeg(self, brand: bytes) -> None:
        data = b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0heicmif1" + b"\0" * 100

        with pytest.raises(PictureRefused) as refused:
            check_picture(data)

        assert refused.value.code == "heic"
        assert "兼容性最佳" in refused.value.message_zh
        assert "Most Compatible" in refused.value.message_en

    @pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF"])
    def test_other_pictures_are_refused_as_unsupported(self, kind: str) -> None:
        assert refusal(check_picture, encoded(kind)) == "unsupported"

    def test_a_small_file_that_declares_too_many_pixels_is_not_decoded(self) -> None:
        bomb = png_of(12_000, 12_000, zlib.compress(bytes(12_000 * 1501)))

        assert len(bomb) < 20_000
        assert refusal(check_picture, bomb) == "too_many_pixels"
        assert refusal(open_picture, bomb) == "too_many_pixels"

    def test_the_limit_itself_is_allowed(self) -> None:
        assert check_picture(png_of(5_000, 5_000)).width * 5_000 == MAX_PIXELS
        assert refusal(check_picture, png_of(5_001, 5_000)) == "too_many_pixels"

    def test_a_file_over_the_limit_is_too_large(self) -> None:
        data = encoded("PNG")

        assert refusal(lambda d: check_picture(d, max_bytes=len(d) - 1), data) == "too_large"

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    @pytest.mark.parametrize("share", [0.15, 0.5, 0.99])
    def test_a_cut_off_file_is_broken(self, kind: str, share: float) -> None:
        data = encoded(kind, (300, 200))

        assert refusal(check_picture, data[: int(len(data) * share)]) == "broken"

    def test_a_picture_without_a_size_is_broken(self) -> None:
        assert refusal(check_picture, png_of(0, 10)) == "broken"

    @given(st.binary(max_size=64), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP"]))
    @settings(max_examples=300, deadline=None)
    def test_any_bytes_are_refused_and_nothing_else_is_raised(self, tail: bytes, head: bytes) -> None:
        refusal(check_picture, head + tail)
        refusal(open_picture, head + tail)


class TestOpenPicture:
    def test_a_phones_rotation_is_undone_and_sizes_are_upright(self) -> None:
        exif = Image.Exif()
        exif[EXIF_ORIENTATION] = 6
        picture = open_picture(encoded("JPEG", (60, 40), exif=exif))

        assert (picture.width, picture.height) == (40, 60)
        assert picture.image.size == (40, 60)

    def test_a_long_side_is_scaled_and_the_original_size_kept(self) -> None:
        picture = open_picture(encoded("JPEG", (5_000, 1_000)))

        assert picture.image.size == (LONG_SIDE_PX, 400)
        assert (picture.width, picture.height) == (5_000, 1_000)

    def test_a_small_picture_is_not_enlarged(self) -> None:
        assert open_picture(encoded("PNG", (60, 40))).image.size == (60, 40)

    def test_what_shines_through_becomes_white(self) -> None:
        buffer = io.BytesIO()
        Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(buffer, "PNG")

        assert open_picture(buffer.getvalue()).image.getpixel((1, 1)) == (255, 255, 255)

    @pytest.mark.parametrize("mode", ["L", "P", "CMYK", "I;16", "1", "LA"])
    def test_every_mode_becomes_rgb(self, mode: str) -> None:
        kind = "JPEG" if mode == "CMYK" else "PNG"
        buffer = io.BytesIO()
        Image.new(mode, (8, 8)).save(buffer, kind)

        assert open_picture(buffer.getvalue()).image.mode == "RGB"

    def test_a_deep_grey_keeps_its_shade(self) -> None:
        buffer = io.BytesIO()
        Image.new("I;16", (4, 4), 0x8000).save(buffer, "PNG")

        assert open_picture(buffer.getvalue()).image.getpixel((0, 0)) == (128, 128, 128)

    def test_a_picture_damaged_inside_is_broken(self) -> None:
        assert refusal(open_picture, png_of(10, 10, b"not deflated")) == "broken"
