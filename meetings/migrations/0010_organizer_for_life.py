"""Invitations keep the organizer they had first, since calendars take a change from no other.

Those that were sent before get the main address that their user had then, as far as changes of addresses are kept.
"""

from django.db import migrations, models


def remember_the_first(apps, schema_editor):
    Invitation = apps.get_model('meetings', 'Invitation')
    Meeting = apps.get_model('meetings', 'Meeting')
    AddressChange = apps.get_model('accounts', 'AddressChange')
    first = {}
    for one in Invitation.objects.filter(whom='mentor').order_by('-pk').select_related('owner').iterator():
        first[one.meeting_id] = one
    for meeting, one in first.items():
        since = AddressChange.objects.filter(owner=one.owner_id, at__gt=one.created_at).order_by('at', 'pk').first()
        mains = [email for email, _, main in since.before if main] if since else []
        Meeting.objects.filter(pk=meeting).update(organizer=(mains or [one.owner.email])[0])


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0017_security_event_kinds'),
        ('meetings', '0009_private_notes'),
    ]

    operations = [
        migrations.AddField(
            model_name='meeting',
            name='organizer',
            field=models.EmailField(blank=True, help_text='the user’s address when they were first invited; calendars take changes from no other', max_length=254, verbose_name='whose invitations these are'),
        ),
        migrations.RunPython(remember_the_first, migrations.RunPython.noop),
    ]
