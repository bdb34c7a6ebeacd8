from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts.registry import Registry, registries


class Command(BaseCommand):
    help = "Print every registry, lowest app first: who offers it, and who registered what, in the order it is used."

    def handle(self, **options: object) -> None:
        apps: list[str] = settings.OWN_APPS
        blocks = [
            _block(registry) for app in apps for registry in registries() if registry.offered_by.split(".")[0] == app
        ]
        self.stdout.write("\n\n".join(blocks))


def _block(registry: Registry[object]) -> str:
    entries = registry.entries()
    wide = max((len(entry.key) for entry in entries), default=0)
    lines = [f"  {entry.key:{wide}}  by {entry.registered_by}" for entry in entries]
    title = registry.title[:1].upper() + registry.title[1:]
    return "\n".join([f"{title}, offered by {registry.offered_by}", *(lines or ["  nothing yet"])])
