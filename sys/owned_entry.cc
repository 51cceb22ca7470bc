#include "sys/owned_entry.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <limits>

#include "base/narrow.h"
#include "base/number.h"
#include "base/text.h"
#include "sys/error.h"
#include "sys/replaced_entry.h"
#include "sys/stream.h"

namespace reqmail::sys {

namespace {

constexpr std::uint64_t kMostZeros = 1 << 20;  // the largest size of such a file
constexpr std::uint64_t kLargestMode = 07777;

// Removes the first word of `rest` and returns it.
std::string_view take_word(std::string_view& rest) {
  const std::size_t end = rest.find(' ');
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return word;
}

std::optional<std::uint32_t> parse_id(std::string_view word, std::uint32_t own) {
  if (word == "-") {
    return own;
  }
  const auto id = base::parse_u64(word);
  // The largest number means "unchanged" to chown(2).
  if (!id || *id >= std::numeric_limits<std::uint32_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(*id);
}

bool parse_type(std::string_view type, OwnedEntry& entry) {
  constexpr std::string_view kZeros = "zeros:";
  constexpr std::string_view kFile = "file:";
  constexpr std::string_view kLink = "link:";
  if (type.starts_with(kZeros)) {
    const auto size = base::parse_u64(type.substr(kZeros.size()));
    entry.kind = OwnedEntry::Kind::zeros;
    entry.size = size.value_or(0);
    return size && *size <= kMostZeros;
  }
  if (type.starts_with(kFile) || type.starts_with(kLink)) {
    entry.kind = type.starts_with(kFile) ? OwnedEntry::Kind::file : OwnedEntry::Kind::link;
    entry.source = type.substr(type.find(':') + 1);
    return !entry.source.empty();
  }
  entry.kind = type == "dir"    ? OwnedEntry::Kind::directory
               : type == "fifo" ? OwnedEntry::Kind::fifo
                                : OwnedEntry::Kind::present;
  return type == "dir" || type == "fifo" || type == "present";
}

bool is_of_kind(mode_t mode, OwnedEntry::Kind kind) {
  switch (kind) {
  case OwnedEntry::Kind::directory:
    return S_ISDIR(mode);
  case OwnedEntry::Kind::fifo:
    return S_ISFIFO(mode);
  case OwnedEntry::Kind::zeros:
    return S_ISREG(mode);
  case OwnedEntry::Kind::file:
    return !S_ISDIR(mode);
  case OwnedEntry::Kind::link:
    return S_ISLNK(mode);
  case OwnedEntry::Kind::present:
    return true;
  }
  return false;
}

Result<void> make_zeros(const HeldDirectory& directory, const std::string& name,
                        std::uint64_t size) {
  const auto file = directory.create_file(name, S_IRUSR | S_IWUSR);
  if (!file) {
    return file.error();
  }
  return write_all(file->get(), std::string(base::narrow<std::size_t>(size), '\0'));
}

Result<void> make_entry(const HeldDirectory& directory, const std::string& name,
                        const OwnedEntry& entry) {
  if (entry.kind == OwnedEntry::Kind::directory) {
    return directory.make_directory(name, entry.ownership);
  }
  auto made = entry.kind == OwnedEntry::Kind::fifo ? directory.make_fifo(name)
                                                   : make_zeros(directory, name, entry.size);
  if (!made) {
    return made;
  }
  if (auto set = directory.set_ownership(name, entry.ownership); !set) {
    return set.error();
  }
  return {};
}

bool takes_the_place(const OwnedEntry& entry) {
  return entry.kind == OwnedEntry::Kind::file || entry.kind == OwnedEntry::Kind::link;
}

Result<bool> replace_entry(const HeldDirectory& directory, const std::string& name,
                           const OwnedEntry& entry) {
  if (entry.kind == OwnedEntry::Kind::link) {
    return replace_by_link(directory, name, entry.source);
  }
  if (auto put = replace_by_copy(directory, name, entry.source, entry.ownership); !put) {
    return put.error();
  }
  return true;
}

// Handles an entry that is a symbolic link in a trusted directory.
Result<bool> follow_entry(const std::string& below, const OwnedEntry& entry,
                          OnExisting on_existing) {
  if (entry.kind != OwnedEntry::Kind::directory) {
    return false;
  }
  const auto directory = HeldDirectory::open(below.empty() ? "/" : below, entry.path);
  if (!directory) {
    return directory.error();
  }
  if (on_existing == OnExisting::leave_alone) {
    return false;
  }
  return directory->set_ownership(entry.ownership);
}

}  // namespace

std::optional<OwnedEntry> parse_owned_entry(std::string_view row) {
  OwnedEntry entry;
  if (!parse_type(take_word(row), entry)) {
    return std::nullopt;
  }
  const auto uid = parse_id(take_word(row), ::geteuid());
  const auto gid = parse_id(take_word(row), kSameGroup);
  const auto mode = base::parse_octal(take_word(row));
  if (!uid || !gid || !mode || *mode > kLargestMode || row.empty()) {
    return std::nullopt;
  }
  entry.ownership = {*uid, *gid, static_cast<mode_t>(*mode)};
  entry.path = row;
  return entry;
}

Result<bool> ensure_entry(const std::string& below, const OwnedEntry& entry,
                          OnExisting on_existing) {
  const auto place = held_place(below, entry.path);
  if (!place) {
    return place.error();
  }
  const HeldDirectory& directory = place->directory;
  const std::string& name = place->name;
  const auto found = directory.status(name);
  if (!found) {
    return found.error();
  }
  const bool replaces = takes_the_place(entry);
  if (*found && S_ISLNK((*found)->st_mode) && !replaces && directory.is_trusted()) {
    return follow_entry(below, entry, on_existing);
  }
  if (!*found) {
    if (entry.kind == OwnedEntry::Kind::present) {
      return false;
    }
    if (replaces) {
      return replace_entry(directory, name, entry);
    }
    if (auto made = make_entry(directory, name, entry); !made) {
      return made.error();
    }
    return true;
  }
  if (!is_of_kind((*found)->st_mode, entry.kind)) {
    return system_failure(base::concat({"unable to create ", name}), EEXIST);
  }
  if (on_existing == OnExisting::leave_alone) {
    return false;
  }
  return replaces ? replace_entry(directory, name, entry)
                  : directory.set_ownership(name, entry.ownership);
}

}  // namespace reqmail::sys
