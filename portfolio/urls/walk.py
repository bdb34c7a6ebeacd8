from django.urls import path

from portfolio.views import walk

urlpatterns = [
    path("people/walk/", walk.walk, name="walk"),
    path("people/walk/again/", walk.walk_again, name="walk_again"),
    path("people/walk/done/", walk.walk_done, name="walk_done"),
    path("people/walk/<slug:source>/", walk.walk_source, name="walk_source"),
    path("people/walk/<slug:source>/paste/", walk.walk_paste, name="walk_paste"),
    path("people/<id:pk>/walk/", walk.walk_could_help, name="walk_could_help"),
]
