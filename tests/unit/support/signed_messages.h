// A message, and signatures of it that dkimpy 1.1 made with the keys of this test.
#pragma once

#include <string_view>

namespace reqmail::test {

inline constexpr std::string_view kPlainMessage =
    "From: Ann <ann@d.example>\n"
    "To: Bob <bob@e.example>\n"
    "Subject: The  plan\n"
    " of \t Monday\n"
    "Date: Mon, 30 Nov 2026 12:00:00 +0000\n"
    "Message-ID: <1@d.example>\n"
    "\n"
    "Dear Bob,\n"
    "\n"
    "the  plan\t is here. \n"
    ".dot\n"
    "\n"
    "Ann\n"
    "\n"
    "\n";

inline constexpr std::string_view kRsaSimple =
    "DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d=d.example;\n"
    " i=@d.example; q=dns/txt; s=r; t=1796039197; h=from : to : subject :\n"
    " date : message-id : from;\n"
    " bh=ZHUFmoH09ooh4elhL3dCO0YRqzvRA0682juwD6xALA0=;\n"
    " b=AetVC2875NtQPeukzHcAmaFX/ZMA/bmotqK/KWukgaUlzzDS4aQ1URVqkQxaU70rIBHXG\n"
    " c311zvGoHfwXn2duFUNDnAqb79mYZHYq1Gxx5J+Dgkrjbqs46UdDQNxG1HFyc9qeGSGWctX\n"
    " UFdNbfUmmAhpzZjowWAHOk7hz9ZqZC0=\n";

inline constexpr std::string_view kRsaRelaxed =
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example;\n"
    " i=@d.example; q=dns/txt; s=r; t=1796039197; h=from : to : subject :\n"
    " date : message-id : from;\n"
    " bh=nansO3Kew/ju3QSBx5sCo16H2H5Kz4wlNWZIVfzohFU=;\n"
    " b=OWVDD4ifYqpKMeEXJnAQK6HfHlAH2iu+6oncTJNEBescMMOY+lNaQUZLbAsqc8RPm+cGS\n"
    " h55Pm/W8vQi5CdXmUiauTorDqeFaBK1Qc8LoTH+jTdV1Gkbk0unQDEIr5uztyPxr5x8YFrb\n"
    " HWU3RsEHWGv26f6E2/hTfsCyTQEil1A=\n";

inline constexpr std::string_view kRsaLength =
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=d.example;\n"
    " i=@d.example; l=48; q=dns/txt; s=r; t=1796039197; h=from : to :\n"
    " subject : date : message-id : from;\n"
    " bh=ZHUFmoH09ooh4elhL3dCO0YRqzvRA0682juwD6xALA0=;\n"
    " b=ZjpwBaDutgk/K1kF2cimq9bpEpit6nQKMIcqm/TyHapK9MT0VfvRY4/OEB5FtXmV7CXkz\n"
    " /7hrLNTeYk8DEZ0f9L1HpzXPLSTaMXvAR7NlSuoFGiNAUtsuOERlW8zHG7J/+n3dpi9dvUe\n"
    " D9U+snnGrn7v/5oguhq4Xnr/4oHPYuU=\n";

inline constexpr std::string_view kEd25519 =
    "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=d.example;\n"
    " i=@d.example; q=dns/txt; s=e; t=1796039197; h=from : to : subject :\n"
    " date : message-id : from;\n"
    " bh=nansO3Kew/ju3QSBx5sCo16H2H5Kz4wlNWZIVfzohFU=;\n"
    " b=rIF47MmA/w11DGC8XC06AVXuInOjndIil3SC6QsiP7K0VeqPydKKA882erBQSqYh+p30o\n"
    " e6qOD3gctN0G25eCw==\n";

// The message went through a list on l.example, which sealed it, and then through m.example.
inline constexpr std::string_view kListResults =
    "Authentication-Results: mx.l.example; spf=pass smtp.mfrom=ann@d.example; dkim=pass h"
    "eader.d=d.example; dmarc=pass\n";

inline constexpr std::string_view kFirstArcSet =
    "ARC-Seal: i=1; cv=none; a=rsa-sha256; d=l.example; s=r; t=1796000000;\n"
    " b=R57lyppPzUQgVuCnBHwzg9OmeNFT6bbe78Ikm4KLewmQPqw97cPmSz+VxAHu/tBmmoqtx\n"
    " TimmRnIfAxsCo8uV7Dh5VdiKod7/Bni0UufIkU5gAN2UtSDMNGbVZxys5N46AHbBqgF0aKB\n"
    " Sqju4Q0nddKbArB5TdHRAQCjMoI3qzA=\n"
    "ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=l.example;\n"
    " s=r; t=1796000000; h=from : to : subject : date;\n"
    " bh=nansO3Kew/ju3QSBx5sCo16H2H5Kz4wlNWZIVfzohFU=;\n"
    " b=bv6sdRpWQNv0mg1uZiVU3xsbvWQmvtAXV+myshgluFwTbmlRlNGXJ0DNtWC10uel9M5vQ\n"
    " 84xL4phvK26RkBiI2q+Hj6/cHxcD4mazDlCtllIntrGQBunH3gBlE49Ali+PYAGDBdCZaOY\n"
    " yBFyg9arT9ULZqRcWT9+M0dNXI9waMM=\n"
    "ARC-Authentication-Results: i=1; mx.l.example; spf=pass smtp.mfrom=ann@d.example;\n"
    "  dkim=pass header.d=d.example;\n"
    "  dmarc=pass\n";

inline constexpr std::string_view kSecondResults =
    "Authentication-Results: mx.m.example; arc=pass; spf=pass smtp.mfrom=list@l.example\n";

inline constexpr std::string_view kSecondArcSet =
    "ARC-Seal: i=2; cv=pass; a=rsa-sha256; d=m.example; s=r; t=1796000100;\n"
    " b=JkkA8fltSbvWVZoDuCC1u8oBohAGgZOgrfcvkLQt3qo1TAi8qG9y4cXA9q3DdAeCr/Ou2\n"
    " jOjKOfX05sAI+x5PNcFtfWy0kVjGeZPR+NPVwYe84DULURqWL+oH8JLAv9epJJkNZpTffAs\n"
    " S3NRGcrT850kICLsgWhgOVfSzGfC/dM=\n"
    "ARC-Message-Signature: i=2; a=rsa-sha256; c=relaxed/relaxed; d=m.example;\n"
    " s=r; t=1796000100; h=from : to : subject : date;\n"
    " bh=nansO3Kew/ju3QSBx5sCo16H2H5Kz4wlNWZIVfzohFU=;\n"
    " b=gwRPmeWM5Rv1+eSrSgvM5F9rgkW4AcK9SK+xPwFti7pCkNFerQojCSHqYopFNjzrrZqiZ\n"
    " SLQWBr5daNgte3V/IS8oKFbxlOZLQTwJwDSDVzQsEV4PAspxN+dCWjPfeykwcd6L9dUfLH0\n"
    " Dyhss7gjGVBCpkOSTftF4qqj98gT7Iw=\n"
    "ARC-Authentication-Results: i=2; mx.m.example; arc=pass;\n"
    "  spf=pass smtp.mfrom=list@l.example\n";

// The TXT records of the keys r and e, and r as an RSAPublicKey.
inline constexpr std::string_view kRsaKey =
    "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDG5Zx6aPSIImnyZ8vfsB9uxVECDm"
    "QwQxBLBbsi6t4qPkYW0f/I0ZY3vPZxvDZ8dTWPj0IayFzi5knjUN6Qrgf0RUfCLRR4hBWM+5akX03GrkDTBm"
    "lswjYOphGSn1ArNreeAwVasAGKbvyiFJerCjYFWMu/BLKXHT/W/J0V65Xu/wIDAQAB";

inline constexpr std::string_view kRsaPlainKey =
    "v=DKIM1; k=rsa; p=MIGJAoGBAMblnHpo9IgiafJny9+wH27FUQIOZDBDEEsFuyLq3io+RhbR/8jRlje89n"
    "G8Nnx1NY+PQhrIXOLmSeNQ3pCuB/RFR8ItFHiEFYz7lqRfTcauQNMGaWzCNg6mEZKfUCs2t54DBVqwAYpu/K"
    "IUl6sKNgVYy78EspcdP9b8nRXrle7/AgMBAAE=";

inline constexpr std::string_view kEd25519Key =
    "v=DKIM1; k=ed25519; p=dr4+2JOCHnME6FY+5yzSxWtHpUkN5CIMv240C2axSeo=";

}  // namespace reqmail::test
