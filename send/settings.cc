#include "send/settings.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"
#include "sys/file.h"

namespace reqmail::send {

namespace {

using scheduler::Channel;

constexpr std::string_view kLocals = "control/locals";
constexpr std::string_view kVirtualDomains = "control/virtualdomains";

// Far above any time a message may wait.
constexpr std::uint64_t kLongestLifetime = std::uint64_t{1} << 40;

// The numbers and lines of the files, with the first trouble that came up.
class Settings {
 public:
  std::uint64_t number(const char* path, std::uint64_t otherwise) {
    auto found = control::read_number(path);
    note(found.has_value());
    return found ? (*found).value_or(otherwise) : otherwise;
  }

  std::string line(const char* path, std::string_view otherwise) {
    auto found = control::read_line(path);
    note(found.has_value());
    return found ? (*found).value_or(std::string(otherwise)) : std::string();
  }

  std::string line_or_me(const control::Defaults& defaults, const char* path,
                         std::string_view otherwise) {
    auto found = defaults.line_or_me(path);
    note(found.has_value());
    return found ? (*found).value_or(std::string(otherwise)) : std::string();
  }

  std::vector<std::string> lines(const char* path) {
    auto found = control::read_lines(path);
    note(found.has_value());
    return found ? (*found).value_or(std::vector<std::string>()) : std::vector<std::string>();
  }

  std::vector<std::string> locals(const control::Defaults& defaults) {
    auto found = defaults.lines_or_me(std::string(kLocals));
    note(found.has_value() && found->has_value());
    return found ? (*found).value_or(std::vector<std::string>()) : std::vector<std::string>();
  }

  [[nodiscard]] bool good() const { return good_; }

 private:
  void note(bool good) { good_ = good_ && good; }

  bool good_ = true;
};

}  // namespace

Result<SendSettings> read_send_settings() {
  auto defaults = control::Defaults::load();
  if (!defaults) {
    return defaults.error();
  }
  Settings files;
  SendSettings settings{{}, {}, std::move(*defaults)};
  const control::Defaults& me = settings.defaults;
  scheduler::SchedulerConfig& scheduler = settings.scheduler;
  scheduler.lifetime = base::Seconds(static_cast<std::int64_t>(
      std::min(kLongestLifetime,
               files.number("control/queuelifetime",
                            static_cast<std::uint64_t>(scheduler::kLifetime.count())))));
  scheduler.concurrency[Channel::local] = files.number("control/concurrencylocal", 10);
  scheduler.concurrency[Channel::remote] = files.number("control/concurrencyremote", 20);
  scheduler.routing.envnoathost = files.line_or_me(me, "control/envnoathost", "envnoathost");
  scheduler.routing.percenthack = files.lines("control/percenthack");
  scheduler.routing.locals = files.locals(me);
  scheduler.routing.virtualdomains = files.lines("control/virtualdomains");
  scheduler::BounceNames& bounce = settings.bounce_names;
  bounce.from = files.line("control/bouncefrom", bounce.from);
  bounce.host = files.line_or_me(me, "control/bouncehost", bounce.host);
  bounce.double_host = files.line_or_me(me, "control/doublebouncehost", bounce.double_host);
  bounce.double_to = files.line("control/doublebounceto", bounce.double_to);
  if (!files.good()) {
    return temporary("unable to read controls");
  }
  return settings;
}

scheduler::Event reread_send_settings(const std::string& home,
                                      const control::Defaults& defaults) {
  // As if it went there: the directory it is in, the queue, stays.
  if (!sys::status(base::concat({home, "/."}))) {
    return scheduler::RereadFailed{"controls: unable to switch to home directory"};
  }
  const auto below_home = [&home](std::string_view path) {
    return base::concat({home, "/", path});
  };
  auto locals = defaults.lines_or_me(below_home(kLocals));
  if (!locals || !*locals) {
    return scheduler::RereadFailed{std::string(kLocals)};
  }
  auto virtualdomains = control::read_lines(below_home(kVirtualDomains));
  if (!virtualdomains) {
    return scheduler::RereadFailed{std::string(kVirtualDomains)};
  }
  return scheduler::Reread{std::move(**locals),
                           (*virtualdomains).value_or(std::vector<std::string>())};
}

}  // namespace reqmail::send
