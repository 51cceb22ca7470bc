#include "upgrade/gate.h"

#include <cstddef>
#include <string_view>

#include "base/text.h"
#include "sys/file.h"

namespace reqmail::upgrade {

namespace {

constexpr std::string_view kGateMark = "# qmail-upgrade is replacing qmail's daemons;";
constexpr std::size_t kLargestGate = 4096;

}  // namespace

std::string gate_text(const std::string& set) {
  return base::concat({"#!/bin/sh\n", kGateMark,
                       " until it is done, or run again, these run:\n", "PATH='", set,
                       "'${PATH:+:$PATH}\nexport PATH\nexec '", set, "/qmail-start' \"$@\"\n"});
}

bool is_gate(const std::string& path) {
  const auto text = sys::read_file(path, kLargestGate);
  return text && text->find(kGateMark) != std::string::npos;
}

}  // namespace reqmail::upgrade
