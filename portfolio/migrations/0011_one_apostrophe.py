from django.db import migrations
from django.db.models import F, Value
from django.db.models.functions import Replace


def fold_apostrophes(apps, schema_editor):
    """As ``normalise.fold`` does from here on, for those already there."""
    words = F("search_text")
    for sign in "’‘ʼ":
        words = Replace(words, Value(sign), Value("'"))
    apps.get_model("portfolio", "Person").objects.update(search_text=words)


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0010_reflection_words")]

    operations = [migrations.RunPython(fold_apostrophes, migrations.RunPython.noop)]
