from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "mail"

    def ready(self) -> None:
        from accounts.registry import register_export
        from mail.export import export

        register_export("mail", export)
