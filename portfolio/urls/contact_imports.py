from django.urls import path

from portfolio.views import contact_imports as views

urlpatterns = [
    path("people/import/", views.contact_imports, name="contact_imports"),
    path("people/import/<id:pk>/", views.contact_import, name="contact_import"),
    path("people/import/<id:pk>/columns/", views.contact_import_columns, name="contact_import_columns"),
    path("people/import/<id:pk>/map/", views.contact_import_map, name="contact_import_map"),
    path("people/import/<id:pk>/choose/", views.contact_import_choose, name="contact_import_choose"),
    path("people/import/<id:pk>/start/", views.contact_import_start, name="contact_import_start"),
    path("people/import/<id:pk>/stop/", views.contact_import_stop, name="contact_import_stop"),
    path("people/import/<id:pk>/undo/", views.contact_import_undo, name="contact_import_undo"),
    path("people/import/<id:pk>/discard/", views.contact_import_discard, name="contact_import_discard"),
    path("people/import/untouched/", views.contacts_untouched, name="contacts_untouched"),
    path("people/new-posts/", views.new_posts, name="new_posts"),
    path("people/new-posts/seen/", views.new_posts_settle, name="new_posts_settle"),
    path("people/import/<id:pk>/who/", views.contact_import_shortlist, name="contact_import_shortlist"),
]
