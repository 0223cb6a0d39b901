"""What a monitor can find, in Arabic and English, beside what a verifier can."""

from __future__ import annotations

from typing import Final

from basira.custody.findings import NOTICES, WRONG, Finding

WATCH_WRONG: Final[dict[str, tuple[str, str]]] = {
    "log_unknown": ("سجلّ لا تعرفه السياسة", "a log that the policy does not know"),
    "log_unsigned": ("رأس السجلّ ليس بتوقيع السجلّ", "the head is not signed by the log"),
    "tiles_missing": ("جزء من السجلّ ناقص", "a part of the log is missing"),
    "root_mismatch": ("القيود ليست ما وقّعه السجلّ", "the entries are not what the log has signed"),
    "fork": ("تاريخان لسجلّ واحد", "two histories of one log"),
    "rollback": ("السجلّ أقصر مما كان", "the log is shorter than it was"),
    "entries_lost": ("سجلّ جديد خلف قديم فُقدت نهايته", "a new log follows an old one whose end is lost"),
    "log_start_missing": ("السجلّ لا يبدأ بقيد بدايته", "the log does not begin with the entry of its start"),
    "silent_now": ("السجلّ صامت منذ حين", "the log has been silent for a while"),
}

WATCH_NOTICES: Final[dict[str, tuple[str, str]]] = {
    "witness_unreachable": ("شاهد لا يجيب", "a witness does not answer"),
    "witness_without_log": ("شاهد لا يتابع هذا السجلّ", "a witness does not follow this log"),
    "witness_behind": ("شاهد متأخر", "a witness is behind"),
    "no_quorum": ("الرأس المنشور بلا نصاب من الشهود بعد", "the published head has no quorum of witnesses yet"),
    "log_restarted": ("سجلّ جديد خلف القديم", "a new log follows the old one"),
    "silence": ("صمت", "silence"),
    "camera_added_again": ("أُضيفت من جديد كاميرا معروفة", "a known camera was added anew"),
    "many_accesses": ("اطّلاع أكثر من عادة الشخص", "far more accesses than this person's habit"),
    "many_exports": ("تصدير كثير في يوم واحد", "many exports in one day"),
    "many_refused_logins": ("محاولات دخول مرفوضة كثيرة", "many refused log-ins"),
}


def is_wrong(finding: Finding) -> bool:
    """Whether it is proof of misconduct or damage, and not only worth a look."""
    return finding.code in WATCH_WRONG or finding.code in WRONG


def text_of(finding: Finding, language: str) -> str:
    """The finding as a sentence for a person."""
    both = WATCH_WRONG.get(finding.code) or WATCH_NOTICES.get(finding.code)
    both = both or WRONG.get(finding.code) or NOTICES[finding.code]
    where = finding.where + (f" ({finding.detail})" if finding.detail else "")
    # Isolated, or digits and Latin letters change their order in an Arabic line.
    return f"{both[0]}: \u2066{where}\u2069" if language == "ar" else f"{both[1]}: {where}"
