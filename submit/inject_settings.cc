#include "submit/inject_settings.h"

#include <unistd.h>

#include <initializer_list>
#include <string_view>
#include <utility>

#include "base/constmap.h"
#include "config.h"
#include "control/known.h"
#include "control/reader.h"
#include "sys/clock.h"
#include "sys/env.h"
#include "sys/file.h"

namespace reqmail::submit {

namespace {

constexpr std::string_view kNobody = "anonymous";

// The first of these variables that is set, the empty value included.
std::optional<std::string> first_set(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (auto value = sys::environment_value(name)) {
      return value;
    }
  }
  return std::nullopt;
}

Failure read_error(const Failure& cause) {
  return temporary("read error", cause.error);
}

void read_letters(std::string_view letters, mail::HeaderSettings& header) {
  const auto has = [letters](char letter) {
    return letters.find(letter) != std::string_view::npos;
  };
  header.name_as_comment = has('c');
  header.delete_from = has('f');
  header.delete_message_id = has('i');
  header.delete_return_path = has('s');
  header.verp_per_message = has('m');
  header.verp_per_recipient = has('r');
}

Result<mail::HeaderSettings> from_environment(std::string_view letters) {
  mail::HeaderSettings header;
  read_letters(letters, header);
  header.user =
      first_set({"QMAILUSER", "MAILUSER", "USER", "LOGNAME"}).value_or(std::string(kNobody));
  header.host = first_set({"QMAILHOST", "MAILHOST"});
  header.full_name = first_set({"QMAILNAME", "MAILNAME", "NAME"});
  header.sender_user = first_set({"QMAILSUSER"}).value_or(header.user);
  header.sender_host = first_set({"QMAILSHOST", "QMAILHOST", "MAILHOST"});
  if (const auto path = first_set({"QMAILMFTFILE"})) {
    auto lists = control::read_lines(*path);
    if (!lists) {
      return read_error(lists.error());
    }
    if (*lists) {
      header.followup_lists = base::ConstMap::of_keys(**lists);
    }
  }
  header.now = sys::now();
  header.process_id = static_cast<std::uint64_t>(::getpid());
  return header;
}

// A variable, else the first line of the control file, else control/me, else the file's own
// name. A file that cannot be read is an error even where a variable takes its place.
Result<std::string> configured(const control::Defaults& defaults, const char* variable,
                               const std::string& path, std::string_view fallback) {
  auto line = defaults.line_or_me(path);
  if (!line) {
    return read_error(line.error());
  }
  if (auto value = sys::environment_value(variable)) {
    return std::move(*value);
  }
  return *line ? std::move(**line) : std::string(fallback);
}

}  // namespace

Result<InjectSettings> load_inject_settings() {
  const std::string letters = first_set({"QMAILINJECT"}).value_or(std::string());
  auto header = from_environment(letters);
  if (!header) {
    return header.error();
  }
  if (auto home = sys::change_directory(std::string(config::kHome)); !home) {
    return temporary("internal bug", home.error().error);
  }
  const auto defaults = control::Defaults::load();
  if (!defaults) {
    return read_error(defaults.error());
  }
  auto domain = configured(*defaults, "QMAILDEFAULTDOMAIN", "control/defaultdomain",
                           control::default_text("defaultdomain"));
  auto host = configured(*defaults, "QMAILDEFAULTHOST", "control/defaulthost",
                         control::default_text("defaulthost"));
  auto plus_domain = configured(*defaults, "QMAILPLUSDOMAIN", "control/plusdomain",
                                control::default_text("plusdomain"));
  auto id_host =
      configured(*defaults, "QMAILIDHOST", "control/idhost", control::default_text("idhost"));
  for (const auto* value : {&domain, &host, &plus_domain, &id_host}) {
    if (!*value) {
      return value->error();
    }
  }
  header->id_host = std::move(*id_host);
  auto address_defaults = mail::AddressDefaults::parse(*host, *domain, *plus_domain);
  if (!address_defaults) {
    return mail::unparsable_line(address_defaults.error().text);
  }
  return InjectSettings{std::move(*header), std::move(*address_defaults),
                        letters.find(kFindLineEnds) != std::string::npos};
}

}  // namespace reqmail::submit
