"""Ffion's places to look: one to look at again, and one not looked at yet."""

from __future__ import annotations

from mentoring.demo.account import Demo
from portfolio.mentorships.programme import add_months
from portfolio.models import Person, PlaceToLook, WalkStop
from portfolio.people.places import Kind, State, stand


def tell(demo: Demo) -> None:
    college = PlaceToLook.objects.create(
        owner=demo.user,
        name="Mentor training at Moorside College",
        kind=Kind.PROGRAMME,
        link="https://moorside.example.org/mentor-training/",
        notes="Their students need practice hours, and a new year begins each spring. "
        "Una is one of them; ask her who else is looking.",
        created_at=demo.ago(50),
    )
    stand(place=college, state=State.LOOKED, look_again_on=add_months(demo.today, 3))
    register = PlaceToLook.objects.create(
        owner=demo.user,
        name="Mentoring register of the Care Research Forum",
        kind=Kind.REGISTER,
        link="https://forum.example.org/mentors/",
        notes="Delphine mentioned it at the spring meeting.",
        created_at=demo.ago(20),
    )
    for source in (Person.Source.CIRCLE, Person.Source.BODY, Person.Source.FRIEND):
        WalkStop.objects.create(owner=demo.user, source=source, at=demo.ago(40))
    una = demo.people["una"]
    una.place = college
    una.save(update_fields=["place"])
    demo.places |= {"college": college, "register": register}
