"""The shop's own data: catalogue, taxonomy, forms, people and order book, read from a folder of YAML files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from intake.classification.schemas import Taxonomy
from intake.extraction.schemas import ShopCatalog, catalog_from_mapping
from kit.errors import JiedaiError
from tickets.books.service import checked
from tickets.forms.schemas import FORMS, FormBook
from tickets.schemas import NodeTemplate, OrderFacts
from tickets.words import LabelPath

DEMO_SHOP = Path(__file__).parent / "demo" / "shop"


class ShopFileInvalid(JiedaiError):
    """A file of the shop's folder cannot be used."""

    code = "shop_file_invalid"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path.name} 无法使用：{reason}", f"{path.name} cannot be used: {reason}", field=path.name)


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff as the folder lists it."""

    username: str
    name: str
    role: str
    group_id: str | None


@dataclass(frozen=True, slots=True)
class Shop:
    """Everything of a shop that is data.

    Attributes:
        forms: Edition 1 of the book of forms.
        routing: The first edition of the routing book.
        lines: Model → product line.
        line_names: Product line → what customers call it.
        procedures: Label → the steps that its tickets go through (LC-11).
        rules: The automation rules it starts with, as their book has them; empty: none.
    """

    folder: Path
    catalog: ShopCatalog
    taxonomy: Taxonomy
    forms: FormBook
    routing: Mapping[str, object]
    groups: tuple[tuple[str, str, str], ...]
    people: tuple[Person, ...]
    orders: Mapping[str, OrderFacts]
    lines: Mapping[str, str]
    line_names: Mapping[str, tuple[str, ...]]
    procedures: Mapping[LabelPath, tuple[NodeTemplate, ...]]
    rules: Mapping[str, object]

    @property
    def articles(self) -> Path:
        """Folder of the knowledge articles."""
        return self.folder / "articles"

    @property
    def utterances(self) -> Path:
        """File of labelled utterances."""
        return self.folder / "utterances.jsonl"


class ShopOrderBook:
    """The order book of the folder behind the OMS port; a real shop puts its own system here."""

    def __init__(self, orders: Mapping[str, OrderFacts]) -> None:
        self._orders = orders

    def find(self, order_no: str) -> OrderFacts | None:
        """Return an order's facts, or ``None``."""
        return self._orders.get(order_no)


def load_shop(folder: Path) -> Shop:
    """Read a shop's folder.

    Raises:
        ShopFileInvalid: A file is missing or has the wrong shape; says which and why.
    """
    catalog = _read(folder / "catalog.yaml")
    people = _read(folder / "people.yaml")
    try:
        taxonomy = Taxonomy.from_mapping(_read(folder / "taxonomy.yaml"))
        return Shop(
            folder=folder,
            catalog=catalog_from_mapping(catalog),
            taxonomy=taxonomy,
            forms=checked(FORMS, _read(folder / "forms.yaml")),
            routing={"rules": people["routing"], **people.get("routing_book", {})},
            groups=tuple((g["id"], g["zh"], g["en"]) for g in people["groups"]),
            people=tuple(Person(a["username"], a["name"], a["role"], a.get("group")) for a in people["agents"]),
            orders={o["order_no"]: _order(o) for o in _read(folder / "orders.yaml")["orders"]},
            lines={m["model"]: m["line"] for m in catalog["models"]},
            line_names={line["id"]: (line["zh"], line["en"]) for line in catalog["lines"]},
            procedures=_procedures(folder / "procedures.yaml", taxonomy),
            rules=_read(folder / "rules.yaml") if (folder / "rules.yaml").exists() else {},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ShopFileInvalid(folder, f"{type(error).__name__}: {error}") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ShopFileInvalid(path, "missing") from None
    except yaml.YAMLError as error:
        raise ShopFileInvalid(path, str(error)) from error
    if not isinstance(loaded, dict):
        raise ShopFileInvalid(path, "a mapping is expected")
    return loaded


def _procedures(path: Path, taxonomy: Taxonomy) -> dict[LabelPath, tuple[NodeTemplate, ...]]:
    if not path.exists():  # a shop without procedures need not say so
        return {}
    found = {tuple(p["label"]): tuple(map(_node, p["steps"])) for p in _read(path)["procedures"]}
    unknown = found.keys() - {full[:n] for full in taxonomy.paths for n in range(len(full) + 1)}
    if unknown:
        raise ShopFileInvalid(path, f"unknown category {'/'.join(min(unknown))}")
    return found


def _node(step: Mapping[str, Any]) -> NodeTemplate:
    return NodeTemplate(step["zh"], step["en"], step.get("owner", ""), step["minutes"])


def _order(row: Mapping[str, Any]) -> OrderFacts:
    customer = row["customer"]
    return OrderFacts(
        order_no=row["order_no"],
        model=row["model"],
        status=row["status"],
        ordered_on=str(row["ordered_on"]),
        signed_on=str(row["signed_on"]) if row.get("signed_on") else None,
        paid_yuan=str(row["paid_yuan"]),
        warranty=row["warranty"],
        customer_name=customer["name"],
        customer_level=customer["level"],
    )
