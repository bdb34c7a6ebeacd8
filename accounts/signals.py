"""Signals that the accounts app sends and the apps above it receive."""

from django.dispatch import Signal

# sender: User class; user: the User whose zone, hour, working days, country, away date or switches changed;
# changed: the names of the changed fields, if the sender knows them.
profile_changed = Signal()

# sender: User class; user: whose ways to sign in changed (addresses), so that links mailed before should end.
ways_in_changed = Signal()
