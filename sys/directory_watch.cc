#include "sys/directory_watch.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include "base/text.h"
#include "sys/clock.h"
#include "sys/directory.h"

namespace reqmail::sys {

namespace {

// The clock of most file systems moves on at least every hundredth of a second, that of some
// every second or two.
constexpr std::chrono::milliseconds kTick{50};
constexpr std::chrono::seconds kCoarseTick{2};

// Returns whether a change after `now` would get another time.
bool is_settled(const FileVersion& version, const PreciseTime& now) {
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  const bool coarse = version.changed % kNanoseconds == 0;
  return age(version, now) > (coarse ? kCoarseTick : kTick);
}

}  // namespace

std::optional<DirectoryWatch::Versions> DirectoryWatch::look() const {
  Versions versions;
  versions.emplace(".", file_version(path_));
  // The names change only with the directory.
  const bool same_names = seen_ && seen_->at(".") && seen_->at(".") == versions.at(".");
  if (same_names) {
    for (const auto& [name, version] : *seen_) {
      (void)versions.emplace(name, std::nullopt);
    }
  } else {
    auto names = list_directory(path_);
    if (!names) {
      return std::nullopt;
    }
    for (std::string& name : *names) {
      versions.emplace(std::move(name), std::nullopt);
    }
  }
  for (auto& [name, version] : versions) {
    version = file_version(base::concat({path_, "/", name}));
  }
  return versions;
}

bool DirectoryWatch::changed() {
  const PreciseTime now = precise_now();
  auto versions = look();
  if (versions && versions == seen_) {
    return false;
  }
  const bool settled =
      versions && std::all_of(versions->begin(), versions->end(), [&now](const auto& entry) {
        return !entry.second || is_settled(*entry.second, now);
      });
  seen_ = settled ? std::move(versions) : std::nullopt;
  return true;
}

}  // namespace reqmail::sys
