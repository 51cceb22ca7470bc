// Which .qmail files may serve an address (dot-qmail(5)). No I/O.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace reqmail::local {

// The extension as file names have it: lower case, ':' for '.', so that nobody reaches
// another directory.
std::string file_extension(std::string_view ext);

struct DotQmailName {
  std::string file;
  // Where the name ends in "default": the position in the extension from which on that word
  // stands for it ($DEFAULT).
  std::optional<std::size_t> default_from;
};

// The names to try in order: the whole extension, then "default" after each of its dashes from
// the last to the first, then "default" alone.
class DotQmailNames {
 public:
  DotQmailNames(std::string_view dash, std::string_view ext);

  // The next name, nothing when none is left.
  std::optional<DotQmailName> next();

 private:
  [[nodiscard]] DotQmailName whole_name() const;

  std::string prefix_;
  std::string ext_;
  bool whole_tried_ = false;
  // One more than the position in ext_ that comes next; 0 at the end.
  std::size_t remaining_;
};

// The file that says that forwards from this address have a sender of its own, and the one
// that makes this sender name each recipient.
std::string owner_name(std::string_view dash, std::string_view ext);
std::string owner_default_name(std::string_view dash, std::string_view ext);

}  // namespace reqmail::local
