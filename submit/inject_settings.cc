#include "submit/inject_settings.h"

#include <unistd.h>

#include <initializer_list>
#include <string_view>
#include <utility>

#include "base/constmap.h"
#include "control/files.h"
#include "control/reader.h"
#include "sys/clock.h"
#include "sys/env.h"
#include "sys/program.h"

namespace reqmail::submit {

namespace {

constexpr std::string_view kNobody = "anonymous";

// Returns the value of the first of these variables that is set, even if the value is empty.
std::optional<std::string> first_set(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (auto value = sys::environment_value(name)) {
      return value;
    }
  }
  return std::nullopt;
}

Failure read_error(int error) {
  return temporary("read error", error);
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
      return read_error(lists.error().error);
    }
    if (*lists) {
      header.followup_lists = base::ConstMap::of_keys(**lists);
    }
  }
  header.now = sys::now();
  header.process_id = static_cast<std::uint64_t>(::getpid());
  return header;
}

// The names that complete addresses.
struct HostNames {
  std::string domain;
  std::string host;
  std::string plus_domain;
  std::string id_host;
};

// A file that cannot be read is an error even if a variable replaces its value.
Result<HostNames> read_host_names() {
  control::ControlFiles files;
  HostNames names;
  names.domain = files.line("defaultdomain");
  names.host = files.line("defaulthost");
  names.plus_domain = files.line("plusdomain");
  names.id_host = files.line("idhost");
  if (files.failure()) {
    return read_error(files.failure()->error);
  }
  const auto replace = [](std::string& name, const char* variable) {
    if (auto value = sys::environment_value(variable)) {
      name = std::move(*value);
    }
  };
  replace(names.domain, "QMAILDEFAULTDOMAIN");
  replace(names.host, "QMAILDEFAULTHOST");
  replace(names.plus_domain, "QMAILPLUSDOMAIN");
  replace(names.id_host, "QMAILIDHOST");
  return names;
}

// The file is read only if there is something to be told.
Result<InjectWishes> read_wishes() {
  const auto words = sys::take_environment_value(kWishesVariable);
  if (!words) {
    return InjectWishes();
  }
  control::ControlFiles files;
  const bool counts = files.number("dsn") > 0;
  if (files.failure()) {
    return read_error(files.failure()->error);
  }
  return counts ? parse_wishes(*words) : InjectWishes();
}

}  // namespace

Result<InjectSettings> load_inject_settings() {
  const std::string letters = first_set({"QMAILINJECT"}).value_or(std::string());
  auto header = from_environment(letters);
  if (!header) {
    return header.error();
  }
  if (auto home = sys::Program::enter_home(); !home) {
    return temporary("internal bug", home.error().error);
  }
  auto names = read_host_names();
  if (!names) {
    return names.error();
  }
  header->id_host = std::move(names->id_host);
  auto address_defaults =
      mail::AddressDefaults::parse(names->host, names->domain, names->plus_domain);
  if (!address_defaults) {
    return mail::unparsable_line(address_defaults.error().text);
  }
  auto wishes = read_wishes();
  if (!wishes) {
    return wishes.error();
  }
  return InjectSettings{std::move(*header), std::move(*address_defaults),
                        letters.find(kFindLineEnds) != std::string::npos, std::move(*wishes)};
}

}  // namespace reqmail::submit
