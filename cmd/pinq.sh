#!/bin/sh
# pinq: moves what is in $MAILDIR to $MAIL, then reads mail with pine.
@HOME@/bin/maildir2mbox && exec pine "$@"
