#include "send/files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "send/record_reader.h"

namespace reqmail::send {

namespace {

using mail::QueueKind;
using scheduler::Channel;
using scheduler::kind_of;

// Only qmail-send and root may read who gets which message.
constexpr mode_t kMode = 0600;

// The directories of our queue. Others, such as those for the channels of a patched qmail, are
// foreign.
constexpr std::array<std::string_view, 9> kOwnDirectories = {
    "bounce", "info", "intd", "local", "lock", "mess", "pid", "remote", "todo"};

// Returns the path of a foreign file whose name is the number of the message, if there is one.
std::optional<std::string> foreign_file(queue::Files& files, mail::QueueLayout layout,
                                        mail::MessageId id,
                                        const std::vector<std::string>& directories) {
  for (const std::string& name : directories) {
    for (const std::string& number : {layout.message_name(id), id.text()}) {
      std::string path = base::concat({name, "/", number});
      if (files.status(path)) {
        return path;
      }
    }
  }
  return std::nullopt;
}

// Copies the contents and the time of a file.
bool copy(queue::Files& files, const std::string& from, const std::string& to) {
  const auto source = files.open_read(from);
  const auto target = files.create(to, kMode);
  const auto status = files.status(from);
  if (!source || !target || !status) {
    return false;
  }
  std::string buffer(kRecordChunk, '\0');
  for (;;) {
    const auto count = (*source)->read(buffer.data(), buffer.size());
    if (!count) {
      return false;
    }
    if (*count == 0) {
      return files.set_times(to, status->modified).has_value();
    }
    if (!(*target)->write(std::string_view(buffer).substr(0, *count))) {
      return false;
    }
  }
}

// Replaces a file by a copy, which is complete before the file is removed.
bool replace_by_copy(queue::Files& files, const std::string& path) {
  const std::string fresh = base::concat({path, ".new"});
  const auto there = files.status(path);
  if (!there && there.error().error != ENOENT) {
    return false;
  }
  if (there) {
    if (!queue::remove_if_there(files, fresh) || !copy(files, path, fresh)) {
      (void)queue::remove_if_there(files, fresh);
      return false;
    }
    if (!files.unlink(path)) {
      return false;
    }
  }
  // The copy is the only one now, either since the removal above or since an earlier try.
  return files.link(fresh, path).has_value() && files.unlink(fresh).has_value();
}

}  // namespace

Result<queue::InfoFile> read_sender(queue::Files& files, mail::QueueLayout layout,
                                    mail::MessageId id) {
  auto info = queue::read_info(files, layout, id);
  if (info && info->letter != 'F') {
    return temporary(base::concat({layout.path(QueueKind::info, id), " is damaged"}));
  }
  return info;
}

std::optional<mail::DsnRequest> read_wishes(queue::Files& files, mail::QueueLayout layout,
                                            mail::MessageId id) {
  const auto file = files.open_read(layout.dsn_path(id));
  const auto message = files.status(layout.path(QueueKind::mess, id));
  if (!file || !message) {
    return std::nullopt;
  }
  const auto status = (*file)->status();
  if (!status || status->size > mail::kDsnTextMax || status->modified < message->modified) {
    return std::nullopt;
  }
  const auto text = queue::read_all(**file);
  return text ? mail::parse_dsn_text(*text) : std::nullopt;
}

scheduler::Leftovers read_leftovers(queue::Files& files, mail::QueueLayout layout,
                                    mail::MessageId id) {
  scheduler::Leftovers leftovers;
  const auto todo = files.status(layout.path(QueueKind::todo, id));
  const auto examine = [&](QueueKind kind, base::Time& time) {
    const auto status = files.status(layout.path(kind, id));
    if (status) {
      time = status->modified;
      leftovers.younger_than_todo =
          leftovers.younger_than_todo && todo && status->modified >= todo->modified;
    }
    return status.has_value();
  };
  if (examine(QueueKind::info, leftovers.birth)) {
    auto info = queue::read_all(files, layout.path(QueueKind::info, id));
    leftovers.younger_than_todo = leftovers.younger_than_todo && info;
    leftovers.info = std::move(info).value_or("");
  }
  for (const Channel channel : scheduler::kChannels) {
    (void)examine(kind_of(channel), leftovers.next_try[channel]);
  }
  return leftovers;
}

std::vector<std::string> foreign_directories(queue::Files& files) {
  auto names = files.list(".");
  if (!names) {
    return {};
  }
  std::erase_if(*names, [](const std::string& name) {
    return std::find(kOwnDirectories.begin(), kOwnDirectories.end(), name) !=
           kOwnDirectories.end();
  });
  return std::move(*names);
}

std::optional<scheduler::Event> examine_message(queue::Files& files, mail::QueueLayout layout,
                                                mail::MessageId id, base::Time now,
                                                const std::vector<std::string>& foreign,
                                                const RecipientLists* lists) {
  if (lists != nullptr && !lists->contains(Channel::local, id) &&
      !lists->contains(Channel::remote, id)) {
    // Before a message without recipients counts as finished, the recipient files must be
    // examined again.
    lists = nullptr;
  }
  scheduler::MessageFound found{id, {}};
  // info/N must be examined also if neither local/N nor remote/N exists: the message may be
  // gone.
  bool look_at_info = true;
  bool far_ahead = false;
  for (const Channel channel : scheduler::kChannels) {
    const auto status = lists != nullptr ? lists->status(channel, id)
                                         : files.status(layout.path(kind_of(channel), id));
    if (status) {
      found.next_try[channel] = status->modified;
      look_at_info = far_ahead || status->modified > now + scheduler::kFarAhead;
      far_ahead = look_at_info;
    } else if (status.error().error != ENOENT) {
      return scheduler::MessageUnknown{id, channel};
    }
  }
  if (look_at_info) {
    const auto info = files.status(layout.path(QueueKind::info, id));
    if (!info) {
      return std::nullopt;
    }
    found.birth = info->modified;
  }
  found.foreign = foreign_file(files, layout, id, foreign).value_or("");
  if (!found.foreign.empty() && !found.next_try[Channel::local] &&
      !found.next_try[Channel::remote]) {
    return scheduler::MessageStranded{id, std::move(found.foreign)};
  }
  return found;
}

bool rewrite_todo_result(queue::Files& files, mail::QueueLayout layout, mail::MessageId id,
                         const scheduler::PerChannel<bool>& recipients) {
  for (const Channel channel : scheduler::kChannels) {
    if (recipients[channel] && !replace_by_copy(files, layout.path(kind_of(channel), id))) {
      return false;
    }
  }
  return replace_by_copy(files, layout.path(QueueKind::info, id));
}

}  // namespace reqmail::send
