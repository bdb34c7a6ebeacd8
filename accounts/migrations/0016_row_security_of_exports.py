import accounts.policies
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0015_exports'),
    ]

    operations = [
        accounts.policies.RowSecurity(
            table='accounts_export',
            access={'mentorfolio_worker': 'write'},
        ),
        accounts.policies.RowSecurity(
            table='accounts_restore',
            access={'mentorfolio_worker': 'write'},
        ),
    ]
