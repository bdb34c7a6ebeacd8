from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from allauth.account.signals import password_changed, password_reset, password_set, user_logged_in
        from allauth.mfa.signals import authenticator_added, authenticator_removed
        from django.contrib.auth.signals import user_logged_in as logged_in
        from django.db.models.signals import post_delete, post_migrate, pre_migrate

        from accounts import jobs, policies, retention, row_security, security_log
        from accounts.export import making, restoring
        from accounts.export.own_part import OWN_PART
        from accounts.export.parts import parts
        from accounts.models import User
        from accounts.second_factors import receivers, stored_secrets  # noqa: F401 - connects their receivers

        parts.register("accounts", OWN_PART)
        for kind in (making.KIND, restoring.KIND):
            jobs.kinds.register(kind.model._meta.label, kind)
        retention.register()
        pre_migrate.connect(policies.make_roles, sender=self, dispatch_uid="accounts.make_roles")
        post_migrate.connect(policies.grant, sender=self, dispatch_uid="accounts.grant")
        logged_in.connect(row_security.signed_in, dispatch_uid="accounts.row_security")
        user_logged_in.connect(security_log.signed_in, dispatch_uid="accounts.signed_in")
        for news in (password_changed, password_reset, password_set):
            news.connect(security_log.password_changed, dispatch_uid="accounts.password_changed")
        authenticator_added.connect(security_log.factor_added, dispatch_uid="accounts.factor_added")
        authenticator_removed.connect(security_log.factor_removed, dispatch_uid="accounts.factor_removed")
        post_delete.connect(security_log.erased, sender=User, dispatch_uid="accounts.erased")
