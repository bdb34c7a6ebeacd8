from django.urls import path

from mail import webhook_views

urlpatterns = [
    # Mailgun sends a mail as it came only to an address that ends so.
    path("incoming-mail/mime", webhook_views.incoming_mail_webhook, name="incoming_mail_webhook"),
]
