// qmail-qread: lists the preprocessed messages and their recipients.
//
// Runs as: root, or whoever may read the queue
// Reads: queue/mess, queue/info, queue/local, queue/remote, queue/bounce
// Writes: descriptor 1
// Executes: nothing
// Trusts: the queue's files for their form only; all bytes shown are made printable
// Exits: 0 111

#include <unistd.h>

#include <string>
#include <string_view>

#include "base/number.h"
#include "base/terminal_text.h"
#include "base/text.h"
#include "config.h"
#include "mail/date822.h"
#include "mail/queue_names.h"
#include "queue/channel_file.h"
#include "queue/listing.h"
#include "queue/posix_files.h"
#include "queue/split.h"
#include "sys/error.h"
#include "sys/exits.h"
#include "sys/file.h"
#include "sys/program.h"
#include "sys/stream.h"

namespace {

using namespace reqmail;  // NOLINT(google-build-using-namespace)

[[noreturn]] void fail(sys::Writer& out, std::string_view what, const Failure& failure) {
  (void)out.put(base::concat({"fatal: ", what, ": ", sys::error_text(failure.error), "\n"}));
  (void)out.flush();
  sys::finish(sys::kExitTemporary);
}

void warn(sys::Writer& out, mail::MessageId id, const Failure& failure) {
  (void)out.put(base::concat(
      {"warning: trouble with #", id.text(), ": ",
       failure.error != 0 ? sys::error_text(failure.error) : std::string_view(failure.text),
       "\n"}));
}

// Replaces bytes that a terminal must not get.
constexpr char kMask = '_';

std::string shown(std::string_view bytes) {
  return base::terminal_safe(bytes, kMask);
}

void show_channel(sys::Writer& out, queue::Files& files, mail::QueueLayout layout,
                  mail::QueueKind channel, mail::MessageId id) {
  auto file = queue::ChannelFile::open(files, layout.path(channel, id));
  if (!file) {
    if (file.error().error != ENOENT) {
      warn(out, id, file.error());
    }
    return;
  }
  for (;;) {
    auto record = file->next();
    if (!record) {
      warn(out, id, record.error());
      return;
    }
    if (!*record) {
      return;
    }
    (void)out.put(base::concat({(*record)->done ? "  done" : "", "\t", mail::kind_name(channel),
                                "\t", shown((*record)->recipient), "\n"}));
  }
}

void show_message(sys::Writer& out, queue::Files& files, mail::QueueLayout layout,
                  mail::MessageId id) {
  const auto message = queue::list_message(files, layout, id);
  if (!message) {
    warn(out, id, message.error());
    return;
  }
  (void)out.put(base::concat({mail::date_and_time(message->birth), " GMT  #", id.text(), "  ",
                              base::decimal(message->size), "  <", shown(message->sender), "> ",
                              message->bouncing ? " bouncing" : "", "\n"}));
  show_channel(out, files, layout, mail::QueueKind::local, id);
  show_channel(out, files, layout, mail::QueueKind::remote, id);
}

}  // namespace

int main() {
  const sys::Program program({
      .out_of_memory_fd = STDOUT_FILENO,
      .out_of_memory_text = "fatal: out of memory\n",
  });
  sys::Writer out(STDOUT_FILENO);
  for (const std::string& directory : {std::string(config::kHome), std::string("queue")}) {
    if (auto changed = sys::change_directory(directory); !changed) {
      fail(out, "unable to chdir", changed.error());
    }
  }
  queue::PosixFiles files;
  const auto split = queue::count_split(files);
  if (!split) {
    fail(out, "unable to chdir", split.error());
  }
  if (*split == 0) {
    fail(out, "unable to opendir mess/0", temporary("", ENOENT));
  }
  const mail::QueueLayout layout(*split);
  for (std::uint64_t index = 0; index < layout.split(); ++index) {
    const auto ids = queue::list_numbers(files, mail::QueueKind::info, index);
    if (!ids) {
      fail(out,
           base::concat({"unable to opendir ",
                         mail::QueueLayout::subdirectory(mail::QueueKind::info, index)}),
           ids.error());
    }
    for (const mail::MessageId id : *ids) {
      show_message(out, files, layout, id);
    }
  }
  if (!out.flush()) {
    sys::finish(sys::kExitTemporary);
  }
  sys::finish(sys::kExitSuccess);
}
