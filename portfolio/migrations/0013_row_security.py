import accounts.policies
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0012_one_way_to_keep_deleted_rows'),
    ]

    operations = [
        accounts.policies.RowSecurity(
            table='portfolio_person',
            access={'mentorfolio_worker': 'read'},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_personemail',
        ),
        accounts.policies.RowSecurity(
            table='portfolio_personlink',
        ),
        accounts.policies.RowSecurity(
            table='portfolio_tag',
        ),
        accounts.policies.RowSecurity(
            table='portfolio_persontag',
        ),
        accounts.policies.RowSecurity(
            table='portfolio_knows',
        ),
        accounts.policies.RowSecurity(
            table='portfolio_contact',
            access={'mentorfolio_worker': 'read'},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_brief',
        ),
        accounts.policies.RowSecurity(
            table='portfolio_need',
            access={'mentorfolio_worker': 'read'},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_briefneed',
        ),
        accounts.policies.RowSecurity(
            table='portfolio_couldhelp',
        ),
        accounts.policies.RowSecurity(
            table='portfolio_mentorship',
            access={'mentorfolio_worker': 'read'},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_mentorshipevent',
        ),
        accounts.policies.RowSecurity(
            table='portfolio_support',
        ),
        accounts.policies.RowSecurity(
            table='portfolio_formalterms',
            access={'mentorfolio_worker': 'read'},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_evaluationdate',
            access={'mentorfolio_worker': 'read'},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_placetolook',
            access={'mentorfolio_worker': 'read'},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_whatcameofit',
        ),
        accounts.policies.RowSecurity(
            table='portfolio_review',
        ),
        accounts.policies.RowSecurity(
            table='portfolio_reviewnote',
        ),
        accounts.policies.RowSecurity(
            table='portfolio_reflection',
        ),
        accounts.policies.RowSecurity(
            table='portfolio_reflectionrhythm',
            access={'mentorfolio_worker': 'read'},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_reflectionlink',
        ),
        accounts.policies.RowSecurity(
            table='portfolio_undoable',
        ),
        accounts.policies.RowSecurity(
            table='portfolio_walkstop',
        ),
    ]
