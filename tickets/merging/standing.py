"""How a ticket stood before it was merged, what its survivor took over, and both of it taken back."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tickets.merging.models import MergeRow
from tickets.models import TicketRow

_WORDS = ("status", "stage", "submitted_by", "close_kind", "reminders_sent")
_TIMES = ("status_since", "resolved_at", "closed_at")
_TAKEN = ("priority", "first_responded_at")


def standing_of(row: TicketRow) -> dict[str, object]:
    """Return as JSON how a ticket stands: all that being merged changes of it."""
    return {
        **{name: getattr(row, name) for name in _WORDS},
        **{name: _stored(getattr(row, name)) for name in _TIMES},
    }


def stand_again(row: TicketRow, before: Mapping[str, object]) -> None:
    """Let a ticket stand as it stood."""
    for name in _WORDS:
        setattr(row, name, before[name])
    for name in _TIMES:
        setattr(row, name, _read(before[name]))


def take_over(survivor: TicketRow, merged: TicketRow) -> dict[str, list[object]]:
    """Give a survivor the greater urgency and the earlier answer of the two.

    Nothing urgent is lost in a merge, and a customer who was answered was answered.

    Returns:
        What changed and what didn't: name → (before, after), as JSON.
    """
    taken = {}
    for name in _TAKEN:
        before = _stored(getattr(survivor, name))
        after = _better(before, _stored(getattr(merged, name)))
        taken[name] = [before, after]
        _set(survivor, name, after)
    return taken


def give_back(survivor: TicketRow, undone: MergeRow, later: Sequence[tuple[MergeRow, TicketRow]]) -> None:
    """Take away what a survivor has from a ticket that leaves it, and only that.

    The later merges are told once more from where this one began. What somebody changed by hand since stays.

    Args:
        survivor: The ticket that was merged into.
        undone: The merge.
        later: The merges into the survivor that came after it and still stand, in their order, with their tickets.
    """
    for name in _TAKEN:
        stands = later[-1][0].taken[name][1] if later else undone.taken[name][1]
        untouched = _stored(getattr(survivor, name)) == stands
        value = undone.taken[name][0]
        for merge, ticket in later:
            after = _better(value, _stored(getattr(ticket, name)))
            merge.taken = {**merge.taken, name: [value, after]}
            value = after
        if untouched:
            _set(survivor, name, value)


def _better(one: object, other: object) -> object:
    """Return the more urgent of two priorities, the earlier of two instants; nothing is later than anything."""
    there = [str(value) for value in (one, other) if value is not None]
    return min(there, default=None)


def _set(row: TicketRow, name: str, value: object) -> None:
    setattr(row, name, _read(value) if name.endswith("_at") else value)


def _stored(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _read(value: object) -> datetime | None:
    return datetime.fromisoformat(str(value)) if value else None
