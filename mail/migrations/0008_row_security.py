import accounts.policies
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('mail', '0007_mail_to_others'),
    ]

    operations = [
        accounts.policies.RowSecurity(
            table='mail_outgoingmail',
            access={'mentorfolio_operator': 'write', 'mentorfolio_worker': 'write'},
            ownerless=True,
        ),
    ]
