// Authentication-Results fields: the ids of others, and our own fields.
#include "mail/auth_results.h"

#include <gtest/gtest.h>

namespace reqmail::mail {
namespace {

std::string id(std::string_view value) {
  return authserv_id(value).value_or("(none)");
}

TEST(AuthResults, TheIdInAllItsForms) {
  EXPECT_EQ(id(" mx.example; spf=pass"), "mx.example");
  EXPECT_EQ(id("mx.example 1; spf=pass"), "mx.example");
  EXPECT_EQ(id("\n mx.example;\n\tspf=pass"), "mx.example");
  EXPECT_EQ(id(" (a (nested) \\) one) mx.example (two) ; spf=pass"), "mx.example");
  EXPECT_EQ(id(" mx.example(two); spf=pass"), "mx.example");
  EXPECT_EQ(id(" \"mx.example\"; spf=pass"), "mx.example");
  EXPECT_EQ(id(" \"mx\\.exa\\\"mple\"; spf=pass"), "mx.exa\"mple");
  EXPECT_EQ(id(" mx.example\n"), "mx.example");
  EXPECT_EQ(id(" mx.example.evil.example; spf=pass"), "mx.example.evil.example");
}

TEST(AuthResults, WithoutAnId) {
  for (const char* value : {"", " ", ";", " ; spf=pass", " (a comment without an end"}) {
    EXPECT_FALSE(authserv_id(value)) << value;
  }
  EXPECT_EQ(id(" \"without an end"), "without an end");
}

TEST(AuthResults, AFieldHasAResultPerMethod) {
  EXPECT_EQ(auth_results_field("mx.example", {"spf=pass smtp.mailfrom=a@b", "dkim=none"}),
            "Authentication-Results: mx.example; spf=pass smtp.mailfrom=a@b; dkim=none\n");
  EXPECT_EQ(auth_results_field("mx.example", {}), "Authentication-Results: mx.example; none\n");
  EXPECT_EQ(auth_results_field("a\nb", {}), "Authentication-Results: \"a?b\"; none\n");
  const std::string field =
      auth_results_field("mx.example", {std::string(70, 'x'), "dkim=none"});
  EXPECT_EQ(field, "Authentication-Results: mx.example;\n " + std::string(70, 'x') +
                       ";\n dkim=none\n");
}

}  // namespace
}  // namespace reqmail::mail
