from django.urls import path

from portfolio.views import mentorships

urlpatterns = [
    path("people/<id:pk>/mentorship/", mentorships.mentorship_new, name="mentorship_new"),
    path("mentorships/<id:pk>/", mentorships.mentorship, name="mentorship"),
    path("mentorships/<id:pk>/edit/", mentorships.mentorship_edit, name="mentorship_edit"),
    path("mentorships/<id:pk>/rhythm/", mentorships.mentorship_rhythm, name="mentorship_rhythm"),
    path("mentorships/<id:pk>/giving-back/", mentorships.giving_back, name="giving_back"),
    path("mentorship-events/<id:pk>/", mentorships.event_edit, name="event_edit"),
    path("mentorships/<id:pk>/pause/", mentorships.mentorship_pause, name="mentorship_pause"),
    path("mentorships/<id:pk>/resume/", mentorships.mentorship_resume, name="mentorship_resume"),
    path("mentorships/<id:pk>/end/", mentorships.mentorship_end, name="mentorship_end"),
    path("mentorships/<id:pk>/reopen/", mentorships.mentorship_reopen, name="mentorship_reopen"),
    path("mentorships/<id:pk>/friends/", mentorships.mentorship_friends, name="mentorship_friends"),
    path("mentorships/<id:pk>/not-friends/", mentorships.mentorship_not_friends, name="mentorship_not_friends"),
    path("mentorships/<id:pk>/share/", mentorships.direction_share, name="direction_share"),
    path("mentorships/<id:pk>/unshare/", mentorships.direction_unshare, name="direction_unshare"),
    path("mentorships/<id:pk>/supports/", mentorships.support_add, name="support_add"),
    path("supports/<id:pk>/end/", mentorships.support_end, name="support_end"),
    path("supports/<id:pk>/restore/", mentorships.support_restore, name="support_restore"),
]
