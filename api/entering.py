"""Tickets that other systems file: from their words to this house's, every wrong place named at once.

The body of the API and a line of an imported file are the same model, so that both are judged by the same rules.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.wiring import Services
from kit.errors import Issue
from kit.outbound.errors import TargetRefused
from kit.outbound.targets import check_url
from kit.text import displayable, has_words, is_blank
from tickets.entries.errors import EntryInvalid
from tickets.entries.priorities import TABLE, PriorityScheme, priority_of
from tickets.entries.schemas import Entry
from tickets.schemas import ExternalRecord, IncomingFile, PersonStatement
from tickets.schemas import Field as Fact
from tickets.words import FieldName, FieldState, LabelPath, Priority, Verdict

_TITLE_CHARS = 40
_DATA_URL = re.compile(r"data:(image/(?:png|jpeg|webp)|application/pdf|text/plain);base64,(.*)", re.DOTALL)
_ENDINGS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "application/pdf": "pdf",
    "text/plain": "txt",
}
_CATEGORIES = ("category1", "category2", "category3")
_SHOWN_CHOICES = 12
_ONE_LINE = "只能是一行可见文字 / one line of visible text"


def _one_line(value: str) -> str:
    if not value.isprintable():
        raise ValueError(_ONE_LINE)
    return value.strip()


Line = Annotated[str, AfterValidator(_one_line)]


class NewTicket(BaseModel):
    """A ticket to file. The names are those of the source's sample; ours are beside them."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "orderId": "o_99887766",
                    "customerId": "c_13579",
                    "channel": "chat",
                    "category1": "质量问题",
                    "category2": "功能异常",
                    "category3": "开机失败",
                    "priority": "P2",
                    "description": "开机后黑屏伴随蜂鸣，已重启无效",
                    "attachments": ["https://cdn.example.com/img/xxx.jpg"],
                    "region": "华东",
                    "sku": "ABC-123",
                    "entitlement": "in_warranty",
                }
            ]
        },
    )

    customer_id: Line = Field(
        alias="customerId", min_length=1, max_length=128, description="Your own id of the customer."
    )
    description: str = Field(min_length=1, max_length=8000, description="The problem, in the customer's words.")
    order_id: Line = Field(default="", alias="orderId", max_length=60, description="Number of the order.")
    channel: str = Field(
        default="api", pattern="^[a-z][a-z0-9_-]{0,31}$", description="Where the customer reported it."
    )
    category1: Line = Field(default="", max_length=80, description="Type: its id, Chinese or English name.")
    category2: Line = Field(default="", max_length=80, description="Cause, below `category1`.")
    category3: Line = Field(default="", max_length=80, description="Detail, below `category2`.")
    priority: Line = Field(default="", max_length=16, description="A name of the scheme; words such as 紧急 too.")
    priority_scheme: PriorityScheme = Field(
        default=PriorityScheme.P1_P4, alias="priorityScheme", description="How you count: your P1 may be our P2."
    )
    attachments: list[str] = Field(
        default=[],
        max_length=20,
        description="`data:` URLs (base64) become files; https addresses are kept as links and never fetched.",
    )
    region: Line = Field(default="", max_length=60)
    sku: Line = Field(default="", max_length=60, description="The product; where the catalogue knows it, its model.")
    entitlement: str = Field(default="", max_length=40, pattern="^([a-z][a-z0-9_]*)?$")
    title: Line = Field(default="", max_length=120, description="Without one, the description's first words.")
    customer_name: Line = Field(default="", alias="customerName", max_length=60)
    fault_code: Line = Field(default="", alias="faultCode", max_length=60)
    reference: Line = Field(
        default="", max_length=128, description="Your own number of the ticket; the same one twice is one ticket."
    )
    source: str = Field(default="api", pattern="^[a-z][a-z0-9_.-]{0,39}$", description="Your system, one word.")


def entry_of(services: Services, body: NewTicket, *, opened_at: datetime | None = None, closed: bool = False) -> Entry:
    """Return a ticket in this house's words.

    Args:
        services: The house.
        body: What came.
        opened_at: When it began elsewhere; ``None``: now.
        closed: It is over there already.

    Raises:
        EntryInvalid: Something in it means nothing here; every such place is named.
    """
    issues: list[Issue] = []
    if is_blank(body.description):
        issues.append(Issue("description", "没有可读的内容", "has nothing to read"))
    label = _label(services, body, issues)
    priority = _priority(body, issues)
    links, files = _attachments(services, body.attachments, issues)
    if issues:
        raise EntryInvalid(issues)
    description = displayable(body.description)
    return Entry(
        source=body.source,
        customer_ref=body.customer_id,
        title=body.title or title_of(description),
        description=description,
        channel=body.channel,
        reference=body.reference,
        customer_name=body.customer_name,
        label=label,
        priority=priority,
        facts=tuple(_facts(services, body)),
        region=body.region,
        sku=body.sku,
        entitlement=body.entitlement,
        links=links,
        files=files,
        opened_at=opened_at,
        closed_at=(opened_at or services.clock.now()) if closed else None,
    )


def title_of(description: str) -> str:
    """Return a short statement of the problem: its first line that says something (TC-20)."""
    first = next((line for line in description.splitlines() if has_words(line)), description)
    return " ".join(first.split())[:_TITLE_CHARS]


def fact_of(services: Services, name: FieldName, value: str) -> tuple[str, Verdict]:
    """Return a fact's normal form and what the shop's records say of it."""
    if name is FieldName.FAULT_CODE:
        return value.upper(), Verdict.UNKNOWN
    known = {FieldName.ORDER_NO: services.shop.orders, FieldName.MODEL: services.shop.lines}[name]
    for form in (value, value.upper(), re.sub(r"[\s_-]", "", value.upper())):
        if form in known:
            return form, Verdict.VALID
    return value, Verdict.UNKNOWN


def _facts(services: Services, body: NewTicket) -> list[Fact]:
    given = {FieldName.ORDER_NO: body.order_id, FieldName.MODEL: body.sku, FieldName.FAULT_CODE: body.fault_code}
    evidence = (PersonStatement(f"{body.source}:{body.reference}" if body.reference else body.source),)
    facts = []
    for name, value in given.items():
        if value:
            normal, verdict = fact_of(services, name, value)
            facts.append(Fact(name, value, normal, verdict, 1.0, FieldState.CONFIRMED, evidence))
    order = services.shop.orders.get(facts[0].normal) if body.order_id else None
    if order is not None and not body.sku:
        record = (ExternalRecord("order_book", order.order_no),)
        facts.append(Fact(FieldName.MODEL, order.model, order.model, Verdict.VALID, 1.0, FieldState.CONFIRMED, record))
    return facts


def _label(services: Services, body: NewTicket, issues: list[Issue]) -> LabelPath:
    """Walk down the taxonomy; a name that a level has not is refused, with what it has."""
    path: LabelPath = ()
    given = [body.category1, body.category2, body.category3]
    for depth, (field, name) in enumerate(zip(_CATEGORIES, given, strict=True)):
        if not name:
            if any(given[depth + 1 :]):
                issues.append(Issue(field, "下级分类已填，此项必填", "is required below a category that is given"))
                return ()
            break
        level = [one for one in services.shop.taxonomy.labels if one.path[:-1] == path]
        wanted = name.casefold()
        found = next((n for n in level if wanted in {n.path[-1].casefold(), n.zh.casefold(), n.en.casefold()}), None)
        if found is None:
            choices = "、".join(node.zh for node in level[:_SHOWN_CHOICES])
            english = ", ".join(node.path[-1] for node in level[:_SHOWN_CHOICES])
            issues.append(Issue(field, f"分类中没有「{name}」，可选：{choices}", f"{name!r} is none of: {english}"))
            return ()
        path = found.path
    return path


def _priority(body: NewTicket, issues: list[Issue]) -> Priority | None:
    if not body.priority:
        return None
    found = priority_of(body.priority, body.priority_scheme)
    if found is None:
        names = ", ".join(TABLE[body.priority_scheme])
        issues.append(
            Issue(
                "priority",
                f"「{body.priority}」不是 {body.priority_scheme} 的优先级，可选：{names}",
                f"{body.priority!r} is no priority of {body.priority_scheme}: {names}",
            )
        )
    return found


def _attachments(
    services: Services, given: Sequence[str], issues: list[Issue]
) -> tuple[tuple[str, ...], tuple[IncomingFile, ...]]:
    links: list[str] = []
    files: list[IncomingFile] = []
    limit = services.settings.intake.picture_max_bytes
    for place, one in enumerate(given):
        field = f"attachments.{place}"
        matched = _DATA_URL.fullmatch(one)
        try:
            if matched is None:
                links.append(check_url(one, ()))
                continue
            content = base64.b64decode(matched[2], validate=True)
        except (TargetRefused, binascii.Error):
            issues.append(
                Issue(field, "应为 https 地址或 base64 的 data: 地址", "is an https address or a base64 data: URL")
            )
            continue
        if len(content) > limit:
            issues.append(Issue(field, f"超过 {limit} 字节", f"is larger than {limit} bytes"))
        files.append(IncomingFile(f"attachment-{place + 1}.{_ENDINGS[matched[1]]}", matched[1], content))
    return tuple(links), tuple(files)
