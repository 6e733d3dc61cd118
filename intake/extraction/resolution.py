"""From sightings to facts: later corrections replace, denials remove, contradictions stay open for the customer."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from intake.extraction.catalogue import Catalogue
from intake.extraction.schemas import Flag, Method, has
from tickets.schemas import Evidence, Field, Observation, PersonStatement, PictureRegion, TextSpan
from tickets.words import FieldName, FieldState, Verdict

_SEEN_AGAIN = 0.02  # added for each further source; two sightings of one text are far from independent
_MAX_CONFIDENCE = 0.99


def standing(observations: Sequence[Observation], catalogue: Catalogue) -> dict[FieldName, list[Field]]:
    """Return every value that still stands, one field each, in the order of first mention.

    The rules, for each fact by itself and in the order of the observations:

    - a person's own statement (typed into the card) replaces everything before it;
    - ``correction`` replaces what was said before; ``denied`` removes that one value;
    - ``answer`` replaces earlier values that no record knows or that contradicted each other;
    - ``INVALID`` values and unlisted models are sightings only, never facts;
    - codes that no family of the standing models has are dropped, the others take that family's spelling;
    - values marked ``either`` become one field in state ``CONFLICT`` unless one of them is said again by itself.

    Args:
        observations: In the order they were made.
        catalogue: The shop's models and codes.

    Returns:
        Only names with a value.
    """
    kept: dict[FieldName, list[Observation]] = {name: [] for name in FieldName}
    for observation in observations:
        _take(kept[observation.name], observation)
    models = _fields(kept[FieldName.MODEL])
    families = {f for field in models for f in _families(field, catalogue)}
    codes = [o for o in kept[FieldName.FAULT_CODE] if _possible(o, families, catalogue)]
    fields = {
        FieldName.ORDER_NO: _fields(kept[FieldName.ORDER_NO]),
        FieldName.MODEL: models,
        FieldName.FAULT_CODE: _fields([_respelt(o, families, catalogue) for o in codes]),
    }
    return {name: many for name, many in fields.items() if many}


def single(name: FieldName, fields: Sequence[Field], latest: str) -> Field:
    """Reduce the standing values of one fact to the one of the case at hand.

    Of several orders the first that the records know is the case's (the others are cases of their own), of several
    codes the one seen last (what the appliance shows now); several models contradict each other until the customer
    chooses.

    Args:
        name: Which fact.
        fields: Its standing values, not empty.
        latest: Normal form of the value seen last.
    """
    if name is FieldName.ORDER_NO:
        return next((f for f in fields if f.verdict is Verdict.VALID), fields[0])
    if len(fields) == 1:
        return fields[0]
    if name is FieldName.FAULT_CODE:
        return next((f for f in fields if f.normal == latest), fields[-1])
    candidates = tuple(dict.fromkeys(c for f in fields for c in (f.candidates or (f.normal,))))
    return _conflict(fields, candidates)


def _take(kept: list[Observation], new: Observation) -> None:
    """Let one observation act on those that stood before it."""
    if isinstance(new.evidence, PersonStatement):
        kept[:] = [new]
        return
    if kept and isinstance(kept[-1].evidence, PersonStatement) and not has(new.method, Flag.CORRECTION):
        if new.normal == kept[-1].normal and not has(new.method, Flag.DENIED):
            kept.insert(0, new)
        return
    if has(new.method, Flag.DENIED):
        kept[:] = [o for o in kept if o.normal != new.normal]
        return
    if new.verdict is Verdict.INVALID or (new.name is FieldName.MODEL and new.verdict is not Verdict.VALID):
        return
    if has(new.method, Flag.CORRECTION):
        kept[:] = [o for o in kept if o.normal == new.normal or _same_correction(o, new)]
    elif has(new.method, Flag.ANSWER):
        kept[:] = [o for o in kept if o.normal == new.normal or _firm(o) or _source(o) == _source(new)]
    elif not has(new.method, Flag.EITHER) and any(o.normal == new.normal and _open(o) for o in kept):
        kept[:] = [o for o in kept if o.normal == new.normal or not _open(o)]
    kept.append(new)


def _same_correction(old: Observation, new: Observation) -> bool:
    return has(old.method, Flag.CORRECTION) and _source(old) == _source(new)


def _open(observation: Observation) -> bool:
    return has(observation.method, Flag.EITHER)


def _firm(observation: Observation) -> bool:
    return observation.verdict is Verdict.VALID and not _open(observation)


def _source(observation: Observation) -> str:
    match observation.evidence:
        case TextSpan(message_id, _, _):
            return message_id
        case PictureRegion(attachment_id, _):
            return attachment_id
        case _:
            return ""


def _fields(kept: Sequence[Observation]) -> list[Field]:
    by_normal: dict[str, list[Observation]] = {}
    for observation in kept:
        by_normal.setdefault(observation.normal, []).append(observation)
    fields = {normal: _field(many) for normal, many in by_normal.items()}
    contradicted = [n for n, many in by_normal.items() if all(_open(o) for o in many)]
    if len(contradicted) < 2:  # noqa: PLR2004 - one value alone contradicts nothing
        return list(fields.values())
    rest = [field for normal, field in fields.items() if normal not in contradicted]
    return [*rest, _conflict([fields[n] for n in contradicted], tuple(contradicted))]


def _field(many: Sequence[Observation]) -> Field:
    """Make one field of all sightings of one value."""
    best = max(many, key=lambda o: o.confidence)
    person = next((o for o in many if isinstance(o.evidence, PersonStatement)), None)
    sources = len({_source(o) for o in many})
    confidence = max(best.confidence, min(_MAX_CONFIDENCE, best.confidence + _SEEN_AGAIN * (sources - 1)))
    state = FieldState.PROPOSED
    if person is not None:
        best, confidence = person, person.confidence
        state = FieldState.CORRECTED if Method.CUSTOMER in person.method else FieldState.CONFIRMED
    evidence: tuple[Evidence, ...] = tuple(dict.fromkeys(o.evidence for o in many))
    return Field(best.name, best.value, best.normal, best.verdict, confidence, state, evidence)


def _conflict(fields: Sequence[Field], candidates: tuple[str, ...]) -> Field:
    """Make one field of values that exclude each other: none of them is chosen."""
    first = fields[0]
    evidence = tuple(dict.fromkeys(e for f in fields for e in f.evidence))
    confidence = min(f.confidence for f in fields)
    return Field(first.name, "", "", first.verdict, confidence, FieldState.CONFLICT, evidence, candidates)


def _families(field: Field, catalogue: Catalogue) -> Collection[str]:
    names = field.candidates or (field.normal,)
    hits = (catalogue.models.find(name) for name in names)
    return {hit.model.family for hit in hits if hit is not None and hit.model.family}


def _possible(observation: Observation, families: Collection[str], catalogue: Catalogue) -> bool:
    return isinstance(observation.evidence, PersonStatement) or _spelling(observation, families, catalogue) is not None


def _respelt(observation: Observation, families: Collection[str], catalogue: Catalogue) -> Observation:
    return replace(observation, normal=_spelling(observation, families, catalogue) or observation.normal)


def _spelling(observation: Observation, families: Collection[str], catalogue: Catalogue) -> str | None:
    """Return how the families in question spell a code: E-07 in one manual may be E7 in another."""
    hit = catalogue.codes.find(observation.normal, families)
    return hit.code if hit is not None else None
