from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "mail"

    def ready(self) -> None:
        from accounts import typed_addresses
        from accounts.export.parts import parts
        from accounts.signals import export_ready as ready
        from mail import export, export_ready, purposes, suppression
        from mail.models import OutgoingMail

        parts.register("mail", export.PART)
        typed_addresses.stopped.register("mail", suppression.is_stopped)
        purposes.register(export_ready.PURPOSE, export_ready.prepare, audience=OutgoingMail.Audience.USER)
        ready.connect(export_ready.tell, dispatch_uid="mail.export_ready")
