"""The shop's models and fault codes, indexed for looking up what people write."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from intake.extraction.families import FamilyWords
from intake.extraction.lookalikes import skeleton
from intake.extraction.passages import squeeze
from intake.extraction.schemas import CatalogCode, CatalogModel, Flag, Method, ShopCatalog

_LEADING_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
_MIN_LOOKALIKE = 4  # shorter tokens look like too many things
_MIN_ALIAS = 3  # an alias of one or two Latin characters would be found everywhere


@dataclass(frozen=True, slots=True)
class ModelHit:
    """A model of the catalogue that some writing means."""

    model: CatalogModel
    method: Method
    flags: frozenset[Flag] = frozenset()


@dataclass(frozen=True, slots=True)
class CodeHit:
    """A fault code of the catalogue that some writing means."""

    code: str
    families: frozenset[str]
    flags: frozenset[Flag] = frozenset()


class ModelIndex:
    """Models by name, by alias and by look.

    Args:
        models: The shop's models.
        family_words: Words for whole families, which are never a model's alias.
    """

    def __init__(self, models: Iterable[CatalogModel], family_words: Collection[str] = ()) -> None:
        self._names: dict[str, CatalogModel] = {}
        for model in sorted(models, key=lambda m: len(m.model)):  # of 「S8」 and 「S8+」 the plain one keeps the name
            self._names.setdefault(squeeze(model.model), model)
        aliases: dict[str, dict[str, CatalogModel]] = defaultdict(dict)
        looks: dict[str, dict[str, CatalogModel]] = defaultdict(dict)
        for name, model in self._names.items():
            looks[skeleton(name)][model.model] = model
            for alias in (spelt for a in model.aliases for spelt in _spellings(squeeze(a))):
                aliases[alias][model.model] = model
        # An alias that two models share says nothing; a model's own name is never another's alias.
        self._aliases = {a: next(iter(ms.values())) for a, ms in aliases.items() if len(ms) == 1 and a}
        for word in family_words:
            self._aliases.pop(squeeze(word), None)
        self._looks = {look: next(iter(ms.values())) for look, ms in looks.items() if len(ms) == 1}
        phrases: dict[str, list[str]] = defaultdict(list)
        for alias in sorted({*self._aliases, *self._names}, key=len, reverse=True):
            if not alias.isascii():
                phrases[alias[0]].append(alias)
        self.phrases: Mapping[str, list[str]] = phrases
        self.heads = frozenset(head for name in self._names if (head := _head(name)))

    def exact(self, squeezed: str) -> ModelHit | None:
        """Look a writing without separators up as a name or an unshared alias."""
        if model := self._names.get(squeezed):
            return ModelHit(model, Method.CATALOGUE)
        if (model := self._aliases.get(squeezed)) and (len(squeezed) >= _MIN_ALIAS or not squeezed.isascii()):
            return ModelHit(model, Method.ALIAS)
        return None

    def lookalike(self, squeezed: str) -> ModelHit | None:
        """Look a writing up by its look, where exactly one model looks like it."""
        mixed = any(c.isdigit() for c in squeezed) and any(c.isalpha() for c in squeezed)
        if len(squeezed) < _MIN_LOOKALIKE or not mixed:
            return None
        model = self._looks.get(skeleton(squeezed))
        return ModelHit(model, Method.CATALOGUE, frozenset({Flag.LOOKALIKE})) if model else None

    def find(self, text: str) -> ModelHit | None:
        """Look up what a person typed as the model."""
        squeezed = squeeze(text)
        return self.exact(squeezed) or self.lookalike(squeezed)


class CodeIndex:
    """Fault codes by family.

    Args:
        codes: The shop's fault codes.
    """

    def __init__(self, codes: Iterable[CatalogCode]) -> None:
        self._families: dict[str, frozenset[str]] = {}
        by_key: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for code in codes:
            squeezed = squeeze(code.code)
            for level, key in _keys(code.code, squeezed):
                by_key[level, key][code.family].add(code.code)
            self._families[code.code] = self._families.get(code.code, frozenset()) | {code.family}
        self._by_key = {key: {f: frozenset(s) for f, s in found.items()} for key, found in by_key.items()}
        odd = sorted((c for c in self._families if not _USUAL.fullmatch(c.upper())), key=len, reverse=True)
        self.odd_pattern = _spelt(odd) if odd else None

    def find(self, writing: str, families: Collection[str] = (), *, lookalike: bool = False) -> CodeHit | None:
        """Look up a writing of a code.

        The catalogue's own spelling wins, then the same without separators, then without leading zeros, then (where
        allowed) the same look; each only where it leads to exactly one spelling.

        Args:
            writing: As written, e.g. ``E-03``, ``e 3``.
            families: Families of appliances in question; none: all.
            lookalike: Whether characters may be exchanged.
        """
        squeezed = squeeze(writing)
        for level, key in _keys(writing, squeezed):
            if level == _LOOK and not lookalike:
                continue
            found = self._by_key.get((level, key), {})
            spellings = {s for family, many in found.items() if not families or family in families for s in many}
            if len(spellings) == 1:
                code = next(iter(spellings))
                return CodeHit(code, self._families[code], _FLAGS[level])
            if spellings:
                return None
        return None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything the finders look up."""

    models: ModelIndex
    codes: CodeIndex
    family_words: FamilyWords


def catalogue_of(catalog: ShopCatalog) -> Catalogue:
    """Index a shop's catalogue."""
    ids = {m.family for m in catalog.models} | {c.family for c in catalog.fault_codes}
    words = FamilyWords(ids - {""}, {f.id: f.words for f in catalog.families})
    return Catalogue(ModelIndex(catalog.models, words.all), CodeIndex(catalog.fault_codes), words)


_LITERAL, _SQUEEZED, _ZEROS, _LOOK = "literal", "squeezed", "zeros", "look"
_FLAGS = {
    _LITERAL: frozenset[Flag](),
    _SQUEEZED: frozenset[Flag](),
    _ZEROS: frozenset({Flag.ZEROS}),
    _LOOK: frozenset({Flag.LOOKALIKE}),
}
_USUAL = re.compile(r"[A-Z]{1,3}[-_. ]?[0-9]{1,3}|[0-9]{1,2}[A-Z]{1,2}")


def _keys(writing: str, squeezed: str) -> list[tuple[str, str]]:
    """Return the keys under which a code is filed and looked up, strictest first."""
    look = _LEADING_ZEROS.sub("", skeleton(squeezed))
    return [
        (_LITERAL, writing.strip().upper()),
        (_SQUEEZED, squeezed),
        (_ZEROS, _LEADING_ZEROS.sub("", squeezed)),
        (_LOOK, look),
    ]


def _spellings(alias: str) -> list[str]:
    """Return a nickname in all its spellings: 65寸, 65英寸, 65INCH, 65INCHES."""
    size = re.fullmatch(r"([0-9]{2,3})英?寸", alias)
    return [f"{size[1]}{unit}" for unit in ("寸", "英寸", "INCH", "INCHES")] if size else [alias]


def _spelt(codes: Iterable[str]) -> re.Pattern[str]:
    """Compile codes of unusual form (UE, 105, E1-03) as whole tokens; separators may be left out."""
    parts = ("[-_. ]?".join(re.escape(p) for p in re.split(r"[^A-Z0-9]+", c.upper()) if p) for c in codes)
    return re.compile(rf"(?<![A-Z0-9])(?:{'|'.join(p for p in parts if p) or '(?!)'})(?![A-Z0-9])")


def _head(name: str) -> str:
    """Return the letters a model's name begins with."""
    match = re.match(r"[A-Z]{2,}", name)
    return match.group() if match else ""
