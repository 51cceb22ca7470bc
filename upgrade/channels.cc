#include "upgrade/channels.h"

#include <sys/stat.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/number.h"
#include "base/text.h"
#include "mail/message_id.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/held_directory.h"
#include "sys/stream.h"
#include "upgrade/disk.h"

namespace reqmail::upgrade {

namespace {

using sys::HeldDirectory;

constexpr std::string_view kChannelPrefix = "suppl";
constexpr std::string_view kMergedSuffix = ".merged";
constexpr char kEnd = '\0';
constexpr char kToDo = 'T';
constexpr char kDone = 'D';

bool is_mark(char byte) {
  return byte == kToDo || byte == kDone;
}

// Returns whether `list` ends with the records of `part`, without regard to which of them are
// done.
bool ends_with_records(std::string_view list, std::string_view part) {
  if (part.size() > list.size()) {
    return false;
  }
  const std::size_t offset = list.size() - part.size();
  if (offset > 0 && list[offset - 1] != kEnd) {
    return false;
  }
  for (std::size_t i = 0; i < part.size(); ++i) {
    const bool begins = i == 0 || part[i - 1] == kEnd;
    const char byte = list[offset + i];
    if (byte != part[i] && !(begins && is_mark(byte) && is_mark(part[i]))) {
      return false;
    }
  }
  return true;
}

Result<std::string> content_of(const HeldDirectory& folder, const std::string& name) {
  const auto file = folder.open_file(name);
  if (!file) {
    return file.error();
  }
  return sys::read_all(file->get(), survey::kLargestFile);
}

// One numbered directory of a channel, and that of remote with the same number.
struct Part {
  const HeldDirectory& from;
  const HeldDirectory& remote;
};

// Writes both lists to a new file and replaces remote's by it.
Result<void> merge(const Part& part, const std::string& name) {
  const auto more = content_of(part.from, name);
  const auto there = content_of(part.remote, name);
  if (!more || !there) {
    return more ? there.error() : more.error();
  }
  const auto status = part.remote.status(name);
  const auto other = part.from.status(name);
  if (!status || !*status || !other || !*other) {
    return temporary(base::concat({"queue/remote has lost message ", name}));
  }
  // A killed run has already replaced the file, but has not removed this one.
  if (ends_with_records(*there, *more)) {
    return {};
  }
  if (!there->empty() && there->back() != kEnd) {
    return temporary(base::concat(
        {"the list of remote recipients of message ", name, " ends within an address"}));
  }
  const std::string merged = base::concat({name, kMergedSuffix});
  if (auto gone = part.from.remove_file(merged); !gone) {
    return gone;
  }
  const auto file = part.from.create_file(merged, 0600);
  if (!file) {
    return file.error();
  }
  // The modification time of the file is the time of the next try.
  const struct ::timespec time = (*status)->st_mtim.tv_sec < (*other)->st_mtim.tv_sec
                                     ? (*status)->st_mtim
                                     : (*other)->st_mtim;
  const struct ::timespec times[2] = {time, time};
  if (auto written = sys::write_all(file->get(), base::concat({*there, *more})); !written) {
    return written;
  }
  if (auto set = set_access(file->get(), access_of(**status)); !set) {
    return set;
  }
  if (::futimens(file->get(), times) != 0) {
    return sys::system_failure("unable to set the time of a list of recipients");
  }
  if (auto synced = sys::sync(file->get()); !synced) {
    return synced;
  }
  if (auto done = part.from.rename(merged, part.remote, name); !done) {
    return done;
  }
  return part.remote.sync();
}

// What is done with one file of a channel.
enum class Fate { none, rubbish, moved };

class Channels {
 public:
  explicit Channels(HeldDirectory queue) : queue_(std::move(queue)) {}

  // Called for the numbered directories of all additional channels, with the files in them that
  // belong to messages.
  using Visit = std::function<Result<void>(const HeldDirectory& from, const std::string& number,
                                           const std::vector<std::string>& names)>;

  Result<void> each(const Visit& visit) {
    const auto names = queue_.names();
    if (!names) {
      return names.error();
    }
    for (const std::string& name : *names) {
      if (name.rfind(kChannelPrefix, 0) != 0) {
        continue;
      }
      auto channel = queue_.enter(name);
      if (!channel) {
        continue;
      }
      if (auto done = each_of(*channel, visit); !done) {
        return done;
      }
    }
    return {};
  }

  [[nodiscard]] Fate fate_of(const std::string& number, const std::string& name) const {
    if (has("todo", name) || has(base::concat({"todo/", number}), name)) {
      return Fate::rubbish;
    }
    return has(base::concat({"info/", number}), name) ? Fate::moved : Fate::none;
  }

  [[nodiscard]] Result<HeldDirectory> remote(const std::string& number) const {
    auto remote = queue_.enter("remote");
    return remote ? remote->enter(number) : std::move(remote);
  }

 private:
  static Result<void> each_of(const HeldDirectory& channel, const Visit& visit) {
    const auto numbers = channel.names();
    if (!numbers) {
      return numbers.error();
    }
    for (const std::string& number : *numbers) {
      if (!base::parse_u64(number)) {
        continue;
      }
      auto from = channel.enter(number);
      if (!from) {
        continue;
      }
      auto names = from->names();
      if (!names) {
        return names.error();
      }
      std::erase_if(*names, [](const std::string& name) {
        return !mail::MessageId::parse(name).has_value();
      });
      if (auto done = visit(*from, number, *names); !done) {
        return done;
      }
    }
    return {};
  }

  // Returns whether a directory of the queue has a regular file of that name.
  [[nodiscard]] bool has(std::string_view folder, const std::string& name) const {
    auto place = queue_.enter(std::string(folder.substr(0, folder.find('/'))));
    if (place && folder.find('/') != std::string_view::npos) {
      place = place->enter(std::string(folder.substr(folder.find('/') + 1)));
    }
    if (!place) {
      return false;
    }
    const auto status = place->status(name);
    return status && *status && S_ISREG((*status)->st_mode);
  }

  HeldDirectory queue_;
};

Result<Channels> open_channels(const std::string& home) {
  auto queue = HeldDirectory::open(home + "/queue");
  if (!queue) {
    return queue.error();
  }
  return Channels(std::move(*queue));
}

Result<void> move(const Part& part, const std::string& name) {
  const auto there = part.remote.status(name);
  if (!there) {
    return there.error();
  }
  if (!*there) {
    return part.from.rename(name, part.remote, name);
  }
  if (auto merged = merge(part, name); !merged) {
    return merged;
  }
  return part.from.remove_file(name);
}

// Returns how many files were moved; the directories have been synced.
Result<std::uint64_t> empty_part(const Channels& channels, const HeldDirectory& from,
                                 const std::string& number,
                                 const std::vector<std::string>& names) {
  const auto remote = channels.remote(number);
  if (!remote) {
    return remote.error();
  }
  std::uint64_t count = 0;
  for (const std::string& name : names) {
    Result<void> done;
    switch (channels.fate_of(number, name)) {
    case Fate::moved:
      done = move({from, *remote}, name);
      ++count;
      break;
    case Fate::rubbish:
      done = from.remove_file(name);
      break;
    case Fate::none:
      break;
    }
    if (!done) {
      return done.error();
    }
  }
  if (auto synced = remote->sync(); !synced) {
    return synced.error();
  }
  if (auto synced = from.sync(); !synced) {
    return synced.error();
  }
  return count;
}

}  // namespace

bool has_channels(const std::string& home) {
  const auto queue = HeldDirectory::open(home + "/queue");
  const auto names = queue ? queue->names() : queue.error();
  return names && std::any_of(names->begin(), names->end(), [&](const std::string& name) {
           return name.rfind(kChannelPrefix, 0) == 0 && queue->enter(name);
         });
}

Result<std::uint64_t> waiting_in_channels(const std::string& home) {
  auto channels = open_channels(home);
  if (!channels) {
    return channels.error();
  }
  std::uint64_t count = 0;
  auto done = channels->each([&](const HeldDirectory&, const std::string& number,
                                 const std::vector<std::string>& names) -> Result<void> {
    for (const std::string& name : names) {
      count += channels->fate_of(number, name) == Fate::none ? 0U : 1U;
    }
    return {};
  });
  if (!done) {
    return done.error();
  }
  return count;
}

Result<std::uint64_t> empty_channels(const std::string& home) {
  auto channels = open_channels(home);
  if (!channels) {
    return channels.error();
  }
  std::uint64_t count = 0;
  auto done = channels->each([&](const HeldDirectory& from, const std::string& number,
                                 const std::vector<std::string>& names) -> Result<void> {
    const auto moved = names.empty() ? Result<std::uint64_t>(std::uint64_t{0})
                                     : empty_part(*channels, from, number, names);
    count += moved ? *moved : 0;
    return moved ? Result<void>() : moved.error();
  });
  if (!done) {
    return done.error();
  }
  return count;
}

}  // namespace reqmail::upgrade
