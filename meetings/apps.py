from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"

    def ready(self) -> None:
        from accounts import jobs
        from accounts.export.parts import parts
        from accounts.signals import profile_changed
        from mail.arrivals import calendar_answers
        from mail.models import OutgoingMail
        from mail.purposes import register as register_purpose
        from meetings import export, panels, reminder_kinds, scheduling
        from meetings.calendar import invitations
        from meetings.models import OwnCalendar
        from meetings.own_calendar import work
        from meetings.sharing import calendar_answers as answers
        from portfolio.signals import person_erased

        jobs.kinds.register(
            "meetings.OwnCalendar", jobs.Kind(OwnCalendar, work.step, work.given_up, outside=work.fetch)
        )
        parts.register("meetings", export.PART)
        calendar_answers.register("meetings", answers.ANSWERS)
        prepare, wanted = invitations.prepare, invitations.still_wanted
        user, mentor = OutgoingMail.Audience.USER, OutgoingMail.Audience.MENTOR
        register_purpose(invitations.PURPOSE_ME, prepare, audience=user, still_wanted=wanted)
        register_purpose(invitations.PURPOSE_MENTOR, prepare, audience=mentor, still_wanted=wanted)
        panels.register()
        reminder_kinds.register_kinds()
        person_erased.connect(invitations.forget_invited, dispatch_uid="meetings.erased")
        profile_changed.connect(scheduling.remind_again, dispatch_uid="meetings")
