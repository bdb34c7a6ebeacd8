import accounts.policies
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('mail', '0009_counts_by_month'),
    ]

    operations = [
        accounts.policies.RowSecurity(
            table='mail_mailmonth',
            access={'mentorfolio_worker': 'write'},
        ),
    ]
