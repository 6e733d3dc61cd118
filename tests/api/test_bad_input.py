"""Whatever a customer sends: a clear answer in their language, the talk goes on, nothing is invented."""

import io
import json
import struct
import zlib
from itertools import count
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from kit.jobs.schemas import JobState
from tickets.words import FieldName

_ids = count(1)


class Browser:
    """A customer at the JSON API."""

    def __init__(self, house: Any, lang: str = "zh") -> None:
        self.house = house
        self.client: TestClient = house.client(lang=lang)
        self.client.headers["accept"] = "application/json"
        body = {"visitor": f"bad-input-{next(_ids):06}", "lang": lang}
        opened = self.client.post("/api/chat/conversations", json=body).json()
        self.id = opened["conversation_id"]
        self.client.headers["authorization"] = f"Bearer {opened['token']}"
        self.talk = house.talk()
        self.talk.id = self.id

    def say(self, text: str) -> Any:
        # By hand, not json=: a lone surrogate is legal in JSON's own notation.
        body = json.dumps({"id": f"message-{next(_ids):06}", "text": text})
        return self._post("messages", content=body, headers={"content-type": "application/json"})

    def picture(self, name: str, content: bytes) -> Any:
        data = {"id": f"message-{next(_ids):06}", "text": ""}
        return self._post("pictures", data=data, files={"file": (name, content, "image/jpeg")})

    def answers(self) -> list[str]:
        return [m.raw for m in self.talk.settle() if m.role == "bot"]

    def _post(self, what: str, **content: Any) -> Any:
        return self.client.post(f"/api/chat/conversations/{self.id}/{what}", **content)


@pytest.fixture
def browser(house: Any) -> Browser:
    return Browser(house)


def _png(width: int, height: int) -> bytes:
    """Return a PNG whose few bytes unpack to a huge picture (A31)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = zlib.compress(b"\0" * (width + 1) * 8)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", row) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("lang", "word"), [("zh", "请"), ("en", "Please")])
@pytest.mark.parametrize("text", ["", "  \n ", "\u200b\u2060"])
def test_an_empty_message_is_refused_in_the_customers_language(house: Any, text: str, lang: str, word: str) -> None:
    answer = Browser(house, lang).say(text)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["kind"], answer.json()["field"]) == ("empty_message", "text")
    assert word in answer.json()["title"]


def test_a_megabyte_of_text_is_refused_with_the_limit(browser: Browser) -> None:
    answer = browser.say("长" * 1_000_000)

    assert answer.status_code == 413
    assert "8000" in answer.json()["title"]


def test_emoji_alone_get_a_hint_and_no_ticket(browser: Browser) -> None:
    assert browser.say("😡😡😡").status_code == 202
    assert any("拍" in text for text in browser.answers())
    assert browser.talk.tickets() == []


@pytest.mark.parametrize("noise", ["\x00", "\ud800", "\u200b", "\u202e"])
def test_noise_inside_an_order_number_does_not_hide_it_and_is_kept(browser: Browser, noise: str) -> None:
    """F21, A56: the raw message is stored as it came, and still understood."""
    raw = f"洗衣机坏了，订单 LT2026{noise}1103{noise}ＯＯ".replace("ＯＯ", "００4821")

    assert browser.say(raw).status_code == 202
    seen = browser.talk.settle()
    assert seen[0].raw == raw
    browser.say("转人工")
    browser.talk.settle()
    (ticket,) = browser.talk.tickets()
    order = ticket.field(FieldName.ORDER_NO)
    assert order is not None
    assert order.normal == "LT20261103004821"


def _heic() -> bytes:
    return b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\0" * 64


def _truncated() -> bytes:
    data = io.BytesIO()
    Image.effect_noise((400, 300), 60).save(data, "JPEG")
    return data.getvalue()[:2000]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("bomb.png", _png(12_000, 12_000), "too_many_pixels"),
        ("letter.jpg", "这是一封信，不是图片".encode() * 50, "not_a_picture"),
        ("IMG_1.HEIC", _heic(), "heic"),
        ("cut.jpg", _truncated(), "broken"),
    ],
)
def test_a_file_that_is_no_readable_picture_gets_its_reason_and_the_talk_goes_on(
    house: Any, browser: Browser, name: str, content: bytes, code: str
) -> None:
    """A31: decided from the header, before anything is unpacked."""
    assert browser.picture(name, content).status_code == 202
    said = browser.answers()
    with house.services.database.reading() as session:
        readings = house.services.conversations.readings(session, browser.id)
        assert house.services.queue.listing(session, {JobState.DEAD}, 5) == []

    assert [refusal for refusal, _, _ in readings.values()] == [code]
    assert len(said) >= 2
    assert browser.say("洗衣机不转了").status_code == 202
    assert browser.answers() != said


def test_an_unknown_order_is_said_to_be_unknown(browser: Browser) -> None:
    browser.say("电视黑屏了，订单号LT20269999999999")

    assert any("没有查到订单 LT20269999999999" in text for text in browser.answers())


def test_a_code_that_no_appliance_has_is_never_explained(browser: Browser) -> None:
    browser.say("洗衣机屏幕显示错误代码 Q77，怎么办")

    said = "".join(browser.answers())
    assert "没有查到故障代码" in said
    assert "脱水不平衡" not in said


def test_two_contradictory_models_are_asked_about(browser: Browser) -> None:
    browser.say("冰箱响，型号是BX320T还是BX520F我也说不清")

    assert any("BX320T" in text and "BX520F" in text and "哪一个" in text for text in browser.answers())


@pytest.mark.parametrize("body", ["", "not json", "[]", '{"id": 1}', '{"id": "12345678", "text": {}}', "[" * 5000])
def test_a_broken_request_is_a_clear_problem_never_a_traceback(browser: Browser, body: str) -> None:
    """A55."""
    path = f"/api/chat/conversations/{browser.id}/messages"
    answer = browser.client.post(path, content=body, headers={"content-type": "application/json"})

    assert 400 <= answer.status_code < 500
    assert "Traceback" not in answer.text
    assert answer.json()["title"]


def test_extra_fields_are_refused(browser: Browser) -> None:
    """A07."""
    path = f"/api/chat/conversations/{browser.id}/messages"
    answer = browser.client.post(path, json={"id": "12345678", "text": "你好", "role": "agent"})

    assert answer.status_code == 422
    assert answer.json()["field"] == "role"
