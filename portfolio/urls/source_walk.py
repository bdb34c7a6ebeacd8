from django.urls import path

from portfolio.views import source_walk

urlpatterns = [
    path("people/walk/", source_walk.walk, name="walk"),
    path("people/walk/again/", source_walk.walk_again, name="walk_again"),
    path("people/walk/done/", source_walk.walk_done, name="walk_done"),
    path("people/walk/<slug:source>/", source_walk.walk_source, name="walk_source"),
    path("people/walk/<slug:source>/paste/", source_walk.walk_paste, name="walk_paste"),
    path("people/<id:pk>/walk/", source_walk.walk_could_help, name="walk_could_help"),
]
