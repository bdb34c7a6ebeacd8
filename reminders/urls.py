from django.urls import path

from accounts.converters import register_ids
from reminders import link_views, views

register_ids()

urlpatterns = [
    path("r/<str:token>/", link_views.reminder_link, name="reminder_link"),
    path("reminders/<id:pk>/act/<slug:name>/", views.reminder_act, name="reminder_act"),
    path("reminders/<id:pk>/snooze/", views.reminder_snooze, name="reminder_snooze"),
    path("reminders/<id:pk>/snooze/undo/<str:before>/", views.reminder_unsnooze, name="reminder_unsnooze"),
]
