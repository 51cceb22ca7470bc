# What a program is linked with beside our archives. Programs, like everything else, are found (tools/build-rules); a line here is
# for one that needs more than the others.

# LINK_STATIC, wholly static, is for whatever uses neither NSS nor a resolver's modules; LINK shares libc.
LINK_dnsfq = $(LINK)
LINK_splogger = $(LINK)
LINK_qmail-cert = $(LINK)
LINK_qmail-popup-tls = $(LINK)
LINK_qmail-remote-tls = $(LINK)
LINK_qmail-smtpd-tls = $(LINK)
# NSS, and PAM's modules, need the shared libc.
LINK_qmail-checkpassword = $(LINK)
LINK_qmail-getpw = $(LINK)
LINK_qmail-newpasswd = $(LINK)

LIBS_dnsip = $(RESOLVER_LIBS)
LIBS_dnsmxip = $(RESOLVER_LIBS)
LIBS_dnsptr = $(RESOLVER_LIBS)
LIBS_tcp-env = $(RESOLVER_LIBS)
LIBS_spfquery = $(RESOLVER_LIBS)
LIBS_qmail-remote = $(RESOLVER_LIBS)
LIBS_qmail-remote-tls = $(RESOLVER_LIBS) $(TLS_LIBS)
LIBS_qmail-cert = $(TLS_LIBS)
LIBS_qmail-popup-tls = $(TLS_LIBS)
LIBS_qmail-smtpd = $(CDB_LIBS)
LIBS_qmail-smtpd-tls = $(CDB_LIBS) $(TLS_LIBS)
LIBS_qmail-qmqpd = $(CDB_LIBS)
LIBS_qmail-qmtpd = $(CDB_LIBS)
LIBS_qmail-lspawn = $(CDB_LIBS)
LIBS_qmail-getpw = $(CDB_LIBS)
LIBS_qmail-newmrh = $(CDB_LIBS)
LIBS_qmail-newu = $(CDB_LIBS)
LIBS_qmail-checkpassword = $(CDB_LIBS) $(CRYPT_LIBS) $(PAM_LIBS)
LIBS_qmail-newpasswd = $(CDB_LIBS) $(CRYPT_LIBS)
