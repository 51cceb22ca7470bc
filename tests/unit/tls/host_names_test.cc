#include "tls/host_names.h"

#include <gtest/gtest.h>

namespace reqmail::tls {
namespace {

TEST(ServerIdentity, NamesOfCertificates) {
  EXPECT_TRUE(names_host("MX.b.example", "mx.b.example"));
  EXPECT_TRUE(names_host("*.B.example", "mx.b.example"));
  EXPECT_FALSE(names_host("*.b.example", "b.example"));
  EXPECT_FALSE(names_host("*.example", "mx.b.example"));
  EXPECT_TRUE(names_host("mx.b.example", ".b.example"));
  EXPECT_TRUE(names_host("a.mx.B.example", ".b.example"));
  EXPECT_TRUE(names_host("*.b.example", ".b.example"));
  EXPECT_FALSE(names_host("b.example", ".b.example"));
  EXPECT_FALSE(names_host(".b.example", ".b.example"));
  EXPECT_FALSE(names_host("mxb.example", ".b.example"));
  EXPECT_FALSE(names_host(std::string_view("x\0.b.example", 12), ".b.example"));
  EXPECT_FALSE(names_host("m*.b.example", "mx.b.example"));
  EXPECT_FALSE(names_host("*", "mx"));
  EXPECT_FALSE(names_host("*.", "mx."));
  EXPECT_FALSE(names_host("b.example", "mx.b.example"));
  EXPECT_FALSE(names_host(std::string_view("mx.b.example\0.evil", 17), "mx.b.example"));
  EXPECT_FALSE(names_host("", ""));
}

}  // namespace
}  // namespace reqmail::tls
