from django.urls import path

from accounts.converters import register_ids
from reminders import delivery_log_views, signed_link_views, unsubscribe_views, views

register_ids()

urlpatterns = [
    path("r/<str:token>/", signed_link_views.reminder_link, name="reminder_link"),
    path("r/<str:token>/off/", unsubscribe_views.reminders_off, name="reminders_off"),
    path("reminders/", delivery_log_views.reminders, name="reminders"),
    path("reminders/test/", delivery_log_views.reminders_test, name="reminders_test"),
    path("reminders/<id:pk>/", delivery_log_views.reminder, name="reminder"),
    path("reminders/<id:pk>/act/<slug:name>/", views.reminder_act, name="reminder_act"),
    path("reminders/<id:pk>/snooze/", views.reminder_snooze, name="reminder_snooze"),
    path("reminders/<id:pk>/snooze/undo/<str:before>/", views.reminder_unsnooze, name="reminder_unsnooze"),
]
