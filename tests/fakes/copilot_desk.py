"""A small shop for the copilot's tests: articles, tickets and talks made of plain values."""

from datetime import UTC, datetime, timedelta

from knowledge.parsing import read_article
from knowledge.schemas import Article
from quality.schemas import Finding, Promise, Severity, Transcript, TurnEvidence
from tickets.schemas import Course, Message, Ticket, TicketEvent, TicketField, TicketSummary
from tickets.words import (
    CaseId,
    ConversationId,
    CustomerId,
    FieldName,
    FieldState,
    MessageId,
    Priority,
    Role,
    TicketId,
    TicketStatus,
    Verdict,
)

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
_ROLES = {"c": Role.CUSTOMER, "a": Role.AGENT, "b": Role.BOT, "s": Role.SYSTEM}

WASHER_DRAIN = ("quality", "performance", "not_draining")
NOT_COOLING = ("quality", "performance", "not_cooling")
RETURN = ("refund", "request", "return_refund")
SMOKE = ("safety", "hazard", "smoke")
INVOICE = ("order", "invoice", "issue_invoice")


def _article(head: str, body: str) -> Article:
    return read_article(f"---\n{head.strip()}\neffective_from: 2026-01-01\napproved_by: li\n---\n{body}", "test.md")


ARTICLES = (
    _article(
        """
id: sop-washer-drain
kind: sop
title: 洗衣机不排水排查
products: [washer]
labels: [[quality, performance, not_draining]]
""",
        """
## 症状
- 桶里有水，显示 E2 或 5E。

## 步骤
1. 打开门把衣物抖散摆匀｜预期：重新脱水能正常升速｜否则：继续第 2 步。
2. 检查排水管有没有打折或被压扁｜预期：1 分钟内听到排水声｜否则：用清水冲通。
3. 断电后拧出过滤器，清掉硬币和线头｜预期：叶轮能轻轻拨动｜否则：停止操作并报修。
4. 关机断电 5 分钟再开｜预期：代码消失｜否则：提交报修。
""",
    ),
    _article(
        """
id: sop-fridge-cool
kind: sop
title: 冰箱不制冷排查
products: [fridge]
labels: [[quality, performance, not_cooling]]
""",
        "## 步骤\n1. 检查冰箱门封条有没有关严｜预期：关门后没有缝隙｜否则：报修。\n",
    ),
    _article(
        """
id: sop-aircon-cool
kind: sop
title: 空调不制冷排查
products: [aircon]
labels: [[quality, performance, not_cooling]]
""",
        "## 步骤\n1. 断电后取出内机滤网用清水冲洗｜预期：风量恢复｜否则：报修。\n",
    ),
    _article(
        "id: codes-washer\nkind: code_table\ntitle: 洗衣机故障代码表\nproducts: [washer]",
        "| 代码 | 含义 | 客户自查 |\n| --- | --- | --- |\n"
        "| E2 | 排水超时 | 理直排水管 |\n| E3 | 脱水不平衡 | 把衣物摆匀 |\n",
    ),
    _article(
        "id: codes-fridge\nkind: code_table\ntitle: 冰箱故障代码表\nproducts: [fridge]",
        "| 代码 | 含义 | 客户自查 |\n| --- | --- | --- |\n| E3 | 化霜超时 | 关机后静置 |\n",
    ),
    _article(
        "id: policy-return\nkind: policy\ntitle: 七天无理由退货规则\nlabels: [[refund, request, return_refund]]",
        "1. **期限**：自签收次日起 7 天内可申请无理由退货。\n2. **费用**：取件费 100 元由买家承担。\n",
    ),
    _article(
        "id: policy-compensation\nkind: policy\ntitle: 补偿与赔付权限\naudience: agent",
        "1. **客服权限**：客服可直接发放 100 元以内的补偿。\n",
    ),
    _article(
        "id: faq-invoice\nkind: faq\ntitle: 怎样开发票\nlabels: [[order, invoice, issue_invoice]]",
        "## 在哪里申请\n在「我的订单」里选择申请开票，填写抬头即可。\n",
    ),
    _article(
        """
id: sop-agent-smoke
kind: sop
title: 客服处置：冒烟起火
audience: agent
labels: [[safety, hazard, smoke]]
""",
        "## 步骤\n1. 先确认人身安全和明火｜预期：无人受伤｜否则：提醒拨打 119。\n"
        "2. 建立 P1 工单｜预期：10 分钟内回电｜否则：通知主管。\n",
    ),
)


def talk(*lines: str) -> list[Message]:
    """Return messages of lines such as ``c: 你好`` (customer, agent, bot, system), one a minute."""
    return [
        Message(
            MessageId(f"m{seq}"),
            ConversationId("conversation"),
            seq,
            _ROLES[line[0]],
            "",
            line[3:],
            (),
            NOW + timedelta(minutes=seq),
        )
        for seq, line in enumerate(lines, start=1)
    ]


def desk_ticket(
    label: tuple[str, ...] = (),
    *,
    order_no: str = "LT20261103004821",
    model: str = "",
    fault_code: str = "",
    description: str = "",
    conflicts: tuple[FieldName, ...] = (),
    timeline: tuple[TicketEvent, ...] = (),
    ticket_id: str = "ticket",
    title: str = "",
) -> Ticket:
    """Return a ticket as the store would."""
    known = {FieldName.ORDER_NO: order_no, FieldName.MODEL: model, FieldName.FAULT_CODE: fault_code}
    fields = tuple(
        TicketField(
            name,
            value,
            value,
            Verdict.VALID,
            0.9,
            FieldState.CONFLICT if name in conflicts else FieldState.CONFIRMED,
            (),
            "customer",
        )
        for name, value in known.items()
        if value
    )
    summary = TicketSummary(
        id=TicketId(ticket_id),
        number=1,
        conversation_id=ConversationId("conversation"),
        title=title,
        label=label,
        priority=Priority.P3,
        status=TicketStatus.IN_PROGRESS,
        group_id=None,
        assignee=None,
        channel="web",
        created_at=NOW,
        updated_at=NOW,
        first_response_due_at=None,
        resolve_due_at=None,
        first_responded_at=None,
        resolved_at=None,
    )
    course = Course("full", NOW)
    return Ticket(
        summary, CaseId("case"), CustomerId("customer"), description, "ai", "", fields, None, timeline, course
    )


class ScriptedQuality:
    """Implements the copilot's two ports of quality: forbids texts that hold a word, and finds promises by a word."""

    def __init__(self, forbidden: str = "") -> None:
        self._forbidden = forbidden

    def check_draft(self, text: str, role: Role) -> list[Finding]:
        if not self._forbidden or self._forbidden not in text:
            return []
        start = text.index(self._forbidden)
        place = TurnEvidence(0, start, start + len(self._forbidden), self._forbidden)
        return [Finding("over_promise", Severity.HIGH, 20, (place,), "", "", "test", (role,))]

    def find_promises(self, transcript: Transcript) -> list[Promise]:
        return [
            Promise(turn.index, 0, len(turn.text), turn.text, "明天" if "明天" in turn.text else None)
            for turn in transcript.turns
            if turn.role is not Role.CUSTOMER and "回电" in turn.text
        ]
