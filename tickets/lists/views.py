"""Saved views: a person's own, or shared with a group by a lead."""

from collections.abc import Mapping
from datetime import timedelta

from kit.clock import Clock
from kit.db import Session
from tickets.lists.errors import SharingRefused, TooManyViews, ViewNameBlank, ViewNameTaken, ViewNotFound
from tickets.lists.models import SavedViewRow
from tickets.lists.repository import views as repository
from tickets.lists.schemas import SavedView
from tickets.schemas import StaffMember
from tickets.words import StaffRole

MAX_VIEWS = 50
_UNDO = timedelta(days=1)
_SHARERS = frozenset({StaffRole.LEAD, StaffRole.ADMIN})
_NAME_CHARS = 60


class SavedViewService:
    """Keeps what people come back to."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def seen_by(self, session: Session, member: StaffMember) -> list[SavedView]:
        """Return a person's own views and those of the group, by name."""
        default = repository.default_of(session, member.username)
        return [_view(row, default) for row in repository.seen_by(session, member.username, member.group_id)]

    def default_of(self, session: Session, member: StaffMember) -> SavedView | None:
        """Return what a person sees first, unless it was deleted or is no longer theirs to see."""
        return next((view for view in self.seen_by(session, member) if view.is_default), None)

    def create(
        self, session: Session, member: StaffMember, name: str, state: Mapping[str, object], *, group: str = ""
    ) -> SavedView:
        """Save a view.

        Args:
            session: The unit of work.
            member: Whose.
            name: Unique among the person's own, or the group's.
            state: Filter, sort and columns as the screen's address has them.
            group: Share it with this group; leads alone may.

        Raises:
            SharingRefused: Somebody else than a lead shares.
            ViewNameBlank: No name.
            ViewNameTaken: There is one of that name.
            TooManyViews: The person has enough.
        """
        if group and member.role not in _SHARERS:
            raise SharingRefused
        if repository.kept(session, member.username) >= MAX_VIEWS:
            raise TooManyViews(MAX_VIEWS)
        name = _checked(session, name, member.username, group or None)
        now = self._clock.now()
        row = SavedViewRow(name=name, state=dict(state), owner=member.username, group_id=group or None, created_at=now)
        return _view(repository.add(session, row), "")

    def rename(self, session: Session, member: StaffMember, view_id: str, name: str) -> None:
        """Rename a view; raises as ``create`` and ``delete`` do."""
        row = self._own(session, member, view_id)
        if row.name != name.strip():
            row.name = _checked(session, name, row.owner, row.group_id)

    def delete(self, session: Session, member: StaffMember, view_id: str) -> None:
        """Delete a view; for a day ``restore`` brings it back.

        Raises:
            ViewNotFound: No such view, or not this person's to delete.
        """
        row = self._own(session, member, view_id)
        repository.purge(session, self._clock.now() - _UNDO)
        row.deleted_at = self._clock.now()

    def restore(self, session: Session, member: StaffMember, view_id: str) -> None:
        """Bring a deleted view back, as the default where it was that.

        Raises:
            ViewNotFound: No such view, or it was deleted too long ago.
            ViewNameTaken: Another one has its name by now.
        """
        row = self._own(session, member, view_id, deleted=True)
        _checked(session, row.name, row.owner, row.group_id)
        row.deleted_at = None

    def set_default(self, session: Session, member: StaffMember, view_id: str) -> None:
        """Choose what a person sees first; an empty id: the ordinary list again.

        Raises:
            ViewNotFound: Not a view that this person sees.
        """
        if view_id and view_id not in {view.id for view in self.seen_by(session, member)}:
            raise ViewNotFound
        repository.set_default(session, member.username, view_id)

    def _own(self, session: Session, member: StaffMember, view_id: str, *, deleted: bool = False) -> SavedViewRow:
        row = repository.get(session, view_id)
        mine = row is not None and (row.owner == member.username or (row.group_id and member.role in _SHARERS))
        if row is None or not mine or (row.deleted_at is not None) is not deleted:
            raise ViewNotFound
        return row


def _checked(session: Session, name: str, owner: str, group_id: str | None) -> str:
    name = " ".join(name.split())[:_NAME_CHARS]
    if not name:
        raise ViewNameBlank
    if repository.named(session, name, owner, group_id) is not None:
        raise ViewNameTaken(name)
    return name


def _view(row: SavedViewRow, default: str) -> SavedView:
    return SavedView(row.id, row.name, row.state, row.owner, row.group_id or "", is_default=row.id == default)
