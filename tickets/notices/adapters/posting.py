"""Notices posted over HTTP: robots of WeCom, DingTalk and Feishu, SMS gateways, plain webhooks.

Sources: developer.work.weixin.qq.com/document/path/91770 (WeCom), open.dingtalk.com "Custom robot: security settings"
and open.feishu.cn "Custom bot" for bodies, signatures and answers; RELIABILITY.md §4 for DingTalk's test vector.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote_plus

from kit.outbound.errors import TargetRefused, TargetUnreachable
from kit.outbound.ports import Answer, Poster
from tickets.notices.schemas import Channel, Outcome, Parcel
from tickets.webhooks.signing import signed_headers

_ANSWER_BYTES = 4096
_OK, _OK_END, _SERVER_FAULT = 200, 300, 500
_TEMPORARY = frozenset({408, 425, 429})
_BUSY_CODES = frozenset({-1, 45009, 130101, 410100, 11232})
"""Their words for "too fast" or "try later"; every other code says that the address, the secret or the text is bad."""
_LONGEST_BYTES = 2000  # WeCom takes 2048 bytes of text; the others take more
_JSON = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Jiedai-Notices/1"}


@dataclass(frozen=True, slots=True)
class _Post:
    url: str
    headers: Mapping[str, str]
    body: bytes


class PostingCarrier:
    """Carries what is posted.

    Args:
        poster: Sends; it judges each address as it connects to it.
    """

    def __init__(self, poster: Poster) -> None:
        self._poster = poster

    def carry(self, parcel: Parcel) -> Outcome:
        """Try once; see ``tickets.notices.ports.Carrier``."""
        made = _MAKERS[parcel.channel](parcel)
        try:
            answer = self._poster.post(made.url, made.headers, made.body, read_bytes=_ANSWER_BYTES)
        except TargetRefused as refused:
            return Outcome(refused.code, final=True)
        except TargetUnreachable as unreachable:
            return Outcome(unreachable.how)
        return _outcome(parcel.channel, answer)


def dingtalk_signature(secret: str, milliseconds: str) -> str:
    """Return what DingTalk calls ``sign``: base64 of HMAC-SHA256(secret, timestamp + newline + secret)."""
    digest = hmac.digest(secret.encode(), f"{milliseconds}\n{secret}".encode(), hashlib.sha256)
    return base64.b64encode(digest).decode()


def feishu_signature(secret: str, seconds: str) -> str:
    """Return what Feishu calls ``sign``: HMAC-SHA256 of nothing; its key is timestamp + newline + secret."""
    return base64.b64encode(hmac.digest(f"{seconds}\n{secret}".encode(), b"", hashlib.sha256)).decode()


def _wecom(parcel: Parcel) -> _Post:
    return _json(parcel.url, {"msgtype": "text", "text": {"content": _words(parcel)}})


def _dingtalk(parcel: Parcel) -> _Post:
    milliseconds = str(int(parcel.at.timestamp() * 1000))
    sign = quote_plus(dingtalk_signature(parcel.secret, milliseconds))
    joint = "&" if "?" in parcel.url else "?"
    url = f"{parcel.url}{joint}timestamp={milliseconds}&sign={sign}"
    return _json(url, {"msgtype": "text", "text": {"content": _words(parcel)}})


def _feishu(parcel: Parcel) -> _Post:
    seconds = str(int(parcel.at.timestamp()))
    signed = {"timestamp": seconds, "sign": feishu_signature(parcel.secret, seconds)}
    return _json(parcel.url, {**signed, "msg_type": "text", "content": {"text": _words(parcel)}})


def _sms(parcel: Parcel) -> _Post:
    headers = {"Authorization": f"Bearer {parcel.secret}"} if parcel.secret else {}
    text = " ".join(parcel.text.body.split())
    return _json(parcel.url, {"id": parcel.id, "to": parcel.to, "text": text}, headers)


def _webhook(parcel: Parcel) -> _Post:
    body = {**parcel.facts, "id": parcel.id, "subject": parcel.text.subject, "text": parcel.text.body}
    made = _json(parcel.url, body)
    return _Post(made.url, signed_headers(f"msg_{parcel.id}", parcel.at, made.body, [parcel.secret]), made.body)


_MAKERS: Mapping[Channel, Callable[[Parcel], _Post]] = {
    Channel.WECOM: _wecom,
    Channel.DINGTALK: _dingtalk,
    Channel.FEISHU: _feishu,
    Channel.SMS: _sms,
    Channel.WEBHOOK: _webhook,
}

_CODE_OF = {Channel.WECOM: "errcode", Channel.DINGTALK: "errcode", Channel.FEISHU: "code"}


def _outcome(channel: Channel, answer: Answer) -> Outcome:
    pause = timedelta(seconds=answer.retry_after_seconds)
    if not _OK <= answer.status < _OK_END:
        temporary = answer.status >= _SERVER_FAULT or answer.status in _TEMPORARY
        return Outcome(f"http_{answer.status}", final=not temporary, retry_after=pause)
    name = _CODE_OF.get(channel)
    if name is None:
        return Outcome()
    code = _code(answer.body, name)
    if code is None:
        return Outcome("bad_answer")
    return Outcome() if code == 0 else Outcome(f"{name}_{code}", final=code not in _BUSY_CODES, retry_after=pause)


def _code(body: bytes, name: str) -> int | None:
    """Return the platform's own verdict; its HTTP status says 200 whatever happened."""
    try:
        found = json.loads(body)
    except ValueError:
        return None
    code = found.get(name, found.get("StatusCode")) if isinstance(found, dict) else None
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def _words(parcel: Parcel) -> str:
    words = "\n".join(part for part in (parcel.text.subject, parcel.text.body) if part)
    return words.encode()[:_LONGEST_BYTES].decode(errors="ignore")


def _json(url: str, body: Mapping[str, object], headers: Mapping[str, str] | None = None) -> _Post:
    return _Post(url, {**_JSON, **(headers or {})}, json.dumps(body, ensure_ascii=False).encode())
