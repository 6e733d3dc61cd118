"""The next step of a conversation as one pure function: what is known goes in, what the bot does comes out.

The order of the checks is the policy: a person who already answers, safety, a wish for a person, an answer to what was
asked, what the records contradict, what the knowledge base can answer, what is missing, and last the confirm card.
"""

from collections.abc import Mapping, Sequence

from intake.cues import Cue, cues
from intake.drafting import confirmed_draft, draft_of
from intake.extraction.schemas import Flag, has
from intake.forms import Forms
from intake.schemas import (
    Act,
    Answered,
    Ask,
    Decline,
    FileDraft,
    GroundedAnswer,
    HandOver,
    HandOverReason,
    Present,
    Say,
    Understanding,
)
from intake.wording import Phrase, question, say
from kit.text import has_words
from tickets.merging.urging import is_urging
from tickets.schemas import Observation
from tickets.words import CaseStatus, FieldName, FieldState, Handler, LabelPath, Priority, Verdict, Zone

_NO_STORY = frozenset({Cue.GREETING, Cue.YES, Cue.NO, Cue.SOLVED})
_ANSWER_KEY = "answer"  # counted beside the fields a case was asked for: an answer is offered once a case


def decide(understood: Understanding, forms: Forms, answer: GroundedAnswer | None) -> list[Act]:
    """Decide what the bot does about a turn.

    Args:
        understood: The turn and what it means.
        forms: Which facts each kind of case needs.
        answer: What the knowledge base can say to it, cited; ``None`` where it cannot.

    Returns:
        Acts in order; empty where a person answers the customer.
    """
    turn, lang = understood.turn, understood.lang
    if turn.conversation.handler is Handler.AGENT:
        return []
    said = _cues(understood)
    acts: list[Act] = [] if turn.greeted else [Say(say(Phrase.GREETING, lang))]
    if understood.urgent and turn.open_ticket_number is None:
        return [*acts, Say(say(Phrase.SAFETY, lang)), _file(understood, Priority.P1), HandOver(HandOverReason.SAFETY)]
    if Cue.HUMAN in said:
        filed: list[Act] = [] if turn.open_ticket_number else [_file(understood, None)]
        return [*acts, Say(say(Phrase.HAND_OVER, lang)), *filed, HandOver(HandOverReason.CUSTOMER_ASKED)]
    acts += [Say(p.refusal_zh if lang == "zh" else p.refusal_en) for p in understood.pictures if p.refusal_code]
    only_urges = _urges(understood) and not any(understood.sightings.values())
    if turn.open_ticket_number is not None and (turn.case is None or only_urges):
        return _after_filing(understood, said, acts)
    return [*acts, *_collect(understood, forms, answer, said)]


def _after_filing(understood: Understanding, said: frozenset[Cue], acts: list[Act]) -> list[Act]:
    """Answer a message that comes after the ticket was filed: it belongs to that ticket, not to a new one."""
    if Cue.SOLVED in said:
        return [*acts, Say(say(Phrase.GLAD, understood.lang))]
    number = understood.turn.open_ticket_number
    if _urges(understood):
        return [*acts, Say(say(Phrase.URGED, understood.lang, number=number))]
    return [*acts, Say(say(Phrase.ALREADY_FILED, understood.lang, number=number))]


def _urges(understood: Understanding) -> bool:
    """Tell whether the customer asks for speed; the ticket store counts it by the same wording (PG-06)."""
    return any(is_urging(message.raw) for message in understood.turn.fresh)


def _collect(
    understood: Understanding, forms: Forms, answer: GroundedAnswer | None, said: frozenset[Cue]
) -> Sequence[Act]:
    """Take short replies as what they answer; go on with the case otherwise."""
    lang, case = understood.lang, understood.turn.case
    asked = case.asked if case else {}
    presented = case is not None and case.status is CaseStatus.PRESENTED
    if presented and Cue.YES in said and not understood.sightings:
        return [FileDraft(confirmed_draft(draft_of(understood)), "customer")]
    if asked.get(_ANSWER_KEY) and Cue.SOLVED in said:
        return [Answered(), Say(say(Phrase.GLAD, lang))]
    if not _has_matter(understood):
        return [Say(say(Phrase.DESCRIBE, lang))]
    return _advance(understood, forms, answer, said)


def _advance(
    understood: Understanding, forms: Forms, answer: GroundedAnswer | None, said: frozenset[Cue]
) -> Sequence[Act]:
    """Offer what is known, settle contradictions, ask for what is missing, or show the card."""
    lang, case = understood.lang, understood.turn.case
    asking = case.asking if case else ""
    asked = case.asked if case else {}
    notes = _contradictions(understood)
    declined = list(case.declined) if case else []
    acts: list[Act] = []
    if asking and Cue.DECLINE in said and FieldName(asking) not in understood.fields:
        declined.append(asking)
        acts.append(Decline(FieldName(asking)))
    if answer is not None and not asked.get(_ANSWER_KEY) and Cue.FILE not in said:
        acts.append(_offer(answer, understood, forms))
        if _answer_ends_it(understood, forms):
            return acts
    conflict = _conflict(understood, asked)
    if conflict is not None:
        return [*acts, conflict]
    missing = forms.of(_label(understood)).next_missing(_known(understood), asked, declined)
    if missing is not None:
        return [*acts, Ask(missing, " ".join([*notes, question(missing, lang)]))]
    draft = draft_of(understood)
    return [*acts, Present(draft, " ".join([*notes, say(Phrase.CONFIRM, lang)]), _label(understood))]


def _offer(answer: GroundedAnswer, understood: Understanding, forms: Forms) -> Say:
    data: dict[str, object] = {"kind": "answer", "citations": list(answer.citations)}
    text = answer.text
    if _answer_ends_it(understood, forms):
        text = f"{text}\n{say(Phrase.ANSWER_HELPED, understood.lang)}"
        data["quick_replies"] = ["已解决", "没解决", "转人工"] if understood.lang == "zh" else _QUICK_EN
    return Say(text, data)


_QUICK_EN = ["Solved", "Not solved", "Human, please"]


def _answer_ends_it(understood: Understanding, forms: Forms) -> bool:
    """Tell whether an answer may settle the matter: nothing must be collected for this kind of case."""
    return not forms.of(_label(understood)).required and bool(_label(understood))


def _file(understood: Understanding, priority: Priority | None) -> FileDraft:
    draft = draft_of(understood, priority=priority)
    return FileDraft(draft, "bot")


def _cues(understood: Understanding) -> frozenset[Cue]:
    return frozenset(cue for message in understood.turn.fresh for cue in cues(message.raw))


def _has_matter(understood: Understanding) -> bool:
    """Tell whether there is anything to file: a story, a fact, or an earlier part of one."""
    if understood.fields or understood.turn.case is not None:
        return True
    story = any(has_words(m.raw) and not cues(m.raw) & _NO_STORY for m in understood.turn.fresh)
    return story or any(p.reading is not None for p in understood.pictures)


def _label(understood: Understanding) -> LabelPath:
    """Return the label the dialogue goes by: never one that the classifier leaves to a person."""
    prediction = understood.prediction
    return prediction.label if prediction is not None and prediction.zone is not Zone.HUMAN else ()


def _known(understood: Understanding) -> list[FieldName]:
    fields: Mapping[FieldName, object] = understood.fields
    return list(fields)


def _conflict(understood: Understanding, asked: Mapping[str, int]) -> Ask | None:
    """Ask once which of two contradictory values is meant."""
    for name, field in understood.fields.items():
        if field.state is FieldState.CONFLICT and not asked.get(name):
            joiner = "、" if understood.lang == "zh" else ", "
            text = say(Phrase.CONFLICT, understood.lang, candidates=joiner.join(field.candidates))
            return Ask(name, text)
    return None


def _contradictions(understood: Understanding) -> list[str]:
    """Say what the records do not know: an order without a record, a code that no appliance has."""
    fresh: list[Observation] = [o for many in understood.sightings.values() for o in many]
    notes: list[str] = []
    for o in fresh:
        known = understood.fields.get(o.name)
        if o.name is FieldName.FAULT_CODE and o.verdict is Verdict.INVALID and known is None:
            notes.append(say(Phrase.CODE_UNKNOWN, understood.lang, value=o.value.strip()[:12]))
        # An order book that could not be asked does not make an order unknown.
        if o.name is FieldName.ORDER_NO and o.verdict is Verdict.UNKNOWN and not has(o.method, Flag.UNVERIFIED):
            notes.append(say(Phrase.ORDER_UNKNOWN, understood.lang, value=o.normal))
    return list(dict.fromkeys(notes))
