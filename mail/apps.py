from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "mail"

    def ready(self) -> None:
        from accounts.export import exports
        from mail import export

        exports.register("mail", export.export)
