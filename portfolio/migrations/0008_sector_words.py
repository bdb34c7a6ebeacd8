from django.db import migrations, models

from portfolio.text.normalise import apart


def fold_sectors(apps, schema_editor):
    Person = apps.get_model("portfolio", "Person")
    sectors = Person.objects.exclude(sector="").order_by().values_list("sector", flat=True).distinct()
    for sector in list(sectors):
        Person.objects.filter(sector=sector).update(sector_words=apart(sector))


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0007_walk_stop")]

    operations = [
        migrations.AddField(
            model_name="person",
            name="sector_words",
            field=models.TextField(default="", editable=False, help_text="its words, folded, a blank around each"),
        ),
        migrations.RunPython(fold_sectors, migrations.RunPython.noop),
    ]
