from django.urls import path

from bench.bare import views

urlpatterns = [
    path("people/", views.people),
    path("dashboard/", views.dashboard),
    path("search/", views.search),
    path("need/<int:pk>/", views.need),
]
