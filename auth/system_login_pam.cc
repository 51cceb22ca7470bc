// Checks the system's accounts through PAM, with service "qmail".
#include <security/pam_appl.h>
#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "auth/system_login.h"
#include "base/text.h"
#include "sys/env.h"
#include "sys/file.h"

namespace reqmail::auth {

namespace {

constexpr const char* kService = "qmail";
// The directory where PAM looks for a service. If the service is missing there, PAM would use
// "other", which refuses everybody. A system without the directory has all services in one
// file.
constexpr const char* kDirectory = "/etc/pam.d";
constexpr const char* kServiceFiles[] = {"/etc/pam.d/qmail", "/usr/lib/pam.d/qmail",
                                         "/usr/share/pam.d/qmail",
                                         "/usr/local/etc/pam.d/qmail"};

void forget(pam_response* responses, int count) {
  for (int i = 0; i < count; ++i) {
    if (responses[i].resp != nullptr) {
      ::explicit_bzero(responses[i].resp, ::strlen(responses[i].resp));
      ::free(responses[i].resp);  // NOLINT(*-no-malloc): PAM's modules free these
    }
  }
  ::free(responses);  // NOLINT(*-no-malloc)
}

const char* answer_to(int style, const LoginFields& fields) {
  switch (style) {
  case PAM_PROMPT_ECHO_OFF:
    return fields.secret.c_str();
  case PAM_PROMPT_ECHO_ON:
    return fields.login.c_str();
  default:
    return nullptr;
  }
}

extern "C" int converse(int count, const pam_message** messages, pam_response** responses,
                        void* data) {
  const auto* fields = static_cast<const LoginFields*>(data);
  if (count <= 0 || count > PAM_MAX_NUM_MSG) {
    return PAM_CONV_ERR;
  }
  auto* made = static_cast<pam_response*>(
      ::calloc(static_cast<std::size_t>(count), sizeof(pam_response)));  // NOLINT(*-no-malloc)
  if (made == nullptr) {
    return PAM_BUF_ERR;
  }
  for (int i = 0; i < count; ++i) {
    const char* answer = answer_to(messages[i]->msg_style, *fields);
    if (answer != nullptr && (made[i].resp = ::strdup(answer)) == nullptr) {
      forget(made, count);
      return PAM_BUF_ERR;
    }
  }
  *responses = made;
  return PAM_SUCCESS;
}

bool means_refused(int code) {
  constexpr int kRefusals[] = {PAM_AUTH_ERR,     PAM_USER_UNKNOWN,    PAM_MAXTRIES,
                               PAM_PERM_DENIED,  PAM_ACCT_EXPIRED,    PAM_NEW_AUTHTOK_REQD,
                               PAM_CRED_EXPIRED, PAM_AUTHTOK_EXPIRED, PAM_CRED_INSUFFICIENT};
  return std::find(std::begin(kRefusals), std::end(kRefusals), code) != std::end(kRefusals);
}

Failure trouble(pam_handle_t* handle, int code) {
  return temporary(base::concat({"PAM: ", ::pam_strerror(handle, code)}), EIO);
}

int ask(pam_handle_t* handle, Proof proof) {
  int code = proof == Proof::digest
                 ? PAM_SUCCESS
                 : ::pam_authenticate(handle, PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK);
  if (code == PAM_SUCCESS) {
    code = ::pam_acct_mgmt(handle, PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK);
  }
  return code;
}

bool has_service() {
  const auto is_there = [](const char* path) { return sys::status(path).has_value(); };
  return !is_there(kDirectory) ||
         std::any_of(std::begin(kServiceFiles), std::end(kServiceFiles), is_there);
}

}  // namespace

Result<bool> check_system_login(const LoginFields& fields,
                                const std::optional<sys::PasswdEntry>& account, Proof proof,
                                PasswordTrial& trial) {
  (void)trial;
  if (!has_service()) {
    return temporary("PAM has no service qmail: /etc/pam.d/qmail is missing", ENOENT);
  }
  // The cast is safe, since PAM only passes the pointer on.
  const pam_conv conversation{converse, const_cast<LoginFields*>(&fields)};
  pam_handle_t* handle = nullptr;
  int code = ::pam_start(kService, fields.login.c_str(), &conversation, &handle);
  if (code != PAM_SUCCESS) {
    return trouble(handle, code);
  }
  if (const auto host = sys::environment_value("TCPREMOTEIP"); host) {
    (void)::pam_set_item(handle, PAM_RHOST, host->c_str());
  }
  // PAM's modules take their time for names that do not exist too.
  code = ask(handle, proof);
  Result<bool> result = code == PAM_SUCCESS && account.has_value();
  if (code != PAM_SUCCESS && !means_refused(code)) {
    result = trouble(handle, code);
  }
  (void)::pam_end(handle, code);
  return result;
}

void look_for_no_system_login(const std::string& /*login*/) {}

std::vector<std::string> system_costs() {
  return {};
}

}  // namespace reqmail::auth
