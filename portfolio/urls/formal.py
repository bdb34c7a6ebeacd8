from django.urls import path

from portfolio.views import agreements, formal, outcomes

urlpatterns = [
    path("mentorships/<id:pk>/terms/", formal.formal_terms, name="formal_terms"),
    path("mentorships/<id:pk>/terms/remove/", formal.formal_remove, name="formal_remove"),
    path("mentorships/<id:pk>/informal/", formal.mentorship_turn_informal, name="mentorship_turn_informal"),
    path("mentorships/<id:pk>/formal/", formal.mentorship_formal_again, name="mentorship_formal_again"),
    path("mentorships/<id:pk>/evaluations/", formal.evaluation_add, name="evaluation_add"),
    path("evaluations/<id:pk>/done/", formal.evaluation_done, name="evaluation_done"),
    path("evaluations/<id:pk>/undone/", formal.evaluation_undone, name="evaluation_undone"),
    path("evaluations/<id:pk>/remove/", formal.evaluation_remove, name="evaluation_remove"),
    path("mentorships/<id:pk>/agreement/", agreements.agreement, name="agreement"),
    path("mentorships/<id:pk>/agreement/edit/", agreements.agreement_edit, name="agreement_edit"),
    path("mentorships/<id:pk>/outcomes/", outcomes.outcome_add, name="outcome_add"),
    path("outcomes/<id:pk>/edit/", outcomes.outcome_edit, name="outcome_edit"),
    path("outcomes/<id:pk>/delete/", outcomes.outcome_delete, name="outcome_delete"),
    path("removed/<id:pk>/put-back/", outcomes.put_back, name="put_back"),
]
