"""Evidence and predictions to JSON columns and back; one place, so that stored shapes change in one place."""

from collections.abc import Mapping
from typing import Any

from kit.ai.ports import Box
from tickets.schemas import Evidence, ExternalRecord, PersonStatement, PictureRegion, TextSpan
from tickets.words import AttachmentId, MessageId


def evidence_to_json(evidence: Evidence) -> dict[str, object]:
    """Return evidence as plain JSON with a ``kind``."""
    if isinstance(evidence, TextSpan):
        return {"kind": "text", "message_id": evidence.message_id, "start": evidence.start, "end": evidence.end}
    if isinstance(evidence, PictureRegion):
        box = evidence.box
        return {
            "kind": "picture",
            "attachment_id": evidence.attachment_id,
            "box": [box.x, box.y, box.width, box.height],
        }
    if isinstance(evidence, ExternalRecord):
        return {"kind": "record", "source": evidence.source, "reference": evidence.reference}
    return {"kind": "person", "actor": evidence.actor}


def evidence_from_json(data: Mapping[str, Any]) -> Evidence:
    """Return the evidence that ``evidence_to_json`` wrote."""
    match data["kind"]:
        case "text":
            return TextSpan(MessageId(data["message_id"]), data["start"], data["end"])
        case "picture":
            return PictureRegion(AttachmentId(data["attachment_id"]), Box(*data["box"]))
        case "record":
            return ExternalRecord(data["source"], data["reference"])
        case _:
            return PersonStatement(data["actor"])
