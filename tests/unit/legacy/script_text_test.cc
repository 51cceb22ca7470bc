#include "legacy/script_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "legacy/script_edit.h"
#include "legacy/shell_words.h"
#include "legacy/tcp_rules.h"

namespace reqmail::legacy {
namespace {

using std::string_literals::operator""s;
using Words = std::vector<std::string>;

std::string value_of(const std::vector<Setting>& settings, const std::string& name) {
  for (const Setting& setting : settings) {
    if (setting.name == name) {
      return setting.value;
    }
  }
  return "(none)";
}

// Returns "account" or "account:group:group" for each, with "*" at the end if the process gets
// all groups of the account.
Words accounts_of(const ScriptFacts& facts) {
  Words words;
  for (const RunsAs& who : facts.users) {
    std::string word = who.account;
    for (const std::string& group : who.groups) {
      word += ":" + group;
    }
    words.push_back(word + (who.every_group ? "*" : ""));
  }
  return words;
}

TEST(ShellWords, QuotesOperatorsComments) {
  EXPECT_EQ(shell_words("a 'b c' \"d\\\"e\" f\\ g"), (Words{"a", "b c", "d\"e", "f g"}));
  EXPECT_EQ(shell_words("a=1;b&&c|d"), (Words{"a=1", ";", "b", "&", "&", "c", "|", "d"}));
  EXPECT_EQ(shell_words("a b#c # d e"), (Words{"a", "b#c"}));
  EXPECT_EQ(shell_words("run 2>&1 >log"), (Words{"run", ">", "&", "1", ">", "log"}));
  EXPECT_EQ(shell_words("x ''"), (Words{"x", ""}));
  EXPECT_EQ(shell_words("'never closed"), (Words{"never closed"}));
  EXPECT_EQ(shell_words("end\\"), (Words{"end\\"}));
  EXPECT_TRUE(shell_words("").empty());
}

TEST(Script, ARunScriptOfATutorial) {
  const ScriptFacts facts = read_script(
      "#!/bin/sh\nQMAILDUID=`id -u qmaild`\nexport SMTPAUTH=\"!\" FOO=bar\n"
      "exec /usr/local/bin/softlimit -m 2000000 \\\n"
      "  /usr/local/bin/tcpserver -vRHl0 -x /etc/tcp.smtp.cdb -c\"20\" -u $QMAILDUID 0 smtp "
      "\\\n"
      "  /var/qmail/bin/qmail-smtpd mail.example.org /home/vpopmail/bin/vchkpw /bin/true "
      "2>&1\n",
      false);
  EXPECT_EQ(facts.kind, ScriptKind::shell);
  EXPECT_EQ(value_of(facts.settings, "SMTPAUTH"), "!");
  EXPECT_EQ(value_of(facts.settings, "FOO"), "bar");
  EXPECT_EQ(value_of(facts.settings, "QMAILDUID"), "(none)");
  EXPECT_EQ(facts.memory_limit, 2000000U);
  EXPECT_EQ(facts.rule_files, (Words{"/etc/tcp.smtp.cdb"}));
  EXPECT_EQ(accounts_of(facts), (Words{"qmaild"}));
  ASSERT_EQ(facts.invocations.size(), 1U);
  EXPECT_EQ(facts.invocations[0].program, "qmail-smtpd");
  EXPECT_EQ(facts.invocations[0].arguments,
            (Words{"mail.example.org", "/home/vpopmail/bin/vchkpw", "/bin/true"}));
}

TEST(Script, RunitAndEnvironmentDirectories) {
  const ScriptFacts facts = read_script(
      "#!/bin/sh\nexec env - PATH=/bin chpst -m 9000000 -u qmaild -e ./env qmail-smtpd\n"
      "exec envdir /etc/env qmail-popup h\nsetuidgid vpopmail x\n",
      false);
  EXPECT_EQ(facts.environment_directories, (Words{"./env", "/etc/env"}));
  EXPECT_EQ(accounts_of(facts), (Words{"qmaild", "vpopmail"}));
  EXPECT_EQ(facts.memory_limit, 9000000U);
  EXPECT_EQ(facts.invocations.size(), 2U);
}

TEST(Script, Execline) {
  const ScriptFacts facts =
      read_script("#!/bin/execlineb -P\nexport SMTPAUTH !\nqmail-smtpd check true\n", false);
  EXPECT_EQ(facts.kind, ScriptKind::execline);
  EXPECT_EQ(value_of(facts.settings, "SMTPAUTH"), "!");
  ASSERT_EQ(facts.invocations.size(), 1U);
}

TEST(Script, Units) {
  const ScriptFacts facts = read_script(
      "[Unit]\nDescription=qmail-smtpd has words\n[Service]\nEnvironment=SMTPAUTH=! \"A=b c\"\n"
      "User=vpopmail\nExecStart=-/var/qmail/bin/qmail-smtpd /bin/checkpassword \\\n  "
      "/bin/true\n",
      true);
  EXPECT_EQ(facts.kind, ScriptKind::systemd);
  EXPECT_EQ(value_of(facts.settings, "SMTPAUTH"), "!");
  EXPECT_EQ(value_of(facts.settings, "A"), "b c");
  EXPECT_EQ(accounts_of(facts), (Words{"vpopmail*"}));
  ASSERT_EQ(facts.invocations.size(), 1U);
  EXPECT_EQ(facts.invocations[0].arguments, (Words{"/bin/checkpassword", "/bin/true"}));
}

TEST(Script, CommentsSayNothing) {
  const ScriptFacts facts =
      read_script("# export CHKUSER_START=ALWAYS\n#qmail-smtpd x\n", false);
  EXPECT_TRUE(facts.settings.empty());
  EXPECT_TRUE(facts.invocations.empty());
}

TEST(Script, ASettingGoesInFrontOfTheCommand) {
  const Setting setting{"FORCETLS", "0"};
  const std::string shell = "#!/bin/sh\nA=1\nexec tcpserver \\\n  qmail-smtpd x y\n";
  const ScriptFacts facts = read_script(shell, false);
  EXPECT_EQ(
      with_settings(shell, facts.kind, facts.invocations[0].line_begin, {setting}).content,
      "#!/bin/sh\nA=1\nFORCETLS=0; export FORCETLS\nexec tcpserver \\\n  qmail-smtpd x y\n");
  EXPECT_EQ(setting_line(ScriptKind::execline, {setting}), "export FORCETLS 0");
  const std::string unit = "[Unit]\nA=b\n[Service]\nExecStart=/bin/qmail-smtpd x\n";
  const ScriptFacts of_unit = read_script(unit, true);
  EXPECT_EQ(
      with_settings(unit, of_unit.kind, of_unit.invocations[0].line_begin, {setting}).content,
      "[Unit]\nA=b\n[Service]\nEnvironment=FORCETLS=0\nExecStart=/bin/qmail-smtpd x\n");
}

TEST(Script, ASettingGoesBehindAnEmptiedEnvironment) {
  const std::string text = "#!/bin/sh\nexec env - PATH=/bin \\\n  qmail-smtpd x y\n";
  const ScriptFacts facts = read_script(text, false);
  ASSERT_EQ(facts.invocations.size(), 1U);
  const ScriptEdit edit =
      with_settings(text, facts.kind, facts.invocations[0].line_begin, {{"FORCETLS", "0"}});
  EXPECT_EQ(edit.content, "#!/bin/sh\nexec env - FORCETLS=0 PATH=/bin \\\n  qmail-smtpd x y\n");
  EXPECT_EQ(edit.old_line, "exec env - PATH=/bin \\");
  EXPECT_EQ(edit.new_line, "exec env - FORCETLS=0 PATH=/bin \\");
}

TEST(ShellWords, KnownVariables) {
  const ShellVariables known{{"A", "one two"}, {"E", ""}, {"H", "`cat control/me`"}};
  EXPECT_EQ(shell_words("$A \"$A\" '$A' ${A} x$E $E \"$E\"", known),
            (Words{"one", "two", "one two", "$A", "one", "two", "x", ""}));
  EXPECT_EQ(shell_words("$H $B ${C:-d e} ${A:+x}", known),
            (Words{"`cat control/me`", "$B", "d", "e", "${A:+x}"}));
  EXPECT_EQ(shell_words("a `hostname -f` \"$(cat me; x)\" b", known),
            (Words{"a", "`hostname -f`", "$(cat me; x)", "b"}));
}

TEST(ShellWords, LinesThatBelongTogether) {
  const auto lines = logical_lines("a \\\nb\nsh -c 'c\nd'\ncat <<E\nit's\nE\ndon't\ne\n");
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(shell_words(lines[0].text), (Words{"a", "b"}));
  EXPECT_EQ(shell_words(lines[1].text), (Words{"sh", "-c", "c\nd"}));
  EXPECT_EQ(lines[3].text, "don't");
  EXPECT_EQ(lines[4].text, "e");
}

TEST(Script, GroupsOfAListener) {
  const ScriptFacts facts = read_script(
      "#!/bin/sh\ntcpserver -u 64011 -g keys 0 25 x\ntcpserver -u qmaild -g `id -g qmaild` 0 "
      "25 "
      "x\nchpst -u qmaild:nofiles:keys x\ns6-setuidgid qmaild x\nsetuidgid qmaild "
      "x\nenvuidgid qmaild x\n",
      false);
  EXPECT_EQ(accounts_of(facts), (Words{"64011:keys", "qmaild", "qmaild:nofiles:keys", "qmaild*",
                                       "qmaild", "qmaild"}));
  const ScriptFacts unit = read_script(
      "[Service]\nSupplementaryGroups=keys mail\nGroup=nofiles\nUser=qmaild\n", true);
  EXPECT_EQ(accounts_of(unit), (Words{"qmaild:keys:mail:nofiles*"}));
}

TEST(Script, OurOwnListener) {
  const ScriptFacts facts = read_script(
      "#!/bin/sh\nexec qmail-listen -v -C 10 -N 30 -x /etc/tcp.smtp.cdb -u qmaild 0,:: 25 "
      "qmail-smtpd vchkpw true\n",
      false);
  EXPECT_EQ(facts.rule_files, (Words{"/etc/tcp.smtp.cdb"}));
  EXPECT_EQ(accounts_of(facts), (Words{"qmaild"}));
  ASSERT_EQ(facts.invocations.size(), 1U);
  EXPECT_EQ(facts.invocations[0].arguments, (Words{"vchkpw", "true"}));
}

TEST(Script, OfAToaster) {
  const ScriptFacts facts = read_script(
      "#!/bin/sh\nQMAILDUID=`id -u vpopmail`\nSMTPD=\"/var/qmail/bin/qmail-smtpd\"\n"
      "TCP_CDB=\"/etc/tcprules.d/tcp.smtp.cdb\"\nHOSTNAME=`hostname`\n"
      "VCHKPW=\"/home/vpopmail/bin/vchkpw\"\nREQUIRE_AUTH=0\n"
      "exec /usr/bin/softlimit -m 20000000 \\\n"
      "  /usr/bin/tcpserver -v -l $HOSTNAME -x $TCP_CDB -u \"$QMAILDUID\" 0 smtp \\\n"
      "  $SMTPD $VCHKPW /bin/true 2>&1\n",
      false);
  EXPECT_EQ(value_of(facts.settings, "REQUIRE_AUTH"), "(none)");
  EXPECT_EQ(facts.rule_files, (Words{"/etc/tcprules.d/tcp.smtp.cdb"}));
  EXPECT_EQ(accounts_of(facts), (Words{"vpopmail"}));
  ASSERT_EQ(facts.invocations.size(), 1U);
  EXPECT_EQ(facts.invocations[0].arguments, (Words{"/home/vpopmail/bin/vchkpw", "/bin/true"}));
}

TEST(Script, ShellsInShellsAndBackquotedNames) {
  const ScriptFacts facts = read_script(
      "exec tcpserver 0 25 sh -c 'export A=b; exec qmail-smtpd `hostname` /bin/check true'\n",
      false);
  EXPECT_EQ(value_of(facts.settings, "A"), "b");
  ASSERT_EQ(facts.invocations.size(), 1U);
  EXPECT_EQ(facts.invocations[0].arguments, (Words{"`hostname`", "/bin/check", "true"}));
  EXPECT_EQ(facts.invocations[0].line_begin, 0U);
}

TEST(Script, SourcedFiles) {
  const SourceReader source = [](const std::string& name) {
    return name == "/etc/mail.conf"
               ? std::optional<std::string>("S=qmail-smtpd\nX=1\nexport X Z=2\n")
               : std::nullopt;
  };
  const ScriptFacts facts =
      read_script(". /etc/mail.conf\n. /etc/none\nset -a\nexec $S a b\n", false, source);
  EXPECT_EQ(value_of(facts.settings, "X"), "1");
  EXPECT_EQ(value_of(facts.settings, "S"), "qmail-smtpd");  // because of set -a
  ASSERT_EQ(facts.invocations.size(), 1U);
  EXPECT_TRUE(facts.invocations[0].here);
}

TEST(Script, WhatIsNotExportedSaysNothing) {
  const ScriptFacts facts = read_script(
      "MFCHECK=1\nDNSBLLIST=x\nexport RBL=1\nunset RBL\nSPF=3 exec qmail-smtpd\n"
      "echo QHPSI=x\nUSE=1\nexport USE\n",
      false);
  EXPECT_EQ(value_of(facts.settings, "MFCHECK"), "(none)");
  EXPECT_EQ(value_of(facts.settings, "DNSBLLIST"), "(none)");
  EXPECT_EQ(value_of(facts.settings, "RBL"), "(none)");
  EXPECT_EQ(value_of(facts.settings, "QHPSI"), "(none)");
  EXPECT_EQ(value_of(facts.settings, "SPF"), "3");
  EXPECT_EQ(value_of(facts.settings, "USE"), "1");
}

TEST(Script, SeveralSettingsAreOneLine) {
  const std::vector<Setting> settings{{"SMTPAUTH", ""}, {"FORCETLS", "0"}, {"A", "!x"}};
  EXPECT_EQ(setting_line(ScriptKind::shell, settings),
            "SMTPAUTH= FORCETLS=0 A=\"!x\"; export SMTPAUTH FORCETLS A");
  EXPECT_EQ(setting_line(ScriptKind::systemd, settings),
            "Environment=SMTPAUTH= FORCETLS=0 A=\"!x\"");
  EXPECT_EQ(setting_line(ScriptKind::execline, {settings[0], settings[1]}),
            "export SMTPAUTH \"\"\nexport FORCETLS 0");
}

TEST(TcpRules, Text) {
  const auto settings = read_rules(
      "127.:allow,RELAYCLIENT=\"\"\n10.0.0.1:deny\n# :allow,A=\"b\"\n"
      ":allow,B=\"c,d\",E=/f/,G=\"unclosed\nx:allow\n");
  EXPECT_EQ(settings.size(), 3U);
  EXPECT_EQ(value_of(settings, "RELAYCLIENT"), "");
  EXPECT_EQ(value_of(settings, "B"), "c,d");
  EXPECT_EQ(value_of(settings, "E"), "f");
}

// Makes a cdb with one record.
std::string small_cdb(const std::string& key, const std::string& data) {
  const auto number = [](std::size_t value) {
    std::string bytes;
    for (int i = 0; i < 4; ++i) {
      bytes += static_cast<char>(value >> (8 * i) & 0xff);
    }
    return bytes;
  };
  const std::size_t end = 2048 + 8 + key.size() + data.size();
  std::string file;
  for (int i = 0; i < 256; ++i) {
    file += number(end) + number(0);
  }
  return file + number(key.size()) + number(data.size()) + key + data;
}

TEST(TcpRules, Compiled) {
  const auto settings = read_rules_cdb(small_cdb("127.", "+A=b\0+C=\0"s));
  ASSERT_TRUE(settings);
  EXPECT_EQ(value_of(*settings, "A"), "b");
  EXPECT_EQ(value_of(*settings, "C"), "");
  EXPECT_TRUE(read_rules_cdb(small_cdb("10.", "D"))->empty());
}

TEST(TcpRules, DamagedCdbs) {
  const std::string good = small_cdb("127.", "+A=b\0"s);
  for (std::size_t size = 0; size < 2048; size += 97) {
    EXPECT_FALSE(read_rules_cdb(good.substr(0, size))) << size;
  }
  for (std::size_t size = 2049; size < good.size(); ++size) {
    EXPECT_FALSE(read_rules_cdb(good.substr(0, size))) << size;
  }
  std::string long_key = good;
  long_key.replace(2048, 4, "\xff\xff\xff\xff");
  EXPECT_FALSE(read_rules_cdb(long_key));
}

}  // namespace
}  // namespace reqmail::legacy
