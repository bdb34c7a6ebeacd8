from django.urls import path

from portfolio.views import briefs, need_detail, needs

urlpatterns = [
    path("brief/", briefs.briefs, name="briefs"),
    path("brief/start/", briefs.brief_start, name="brief_start"),
    path("brief/<id:pk>/", briefs.brief, name="brief"),
    path("brief/<id:pk>/finish/", briefs.brief_finish, name="brief_finish"),
    path("brief/<id:pk>/needs/add/", briefs.brief_need_add, name="brief_need_add"),
    path("brief/<id:pk>/needs/suggested/", briefs.brief_need_take, name="brief_need_take"),
    path("brief/<id:pk>/needs/<id:need>/let-go/", briefs.brief_need_let_go, name="brief_need_let_go"),
    path("brief/<id:pk>/needs/take/", briefs.brief_needs_take, name="brief_needs_take"),
    path("brief/<id:pk>/<slug:step>/", briefs.brief_step, name="brief_step"),
    path("needs/", needs.needs, name="needs"),
    path("needs/new/", needs.need_new, name="need_new"),
    path("needs/<id:pk>/", need_detail.need, name="need"),
    path("needs/<id:pk>/edit/", needs.need_edit, name="need_edit"),
    path("needs/<id:pk>/close/", needs.need_close, name="need_close"),
    path("needs/<id:pk>/reopen/", needs.need_reopen, name="need_reopen"),
    path("needs/<id:pk>/could-help/", needs.need_could_help, name="need_could_help"),
    path("needs/<id:pk>/not-them/", need_detail.suggestion_dismiss, name="suggestion_dismiss"),
    path("could-help/<id:pk>/dismiss/", need_detail.could_help_dismiss, name="could_help_dismiss"),
    path("could-help/<id:pk>/restore/", need_detail.could_help_restore, name="could_help_restore"),
]
