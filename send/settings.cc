#include "send/settings.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"
#include "control/files.h"
#include "sys/file.h"

namespace reqmail::send {

namespace {

using scheduler::Channel;
using Lines = std::vector<std::string>;

// The largest accepted lifetime in seconds, far longer than any message may wait.
constexpr std::uint64_t kLongestLifetime = std::uint64_t{1} << 40;

}  // namespace

Result<SendSettings> read_send_settings() {
  control::ControlFiles files;
  SendSettings settings;
  settings.me = files.me();
  scheduler::SchedulerConfig& scheduler = settings.scheduler;
  scheduler.lifetime = base::Seconds(
      static_cast<std::int64_t>(std::min(kLongestLifetime, files.number("queuelifetime"))));
  scheduler.concurrency[Channel::local] = files.number("concurrencylocal");
  scheduler.concurrency[Channel::remote] = files.number("concurrencyremote");
  scheduler.routing.envnoathost = files.line("envnoathost");
  scheduler.routing.percenthack = files.list("percenthack").value_or(Lines());
  scheduler.routing.locals = files.required_list("locals");
  scheduler.routing.virtualdomains = files.list("virtualdomains").value_or(Lines());
  scheduler::BounceNames& bounce = settings.bounce_names;
  bounce.from = files.line("bouncefrom");
  bounce.host = files.line("bouncehost");
  bounce.double_host = files.line("doublebouncehost");
  bounce.double_to = files.line("doublebounceto");
  if (files.failure()) {
    return temporary("unable to read controls");
  }
  return settings;
}

scheduler::Event reread_send_settings(const std::string& home,
                                      const std::optional<std::string>& me) {
  // qmail-send stays in the directory of the queue, so this only checks that it could enter the
  // home.
  if (!sys::status(base::concat({home, "/."}))) {
    return scheduler::RereadFailed{"controls: unable to switch to home directory"};
  }
  control::ControlFiles files(home, me);
  auto locals = files.required_list("locals");
  auto virtualdomains = files.list("virtualdomains").value_or(Lines());
  if (files.failure()) {
    return scheduler::RereadFailed{base::concat({"control/", files.failure()->name})};
  }
  return scheduler::Reread{std::move(locals), std::move(virtualdomains)};
}

}  // namespace reqmail::send
