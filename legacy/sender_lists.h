// Classifies the lines of control/badmailfrom on a host with the qregex patch, by their
// meanings there and here.
#pragma once

#include <string>
#include <vector>

namespace reqmail::legacy {

struct SenderLists {
  // Lines with [ ( * \ ^ $ | or !, which are regular expressions and match no address
  // literally.
  std::vector<std::string> expressions;
  // Lines such as ".example.com", which some patches match as a suffix, but reqmail does not.
  std::vector<std::string> suffixes;
  // Lines without '@', which qregex matches anywhere in an address, but reqmail never.
  std::vector<std::string> fragments;
  // number of addresses and @domains, which match the same in both, except that qregex ignores
  // what follows the domain
  std::size_t exact = 0;
};

SenderLists classify_senders(const std::vector<std::string>& lines);

}  // namespace reqmail::legacy
