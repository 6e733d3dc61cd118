"""Screens of rules, notices and people's own lists: clean and inside the screen, on a phone and at a desk."""

import pytest
from harness_browser import DESK, PHONE, Visit, violations

PAGES = {
    "gao.yuan": (
        "/admin/books/sla",
        "/admin/books/calendars",
        "/admin/books/routing",
        "/admin/books/duplicates",
        "/admin/notices",
        "/admin/profiles?label=quality_issue",
        "/quality/forms",
        "/desk/tasks",
        "/inbox",
    ),
    "admin": ("/admin/erasure",),
}


@pytest.mark.parametrize(("user", "path"), [(user, path) for user, paths in PAGES.items() for path in paths])
def test_it_is_clean_and_fits_the_screen(visit: Visit, user: str, path: str) -> None:
    """NF-17."""
    page = visit(path, PHONE, user=user, lang="en", bypass_csp=True)
    found = {"phone": violations(page)}
    fits = ["document.documentElement.scrollWidth <= document.documentElement.clientWidth"]
    narrow = page.evaluate(fits[0])
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found["desk, dark"] = violations(page)

    assert found == {"phone": [], "desk, dark": []}
    assert (narrow, page.evaluate(fits[0])) == (True, True)
