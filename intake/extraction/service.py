"""Extraction's face: order number, model and fault code from words and pictures, and what of it stands."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from intake.extraction import neighbourhood
from intake.extraction.catalogue import catalogue_of
from intake.extraction.codes import Surroundings, find_codes
from intake.extraction.conversation import asked_for, correction_announced, families_before
from intake.extraction.layout import passages_of
from intake.extraction.orders import OrderFinder
from intake.extraction.passages import Found, Origin, Passage, passage_of, squeeze
from intake.extraction.products import find_models
from intake.extraction.resolution import single, standing
from intake.extraction.schemas import CONFIDENCE, FACTOR, UNKNOWN_ORDER_FACTOR, Flag, Method, ShopCatalog
from kit.ai.ports import Reader, ReadPicture
from tickets.ports import OrderBook
from tickets.schemas import Field, Message, Observation, PersonStatement
from tickets.words import AttachmentId, FieldName, FieldState, Role, Verdict

_MAX_FOUND = 100  # values of one text, so that comparing them with each other costs little


class ExtractionService:
    """Finds facts and says where it saw them; deterministic, no model but the picture reader.

    Args:
        catalog: The shop's order patterns, models and fault codes.
        order_book: Says whether an order exists.
        reader: Reads pictures.

    Raises:
        CatalogInvalid: The catalogue cannot be used.
    """

    def __init__(self, catalog: ShopCatalog, order_book: OrderBook, reader: Reader) -> None:
        self._catalogue = catalogue_of(catalog)
        self._orders = OrderFinder(catalog.order_patterns, order_book)
        self._reader = reader

    def from_message(self, message: Message, history: Sequence[Message] = ()) -> list[Observation]:
        """Return the facts in a customer's message; messages of others have none of their own.

        Args:
            message: The message; evidence counts code points of its ``raw``, ``raw[start:end]`` shows the value.
            history: The conversation before it: what we asked, which appliance is meant, what it corrects.

        Returns:
            In order of appearance. Denied values come only where the history has them, flagged ``denied``.
        """
        if message.role is not Role.CUSTOMER:
            return []
        passage = passage_of(message)
        if neighbourhood.is_yes(passage.flat):
            return self._affirmed(history)
        found = self._found(passage, asked_for(history) if passage.chunks else frozenset(), history=history)
        denied = [f for f in found if neighbourhood.denied(passage.flat, f)]
        kept = neighbourhood.without_past(passage.flat, [f for f in found if f not in denied])
        kept = _flag_corrections(passage, kept, announced=correction_announced(history))
        for index in neighbourhood.contradictory(passage.flat, kept):
            kept[index] = replace(kept[index], flags=kept[index].flags | {Flag.EITHER})
        retracted = [f for f in denied if history and self._was_said(f, history)]
        retracted = [replace(f, flags=frozenset({Flag.DENIED})) for f in retracted]
        return [_observation(passage, f) for f in sorted([*retracted, *kept], key=lambda f: f.start)]

    def from_turns(self, messages: Sequence[Message]) -> list[Observation]:
        """Return the facts of a whole conversation, each message read with what came before it."""
        return [o for i, message in enumerate(messages) for o in self.from_message(message, messages[:i])]

    def read(self, data: bytes) -> ReadPicture:
        """Read a picture file.

        Raises:
            PictureRefused: It is no picture of a supported kind, too large, or broken.
        """
        return self._reader.read(data)

    def from_picture(
        self, attachment_id: AttachmentId, picture: ReadPicture, families: Collection[str] = ()
    ) -> list[Observation]:
        """Return the facts in a picture; evidence is the box of the lines they stand in.

        Args:
            attachment_id: The stored file.
            picture: What the reader found.
            families: Families of appliances in question, where known; fault codes of others are ``INVALID``.

        Returns:
            In reading order, bar codes last.
        """
        observations: list[Observation] = []
        for passage in passages_of(attachment_id, picture):
            found = self._found(passage, frozenset(), families=families)
            observations += [_observation(passage, f) for f in found]
        return observations

    def resolve(self, observations: Sequence[Observation]) -> tuple[dict[FieldName, Field], tuple[Field, ...]]:
        """Reduce the observations of a case to one field a fact.

        Args:
            observations: In the order they were made, old ones first.

        Returns:
            The case's fields (names without a value are absent; a value that needs choosing is in state ``CONFLICT``
            with its candidates), and the further orders named, which are cases of their own.
        """
        fields = self.resolve_cases(observations)
        latest = {o.name: o.normal for o in observations}
        chosen = {name: single(name, many, latest[name]) for name, many in fields.items()}
        others = fields.get(FieldName.ORDER_NO, [])[1:]
        return chosen, tuple(f for f in others if f.state is not FieldState.CONFLICT)

    def resolve_cases(self, observations: Sequence[Observation]) -> dict[FieldName, list[Field]]:
        """Return every value that stands, for conversations about several orders; rules: ``resolution.standing``."""
        return standing(observations, self._catalogue)

    def validated(self, name: FieldName, text: str, by: PersonStatement) -> Field:
        """Judge what a person typed as a fact; it is kept whatever the verdict, because it is theirs.

        Args:
            name: Which fact.
            text: As typed.
            by: Who typed it.

        Returns:
            A field in state ``CORRECTED``; models and codes the catalogue has take its spelling.
        """
        value = text.strip()
        match name:
            case FieldName.ORDER_NO:
                normal, verdict, _ = self._orders.validated(value)
            case FieldName.MODEL:
                model = self._catalogue.models.find(value)
                normal, verdict = (model.model.model, Verdict.VALID) if model else (squeeze(value), Verdict.UNKNOWN)
            case FieldName.FAULT_CODE:
                code = self._catalogue.codes.find(value)
                normal, verdict = (code.code, Verdict.VALID) if code else (squeeze(value), Verdict.INVALID)
        confidence = CONFIDENCE[Method.CUSTOMER]
        return Field(name, value, normal or value, verdict, confidence, FieldState.CORRECTED, (by,))

    def families_of(self, observations: Sequence[Observation]) -> frozenset[str]:
        """Return the families of the models that stand, for reading a picture of the appliance's display."""
        models = self.resolve_cases(observations).get(FieldName.MODEL, [])
        hits = (self._catalogue.models.find(f.normal) for f in models if f.normal)
        return frozenset(hit.model.family for hit in hits if hit is not None and hit.model.family)

    def _found(
        self,
        passage: Passage,
        asked: frozenset[FieldName],
        *,
        history: Sequence[Message] = (),
        families: Collection[str] = (),
    ) -> list[Found]:
        """Run the finders, the surest first: what one has taken is no candidate for the next."""
        orders = self._orders.find(passage, asked=FieldName.ORDER_NO in asked)
        taken = [(f.start, f.end) for f in orders]
        models = find_models(passage, self._catalogue.models, taken)
        taken += [(f.start, f.end) for f in models]
        words = self._catalogue.family_words.find(passage.flat)
        named = {f.family for f in models if f.family} or {family for _, _, family in words} or set(families)
        around = Surroundings(
            families=lambda: named or families_before(history, self._catalogue),
            taken=taken,
            appliances=[*((start, end) for start, end, _ in words), *((f.start, f.end) for f in models)],
            asked=FieldName.FAULT_CODE in asked,
        )
        codes = find_codes(passage, self._catalogue.codes, around)
        answered = [replace(f, flags=f.flags | {Flag.ANSWER}) if f.name in asked else f for f in [*orders, *models]]
        return sorted([*answered, *codes], key=lambda f: f.start)[:_MAX_FOUND]

    def _was_said(self, found: Found, history: Sequence[Message]) -> bool:
        """Tell whether a customer's earlier message has a value."""
        earlier = (self._found(passage_of(m), frozenset()) for m in history if m.role is Role.CUSTOMER)
        return any(f.name is found.name and f.normal == found.normal for many in earlier for f in many)

    def _affirmed(self, history: Sequence[Message]) -> list[Observation]:
        """Take over what an agent named, where the customer just says yes: 「是 WX75G 这台吗？」「对的」."""
        ours = history[-1] if history else None
        if ours is None or ours.role not in {Role.BOT, Role.AGENT} or ours.data:
            return []
        passage = passage_of(ours)
        if not any(mark in passage.flat for mark in ("?", "吗", "是不是", "对吧")):
            return []
        found = [f for f in self._found(passage, frozenset()) if f.verdict is not Verdict.INVALID]
        alone = [f for f in found if len({g.normal for g in found if g.name is f.name}) == 1]
        return [_observation(passage, replace(f, flags=f.flags | {Flag.AFFIRMED})) for f in alone]


def _flag_corrections(passage: Passage, found: list[Found], *, announced: bool) -> list[Found]:
    """Flag values that replace earlier ones: those after a sign of correction, or all where none comes after it."""
    sign = neighbourhood.correction_in(passage.flat)
    if sign is None and not announced:
        return list(found)
    end, ahead = (sign.end, sign.ahead) if sign else (0, True)
    after = {f.name for f in found if f.start >= end}
    corrects = {f for f in found if announced or f.start >= end or not (ahead or f.name in after)}
    return [replace(f, flags=f.flags | {Flag.CORRECTION}) if f in corrects else f for f in found]


def _observation(passage: Passage, found: Found) -> Observation:
    """Turn a candidate into a sighting: its evidence, its method with flags, its confidence."""
    sight = passage.sight(found.start, found.end)
    origin = {Origin.PICTURE: {Flag.OCR}, Origin.BARCODE: {Flag.BARCODE}}.get(passage.origin, set())
    flags = sorted(found.flags | origin)
    confidence = CONFIDENCE[found.method] * sight.confidence
    for flag in flags:
        confidence *= FACTOR.get(flag, 1.0)
    if found.name is FieldName.ORDER_NO and found.verdict is Verdict.UNKNOWN:
        confidence *= UNKNOWN_ORDER_FACTOR
    return Observation(
        name=found.name,
        value=sight.value,
        normal=found.normal,
        verdict=found.verdict,
        confidence=round(confidence, 4),
        evidence=sight.evidence,
        method="+".join([found.method, *flags]),
    )
