from django.apps import AppConfig


class OutreachConfig(AppConfig):
    name = "outreach"

    def ready(self) -> None:
        from accounts.export.parts import parts
        from accounts.retention import rules
        from mail import arrivals, purposes
        from mail.connected.letters import Letters, letters
        from mail.models import OutgoingMail
        from outreach import candidate_reasons, export, panels, receivers, reminder_kinds
        from outreach.drafts import own_mailbox
        from outreach.incoming import applying, known, mailboxes
        from portfolio.signals import contact_recorded, contacts_forgotten

        parts.register("outreach", export.PART)
        arrivals.meanings.register("outreach", arrivals.Meaning(known.known_of, applying.apply))
        purposes.register(
            own_mailbox.PURPOSE,
            own_mailbox.write,
            audience=OutgoingMail.Audience.OWN,
            still_wanted=own_mailbox.still_wanted,
        )
        letters.register(
            "outreach",
            Letters(mailboxes.wanted, own_mailbox.settle, mailboxes.unread, mailboxes.read_again),
        )
        rules.register("letters of disconnected mailboxes", own_mailbox.settle_the_rest)
        panels.register()
        candidate_reasons.register()
        reminder_kinds.register()
        contact_recorded.connect(receivers.sign_of_life, dispatch_uid="outreach.sign_of_life")
        contacts_forgotten.connect(receivers.no_sign_of_life, dispatch_uid="outreach.no_sign_of_life")
