#include "local/dot_search.h"

#include "base/ascii.h"
#include "base/text.h"

namespace reqmail::local {

namespace {

constexpr std::string_view kStem = ".qmail";
constexpr std::string_view kDefault = "default";

}  // namespace

std::string file_extension(std::string_view ext) {
  std::string name = base::lower(ext);
  for (char& c : name) {
    if (c == '.') {
      c = ':';
    }
  }
  return name;
}

DotQmailNames::DotQmailNames(std::string_view dash, std::string_view ext)
    : prefix_(base::concat({kStem, dash})),
      ext_(file_extension(ext)),
      remaining_(ext_.size() + 1) {}

DotQmailName DotQmailNames::whole_name() const {
  DotQmailName name{prefix_ + ext_, std::nullopt};
  if (std::string_view(ext_).ends_with(kDefault)) {
    name.default_from = ext_.size() - kDefault.size();
  }
  return name;
}

std::optional<DotQmailName> DotQmailNames::next() {
  if (!whole_tried_) {
    whole_tried_ = true;
    return whole_name();
  }
  while (remaining_ > 0) {
    const std::size_t kept = --remaining_;
    if (kept == 0 || ext_[kept - 1] == '-') {
      return DotQmailName{
          base::concat({prefix_, std::string_view(ext_).substr(0, kept), kDefault}), kept};
    }
  }
  return std::nullopt;
}

std::string owner_name(std::string_view dash, std::string_view ext) {
  return base::concat({kStem, dash, file_extension(ext), "-owner"});
}

std::string owner_default_name(std::string_view dash, std::string_view ext) {
  return owner_name(dash, ext) + "-default";
}

}  // namespace reqmail::local
