import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.routing import TRIAGE, RoutingRow, route
from tickets.words import Zone

ROWS = (
    RoutingRow(("quality",), "repair"),
    RoutingRow(("quality",), "aircon_repair", line="aircon"),
    RoutingRow(("quality", "leak"), "service"),
    RoutingRow(("logistics",), "logistics"),
)


@pytest.mark.parametrize(
    ("label", "line", "zone", "group"),
    [
        (("quality", "malfunction", "no_power"), "washer", Zone.AUTO, "repair"),
        (("quality", "malfunction", "no_power"), "aircon", Zone.AUTO, "aircon_repair"),
        (("quality", "leak", "water"), "aircon", Zone.AUTO, "service"),  # the longer label wins over the line
        (("logistics",), None, Zone.AUTO, "logistics"),
        (("logistics",), None, Zone.SUGGEST, TRIAGE),
        (("logistics",), None, Zone.HUMAN, TRIAGE),
        (("unknown",), None, Zone.AUTO, TRIAGE),
        ((), None, Zone.AUTO, TRIAGE),
    ],
)
def test_the_most_specific_row_wins_and_only_when_sure(label, line, zone, group) -> None:
    """RT-03, RT-15."""
    assert route(ROWS, label, line, zone).group_id == group


@given(
    st.lists(st.sampled_from(["quality", "leak", "logistics", "x"]), max_size=3).map(tuple),
    st.sampled_from([None, "aircon", "washer"]),
    st.sampled_from(list(Zone)),
)
def test_routing_is_total(label, line, zone) -> None:
    decision = route(ROWS, label, line, zone)

    assert decision.group_id in {TRIAGE, *(r.group_id for r in ROWS)}
    assert decision.reason
