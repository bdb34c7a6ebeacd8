"""What only a development machine runs: mail server, broker, supervisor, pages of pieces and mails."""
