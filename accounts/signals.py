"""Signals that the accounts app sends and the apps above it receive."""

from django.dispatch import Signal

# sender: User class; user: the User whose zone, hour, working days, country, away date or switches changed;
# changed: the names of the changed fields, if the sender knows them.
profile_changed = Signal()

# sender: User class; user: whose ways to sign in changed (addresses), so that links mailed before should end.
ways_in_changed = Signal()

# sender: a model with private notes; ids: its rows whose notes were just encrypted, or decrypted, so that what is made
# of them has to be made anew. In the transaction that did it.
notes_rewritten = Signal()

# sender: Export class; export: one that can be fetched from now on. In the transaction that made it.
export_ready = Signal()
