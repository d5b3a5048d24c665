"""`report`: all that is known of a package on one page, which needs no network."""
