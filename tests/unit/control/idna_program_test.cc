#include "control/idna_program.h"

#include <gtest/gtest.h>

namespace reqmail::control {
namespace {

// An installed one is run by the tests of installed programs (test_smtputf8).
TEST(IdnaProgram, WithoutTheProgramNothingIsConverted) {
  for (int i = 0; i < 2; ++i) {
    const auto converted = convert_by_program("b\u00fccher.example\u0001");
    ASSERT_FALSE(converted);
    EXPECT_EQ(converted.error().permanence, Permanence::temporary);
  }
}

}  // namespace
}  // namespace reqmail::control
