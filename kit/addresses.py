"""Finds Chinese street addresses and where in them the part begins that points to a door.

Rules only: a place of the official list (GB/T 2260, as carried by python-stdnum) or a road, then the parts that follow
one another in an address, ending in a number. A city or district alone is no address.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

# Particles and pronouns, which names of roads and estates do not contain.
_NAME = r"[\u4e00-\u9fff](?<![的了是就都把被我你他她吗呢吧这那没不很怎在到您])"
_ROAD = r"(?:路|街|大道|道|巷|弄|胡同)(?:[东南西北中]{1,2}[段路街])?"
_AREA = (
    r"(?:街道|镇|乡|村|社区|小区|花园|家园|新村|新城|公馆|苑|园区?|庭|府|湾里?|里|坊|居|郡|墅|轩|阁|广场|大厦|中心|公寓|大楼|宿舍|"
    r"学校|大学|学院|中学|小学|医院|工业区|科技园|驿站|城)"
)
_NUMBER = (
    r"(?:[A-Z]?[0-9]{1,5}(?:[-—~][0-9]{1,5}){0,3}[A-Z]?|[零一二三四五六七八九十百]{1,4}|[A-Z])"
    r"\s?(?:号院|号楼|号|弄|栋|幢|座|单元|室|楼|层|组|户|门)"
)
_TAIL = r"[A-Z]?[0-9]{1,5}(?:[-—][0-9]{1,5}){0,3}(?![0-9年月日点个元块次天])"
_PART = re.compile(
    rf"[\s,，]?(?:(?P<number>{_NUMBER})|(?P<road>(?:{_NAME}){{1,8}}?{_ROAD})(?=[\s0-9A-Z零一二三四五六七八九十百,，]|$|{_NAME})|"
    rf"(?P<area>(?:{_NAME}){{1,10}}?{_AREA})|(?P<tail>{_TAIL}))"
)
_ROAD_START = re.compile(
    rf"(?:{_NAME}){{1,8}}?{_ROAD}\s?(?:[0-9]{{1,5}}|[零一二三四五六七八九十百]{{1,4}})\s?(?:弄|号)"
)
_ESTATE_START = re.compile(
    rf"(?:{_NAME}){{2,10}}?\s?[0-9A-Z]{{1,4}}\s?(?:栋|幢|座|号楼)\s?(?:[0-9一二三四五六]{{1,2}}单元)?\s?[0-9]{{2,4}}(?:室|号|户)?"
)
_LEAD = re.compile(
    r".*(?:地址|住址|收货|收件|送|寄|发|住|改成?|改为|换成?|上门|搬|来|去|到|往|于|麻烦|师傅|家|是|为|：|:)"
)
_DIVISION = re.compile(rf"[\s,，]?(?:{_NAME}){{1,6}}?(?:自治[州县]|[市州盟县旗区])(?!别)")
_SUFFIX = re.compile(r"(?:特别行政区|壮族自治区|回族自治区|维吾尔自治区|自治区|省|市)$")
_NAME_OF_PLACE = re.compile(r"(?:province|county)=\"([^\"]+)\"")
_YEARS = re.compile(r"\[[^\]]*\]")
_MIN_PLACE: Final = 3  # characters; 「东区」「新县」 are words
_MAX_PARTS: Final = 12
_GATE = re.compile(r"[路街道巷弄栋幢座室楼号]")


@dataclass(frozen=True, slots=True)
class Address:
    """Half-open offsets of an address; ``door`` is where its part below the district begins."""

    start: int
    door: int
    end: int


def find_addresses(text: str) -> list[Address]:
    """Return the addresses in a folded text, from left to right, not overlapping.

    Args:
        text: Folded text (see ``kit.text``) in upper or lower case.
    """
    if not _GATE.search(text) or not any(c.isdigit() or c in "一二三四五六七八九十" for c in text):
        return []
    upper = text.upper() if len(text.upper()) == len(text) else text
    found: list[Address] = []
    for address in sorted((*_from_places(upper), *_from_roads(upper)), key=lambda a: (a.start, -a.end)):
        if not found or address.start >= found[-1].end:
            found.append(address)
    return found


def _from_places(text: str) -> Iterator[Address]:
    """Yield addresses that begin with a province, city or district."""
    place = 0
    while place < len(text):
        end = _place_end(text, place)
        if end is None:
            place += 1
            continue
        door = _below(text, end)
        last, kinds = _parts(text, door)
        if {"road", "area"} & kinds and {"number", "tail"} & kinds:
            yield Address(place, door, last)
            place = last
        else:
            place = end


def _below(text: str, end: int) -> int:
    """Return where the divisions that follow a place end: 四川|成都|武侯区."""
    while True:
        inner = _place_end(text, end)
        match = None if inner else _DIVISION.match(text, end)
        if inner is None and (match is None or re.search(_ROAD, match.group())):
            return end
        end = inner or (match.end() if match else end)


def _from_roads(text: str) -> Iterator[Address]:
    """Yield addresses that begin with a road and its number, or an estate with building and flat."""
    for pattern in (_ROAD_START, _ESTATE_START):
        for match in pattern.finditer(text):
            lead = _LEAD.match(text, match.start(), match.end() - 4)
            start = lead.end() if lead else match.start()
            end, _ = _parts(text, match.end())
            if match.end() - start >= 4:  # noqa: PLR2004 - a name of one character, its kind, a number and its kind
                yield Address(start, start, max(end, match.end()))


def _parts(text: str, start: int) -> tuple[int, set[str]]:
    """Follow the parts of an address as far as they go; return its end and the kinds of parts met."""
    kinds: set[str] = set()
    end = start
    for _ in range(_MAX_PARTS):
        match = _PART.match(text, end)
        if match is None or (match.lastgroup == "tail" and not kinds):
            break
        kinds.add(match.lastgroup or "")
        end = match.end()
    return end, kinds


def _place_end(text: str, start: int) -> int | None:
    """Return where the longest place that begins at ``start`` ends."""
    for name in _places().get(text[start : start + 2], ()):
        if text.startswith(name, start):
            return start + len(name)
    return None


@cache
def _places() -> Mapping[str, tuple[str, ...]]:
    """Return the official names of provinces, cities, districts and counties by their first two characters."""
    data = resources.files("stdnum.cn").joinpath("loc.dat").read_text(encoding="utf-8")
    names: set[str] = set()
    for entry in _NAME_OF_PLACE.findall(data):
        for name in _YEARS.sub("", entry).split(","):
            if len(name) >= _MIN_PLACE and name[-1] in "省市区县州盟旗":
                names.add(name)
            if (stem := _SUFFIX.sub("", name)) != name and len(stem) >= 2:  # noqa: PLR2004 - 「杭州西湖区」
                names.add(stem)
    by_head: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names - {"市辖区", "县级市"}, key=len, reverse=True):
        by_head[name[:2]].append(name)
    return {head: tuple(many) for head, many in by_head.items()}
