// Any bytes as the input on descriptor 3, as a line of users/passwd or users/secrets, as the
// whole file, and as a record of a damaged database: the result is always valid, and it is the
// same when it is written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "auth/challenge.h"
#include "auth/login_fields.h"
#include "auth/shadow.h"
#include "auth/user_file.h"
#include "auth/user_line.h"
#include "base/text.h"

namespace {

using namespace reqmail;  // NOLINT(google-build-using-namespace)

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

void read_fields(std::string_view bytes) {
  auth::LoginFields fields;
  if (!auth::parse_login_fields(bytes, fields)) {
    require(base::split(bytes, '\0').size() < 3);
    return;
  }
  using namespace std::string_view_literals;
  require(fields.login.find('\0') == std::string::npos);
  require(fields.secret.find('\0') == std::string::npos);
  require(fields.challenge.find('\0') == std::string::npos);
  require(bytes.starts_with(
      base::concat({fields.login, "\0"sv, fields.secret, "\0"sv, fields.challenge})));
  if (auth::is_digest(fields.secret)) {
    // Random bytes are never the right answer to a challenge.
    require(!auth::answers_challenge("a secret that no input knows", fields.challenge,
                                     fields.secret));
  }
}

void read_user(std::string_view line) {
  const auto parsed = auth::parse_user_line(line);
  if (!parsed) {
    require(!parsed.error().text.empty());
    return;
  }
  require(auth::check_login(parsed->login).has_value());
  require(parsed->user.uid != static_cast<uid_t>(-1));
  require(parsed->user.gid != static_cast<gid_t>(-1));
  require(parsed->user.home.front() == '/');
  const auto again = auth::parse_user(auth::user_fields(parsed->user));
  require(again.has_value() && again->hash == parsed->user.hash &&
          again->uid == parsed->user.uid && again->gid == parsed->user.gid &&
          again->home == parsed->user.home && again->shell == parsed->user.shell);
}

void read_secret(std::string_view line) {
  const auto parsed = auth::parse_secret_line(line);
  require(!parsed || base::concat({parsed->login, ":", parsed->secret}) == line);
}

void read_file(auth::UserFileKind kind, std::string_view text) {
  auto file = auth::UserFile::parse(kind, text);
  if (!file) {
    return;
  }
  require(file->text() == text);
  for (const std::string_view line : file->entries()) {
    require(file->find(auth::login_of(line)) == line);
  }
  const std::string login = "nobody-has-this-login";
  if (!file->find(login)) {
    file->put(login, login + ":*:1:1::/:");
    require(file->remove(login) && file->text() == text);
  }
}

void read_hash(std::string_view hash) {
  const auth::HashState state = auth::hash_state(hash);
  const std::string_view cost = auth::cost_of(hash);
  require(hash.starts_with(cost));
  require((state == auth::HashState::usable) == (auth::method_of(hash) != nullptr));
  auth::CostSample sample;
  sample.add(hash);
  require(sample.settings().size() == (state == auth::HashState::usable ? 1U : 0U));
  require(auth::sample_shadow(hash).settings().size() <= auth::kMostCosts);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_fields(text);
  read_user(text);
  read_secret(text);
  read_file(auth::UserFileKind::passwd, text);
  read_file(auth::UserFileKind::secrets, text);
  read_hash(text);
  return 0;
}
