from django.urls import path

from portfolio.views import introduction_paths, needs, people

urlpatterns = [
    path("people/new/", people.person_new, name="person_new"),
    path("people/<id:pk>/", people.person, name="person"),
    path("people/<id:pk>/edit/", people.person_edit, name="person_edit"),
    path("people/<id:pk>/delete/", people.person_delete, name="person_delete"),
    path("people/<id:pk>/erase/", people.person_erase, name="person_erase"),
    path("people/<id:pk>/could-help/", needs.person_could_help, name="person_could_help"),
    path("people/<id:pk>/spoke/", introduction_paths.contact_add, name="contact_add"),
    path("people/<id:pk>/knows/", introduction_paths.knows_add, name="knows_add"),
    path("people/<id:pk>/mentioned/", introduction_paths.person_mentioned, name="person_mentioned"),
    path("contacts/<id:pk>/remove/", introduction_paths.contact_remove, name="contact_remove"),
    path("knows/<id:pk>/remove/", introduction_paths.knows_remove, name="knows_remove"),
]
