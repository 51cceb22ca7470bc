#include "legacy/tcp_rules.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "base/text.h"

namespace reqmail::legacy {

namespace {

// A cdb begins with 256 pairs of the position and the size of a hash table. The records are
// between these pairs and the hash tables.
constexpr std::size_t kTables = 256;
constexpr std::size_t kHeaderSize = kTables * 8;
constexpr std::size_t kRecordHead = 8;

std::uint32_t number_at(std::string_view file, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 4; i-- > 0;) {
    number = (number << 8) | static_cast<unsigned char>(file[at + i]);
  }
  return number;
}

void add(std::vector<Setting>& settings, Setting setting) {
  const bool there = std::any_of(settings.begin(), settings.end(), [&](const Setting& other) {
    return other.name == setting.name && other.value == setting.value;
  });
  if (!there) {
    settings.push_back(std::move(setting));
  }
}

// Parses `NAME"value"` repeatedly, with commas before them.
void read_instructions(std::vector<Setting>& settings, std::string_view text) {
  while (!text.empty() && text[0] == ',') {
    text.remove_prefix(1);
    const std::size_t sign = text.find('=');
    if (sign == std::string_view::npos || sign + 1 >= text.size()) {
      return;
    }
    const std::size_t end = text.find(text[sign + 1], sign + 2);
    if (end == std::string_view::npos) {
      return;
    }
    add(settings, {std::string(text.substr(0, sign)),
                   std::string(text.substr(sign + 2, end - sign - 2))});
    text.remove_prefix(end + 1);
  }
}

// Parses '+' NAME=VALUE NUL repeatedly; 'D' means deny.
void read_data(std::vector<Setting>& settings, std::string_view data) {
  for (const std::string_view piece : base::split(data, '\0')) {
    const std::size_t plus = piece.find('+');
    const std::size_t sign = piece.find('=');
    if (plus != std::string_view::npos && sign != std::string_view::npos && plus < sign) {
      add(settings, {std::string(piece.substr(plus + 1, sign - plus - 1)),
                     std::string(piece.substr(sign + 1))});
    }
  }
}

}  // namespace

std::vector<Setting> read_rules(std::string_view text) {
  std::vector<Setting> settings;
  for (const std::string_view line : base::lines(text)) {
    const std::size_t allow = line.find(":allow");
    if (!line.empty() && line[0] != '#' && allow != std::string_view::npos) {
      read_instructions(settings, line.substr(allow + std::string_view(":allow").size()));
    }
  }
  return settings;
}

Result<std::vector<Setting>> read_rules_cdb(std::string_view file) {
  if (file.size() < kHeaderSize) {
    return permanent("is no cdb");
  }
  std::size_t end = file.size();
  for (std::size_t table = 0; table < kTables; ++table) {
    end = std::min<std::size_t>(end, number_at(file, table * 8));
  }
  std::vector<Setting> settings;
  for (std::size_t at = kHeaderSize; at < end;) {
    if (end - at < kRecordHead) {
      return permanent("is a damaged cdb");
    }
    const std::size_t key = number_at(file, at);
    const std::size_t data = number_at(file, at + 4);
    if (key + data > end - at - kRecordHead) {
      return permanent("is a damaged cdb");
    }
    read_data(settings, file.substr(at + kRecordHead + key, data));
    at += kRecordHead + key + data;
  }
  return settings;
}

}  // namespace reqmail::legacy
