from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    name = "portfolio"

    def ready(self) -> None:
        from accounts.registry import register_export
        from accounts.signals import profile_changed
        from portfolio import relations, review_panel
        from portfolio.export import export_portfolio
        from portfolio.kinds import register_kinds
        from portfolio.reminding import remind_again

        register_export("portfolio", export_portfolio)
        register_kinds()
        profile_changed.connect(remind_again, dispatch_uid="portfolio.remind_again")
        review_panel.register()
        relations.register()
