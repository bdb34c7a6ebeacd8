"""Django's ``ModelForm``, written with its model: ``ModelForm[Person]``.

django-stubs makes ``ModelForm`` and ``ModelMultipleChoiceField`` generic, so that ``form.instance`` and ``form.save()``
have the type of the model. Django's own classes can't be subscripted at run time; these can, and ignore the subscript.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.forms import ModelForm, ModelMultipleChoiceField
else:
    from django import forms

    class ModelForm(forms.ModelForm):
        def __class_getitem__(cls, _model):
            return cls

    class ModelMultipleChoiceField(forms.ModelMultipleChoiceField):
        def __class_getitem__(cls, _model):
            return cls


__all__ = ["ModelForm", "ModelMultipleChoiceField"]
