"""News from the ground floor, for whoever lives above."""

from django.dispatch import Signal

# sender: User class; user: the User whose zone, hour, working days, country, away date or switches changed;
# changed: the names of the fields, where the sender knows them.
profile_changed = Signal()
