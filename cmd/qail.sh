#!/bin/sh
# qail: moves what is in $MAILDIR to $MAIL, then reads mail with Mail.
@HOME@/bin/maildir2mbox && exec Mail "$@"
