from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    name = "portfolio"

    def ready(self) -> None:
        from accounts.registry import register_export
        from portfolio import relations
        from portfolio.export import export_portfolio

        register_export("portfolio", export_portfolio)
        relations.register()
