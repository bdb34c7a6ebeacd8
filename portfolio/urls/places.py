from django.urls import path

from portfolio.views import places

urlpatterns = [
    path("people/places/", places.places, name="places"),
    path("people/places/start/", places.places_start, name="places_start"),
    path("people/places/new/", places.place_new, name="place_new"),
    path("people/places/<id:pk>/", places.place, name="place"),
    path("people/places/<id:pk>/edit/", places.place_edit, name="place_edit"),
    path("people/places/<id:pk>/delete/", places.place_delete, name="place_delete"),
    path("people/places/<id:pk>/state/", places.place_state, name="place_state"),
    path("people/places/<id:pk>/again/", places.place_look_again, name="place_look_again"),
    path("people/places/<id:pk>/before/<slug:state>/<slug:on>/", places.place_restore, name="place_restore"),
]
