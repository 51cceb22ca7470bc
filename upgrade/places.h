// Where an upgrade of a home puts and keeps its files.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace reqmail::upgrade {

// Names of one upgrade of one home.
class Places {
 public:
  Places(std::string home, std::string time) : home_(std::move(home)), time_(std::move(time)) {}

  [[nodiscard]] const std::string& home() const { return home_; }

  [[nodiscard]] std::string bin() const { return home_ + "/bin"; }

  [[nodiscard]] std::string program(std::string_view name) const;

  // <home>/bin.old.TIME: everything that bin/ held.
  [[nodiscard]] std::string old_bin() const { return home_ + "/bin.old." + time_; }

  // <home>/upgrade/TIME, below which other files lie under their whole path.
  [[nodiscard]] std::string old_files() const { return home_ + "/upgrade/" + time_; }

  // Daemons of ours while rollback replaces them.
  [[nodiscard]] std::string leaving_bin() const { return home_ + "/bin.new." + time_; }

  // Where the old file of a target is.
  [[nodiscard]] std::string old_of(const std::string& target) const;

 private:
  std::string home_;
  std::string time_;
};

// What is to be put in the place of a target lies beside it under this name, so that one rename
// puts it there.
std::string staged_name(const std::string& target);

}  // namespace reqmail::upgrade
