// The state of an SMTP session, as its policy and its queue program see it.
#include "proto/smtp_state.h"

#include <gtest/gtest.h>

#include <string>

#include "mail/envelope.h"
#include "proto/question.h"
#include "proto/smtp_security.h"
#include "proto/smtp_server_settings.h"
#include "proto/smtp_step.h"

namespace reqmail::proto {
namespace {

using namespace std::string_literals;

SmtpState state_with(void (*change)(SmtpServerSettings&) = [](SmtpServerSettings&) {}) {
  SmtpServerSettings settings;
  settings.greeting = "mx.example";
  change(settings);
  return SmtpState(std::move(settings));
}

// The size of an envelope is the number of bytes that the queue program will read.
TEST(SmtpEnvelope, SizeIsThatOfTheRecords) {
  SmtpEnvelope envelope;
  std::string records;
  mail::append_record(records, 'F', "s@h");
  envelope.sender = "s@h";
  EXPECT_EQ(envelope.size(), records.size());
  for (const auto* recipient : {"one@x", "a.much.longer.name@y.example", ""}) {
    mail::append_record(records, 'T', recipient);
    envelope.recipients += recipient + "\0"s;
    ++envelope.recipient_count;
    EXPECT_EQ(envelope.size(), records.size());
  }
}

TEST(SmtpState, ATransactionIsForgottenTheSessionIsNot) {
  SmtpState state = state_with();
  state.helo = "c.example";
  state.security = SmtpSecurity{"TLS_AES_128_GCM_SHA256"};
  state.unknown_in_a_row = 3;
  state.in_transaction = true;
  state.envelope = {
      .sender = "s@h", .compared_sender = "s@h", .recipients = "r@x\0"s, .recipient_count = 1};
  state.queue_process = 42;
  state.forget_transaction();
  EXPECT_FALSE(state.in_transaction);
  EXPECT_EQ(state.envelope.sender, "");
  EXPECT_EQ(state.envelope.recipients, "");
  EXPECT_EQ(state.envelope.recipient_count, 0U);
  EXPECT_EQ(state.queue_process, 0U);
  EXPECT_EQ(state.helo, "c.example");
  EXPECT_EQ(state.security->cipher, "TLS_AES_128_GCM_SHA256");
  EXPECT_EQ(state.unknown_in_a_row, 3U);
}

TEST(SmtpState, FactsOfAStranger) {
  const PolicyFacts facts = state_with().facts();
  EXPECT_FALSE(facts.encrypted || facts.certified);
  EXPECT_FALSE(facts.helo);
  EXPECT_EQ(facts.sender, "");
  EXPECT_EQ(facts.recipients, 0U);
}

TEST(SmtpState, FactsOfAClientInTls) {
  SmtpState state = state_with();
  state.helo = "c.example";
  state.envelope = {
      .sender = "s@h", .compared_sender = "s@h", .recipients = "r@x\0"s, .recipient_count = 1};
  state.security = SmtpSecurity{};
  EXPECT_TRUE(state.facts().encrypted);
  EXPECT_FALSE(state.facts().certified);
  EXPECT_EQ(state.facts().helo, "c.example");
  EXPECT_EQ(state.facts().sender, "s@h");
  EXPECT_EQ(state.facts().recipients, 1U);
  EXPECT_EQ(state.facts().envelope_size, state.envelope.size());
  state.security->client_verify_error = "certificate has expired";
  EXPECT_EQ(state.facts().verify_error, "certificate has expired");
  state.security->client = "u@h";
  EXPECT_TRUE(state.facts().certified);
}

// If AUTH requires a login, so does MAIL.
TEST(SmtpState, WhatAuthRequiresCountsInThePolicy) {
  EXPECT_FALSE(state_with().policy.settings().login_required);
  const SmtpState state = state_with([](SmtpServerSettings& settings) {
    settings.auth.required = true;
    settings.auth.user_is_sender = true;
  });
  EXPECT_TRUE(state.policy.settings().login_required);
  EXPECT_TRUE(state.policy.settings().user_is_sender);
}

TEST(SmtpState, RelayClientsHaveASuffix) {
  EXPECT_EQ(state_with().relay_suffix(), std::nullopt);
  const SmtpState state =
      state_with([](SmtpServerSettings& settings) { settings.policy.relay_suffix = "@gate"; });
  EXPECT_EQ(state.relay_suffix(), "@gate");
}

// By default a step has no reply, asks nothing and continues the session; a question is about
// an address.
TEST(SmtpStep, Defaults) {
  const SmtpStep step;
  EXPECT_EQ(step.action, SmtpAction::none);
  EXPECT_EQ(step.reply, "");
  EXPECT_FALSE(step.question || step.credentials || step.event);
  EXPECT_EQ(Question{}.about, Question::About::own_address);
  EXPECT_FALSE(Answer{}.yes);
  EXPECT_EQ(SmtpEvent{"x"}.queue_process, 0U);
  EXPECT_FALSE(SmtpSecurity{}.implicit);
}

}  // namespace
}  // namespace reqmail::proto
