#include "legacy/sender_lists.h"

#include <string_view>

namespace reqmail::legacy {

namespace {

constexpr std::string_view kMetacharacters = "[(*\\^$|!";

}  // namespace

SenderLists classify_senders(const std::vector<std::string>& lines) {
  SenderLists lists;
  for (const std::string& line : lines) {
    if (line.find_first_of(kMetacharacters) != std::string::npos) {
      lists.expressions.push_back(line);
    } else if (line[0] == '.') {
      lists.suffixes.push_back(line);
    } else if (line.find('@') == std::string::npos) {
      lists.fragments.push_back(line);
    } else {
      ++lists.exact;
    }
  }
  return lists;
}

}  // namespace reqmail::legacy
