from django.urls import include, path

urlpatterns = [path("bare/", include("bench.bare.urls")), path("", include("mentoring.urls"))]
