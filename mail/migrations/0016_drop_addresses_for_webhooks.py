import accounts.policies
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('mail', '0015_checks_of_incoming_mail'),
    ]

    operations = [
        accounts.policies.RowSecurity(
            table='mail_dropaddress',
            access={'mentorfolio_link': 'read', 'mentorfolio_worker': 'read'},
        ),
    ]
