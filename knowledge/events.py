"""Facts of the knowledge base that others may react to."""

from dataclasses import dataclass

from kit.events import Event

INDEX_KEY = "knowledge.index"
"""Serial key of everything that writes the index: one writer at a time."""


@dataclass(frozen=True, slots=True)
class ArticlesChanged(Event):
    """What is in force changed; the index is behind until it is synchronised."""
