from django.urls import path

from accounts.converters import register_ids
from outreach.views import approaches, board, introductions, messages, silence, templates

register_ids()

urlpatterns = [
    path("outreach/", board.outreach, name="outreach"),
    path("outreach/<slug:place>/", board.outreach_list, name="outreach_list"),
    path("approaches/new/", approaches.approach_new, name="approach_new"),
    path("approaches/open/", approaches.approach_open, name="approach_open"),
    path("approaches/<id:pk>/", approaches.approach, name="approach"),
    path("approaches/<id:pk>/edit/", approaches.approach_edit, name="approach_edit"),
    path("approaches/<id:pk>/move/", board.approach_move, name="approach_move"),
    path("approaches/<id:pk>/reply/", approaches.approach_reply, name="approach_reply"),
    path("approaches/<id:pk>/replied/", approaches.approach_replied, name="approach_replied"),
    path("approaches/<id:pk>/end/", approaches.approach_end, name="approach_end"),
    path("approaches/<id:pk>/rest/", approaches.approach_rest, name="approach_rest"),
    path("approaches/<id:pk>/plan/", approaches.approach_plan, name="approach_plan"),
    path("approaches/<id:pk>/research/", approaches.approach_research, name="approach_research"),
    path("approaches/<id:pk>/silence/", silence.approach_silence, name="approach_silence"),
    path("approaches/<id:pk>/no/", silence.approach_no, name="approach_no"),
    path("approaches/<id:pk>/suggested/", silence.approach_suggested, name="approach_suggested"),
    path("approaches/<id:pk>/wake/", approaches.approach_wake, name="approach_wake"),
    path("approaches/<id:pk>/mentoring/", approaches.approach_become, name="approach_become"),
    path("approaches/<id:pk>/undo/<id:event>/", board.approach_undo, name="approach_undo"),
    path("introductions/", introductions.introductions, name="introductions"),
    path("introductions/open/", introductions.introduction_open, name="introduction_open"),
    path("introductions/<id:pk>/", introductions.introduction, name="introduction"),
    path("introductions/<id:pk>/move/", introductions.introduction_move, name="introduction_move"),
    path("introductions/<id:pk>/undo/<slug:state>/", introductions.introduction_undo, name="introduction_undo"),
    path("introductions/<id:pk>/delete/", introductions.introduction_delete, name="introduction_delete"),
    path("messages/new/", messages.message_new, name="message_new"),
    path("messages/<id:pk>/", messages.message, name="message"),
    path("messages/<id:pk>/letter.eml", messages.message_file, name="message_file"),
    path("messages/<id:pk>/sent/", messages.message_sent, name="message_sent"),
    path("messages/<id:pk>/unsend/", messages.message_unsend, name="message_unsend"),
    path("messages/<id:pk>/remind/", messages.message_remind, name="message_remind"),
    path("messages/<id:pk>/delete/", messages.message_delete, name="message_delete"),
    path("templates/", templates.templates, name="templates"),
    path("templates/new/", templates.template_new, name="template_new"),
    path("templates/<id:pk>/", templates.template, name="template"),
    path("templates/<id:pk>/up/", templates.template_move, {"by": -1}, name="template_up"),
    path("templates/<id:pk>/down/", templates.template_move, {"by": 1}, name="template_down"),
    path("templates/<id:pk>/put-away/", templates.template_put_away, name="template_put_away"),
    path("templates/<id:pk>/bring-back/", templates.template_bring_back, name="template_bring_back"),
    path("templates/<id:pk>/delete/", templates.template_delete, name="template_delete"),
]
