"""Signals that the accounts app sends and the apps above it receive."""

from django.dispatch import Signal

# sender: User class; user: the User whose zone, hour, working days, country, away date or switches changed;
# changed: the names of the changed fields, if the sender knows them.
profile_changed = Signal()

# sender: User class; user: whose ways to sign in changed (addresses), so that links mailed before should end.
ways_in_changed = Signal()

# sender: User class; user: whose account is to be erased in some days, so that nothing may go out for it until then.
account_leaving = Signal()

# sender: User class; user: whose account is kept after all.
account_kept = Signal()

# sender: User class; addresses: of an account that is about to be gone, in lower case. Its own rows are gone already;
# this is for what names them without being theirs. Without a transaction, and as a worker.
account_erased = Signal()

# sender: a model with private notes; ids: its rows whose notes were just encrypted, or decrypted, so that what is made
# of them has to be made anew. In the transaction that did it.
notes_rewritten = Signal()

# sender: Export class; export: one that can be fetched from now on. In the transaction that made it.
export_ready = Signal()
