"""Table of the answers that are kept."""

from datetime import datetime

from sqlalchemy import JSON, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base, UtcDateTime


class KeptAnswerRow(Base):
    """The first answer to a key; its body is sealed, since it may hold what a customer wrote."""

    __tablename__ = "kept_answers"

    scope: Mapped[str] = mapped_column(String(110), primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    headers: Mapped[dict[str, str]] = mapped_column(JSON)
    person_id: Mapped[str] = mapped_column(String(64))
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
