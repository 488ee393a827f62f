"""The one linear history of the database's shape; it never imports the domain, which moves on while history stays."""
