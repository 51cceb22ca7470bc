# What is built: objects by folder, programs with their libraries. The one build file people edit.
#
# To add a source file: its object in the list of its folder. A unit test: its object in X_TESTS. A program: a line in
# PROGRAMS and a rule with the libraries it uses, higher layers first. Keep lists one object a line, sorted.

# --- libraries: X.a for the programs, X.sana with sanitizers for the unit tests ---
BASE = \
  base/ascii.o \
  base/base64.o \
  base/constmap.o \
  base/log_splitter.o \
  base/md5.o \
  base/netstring.o \
  base/number.o \
  base/terminal_text.o \
  base/text.o \
  base/time.o

SYS = \
  compat/call_filter.o \
  compat/close_range.o \
  compat/no_new_privs.o \
  compat/no_tracing.o \
  compat/quiet_open.o \
  compat/sync_data.o \
  sys/background.o \
  sys/cdb.o \
  sys/clock.o \
  sys/confine.o \
  sys/deadline.o \
  sys/directory.o \
  sys/env.o \
  sys/error.o \
  sys/exits.o \
  sys/fd.o \
  sys/file.o \
  sys/held_directory.o \
  sys/identity.o \
  sys/lock.o \
  sys/options.o \
  sys/owned_entry.o \
  sys/owned_file.o \
  sys/passwd.o \
  sys/patience.o \
  sys/poller.o \
  sys/process.o \
  sys/rewind.o \
  sys/secrets.o \
  sys/side_work.o \
  sys/signals.o \
  sys/stream.o \
  sys/terminal.o

MAIL = \
  mail/address.o \
  mail/address_defaults.o \
  mail/address_list.o \
  mail/date822.o \
  mail/envelope.o \
  mail/header_field.o \
  mail/header_reader.o \
  mail/header_rewrite.o \
  mail/line_ends.o \
  mail/mbox_text.o \
  mail/message_id.o \
  mail/received.o \
  mail/token822.o \
  mail/trace.o \
  mail/verdict_codec.o

CONTROL = \
  control/reader.o \
  control/report.o

PROTO = \
  proto/mail_frames.o \
  proto/pop3.o \
  proto/pop3_login.o \
  proto/sasl.o \
  proto/sasl_client.o \
  proto/smtp_abilities.o \
  proto/smtp_auth.o \
  proto/smtp_client.o \
  proto/smtp_command.o \
  proto/smtp_data_out.o \
  proto/smtp_data_reader.o \
  proto/smtp_log.o \
  proto/smtp_reply.o \
  proto/smtp_server.o

SEND = \
  send/bounce_text.o \
  send/busy_users.o \
  send/idle_guard.o \
  send/intake.o \
  send/jobs.o \
  send/log_lines.o \
  send/reports.o \
  send/router.o \
  send/schedule.o \
  send/scheduler.o \
  send/scheduler_delivery.o \
  send/scheduler_end.o \
  send/scheduler_intake.o \
  send/scheduler_report.o \
  send/scheduler_todo.o

NET = \
  net/connect.o \
  net/connection.o \
  net/dns.o \
  net/dns_libresolv.o \
  net/dns_message.o \
  net/ident.o \
  net/ip_address.o \
  net/local_addresses.o \
  net/peer_environment.o \
  net/socket_address.o \
  net/tcpto.o

TLS = \
  tls/alpn.o \
  tls/certificate.o \
  tls/connection.o \
  tls/context.o \
  tls/error.o \
  tls/make.o \
  tls/pem_file.o \
  tls/pem_text.o \
  tls/relay.o \
  tls/server_identity.o \
  tls/server_names.o \
  tls/tickets.o \
  tls/wire.o

# SYSTEM_LOGIN: shadow or pam, by ./configure --with-pam.
AUTH = \
  auth/authenticate.o \
  auth/challenge.o \
  auth/checkpassword.o \
  auth/hash.o \
  auth/login_fields.o \
  auth/shadow.o \
  auth/system_login_$(SYSTEM_LOGIN).o \
  auth/user_admin.o \
  auth/user_database.o \
  auth/user_file.o \
  auth/user_line.o \
  auth/user_store.o

CERT = \
  cert/check.o \
  cert/check_peers.o \
  cert/check_servers.o \
  cert/dates.o \
  cert/findings.o \
  cert/install.o \
  cert/make.o \
  cert/names.o \
  cert/place.o \
  cert/show.o \
  cert/tickets.o

QUEUE = \
  queue/accept.o \
  queue/bounce_log.o \
  queue/channel_file.o \
  queue/cleaner.o \
  queue/files.o \
  queue/injector.o \
  queue/janitor.o \
  queue/listing.o \
  queue/mutex.o \
  queue/path.o \
  queue/posix_files.o \
  queue/program_talk.o \
  queue/todo.o \
  queue/trigger.o \
  queue/writer.o

SPAWN = \
  spawn/engine.o \
  spawn/protocol.o \
  spawn/report.o

LOCAL = \
  local/assign.o \
  local/assign_from_passwd.o \
  local/command_environment.o \
  local/deliver.o \
  local/dot_file.o \
  local/dot_qmail.o \
  local/dot_search.o \
  local/escape_arguments.o \
  local/feed_program.o \
  local/forwarder.o \
  local/maildir_reader.o \
  local/maildir_to_mbox.o \
  local/maildir_writer.o \
  local/mbox_writer.o \
  local/message_file.o \
  local/message_parts.o \
  local/message_summary.o \
  local/program_runner.o \
  local/receipt.o \
  local/summary_text.o \
  local/terminals.o \
  local/test_program.o \
  local/tool.o \
  local/user_lookup.o

REMOTE = \
  remote/address_slots.o \
  remote/attempt.o \
  remote/handover.o \
  remote/message_facts.o \
  remote/mx_plan.o \
  remote/recipient_report.o \
  remote/session.o \
  remote/smtproutes.o \
  remote/targets.o \
  remote/timed_dns.o \
  remote/tls_policy.o

RUN = \
  run/auth_log.o \
  run/compile_morercpthosts.o \
  run/dns_tool.o \
  run/frame_session.o \
  run/hook.o \
  run/inject_input.o \
  run/inject_message.o \
  run/inject_settings.o \
  run/local_limits.o \
  run/local_spawn.o \
  run/need_account.o \
  run/network_peer.o \
  run/passwd_assignments.o \
  run/pop3_login.o \
  run/pop3_session.o \
  run/pop3_tls.o \
  run/pop3_tls_child.o \
  run/qmqp_submit.o \
  run/rcpthosts.o \
  run/remote_handover.o \
  run/remote_main.o \
  run/remote_settings.o \
  run/remote_slots.o \
  run/remote_spawn.o \
  run/remote_tls.o \
  run/record_reader.o \
  run/send_bounce.o \
  run/send_daemon.o \
  run/send_executor.o \
  run/send_executor_scan.o \
  run/send_executor_todo.o \
  run/send_files.o \
  run/send_scan.o \
  run/send_settings.o \
  run/send_trigger.o \
  run/smtp_session.o \
  run/smtp_tls.o \
  run/smtpd_config.o \
  run/smtpd_log.o \
  run/smtpd_login.o \
  run/smtpd_main.o \
  run/smtpd_tls.o \
  run/tls_files.o \
  run/tls_log.o \
  run/ucspi_tls.o

UPGRADE = \
  upgrade/accounts.o \
  upgrade/apply.o \
  upgrade/channels.o \
  upgrade/child_output.o \
  upgrade/control_check.o \
  upgrade/course.o \
  upgrade/daemon_list.o \
  upgrade/disk.o \
  upgrade/elf_symbols.o \
  upgrade/findings.o \
  upgrade/inspection.o \
  upgrade/journal.o \
  upgrade/json.o \
  upgrade/listener_check.o \
  upgrade/mini_host.o \
  upgrade/old_build.o \
  upgrade/old_files.o \
  upgrade/owners_check.o \
  upgrade/patch_check.o \
  upgrade/place_check.o \
  upgrade/plan.o \
  upgrade/process_list.o \
  upgrade/programs.o \
  upgrade/queue_check.o \
  upgrade/rc_check.o \
  upgrade/regex_lists.o \
  upgrade/report.o \
  upgrade/request.o \
  upgrade/restart.o \
  upgrade/routes.o \
  upgrade/routes_check.o \
  upgrade/running.o \
  upgrade/script_check.o \
  upgrade/script_edit.o \
  upgrade/script_text.o \
  upgrade/services.o \
  upgrade/shell_words.o \
  upgrade/strays.o \
  upgrade/swap.o \
  upgrade/tcp_rules.o \
  upgrade/tls_hello.o \
  upgrade/tls_proof.o \
  upgrade/todo_layout.o \
  upgrade/variable_check.o \
  upgrade/verify.o

base/base.a: $(BASE)
	$(MAKE_LIBRARY) $@ $(BASE)
base/base.sana: $(BASE:.o=.sano)
	$(MAKE_LIBRARY) $@ $(BASE:.o=.sano)
sys/sys.a: $(SYS)
	$(MAKE_LIBRARY) $@ $(SYS)
sys/sys.sana: $(SYS:.o=.sano)
	$(MAKE_LIBRARY) $@ $(SYS:.o=.sano)
mail/mail.a: $(MAIL)
	$(MAKE_LIBRARY) $@ $(MAIL)
mail/mail.sana: $(MAIL:.o=.sano)
	$(MAKE_LIBRARY) $@ $(MAIL:.o=.sano)
control/control.a: $(CONTROL)
	$(MAKE_LIBRARY) $@ $(CONTROL)
control/control.sana: $(CONTROL:.o=.sano)
	$(MAKE_LIBRARY) $@ $(CONTROL:.o=.sano)
proto/proto.a: $(PROTO)
	$(MAKE_LIBRARY) $@ $(PROTO)
proto/proto.sana: $(PROTO:.o=.sano)
	$(MAKE_LIBRARY) $@ $(PROTO:.o=.sano)
send/send.a: $(SEND)
	$(MAKE_LIBRARY) $@ $(SEND)
send/send.sana: $(SEND:.o=.sano)
	$(MAKE_LIBRARY) $@ $(SEND:.o=.sano)
net/net.a: $(NET)
	$(MAKE_LIBRARY) $@ $(NET)
net/net.sana: $(NET:.o=.sano)
	$(MAKE_LIBRARY) $@ $(NET:.o=.sano)
cert/cert.a: $(CERT)
	$(MAKE_LIBRARY) $@ $(CERT)
cert/cert.sana: $(CERT:.o=.sano)
	$(MAKE_LIBRARY) $@ $(CERT:.o=.sano)
tls/tls.a: $(TLS)
	$(MAKE_LIBRARY) $@ $(TLS)
tls/tls.sana: $(TLS:.o=.sano)
	$(MAKE_LIBRARY) $@ $(TLS:.o=.sano)
auth/auth.a: $(AUTH)
	$(MAKE_LIBRARY) $@ $(AUTH)
auth/auth.sana: $(AUTH:.o=.sano)
	$(MAKE_LIBRARY) $@ $(AUTH:.o=.sano)
queue/queue.a: $(QUEUE)
	$(MAKE_LIBRARY) $@ $(QUEUE)
queue/queue.sana: $(QUEUE:.o=.sano)
	$(MAKE_LIBRARY) $@ $(QUEUE:.o=.sano)
spawn/spawn.a: $(SPAWN)
	$(MAKE_LIBRARY) $@ $(SPAWN)
spawn/spawn.sana: $(SPAWN:.o=.sano)
	$(MAKE_LIBRARY) $@ $(SPAWN:.o=.sano)
local/local.a: $(LOCAL)
	$(MAKE_LIBRARY) $@ $(LOCAL)
local/local.sana: $(LOCAL:.o=.sano)
	$(MAKE_LIBRARY) $@ $(LOCAL:.o=.sano)
remote/remote.a: $(REMOTE)
	$(MAKE_LIBRARY) $@ $(REMOTE)
remote/remote.sana: $(REMOTE:.o=.sano)
	$(MAKE_LIBRARY) $@ $(REMOTE:.o=.sano)
run/run.a: $(RUN)
	$(MAKE_LIBRARY) $@ $(RUN)
run/run.sana: $(RUN:.o=.sano)
	$(MAKE_LIBRARY) $@ $(RUN:.o=.sano)
upgrade/upgrade.a: $(UPGRADE)
	$(MAKE_LIBRARY) $@ $(UPGRADE)
upgrade/upgrade.sana: $(UPGRADE:.o=.sano)
	$(MAKE_LIBRARY) $@ $(UPGRADE:.o=.sano)

# --- unit tests: one program a folder ---
BASE_TESTS = \
  tests/unit/base/ascii_test.sano \
  tests/unit/base/base64_test.sano \
  tests/unit/base/constmap_test.sano \
  tests/unit/base/log_splitter_test.sano \
  tests/unit/base/md5_test.sano \
  tests/unit/base/netstring_test.sano \
  tests/unit/base/number_test.sano \
  tests/unit/base/result_test.sano \
  tests/unit/base/terminal_text_test.sano \
  tests/unit/base/text_test.sano \
  tests/unit/base/time_test.sano

SYS_TESTS = \
  tests/unit/sys/background_test.sano \
  tests/unit/sys/cdb_test.sano \
  tests/unit/sys/confine_test.sano \
  tests/unit/sys/deadline_test.sano \
  tests/unit/sys/environment_test.sano \
  tests/unit/sys/file_test.sano \
  tests/unit/sys/held_directory_test.sano \
  tests/unit/sys/options_test.sano \
  tests/unit/sys/owned_entry_test.sano \
  tests/unit/sys/owned_file_test.sano \
  tests/unit/sys/patience_test.sano \
  tests/unit/sys/poller_test.sano \
  tests/unit/sys/process_test.sano \
  tests/unit/sys/reader_test.sano \
  tests/unit/sys/secrets_test.sano \
  tests/unit/sys/side_work_test.sano \
  tests/unit/sys/stream_test.sano

MAIL_TESTS = \
  tests/unit/mail/address_defaults_test.sano \
  tests/unit/mail/address_list_test.sano \
  tests/unit/mail/address_test.sano \
  tests/unit/mail/date822_test.sano \
  tests/unit/mail/envelope_test.sano \
  tests/unit/mail/header_reader_test.sano \
  tests/unit/mail/header_rewrite_test.sano \
  tests/unit/mail/line_ends_test.sano \
  tests/unit/mail/mbox_text_test.sano \
  tests/unit/mail/network_received_test.sano \
  tests/unit/mail/token822_test.sano \
  tests/unit/mail/trace_test.sano \
  tests/unit/mail/verdict_codec_test.sano

CONTROL_TESTS = \
  tests/unit/control/known_test.sano \
  tests/unit/control/reader_test.sano \
  tests/unit/control/report_test.sano

PROTO_TESTS = \
  tests/unit/proto/mail_frames_test.sano \
  tests/unit/proto/pop3_test.sano \
  tests/unit/proto/sasl_client_test.sano \
  tests/unit/proto/sasl_test.sano \
  tests/unit/proto/smtp_auth_test.sano \
  tests/unit/proto/smtp_client_test.sano \
  tests/unit/proto/smtp_command_test.sano \
  tests/unit/proto/smtp_data_out_test.sano \
  tests/unit/proto/smtp_data_reader_test.sano \
  tests/unit/proto/smtp_reply_test.sano \
  tests/unit/proto/smtp_server_test.sano

SEND_TESTS = \
  tests/unit/send/busy_users_test.sano \
  tests/unit/send/idle_guard_test.sano \
  tests/unit/send/intake_test.sano \
  tests/unit/send/router_test.sano \
  tests/unit/send/schedule_test.sano \
  tests/unit/send/scheduler_test.sano \
  tests/unit/send/simulation_test.sano \
  tests/unit/send/text_test.sano \
  tests/unit/send/world.sano

NET_TESTS = \
  tests/unit/net/connection_test.sano \
  tests/unit/net/dns_message_test.sano \
  tests/unit/net/dns_test.sano \
  tests/unit/net/ip_address_test.sano \
  tests/unit/net/tcpto_test.sano \
  tests/unit/support/fake_dns.sano

QUEUE_TESTS = \
  tests/unit/queue/crash_test.sano \
  tests/unit/queue/files_test.sano \
  tests/unit/queue/program_talk_test.sano \
  tests/unit/support/crash_files.sano

SPAWN_TESTS = \
  tests/unit/spawn/engine_test.sano \
  tests/unit/spawn/protocol_test.sano \
  tests/unit/spawn/report_test.sano

LOCAL_TESTS = \
  tests/unit/local/assign_from_passwd_test.sano \
  tests/unit/local/assign_test.sano \
  tests/unit/local/child_programs_test.sano \
  tests/unit/local/command_environment_test.sano \
  tests/unit/local/deliver_test.sano \
  tests/unit/local/dot_qmail_test.sano \
  tests/unit/local/dot_search_test.sano \
  tests/unit/local/message_file_test.sano \
  tests/unit/local/support.sano \
  tests/unit/local/tools_test.sano \
  tests/unit/local/user_lookup_test.sano \
  tests/unit/local/writers_test.sano

REMOTE_TESTS = \
  tests/unit/remote/address_slots_test.sano \
  tests/unit/remote/handover_test.sano \
  tests/unit/remote/session_test.sano \
  tests/unit/remote/smtproutes_test.sano \
  tests/unit/remote/targets_test.sano \
  tests/unit/remote/timed_dns_test.sano \
  tests/unit/remote/tls_policy_test.sano \
  tests/unit/support/fake_dns.sano

TLS_TESTS = \
  tests/unit/tls/connection_test.sano \
  tests/unit/tls/relay_test.sano

CERT_TESTS = \
  tests/unit/cert/names_test.sano

AUTH_TESTS = \
  tests/unit/auth/checkpassword_test.sano \
  tests/unit/auth/login_test.sano \
  tests/unit/auth/user_file_test.sano

RUN_TESTS = \
  tests/unit/run/local_spawn_test.sano \
  tests/unit/run/network_peer_test.sano \
  tests/unit/run/rcpthosts_test.sano \
  tests/unit/run/slow_clients_test.sano \
  tests/unit/run/smtp_tls_test.sano \
  tests/unit/run/remote_settings_test.sano \
  tests/unit/run/send_crash_test.sano \
  tests/unit/run/send_executor_test.sano \
  tests/unit/support/crash_files.sano

UPGRADE_TESTS = \
  tests/unit/upgrade/channels_test.sano \
  tests/unit/upgrade/findings_test.sano \
  tests/unit/upgrade/journal_test.sano \
  tests/unit/upgrade/json_test.sano \
  tests/unit/upgrade/old_home_test.sano \
  tests/unit/upgrade/request_test.sano \
  tests/unit/upgrade/routes_test.sano \
  tests/unit/upgrade/script_text_test.sano \
  tests/unit/upgrade/swap_test.sano \
  tests/unit/upgrade/tables_test.sano \
  tests/unit/upgrade/tls_hello_test.sano \
  tests/unit/upgrade/todo_layout_test.sano

tests/unit/base_tests: $(BASE_TESTS) base/base.sana
	$(LINK_TEST) $(BASE_TESTS) base/base.sana $(TEST_LIBS) -o $@
tests/unit/sys_tests: $(SYS_TESTS) sys/sys.sana base/base.sana
	$(LINK_TEST) $(SYS_TESTS) sys/sys.sana base/base.sana $(TEST_LIBS) -o $@
tests/unit/mail_tests: $(MAIL_TESTS) mail/mail.sana base/base.sana
	$(LINK_TEST) $(MAIL_TESTS) mail/mail.sana base/base.sana $(TEST_LIBS) -o $@
tests/unit/control_tests: $(CONTROL_TESTS) control/control.sana sys/sys.sana base/base.sana
	$(LINK_TEST) $(CONTROL_TESTS) control/control.sana sys/sys.sana base/base.sana $(TEST_LIBS) -o $@
tests/unit/proto_tests: $(PROTO_TESTS) proto/proto.sana mail/mail.sana base/base.sana
	$(LINK_TEST) $(PROTO_TESTS) proto/proto.sana mail/mail.sana base/base.sana $(TEST_LIBS) -o $@
tests/unit/send_tests: $(SEND_TESTS) send/send.sana mail/mail.sana base/base.sana
	$(LINK_TEST) $(SEND_TESTS) send/send.sana mail/mail.sana base/base.sana $(TEST_LIBS) -o $@
tests/unit/net_tests: $(NET_TESTS) net/net.sana sys/sys.sana base/base.sana
	$(LINK_TEST) $(NET_TESTS) net/net.sana sys/sys.sana base/base.sana $(TEST_LIBS) -o $@
tests/unit/queue_tests: $(QUEUE_TESTS) queue/queue.sana mail/mail.sana sys/sys.sana base/base.sana
	$(LINK_TEST) $(QUEUE_TESTS) queue/queue.sana mail/mail.sana sys/sys.sana base/base.sana $(TEST_LIBS) -o $@
tests/unit/spawn_tests: $(SPAWN_TESTS) spawn/spawn.sana mail/mail.sana sys/sys.sana base/base.sana
	$(LINK_TEST) $(SPAWN_TESTS) spawn/spawn.sana mail/mail.sana sys/sys.sana base/base.sana $(TEST_LIBS) -o $@
tests/unit/local_tests: $(LOCAL_TESTS) local/local.sana queue/queue.sana mail/mail.sana sys/sys.sana base/base.sana
	$(LINK_TEST) $(LOCAL_TESTS) local/local.sana queue/queue.sana mail/mail.sana sys/sys.sana base/base.sana $(TEST_LIBS) -o $@
tests/unit/remote_tests: $(REMOTE_TESTS) remote/remote.sana proto/proto.sana net/net.sana mail/mail.sana sys/sys.sana base/base.sana
	$(LINK_TEST) $(REMOTE_TESTS) remote/remote.sana proto/proto.sana net/net.sana mail/mail.sana sys/sys.sana base/base.sana $(TEST_LIBS) -o $@
tests/unit/tls_tests: $(TLS_TESTS) tls/tls.sana sys/sys.sana base/base.sana
	$(LINK_TEST) $(TLS_TESTS) tls/tls.sana sys/sys.sana base/base.sana $(TEST_LIBS) $(TLS_LIBS) -o $@
tests/unit/cert_tests: $(CERT_TESTS) cert/cert.sana tls/tls.sana control/control.sana sys/sys.sana base/base.sana
	$(LINK_TEST) $(CERT_TESTS) cert/cert.sana tls/tls.sana control/control.sana sys/sys.sana base/base.sana $(TEST_LIBS) $(TLS_LIBS) -o $@
tests/unit/auth_tests: $(AUTH_TESTS) auth/auth.sana sys/sys.sana base/base.sana
	$(LINK_TEST) $(AUTH_TESTS) auth/auth.sana sys/sys.sana base/base.sana $(TEST_LIBS) $(CRYPT_LIBS) $(PAM_LIBS) -o $@
tests/unit/run_tests: $(RUN_TESTS) run/run.sana spawn/spawn.sana local/local.sana remote/remote.sana net/net.sana auth/auth.sana queue/queue.sana send/send.sana proto/proto.sana control/control.sana mail/mail.sana sys/sys.sana base/base.sana
	$(LINK_TEST) $(RUN_TESTS) run/run.sana spawn/spawn.sana local/local.sana remote/remote.sana net/net.sana auth/auth.sana queue/queue.sana send/send.sana proto/proto.sana control/control.sana mail/mail.sana sys/sys.sana base/base.sana $(TEST_LIBS) -o $@
tests/unit/upgrade_tests: $(UPGRADE_TESTS) upgrade/upgrade.sana queue/queue.sana control/control.sana mail/mail.sana sys/sys.sana base/base.sana
	$(LINK_TEST) $(UPGRADE_TESTS) upgrade/upgrade.sana queue/queue.sana control/control.sana mail/mail.sana sys/sys.sana base/base.sana $(TEST_LIBS) -o $@

# Folders that have tests.
UNIT_PROGRAMS = \
  tests/unit/auth_tests \
  tests/unit/base_tests \
  tests/unit/cert_tests \
  tests/unit/control_tests \
  tests/unit/local_tests \
  tests/unit/mail_tests \
  tests/unit/net_tests \
  tests/unit/proto_tests \
  tests/unit/queue_tests \
  tests/unit/remote_tests \
  tests/unit/run_tests \
  tests/unit/send_tests \
  tests/unit/spawn_tests \
  tests/unit/sys_tests \
  tests/unit/tls_tests \
  tests/unit/upgrade_tests

# --- programs ---
# LINK_STATIC: wholly static, for short-lived programs that use neither NSS nor a resolver; LINK: libc shared.
PROGRAMS = \
  cmd/bouncesaying \
  cmd/condredirect \
  cmd/dnsfq \
  cmd/dnsip \
  cmd/dnsmxip \
  cmd/dnsptr \
  cmd/except \
  cmd/forward \
  cmd/ipmeprint \
  cmd/maildir2mbox \
  cmd/maildirmake \
  cmd/maildirwatch \
  cmd/predate \
  cmd/preline \
  cmd/qbiff \
  cmd/qmail-cert \
  cmd/qmail-checkpassword \
  cmd/qmail-clean \
  cmd/qmail-getpw \
  cmd/qmail-inject \
  cmd/qmail-local \
  cmd/qmail-lspawn \
  cmd/qmail-mkowned \
  cmd/qmail-newmrh \
  cmd/qmail-newpasswd \
  cmd/qmail-newu \
  cmd/qmail-pop3d \
  cmd/qmail-popup \
  cmd/qmail-popup-tls \
  cmd/qmail-pw2u \
  cmd/qmail-qmqpc \
  cmd/qmail-qmqpd \
  cmd/qmail-qmtpd \
  cmd/qmail-qread \
  cmd/qmail-queue \
  cmd/qmail-remote \
  cmd/qmail-remote-tls \
  cmd/qmail-rspawn \
  cmd/qmail-send \
  cmd/qmail-showctl \
  cmd/qmail-smtpd \
  cmd/qmail-smtpd-tls \
  cmd/qmail-start \
  cmd/qmail-tcpok \
  cmd/qmail-tcpto \
  cmd/qmail-upgrade \
  cmd/qreceipt \
  cmd/qsmhook \
  cmd/sendmail \
  cmd/splogger \
  cmd/tcp-env

cmd/dnsfq: cmd/dnsfq.o net/net.a sys/sys.a base/base.a
	$(LINK) cmd/dnsfq.o net/net.a sys/sys.a base/base.a -o $@
cmd/dnsip: cmd/dnsip.o run/run.a net/net.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/dnsip.o run/run.a net/net.a sys/sys.a base/base.a $(RESOLVER_LIBS) -o $@
cmd/dnsmxip: cmd/dnsmxip.o run/run.a net/net.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/dnsmxip.o run/run.a net/net.a sys/sys.a base/base.a $(RESOLVER_LIBS) -o $@
cmd/dnsptr: cmd/dnsptr.o run/run.a net/net.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/dnsptr.o run/run.a net/net.a sys/sys.a base/base.a $(RESOLVER_LIBS) -o $@
cmd/ipmeprint: cmd/ipmeprint.o net/net.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/ipmeprint.o net/net.a sys/sys.a base/base.a -o $@
cmd/bouncesaying: cmd/bouncesaying.o local/local.a mail/mail.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/bouncesaying.o local/local.a mail/mail.a sys/sys.a base/base.a -o $@
cmd/condredirect: cmd/condredirect.o local/local.a queue/queue.a mail/mail.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/condredirect.o local/local.a queue/queue.a mail/mail.a sys/sys.a base/base.a -o $@
cmd/except: cmd/except.o local/local.a mail/mail.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/except.o local/local.a mail/mail.a sys/sys.a base/base.a -o $@
cmd/forward: cmd/forward.o local/local.a queue/queue.a mail/mail.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/forward.o local/local.a queue/queue.a mail/mail.a sys/sys.a base/base.a -o $@
cmd/maildir2mbox: cmd/maildir2mbox.o local/local.a mail/mail.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/maildir2mbox.o local/local.a mail/mail.a sys/sys.a base/base.a -o $@
cmd/maildirwatch: cmd/maildirwatch.o local/local.a mail/mail.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/maildirwatch.o local/local.a mail/mail.a sys/sys.a base/base.a -o $@
cmd/predate: cmd/predate.o local/local.a mail/mail.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/predate.o local/local.a mail/mail.a sys/sys.a base/base.a -o $@
cmd/preline: cmd/preline.o local/local.a mail/mail.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/preline.o local/local.a mail/mail.a sys/sys.a base/base.a -o $@
cmd/qbiff: cmd/qbiff.o local/local.a mail/mail.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/qbiff.o local/local.a mail/mail.a sys/sys.a base/base.a -o $@
cmd/qreceipt: cmd/qreceipt.o local/local.a queue/queue.a mail/mail.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/qreceipt.o local/local.a queue/queue.a mail/mail.a sys/sys.a base/base.a -o $@
cmd/qsmhook: cmd/qsmhook.o local/local.a mail/mail.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/qsmhook.o local/local.a mail/mail.a sys/sys.a base/base.a -o $@
cmd/maildirmake: cmd/maildirmake.o sys/sys.a base/base.a
	$(LINK_STATIC) cmd/maildirmake.o sys/sys.a base/base.a -o $@
cmd/qmail-upgrade: cmd/qmail-upgrade.o upgrade/upgrade.a queue/queue.a control/control.a mail/mail.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/qmail-upgrade.o upgrade/upgrade.a queue/queue.a control/control.a mail/mail.a sys/sys.a base/base.a -o $@
cmd/qmail-inject: cmd/qmail-inject.o run/run.a queue/queue.a control/control.a mail/mail.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/qmail-inject.o run/run.a queue/queue.a control/control.a mail/mail.a sys/sys.a base/base.a -o $@
cmd/qmail-local: cmd/qmail-local.o local/local.a queue/queue.a mail/mail.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/qmail-local.o local/local.a queue/queue.a mail/mail.a sys/sys.a base/base.a -o $@
cmd/sendmail: cmd/sendmail.o sys/sys.a base/base.a
	$(LINK_STATIC) cmd/sendmail.o sys/sys.a base/base.a -o $@

cmd/qmail-cert: cmd/qmail-cert.o cert/cert.a tls/tls.a control/control.a sys/sys.a base/base.a
	$(LINK) cmd/qmail-cert.o cert/cert.a tls/tls.a control/control.a sys/sys.a base/base.a $(TLS_LIBS) -o $@
cmd/qmail-clean: cmd/qmail-clean.o queue/queue.a mail/mail.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/qmail-clean.o queue/queue.a mail/mail.a sys/sys.a base/base.a -o $@
cmd/qmail-qread: cmd/qmail-qread.o queue/queue.a mail/mail.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/qmail-qread.o queue/queue.a mail/mail.a sys/sys.a base/base.a -o $@
cmd/qmail-queue: cmd/qmail-queue.o queue/queue.a mail/mail.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/qmail-queue.o queue/queue.a mail/mail.a sys/sys.a base/base.a -o $@
cmd/qmail-remote: cmd/qmail-remote.o run/run.a remote/remote.a proto/proto.a control/control.a net/net.a mail/mail.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/qmail-remote.o run/run.a remote/remote.a proto/proto.a control/control.a net/net.a mail/mail.a sys/sys.a base/base.a $(RESOLVER_LIBS) -o $@
cmd/qmail-remote-tls: cmd/qmail-remote-tls.o run/run.a remote/remote.a proto/proto.a control/control.a net/net.a tls/tls.a mail/mail.a sys/sys.a base/base.a
	$(LINK) cmd/qmail-remote-tls.o run/run.a remote/remote.a proto/proto.a control/control.a net/net.a tls/tls.a mail/mail.a sys/sys.a base/base.a $(RESOLVER_LIBS) $(TLS_LIBS) -o $@
cmd/qmail-tcpok: cmd/qmail-tcpok.o net/net.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/qmail-tcpok.o net/net.a sys/sys.a base/base.a -o $@
cmd/qmail-tcpto: cmd/qmail-tcpto.o net/net.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/qmail-tcpto.o net/net.a sys/sys.a base/base.a -o $@
cmd/tcp-env: cmd/tcp-env.o net/net.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/tcp-env.o net/net.a sys/sys.a base/base.a $(RESOLVER_LIBS) -o $@
cmd/qmail-newmrh: cmd/qmail-newmrh.o run/run.a control/control.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/qmail-newmrh.o run/run.a control/control.a sys/sys.a base/base.a $(CDB_LIBS) -o $@
cmd/qmail-smtpd: cmd/qmail-smtpd.o run/run.a net/net.a auth/auth.a queue/queue.a proto/proto.a control/control.a mail/mail.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/qmail-smtpd.o run/run.a net/net.a auth/auth.a queue/queue.a proto/proto.a control/control.a mail/mail.a sys/sys.a base/base.a $(CDB_LIBS) -o $@
cmd/qmail-smtpd-tls: cmd/qmail-smtpd-tls.o run/run.a net/net.a tls/tls.a auth/auth.a queue/queue.a proto/proto.a control/control.a mail/mail.a sys/sys.a base/base.a
	$(LINK) cmd/qmail-smtpd-tls.o run/run.a net/net.a tls/tls.a auth/auth.a queue/queue.a proto/proto.a control/control.a mail/mail.a sys/sys.a base/base.a $(CDB_LIBS) $(TLS_LIBS) -o $@
# NSS, and PAM's modules, need the shared libc.
cmd/qmail-checkpassword: cmd/qmail-checkpassword.o auth/auth.a sys/sys.a base/base.a
	$(LINK) cmd/qmail-checkpassword.o auth/auth.a sys/sys.a base/base.a $(CDB_LIBS) $(CRYPT_LIBS) $(PAM_LIBS) -o $@
cmd/qmail-newpasswd: cmd/qmail-newpasswd.o auth/auth.a sys/sys.a base/base.a
	$(LINK) cmd/qmail-newpasswd.o auth/auth.a sys/sys.a base/base.a $(CDB_LIBS) $(CRYPT_LIBS) -o $@
cmd/qmail-getpw: cmd/qmail-getpw.o local/local.a mail/mail.a sys/sys.a base/base.a
	$(LINK) cmd/qmail-getpw.o local/local.a mail/mail.a sys/sys.a base/base.a $(CDB_LIBS) -o $@
cmd/qmail-mkowned: cmd/qmail-mkowned.o sys/sys.a base/base.a
	$(LINK_STATIC) cmd/qmail-mkowned.o sys/sys.a base/base.a -o $@
cmd/qmail-lspawn: cmd/qmail-lspawn.o run/run.a spawn/spawn.a local/local.a control/control.a mail/mail.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/qmail-lspawn.o run/run.a spawn/spawn.a local/local.a control/control.a mail/mail.a sys/sys.a base/base.a $(CDB_LIBS) -o $@
cmd/qmail-newu: cmd/qmail-newu.o local/local.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/qmail-newu.o local/local.a sys/sys.a base/base.a $(CDB_LIBS) -o $@
cmd/qmail-rspawn: cmd/qmail-rspawn.o run/run.a spawn/spawn.a remote/remote.a net/net.a control/control.a mail/mail.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/qmail-rspawn.o run/run.a spawn/spawn.a remote/remote.a net/net.a control/control.a mail/mail.a sys/sys.a base/base.a -o $@
cmd/qmail-send: cmd/qmail-send.o run/run.a queue/queue.a send/send.a control/control.a mail/mail.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/qmail-send.o run/run.a queue/queue.a send/send.a control/control.a mail/mail.a sys/sys.a base/base.a -o $@
cmd/qmail-start: cmd/qmail-start.o run/run.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/qmail-start.o run/run.a sys/sys.a base/base.a -o $@
cmd/splogger: cmd/splogger.o sys/sys.a base/base.a
	$(LINK) cmd/splogger.o sys/sys.a base/base.a -o $@
cmd/qmail-showctl: cmd/qmail-showctl.o control/control.a queue/queue.a mail/mail.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/qmail-showctl.o control/control.a queue/queue.a mail/mail.a sys/sys.a base/base.a -o $@
cmd/qmail-pop3d: cmd/qmail-pop3d.o run/run.a local/local.a proto/proto.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/qmail-pop3d.o run/run.a local/local.a proto/proto.a sys/sys.a base/base.a -o $@
cmd/qmail-popup: cmd/qmail-popup.o run/run.a proto/proto.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/qmail-popup.o run/run.a proto/proto.a sys/sys.a base/base.a -o $@
cmd/qmail-popup-tls: cmd/qmail-popup-tls.o run/run.a tls/tls.a proto/proto.a control/control.a sys/sys.a base/base.a
	$(LINK) cmd/qmail-popup-tls.o run/run.a tls/tls.a proto/proto.a control/control.a sys/sys.a base/base.a $(TLS_LIBS) -o $@
cmd/qmail-qmqpc: cmd/qmail-qmqpc.o run/run.a net/net.a control/control.a mail/mail.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/qmail-qmqpc.o run/run.a net/net.a control/control.a mail/mail.a sys/sys.a base/base.a -o $@
cmd/qmail-qmqpd: cmd/qmail-qmqpd.o run/run.a net/net.a queue/queue.a proto/proto.a control/control.a mail/mail.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/qmail-qmqpd.o run/run.a net/net.a queue/queue.a proto/proto.a control/control.a mail/mail.a sys/sys.a base/base.a $(CDB_LIBS) -o $@
cmd/qmail-qmtpd: cmd/qmail-qmtpd.o run/run.a net/net.a queue/queue.a proto/proto.a control/control.a mail/mail.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/qmail-qmtpd.o run/run.a net/net.a queue/queue.a proto/proto.a control/control.a mail/mail.a sys/sys.a base/base.a $(CDB_LIBS) -o $@
cmd/qmail-pw2u: cmd/qmail-pw2u.o run/run.a local/local.a control/control.a sys/sys.a base/base.a
	$(LINK_STATIC) cmd/qmail-pw2u.o run/run.a local/local.a control/control.a sys/sys.a base/base.a -o $@

SCRIPTS = \
  cmd/config \
  cmd/config-fast \
  cmd/datemail \
  cmd/elq \
  cmd/mailsubj \
  cmd/pinq \
  cmd/qail \
  cmd/qmail-qstat \
  cmd/qmail-setup \
  cmd/update_tmprsadh

FOLDERS = base compat sys mail control proto send net tls auth cert queue spawn local remote run upgrade cmd

OBJECTS = $(BASE) $(SYS) $(MAIL) $(CONTROL) $(PROTO) $(SEND) $(NET) $(TLS) $(AUTH) $(CERT) $(QUEUE) $(SPAWN) $(LOCAL) $(REMOTE) $(RUN) $(UPGRADE)

TESTS = $(BASE_TESTS) $(SYS_TESTS) $(MAIL_TESTS) $(CONTROL_TESTS) $(PROTO_TESTS) $(SEND_TESTS) $(NET_TESTS) \
  $(QUEUE_TESTS) $(SPAWN_TESTS) $(LOCAL_TESTS) $(REMOTE_TESTS) $(RUN_TESTS) $(TLS_TESTS) $(AUTH_TESTS) $(CERT_TESTS) $(UPGRADE_TESTS)
