from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    name = "portfolio"

    def ready(self) -> None:
        from accounts.registry import register_export
        from portfolio import review_panel
        from portfolio.export import export_portfolio

        register_export("portfolio", export_portfolio)
        review_panel.register()
