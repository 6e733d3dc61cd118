"""Decides from a file's bytes, never from its name, whether a field of a form takes it."""

from kit.ai.pictures import check_picture
from kit.ai.ports import PictureRefused
from tickets.forms.errors import FileRefused
from tickets.forms.schemas import FormField, Kind

_PDF = b"%PDF-"
_EBML = b"\x1a\x45\xdf\xa3"
_STILLS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"})
_HEAD = 4_096  # bytes in which Matroska names its kind

Sniffed = tuple[str, int, int]
"""Media type, and width and height of a picture."""


def sniff(field: FormField, content: bytes) -> Sniffed:
    """Return what a file is.

    Args:
        field: The place it is meant for.
        content: The whole file.

    Raises:
        FileRefused: Not of the field's kind, damaged, too small or too large.
    """
    if len(content) > field.max_bytes:
        limit = f"{field.max_bytes / 1_000_000:g} MB"
        raise FileRefused(field.name, f"「{field.zh}」文件太大，最大 {limit}", f"{field.en}: at most {limit}")
    if len(content) < field.min_bytes:
        limit = f"{field.min_bytes / 1_000:g} KB"
        raise FileRefused(field.name, f"「{field.zh}」文件太小，至少 {limit}", f"{field.en}: at least {limit}")
    if field.kind is Kind.VIDEO:
        return _video(field, content), 0, 0
    if field.kind is Kind.FILE and content.startswith(_PDF):
        return "application/pdf", 0, 0
    return _picture(field, content)


def _picture(field: FormField, content: bytes) -> Sniffed:
    try:
        info = check_picture(content, max_bytes=field.max_bytes)
    except PictureRefused as refused:
        zh, en = refused.message_zh, refused.message_en
        if field.kind is Kind.FILE and refused.code == "not_a_picture":
            zh, en = "请上传图片（JPEG、PNG、WebP）或 PDF", "send a picture (JPEG, PNG, WebP) or a PDF"
        raise FileRefused(field.name, f"「{field.zh}」{zh}", f"{field.en}: {en}") from refused
    if min(info.width, info.height) < field.min_pixels:
        side = field.min_pixels
        zh, en = f"图片短边至少 {side} 像素，请上传更清晰的图片", f"the shorter side must have at least {side} pixels"
        raise FileRefused(field.name, f"「{field.zh}」{zh}", f"{field.en}: {en}")
    return info.media_type, info.width, info.height


def _video(field: FormField, content: bytes) -> str:
    """Recognise ISO base media (MP4, MOV, 3GP) and Matroska (WebM, MKV) by their first bytes."""
    if content[4:8] == b"ftyp" and content[8:12] not in _STILLS:
        return "video/quicktime" if content[8:12] == b"qt  " else "video/mp4"
    if content.startswith(_EBML):
        return "video/webm" if b"webm" in content[:_HEAD] else "video/x-matroska"
    raise FileRefused(
        field.name,
        f"「{field.zh}」不是视频，请上传 MP4、MOV 或 WebM",
        f"{field.en}: this is not a video; send MP4, MOV or WebM",
    )
