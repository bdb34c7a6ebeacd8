"""Signals that the portfolio app sends and the apps above it receive."""

from django.dispatch import Signal

# sender: Contact class; contact: the Contact that was just added.
contact_recorded = Signal()
# sender: Contact class; person_id: the person whose contacts were deleted.
contacts_forgotten = Signal()
