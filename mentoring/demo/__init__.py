"""The demo account: one person's portfolio that tells the story of the product. Entirely fictional.

It is made through the same verbs a user's presses call, so that it can't drift from what the product does.
"""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import User
from mentoring.demo import approaches, brief, earlier, endings, letters, looking_back, mentors, people, places
from mentoring.demo.account import Demo

DEMO_EMAIL = "ffion@example.org"
DEMO_PASSWORD = "calder-valley-demo"  # noqa: S105 - for a fictional account on one's own machine

# Each part is told after those it leans on.
STORY = (
    people.tell,
    places.tell,
    brief.tell,
    mentors.tell,
    earlier.tell,
    approaches.tell,
    letters.tell,
    endings.tell,
    looking_back.tell,
)


def demo_login() -> tuple[str, str] | None:
    """E-mail address and password of the demo account, if it is there and nobody changed its password."""
    user = User.objects.filter(email=DEMO_EMAIL).first()
    return (DEMO_EMAIL, DEMO_PASSWORD) if user and user.check_password(DEMO_PASSWORD) else None


@transaction.atomic
def load_demo() -> None:
    """Make the demo account, once: if it is there already, nothing changes."""
    if User.objects.filter(email=DEMO_EMAIL).exists():
        return
    user = User.objects.create_user(
        DEMO_EMAIL, DEMO_PASSWORD, name="Dr Ffion Marsh", organisation="Calder Valley Hospitals"
    )
    EmailAddress.objects.create(user=user, email=DEMO_EMAIL, verified=True, primary=True)
    demo = Demo(user)
    for tell in STORY:
        tell(demo)
