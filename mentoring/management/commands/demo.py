from typing import Any

from django.core.management.base import BaseCommand

from mentoring import demo


class Command(BaseCommand):
    help = "Load the demo account. Harmless when it is there already."

    def handle(self, *args: Any, **options: Any) -> None:
        demo.load_demo()
        login = demo.demo_login()
        if login:
            self.stdout.write("Sign in as {} with the password {}".format(*login))
