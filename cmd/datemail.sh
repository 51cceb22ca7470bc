#!/bin/sh
# datemail: sendmail with a Date field of the local time in front of the message.
exec @HOME@/bin/predate @HOME@/bin/sendmail "$@"
