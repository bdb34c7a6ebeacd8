from django.urls import path

from portfolio.views import directory, merging

urlpatterns = [
    path("people/", directory.people, name="people"),
    path("people/suggestions/", directory.people_suggestions, name="people_suggestions"),
    path("people/csv/", directory.people_csv, name="people_csv"),
    path("people/several/", directory.people_bulk, name="people_bulk"),
    path("people/undo/<id:pk>/", directory.people_undo, name="people_undo"),
    path("people/<id:pk>/merge/", merging.person_merge, name="person_merge"),
    path("tags/<id:pk>/", directory.tag_edit, name="tag_edit"),
]
