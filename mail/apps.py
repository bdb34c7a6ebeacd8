from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "mail"

    def ready(self) -> None:
        from accounts import typed_addresses
        from accounts.export import exports
        from accounts.retention import rules
        from accounts.signals import account_erased, account_leaving
        from mail import export, receivers, retention, suppression

        exports.register("mail", export.export)
        typed_addresses.stopped.register("mail", suppression.is_stopped)
        rules.register("mail", retention.old_mail)
        rules.register("days of sending", retention.old_days)
        account_leaving.connect(receivers.hold_all, dispatch_uid="mail.leaving")
        account_erased.connect(receivers.forget_addresses, dispatch_uid="mail.erased")
