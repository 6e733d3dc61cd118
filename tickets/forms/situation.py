"""A ticket's form as it stands in the store: the newest version, the facts the talk gave, the files; read in bulk."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from kit.crypto import Vault
from kit.db import Session
from tickets.codec import evidence_from_json
from tickets.forms import repository
from tickets.forms.checking import check
from tickets.forms.choosing import choose
from tickets.forms.models import FormEntryRow
from tickets.forms.schemas import FACTS, MEDIA, FormBook, Template
from tickets.forms.values import Checked, StoredFile, Values
from tickets.models import TicketFieldRow, TicketRow
from tickets.schemas import ExternalRecord, PictureRegion, TextSpan


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of a ticket's form.

    Attributes:
        values: Everything, secure values included: never shown as it is.
        origins: Fact that nobody handed in → where it was read.
    """

    row: TicketRow
    template: Template
    entry: FormEntryRow | None
    values: Values
    files: Mapping[str, StoredFile]
    origins: Mapping[str, str] = field(default_factory=dict)

    def checked(self, today: date) -> Checked:
        """Compare it with its template."""
        return check(self.template, self.values, self.files, today)


def load(session: Session, vault: Vault, book: FormBook, rows: Sequence[TicketRow]) -> list[Situation]:
    """Read some tickets' forms in four queries, whatever their number."""
    ids = [row.id for row in rows]
    vault.prepare(session, {row.customer_id for row in rows})
    entries = repository.newest_entries(session, ids)
    facts = repository.facts(session, ids)
    files = repository.files(session, ids)
    found = []
    for row in rows:
        template = choose(book, tuple(row.label), row.channel)
        entry = entries.get(row.id)
        handed_in = opened(session, vault, row, entry) if entry is not None else {}
        values, origins = _with_facts(template, handed_in, facts[row.id])
        found.append(Situation(row, template, entry, values, files[row.id], origins))
    return found


def opened(session: Session, vault: Vault, row: TicketRow, entry: FormEntryRow) -> dict[str, Any]:
    """Return everything that a version holds."""
    plain: dict[str, Any] = json.loads(vault.open(session, row.customer_id, _values_of(entry.id), entry.values_sealed))
    if entry.secure_sealed is None:
        return plain
    apart: dict[str, Any] = json.loads(vault.open(session, row.customer_id, _secure_of(entry.id), entry.secure_sealed))
    return plain | apart


def seal_into(session: Session, vault: Vault, situation: Situation, entry: FormEntryRow, values: Values) -> None:
    """Put values into a version, the secure ones apart."""
    template, owner = situation.template, situation.row.customer_id
    secure = {name for name in values if (place := template.field(name)) is not None and place.secure}
    plain = {name: value for name, value in values.items() if name not in secure}
    apart = {name: value for name, value in values.items() if name in secure}
    entry.values_sealed = vault.seal(session, owner, _values_of(entry.id), json.dumps(plain))
    entry.secure_sealed = vault.seal(session, owner, _secure_of(entry.id), json.dumps(apart)) if apart else None


def proof_of(template: Template, checked: Checked) -> tuple[bool, bool]:
    """Tell whether a form needs pictures, videos or files, and whether they are all there."""
    proof = {f.name for f in template.fields if f.kind in MEDIA} & set(checked.needed)
    return bool(proof), proof <= set(checked.met)


def _with_facts(
    template: Template, handed_in: Mapping[str, Any], facts: Sequence[TicketFieldRow]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Put the ticket's own facts in: they are the truth, since a form that changes one writes it there."""
    known = {fact.name: fact for fact in facts}
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    names = {f.name for f in template.fields}
    for place in template.fields:
        fact = known.get(FACTS[place.kind]) if place.kind in FACTS else None
        if fact is not None:
            values[place.name] = fact.normal
            if place.name not in handed_in:
                origins[place.name] = _origin(fact)
    return {name: value for name, value in handed_in.items() if name in names} | values, origins


def _origin(fact: TicketFieldRow) -> str:
    kinds = {TextSpan: "text", PictureRegion: "picture", ExternalRecord: "record"}
    return next((kinds.get(type(evidence_from_json(e)), "person") for e in fact.evidence), "person")


def _values_of(entry_id: str) -> str:
    return f"form_entries.values:{entry_id}"


def _secure_of(entry_id: str) -> str:
    return f"form_entries.secure:{entry_id}"
