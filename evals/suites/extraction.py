"""Suite ``extraction``: order number, model and fault code from words and pictures (EV-02)."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evals.counting import Counts, counts_of, precision_recall_f1, share
from evals.data import data_hash, optional_rows, rows
from evals.schemas import Failure, Metric, Options, SuiteResult, System
from intake.extraction.schemas import ShopCatalog, catalog_from_mapping
from intake.extraction.service import ExtractionService
from kit.ai.ports import PictureRefused
from tickets.schemas import Message, Observation, OrderFacts
from tickets.words import AttachmentId, ConversationId, FieldName, FieldState, MessageId, Role, Verdict

_WHEN = datetime(2026, 1, 1, tzinfo=UTC)
_TEXT_CHARS = 200


class NoOrderBook:
    """Knows no order: a data set brings none, and a well-formed number counts all the same."""

    def find(self, order_no: str) -> OrderFacts | None:  # noqa: ARG002 - the port's shape
        """Return nothing."""
        return None


def run(data: Path, system: System, options: Options) -> SuiteResult:
    """Measure extraction on ``cases`` and, where it is there, ``picture_cases``.

    Returns:
        ``<field>_precision/_recall/_f1`` and ``exact``; slices ``text`` and ``image``.
    """
    cases = rows(data, "cases") + (optional_rows(data, "picture_cases") or [])
    catalog = data / "catalog.json"
    shop = catalog_from_mapping(json.loads(catalog.read_text(encoding="utf-8"))) if catalog.is_file() else _empty()
    service = ExtractionService(shop, NoOrderBook(), system.reader)
    table: list[tuple[str, dict[FieldName, Counts]]] = []
    failures: list[Failure] = []
    for done, case in enumerate(cases, 1):
        expected = {name: set(case["fields"].get(name, [])) for name in FieldName}
        got = values(service, case, data)
        table.append(("image" if "image" in case else "text", {n: counts_of(expected[n], got[n]) for n in FieldName}))
        failures += _failures(str(case.get("id", done)), case, expected, got)
        options.progress("extraction", done, len(cases))
    sources = {source: [row for kind, row in table if kind == source] for source in ("text", "image")}
    return SuiteResult(
        suite="extraction",
        metrics=_metrics([row for _, row in table]),
        versions={"data": data_hash(data)},
        failures=tuple(failures),
        slices={source: _metrics(found) for source, found in sources.items() if found},
    )


def values(service: ExtractionService, case: Mapping[str, Any], folder: Path) -> dict[FieldName, set[str]]:
    """Return what the service finds in a case: every value that stands and is not contradictory."""
    observations: list[Observation] = []
    if "image" in case:
        try:
            picture = service.read((folder / case["image"]).read_bytes())
        except PictureRefused:
            return {name: set() for name in FieldName}
        observations += service.from_picture(AttachmentId("picture"), picture)
    turns = case.get("turns") or ([{"role": "customer", "text": case["text"]}] if case.get("text") else [])
    observations += service.from_turns([_message(i, t) for i, t in enumerate(turns, 1)])
    standing = service.resolve_cases(observations)
    return {
        name: {
            f.normal
            for f in standing.get(name, [])
            if f.normal and f.state is not FieldState.CONFLICT and f.verdict is not Verdict.INVALID
        }
        for name in FieldName
    }


def _message(seq: int, turn: Mapping[str, Any]) -> Message:
    role = Role(turn["role"])
    data = {"asks": turn["asks"]} if "asks" in turn else {}
    return Message(MessageId(str(seq)), ConversationId("case"), seq, role, "", turn["text"], (), _WHEN, data)


def _metrics(cases: Sequence[Mapping[FieldName, Counts]]) -> dict[str, Metric]:
    metrics: dict[str, Metric] = {}
    for name in FieldName:
        metrics |= precision_recall_f1([c[name] for c in cases], name)
    everything = [Counts(*(sum(getattr(c[n], part) for n in FieldName) for part in ("tp", "fp", "fn"))) for c in cases]
    metrics |= precision_recall_f1(everything, "all")
    metrics["exact"] = share([c.fp == c.fn == 0 for c in everything])
    return metrics


def _failures(
    case_id: str, case: Mapping[str, Any], expected: Mapping[FieldName, set[str]], got: Mapping[FieldName, set[str]]
) -> list[Failure]:
    text = str(case.get("text") or case.get("image") or " / ".join(t["text"] for t in case.get("turns", [])))
    return [
        Failure(
            f"{case_id}:{name}", ", ".join(sorted(expected[name])), ", ".join(sorted(got[name])), text[:_TEXT_CHARS]
        )
        for name in FieldName
        if expected[name] != got[name]
    ]


def _empty() -> ShopCatalog:
    return catalog_from_mapping({"order_patterns": [], "models": [], "fault_codes": []})
