#!/bin/sh
# qmail-qstat: how many messages are in the queue, and how many of them qmail-send has yet to preprocess.
# Who may not read the queue gets -1 for both, find's complaints on standard error, and exit code 0.
cd @HOME@ || exit 111

# count DIRECTORY...: the entries below the directories; -1 each where they cannot be seen
count() {
  entries=$(find "$@" -print | wc -l)
  echo $((entries - $#))
}

echo "messages in queue: $(count queue/mess/*)" || exit 111
echo "messages in queue but not yet preprocessed: $(count queue/todo)" || exit 111
