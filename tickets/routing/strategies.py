"""Who of a group gets a ticket: pure choice from what is known, with its reason (RT-07, RT-10)."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from tickets.routing.book import Strategy
from tickets.routing.schemas import Ask, Candidate, Pick, Profile, Skip, Why

_SKIPPED = {
    Skip.OFF_DUTY: ("不在岗", "off duty"),
    Skip.FULL: ("已满", "at capacity"),
    Skip.SKILL: ("技能不符", "without the skill"),
    Skip.NEWCOMER: ("新人保护", "newcomers"),
    Skip.TRIED: ("已派过未接", "asked before"),
}


def knows(profile: Profile, ask: Ask) -> bool:
    """Tell whether somebody has the skills; an empty list of theirs means everything, a fact not known asks nothing."""
    issue = not profile.issues or not ask.issue or any(ask.issue[: len(path)] == path for path in profile.issues)
    return (
        profile.level >= ask.level
        and issue
        and (not profile.lines or ask.line in {"", *profile.lines})
        and (not profile.regions or ask.region in {"", *profile.regions})
    )


def skip_of(candidate: Candidate, ask: Ask) -> Skip | None:
    """Return why somebody is passed over, or nothing."""
    profile = candidate.profile
    if profile.username in ask.excluded:
        return Skip.TRIED
    if not profile.on_duty:
        return Skip.OFF_DUTY
    if not knows(profile, ask):
        return Skip.SKILL
    if ask.protected and profile.newcomer:
        return Skip.NEWCOMER
    if profile.capacity is not None and candidate.open_count >= profile.capacity:
        return Skip.FULL
    return None


def choose(
    strategy: Strategy,
    group: Sequence[Candidate],
    mentors: Sequence[Candidate],
    ask: Ask,
    last: str,
) -> Pick:
    """Choose a person.

    Args:
        strategy: How; not ``POOL``.
        group: The group's people.
        mentors: Of the group's newcomers; they are asked where nobody of the group can (RT-10).
        ask: What the ticket asks.
        last: Whose turn it was last.

    Returns:
        Who; empty where nobody can, with how many were passed over and why.
    """
    skipped = {c.username: skip_of(c, ask) for c in group}
    able = sorted((c for c in group if skipped[c.username] is None), key=lambda c: c.username)
    if able:
        return _BY[strategy](able, {c.username: c.name for c in group}.get(last, last), last)
    if Skip.NEWCOMER in skipped.values():
        free = [c for c in mentors if skip_of(c, ask) is None]
        if free:
            chosen = min(free, key=lambda c: (c.open_count, c.username))
            return Pick(chosen.username, Why("新人保护：由导师接手", "newcomers are protected: their mentor takes it"))
    counts = Counter(skip for skip in skipped.values() if skip)
    zh = "、".join(f"{_SKIPPED[skip][0]} {n}" for skip, n in sorted(counts.items()))
    en = ", ".join(f"{n} {_SKIPPED[skip][1]}" for skip, n in sorted(counts.items()))
    return Pick("", Why(f"暂无可派的人：{zh or '组内无人'}", f"nobody can take it: {en or 'the group is empty'}"))


def _round_robin(able: Sequence[Candidate], last_name: str, last: str) -> Pick:
    after = next((c for c in able if c.username > last), able[0])
    why = (
        Why(f"轮转：上一位是 {last_name}", f"round robin: the last was {last_name}")
        if last
        else Why("轮转：第一位", "round robin: the first")
    )
    return Pick(after.username, why, turn=True)


def _fewest(able: Sequence[Candidate], last_name: str, last: str) -> Pick:  # noqa: ARG001 - one shape for all
    ordered = sorted(able, key=lambda c: (c.open_count, c.username <= last, c.username))
    return Pick(ordered[0].username, _compared("在办最少", "fewest open", [c.open_count for c in ordered]), turn=True)


def _soonest(able: Sequence[Candidate], last_name: str, last: str) -> Pick:  # noqa: ARG001
    ordered = sorted(able, key=lambda c: (c.open_minutes, c.username <= last, c.username))
    figures = [c.open_minutes for c in ordered]
    return Pick(ordered[0].username, _compared("预计最快（分钟）", "least expected minutes", figures), turn=True)


def _compared(zh: str, en: str, figures: Sequence[int]) -> Why:
    if len(figures) == 1:
        return Why(f"{zh}：{figures[0]}（只有一人可派）", f"{en}: {figures[0]} (nobody else can)")
    return Why(f"{zh}：{figures[0]}，其次 {figures[1]}", f"{en}: {figures[0]} vs {figures[1]}")


_BY: Mapping[Strategy, Callable[[Sequence[Candidate], str, str], Pick]] = {
    Strategy.ROUND_ROBIN: _round_robin,
    Strategy.FEWEST_OPEN: _fewest,
    Strategy.HANDLE_TIME: _soonest,
}
