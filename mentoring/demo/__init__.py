"""The demo account: a fictional portfolio that shows the features of the product.

It is created with the same service functions as the views use, so that it stays consistent with the product.
"""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import User
from mentoring.demo import approaches, brief, earlier, endings, letters, looking_back, mentors, people, places
from mentoring.demo.account import Demo

DEMO_EMAIL = "ffion@example.org"
DEMO_PASSWORD = "calder-valley-demo"  # noqa: S105 - for a fictional account on a local machine

# In order: each part depends on earlier ones.
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
    """E-mail address and password of the demo account, if it exists and its password is unchanged."""
    user = User.objects.filter(email=DEMO_EMAIL).first()
    return (DEMO_EMAIL, DEMO_PASSWORD) if user and user.check_password(DEMO_PASSWORD) else None


@transaction.atomic
def load_demo() -> None:
    """Create the demo account unless it exists."""
    if User.objects.filter(email=DEMO_EMAIL).exists():
        return
    user = User.objects.create_user(
        DEMO_EMAIL, DEMO_PASSWORD, name="Dr Ffion Marsh", organisation="Calder Valley Hospitals"
    )
    EmailAddress.objects.create(user=user, email=DEMO_EMAIL, verified=True, primary=True)
    demo = Demo(user)
    for tell in STORY:
        tell(demo)
