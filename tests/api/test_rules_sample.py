"""The source's sample rule on a whole house: taken word for word, and everything it says is done (AR-01, AR-03)."""

from pathlib import Path

from harness_flows import build_house, small_shop

from factories import incoming, make_draft, make_field
from tickets.automation.firing import Happening
from tickets.automation.words import When
from tickets.notices.schemas import Channel
from tickets.words import FieldName, Priority

SAMPLE = {
    "name": "vip_p1_auto_escalate",
    "if": {"and": [{"eq": ["priority", "P1"]}, {"eq": ["customerTier", "VIP"]}]},
    "then": [
        {"action": "assign", "group": "senior_team"},
        {"action": "notify", "channel": "wecom", "target": "售后值班群"},
        {"action": "start_timer", "sla": "p1_8h"},
    ],
}
VIP_ORDER = "LT20260303753340"


def test_the_sample_is_saved_and_does_what_it_says(tmp_path: Path, clock) -> None:
    """AR-01, AR-02, AR-03, SL-15, NT-06: group, robot's notice as a job, timer; all under the rule's own name."""
    house = build_house(tmp_path / "data", clock, small_shop(tmp_path / "shop"))
    url = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=00000000-0000-0000-0000-000000000000"
    with house.database.transaction() as session:
        house.staff.save_group(session, "senior_team", "资深组", "Senior team")
        house.desk.notices.places.add(
            session, "售后值班群", Channel.WECOM, url, secret="", group_id="senior_team", actor="gao.yuan"
        )
        house.automation.keeper.save(session, {"rules": [SAMPLE]}, base_version=0, actor="gao.yuan")
    with house.database.transaction() as session:
        talk, _ = house.conversations.open(
            session, channel="web", account="default", external_user="vip", name="何佳宁", lang="zh"
        )
        house.conversations.receive(session, talk, incoming())
        case = house.cases.current(session, talk, first_seq=1)
        draft = make_draft(talk, case.id, Priority.P1, fields=(make_field(FieldName.ORDER_NO, VIP_ORDER),))
        ticket_id = house.tickets.file(session, draft, "customer").summary.id

    with house.database.transaction() as session:
        fired = house.automation.rules.fire(session, Happening(When.ROUTED, ticket_id, "job"))

    assert fired == 1
    with house.database.reading() as session:
        (firing,) = house.automation.keeper.trace(session, 5, ticket_id=ticket_id)
        timers = [c for c in house.desk.sla.status(session, ticket_id).clocks if c.kind == "timer"]
        ticket = house.tickets.get(session, ticket_id)
    assert firing.refused == []
    assert [(one["action"], one.get("notices")) for one in firing.done] == [
        ("assign", None),
        ("notify", 1),
        ("start_timer", None),
    ]
    assert (ticket.summary.group_id, [c.name for c in timers]) == ("senior_team", ["p1_8h"])
    assert {e.actor for e in ticket.timeline if e.kind in {"transferred", "timer_started"}} == {
        "rule:vip_p1_auto_escalate"
    }
    house.close()
