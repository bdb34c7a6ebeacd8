"""News from the portfolio, for whoever lives above."""

from django.dispatch import Signal

# sender: Contact class; contact: the Contact that was just kept.
contact_recorded = Signal()
# sender: Contact class; person_id: whose contacts were taken back, as if they never had been.
contacts_forgotten = Signal()
