"""Meetings that were planned before there were reminders of an empty agenda, and of what came of it, get theirs.

Only for what is still ahead. What is planned already stays as it is.
"""

import datetime as dt
from zoneinfo import ZoneInfo, available_timezones

from django.db import migrations
from django.utils import timezone

from reminders.localtime import DAY, bank_holidays, instant, last_working_day, next_working_day


def plan_what_is_ahead(apps, schema_editor):
    Meeting = apps.get_model('meetings', 'Meeting')
    Reminder = apps.get_model('reminders', 'Reminder')
    now, rows = timezone.now(), []
    ahead = Meeting.objects.filter(state='planned', starts_at__gt=now).select_related('owner')
    for meeting in ahead.iterator(chunk_size=500):
        rows += [
            Reminder(
                owner=meeting.owner,
                kind=kind,
                subject_id=meeting.pk,
                wished_on=wished_on,
                wall_date=day,
                wall_time=meeting.owner.reminder_time,
                zone=meeting.owner.time_zone,
                due_at=due_at,
            )
            for kind, wished_on, day, due_at in _mornings(meeting)
            if due_at > now
        ]
    Reminder.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)


def _mornings(meeting):
    user = meeting.owner
    zone = ZoneInfo(user.time_zone if user.time_zone in available_timezones() else 'Europe/London')
    is_holiday = bank_holidays(user.country)
    before = last_working_day(meeting.starts_at.astimezone(zone).date() - DAY, user.working_days, is_holiday)
    over = meeting.starts_at + dt.timedelta(minutes=meeting.minutes)
    after = over.astimezone(zone).date() + DAY
    morning = next_working_day(after, user.working_days, is_holiday)
    yield 'empty_agenda', before, before, instant(before, user.reminder_time, zone)
    yield 'after_meeting', after, morning, instant(morning, user.reminder_time, zone)


class Migration(migrations.Migration):

    dependencies = [
        ('meetings', '0006_series'),
        ('reminders', '0005_put_off_and_let_go'),
    ]

    operations = [
        migrations.RunPython(plan_what_is_ahead, migrations.RunPython.noop),
    ]
