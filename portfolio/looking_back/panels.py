"""The panel on a mentorship's page: the date of the last review, and what got easier or harder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portfolio.looking_back.reviews import last_look
from portfolio.panels import Panel, mentorship_panels

if TYPE_CHECKING:
    from accounts.http import UserRequest
    from portfolio.models import Mentorship


def mentorship_panel(request: UserRequest, mentorship: Mentorship) -> Panel:
    context: dict[str, object] = {"mentorship": mentorship, "look": last_look(mentorship)}
    return Panel("portfolio/looking_back/_review_panel.html", context)


def register() -> None:
    mentorship_panels.register("looking back", mentorship_panel, order=50)
