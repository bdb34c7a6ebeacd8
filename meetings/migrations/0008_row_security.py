import accounts.policies
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('meetings', '0007_reminders_of_meetings_planned_before'),
    ]

    operations = [
        accounts.policies.RowSecurity(
            table='meetings_series',
        ),
        accounts.policies.RowSecurity(
            table='meetings_meeting',
            access={'mentorfolio_worker': 'lock'},
        ),
        accounts.policies.RowSecurity(
            table='meetings_impression',
            access={'mentorfolio_worker': 'read'},
        ),
        accounts.policies.RowSecurity(
            table='meetings_agendaitem',
            access={'mentorfolio_worker': 'read'},
        ),
        accounts.policies.RowSecurity(
            table='meetings_action',
            access={'mentorfolio_worker': 'read'},
        ),
        accounts.policies.RowSecurity(
            table='meetings_savedagenda',
        ),
        accounts.policies.RowSecurity(
            table='meetings_invitation',
            access={'mentorfolio_worker': 'read'},
        ),
        accounts.policies.RowSecurity(
            table='meetings_calendarfeed',
            access={'mentorfolio_link': 'read'},
        ),
        accounts.policies.RowSecurity(
            table='meetings_sharelink',
            access={'mentorfolio_link': 'read', 'mentorfolio_worker': 'read'},
        ),
        accounts.policies.RowSecurity(
            table='meetings_mentorword',
            access={'mentorfolio_worker': 'read'},
        ),
        accounts.policies.RowSecurity(
            table='meetings_offeredtime',
        ),
    ]
