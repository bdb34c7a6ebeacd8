"""Making an export in the background, and deleting it again."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts import stored_files
from accounts.export import archive
from accounts.jobs import Kind
from accounts.models import Export, StoredFile, User
from accounts.row_security import of_user
from accounts.signals import export_ready

WORK = "write"
A_STEP = 1.0  # seconds


@transaction.atomic
def ask_for(user: User) -> tuple[Export, bool]:
    """(The export that is being made, whether it was begun now.) An earlier one is deleted."""
    User.objects.select_for_update().get(pk=user.pk)  # so that two requests at once begin one
    running = Export.objects.for_user(user).exclude(work="").first()
    if running is not None:
        return running, False
    for earlier in Export.objects.for_user(user).select_related("file"):
        delete(earlier)
    export = Export(owner=user)
    export.start(WORK)
    export.save()
    return export, True


def latest(user: User) -> Export | None:
    return Export.objects.for_user(user).select_related("file").first()


def delete(export: Export) -> None:
    file = export.file
    export.delete()
    if file is not None:
        file.delete()


def make_again(user: User) -> None:
    """Delete what was made until now, because something in it has to go; one that is being made begins anew."""
    for export in Export.objects.for_user(user).select_related("file").select_for_update(of=("self",)):
        if not export.work:
            delete(export)
            continue
        file, export.file, export.directory = export.file, None, []
        export.start(WORK)
        export.save()
        if file is not None:
            file.delete()


def _write(export: Export) -> None:
    """A step of the job: some files of the zip. All of the JSON is written in one, so that it is of one moment."""
    user = export.owner
    if export.file is None:
        export.file = StoredFile.objects.create(owner=user, name=f"mentorfolio-{user.today():%Y-%m-%d}.zip")
    writer = stored_files.Writer(export.file)
    is_complete = archive.write_on(user, writer, export.directory, seconds=A_STEP)
    writer.close()
    export.done = len(export.directory)
    if is_complete:
        export.ready_at, export.directory = timezone.now(), []
        export.finish()
        export_ready.send(sender=Export, export=export)


KIND: Kind = Kind(Export, _write)


def delete_old() -> None:
    """Delete what has been kept for long enough. Each sweep does."""
    old = Export.objects.filter(ready_at__lt=timezone.now() - Export.KEPT)
    for pk, owner_id in old.values_list("pk", "owner_id")[:100]:
        with of_user(owner_id):
            for export in Export.objects.filter(pk=pk).select_related("file"):
                delete(export)
