#include "send/settings.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "base/bad_line.h"
#include "base/text.h"
#include "control/files.h"
#include "send/line_checks.h"
#include "sys/file.h"

namespace reqmail::send {

namespace {

using scheduler::Channel;
using Lines = std::vector<std::string>;

// The largest accepted lifetime in seconds, far longer than any message may wait.
constexpr std::uint64_t kLongestLifetime = std::uint64_t{1} << 40;

base::Seconds seconds(std::uint64_t number) {
  return base::Seconds(static_cast<std::int64_t>(std::min(kLongestLifetime, number)));
}

using Alerts = std::vector<std::string>;

// Tells whether the first line of doublebounceto is empty. In an empty file there is none: the
// local part of the address is empty then, as in qmail.
bool begins_with_empty_line(const std::optional<std::string>& text) {
  return text && !text->empty() && base::trim_end(text->substr(0, text->find('\n'))).empty();
}

void add_alerts(std::string_view file, const std::vector<base::BadLine>& lines,
                Alerts& alerts) {
  for (const base::BadLine& line : lines) {
    alerts.push_back(base::bad_line_message(base::concat({"control/", file}), line));
  }
}

scheduler::BounceForm read_bounce_form(control::ControlFiles& files, Alerts& alerts) {
  scheduler::BounceForm form;
  form.max_bytes = files.number("bouncemaxbytes");
  form.text = files.text("custombouncetext").value_or("");
  if (auto subject = files.line_if_any("bouncesubject"); subject && !subject->empty()) {
    form.subject = std::move(*subject);
  }
  if (const auto word = files.line_if_any("bouncestyle"); word && !word->empty()) {
    form.style = scheduler::bounce_style(*word).value_or(scheduler::BounceStyle::plain);
    add_alerts("bouncestyle", bad_bounce_styles({*word}), alerts);
  }
  return form;
}

scheduler::RetrySchedule read_retry_schedule(control::ControlFiles& files, Alerts& alerts) {
  scheduler::RetrySchedule schedule;
  add_alerts("retryschedule", schedule.set(files.list("retryschedule").value_or(Lines())),
             alerts);
  return schedule;
}

scheduler::DomainRules read_domain_rules(control::ControlFiles& files, Alerts& alerts) {
  scheduler::DomainRules rules;
  add_alerts(
      "concurrencyremotedomains",
      rules.set_concurrency(files.domain_list("concurrencyremotedomains").value_or(Lines())),
      alerts);
  add_alerts("ratelimitremote",
             rules.set_rates(files.domain_list("ratelimitremote").value_or(Lines())), alerts);
  rules.set_reserve(files.number("concurrencyremotereserve"));
  return rules;
}

}  // namespace

Result<SendSettings> read_send_settings() {
  control::ControlFiles files;
  SendSettings settings;
  settings.me = files.me();
  scheduler::SchedulerConfig& scheduler = settings.scheduler;
  scheduler.lifetime = seconds(files.number("queuelifetime"));
  scheduler.concurrency[Channel::local] = files.number("concurrencylocal");
  scheduler.concurrency[Channel::remote] = files.number("concurrencyremote");
  scheduler.routing.envnoathost = files.line("envnoathost");
  scheduler.routing.percenthack = files.list("percenthack").value_or(Lines());
  scheduler.routing.locals = files.required_list("locals");
  scheduler.routing.virtualdomains = files.list("virtualdomains").value_or(Lines());
  scheduler.routing.utf8 = files.utf8();
  scheduler.retry = read_retry_schedule(files, settings.alerts);
  scheduler.domains = read_domain_rules(files, settings.alerts);
  scheduler.together = files.number("transactionrecipients");
  scheduler.delay_warning = seconds(files.number("delaywarning"));
  settings.reads_wishes = files.number("dsn") > 0;
  scheduler::BounceNames& bounce = settings.bounce_names;
  bounce.from = files.line("bouncefrom");
  bounce.host = files.line("bouncehost");
  bounce.double_host = files.line("doublebouncehost");
  bounce.double_to = files.line("doublebounceto");
  bounce.discards_double = begins_with_empty_line(files.text("doublebounceto"));
  settings.bounce_form = read_bounce_form(files, settings.alerts);
  if (files.failure()) {
    return temporary("unable to read controls");
  }
  return settings;
}

RereadSettings reread_send_settings(const std::string& home,
                                    const std::optional<std::string>& me) {
  // qmail-send stays in the directory of the queue, so this only checks that it could enter the
  // home.
  if (!sys::status(base::concat({home, "/."}))) {
    return {scheduler::RereadFailed{"controls: unable to switch to home directory"}};
  }
  control::ControlFiles files(home, me);
  RereadSettings settings;
  auto locals = files.required_list("locals");
  auto virtualdomains = files.list("virtualdomains").value_or(Lines());
  auto form = read_bounce_form(files, settings.alerts);
  auto retry = read_retry_schedule(files, settings.alerts);
  auto domains = read_domain_rules(files, settings.alerts);
  const base::Seconds delay_warning = seconds(files.number("delaywarning"));
  const bool utf8 = files.utf8();
  if (files.failure()) {
    return {scheduler::RereadFailed{base::concat({"control/", files.failure()->name})}};
  }
  settings.event = scheduler::Reread{std::move(locals), std::move(virtualdomains),
                                     std::move(retry),  std::move(domains),
                                     delay_warning,     utf8};
  settings.bounce_form = std::move(form);
  return settings;
}

}  // namespace reqmail::send
