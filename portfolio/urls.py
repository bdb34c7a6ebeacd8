from django.urls import path

from accounts.converters import register_ids
from portfolio.views import briefs, mentorships, needs, paths, people

register_ids()

urlpatterns = [
    path("brief/", briefs.briefs, name="briefs"),
    path("brief/start/", briefs.brief_start, name="brief_start"),
    path("brief/<id:pk>/", briefs.brief, name="brief"),
    path("brief/<id:pk>/finish/", briefs.brief_finish, name="brief_finish"),
    path("brief/<id:pk>/needs/add/", briefs.brief_need_add, name="brief_need_add"),
    path("brief/<id:pk>/needs/take/", briefs.brief_needs_take, name="brief_needs_take"),
    path("brief/<id:pk>/<slug:step>/", briefs.brief_step, name="brief_step"),
    path("needs/", needs.needs, name="needs"),
    path("needs/new/", needs.need_new, name="need_new"),
    path("needs/<id:pk>/", needs.need, name="need"),
    path("needs/<id:pk>/edit/", needs.need_edit, name="need_edit"),
    path("needs/<id:pk>/close/", needs.need_close, name="need_close"),
    path("needs/<id:pk>/reopen/", needs.need_reopen, name="need_reopen"),
    path("needs/<id:pk>/could-help/", needs.need_could_help, name="need_could_help"),
    path("could-help/<id:pk>/dismiss/", needs.could_help_dismiss, name="could_help_dismiss"),
    path("could-help/<id:pk>/restore/", needs.could_help_restore, name="could_help_restore"),
    path("people/", people.people, name="people"),
    path("people/new/", people.person_new, name="person_new"),
    path("people/<id:pk>/", people.person, name="person"),
    path("people/<id:pk>/edit/", people.person_edit, name="person_edit"),
    path("people/<id:pk>/delete/", people.person_delete, name="person_delete"),
    path("people/<id:pk>/could-help/", needs.person_could_help, name="person_could_help"),
    path("people/<id:pk>/spoke/", paths.contact_add, name="contact_add"),
    path("people/<id:pk>/knows/", paths.knows_add, name="knows_add"),
    path("people/<id:pk>/mentorship/", mentorships.mentorship_new, name="mentorship_new"),
    path("contacts/<id:pk>/remove/", paths.contact_remove, name="contact_remove"),
    path("knows/<id:pk>/remove/", paths.knows_remove, name="knows_remove"),
    path("mentorships/<id:pk>/", mentorships.mentorship, name="mentorship"),
    path("mentorships/<id:pk>/edit/", mentorships.mentorship_edit, name="mentorship_edit"),
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
