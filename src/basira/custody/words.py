"""What the log's own terms are called in reports, in Arabic and English."""

from __future__ import annotations

from typing import Final

CAUSES: Final[dict[str, tuple[str, str]]] = {
    "camera": ("الكاميرا", "the camera"),
    "link": ("الشبكة", "the network"),
    "power": ("انقطاع التيار", "power cut"),
    "disk": ("القرص", "the disk"),
    "operator": ("أوقفها مشغّل", "switched off by an operator"),
    "recorder": ("المسجّل", "the recorder"),
    "clock": ("الساعة", "the clock"),
    "unknown": ("غير معروف", "unknown"),
}

ACTS: Final[dict[str, tuple[str, str]]] = {
    "login": ("دخول", "logged in"),
    "login_refused": ("دخول مرفوض", "log-in refused"),
    "live": ("عرض مباشر", "live view"),
    "playback": ("مشاهدة تسجيل", "playback"),
    "search": ("بحث", "search"),
    "snapshot": ("صورة ثابتة", "still picture"),
    "export": ("تصدير", "export"),
    "evidence": ("تصدير دليل", "export as evidence"),
}

WHYS: Final[dict[str, tuple[str, str]]] = {
    "age": ("العمر", "age"),
    "size": ("حصة الكاميرا", "the camera's quota"),
    "floor": ("ضيق القرص", "want of space"),
    "operator": ("أمر مشغّل", "an operator's order"),
}
