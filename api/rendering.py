"""HTML pages: Jinja2 with autoescape and no silent blanks, texts in two languages, static addresses with a hash."""

import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.problems import language_of_request

_WEB = Path(__file__).parent / "web"
# Staff read times on the shop's clock, wherever the server stands; the service levels count in the same zone.
_SHOP_ZONE = ZoneInfo("Asia/Shanghai")


@cache
def texts(lang: str) -> dict[str, str]:
    """Return the screens' words in ``zh`` or ``en``."""
    loaded: dict[str, str] = {}
    for path in sorted((_WEB / "i18n").glob("*.yaml")):
        for key, pair in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            loaded[key] = pair[0] if lang == "zh" else pair[1]
    return loaded


@cache
def static_url(name: str) -> str:
    """Return a static file's address with its content's hash, so that a new version is never an old one cached."""
    digest = hashlib.sha256((_WEB / "static" / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={digest}"


def shop_time(at: datetime) -> str:
    """Return month, day and time on the shop's clock."""
    return at.astimezone(_SHOP_ZONE).strftime("%m-%d %H:%M")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_WEB / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = static_url
    environment.filters["shop_time"] = shop_time
    return environment


def render(template: str, lang: str, **values: Any) -> str:  # noqa: ANN401 - whatever a template shows
    """Render a template; ``t`` are its words, and an unknown name is an error, not a blank."""
    return _environment().get_template(template).render(t=texts(lang), lang=lang, **values)


def page(request: Request, template: str, *, status_code: int = 200, **values: Any) -> HTMLResponse:  # noqa: ANN401
    """Answer with a page or a partial in the reader's language."""
    lang = language_of_request(request)
    return HTMLResponse(render(template, lang, path=request.url.path, **values), status_code=status_code)
