import accounts.policies
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('reminders', '0005_put_off_and_let_go'),
    ]

    operations = [
        accounts.policies.RowSecurity(
            table='reminders_digest',
            access={'mentorfolio_worker': 'write'},
        ),
        accounts.policies.RowSecurity(
            table='reminders_reminder',
            access={'mentorfolio_link': 'read', 'mentorfolio_worker': 'write'},
        ),
        accounts.policies.RowSecurity(
            table='reminders_telling',
            access={'mentorfolio_worker': 'write'},
        ),
    ]
