import accounts.policies
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0011_stored_files'),
    ]

    operations = [
        accounts.policies.RowSecurity(
            table='accounts_storedfile',
        ),
        accounts.policies.RowSecurity(
            table='accounts_storedpart',
        ),
    ]
