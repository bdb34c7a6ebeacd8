"""Signing in by a provider. The names are those that allauth asks for."""

from django.urls import path

from accounts import provider_views as views
from accounts.converters import register_ids

register_ids()

urlpatterns = [
    path("with/", views.other_ways_in, name="socialaccount_connections"),
    path("with/sign-up/", views.provider_sign_up, name="socialaccount_signup"),
    path("with/cancelled/", views.provider_cancelled, name="socialaccount_login_cancelled"),
    path("with/<id:pk>/unlink/", views.way_in_unlink, name="way_in_unlink"),
    path("with/<slug:provider_id>/login/", views.provider_login, name="openid_connect_login"),
    path("with/<slug:provider_id>/login/callback/", views.provider_callback, name="openid_connect_callback"),
    path("invited/<str:token>/", views.invited, name="invited"),
]
