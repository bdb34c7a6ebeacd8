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
            access={},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_personlink',
            access={},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_tag',
            access={},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_persontag',
            access={},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_knows',
            access={},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_contact',
            access={'mentorfolio_worker': 'read'},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_brief',
            access={},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_need',
            access={},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_briefneed',
            access={},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_couldhelp',
            access={},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_mentorship',
            access={'mentorfolio_worker': 'read'},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_mentorshipevent',
            access={},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_support',
            access={},
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
            access={},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_review',
            access={},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_reviewnote',
            access={},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_reflection',
            access={},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_reflectionrhythm',
            access={'mentorfolio_worker': 'read'},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_reflectionlink',
            access={},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_undoable',
            access={},
        ),
        accounts.policies.RowSecurity(
            table='portfolio_walkstop',
            access={},
        ),
    ]
