The first control files

    bin/config                   finds this host's name in the DNS
    bin/config-fast HOST.NAME    is told

writes control/me, locals, rcpthosts, defaultdomain and plusdomain; files that are there stay. By hand it is

    cd /var/qmail/control
    echo mail.example.org >me
    echo example.org      >defaultdomain
    echo example.org      >plusdomain
    printf '%s\n' localhost mail.example.org example.org >locals
    cp locals rcpthosts
    chmod 644 *

me is the only one that qmail-send cannot do without. rcpthosts is the one without which a listener relays for everybody.
qmail-showctl shows what is in effect; qmail-control(5) lists all of them, doc/control/ has a page for each.
