import accounts.policies
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0013_leaving'),
    ]

    operations = [
        accounts.policies.RowSecurity(
            table='accounts_addresschange',
            access={'mentorfolio_link': 'read', 'mentorfolio_worker': 'forget'},
        ),
    ]
