from django.urls import path

from accounts import views

urlpatterns = [
    path("", views.settings, name="settings"),
    path("export/", views.export, name="export"),
    path("security-log/", views.security_events, name="security_events"),
    path("erase/", views.erase, name="erase"),
]
