"""The table's reading: which rule wins. Deterministic; nothing here guesses."""

from datetime import date, timedelta

from tickets.routing.book import RouteRule, Routing
from tickets.routing.schemas import Decision, Facts, Rank, Standing, Why
from tickets.words import Zone

_NAMES_ZH = ("分类", "产品线", "地区", "渠道", "客户等级", "优先级", "紧急")


def decide(book: Routing, edition: int, facts: Facts) -> Decision:
    """Choose a group.

    Only a sure category moves a ticket by itself; a suggested or unknown one waits in the fallback group for a person
    (RT-15). Safety wording is no guess: a rule that asks for it and for no category holds for unsure ones too.

    Among the rules that fit, the highest precedence wins, then the longest category, then the one with more conditions,
    then urgent before customer level, priority, product line, region and channel, then the earlier one in the table.

    Args:
        book: The rules.
        edition: Its version, for the reason.
        facts: The ticket's.
    """
    fitting = [(place, rule) for place, rule in enumerate(book.rules, start=1) if fits(rule, facts)]
    if facts.zone is not Zone.AUTO:
        fitting = [(place, rule) for place, rule in fitting if rule.urgent and not rule.label]
    if fitting:
        place, rule = max(fitting, key=lambda found: (*_weight(found[1]), -found[0]))
        reason, why = f"rule {_short(rule)}", _why(rule, place, edition)
        return Decision(rule.group, reason, why, rule, place)
    if facts.zone is not Zone.AUTO:
        why = Why("分类把握不足，由人判断", "The category is not sure enough: a person decides")
        return Decision(book.fallback, f"zone {facts.zone}: a person decides", why)
    return Decision(book.fallback, "no rule fits", Why("没有符合的分派规则", "No routing rule fits"))


def fits(rule: RouteRule, facts: Facts) -> bool:
    """Tell whether every condition of a rule holds."""
    return (
        facts.label[: len(rule.label)] == rule.label
        and rule.line in {"", facts.line}
        and rule.region in {"", facts.region}
        and rule.channel in {"", facts.channel}
        and rule.customer_level in {"", facts.customer_level}
        and rule.priority in {None, facts.priority}
        and rule.urgent in {None, facts.urgent}
    )


def rank_of(book: Routing, level: str, standing: Standing, today: date) -> Rank:
    """Return a customer's place in the pool (RT-06)."""
    if level in book.vip_levels:
        return Rank.VIP
    if _within(standing.renews_on, today, book.renewing_days):
        return Rank.RENEWING
    if _within(standing.warranty_ends_on, today, book.warranty_days):
        return Rank.WARRANTY_ENDING
    return Rank.USUAL


def _within(ends: date | None, today: date, days: int) -> bool:
    return ends is not None and today <= ends <= today + timedelta(days=days)


def _weight(rule: RouteRule) -> tuple[int, ...]:
    given = (
        rule.urgent is not None,
        bool(rule.customer_level),
        rule.priority is not None,
        bool(rule.line),
        bool(rule.region),
        bool(rule.channel),
    )
    return rule.precedence, len(rule.label), sum(given), *map(int, given)


def _short(rule: RouteRule) -> str:
    """Say a rule in the form that programs read: the category first, ``*`` where it asks for none."""
    given = [rule.line, rule.region, rule.channel, rule.customer_level, rule.priority or ""]
    urgent = {True: "urgent", False: "not urgent", None: ""}[rule.urgent]
    return " + ".join(["/".join(rule.label) or "*", *(str(part) for part in (*given, urgent) if part)])


def _why(rule: RouteRule, place: int, edition: int) -> Why:
    values = ("/".join(rule.label), rule.line, rule.region, rule.channel, rule.customer_level, rule.priority)
    urgent = {True: ("是", "urgent"), False: ("否", "not urgent"), None: None}[rule.urgent]
    zh = [f"{name} {value}" for name, value in zip(_NAMES_ZH, values, strict=False) if value]
    en = [str(value) for value in values if value]
    if urgent:
        zh, en = [*zh, f"紧急 {urgent[0]}"], [*en, urgent[1]]
    return Why(
        f"分派规则第 {place} 条（第 {edition} 版）：{'、'.join(zh) or '所有工单'}",
        f"Routing rule {place} (edition {edition}): {', '.join(en) or 'every ticket'}",
    )
