"""The templates' own small grammar: ``{name}`` for a variable of a closed list, nothing else in braces.

No ``str.format``: a template is written by managers, and a value may be written by anybody.
"""

import re
from collections.abc import Iterator, Mapping

from kit.redaction import mask
from kit.text import displayable
from tickets.books.service import Refusal
from tickets.notices.schemas import Channel
from tickets.words import TicketStatus

VARIABLES: Mapping[str, tuple[str, str]] = {
    "ticket": ("工单号", "ticket number"),
    "link": ("自助查询链接（员工：工作台链接）", "self-service link (for staff: the desk)"),
    "title": ("标题", "title"),
    "status": ("状态", "status"),
    "priority": ("优先级", "priority"),
    "group": ("处理组", "group"),
    "agent": ("处理人", "agent"),
    "customer": ("客户称呼", "customer's name"),
    "order": ("订单号", "order number"),
    "due": ("期限", "due time"),
    "text": ("附带的话", "words that come with it"),
}
"""Everything a template may show."""

MANDATORY = ("ticket", "link")
"""What every template for customers must show (NT-03)."""

STATUS_NAMES: Mapping[TicketStatus, tuple[str, str]] = {
    TicketStatus.NEW: ("新建", "new"),
    TicketStatus.TO_ASSIGN: ("待分派", "to be assigned"),
    TicketStatus.IN_PROGRESS: ("处理中", "in progress"),
    TicketStatus.WAITING_CUSTOMER: ("等待客户", "waiting for the customer"),
    TicketStatus.ON_HOLD: ("挂起", "on hold"),
    TicketStatus.ESCALATED: ("已升级", "escalated"),
    TicketStatus.TO_REVIEW: ("待审核", "to be reviewed"),
    TicketStatus.TO_SETTLE: ("待结算", "to be settled"),
    TicketStatus.RESOLVED: ("已解决", "resolved"),
    TicketStatus.REOPENED: ("已重开", "reopened"),
    TicketStatus.CLOSED: ("已关闭", "closed"),
}

_PIECE = re.compile(r"\{([a-z_]{1,40})\}|([{}])")
_LONGEST_VALUE = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_MENTIONS = frozenset({Channel.WECOM, Channel.FEISHU})  # read <@name> and <at …> in a text as a call to somebody


def check(text: str, *, allowed: Mapping[str, object] = VARIABLES) -> str:
    """Return a template's text, if it is one.

    Raises:
        Refusal: An unknown variable, or a brace that belongs to none.
    """
    for name, brace in _pieces(text):
        if brace:
            raise Refusal("花括号只能用于变量，例如 {ticket}", "Braces are for variables only, such as {ticket}")
        if name not in allowed:
            known = "、".join(allowed)
            wrong = Refusal(
                f"没有变量 {{{name}}}，可用：{known}",
                f"There is no variable {{{name}}}; there are: {', '.join(allowed)}",
            )
            raise wrong
    return text


def missing(text: str) -> list[str]:
    """Return the mandatory variables that a text for customers lacks."""
    named = {name for name, _ in _pieces(text)}
    return [name for name in MANDATORY if name not in named]


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values into a checked template; a value's own braces stay as they are."""
    return _PIECE.sub(lambda found: values.get(found[1] or "", found[0]), text)


def tame(value: str, channel: Channel) -> str:
    """Return a value that is one line and calls nobody, whatever somebody typed into it."""
    line = _CONTROL.sub(" ", displayable(value)).strip()[:_LONGEST_VALUE]
    if channel in _MENTIONS:
        line = line.replace("<", "＜").replace(">", "＞")
    return line.replace("@", "＠") if channel is Channel.DINGTALK else line


def discreet(name: str, value: str) -> str:
    """Return a value as staff's channels show it: personal data masked."""
    if name == "customer":
        return f"{value[:1]}**" if value else ""
    return mask(value)


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    for found in _PIECE.finditer(text):
        yield found[1] or "", found[2] or ""
