from django.urls import path

from portfolio.views import reflections, reviews

urlpatterns = [
    path("reflect/", reflections.reflect, name="reflect"),
    path("reflect/rhythm/", reflections.reflect_rhythm, name="reflect_rhythm"),
    path("reflect/new/", reflections.reflection_new, name="reflection_new"),
    path("reflect/answers/<id:pk>/", reflections.reflection, name="reflection"),
    path("reflect/answers/<id:pk>/edit/", reflections.reflection_edit, name="reflection_edit"),
    path("reflect/answers/<id:pk>/delete/", reflections.reflection_delete, name="reflection_delete"),
    path("reflect/reviews/", reviews.reviews, name="reviews"),
    path("reflect/reviews/new/", reviews.review_new, name="review_new"),
    path("reflect/reviews/<id:pk>/", reviews.review, name="review"),
    path("reflect/reviews/<id:pk>/edit/", reviews.review_edit, name="review_edit"),
    path("reflect/reviews/<id:pk>/delete/", reviews.review_delete, name="review_delete"),
]
