#include "auth/user_admin.h"

#include <functional>
#include <map>
#include <utility>

#include "auth/hash.h"
#include "auth/user_store.h"
#include "base/number.h"
#include "base/text.h"

namespace reqmail::auth {

namespace {

constexpr char kLocked = '!';

Failure missing(UserFileKind kind, std::string_view login) {
  return permanent(base::concat({user_file_path(kind), ": no login ", login}));
}

Failure present(UserFileKind kind, std::string_view login) {
  return permanent(base::concat({user_file_path(kind), ": the login ", login, " is there"}));
}

Result<Done> store(const UserFile& file) {
  if (auto written = write_user_file(file); !written) {
    return written.error();
  }
  if (auto written = write_database(file); !written) {
    return written.error();
  }
  return Done{};
}

// Returns the user of a login in a file that has been parsed.
std::optional<User> user_of(const UserFile& file, std::string_view login) {
  const auto line = file.find(login);
  if (!line) {
    return std::nullopt;
  }
  auto parsed = parse_user_line(*line);
  return parsed ? std::optional<User>(std::move(parsed->user)) : std::nullopt;
}

// Writes the user's line; refuses a line that could not be parsed again.
Result<Done> put_user(UserFile& file, std::string_view login, const User& user) {
  std::string line = base::concat({login, ":", user_fields(user)});
  if (auto parsed = parse_user_line(line); !parsed) {
    return parsed.error();
  }
  file.put(login, std::move(line));
  return store(file);
}

void apply(const UserChange& change, User& user) {
  user.hash = change.hash.value_or(user.hash);
  if (change.identity) {
    user.uid = change.identity->uid;
    user.gid = change.identity->gid;
  }
  user.gecos = change.gecos.value_or(user.gecos);
  user.home = change.home.value_or(user.home);
  user.shell = change.shell.value_or(user.shell);
}

// A file with the lock that lets only this process change it.
struct HeldFile {
  sys::Fd lock;
  UserFile file;
};

Result<HeldFile> take_file(UserFileKind kind) {
  auto lock = lock_users();
  if (!lock) {
    return lock.error();
  }
  auto file = read_or_begin(kind);
  if (!file) {
    return file.error();
  }
  return HeldFile{std::move(*lock), std::move(*file)};
}

// Under the lock, reads users/passwd, lets `edit` change the user, and writes the file.
template <typename Edit>
Result<Done> edit_user(const std::string& login, Edit edit) {
  auto held = take_file(UserFileKind::passwd);
  if (!held) {
    return held.error();
  }
  UserFile& file = held->file;
  auto user = user_of(file, login);
  if (!user) {
    return missing(UserFileKind::passwd, login);
  }
  edit(*user);
  // The login keeps its spelling in the file.
  return put_user(file, std::string(login_of(*file.find(login))), *user);
}

// Checks take long, so only one hash of each cost is checked.
class Checkable {
 public:
  bool operator()(const std::string& hash) {
    const auto [known, added] = known_.emplace(cost_of(hash), true);
    if (added) {
      known->second = can_check(hash).value_or(true);
    }
    return known->second;
  }

 private:
  std::map<std::string, bool, std::less<>> known_;
};

std::string_view remark_on(const User& user, Checkable& checkable) {
  if (user.uid == 0) {
    return "uid 0 is never let in";
  }
  if (hash_state(user.hash) == HashState::empty) {
    return "without a password it is never let in";
  }
  if (hash_state(user.hash) == HashState::weak) {
    return "a hash of this kind is never honoured";
  }
  if (hash_state(user.hash) == HashState::usable && !checkable(user.hash)) {
    return "crypt(3) of this host does not know this hash";
  }
  return {};
}

std::string remarks_on(const UserFile& file) {
  std::string remarks;
  if (others_can_read(file.kind())) {
    remarks = base::concat({user_file_path(file.kind()),
                            " can be read by others than root: chmod 600 ",
                            user_file_path(file.kind()), "\n"});
  }
  if (file.kind() == UserFileKind::secrets) {
    return remarks;
  }
  Checkable checkable;
  for (const std::string_view line : file.entries()) {
    const auto user = user_of(file, login_of(line));
    const std::string_view remark = user ? remark_on(*user, checkable) : std::string_view();
    if (!remark.empty()) {
      remarks += base::concat({login_of(line), ": ", remark, "\n"});
    }
  }
  return remarks;
}

std::string_view state_of(const User& user) {
  switch (hash_state(user.hash)) {
  case HashState::usable:
    return method_of(user.hash)->name;
  case HashState::none:
    return "no-password";
  case HashState::locked:
    return "locked";
  case HashState::empty:
    return "empty-password";
  case HashState::weak:
    break;
  }
  return "weak-hash";
}

std::string list_users(const UserFile& users, const UserFile& secrets) {
  std::string text;
  for (const std::string_view line : users.entries()) {
    const std::string_view login = login_of(line);
    const auto user = user_of(users, login);
    text += base::concat({login, " ", base::decimal(user->uid), " ", base::decimal(user->gid),
                          " ", state_of(*user), secrets.find(login) ? ",stored-secret" : "",
                          " ", user->home, "\n"});
  }
  for (const std::string_view line : secrets.entries()) {
    if (!users.find(login_of(line))) {
      text += base::concat({login_of(line), " - - stored-secret -\n"});
    }
  }
  return text;
}

}  // namespace

Result<Done> rebuild(UserFileKind kind) {
  auto lock = lock_users();
  if (!lock) {
    return lock.error();
  }
  auto file = read_user_file(kind);
  if (!file) {
    return file.error();
  }
  if (auto written = write_database(*file); !written) {
    return written.error();
  }
  return Done{"", remarks_on(*file)};
}

Result<void> expect_login(UserFileKind kind, const std::string& login, bool there) {
  if (auto checked = check_login(login); !checked) {
    return checked;
  }
  auto file = read_or_begin(kind);
  if (!file) {
    return file.error();
  }
  if (file->find(login).has_value() != there) {
    return there ? missing(kind, login) : present(kind, login);
  }
  return {};
}

Result<Done> add_user(const std::string& login, const UserChange& user) {
  auto held = take_file(UserFileKind::passwd);
  if (!held) {
    return held.error();
  }
  UserFile& file = held->file;
  if (file.find(login)) {
    return present(UserFileKind::passwd, login);
  }
  User fresh;
  apply(user, fresh);
  return put_user(file, login, fresh);
}

Result<Done> change_user(const std::string& login, const UserChange& change) {
  return edit_user(login, [&change](User& user) { apply(change, user); });
}

Result<Done> lock_user(const std::string& login) {
  return edit_user(login, [](User& user) {
    if (hash_state(user.hash) != HashState::locked) {
      user.hash.insert(user.hash.begin(), kLocked);
    }
  });
}

Result<Done> unlock_user(const std::string& login) {
  return edit_user(login, [](User& user) {
    while (hash_state(user.hash) == HashState::locked) {
      user.hash.erase(user.hash.begin());
    }
  });
}

Result<Done> set_secret(const std::string& login, const std::string& secret, bool there) {
  auto held = take_file(UserFileKind::secrets);
  if (!held) {
    return held.error();
  }
  UserFile& file = held->file;
  if (file.find(login).has_value() != there) {
    return there ? missing(UserFileKind::secrets, login)
                 : present(UserFileKind::secrets, login);
  }
  std::string line = base::concat({login, ":", secret});
  if (auto parsed = parse_secret_line(line); !parsed) {
    return parsed.error();
  }
  file.put(login, std::move(line));
  return store(file);
}

Result<Done> remove_login(UserFileKind kind, const std::string& login) {
  auto lock = lock_users();
  if (!lock) {
    return lock.error();
  }
  auto file = read_or_begin(kind);
  auto secrets = read_or_begin(UserFileKind::secrets);
  if (!file || !secrets) {
    return file ? secrets.error() : file.error();
  }
  if (!file->remove(login)) {
    return missing(kind, login);
  }
  auto done = store(*file);
  // Otherwise the next login of that name would get the secret.
  if (done && kind == UserFileKind::passwd && secrets->remove(login)) {
    done = store(*secrets);
  }
  return done;
}

Result<Done> list_logins(UserFileKind kind) {
  auto secrets = read_or_begin(UserFileKind::secrets);
  if (!secrets) {
    return secrets.error();
  }
  if (kind == UserFileKind::secrets) {
    std::string text;
    for (const std::string_view line : secrets->entries()) {
      text += base::concat({login_of(line), " stored-secret\n"});
    }
    return Done{std::move(text), ""};
  }
  auto users = read_or_begin(UserFileKind::passwd);
  if (!users) {
    return users.error();
  }
  return Done{list_users(*users, *secrets), ""};
}

}  // namespace reqmail::auth
