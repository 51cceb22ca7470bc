// A fixture for code that reads control files.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/unit/support/temporary_home.h"

namespace reqmail::tests {

// A home of its own with an empty control/, as the current directory.
class ControlHome : public ::testing::Test {
 protected:
  ControlHome();

  // control/NAME gets this text.
  void control(const std::string& name, std::string_view text) const;

  // A directory cannot be read as a file.
  void make_unreadable(const std::string& name) const;

  [[nodiscard]] const std::string& home() const { return home_.path(); }

 private:
  testing::TemporaryHome home_;
};

}  // namespace reqmail::tests
