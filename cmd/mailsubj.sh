#!/bin/sh
# mailsubj: sends its input as a message with a subject (mailsubj(1)).
if [ $# -lt 1 ]; then
  echo 'mailsubj: usage: mailsubj subject recipient ...' >&2
  exit 100
fi
subject=$1
shift
{
  printf 'Subject: %s\nTo: %s\n\n' "$subject" "$*"
  cat
} | @HOME@/bin/qmail-inject
