"""What a verifier can say, in Arabic and English. Another implementation uses the same codes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

WRONG: Final[dict[str, tuple[str, str]]] = {
    "bundle_unreadable": ("الحزمة غير مقروءة", "the bundle cannot be read"),
    "manifest_malformed": ("البيان غير سليم", "the manifest is malformed"),
    "manifest_not_logged": ("البيان ليس ما سُجِّل عند التصدير", "the manifest is not the one logged at the export"),
    "seal_unproven": ("قيد التصدير غير مثبت في السجلّ", "the export's own entry is not proven to be in the log"),
    "file_missing": ("ملف ناقص", "a file is missing"),
    "file_added": ("ملف زائد", "a file was added"),
    "file_altered": ("ملف مغيَّر", "a file was changed"),
    "segment_altered": ("مقطع مصوَّر مغيَّر", "a segment of video was changed"),
    "segment_absent": ("مقطع مسجَّل وملفه ناقص", "a segment is in the log and its file is not here"),
    "segment_unlogged": ("مقطع لا قيد له في السجلّ", "a segment has no entry in the log"),
    "segment_misnamed": ("المقطع يسمّي نفسه غير ما يسمّيه قيده", "a segment names itself otherwise than its entry does"),
    "segment_broken": ("بنية المقطع غير سليمة", "a segment's structure is broken"),
    "segment_twice": ("قيدان لمقطع واحد", "two entries for one segment"),
    "segment_missing": ("مقطع ناقص بين مقطعين", "a segment is missing between two others"),
    "segment_order": ("ترتيب القيود ليس ترتيب التسجيل", "the entries are not in the order of recording"),
    "cover_mismatch": ("المقطع ليس امتدادًا لما سُجِّل أثناء كتابته",
                       "the segment does not continue what was logged while it was written"),
    "entry_malformed": ("قيد غير سليم", "an entry is malformed"),
    "entry_unproven": ("قيد غير مثبت في السجلّ", "an entry is not proven to be in the log"),
    "proof_stray": ("إثبات بلا قيد", "a proof without an entry"),
    "quote_unproven": ("نقطة تحقق مقتبسة غير مثبتة", "a quoted checkpoint is not proven"),
    "unexplained_gap": ("انقطاع بلا تفسير", "an interval without recording that nothing explains"),
    "early_deletion": ("حُذف قبل انقضاء مدة الاحتفاظ", "deleted before its retention had passed"),
    "held_deletion": ("حُذف وهو محجوز", "deleted while it was on hold"),
    "sums_wrong": ("ملف المجاميع لا يطابق الملفات", "SHA256SUMS does not agree with the files"),
    "container_altered": ("حاوية الحزمة مغيَّرة", "the container of the bundle was changed"),
    "c2pa_invalid": ("بيان C2PA لا يطابق الفيديو", "the C2PA manifest does not agree with the video"),
    "timestamp_invalid": ("ختم الوقت غير سليم", "the time stamp is not valid"),
}  # fmt: skip

NOTICES: Final[dict[str, tuple[str, str]]] = {
    "gap_explained": ("انقطاع مسجَّل بسببه", "an interval without recording, logged with its cause"),
    "not_yet_recording": (
        "لم تكن الكاميرا، أو هذا التدفّق منها، قد أُضيفت بعد", "the camera, or this stream of it, had not been added yet",
    ),
    "segment_deleted": ("مقطع حُذف بحسب قيد حذفه", "a segment was deleted, as its deletion entry says"),
    "deleted_for_space": ("حُذف لضيق القرص لا لعمره", "deleted for want of space, not for age"),
    "segment_recovered": ("مقطع أنهاه انقطاع التيار أو عطل", "a segment ended by a power cut or a crash"),
    "clock_step": ("ساعة العقدة قفزت", "the node's clock was stepped"),
    "clock_outside_bracket": ("ساعة العقدة خارج المدة المثبتة", "the node's clock is outside the proven bracket"),
    "no_witnesses": ("لا شهود في السياسة: لا مدة مثبتة", "the policy has no witnesses: no time is proven"),
    "timestamp_unchecked": ("فيها ختم وقت لم يُفحص", "there is a time stamp that was not checked"),
    "timestamp_good": ("ختم الوقت سليم", "the time stamp is valid"),
    "software_changed": ("تغيّر البرنامج أثناء التسجيل", "the software changed during the recording"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """``code`` is a row of :data:`WRONG` or :data:`NOTICES`; ``where`` names a file, a segment, an entry or a span."""

    code: str
    where: str
    detail: str = ""

    def text(self, language: str) -> str:
        words = (WRONG.get(self.code) or NOTICES[self.code])[0 if language == "ar" else 1]
        return f"{words}: {self.where}" + (f" ({self.detail})" if self.detail else "")


@dataclass(frozen=True, slots=True)
class Bracket:
    """POSIX seconds that witnesses vouch for: committed not before, and not after. None: nobody vouches."""

    not_before_s: int | None
    not_after_s: int | None


@dataclass(slots=True)
class Verdict:
    """What a verifier found. ``wrong`` is in the order of recording as far as that can be told."""

    wrong: list[Finding] = field(default_factory=list)
    notices: list[Finding] = field(default_factory=list)
    segments: dict[str, Bracket] = field(default_factory=dict)
    accesses: list[tuple[int, str, str]] = field(default_factory=list)
    entries: int = 0
    bracket: Bracket = field(default_factory=lambda: Bracket(None, None))
    sealed_s: int | None = None

    @property
    def good(self) -> bool:
        return not self.wrong
