// The two channels of qmail-send, and values that exist once for each of them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "mail/queue_names.h"

namespace reqmail::scheduler {

enum class Channel : std::uint8_t { local, remote };

inline constexpr std::array<Channel, 2> kChannels = {Channel::local, Channel::remote};

constexpr Channel other(Channel channel) {
  return channel == Channel::local ? Channel::remote : Channel::local;
}

// The kind of a channel's recipient files.
constexpr mail::QueueKind kind_of(Channel channel) {
  return channel == Channel::local ? mail::QueueKind::local : mail::QueueKind::remote;
}

// "local" or "remote", as log lines and file names have it.
inline std::string_view channel_name(Channel channel) {
  return mail::kind_name(kind_of(channel));
}

// One T per channel.
template <typename T>
struct PerChannel {
  std::array<T, 2> of{};

  T& operator[](Channel channel) { return of[static_cast<std::size_t>(channel)]; }

  const T& operator[](Channel channel) const { return of[static_cast<std::size_t>(channel)]; }
};

}  // namespace reqmail::scheduler
