import accounts.policies
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('mail', '0011_incoming_mail'),
    ]

    operations = [
        accounts.policies.RowSecurity(
            table='mail_dropaddress',
            access={'mentorfolio_worker': 'read'},
        ),
        accounts.policies.RowSecurity(
            table='mail_incomingmail',
            access={'mentorfolio_worker': 'write'},
        ),
    ]
