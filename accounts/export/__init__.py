"""Everything of one user's own, to take along: as one zip, which an empty account elsewhere can be filled from.

``parts`` is what each app says of its tables, ``tables`` what follows from it, ``document`` the JSON and its schema,
``archive`` the zip, ``making`` the work in the background, ``restoring`` the way back. See decision 30.
"""
