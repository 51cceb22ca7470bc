// A host without a queue of its own (mini-qmail). Its qmail-queue is qmail-qmqpc, which passes
// each message to another host by QMQP. It has no daemons and may have no accounts.
#pragma once

#include <string>
#include <vector>

#include "survey/findings.h"
#include "survey/inspection.h"
#include "survey/request.h"

namespace reqmail::survey {

// Returns whether HOME/bin/qmail-queue is qmail-qmqpc: a link to one, or a copy of the one in
// the same directory.
bool queues_elsewhere(const std::string& home);

// Returns the same, but false if a qmail-send serves a queue here. On such a host only programs
// are replaced.
bool is_mini_host(const std::string& home);

// Returns whether a program there accepts mail of other hosts, so that the findings on control
// files, scripts and accounts apply as on any host.
bool takes_mail_in(const std::string& home);

// Examines where mail goes, and what would prevent it. Nothing is sent.
std::vector<Finding> check_mini_host(const std::string& home, const QueueFacts& queue);

// Makes the findings harmless that concern control files which no program of such a host reads.
std::vector<Finding> check_mini_control(const std::string& home, std::vector<Finding> findings);

// Returns the finding for a qmail-queue that is qmail-qmqpc although a qmail-send serves a
// queue.
Finding odd_queue_program(const std::string& home);

}  // namespace reqmail::survey
