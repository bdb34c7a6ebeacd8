from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"

    def ready(self) -> None:
        from accounts.registry import register_export
        from accounts.signals import profile_changed
        from meetings import exports, kinds, panels, reminding

        register_export("meetings", exports.export)
        panels.register()
        kinds.register_kinds()
        profile_changed.connect(reminding.remind_again, dispatch_uid="meetings")
