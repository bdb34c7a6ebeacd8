from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    name = "portfolio"

    def ready(self) -> None:
        from accounts import jobs
        from accounts.export.parts import parts
        from accounts.retention import rules
        from accounts.signals import notes_rewritten, profile_changed
        from portfolio import export
        from portfolio.contact_imports import work
        from portfolio.looking_back import panels as looking_back_panels
        from portfolio.mentorships.scheduling import remind_again
        from portfolio.models import ContactImport, Person
        from portfolio.people import relations, retention
        from portfolio.people.services import fold_again
        from portfolio.reminder_kinds import register_kinds

        parts.register("portfolio", export.PART)
        register_kinds()
        jobs.kinds.register("portfolio.ContactImport", jobs.Kind(ContactImport, work.step, work.given_up))
        rules.register("what was deleted", retention.old_undo)
        profile_changed.connect(remind_again, dispatch_uid="portfolio.remind_again")
        notes_rewritten.connect(fold_again, sender=Person, dispatch_uid="portfolio.fold_again")
        looking_back_panels.register()
        relations.register()
