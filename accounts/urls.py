from django.urls import path

from accounts import export_views, session_views, views
from accounts.converters import register_ids

register_ids()

urlpatterns = [
    path("", views.settings, name="settings"),
    path("export/", export_views.export, name="export"),
    path("export/file/", export_views.export_file, name="export_file"),
    path("bring-in/", export_views.bring_in, name="bring_in"),
    path("security-log/", views.security_events, name="security_events"),
    path("erase/", views.erase, name="erase"),
    path("sessions/", session_views.session_list, name="usersessions_list"),
    path("sessions/<id:pk>/end/", session_views.session_end, name="session_end"),
    path("sessions/end-others/", session_views.sessions_end_others, name="sessions_end_others"),
]
