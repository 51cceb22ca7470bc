// The names of the .qmail files that may control an address (dot-qmail(5)). This code does no
// input or output.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace reqmail::local {

// Returns the extension as it appears in file names: in lower case, and with ':' instead of
// '.', so that it cannot lead to another directory.
std::string file_extension(std::string_view ext);

struct DotQmailName {
  std::string file;
  // If the name ends in "default", the position in the extension from which on that word
  // replaces it ($DEFAULT).
  std::optional<std::size_t> default_from;
};

// Yields the names to try in order: the whole extension, then "default" after each of its
// dashes from the last to the first, then "default" alone.
class DotQmailNames {
 public:
  DotQmailNames(std::string_view dash, std::string_view ext);

  // Returns the next name; nullopt if there are no more.
  std::optional<DotQmailName> next();

 private:
  [[nodiscard]] DotQmailName whole_name() const;

  std::string prefix_;
  std::string ext_;
  bool whole_tried_ = false;
  // One more than the position in ext_ that comes next; 0 at the end.
  std::size_t remaining_;
};

// Return the name of the file by which forwards from this address get a sender of their own,
// and of the one by which this sender contains each recipient.
std::string owner_name(std::string_view dash, std::string_view ext);
std::string owner_default_name(std::string_view dash, std::string_view ext);

}  // namespace reqmail::local
