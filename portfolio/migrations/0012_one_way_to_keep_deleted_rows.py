import json

from django.core.exceptions import FieldDoesNotExist
from django.db import migrations, models


def one_format(apps, schema_editor):
    """Single rows were kept as Django's serializers write them; now all are kept as ``portfolio.people.undo`` does."""
    Undoable = apps.get_model("portfolio", "Undoable")
    for kept in Undoable.objects.filter(kind="deleted", rows__startswith="[").iterator():
        kept.kind = "row"
        kept.rows = _as_table(apps, kept.rows)
        kept.save(update_fields=["kind", "rows"])


def _as_table(apps, text):
    """The same row in the new form; empty, like what was taken back already, if nothing can be made of it."""
    try:
        (row,) = json.loads(text)
        kind = apps.get_model(row["model"])
        values = {kind._meta.pk.attname: row["pk"]}
        for name, value in row["fields"].items():
            field = kind._meta.get_field(name)
            if field.concrete and not field.many_to_many:
                values[field.attname] = value
    except (ValueError, LookupError, FieldDoesNotExist):
        return ""
    table = {"fields": list(values), "rows": [list(values.values())]}
    return json.dumps({"tables": {kind._meta.label: table}})


def forget_single_rows(apps, schema_editor):
    """What came before can't read them."""
    apps.get_model("portfolio", "Undoable").objects.filter(kind="row").delete()


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0011_one_apostrophe")]

    operations = [
        migrations.AlterField(
            model_name="undoable",
            name="kind",
            field=models.CharField(
                choices=[
                    ("deleted", "Deleted"),
                    ("row", "Deleted row"),
                    ("tagged", "Tagged"),
                    ("untagged", "Tag removed"),
                ],
                max_length=10,
            ),
        ),
        migrations.RunPython(one_format, forget_single_rows),
    ]
