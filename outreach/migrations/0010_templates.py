from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outreach", "0006_plan_and_research"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="beside",
            field=models.JSONField(blank=True, default=list, help_text="what other tabs saved, see outreach.drafts.conflicts"),
        ),
    ]
