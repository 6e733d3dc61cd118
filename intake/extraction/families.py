"""Words for families of appliances: they say which fault codes are possible, never which model it is."""

import re
from collections.abc import Collection, Mapping

# Each line is one family under the names that shops and customers use; a shop's own family joins the line that holds
# its id or one of its words.
_COMMON: tuple[tuple[str, ...], ...] = (
    ("washer", "washing machine", "washing_machine", "washer dryer", "洗衣机", "洗烘一体机", "滚筒", "波轮", "洗衣"),
    ("dryer", "tumble dryer", "烘干机", "干衣机"),
    ("fridge", "refrigerator", "freezer", "冰箱", "冰柜", "冷柜"),
    ("aircon", "air conditioner", "air_conditioner", "air con", "ac", "空调", "挂机", "柜机"),
    ("heater", "water heater", "water_heater", "热水器"),
    ("vacuum", "robot vacuum", "robot_vacuum", "vacuum cleaner", "robot", "扫地机器人", "扫地机", "扫拖机", "吸尘器"),
    ("tv", "television", "telly", "电视机", "电视"),
    ("dishwasher", "洗碗机"),
    ("hood", "range hood", "range_hood", "油烟机", "抽油烟机"),
    ("stove", "gas stove", "cooker", "hob", "燃气灶", "灶具", "电磁炉"),
    ("oven", "烤箱", "蒸烤箱"),
    ("microwave", "微波炉"),
    ("purifier", "air purifier", "air_purifier", "空气净化器", "净化器"),
    ("water purifier", "water_purifier", "净水器", "净水机"),
    ("dehumidifier", "除湿机", "抽湿机"),
    ("humidifier", "加湿器"),
    ("rice cooker", "rice_cooker", "电饭煲", "电饭锅"),
    ("boiler", "壁挂炉", "锅炉"),
    ("printer", "打印机"),
    ("router", "路由器"),
)


class FamilyWords:
    """Finds the words for the shop's families in a text.

    Args:
        ids: The shop's family ids.
        words: The shop's own words for them.
    """

    def __init__(self, ids: Collection[str], words: Mapping[str, tuple[str, ...]]) -> None:
        self._family_of: dict[str, str] = {}
        for family in sorted(ids):
            own = {family.upper(), *(w.upper() for w in words.get(family, ()))}
            common = {w.upper() for line in _COMMON if own & {w.upper() for w in line} for w in line}
            for word in own | common:
                self._family_of.setdefault(word, family)
        self._pattern = _alternation(self._family_of)

    @property
    def all(self) -> Collection[str]:
        """All words, upper case."""
        return self._family_of.keys()

    def find(self, flat: str) -> list[tuple[int, int, str]]:
        """Return ``(start, end, family id)`` of every family word in a flat text, from left to right."""
        if self._pattern is None:
            return []
        return [(m.start(), m.end(), self._family_of[m.group()]) for m in self._pattern.finditer(flat)]


def _alternation(words: Collection[str]) -> re.Pattern[str] | None:
    """Compile words as fixed alternatives, longest first; Latin words count only as whole words."""
    if not words:
        return None
    parts = [
        rf"(?<![A-Z0-9]){re.escape(w)}(?![A-Z0-9])" if w.isascii() else re.escape(w)
        for w in sorted(words, key=len, reverse=True)
    ]
    return re.compile("|".join(parts))
