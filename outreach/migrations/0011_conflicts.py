from django.db import migrations, models


class Migration(migrations.Migration):
    """The field is called what it holds; its column keeps its name, so no row is touched."""

    dependencies = [("outreach", "0010_templates")]

    operations = [
        migrations.AlterField(
            "message",
            "beside",
            models.JSONField(
                blank=True,
                db_column="beside",
                default=list,
                help_text="what other tabs saved, see outreach.drafts.conflicts",
            ),
        ),
        migrations.RenameField("message", "beside", "conflicts"),
    ]
