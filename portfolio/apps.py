from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    name = "portfolio"

    def ready(self) -> None:
        from accounts.export import exports
        from accounts.signals import profile_changed
        from portfolio import export
        from portfolio.looking_back import panels as looking_back_panels
        from portfolio.mentorships.scheduling import remind_again
        from portfolio.people import relations
        from portfolio.reminder_kinds import register_kinds

        exports.register("portfolio", export.export)
        register_kinds()
        profile_changed.connect(remind_again, dispatch_uid="portfolio.remind_again")
        looking_back_panels.register()
        relations.register()
