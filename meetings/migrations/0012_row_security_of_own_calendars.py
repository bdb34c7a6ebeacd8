import accounts.policies
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('meetings', '0011_own_calendar'),
    ]

    operations = [
        accounts.policies.RowSecurity(
            table='meetings_owncalendar',
            access={'mentorfolio_worker': 'write'},
        ),
        accounts.policies.RowSecurity(
            table='meetings_busytime',
            access={'mentorfolio_worker': 'write'},
        ),
    ]
