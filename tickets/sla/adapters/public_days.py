"""Public holidays, and the weekend workdays that pay for them, from the library ``holidays``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

import holidays

_ZH, _EN = "zh_CN", "en_US"


@dataclass(frozen=True, slots=True)
class PublicDay:
    """A day that the public calendar sets apart.

    Attributes:
        works: It is a make-up workday; else a day off.
    """

    works: bool
    name_zh: str
    name_en: str


@cache
def countries() -> frozenset[str]:
    """Return the codes of the countries that are known."""
    return frozenset(holidays.list_supported_countries(include_aliases=False))


@cache
def public_days(country: str, year: int) -> Mapping[date, PublicDay]:
    """Return the days that a country sets apart in a year; an unknown country sets none apart."""
    if country not in countries():
        return {}
    known = holidays.country_holidays(country)
    here = _ZH if _ZH in known.supported_languages else None
    there = _EN if _EN in known.supported_languages else None
    zh = holidays.country_holidays(country, years=year, language=here)
    en = holidays.country_holidays(country, years=year, language=there)
    days = {day: PublicDay(works=False, name_zh=name, name_en=en.get(day) or name) for day, name in zh.items()}
    make_up = PublicDay(works=True, name_zh="调休上班", name_en="make-up workday")
    return days | {day: make_up for day in zh.weekend_workdays if day.year == year}


def announced(country: str, year: int) -> bool:
    """Tell whether a year's make-up workdays are known; China says in autumn which they are in the next year."""
    return country != "CN" or any(day.works for day in public_days(country, year).values())
