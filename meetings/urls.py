from django.urls import path

from accounts.converters import register_ids
from meetings.views import actions, items, meetings, mentor, saved, share, talk

register_ids()

urlpatterns = [
    path("meetings/", meetings.meetings, name="meetings"),
    path("meetings/new/", meetings.meeting_new, name="meeting_new"),
    path("meetings/agendas/", saved.agendas, name="agendas"),
    path("meetings/agendas/new/", saved.agenda_new, name="agenda_new"),
    path("meetings/agendas/<id:pk>/", saved.agenda_edit, name="agenda_edit"),
    path("meetings/agendas/<id:pk>/delete/", saved.agenda_delete, name="agenda_delete"),
    path("meetings/<id:pk>/", meetings.meeting, name="meeting"),
    path("meetings/<id:pk>/edit/", meetings.meeting_edit, name="meeting_edit"),
    path("meetings/<id:pk>/talk/", talk.meeting_talk, name="meeting_talk"),
    path("meetings/<id:pk>/wrap-up/", talk.meeting_wrap_up, name="meeting_wrap_up"),
    path("meetings/<id:pk>/summary/", talk.meeting_summary, name="meeting_summary"),
    path("meetings/<id:pk>/notes/", talk.meeting_notes, name="meeting_notes"),
    path("meetings/<id:pk>/hold/", meetings.meeting_hold, name="meeting_hold"),
    path("meetings/<id:pk>/unhold/", meetings.meeting_unhold, name="meeting_unhold"),
    path("meetings/<id:pk>/cancel/", meetings.meeting_cancel, name="meeting_cancel"),
    path("meetings/<id:pk>/reinstate/", meetings.meeting_reinstate, name="meeting_reinstate"),
    path("meetings/<id:pk>/items/", items.item_add, name="item_add"),
    path("meetings/<id:pk>/agenda/keep/", items.agenda_keep, name="agenda_keep"),
    path("meetings/<id:pk>/actions/", actions.action_add, name="action_add"),
    path("meetings/<id:pk>/answer/", share.meeting_answer, name="meeting_answer"),
    path("meetings/<id:pk>/agreed/", share.meeting_agreed, name="meeting_agreed"),
    path("meetings/<id:pk>/times/", share.meeting_times, name="meeting_times"),
    path("people/<id:pk>/private-page/", share.share, name="share"),
    path("people/<id:pk>/private-page/new/", share.share_issue, name="share_issue"),
    path("people/<id:pk>/private-page/renew/", share.share_renew, name="share_renew"),
    path("people/<id:pk>/private-page/off/", share.share_revoke, name="share_revoke"),
    path("people/<id:pk>/private-page/read/", share.words_seen, name="words_seen"),
    path("with/<str:token>/", mentor.mentor_page, name="mentor_page"),
    path("agenda/<id:pk>/edit/", items.item_edit, name="item_edit"),
    path("agenda/<id:pk>/up/", items.item_move, {"by": -1}, name="item_up"),
    path("agenda/<id:pk>/down/", items.item_move, {"by": 1}, name="item_down"),
    path("agenda/<id:pk>/place/", items.item_place, name="item_place"),
    path("agenda/<id:pk>/talked/", items.item_mark, {"state": "done"}, name="item_talked"),
    path("agenda/<id:pk>/park/", items.item_mark, {"state": "parked"}, name="item_park"),
    path("agenda/<id:pk>/drop/", items.item_mark, {"state": "dropped"}, name="item_drop"),
    path("agenda/<id:pk>/reopen/", items.item_mark, {"state": "open"}, name="item_reopen"),
    path("actions/<id:pk>/edit/", actions.action_edit, name="action_edit"),
    path("actions/<id:pk>/done/", actions.action_done, name="action_done"),
    path("actions/<id:pk>/undone/", actions.action_undone, name="action_undone"),
    path("actions/<id:pk>/delete/", actions.action_delete, name="action_delete"),
]
