// The names of the files that an upgrade of a home makes and keeps.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace reqmail::upgrade {

// The names of one upgrade of a home.
class Places {
 public:
  Places(std::string home, std::string time) : home_(std::move(home)), time_(std::move(time)) {}

  [[nodiscard]] const std::string& home() const { return home_; }

  [[nodiscard]] std::string bin() const { return home_ + "/bin"; }

  [[nodiscard]] std::string program(std::string_view name) const;

  // <home>/bin.old.TIME, which has everything that was in bin/.
  [[nodiscard]] std::string old_bin() const { return home_ + "/bin.old." + time_; }

  // <home>/upgrade/TIME, below which other old files are kept under their complete paths.
  [[nodiscard]] std::string old_files() const { return home_ + "/upgrade/" + time_; }

  // Returns the directory of our daemons while rollback replaces them.
  [[nodiscard]] std::string leaving_bin() const { return home_ + "/bin.new." + time_; }

  // Returns the path at which the old file of a target is kept.
  [[nodiscard]] std::string old_of(const std::string& target) const;

 private:
  std::string home_;
  std::string time_;
};

// Returns the name for the new file of a target, in the same directory, so that one rename
// installs it.
std::string staged_name(const std::string& target);

}  // namespace reqmail::upgrade
