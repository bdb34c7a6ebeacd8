"""Signals that the portfolio app sends and the apps above it receive."""

from django.dispatch import Signal

# sender: Contact class; contact: the Contact that was just added.
contact_recorded = Signal()
# sender: Person class; user, gone, addresses: somebody who asked for it is about to be erased: the ids of all rows that
# go, by model, and their addresses. For what else names them. In the transaction.
person_erased = Signal()
# sender: Contact class; person_id: the person whose contacts were deleted.
contacts_forgotten = Signal()
