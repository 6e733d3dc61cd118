"""The table of rights, written down a second time, so that nobody widens a role by accident."""

import pytest

from tickets.rights import GRANTABLE, RIGHTS, SCOPES, DataScope, Right
from tickets.schemas import StaffMember
from tickets.words import StaffRole

AGENT = "own_account read_tickets read_personal_data work claim apply transfer"
QUALITY = "read_quality review_quality read_reports"
TABLE = {
    "agent": AGENT,
    "qa": f"own_account read_tickets read_personal_data {QUALITY}",
    "lead": f"{AGENT} {QUALITY} review assign dispatch export manage_jobs manage_webhooks manage_rules",
    "outlet": "own_account read_tickets read_personal_data apply",
    "warehouse": "own_account read_tickets dispatch",
    "finance": "own_account read_tickets read_personal_data review read_reports",
    "admin": " ".join(Right),
}


@pytest.mark.parametrize("role", StaffRole)
@pytest.mark.parametrize("right", Right)
def test_a_role_has_exactly_its_rights(role: StaffRole, right: Right) -> None:
    """SE-01, SE-02."""
    member = StaffMember("li", "李", role, None)

    assert member.may(right) is (right in TABLE[role].split())


def test_every_role_has_rights_and_a_scope() -> None:
    """SE-01, SE-03."""
    assert set(RIGHTS) == set(SCOPES) == set(StaffRole)
    assert {role: str(scope) for role, scope in SCOPES.items()} == {
        "agent": "group",
        "qa": "all",
        "lead": "line",
        "outlet": "own",
        "warehouse": "group",
        "finance": "line",
        "admin": "all",
    }


def test_quality_staff_read_but_never_write_to_customers() -> None:
    """SE-02."""
    assert SCOPES[StaffRole.QA] is DataScope.ALL
    assert not RIGHTS[StaffRole.QA] & {Right.WORK, Right.CLAIM, Right.ASSIGN, Right.TRANSFER}


@pytest.mark.parametrize("role", StaffRole)
def test_a_token_narrows_and_never_widens(role: StaffRole) -> None:
    scopes = frozenset({Right.READ_TICKETS, Right.READ_AUDIT})
    program = StaffMember("li", "李", role, None, scopes=scopes)

    assert {right for right in Right if program.may(right)} == RIGHTS[role] & scopes


def test_no_token_can_make_itself_stronger() -> None:
    assert not GRANTABLE & {Right.MANAGE_PEOPLE, Right.OWN_ACCOUNT}
