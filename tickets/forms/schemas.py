"""The book of forms: templates by category and channel, their fields and the rules between fields.

Everything that could only fail later fails when it is saved: a pattern that RE2 cannot run, a rule about a field that
is not there, a rule that contradicts itself, an identity number that would lie open.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, model_validator

from kit.patterns import compile_pattern
from tickets.books.schemas import Book, Page
from tickets.books.service import Refusal
from tickets.words import FieldName, LabelPath


class Kind(StrEnum):
    """What a field holds."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    MULTI_CHOICE = "multi_choice"
    DATE = "date"
    NUMBER = "number"
    MONEY = "money"  # yuan, at most two decimals; kept as text, so that no cent is lost
    PHONE = "phone"
    ORDER_NO = "order_no"
    MODEL = "model"
    FAULT_CODE = "fault_code"
    PICTURE = "picture"
    VIDEO = "video"
    FILE = "file"
    IDENTITY_NO = "identity_no"
    BANK_ACCOUNT = "bank_account"


MEDIA = frozenset({Kind.PICTURE, Kind.VIDEO, Kind.FILE})
CHOICES = frozenset({Kind.CHOICE, Kind.MULTI_CHOICE})
RANGED = frozenset({Kind.DATE, Kind.NUMBER, Kind.MONEY})
WRITTEN = frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.PHONE, Kind.ORDER_NO, Kind.MODEL, Kind.FAULT_CODE})
MUST_BE_SECURE = frozenset({Kind.IDENTITY_NO, Kind.BANK_ACCOUNT})
"""Kinds whose values are never shown whole, and never asked for or said in the talk (S3 against S0, point 8)."""

FACTS = {Kind.ORDER_NO: FieldName.ORDER_NO, Kind.MODEL: FieldName.MODEL, Kind.FAULT_CODE: FieldName.FAULT_CODE}
"""Kinds that the talk collects too; a field of such a kind is that fact."""

_MOST_FIELDS, _MOST_TEMPLATES, _MOST_RULES = 60, 200, 40
_MAX_MEDIA_BYTES = 10_000_000  # what a request can carry
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Words = Annotated[str, Field(min_length=1, max_length=120)]
Help = Annotated[str, Field(max_length=300)]


def _runs_on_re2(pattern: str) -> str:
    try:
        compile_pattern(pattern)
    except ValueError as error:
        reason = str(error).partition(": ")[2]
        zh = f"这个正则无法在线性时间内运行，不能使用（{reason}）"
        raise Refusal(zh, f"this pattern cannot be run in linear time ({reason})") from error
    return pattern


_Fault = tuple[str, str]  # what is wrong, in Chinese and in English
_P = TypeVar("_P", bound=Page)


def _whole(page: _P, faults: Iterator[_Fault]) -> _P:
    """Return a page that has no fault, or refuse it with the first one."""
    for zh, en in faults:
        raise Refusal(zh, en)
    return page


class Choice(Page):
    """One of what may be chosen."""

    value: Slug
    zh: Words
    en: Words


class FormField(Page):
    """A place of a form.

    Attributes:
        name: Its key, the same in every edition.
        pattern: RE2; the whole value must fit it.
        least, most: Length of texts, value of numbers and money, number of files or of things chosen.
        earliest, latest: Bounds of a date; ``today`` is the day of the check, in the shop's zone.
        min_pixels: Shorter side of a picture at least.
        min_bytes, max_bytes: Size of each file.
        secure: Sealed apart, shown masked, read whole only with the right to and on the record.
    """

    name: Slug
    kind: Kind
    zh: Words
    en: Words
    help_zh: Help = ""
    help_en: Help = ""
    required: bool = False
    secure: bool = False
    pattern: Annotated[str, Field(max_length=300), AfterValidator(_runs_on_re2)] = ""
    least: float | None = Field(default=None, ge=-1e12, le=1e12)
    most: float | None = Field(default=None, ge=-1e12, le=1e12)
    earliest: date | Literal["today", ""] = ""
    latest: date | Literal["today", ""] = ""
    choices: tuple[Choice, ...] = Field(default=(), max_length=60)
    min_pixels: int = Field(default=0, ge=0, le=5_000)
    min_bytes: int = Field(default=0, ge=0, le=_MAX_MEDIA_BYTES)
    max_bytes: int = Field(default=_MAX_MEDIA_BYTES, ge=1, le=_MAX_MEDIA_BYTES)

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        return _whole(self, self._faults())

    def _faults(self) -> Iterator[_Fault]:
        name, kind = self.name, self.kind
        if kind in MUST_BE_SECURE and not self.secure:
            yield (
                f"「{name}」是证件号或银行账号，必须设为安全字段",
                f"{name}: identity and bank numbers must be secure fields",
            )
        if (kind in CHOICES) != bool(self.choices):
            yield (f"「{name}」的选项与类型不符", f"{name}: choices belong to kinds of choice, and to no other")
        if [value for value, n in Counter(c.value for c in self.choices).items() if n > 1]:
            yield (f"「{name}」有重复的选项", f"{name}: a choice is there twice")
        if self.pattern and kind not in WRITTEN | MUST_BE_SECURE:
            yield (f"「{name}」的类型不能用正则", f"{name}: this kind takes no pattern")
        if (self.earliest or self.latest) and kind is not Kind.DATE:
            yield (f"「{name}」不是日期", f"{name}: only a date has an earliest and a latest day")
        if (self.min_pixels and kind is not Kind.PICTURE) or (self.min_bytes and kind not in MEDIA):
            yield (f"「{name}」的类型没有图片或文件大小", f"{name}: this kind has no such size")
        if self.least is not None and self.most is not None and self.least > self.most:
            yield (f"「{name}」的下限大于上限", f"{name}: the lower bound is above the upper one")
        if isinstance(self.earliest, date) and isinstance(self.latest, date) and self.earliest > self.latest:
            yield (f"「{name}」的最早日期晚于最晚日期", f"{name}: the earliest day is after the latest")
        if self.min_bytes > self.max_bytes:
            yield (f"「{name}」的最小文件大于最大文件", f"{name}: the smallest file is above the largest")


class Condition(Page):
    """When a rule applies: the field is one of these values, or it is there, or it is not.

    Attributes:
        one_of: Texts; a number or a list is compared as it is written. Empty: presence alone counts.
        present: Whether it must be there; says nothing where ``one_of`` does.
    """

    field: Slug
    one_of: tuple[Annotated[str, Field(max_length=120)], ...] = Field(default=(), max_length=60)
    present: bool = True


class Dependency(Page):
    """A rule: where the condition holds, these fields must be there, and those must not."""

    kind: Literal["dependency"]
    when: Condition
    require: tuple[Slug, ...] = ()
    forbid: tuple[Slug, ...] = ()
    zh: Help = ""
    en: Help = ""


class Order(Page):
    """A rule: the first value is not above the second; both are dates, or both are numbers or money."""

    kind: Literal["order"]
    first: Slug
    second: Slug
    zh: Help = ""
    en: Help = ""


Rule = Annotated[Dependency | Order, Field(discriminator="kind")]


class Unmet(StrEnum):
    """What becomes of a form that is not complete (FM-03)."""

    REFUSE = "refuse"
    QA_QUEUE = "qa_queue"  # it may be handed in as it is, and a person of quality decides


class Template(Page):
    """A form: for which category and channels, its fields in their order, its rules.

    Attributes:
        id: Its key, the same in every edition.
        label: Beginning of the category that it is for; empty: all.
        channels: Empty: all.
    """

    id: Slug
    label: LabelPath = Field(default=(), max_length=3)
    channels: tuple[Annotated[str, Field(min_length=1, max_length=32)], ...] = Field(default=(), max_length=20)
    zh: Words
    en: Words
    unmet: Unmet = Unmet.REFUSE
    fields: tuple[FormField, ...] = Field(default=(), max_length=_MOST_FIELDS)
    rules: tuple[Rule, ...] = Field(default=(), max_length=_MOST_RULES)

    def field(self, name: str) -> FormField | None:
        """Return the field of a name, if there is one."""
        return next((f for f in self.fields if f.name == name), None)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        return _whole(self, self._faults())

    def _faults(self) -> Iterator[_Fault]:
        twice = [name for name, n in Counter(f.name for f in self.fields).items() if n > 1]
        if twice:
            yield (f"字段「{twice[0]}」出现两次", f"the field {twice[0]} is there twice")
        facts = Counter(f.kind for f in self.fields if f.kind in FACTS)
        if doubled := [kind for kind, n in facts.items() if n > 1]:
            yield (f"「{doubled[0]}」只能有一个字段", f"there may be one field of kind {doubled[0]}")
        for place, rule in enumerate(self.rules):
            yield from self._faults_of_rule(place, rule)
        yield from self._opposites()

    def _faults_of_rule(self, place: int, rule: Dependency | Order) -> Iterator[_Fault]:
        where_zh, where_en = f"第 {place + 1} 条规则", f"rule {place + 1}"
        names = (rule.first, rule.second) if isinstance(rule, Order) else (rule.when.field, *rule.require, *rule.forbid)
        unknown = next((name for name in names if self.field(name) is None), None)
        if unknown is not None:
            yield (f"{where_zh}：没有字段「{unknown}」", f"{where_en}: there is no field {unknown}")
        elif isinstance(rule, Order):
            yield from self._faults_of_order(rule, where_zh, where_en)
        else:
            yield from self._faults_of_dependency(rule, where_zh, where_en)

    def _faults_of_order(self, rule: Order, where_zh: str, where_en: str) -> Iterator[_Fault]:
        kinds = {found.kind for name in (rule.first, rule.second) if (found := self.field(name))}
        comparable = kinds == {Kind.DATE} or kinds <= {Kind.NUMBER, Kind.MONEY}
        if rule.first == rule.second or not comparable:
            yield (f"{where_zh}：这两个字段不能比较先后或大小", f"{where_en}: these two cannot be compared")

    def _faults_of_dependency(self, rule: Dependency, where_zh: str, where_en: str) -> Iterator[_Fault]:
        when = rule.when
        if not rule.require and not rule.forbid:
            yield (f"{where_zh}：没有写要求什么", f"{where_en}: it asks for nothing")
        both = set(rule.require) & set(rule.forbid)
        if when.field in rule.forbid and (when.one_of or when.present):
            both.add(when.field)
        if when.field in rule.require and not when.one_of and not when.present:
            both.add(when.field)
        always = {f.name for f in self.fields if f.required} & set(rule.forbid)
        if both or always:
            name = min(both | always)
            yield (f"{where_zh}自相矛盾：「{name}」既必填又不允许", f"{where_en} contradicts itself about {name}")
        field = self.field(when.field)
        assert field is not None
        if when.one_of and field.kind in MEDIA | MUST_BE_SECURE | {Kind.NUMBER}:
            yield (f"{where_zh}：「{when.field}」不能按内容判断", f"{where_en}: {when.field} has no such value")
        known = {choice.value for choice in field.choices}
        if field.choices and (stray := [value for value in when.one_of if value not in known]):
            yield (f"{where_zh}：「{when.field}」没有选项「{stray[0]}」", f"{where_en}: {when.field} has no {stray[0]}")

    def _opposites(self) -> Iterator[_Fault]:
        """Yield rules of which one requires what another forbids, under the same condition."""
        rules = [rule for rule in self.rules if isinstance(rule, Dependency)]
        for place, one in enumerate(rules):
            for other in rules[place + 1 :]:
                clash = (set(one.require) & set(other.forbid)) | (set(one.forbid) & set(other.require))
                if clash and one.when == other.when:
                    name = min(clash)
                    yield (f"两条规则对「{name}」的要求相反", f"two rules say opposite things about {name}")


class FormBook(Page):
    """Every form of the business."""

    templates: tuple[Template, ...] = Field(min_length=1, max_length=_MOST_TEMPLATES)

    @model_validator(mode="after")
    def _one_for_every_case(self) -> Self:
        return _whole(self, self._faults())

    def _faults(self) -> Iterator[_Fault]:
        for key, zh, en in _doubled(self.templates):
            yield (f"{zh}「{key}」出现两次", f"{en} {key} is there twice")
        if not any(not t.label and not t.channels for t in self.templates):
            yield ("缺少默认表单（分类和渠道都为空）", "one form must be for every category and channel")

    def template(self, template_id: str) -> Template | None:
        """Return the template of an id, if there is one."""
        return next((t for t in self.templates if t.id == template_id), None)


def _doubled(templates: Sequence[Template]) -> list[tuple[str, str, str]]:
    """Return what more than one template claims: an id, or the same category on the same channel."""
    ids = Counter(t.id for t in templates)
    places = Counter((t.label, channel) for t in templates for channel in (t.channels or ("",)))
    found = [(key, "表单编号", "the form id") for key, n in ids.items() if n > 1]
    found += [
        (f"{'/'.join(label) or '*'} · {channel or '*'}", "适用范围", "the scope")
        for (label, channel), n in places.items()
        if n > 1
    ]
    return found


def _plain() -> FormBook:
    order = FormField(name="order_no", kind=Kind.ORDER_NO, zh="订单号", en="Order number", required=True)
    return FormBook(templates=(Template(id="general", zh="售后登记", en="After-sales form", fields=(order,)),))


FORMS = Book("forms", FormBook, _plain)
"""What every case must be handed in with."""
