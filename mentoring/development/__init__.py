"""Code for development machines only: mail server, broker, supervisor, pages with UI components and mails."""
