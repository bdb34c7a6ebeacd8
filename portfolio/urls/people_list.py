from django.urls import path

from portfolio.views import merging, people_list

urlpatterns = [
    path("people/", people_list.people, name="people"),
    path("people/suggestions/", people_list.people_suggestions, name="people_suggestions"),
    path("people/several/", people_list.people_bulk, name="people_bulk"),
    path("people/undo/<id:pk>/", people_list.people_undo, name="people_undo"),
    path("people/<id:pk>/merge/", merging.person_merge, name="person_merge"),
    path("tags/<id:pk>/", people_list.tag_edit, name="tag_edit"),
]
