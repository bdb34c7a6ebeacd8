from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "mail"

    def ready(self) -> None:
        from accounts import typed_addresses
        from accounts.export import exports
        from mail import export, suppression

        exports.register("mail", export.export)
        typed_addresses.stopped.register("mail", suppression.is_stopped)
