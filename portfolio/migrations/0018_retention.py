import accounts.policies
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0017_more_row_security'),
    ]

    operations = [
        accounts.policies.RowSecurity(
            table='portfolio_undoable',
            access={'mentorfolio_worker': 'forget'},
        ),
    ]
