"""From stored messages to the transcript that quality judges."""

from collections.abc import Sequence

from kit.text import displayable
from quality.schemas import Transcript, Turn
from tickets.schemas import Conversation, Message


def transcript_of(conversation: Conversation, messages: Sequence[Message]) -> Transcript:
    """Return the transcript of a conversation; a turn's index is its message's sequence number."""
    turns = tuple(Turn(m.seq, m.role, m.author, displayable(m.raw), m.sent_at, len(m.attachments)) for m in messages)
    return Transcript(conversation.id, turns, closed=conversation.ended_at is not None)
