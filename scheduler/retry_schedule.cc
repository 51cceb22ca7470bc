#include "scheduler/retry_schedule.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>

#include "base/ascii.h"
#include "base/number.h"
#include "base/result.h"
#include "base/text.h"
#include "scheduler/schedule.h"

namespace reqmail::scheduler {

namespace {

using Times = std::vector<base::Seconds>;

// Far longer than any message may wait.
constexpr std::uint64_t kLatest = std::uint64_t{1} << 40;

std::optional<Channel> channel_of(std::string_view name) {
  for (const Channel channel : kChannels) {
    if (name == channel_name(channel)) {
      return channel;
    }
  }
  return std::nullopt;
}

// Returns the times, or why they make no sense.
Result<Times> parse_times(std::string_view text) {
  Times times;
  for (text = base::trim_start(text); !text.empty(); text = base::trim_start(text)) {
    const std::string_view word = text.substr(0, text.find_first_of(" \t"));
    text.remove_prefix(word.size());
    const auto number = base::parse_u64(word);
    if (!number || *number == 0 || *number > kLatest) {
      return permanent("no number of seconds");
    }
    const base::Seconds time(static_cast<std::int64_t>(*number));
    if (!times.empty() && time <= times.back()) {
      return permanent("not ascending");
    }
    times.push_back(time);
  }
  if (times.empty()) {
    return permanent("no times");
  }
  return times;
}

// Returns the length of the steps after the last time.
base::Seconds last_step(const Times& times) {
  return times.size() == 1 ? times.front() : times.back() - times[times.size() - 2];
}

}  // namespace

std::vector<base::BadLine> RetrySchedule::set(const std::vector<std::string>& lines) {
  times_ = {};
  std::vector<base::BadLine> bad;
  PerChannel<bool> seen;
  PerChannel<bool> is_bad;
  for (const std::string& line : lines) {
    const std::size_t colon = line.find(':');
    const auto channel = channel_of(std::string_view(line).substr(0, colon));
    if (!channel || colon == std::string::npos) {
      bad.push_back({line, "begins neither with local: nor with remote:"});
      continue;
    }
    auto times = parse_times(std::string_view(line).substr(colon + 1));
    if (times && seen[*channel]) {
      times = permanent("second line for its channel");
    }
    seen[*channel] = true;
    if (times) {
      times_[*channel] = std::move(*times);
    } else {
      bad.push_back({line, times.error().text});
      is_bad[*channel] = true;
    }
  }
  for (const Channel channel : kChannels) {
    if (is_bad[channel]) {
      times_[channel].clear();
    }
  }
  return bad;
}

base::Time RetrySchedule::next(base::Time birth, base::Time now, Channel channel) const {
  const Times& times = times_[channel];
  if (times.empty()) {
    return next_try(birth, now, channel);
  }
  birth = std::min(birth, now);
  const base::Seconds age = now - birth;
  const auto later = std::upper_bound(times.begin(), times.end(), age);
  if (later != times.end()) {
    return birth + *later;
  }
  const base::Seconds step = last_step(times);
  return birth + times.back() + step * ((age - times.back()) / step + 1);
}

base::Seconds RetrySchedule::previous(base::Seconds age, Channel channel) const {
  const Times& times = times_[channel];
  if (times.empty()) {
    return previous_try(age, channel);
  }
  if (age > times.back()) {
    return std::max(times.back(), age - last_step(times));
  }
  const auto first = std::lower_bound(times.begin(), times.end(), age);
  return first == times.begin() ? base::Seconds(0) : *std::prev(first);
}

base::Seconds RetrySchedule::longest_step(base::Seconds lifetime, Channel channel) const {
  const Times& times = times_[channel];
  if (times.empty()) {
    return scheduler::longest_step(lifetime, channel);
  }
  base::Seconds longest = times.front();
  for (std::size_t i = 1; i < times.size(); ++i) {
    longest = std::max(longest, times[i] - times[i - 1]);
  }
  return longest;
}

}  // namespace reqmail::scheduler
