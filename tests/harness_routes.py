"""Every route of the application, the policy it declares, and an address that reaches it."""

from collections.abc import Callable, Iterator

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.app import create_app
from api.policies import POLICIES, anyone, customer

FILLED = {
    "book": "sla",
    "number": "1001",
    "conversation_id": "01a20130-0000-7000-8000-000000000000",
    "attachment_id": "01a20130-0000-7000-8000-000000000001",
    "passage_id": "x@1#0",
    "suggestion_id": "01a20130-0000-7000-8000-000000000002",
    "finding_id": "01a20130-0000-7000-8000-000000000003",
    "erasure_id": "01a20130-0000-7000-8000-00000000000e",
    "verdict": "refuse",
    "part": "thread",
    "job_id": "01a20130-0000-7000-8000-000000000004",
    "decision": "retry",
    "endpoint_id": "01a20130-0000-7000-8000-000000000005",
    "delivery_id": "01a20130-0000-7000-8000-000000000006",
    "act": "pause",
    "action": "resolve",
    "import_id": "01a20130-0000-7000-8000-00000000000b",
    "import_act": "cancel",
    "customer_id": "01a20130-0000-7000-8000-00000000000a",
    "view_id": "01a20130-0000-7000-8000-000000000009",
    "view_act": "delete",
    "clock_id": "01a20130-0000-7000-8000-000000000010",
    "file_id": "01a20130-0000-7000-8000-00000000000b",
    "form_field": "invoice",
    "node_id": "01a20130-0000-7000-8000-000000000008",
    "task_id": "01a20130-0000-7000-8000-00000000000a",
    "group_id": "nowhere",
    "username": "nobody",
    "person_act": "activate",
    "token": "01a201300000700080000000000000100123456789abcdefABCDEF",
    "rule_act": "up",
    "token_id": "01a20130-0000-7000-8000-000000000007",
}


def _calls(dependant: Dependant) -> Iterator[Callable[..., object]]:
    for part in dependant.dependencies:
        if part.call is not None:
            yield part.call
        yield from _calls(part)


def routes_of(house) -> list[APIRoute]:
    return list(_flat(create_app(house.services, with_worker=False).routes))


def _flat(routes) -> Iterator[APIRoute]:
    for route in routes:
        included = getattr(route, "original_router", None)  # FastAPI keeps a router whole where it is included
        if isinstance(route, APIRoute):
            yield route
        elif included is not None:
            yield from _flat(included.routes)
        else:
            assert getattr(route, "name", "") == "static", route


def policy_of(route: APIRoute) -> Callable[..., object] | None:
    return next((call for call in _calls(route.dependant) if call in POLICIES), None)


def path_of(route: APIRoute) -> str:
    path = route.path.replace(":path}", "}")
    for name, value in FILLED.items():
        path = path.replace(f"{{{name}}}", value)
    assert "{" not in path, path
    return path


def of_staff(house) -> list[tuple[str, str, APIRoute]]:
    return [
        (method, path_of(route), route)
        for route in routes_of(house)
        if policy_of(route) not in {anyone, customer}
        for method in sorted(route.methods - {"HEAD"})
    ]
