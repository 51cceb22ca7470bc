#include "judge/arrivals.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "judge/frames.h"
#include "judge/protocol.h"
#include "sys/clock.h"
#include "sys/descriptor_io.h"

namespace reqmail::judge {

std::optional<std::string> client_of(int connection) {
  std::array<char, 2048> room{};
  const auto count = sys::peek_arrived(connection, room.data(), room.size());
  if (!count && count.error().error == EAGAIN) {
    return std::nullopt;
  }
  FrameSplitter frames;
  frames.feed(std::string_view(room.data(), count ? *count : 0));
  const auto frame = frames.next();
  const auto settings = frame ? decode_settings(*frame) : std::nullopt;
  return settings ? client_address(settings->client) : std::string();
}

void Arrivals::add(sys::Fd connection) {
  waiting_.push_back({std::move(connection), sys::monotonic() + kIntroduction, 0});
}

void Arrivals::watch(sys::Poller& poller) {
  for (Arrival& arrival : waiting_) {
    arrival.watched = poller.watch_read(arrival.connection.get());
  }
}

std::vector<Connection> Arrivals::take(const sys::Poller& poller) {
  std::vector<Connection> taken;
  const auto now = sys::monotonic();
  std::erase_if(waiting_, [&](Arrival& arrival) {
    std::optional<std::string> client;
    if (poller.ready(arrival.watched)) {
      client = client_of(arrival.connection.get());
    }
    if (!client && now >= arrival.end) {
      client.emplace();
    }
    if (client) {
      taken.push_back({std::move(arrival.connection), std::move(client)});
    }
    return !arrival.connection.valid();
  });
  return taken;
}

std::optional<std::chrono::milliseconds> Arrivals::patience() const {
  constexpr std::chrono::milliseconds kNone{0};
  return waiting_.empty()
             ? std::nullopt
             : std::optional(std::max(waiting_.front().end - sys::monotonic(), kNone));
}

}  // namespace reqmail::judge
