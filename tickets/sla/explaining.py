"""Says why a clock is due when it is, from the very walk that computed the instant."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tickets.sla.counting import Leg, Pause, Walk
from tickets.sla.judging import Rules, Started, way
from tickets.sla.models import ClockRow
from tickets.sla.policies import Policy
from tickets.sla.schemas import Line
from tickets.sla.words import AROUND_THE_CLOCK, PAUSABLE, WORKING_ZONE, ClockKind, DayKind, PauseReason

_DAYS_ZH = "一二三四五六日"
_DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MOST_LINES = 40  # a stage that lasted for months is not told day by day
_KINDS = {
    ClockKind.FIRST_RESPONSE: ("首次响应", "First response"),
    ClockKind.NEXT_RESPONSE: ("后续响应", "Next response"),
    ClockKind.RESOLVE: ("解决", "Resolution"),
    ClockKind.STAGE: ("环节", "Stage"),
    ClockKind.DWELL: ("部门停留", "Time with one group"),
    ClockKind.TIMER: ("计时器", "Timer"),
}
_STARTS = {
    ClockKind.FIRST_RESPONSE: ("建单", "the ticket was filed"),
    ClockKind.NEXT_RESPONSE: ("客户来消息未回复", "the customer wrote and was not answered"),
    ClockKind.RESOLVE: ("建单", "the ticket was filed"),
    ClockKind.STAGE: ("进入环节", "the stage began"),
    ClockKind.DWELL: ("分派到部门", "the group got the ticket"),
    ClockKind.TIMER: ("计时器启动", "the timer was started"),
}
_PAUSES = {
    PauseReason.CUSTOMER: ("等待客户", "waiting for the customer"),
    PauseReason.VENDOR: ("等待厂家或第三方", "waiting for a vendor"),
    PauseReason.LOGISTICS: ("物流在途", "goods are on their way"),
    PauseReason.PARTS: ("备件采购", "parts are being bought"),
    PauseReason.SOLVED: ("已解决，等待确认", "resolved, waiting to be confirmed"),
}
_NAMES = {
    DayKind.REST: ("休息日，不计时", "day off, nothing counts"),
    DayKind.HOLIDAY: ("放假（{zh}），不计时", "public holiday ({en}), nothing counts"),
    DayKind.SPECIAL: ("特殊安排{zh}，不计时", "special day{en}, nothing counts"),
    DayKind.MAKE_UP: ("{zh}", "{en}"),
}


def walked(rules: Rules, clock: ClockRow, pauses: Sequence[Pause]) -> Walk:
    """Walk a clock again, under the rules it was judged by and with the pauses it knew."""
    known = [p for p in pauses if clock.ended_at is None or p.since < clock.ended_at]
    started = Started(ClockKind(clock.kind), clock.name, clock.started_at)
    return way(rules.hours(clock.calendar), started, clock.minutes, known)


def explain(rules: Rules, clock: ClockRow, walk: Walk) -> tuple[Line, ...]:
    """Return the sentences, from the rule that applies to the instant that follows."""
    kind = ClockKind(clock.kind)
    calendar = rules.calendars.get(clock.calendar) if clock.calendar else None
    zone = calendar.tz if calendar else WORKING_ZONE
    if not clock.minutes:
        name_zh, name_en = _KINDS[kind]
        return (Line(f"{name_zh}：当前规则没有时限", f"{name_en}: the rules in force set no target"),)
    lines = [_rule(rules, clock, kind), _target(rules, clock, kind), _start(clock, kind, zone)]
    told = list(_legs(walk, zone))
    if len(told) > _MOST_LINES:
        half = _MOST_LINES // 2
        gap = len(told) - 2 * half
        told = [*told[:half], Line(f"……（省略 {gap} 行）", f"… ({gap} lines left out)"), *told[-half:]]
    lines += told
    if kind not in PAUSABLE:
        lines.append(Line("这类计时不会暂停", "Clocks of this kind are never paused"))
    if walk.due_at is not None:
        at_zh, at_en = _instant(walk.due_at, zone)
        lines.append(Line(f"因此截止时间是 {at_zh}", f"So it is due on {at_en}"))
    else:
        left_zh, left_en = _length(walk.left)
        lines.append(Line(f"暂停中，恢复后还剩 {left_zh}", f"Paused; {left_en} are left when it goes on"))
    return tuple(lines)


def _rule(rules: Rules, clock: ClockRow, kind: ClockKind) -> Line:
    editions_zh = f"规则第 {clock.sla_version} 版，日历第 {clock.calendars_version} 版"
    editions_en = f"edition {clock.sla_version} of the rules, {clock.calendars_version} of the calendars"
    policy = rules.levels.policy(clock.policy)
    if policy is None:
        return Line(
            f"适用「{clock.name or clock.policy}」（{editions_zh}）", f"{clock.name or clock.policy} ({editions_en})"
        )
    zh, en = _terms(policy)
    name_zh, name_en = policy.zh or policy.name, policy.en or policy.name
    kind_zh, kind_en = _KINDS[kind]
    return Line(
        f"{kind_zh}适用规则「{name_zh}」（{zh}；{editions_zh}）",
        f"{kind_en}: rule “{name_en}” ({en}; {editions_en})",
    )


def _terms(policy: Policy) -> tuple[str, str]:
    said = [
        (f"优先级 {policy.priority}", f"priority {policy.priority}") if policy.priority else None,
        (f"客户等级 {policy.level}", f"customer level {policy.level}") if policy.level else None,
        (f"部门 {policy.group}", f"group {policy.group}") if policy.group else None,
    ]
    found = [pair for pair in said if pair]
    if not found:
        return "所有工单", "every ticket"
    return "、".join(zh for zh, _ in found), ", ".join(en for _, en in found)


def _target(rules: Rules, clock: ClockRow, kind: ClockKind) -> Line:
    length_zh, length_en = _length(timedelta(minutes=clock.minutes))
    kind_zh, _ = _KINDS[kind]
    if clock.calendar == AROUND_THE_CLOCK:
        return Line(f"{kind_zh}目标 {length_zh}，全天计时（7×24）", f"Target: {length_en}, around the clock")
    calendar = rules.calendars.get(clock.calendar)
    name_zh, name_en, zone = (calendar.zh, calendar.en, calendar.zone) if calendar else ("", "", "")
    return Line(
        f"{kind_zh}目标 {length_zh}，只计日历「{name_zh}」的工作时间（{zone}）",
        f"Target: {length_en} of working time by the calendar “{name_en}” ({zone})",
    )


def _start(clock: ClockRow, kind: ClockKind, zone: ZoneInfo) -> Line:
    zh, en = _instant(clock.started_at, zone)
    why_zh, why_en = _STARTS[kind]
    return Line(f"{zh} 开始（{why_zh}）", f"It began on {en} ({why_en})")


def _legs(walk: Walk, zone: ZoneInfo) -> Iterator[Line]:
    for leg in walk.legs:
        if leg.pause is not None:
            yield _paused(leg, leg.pause, zone)
        elif leg.end is not None and leg.end > leg.begin:
            yield _counted(leg, leg.end, zone)
        else:
            yield _idle(leg)


def _counted(leg: Leg, end: datetime, zone: ZoneInfo) -> Line:
    used_zh, used_en = _length(leg.counted)
    left_zh, left_en = _length(leg.left)
    day_zh, day_en = _span(leg.begin, end, zone)
    special = leg.day.kind in {DayKind.MAKE_UP, DayKind.SPECIAL} and leg.day.name_zh
    note_zh, note_en = (f"（{leg.day.name_zh}）", f" ({leg.day.name_en})") if special else ("", "")
    if not leg.left:
        return Line(f"{day_zh}{note_zh} 计 {used_zh}，计满", f"{day_en}{note_en}: {used_en} count, all of it")
    return Line(
        f"{day_zh}{note_zh} 计 {used_zh}，还剩 {left_zh}", f"{day_en}{note_en}: {used_en} count, {left_en} left"
    )


def _paused(leg: Leg, reason: PauseReason, zone: ZoneInfo) -> Line:
    zh, en = _PAUSES[reason]
    if leg.end is None:
        since_zh, since_en = _instant(leg.begin, zone)
        return Line(f"{since_zh} 起暂停（{zh}）", f"Paused since {since_en} ({en})")
    span_zh, span_en = _span(leg.begin, leg.end, zone)
    return Line(f"{span_zh} 暂停（{zh}），不计时", f"{span_en}: paused ({en}), nothing counts")


def _idle(leg: Leg) -> Line:
    on = leg.day.on
    day = (f"{on.month}月{on.day}日 周{_DAYS_ZH[on.weekday()]}", f"{_DAYS_EN[on.weekday()]} {on}") if on else ("", "")
    zh, en = _NAMES.get(leg.day.kind, ("不计时", "nothing counts"))
    named = leg.day.name_zh and leg.day.kind is DayKind.SPECIAL
    name_zh, name_en = (
        (f"（{leg.day.name_zh}）", f" ({leg.day.name_en})") if named else (leg.day.name_zh, leg.day.name_en)
    )
    return Line(f"{day[0]} {zh.format(zh=name_zh)}", f"{day[1]}: {en.format(en=name_en)}")


def _instant(at: datetime, zone: ZoneInfo) -> tuple[str, str]:
    local = at.astimezone(zone)
    day = local.weekday()
    return (
        f"{local.month}月{local.day}日 周{_DAYS_ZH[day]} {local:%H:%M}",
        f"{_DAYS_EN[day]} {local:%Y-%m-%d %H:%M}",
    )


def _span(begin: datetime, end: datetime, zone: ZoneInfo) -> tuple[str, str]:
    (zh, en), local = _instant(begin, zone), end.astimezone(zone)
    if local.date() == begin.astimezone(zone).date():
        return f"{zh}–{local:%H:%M}", f"{en}–{local:%H:%M}"
    end_zh, end_en = _instant(end, zone)
    return f"{zh} – {end_zh}", f"{en} – {end_en}"


def _length(length: timedelta) -> tuple[str, str]:
    minutes = -(-length // timedelta(minutes=1))
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} 分钟", f"{rest} min"
    return (f"{hours} 小时 {rest} 分钟", f"{hours} h {rest} min") if rest else (f"{hours} 小时", f"{hours} h")
