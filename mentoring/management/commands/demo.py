from typing import Any

from accounts.commands import AllUsersCommand
from mentoring import demo


class Command(AllUsersCommand):
    help = "Load the demo account. Harmless when it is there already."

    def handle(self, *args: Any, **options: Any) -> None:
        demo.load_demo()
        login = demo.demo_login()
        if login:
            self.stdout.write("Sign in as {} with the password {}".format(*login))
