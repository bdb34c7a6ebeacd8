from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"

    def ready(self) -> None:
        from accounts.registry import register_export
        from accounts.signals import profile_changed
        from mail.models import OutgoingMail
        from mail.purposes import register as register_purpose
        from meetings import exports, invitations, kinds, panels, reminding

        register_export("meetings", exports.export)
        prepare, wanted = invitations.prepare, invitations.still_wanted
        user, mentor = OutgoingMail.Audience.USER, OutgoingMail.Audience.MENTOR
        register_purpose(invitations.PURPOSE_ME, prepare, audience=user, still_wanted=wanted)
        register_purpose(invitations.PURPOSE_MENTOR, prepare, audience=mentor, still_wanted=wanted)
        panels.register()
        kinds.register_kinds()
        profile_changed.connect(reminding.remind_again, dispatch_uid="meetings")
