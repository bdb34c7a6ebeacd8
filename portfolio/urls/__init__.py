from django.urls import include, path

from accounts.converters import register_ids

register_ids()

urlpatterns = [
    path("", include("portfolio.urls.needs")),
    path("", include("portfolio.urls.people")),
    path("", include("portfolio.urls.contact_imports")),
    path("", include("portfolio.urls.places")),
    path("", include("portfolio.urls.directory")),
    path("", include("portfolio.urls.source_walk")),
    path("", include("portfolio.urls.mentorships")),
    path("", include("portfolio.urls.formal")),
    path("", include("portfolio.urls.reflect")),
]
