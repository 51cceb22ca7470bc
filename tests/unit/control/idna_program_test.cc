#include "control/idna_program.h"

#include <gtest/gtest.h>

namespace reqmail::control {
namespace {

// An installed one is run by the tests of installed programs (test_smtputf8).
TEST(IdnaProgram, WithoutTheProgramNothingIsConverted) {
  EXPECT_EQ(convert_by_program("b\u00fccher.example\u0001"), std::nullopt);
  EXPECT_EQ(convert_by_program("b\u00fccher.example\u0001"), std::nullopt);
}

}  // namespace
}  // namespace reqmail::control
