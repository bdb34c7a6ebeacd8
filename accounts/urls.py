from django.urls import path

from accounts import views

urlpatterns = [
    path("", views.settings, name="settings"),
    path("export/", views.export, name="export"),
    path("erase/", views.erase, name="erase"),
]
