#!/usr/bin/env python
"""Django's command line, with the project's settings."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

DEVELOPMENT_COMMANDS = {"up", "demo"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentoring.settings")
    try:
        if DEVELOPMENT_COMMANDS & set(sys.argv[1:2]):
            from mentoring.development import environment

            environment.prepare()
            if sys.argv[1] == "up":
                environment.keep_mail_here()
                environment.take_mail_in()
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Settings: {error}")


if __name__ == "__main__":
    main()
