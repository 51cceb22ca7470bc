#include "sys/replaced_entry.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "base/text.h"
#include "sys/descriptor_io.h"
#include "sys/error.h"
#include "sys/file.h"

namespace reqmail::sys {

namespace {

constexpr std::size_t kCopyBuffer = std::size_t{64} << 10;

std::string temporary_name(const std::string& name) {
  return base::concat({".", name, ".new"});
}

Result<void> copy_contents(int from, int to) {
  std::string buffer(kCopyBuffer, '\0');
  for (;;) {
    const auto count = read_some(from, buffer.data(), buffer.size());
    if (!count) {
      return count.error();
    }
    if (*count == 0) {
      return {};
    }
    if (auto written = write_all(to, std::string_view(buffer).substr(0, *count)); !written) {
      return written;
    }
  }
}

// The owner and mode are set by the descriptor: whoever may write the directory could have
// replaced the name.
Result<void> write_copy(const HeldDirectory& directory, const std::string& name, int source,
                        const Ownership& ownership) {
  const auto copy = directory.create_file(name, S_IRUSR | S_IWUSR);
  if (!copy) {
    return copy.error();
  }
  if (auto copied = copy_contents(source, copy->get()); !copied) {
    return copied;
  }
  const auto found = status(copy->get());
  if (!found) {
    return found.error();
  }
  if (auto set = set_ownership(copy->get(), name, *found, ownership); !set) {
    return set.error();
  }
  return {};
}

// Gives the finished entry its name; `made` says whether it is finished.
Result<void> put_in_place(const HeldDirectory& directory, const std::string& name,
                          Result<void> made) {
  const std::string temporary = temporary_name(name);
  if (made) {
    made = directory.rename(temporary, directory, name);
  }
  if (!made) {
    (void)directory.remove_file(temporary);
  }
  return made;
}

bool leads_to(const HeldDirectory& directory, const std::string& name,
              const std::string& target) {
  std::string found(PATH_MAX, '\0');
  const ssize_t length = ::readlinkat(directory.fd(), name.c_str(), found.data(), found.size());
  return length >= 0 &&
         std::string_view(found).substr(0, static_cast<std::size_t>(length)) == target;
}

}  // namespace

Result<void> replace_by_copy(const HeldDirectory& directory, const std::string& name,
                             const std::string& source, const Ownership& ownership) {
  const auto original = open_read(source);
  if (!original) {
    return original.error();
  }
  const std::string temporary = temporary_name(name);
  if (auto removed = directory.remove_file(temporary); !removed) {
    return removed;
  }
  return put_in_place(directory, name,
                      write_copy(directory, temporary, original->get(), ownership));
}

Result<bool> replace_by_link(const HeldDirectory& directory, const std::string& name,
                             const std::string& target) {
  if (leads_to(directory, name, target)) {
    return false;
  }
  const std::string temporary = temporary_name(name);
  if (auto removed = directory.remove_file(temporary); !removed) {
    return removed.error();
  }
  if (::symlinkat(target.c_str(), directory.fd(), temporary.c_str()) != 0) {
    return system_failure(base::concat({"unable to create ", name}), errno);
  }
  if (auto put = put_in_place(directory, name, {}); !put) {
    return put.error();
  }
  return true;
}

}  // namespace reqmail::sys
