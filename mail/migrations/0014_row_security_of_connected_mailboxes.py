import accounts.policies
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('mail', '0013_connected_mailbox'),
    ]

    operations = [
        accounts.policies.RowSecurity(
            table='mail_connectedmailbox',
            access={'mentorfolio_worker': 'write'},
        ),
    ]
