"""A small shop's articles, as files and as values."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from knowledge.schemas import Article, ArticleKind, ArticleStatus, Audience

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)

HEAD = """---
id: {id}
version: {version}
kind: {kind}
title: {title}
lang: zh
products: [{products}]
models: []
labels: [[quality_issue, malfunction, no_power]]
audience: {audience}
channels: []
regions: [{regions}]
effective_from: {start}
questions: {questions}
{end}approved_by: {approved_by}
---

"""

SOP = """## 症状
- 洗衣机底下一滩水。

## 安全提示
- 地面有积水时先断空气开关。

## 步骤
1. 关闭水龙头、断电｜预期：能看出先湿的位置｜否则：直接报修。
2. 拧紧进水口接头｜预期：不再渗水｜否则：更换胶垫。
3. 跑一次漂洗｜预期：不漏

## 升级
- 仍漏水：约师傅上门。
"""

CODES = """适用型号：WX75G。

| 代码 | 含义 | 客户自查 | 处理 |
| --- | --- | --- | --- |
| E1 | 进水超时 | 打开水龙头 | 约师傅 |
| E-07 | 溢水保护 | 关闭水龙头 | 断电停用 |
| 5E | 排水泵堵塞 | 清过滤器 | 约师傅 |

断电 10 分钟后再试。
"""

POLICY = """1. **期限**：自签收次日起 7 天内可申请无理由退货。
2. **取件费**：洗衣机每台 100 元，电视每台 80 元。
"""

OLD_POLICY = """1. **期限**：自签收当日起 15 天内可申请无理由退货。
2. **取件费**：每台 150 元。
"""

FAQ = """## 在哪里申请
「我的订单—申请开票」填写抬头即可。

## 多久开好
签收后 24 小时内开好。
"""


def article_text(
    article_id: str,
    kind: str,
    body: str,
    *,
    version: int = 1,
    title: str = "标题",
    products: str = "",
    regions: str = "",
    audience: str = "customer",
    start: str = "2026-01-01",
    end: str = "",
    approved_by: str = "shen.lu",
    questions: Sequence[str] = (),
) -> str:
    """Write an article file."""
    head = HEAD.format(
        id=article_id,
        version=version,
        kind=kind,
        title=title,
        products=products,
        regions=regions,
        audience=audience,
        start=start,
        end=f"effective_to: {end}\n" if end else "",
        questions=json.dumps(questions, ensure_ascii=False),  # JSON is YAML
        approved_by=approved_by,
    )
    return head + body


def make_article(article_id: str = "faq-x", version: int = 1, body: str = FAQ, **over: object) -> Article:
    values: dict[str, object] = {
        "kind": ArticleKind.FAQ,
        "title": "怎样开电子发票",
        "lang": "zh",
        "audience": Audience.CUSTOMER,
        "status": ArticleStatus.PUBLISHED,
        "effective_from": datetime(2026, 1, 1, tzinfo=UTC),
        "effective_to": None,
    }
    return Article(id=article_id, version=version, body=body, **(values | over))  # type: ignore[arg-type] - a test's words


SHOP = {
    "sop-leak.md": article_text("sop-leak", "sop", SOP, title="洗衣机漏水排查", products="washer"),
    "codes-washer.md": article_text("codes-washer", "code_table", CODES, title="洗衣机故障代码表", products="washer"),
    "policy-return@1.md": article_text(
        "policy-return", "policy", OLD_POLICY, title="七天无理由退货规则", end="2026-06-30"
    ),
    "policy-return@2.md": article_text(
        "policy-return", "policy", POLICY, version=2, title="七天无理由退货规则", start="2026-07-01"
    ),
    "faq-invoice.md": article_text("faq-invoice", "faq", FAQ, title="怎样开电子发票"),
    "sop-agent-fire.md": article_text("sop-agent-fire", "sop", SOP, title="客服处置：冒烟起火", audience="agent"),
    "faq-south.md": article_text("faq-south", "faq", FAQ, title="华南上门时段", regions="south"),
}
