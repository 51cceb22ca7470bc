#include "mail/verdict_codec.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/exit_code.h"

namespace reqmail::mail {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

std::string shown(const Result<void>& verdict) {
  return verdict ? "ok" : report(verdict.error());
}

TEST(VerdictCodec, QueueProgramCodesAreTotal) {
  const std::map<int, std::string> texts = {
      {0, "ok"},
      {11, "Denvelope address too long for qq (#5.1.3)"},
      {31, "Dmail server permanently rejected message (#5.3.0)"},
      {51, "Zqq out of memory (#4.3.0)"},
      {52, "Zqq timeout (#4.3.0)"},
      {53, "Zqq write error or disk full (#4.3.0)"},
      {54, "Zqq read error (#4.3.0)"},
      {55, "Zqq unable to read configuration (#4.3.0)"},
      {56, "Zqq trouble making network connection (#4.3.0)"},
      {61, "Zqq trouble in home directory (#4.3.0)"},
      {62, "Zqq trouble creating files in queue (#4.3.0)"},
      {63, "Zqq trouble creating files in queue (#4.3.0)"},
      {64, "Zqq trouble creating files in queue (#4.3.0)"},
      {65, "Zqq trouble creating files in queue (#4.3.0)"},
      {66, "Zqq trouble creating files in queue (#4.3.0)"},
      {71, "Zmail server temporarily rejected message (#4.3.0)"},
      {72, "Zconnection to mail server timed out (#4.4.1)"},
      {73, "Zconnection to mail server rejected (#4.4.1)"},
      {74, "Zcommunication with mail server failed (#4.4.2)"},
      {81, "Zqq internal bug (#4.3.0)"},
      {91, "Zqq internal bug (#4.3.0)"},
      {115, "Denvelope address too long for qq (#5.1.3)"},
      {120, "Zunable to exec qq (#4.3.0)"},
  };
  for (int code = 0; code <= 255; ++code) {
    const auto known = texts.find(code);
    const std::string expected = known != texts.end()       ? known->second
                                 : code >= 11 && code <= 40 ? "Dqq permanent problem (#5.3.0)"
                                                            : "Zqq temporary problem (#4.3.0)";
    EXPECT_EQ(shown(queue_program_verdict({false, code}, true, "")), expected) << code;
    // The exit code counts whether the program has read everything or not; only 0 then means a
    // failure.
    EXPECT_EQ(shown(queue_program_verdict({false, code}, false, "")),
              code == 0 ? "Zqq read error (#4.3.0)" : expected)
        << code;
  }
  EXPECT_EQ(shown(queue_program_verdict({true, 9}, true, "")), "Zqq crashed (#4.3.0)");
  EXPECT_EQ(shown(queue_program_verdict({true, 0}, true, "")), "Zqq crashed (#4.3.0)");
}

TEST(VerdictCodec, CustomTextCountsWithItsCodesOnly) {
  for (const int code : {82, 88}) {
    EXPECT_EQ(shown(queue_program_verdict({false, code}, true, "Dno such list")),
              "Dno such list");
    EXPECT_EQ(shown(queue_program_verdict({false, code}, false, "Zcome again")), "Zcome again");
    EXPECT_EQ(shown(queue_program_verdict({false, code}, true, "Dx")), "Dx");
    for (const std::string& unusable : {""s, "D"s, "Z"s, "no letter"s, "Kfine"s, "\0D"s}) {
      EXPECT_EQ(shown(queue_program_verdict({false, code}, true, unusable)),
                "Zqq temporary problem (#4.3.0)");
    }
  }
  for (const int code : {0, 31, 53, 81, 83, 89, 91}) {
    EXPECT_EQ(shown(queue_program_verdict({false, code}, true, "Dtext")),
              shown(queue_program_verdict({false, code}, true, "")));
  }
  EXPECT_EQ(shown(queue_program_verdict({true, 82}, true, "Dtext")), "Zqq crashed (#4.3.0)");
}

TEST(VerdictCodec, CustomTextIsCleanedAndCut) {
  EXPECT_EQ(shown(queue_program_verdict({false, 82}, true, "Da\r\n\t\x7f\xe4 b~"s)),
            "Da????? b~");
  EXPECT_EQ(shown(queue_program_verdict({false, 82}, true, "Da\0b"s)), "Da?b");
  const auto cut = queue_program_verdict({false, 82}, true, "D" + std::string(300, 'x'));
  EXPECT_EQ(cut.error().text, std::string(255, 'x'));
}

TEST(VerdictCodec, Reports) {
  EXPECT_EQ(report(temporary("later")), "Zlater");
  EXPECT_EQ(report(permanent("never")), "Dnever");
  EXPECT_EQ(report(Grade::success, "did 1+0+0\n"), "Kdid 1+0+0\n");
  EXPECT_EQ(report(Grade::temporary, ""), "Z");
  EXPECT_EQ(report(Grade::permanent, "no"), "Dno");
}

TEST(VerdictCodec, LettersOfReports) {
  for (const Grade grade : {Grade::permanent, Grade::temporary, Grade::success}) {
    EXPECT_EQ(report_grade(report_letter(grade)), grade);
  }
  EXPECT_EQ(report_grade('K'), Grade::success);
  EXPECT_EQ(report_grade('Z'), Grade::temporary);
  EXPECT_EQ(report_grade('D'), Grade::permanent);
  for (const char letter : {'k', 'z', 'd', 'r', 's', 'h', '\0'}) {
    EXPECT_FALSE(report_grade(letter)) << letter;
  }
  EXPECT_EQ(recipient_letter(Grade::success), 'r');
  EXPECT_EQ(recipient_letter(Grade::temporary), 's');
  EXPECT_EQ(recipient_letter(Grade::permanent), 'h');
  EXPECT_EQ(kRemoteOutOfMemory, "ZOut of memory. (#4.3.0)\n\0"sv);
  EXPECT_LT(Grade::permanent, Grade::temporary);
  EXPECT_LT(Grade::temporary, Grade::success);
}

TEST(VerdictCodec, AnswersOfQmqpServers) {
  EXPECT_EQ(qmqp_exit_code(Grade::success), 0);
  EXPECT_EQ(qmqp_exit_code(Grade::temporary), 71);
  EXPECT_EQ(qmqp_exit_code(Grade::permanent), 31);
}

TEST(VerdictCodec, ExitAndReplyCodes) {
  EXPECT_EQ(base::kExitSuccess, 0);
  EXPECT_EQ(exit_code(Permanence::temporary), 111);
  EXPECT_EQ(exit_code(Permanence::permanent), 100);
  EXPECT_EQ(smtp_code(Permanence::temporary), 451);
  EXPECT_EQ(smtp_code(Permanence::permanent), 554);
  EXPECT_EQ(command_verdict({false, kCommandStop}), CommandVerdict::stop);
}

TEST(VerdictCodec, CodesOfReplies) {
  for (const int code : {200, 250, 354, 399}) {
    EXPECT_EQ(smtp_grade(code), Grade::success) << code;
  }
  for (const int code : {0, 99, 100, 199, 400, 450, 451, 499}) {
    EXPECT_EQ(smtp_grade(code), Grade::temporary) << code;
  }
  for (const int code : {500, 550, 554, 599, 600, 999}) {
    EXPECT_EQ(smtp_grade(code), Grade::permanent) << code;
  }
}

TEST(VerdictCodec, ChecksOfRecipients) {
  for (int code = 0; code < 256; ++code) {
    RecipientCheck expected = RecipientCheck::accepted;
    if (code == 100) {
      expected = RecipientCheck::refused;
    } else if (code == 111) {
      expected = RecipientCheck::unsure;
    } else if (code == 112) {
      expected = RecipientCheck::no_opinion;
    } else if (code == 113) {
      expected = RecipientCheck::over_limit;
    } else if (code == 120) {
      expected = RecipientCheck::not_run;
    }
    EXPECT_EQ(recipient_check({false, code}), expected) << code;
    EXPECT_EQ(recipient_is_valid({false, code}),
              code > 1 ? std::nullopt : std::optional<bool>(code == 0));
  }
  EXPECT_EQ(recipient_check({true, 9}), RecipientCheck::unsure);
  EXPECT_EQ(recipient_is_valid({true, 1}), std::nullopt);
}

TEST(VerdictCodec, CommandsInDotQmailAreTemporaryUnlessKnown) {
  for (int code = 0; code <= 255; ++code) {
    CommandVerdict expected = CommandVerdict::temporary;
    switch (code) {
    case 0:
      expected = CommandVerdict::success;
      break;
    case 99:
      expected = CommandVerdict::stop;
      break;
    case 64:
    case 65:
    case 70:
    case 76:
    case 77:
    case 78:
    case 100:
    case 112:
      expected = CommandVerdict::permanent;
      break;
    default:
      break;
    }
    EXPECT_EQ(command_verdict({false, code}), expected) << code;
  }
  EXPECT_EQ(command_verdict({true, 0}), CommandVerdict::temporary);
  EXPECT_EQ(command_verdict({true, 9}), CommandVerdict::temporary);
}

TEST(VerdictCodec, CheckerRefusesUnlessItIsInTrouble) {
  EXPECT_EQ(checkpassword_verdict({false, 0}), LoginVerdict::accepted);
  EXPECT_EQ(checkpassword_verdict({false, 111}), LoginVerdict::trouble);
  EXPECT_EQ(checkpassword_verdict({true, 9}), LoginVerdict::trouble);
  EXPECT_EQ(checkpassword_verdict({true, 0}), LoginVerdict::trouble);
  for (const int code : {1, 2, 100, 110, 112, 255}) {
    EXPECT_EQ(checkpassword_verdict({false, code}), LoginVerdict::refused) << code;
  }
}

TEST(VerdictCodec, LspawnReportsArePermanentUnlessKnown) {
  const std::map<int, std::string> texts = {
      {0, "Ktext\n"},
      {71, "Ztext\n"},
      {74, "Ztext\n"},
      {75, "Ztext\n"},
      {111, "Ztext\n"},
      {112, "ZInternal qmail-lspawn bug.\n"},
      {113, "ZNot allowed to perform deliveries as root.\n"},
      {115, "ZNFS failure in qmail-local.\n"},
      {116, "ZUnable to find alias user!\n"},
      {117, "ZTrouble reading users/cdb in qmail-lspawn.\n"},
      {118, "ZTemporary failure in qmail-lspawn.\n"},
      {119, "ZOut of memory in qmail-lspawn.\n"},
      {120, "ZUnable to run qmail-local.\n"},
      {121, "ZUnable to run qmail-getpw.\n"},
      {126, "DUnable to run qmail-local.\n"},
      {127, "ZUnable to run qmail-local.\n"},
  };
  for (int code = 0; code <= 255; ++code) {
    const auto known = texts.find(code);
    EXPECT_EQ(lspawn_report({false, code}, "text\n"),
              known == texts.end() ? "Dtext\n" : known->second)
        << code;
  }
  EXPECT_EQ(lspawn_report({false, 0}, ""), "K");
  EXPECT_EQ(lspawn_report({false, 100}, ""), "D");
  EXPECT_EQ(lspawn_report({true, 9}, "text\n"), "Zqmail-local crashed.\n");
}

TEST(VerdictCodec, RspawnReportsByExitCode) {
  for (int code = 1; code <= 255; ++code) {
    EXPECT_EQ(rspawn_report({false, code}, "Kfine\0"s), code == 111 || code == 127
                                                            ? "ZUnable to run qmail-remote.\n"
                                                            : "DUnable to run qmail-remote.\n");
  }
  EXPECT_EQ(rspawn_report({true, 11}, "Kfine\0"s), "Zqmail-remote crashed.\n");
  EXPECT_EQ(rspawn_report({false, 0}, ""), "Zqmail-remote produced no output.\n");
}

struct Condensed {
  std::string output;
  std::string report;
};

TEST(VerdictCodec, RspawnCondensesReports) {
  const Condensed rows[] = {
      {"r\0Kaccepted.\nfine\n\0"s, "Kaccepted.\nfine\n"},
      {"r\0Dfailed on DATA.\nno\n\0"s, "Dfailed on DATA.\nno\n"},
      {"r\0Zlater\n\0"s, "Zlater\n"},
      {"hdislikes.\nunknown\n\0Kaccepted.\n\0"s, "Ddislikes.\nunknown\n"},
      {"hdislikes.\nunknown\n\0DGiving up.\n\0"s, "Ddislikes.\nunknown\nGiving up.\n"},
      {"hdislikes.\n\0Zlater.\n\0"s, "Ddislikes.\n"},
      {"sbusy.\n\0Zlater.\n\0"s, "Zbusy.\nlater.\n"},
      {"sbusy.\n\0DGiving up.\n\0"s, "Zbusy.\nGiving up.\n"},
      {"sbusy.\n\0Kaccepted.\n\0"s, "Zbusy.\n"},
      {"Kaccepted.\n\0"s, "Kaccepted.\n"},
      {"Zno connection.\n\0"s, "Zno connection.\n"},
      {"Dno such host.\n\0"s, "Dno such host.\n"},
      {"r\0"s, "D"},
      {"sbusy\n\0"s, "Zbusy\n"},
      {"hunknown\n\0"s, "Dunknown\n"},
      {"Kaccepted.\n"s, "D"},
      {"r\0Kaccepted\0"s, "Kaccepted"},
      {"Done\ntwo\n\nthree\n\0"s, "Done\ntwo\n\nthree\n"},
      {"xab\0xline\0"s, "Dab"},
      {"Kone\0Dtwo\0"s, "Konetwo"},
      {"Kone\0Ztwo\0Dthree\0"s, "Konetwo"},
      {"Done\0Ktwo\0"s, "Donetwo"},
      {"hno\0Kok"s, "Dnook"},
      {"sno\0Kok"s, "Znook"},
      {"hno"s, "D"},
      {"sno"s, "Z"},
      {"r\0x\0Kok\0"s, "K"},
      {"xab\0hno\0Zlater\0"s, "Zab"},
      {"r\0\0Kok\0"s, "K"},
      {"\0Kok\0"s, "KKok"},
      {"\0"s, "D"},
  };
  for (const Condensed& row : rows) {
    EXPECT_EQ(rspawn_report({false, 0}, row.output), row.report) << row.output;
  }
}

TEST(VerdictCodec, Filters) {
  EXPECT_EQ(filter_verdict({false, 0}), FilterVerdict::deliver);
  EXPECT_EQ(filter_verdict({false, 2}), FilterVerdict::drop);
  EXPECT_EQ(filter_verdict({false, 100}), FilterVerdict::permanent);
  EXPECT_EQ(filter_verdict({false, 111}), FilterVerdict::temporary);
  EXPECT_EQ(filter_verdict({true, 2}), FilterVerdict::temporary);
  EXPECT_EQ(filter_verdict({true, 0}), FilterVerdict::temporary);
  EXPECT_EQ(signature_exit_code(Permanence::permanent), 32);
  EXPECT_EQ(signature_exit_code(Permanence::temporary), 88);
}

}  // namespace
}  // namespace reqmail::mail
