"""Signals that the portfolio app sends and the apps above it receive."""

from django.dispatch import Signal

# sender: Contact class; contact: the Contact that was just kept.
contact_recorded = Signal()
# sender: Contact class; person_id: whose contacts were taken back, as if they never had been.
contacts_forgotten = Signal()
