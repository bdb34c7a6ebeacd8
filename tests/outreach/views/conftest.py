from tests.web_mailboxes import fake, google, microsoft

__all__ = ["fake", "google", "microsoft"]
