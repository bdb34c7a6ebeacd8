from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts.registry import export_profile, register_export

        register_export("accounts", export_profile)
