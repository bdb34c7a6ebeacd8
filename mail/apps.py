from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "mail"

    def ready(self) -> None:
        from accounts import jobs, typed_addresses
        from accounts.export.parts import parts
        from accounts.retention import rules
        from accounts.signals import account_erased, account_leaving
        from accounts.signals import export_ready as ready
        from mail import arrivals, export, export_ready, purposes, receivers, retention, suppression
        from mail.connected import work
        from mail.models import OutgoingMail

        parts.register("mail", export.PART)
        typed_addresses.stopped.register("mail", suppression.is_stopped)
        rules.register("mail", retention.old_mail)
        rules.register("days of sending", retention.old_days)
        rules.register("mail that came in", arrivals.old_mail)
        jobs.kinds.register("mail.IncomingMail", arrivals.KIND)
        jobs.kinds.register("mail.ConnectedMailbox", work.KIND)
        account_leaving.connect(receivers.hold_all, dispatch_uid="mail.leaving")
        account_erased.connect(receivers.forget_addresses, dispatch_uid="mail.erased")
        purposes.register(export_ready.PURPOSE, export_ready.prepare, audience=OutgoingMail.Audience.USER)
        ready.connect(export_ready.tell, dispatch_uid="mail.export_ready")
