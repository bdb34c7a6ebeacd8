from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "reminders"

    def ready(self) -> None:
        from allauth.account.signals import password_changed, password_reset, password_set

        from accounts.export.parts import parts
        from accounts.retention import rules
        from accounts.signals import account_kept, account_leaving, profile_changed, ways_in_changed
        from mail.models import OutgoingMail
        from mail.purposes import BulkPrepare, register
        from reminders import digest, export, receivers, retention, sample_mail, sweep

        register(
            sweep.PURPOSE,
            digest.prepare_digest,
            audience=OutgoingMail.Audience.USER,
            still_wanted=digest.still_wanted,
            together=BulkPrepare(digest.prepare_digests, digest.unwrite_digests),
        )
        register(sample_mail.PURPOSE, sample_mail.prepare_test, audience=OutgoingMail.Audience.USER)
        profile_changed.connect(receivers.keep_wall_times, dispatch_uid="reminders.keep_wall_times")
        for news in (ways_in_changed, password_changed, password_reset, password_set):
            news.connect(receivers.links_are_old, dispatch_uid="reminders.links_are_old")
        account_leaving.connect(receivers.hold, dispatch_uid="reminders.hold")
        account_kept.connect(receivers.back_again, dispatch_uid="reminders.back_again")
        rules.register("what was told", retention.old_digests)
        rules.register("reminders", retention.old_reminders)
        parts.register("reminders", export.PART)
