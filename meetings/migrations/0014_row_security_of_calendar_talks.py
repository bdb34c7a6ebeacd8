import accounts.policies
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('meetings', '0013_calendar_talks'),
    ]

    operations = [
        accounts.policies.RowSecurity(
            table='meetings_calendartalk',
            access={'mentorfolio_worker': 'read'},
        ),
    ]
