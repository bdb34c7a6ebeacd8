import accounts.policies
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_sign_up_link'),
    ]

    operations = [
        accounts.policies.RowSecurity(
            table='accounts_addresschange',
            access={'mentorfolio_link': 'read'},
        ),
        accounts.policies.RowSecurity(
            table='accounts_securityevent',
            access={'mentorfolio_worker': 'write'},
        ),
    ]
