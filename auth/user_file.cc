#include "auth/user_file.h"

#include "auth/hash.h"
#include "auth/user_database.h"
#include "base/number.h"
#include "base/text.h"

namespace reqmail::auth {

namespace {

bool is_comment(std::string_view line) {
  return line.empty() || line.front() == '#';
}

Result<void> check_line(UserFileKind kind, std::string_view line) {
  if (kind == UserFileKind::passwd) {
    auto parsed = parse_user_line(line);
    return parsed ? Result<void>() : Result<void>(parsed.error());
  }
  auto parsed = parse_secret_line(line);
  return parsed ? Result<void>() : Result<void>(parsed.error());
}

std::string_view text_after_login(std::string_view line) {
  return line.substr(line.find(':') + 1);
}

}  // namespace

std::string_view user_file_path(UserFileKind kind) {
  return kind == UserFileKind::passwd ? "users/passwd" : "users/secrets";
}

std::string_view login_of(std::string_view line) {
  return line.substr(0, line.find(':'));
}

Result<void> UserFile::take_line(std::string_view line) {
  const std::string number = base::decimal(lines_.size() + 1);
  const auto wrong = [this, &number](std::string_view what) {
    return permanent(base::concat({user_file_path(kind_), ":", number, ": ", what}));
  };
  if (!is_comment(line)) {
    if (auto checked = check_line(kind_, line); !checked) {
      return wrong(checked.error().text);
    }
    const auto [known, added] = by_key_.emplace(login_key(login_of(line)), lines_.size());
    if (!added) {
      return wrong(base::concat({"the login ", login_of(line), " has line ",
                                 base::decimal(known->second + 1), " already"}));
    }
  }
  lines_.emplace_back(line);
  return {};
}

Result<UserFile> UserFile::parse(UserFileKind kind, std::string_view text) {
  UserFile file(kind);
  while (!text.empty() && text.front() != '.') {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      return permanent(
          base::concat({user_file_path(kind), ":", base::decimal(file.lines_.size() + 1),
                        ": the line has no end"}));
    }
    if (auto taken = file.take_line(text.substr(0, end)); !taken) {
      return taken.error();
    }
    text.remove_prefix(end + 1);
  }
  if (text.empty() && kind == UserFileKind::passwd) {
    return permanent(base::concat(
        {user_file_path(kind), ": no line with a dot at its end: the file is not complete"}));
  }
  file.rest_ = text;
  return Result<UserFile>(std::move(file));
}

std::optional<std::string_view> UserFile::find(std::string_view login) const {
  const auto found = by_key_.find(login_key(login));
  if (found == by_key_.end()) {
    return std::nullopt;
  }
  return lines_[found->second];
}

void UserFile::put(std::string_view login, std::string line) {
  const auto [known, added] = by_key_.emplace(login_key(login), lines_.size());
  if (added) {
    lines_.push_back(std::move(line));
  } else {
    lines_[known->second] = std::move(line);
  }
}

bool UserFile::remove(std::string_view login) {
  const auto found = by_key_.find(login_key(login));
  if (found == by_key_.end()) {
    return false;
  }
  lines_.erase(lines_.begin() + static_cast<std::ptrdiff_t>(found->second));
  index();
  return true;
}

void UserFile::index() {
  by_key_.clear();
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (!is_comment(lines_[i])) {
      by_key_.emplace(login_key(login_of(lines_[i])), i);
    }
  }
}

std::vector<std::string_view> UserFile::entries() const {
  std::vector<std::string_view> entries;
  for (const std::string& line : lines_) {
    if (!is_comment(line)) {
      entries.push_back(line);
    }
  }
  return entries;
}

std::string UserFile::text() const {
  std::string text;
  for (const std::string& line : lines_) {
    text += line;
    text += '\n';
  }
  return text + rest_;
}

Result<void> UserFile::compile(sys::CdbWriter& output) const {
  CostSample accounts;
  CostSample addresses;
  for (const std::string_view line : entries()) {
    const std::string_view login = login_of(line);
    const std::string_view record = text_after_login(line);
    if (auto added = output.add(login_key(login), record); !added) {
      return added;
    }
    if (kind_ == UserFileKind::passwd) {
      (is_address(login) ? addresses : accounts).add(record.substr(0, record.find(':')));
    }
  }
  if (kind_ == UserFileKind::passwd) {
    for (const auto& [key, sample] :
         {std::pair(kAccountCosts, &accounts), std::pair(kAddressCosts, &addresses)}) {
      if (auto added = output.add(key, encode_settings(sample->settings())); !added) {
        return added;
      }
    }
  }
  return output.finish();
}

}  // namespace reqmail::auth
