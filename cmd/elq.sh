#!/bin/sh
# elq: moves what is in $MAILDIR to $MAIL, then reads mail with elm.
@HOME@/bin/maildir2mbox && exec elm "$@"
