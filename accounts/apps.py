from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from allauth.account.signals import password_changed, password_reset, password_set, user_logged_in
        from django.db.models.signals import post_delete

        from accounts import security_log
        from accounts.export import export, exports
        from accounts.models import User

        exports.register("accounts", export)
        user_logged_in.connect(security_log.signed_in, dispatch_uid="accounts.signed_in")
        for news in (password_changed, password_reset, password_set):
            news.connect(security_log.password_changed, dispatch_uid="accounts.password_changed")
        post_delete.connect(security_log.erased, sender=User, dispatch_uid="accounts.erased")
