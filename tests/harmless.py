"""Conditions on the owner that could go without harm, and why; ``python -m tests.first_wall`` checks each reason.

They stay where they are: they help the index, and say what is meant. A name is a file, a function and a model, with a
number if there are several.
"""

from __future__ import annotations

# Another condition of the query names a row, or ids, that were fetched through their owner, and rows can't refer to
# those of another owner (the sweep looks after each write). The code of that condition, in the same function.
BESIDE = {
    "reminders/delivery_log.py mails Telling": "digest__in=digests",
    "reminders/delivery_log.py _mails_of OutgoingMail": "subject_id__in=list(digests)",
    # No two mails of one purpose have the same subject: a constraint.
    "reminders/forgetting.py forget_reminders OutgoingMail": "purpose=PURPOSE, subject_id__in=some",
    "reminders/services.py keep_told Reminder": "subject_id=subject_id",
    "reminders/services.py let_go Reminder": "subject_id=subject_id",
    "portfolio/contact_imports/shortlist.py decide Person": "imported__batch=batch",
    "portfolio/contact_imports/shortlist.py _undecided Person": "imported__batch=batch",
    "portfolio/forms/people.py save Knows": "knower=knower, known=known",
    "portfolio/mentorships/services.py add_support Support": "mentorship=mentorship",
    "portfolio/needs/candidates.py _known Knows": "known__in=ids",
    "portfolio/needs/candidates.py _known Mentorship": "person=OuterRef('knower')",
    "portfolio/people/bulk_add.py _note_thoughts Person": "get(pk=who)",
    "portfolio/people/contacts.py last_contact Contact": "person=person",
    "portfolio/people/deletion.py _drop_idle Tag": "pk__in=some",
    "portfolio/people/directory.py narrowed rows": "Person.objects.for_user(user)",
    "portfolio/people/directory.py narrowed rows #2": "Person.objects.for_user(user)",
    "portfolio/people/erasing.py _rows_of_files ImportRow": "person=person",
    "portfolio/people/erasing.py erase Tag": "pk__in=tags",
    "portfolio/people/mentions.py keep_mentioned Knows": "knower=by, known=person",
    "portfolio/people/mentions.py _think_of CouldHelp": "person=person, need=need",
    "portfolio/people/merging.py merge Person": "pk__in=[kept.pk, other.pk]",
    "portfolio/people/places.py forget Person": "place=place",
    "portfolio/people/services.py note_candidate CouldHelp": "person=person, need=need",
    "portfolio/people/services.py dismiss CouldHelp": "person=person, need=need",
    "portfolio/people/tagging.py untag_people PersonTag": "person__in=some, tag=tag",
    "portfolio/people/undo.py _wearers_of_renamed Tag": "called[now[int(pk)]]",
    "portfolio/people/undo.py _wearers_of_renamed PersonTag": "tag__in=renamed",
    "portfolio/people/undo.py _untag PersonTag": "person__in=some",
    "portfolio/people/undo.py _untag Tag": "pk=what['tag']",
    "portfolio/people/undo.py _tag Person": "pk__in=some",
    "portfolio/reminder_kinds.py _due Mentorship": "pk__in=rhythm_ids",
    "portfolio/reminder_kinds.py _due EvaluationDate": "pk__in=evaluation_ids",
    "portfolio/reminder_kinds.py _due PlaceToLook": "pk__in=place_ids",
    "portfolio/reminder_kinds.py _due ReflectionRhythm": "pk__in=reflect_ids",
    "portfolio/reminder_kinds.py _due NewPost": "batch__in=import_ids",
    "portfolio/reminder_kinds.py _we_spoke Mentorship": "filter(pk=pk)",
    "portfolio/reminder_kinds.py _evaluated EvaluationDate": "filter(pk=pk)",
    "portfolio/reminder_kinds.py _looked_at_agreement Mentorship": "filter(pk=pk)",
    "portfolio/reminder_kinds.py _looked_at_place PlaceToLook": "filter(pk=pk)",
    "portfolio/reminder_kinds.py _not_this_time ReflectionRhythm": "filter(pk=pk)",
    "portfolio/views/mentorships.py mentorship_new Mentorship": "filter(person=person)",
    "portfolio/views/need_detail.py _reflections Reflection": "links__need=need",
    "portfolio/views/places.py _page Person": "filter(place=row)",
    "portfolio/views/places.py _page Reflection": "links__place=row",
    "portfolio/views/places.py place_delete Person": "filter(place=row)",
    "outreach/approaches/next_candidates.py _rows Knows": "knower=approach.person_id",
    "outreach/approaches/services.py open_approach ApproachNeed": "approach=approach",
    "outreach/approaches/services.py set_rationale ApproachNeed": "approach=approach",
    "outreach/follow_ups/introduction_reminder.py still_waiting Introduction": "pk__in=ids",
    "outreach/follow_ups/rest_reminder.py still_waiting Approach": "pk__in=ids",
    "outreach/follow_ups/send_later.py still_waiting Message": "pk__in=ids",
    "outreach/forms/approaches.py __init__ Need #3": "pk__in=chosen",
    "outreach/incoming/answers.py new_addresses Message": "recorded_by__in=new",
    "outreach/incoming/asking.py settle IncomingMail": "drop=mail.drop_id, mailbox=mail.mailbox_id",
    "outreach/incoming/asking.py still_asking DropAddress": "pk__in=ids",
    "outreach/incoming/asking.py still_asking_in_mailbox ConnectedMailbox": "pk__in=ids",
    "outreach/introductions/services.py open_introduction Introduction": "target=target, introducer=introducer",
    "outreach/introductions/services.py _refuse_a_circle Introduction": "leads_back(introducer.pk, target.pk",
    "outreach/introductions/services.py _move Knows": "knower=introduction.introducer",
    "outreach/panels.py _approaches Approach": "person=person",
    "outreach/reminder_kinds.py _they_replied FollowUp": "pk=follow_up_id",
    "outreach/reminder_kinds.py _take_up Approach": "pk=approach_id",
    "outreach/views/approaches.py _research_page Knows": "known=found.person_id",
    "outreach/views/board.py approach_undo ApproachEvent": "pk=event, approach=approach",
    "meetings/agenda/carry_over.py carry_over AgendaItem": "meeting__person_id=meeting.person_id",
    "meetings/agenda/carry_over.py carry_on Meeting": "person_id=meeting.person_id",
    "meetings/calendar/invitations.py _ask Invitation": "meeting=meeting",
    "meetings/calendar/invitations.py forget_invited OutgoingMail": "mails.filter(subject_id__in=some)",
    "meetings/panels.py _with_person Meeting": "person=person",
    "meetings/panels.py _first_planned Meeting": "person=person",
    "meetings/panels.py mentorship_panel Meeting": "mentorship=mentorship",
    "meetings/panels.py approach_panel Meeting": "approach=approach",
    "meetings/reminder_kinds.py _done Action": "filter(pk=pk)",
    "meetings/reminder_kinds.py _due Meeting": "pk__in=meeting_ids",
    "meetings/reminder_kinds.py _due Action": "pk__in=action_ids",
    "meetings/reminder_kinds.py _left_words ShareLink": "pk__in=link_ids",
    "meetings/reminder_kinds.py _not_read OwnCalendar": "pk__in=calendar_ids",
    "meetings/selectors.py situation Approach": "person=person",
    "meetings/selectors.py situation Mentorship": "person=person",
    "meetings/selectors.py situation Meeting": "person=person",
    "meetings/selectors.py actions_beside Action": "Q(meeting=meeting)",
    "meetings/selectors.py next_planned Meeting": "person_id=meeting.person_id",
    "meetings/services.py plan_meeting Meeting": "person=person",
    "meetings/services.py contact_of Contact": "person_id=meeting.person_id",
    "meetings/sharing/mentor_actions.py next_meeting Meeting": "person_id=link.person_id",
    "meetings/sharing/mentor_page.py _last_shared Meeting": "person_id=link.person_id",
    "meetings/views/sharing.py share MentorWord": "link__person=person",
}

OWN_PEOPLE = ("portfolio/needs/candidates.py", "others = Person.objects.filter(owner=owner)")
RELATION = ("portfolio/people/relations.py", "Q(pk__in=self.rows(owner).order_by().values('person'))")
BY_PERSON = ("outreach/candidate_reasons.py", "found.setdefault(row.person_id, [])")
# What it finds only narrows the user's own rows, or is looked up by their ids: the code that does so, and its file.
WITHIN = {
    "reminders/sweep.py _held Digest": ("reminders/sweep.py", "held[key]"),
    "reminders/sweep.py gather_for Reminder": ("reminders/sweep.py", "key=lambda reminder: reminder.owner_id"),
    "portfolio/needs/candidates.py _candidates Mentorship": OWN_PEOPLE,
    "portfolio/needs/candidates.py _candidates Contact": OWN_PEOPLE,
    "portfolio/needs/candidates.py _candidates Knows": OWN_PEOPLE,
    "portfolio/people/relations.py _mentors Mentorship": RELATION,
    "portfolio/people/relations.py _mentored Mentorship": RELATION,
    "portfolio/people/relations.py _thought_of CouldHelp": RELATION,
    "portfolio/people/services.py likely_twins PersonEmail": (
        "portfolio/people/services.py",
        "mine.filter(Q(pk__in=same_address)",
    ),
    "portfolio/overview/selectors.py portfolio_of Support": (
        "portfolio/overview/coverage.py",
        "mentors.get(support.mentorship_id)",
    ),
    "portfolio/overview/selectors.py _ideas_for_open_needs CouldHelp": (
        "portfolio/overview/selectors.py",
        "ideas.setdefault(idea.need_id, [])",
    ),
    "outreach/candidate_reasons.py _rows Approach": BY_PERSON,
    "outreach/candidate_reasons.py _rows Introduction": BY_PERSON,
    "outreach/panels.py _being_approached Approach": RELATION,
    "meetings/development_log.py _supports Support": (
        "meetings/development_log.py",
        "support.mentorship.person_id == person_id",
    ),
}

ON_THE_WAY = "outreach/incoming/answers.py those_on_the_way Person"
# Another place asks for the same owner, and it is noticed if both are off.
AGAIN = {
    "portfolio/forms/people.py twins PersonEmail": "portfolio/forms/people.py twins Person #2",
    "portfolio/forms/people.py twins Person": "portfolio/forms/people.py twins Person #2",
    "portfolio/forms/people.py twins Person #2": "portfolio/forms/people.py twins Person",
    "portfolio/people/deletion.py delete_people Person": "portfolio/views/directory.py _chosen Person",
    "portfolio/people/tagging.py tag_people Person": "portfolio/views/directory.py _chosen Person",
    "portfolio/views/directory.py _chosen Person": "portfolio/people/tagging.py tag_people Person",
    "portfolio/views/briefs.py brief_need_let_go Brief": "portfolio/views/briefs.py brief_need_let_go row",
    "portfolio/views/briefs.py brief_need_let_go row": "portfolio/views/briefs.py brief_need_let_go Brief",
    "reminders/services.py _due Reminder": "outreach/follow_ups/services.py still_waiting FollowUp",
    "outreach/follow_ups/services.py still_waiting FollowUp": "reminders/services.py _due Reminder",
    "outreach/incoming/answers.py those_on_the_way Approach": ON_THE_WAY,
    "outreach/incoming/answers.py those_on_the_way Mentorship": ON_THE_WAY,
    "outreach/incoming/answers.py those_on_the_way Message": ON_THE_WAY,
    ON_THE_WAY: "outreach/incoming/answers.py those_on_the_way Approach",
}

# The sweep can't notice these, since they tell rows apart by when they came, or are passed only by the second of two
# requests at once; a test of their own does.
TESTED = {
    "mail/drops.py renew DropAddress #2": (
        "tests/mail/test_arrivals_at_once.py::test_two_wishes_for_an_address_at_once_make_one_of_its_own_user"
    ),
    "accounts/added_since.py _added_since SecurityEvent": (
        "tests/accounts/test_addresses.py::test_what_happens_in_another_account_does_not_count"
    ),
    "accounts/addresses.py may_remove AddressChange": (
        "tests/accounts/test_addresses.py::test_what_happens_in_another_account_does_not_count"
    ),
}
