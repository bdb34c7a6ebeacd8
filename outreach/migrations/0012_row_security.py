import accounts.policies
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('outreach', '0011_conflicts'),
    ]

    operations = [
        accounts.policies.RowSecurity(
            table='outreach_approach',
            access={'mentorfolio_worker': 'read'},
        ),
        accounts.policies.RowSecurity(
            table='outreach_approachneed',
        ),
        accounts.policies.RowSecurity(
            table='outreach_approachevent',
            access={'mentorfolio_worker': 'read'},
        ),
        accounts.policies.RowSecurity(
            table='outreach_followup',
            access={'mentorfolio_worker': 'read'},
        ),
        accounts.policies.RowSecurity(
            table='outreach_introduction',
            access={'mentorfolio_worker': 'read'},
        ),
        accounts.policies.RowSecurity(
            table='outreach_messagetemplate',
        ),
        accounts.policies.RowSecurity(
            table='outreach_message',
            access={'mentorfolio_worker': 'read'},
        ),
    ]
