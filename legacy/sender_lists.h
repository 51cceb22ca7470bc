// control/badmailfrom of a host with the qregex patch: what its lines meant there and mean
// here.
#pragma once

#include <string>
#include <vector>

namespace reqmail::legacy {

struct SenderLists {
  // Lines with [ ( * \ ^ $ | or !: expressions, which match no address literally.
  std::vector<std::string> expressions;
  // ".example.com": a suffix to some patches, nothing to reqmail.
  std::vector<std::string> suffixes;
  // No '@' at all: matched anywhere in an address by qregex, never here.
  std::vector<std::string> fragments;
  // addresses and @domains, which mean the same everywhere but for what follows the domain
  std::size_t exact = 0;
};

SenderLists classify_senders(const std::vector<std::string>& lines);

}  // namespace reqmail::legacy
