"""Ffion's brief."""

from __future__ import annotations

from mentoring.demo.account import Demo
from portfolio.models import Brief, BriefNeed, Competency, Need


def tell(demo: Demo) -> None:
    brief = Brief.objects.create(
        owner=demo.user,
        started_at=demo.ago(60),
        finished_at=demo.ago(58),
        why_now="My fellowship ends next year, and I want to choose what comes after instead of drifting into it.",
        contexts=[Brief.Context.DEVELOPMENT, Brief.Context.SECTOR, Brief.Context.POLITICS],
        looking_for="Somebody who says what they see, has led a group, and knows how social care decides.",
        good_mentee="I come prepared, I try things out, and I say what came of it.",
        direction="lead a social-care research group by 2030",
    )
    wanted = (
        ("values", Competency.WHY, "keep my values when I lead", "", 2, Need.Horizon.LONG),
        ("fellowship", Competency.HOW, "win a funded fellowship", "Health research", 2, Need.Horizon.YEAR),
        ("team", Competency.HOW, "lead a team", "", 2, Need.Horizon.YEAR),
        ("panels", Competency.WHOM, "be heard by funding panels", "Health research", 2, Need.Horizon.YEAR),
        ("known", Competency.WHOM, "be known to social-care commissioners", "Social care", 3, Need.Horizon.YEAR),
    )
    for key, competency, words, sector, weight, horizon in wanted:
        need = Need.objects.create(
            owner=demo.user,
            competency=competency,
            words=words,
            sector=sector,
            weight=weight,
            horizon=horizon,
            opened_on=demo.day(58),
        )
        BriefNeed.objects.create(owner=demo.user, brief=brief, need=need)
        demo.needs[key] = need
