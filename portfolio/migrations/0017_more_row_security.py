import accounts.policies
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0016_profiles'),
    ]

    operations = [
        accounts.policies.RowSecurity(
            table='portfolio_personphone',
        ),
        accounts.policies.RowSecurity(
            table='portfolio_contactimport',
            access={'mentorfolio_worker': 'write'},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_importrow',
        ),
        accounts.policies.RowSecurity(
            table='portfolio_importkey',
        ),
        accounts.policies.RowSecurity(
            table='portfolio_importedcontact',
        ),
        accounts.policies.RowSecurity(
            table='portfolio_newpost',
            access={'mentorfolio_worker': 'read'},
        ),
    ]
