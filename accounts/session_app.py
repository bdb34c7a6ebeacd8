"""allauth's app of sessions with our receivers: its own make two queries for each session a user has."""

from allauth.usersessions.apps import UserSessionsConfig


class SessionsConfig(UserSessionsConfig):
    def ready(self) -> None:
        from allauth.account.signals import password_changed, password_reset, password_set
        from django.contrib.auth.signals import user_logged_in

        from accounts import sessions

        # Django's signal, which every way of signing in sends.
        user_logged_in.connect(sessions.on_signed_in, dispatch_uid="accounts.sessions")
        for signal in (password_changed, password_set, password_reset):
            signal.connect(sessions.on_password_changed, dispatch_uid="accounts.sessions")
