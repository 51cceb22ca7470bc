The first control files

    bin/config                   takes the name of this host from the DNS
    bin/config-fast HOST.NAME    takes the name from its argument

Each writes control/me, locals, rcpthosts, defaultdomain and plusdomain, and replaces existing files (config(8)). By hand:

    cd /var/qmail/control
    echo mail.example.org >me
    echo example.org      >defaultdomain
    echo example.org      >plusdomain
    printf '%s\n' localhost mail.example.org example.org >locals
    cp locals rcpthosts
    chmod 644 *

qmail-send needs only the file me. Without rcpthosts a listener relays for everybody.
qmail-showctl shows the settings in effect; qmail-control(5) lists all files, doc/control/ has a page for each.
