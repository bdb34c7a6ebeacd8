from django.apps import AppConfig


class OutreachConfig(AppConfig):
    name = "outreach"

    def ready(self) -> None:
        from accounts.export.parts import parts
        from mail import arrivals
        from outreach import candidate_reasons, export, panels, receivers, reminder_kinds
        from outreach.incoming import applying, known
        from portfolio.signals import contact_recorded, contacts_forgotten

        parts.register("outreach", export.PART)
        arrivals.meanings.register("outreach", arrivals.Meaning(known.known_of, applying.apply))
        panels.register()
        candidate_reasons.register()
        reminder_kinds.register()
        contact_recorded.connect(receivers.sign_of_life, dispatch_uid="outreach.sign_of_life")
        contacts_forgotten.connect(receivers.no_sign_of_life, dispatch_uid="outreach.no_sign_of_life")
